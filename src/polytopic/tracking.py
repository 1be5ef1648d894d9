"""Trackers of a run: names as Accelerate takes them, or any objects with ``log``."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from polytopic.errors import InputError, MissingExtraError, TrackerWarning
from polytopic.extras import EXTRAS, require
from polytopic.parameters import Constraint

__all__ = ["NAMES", "NOT_TRACKED", "TRACKERS", "Tracking", "refuse_missing"]

NAMES = (
    "aim", "clearml", "comet_ml", "dvclive", "mlflow", "swanlab", "tensorboard", "trackio", "wandb",
)  # fmt: skip
"""Trackers that Accelerate knows, each the name of its package too."""

ALL = "all"
"""Accelerate's word for those that are installed."""

PROJECT = "polytopic"
"""What runs are filed under, where a tracker has projects."""

FOLDER = "runs"
"""Where trackers that need a folder write, TensorBoard's own default."""

STEPS_TOLD = 200
"""Records of steps in an epoch at most, as many as a curve shows; of more, equally many steps are
told together by their mean."""

_COUNTED = ("epoch", "iteration")
"""What records are numbered by."""

Listed = str | Any | Sequence[Any] | None
Record = Mapping[str, Any]


class _Trackers(Constraint):
    """What ``trackers`` accepts; a name whose package is absent is answered by how to install."""

    def accepts(self, value: Any) -> bool:
        listed = _listed(value)
        if not all(isinstance(one, str) or callable(getattr(one, "log", None)) for one in listed):
            return False
        refuse_missing([one for one in listed if isinstance(one, str)])
        return True

    def describe(self) -> str:
        return (
            "a name of a tracker (tensorboard, wandb, mlflow, ...), an object with "
            "log(values, step=...), a list of these, or None"
        )


TRACKERS = _Trackers()


def refuse_missing(names: Sequence[str]) -> None:
    """Refuse trackers that there are not, or whose package is absent.

    Raises
    ------
    InputError
        If Accelerate knows no such tracker.
    MissingExtraError
        If it is not installed: the message holds the install line.
    """
    for name in names:
        if name not in (*NAMES, ALL) and name not in _registered():
            raise InputError(
                f'trackers: there is no tracker "{name}". Choose of {", ".join(NAMES)}, or pass '
                "an object with log(values, step=...)."
            )
        needed = [name] if name in NAMES else []
        if name == ALL and not any(map(_installed, NAMES)):
            needed = ["tensorboard"]
        for package in (*needed, "accelerate", "torch"):
            if not _installed(package):
                told = f'trackers: "{name}" needs {package}, which is not installed.'
                raise MissingExtraError(f"{told} Run: pip install {_line(name)}")


def _line(name: str) -> str:
    """What pip installs for a tracker."""
    name = "tensorboard" if name == ALL else name
    if name in EXTRAS or name not in NAMES:
        return f"'polytopic[{EXTRAS.get(name, 'neural')}]'"
    return f"'polytopic[neural]' {name.replace('_', '-')}"


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a module that was taken away has no spec
        return False


def _registered() -> Mapping[str, Any]:
    """Classes of trackers by name, with those that a program has registered with Accelerate."""
    if not (_installed("accelerate") and _installed("torch")):
        return {}
    classes: Mapping[str, Any] = require("accelerate.tracking", "trackers").LOGGER_TYPE_TO_CLASS
    return classes


def _listed(value: Listed) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Tracking:
    """What a run tells its trackers: its parameters, the loss of steps, the record of each epoch.

    An object that Accelerate could use (it has ``store_init_configuration``) is started, told the
    parameters and finished; of any other, ``log(values, step=...)`` alone is called. One that
    raises is named by a :class:`~polytopic.errors.TrackerWarning` and told nothing more: the run
    goes on. KeyboardInterrupt passes, and ends a run as Ctrl-C does.

    Parameters
    ----------
    trackers : str, object with ``log``, list of these, or None
    model : str
        What is trained.
    parameters : mapping
        Of which trackers are told what a table can hold.

    Attributes
    ----------
    added : mapping of str to float
        What is added to entries of records when they are told, as it is in ``history_``.
    """

    def __init__(self, trackers: Listed, model: str, parameters: Record) -> None:
        self.given, self.model = _listed(trackers), model
        self.parameters = {"model": model, **_plain(parameters)}
        self.terms: Sequence[str] | None = None
        self.steps_before = self.epochs_before = 0
        self.added: Mapping[str, float] = {}
        self.estimator: Any = None
        self.last_step = 0
        self._open: list[Any] = []
        self._losses: list[Any] = []

    @classmethod
    def of(cls, model: Any) -> Tracking:
        """Of an estimator with ``trackers``."""
        made = cls(model.trackers, type(model).__name__, model.get_params(deep=False))
        made.terms = getattr(getattr(model, "vocabulary_", None), "terms", None)
        made.estimator = model
        return made

    @classmethod
    def going_on(cls, model: Any, added: Mapping[str, float] | None = None) -> Tracking:
        """Of a fitted estimator that learns on, by a run that numbers its own steps from 1.

        Epochs are counted on from those of ``history_``, steps from the last that was told; of a
        model that was loaded, or had no trackers, none was.
        """
        made = cls.of(model)
        made.steps_before = made.last_step = getattr(model, "steps_told_", 0)
        made.epochs_before, made.added = len(model.history_), added or {}
        return made

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Start the trackers, and finish them when the block ends, however it does.

        Raises
        ------
        InputError
            If one cannot be started.
        """
        self._open = _expanded(self.given, self.model)
        try:
            for tracker in [tracker for tracker in self._open if _is_accelerates(tracker)]:
                self._start(tracker)
            yield
        finally:
            for tracker in [tracker for tracker in self._open if _is_accelerates(tracker)]:
                self._call(tracker, "at the end", tracker.finish)
            self._open = []
            if self.estimator is not None:
                self.estimator.steps_told_ = self.last_step

    def step(self, loss: Any, number: int, of: int = 1) -> None:
        """Tell ``step_loss`` of the ``number``-th step of the run, of ``of`` steps an epoch.

        ``loss``: what ``float`` makes a number of, when it is told.
        """
        if not self._open:
            return
        self._losses.append(loss)
        if number % max(1, -(-of // STEPS_TOLD)) == 0:
            mean = sum(map(float, self._losses)) / len(self._losses) + self.added.get("loss", 0.0)
            self._losses = []
            self._log({"step_loss": mean}, number)

    def epoch(self, record: Record, number: int, topics: Callable[[], Any] | None = None) -> None:
        """Tell the record of an epoch, at the step that ended it.

        ``topics``: gives weights of terms, (K, V), for trackers that have
        ``see(topics, record, terms)``.
        """
        added = {**dict.fromkeys(_COUNTED, self.epochs_before), **self.added}
        record = {name: value + added.get(name, 0) for name, value in record.items()}
        self._log(record, number)
        if topics is None or self.terms is None:
            return
        for tracker in [one for one in self._open if callable(getattr(one, "see", None))]:
            self._call(tracker, f"at step {number}", _show, tracker, topics, record, self.terms)

    def _log(self, values: Record, number: int) -> None:
        number = self.last_step = self.steps_before + number
        for tracker in [*self._open]:
            self._call(tracker, f"at step {number}", tracker.log, dict(values), step=number)

    def _start(self, tracker: Any) -> None:
        try:
            getattr(tracker, "start", lambda: None)()
            tracker.store_init_configuration(dict(self.parameters))
        except Exception as error:
            self._open = []
            raise InputError(
                f"trackers: {_name(tracker)} cannot be started ({_told(error)}). Set it up as its "
                "own documentation says, or leave it out."
            ) from error

    def _call(
        self, tracker: Any, when: str, call: Callable[..., Any], *given: Any, **named: Any
    ) -> None:
        try:
            call(*given, **named)
        except Exception as error:  # noqa: BLE001 (whatever a service of others raises)
            self._open = [other for other in self._open if other is not tracker]
            warnings.warn(
                f"trackers: {_name(tracker)} failed {when} ({_told(error)}). It is told nothing "
                "more, and training goes on.",
                TrackerWarning,
                stacklevel=2,
            )


def _expanded(given: Sequence[Any], model: str) -> list[Any]:
    """The objects, with trackers made of the names, each once."""
    names = [one for one in given if isinstance(one, str)]
    refuse_missing(names)
    if ALL in names:
        names = [name for name in NAMES if _installed(name)]
    made = []
    if names:
        require("accelerate", "trackers").PartialState()  # which its trackers ask who they are
    for name in dict.fromkeys(names):
        kind = _registered()[name]
        if kind.requires_logging_directory:
            made.append(kind(f"{model}-{time.strftime('%Y%m%d-%H%M%S')}", FOLDER))
        else:
            made.append(kind(PROJECT))
    return [*made, *(one for one in given if not isinstance(one, str))]


def _show(tracker: Any, topics: Callable[[], Any], record: Record, terms: Sequence[str]) -> None:
    tracker.see(topics(), dict(record), terms)


def _is_accelerates(tracker: Any) -> bool:
    return hasattr(tracker, "store_init_configuration")


def _plain(parameters: Record) -> dict[str, Any]:
    """The parameters that tables of trackers hold: sequences of numbers or texts in words."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        if value is None or isinstance(value, (int, float, str)):
            found[name] = value
        elif name != "trackers" and isinstance(value, (list, tuple)):
            found[name] = ", ".join(map(str, value))
    return found


def _name(tracker: Any) -> str:
    return str(getattr(tracker, "name", None) or type(tracker).__name__)


def _told(error: BaseException) -> str:
    """An error in one line."""
    text = (str(error).splitlines() or [""])[0][:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


NOT_TRACKED = Tracking(None, "", {})
"""Of runs that nobody follows."""
