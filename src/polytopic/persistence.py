"""Saving, loading and going on with models: parameters and a few arrays, nothing executable."""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic import __version__, io, registry
from polytopic.errors import CheckpointError, InputError, MissingExtraError
from polytopic.io.records import in_one_line
from polytopic.io.schemas import ANYTHING, TEXT, MapOf, Record, check_record
from polytopic.kernels.arrays import bytes_of
from polytopic.late import late
from polytopic.mapped_counts import MappedCounts

__all__ = [
    "check_sizes",
    "chosen_parameters",
    "json_parameters",
    "load",
    "load_vectors",
    "refuse_changed_parameters",
    "remember_parameters",
    "run_identity",
    "save_model",
]

KIND = "model"
VECTORS = "vectors"
"""The kinds of saved folders."""

_OF_THE_RUN = frozenset({"checkpoint", "cluster", "trackers", "verbose"})
"""Parameters that change nothing of what is learned, and that a command sets by itself."""

_PREFIX = "parameter/"
_RECORD = Record(
    {
        "class": TEXT, "parameters": MapOf(ANYTHING), "fitted": MapOf(ANYTHING),
        "fitted_with": MapOf(ANYTHING),
    },
    later=frozenset({"fitted_with"}),
)  # fmt: skip
_DAMAGE = (
    InputError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""What a model's own parts raise on a state that is not one of theirs."""

_SMALL = 1 << 24
"""Numbers (64 MB) that a model may hold whatever its file's length."""

_TIMES_HELD = 16
"""A matrix of so many numbers, or times the numbers of the file, may be made before it is compared
with what the file holds: 64 MB of float32."""


def load(path: str | Path) -> Any:
    """Read a model, or word vectors, that ``save`` wrote.

    Raises
    ------
    FileMissingError
        If there is no such folder.
    CheckpointError
        If it is cut short, altered, of a newer format, or no model.
    """
    if io.read_header(path)["kind"] == VECTORS:
        return load_vectors(path)
    arrays, about = io.read_folder(path, KIND, about=_RECORD)
    try:
        model = _made(about["class"], about["parameters"], arrays)
        check_record(about["fitted"], model._fitted_schema(), "fitted")
        model._load_state(arrays, about["fitted"])
        if hasattr(type(model), "partial_fit"):
            model._fitted_with = dict(about.get("fitted_with") or _fingerprints(model))
            model._not_saved = frozenset(n for n, v in model.get_params().items() if v is None)
    except MissingExtraError:
        raise
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}{_of_another_version(about)}") from None
    except _DAMAGE as error:
        raise CheckpointError(
            f"{path}: does not hold a whole model ({in_one_line(error)}). "
            f"Restore a copy or save it again.{_of_another_version(about)}"
        ) from None
    return model


def _of_another_version(about: Mapping[str, Any]) -> str:
    """What is to be said besides of a model that another version fitted."""
    notes = about["fitted"].get("notes_")
    by = notes.get("version") if isinstance(notes, Mapping) else None
    if not isinstance(by, str) or by == __version__:
        return ""
    by = " ".join(by.split())[:20]
    return f" It was fitted by version {by}, this is {__version__}: fit and save it anew."


@late
def load_vectors(path: str | Path, *, memory_map: bool = False) -> Any:
    """Read word vectors that ``save`` wrote."""
    raise NotImplementedError


def _made(name: str, parameters: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The model of a class name and parameters, which are held to the constructor's constraints.

    What was no JSON and no array was written as None, and is not held to them.
    """
    kind: Any = registry.load_class(registry.find(name))
    given = dict(parameters) | {
        entry.removeprefix(_PREFIX): value
        for entry, value in arrays.items()
        if entry.startswith(_PREFIX)
    }
    unknown = sorted(given.keys() - kind().get_params().keys())
    if unknown:
        raise InputError(f"{unknown[0][:60]}: is no parameter of {kind.__name__}")
    model = kind(**given)
    model.check_parameters({entry for entry, value in given.items() if value is None})
    return model


def check_sizes(sizes: Mapping[str, int], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse layers larger than what a file holds, before memory is taken for them.

    ``sizes``: named widths of layers, of which any two may meet in one matrix.

    Raises
    ------
    InputError
        If the two largest make a matrix far beyond the arrays of the file.
    """
    held = sum(array.size for array in arrays.values())
    most = sorted(sizes, key=sizes.__getitem__)[-2:]
    if math.prod(sizes[name] for name in most) > max(_SMALL, _TIMES_HELD * held):
        named = " and ".join(f"{name} of {sizes[name]:,}" for name in most)
        raise InputError(f"{named} do not fit the {held:,} numbers of its arrays")


def save_model(
    model: Any, path: str | Path, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]
) -> Path:
    """Write a fitted model: its class name, its parameters, arrays and JSON-ready state.

    A network is laid out by its parameters when it is loaded, so these must be those of the fit.
    """
    if hasattr(model, "module_"):
        refuse_changed_parameters(model)
    given = {
        _PREFIX + name: value
        for name, value in model.get_params(deep=False).items()
        if isinstance(value, np.ndarray)
    }
    about = {
        "class": type(model).__name__,
        "parameters": json_parameters(model),
        "fitted": dict(fitted),
    }
    if hasattr(model, "_fitted_with"):
        about["fitted_with"] = model._fitted_with
    return io.write_folder(path, KIND, {**arrays, **given}, about)


def json_parameters(model: Any) -> dict[str, Any]:
    """The constructor parameters as JSON holds them; arrays and live objects become None."""
    return {
        name: _json_value(value) for name, value in sorted(model.get_params(deep=False).items())
    }


def chosen_parameters(model: Any) -> list[str]:
    """Names of the constructor parameters that are not what they are by default.

    Where a run keeps its state and what it tells on the way are no choices of a model.
    """
    defaults = inspect.signature(type(model)).parameters
    chosen = []
    for name, value in sorted(model.get_params(deep=False).items()):
        default = defaults[name].default
        plain = isinstance(value, str | bool | int | float | None)
        known = name in _OF_THE_RUN or value is default or (plain and value == default)
        if not known:
            chosen.append(name)
    return chosen


def remember_parameters(model: Any) -> None:
    """Keep what a model was fitted with, for :func:`refuse_changed_parameters`.

    What may change is not kept: where the checkpoint of the fit stood is nobody's business.
    """
    now = _fingerprints(model)
    model._fitted_with = {n: value for n, value in now.items() if n not in model._may_change}


def refuse_changed_parameters(model: Any) -> None:
    """Refuse to go on with a model whose parameters have changed since it was fitted.

    Those of ``model._may_change`` say how training goes on. The others decide the shape of what was
    learned or what it means, or would be ignored. A model that is not fitted has nothing to keep,
    and word vectors, which are not saved, a loaded one need not be given again.

    Raises
    ------
    InputError
        For the first one that changed.
    """
    before, now = getattr(model, "_fitted_with", None), _fingerprints(model)
    if before is None:
        return
    for name, value in now.items():
        absent = value is None and name in model._not_saved and _is_digest(before.get(name))
        if name not in model._may_change and before.get(name) != value and not absent:
            free = ", ".join(sorted(model._may_change & now.keys()))
            raise InputError(
                f"{name}: is {_shown(value)}, and this {type(model).__name__} was fitted with "
                f"{_shown(before.get(name))}, which what it has learned depends on. Set it back, "
                f"or fit anew. What may change: {free}."
            )


def _fingerprints(model: Any) -> dict[str, Any]:
    """The parameters as JSON holds them, arrays and vectors by a digest."""
    digests = {n: _digest(v) for n, v in model.get_params(deep=False).items()}
    return {name: digests[name] or value for name, value in json_parameters(model).items()}


def _digest(value: Any) -> str:
    """Of an array, or of word vectors; "" for other values."""
    words = getattr(getattr(value, "vocabulary", None), "terms", None)
    array = getattr(value, "input", value) if words is not None else value
    if not isinstance(array, np.ndarray):
        return ""
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes())
    digest.update("\n".join([*(words or ()), str(array.dtype), str(array.shape)]).encode())
    return f"sha256:{digest.hexdigest()[:16]}"


def _is_digest(value: Any) -> bool:
    return str(value).startswith("sha256:")


def _shown(value: Any) -> str:
    text = "another array" if _is_digest(value) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def run_identity(model: Any, counts: Any, seed: int, skipped: Collection[str]) -> dict[str, Any]:
    """What a checkpoint of a topic model must share with a run to be resumed.

    The class, its parameters but those ``skipped``, the seed, and a digest of the CSR counts and of
    parameters that are arrays or word vectors.
    """
    digest = hashlib.sha256()
    given = [value for value in model.get_params().values() if isinstance(value, np.ndarray)]
    mapped = isinstance(counts, MappedCounts)
    held = counts.arrays() if mapped else (counts.indptr, counts.indices, counts.data)
    for array in (*held, *given):
        plain = np.ascontiguousarray(array)
        digest.update(plain.tobytes() if plain.dtype.hasobject else bytes_of(plain))
    kept = {name: value for name, value in json_parameters(model).items() if name not in skipped}
    about = {"model": type(model).__name__, "seed": seed}
    given_vectors = {
        name: _digest(value)
        for name, value in model.get_params(deep=False).items()
        if hasattr(value, "vocabulary") and _digest(value)
    }
    if given_vectors:
        about["given"] = given_vectors
    return {**kept, **about, "corpus": digest.hexdigest()[:16]}


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _json_value(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_json_value(item) for item in value]
    return None
