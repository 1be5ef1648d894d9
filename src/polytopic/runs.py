"""The run folder: what one run of the command line leaves, and who may replace it.

A run folder holds ``run.json`` (how it was started, and how far it came), ``report.html``,
``topics.csv``, ``documents.parquet``, ``metrics.json`` and ``model/``, perhaps ``vectors.txt``;
while it trains also ``checkpoint/``. A folder with any other file in it is never written to.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.errors import CheckpointError, FileMissingError, InputError, PolytopicError
from polytopic.io import PARTIAL, replacing
from polytopic.io.leaving import cells

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["RunFolder", "RunWriteError", "check", "open_run", "prepare"]

FORMAT_VERSION = 1
PROGRAM = "polytopic"
RUN = "run.json"
REPORT = "report.html"
TOPICS = "topics.csv"
DOCUMENTS = "documents.parquet"
METRICS = "metrics.json"
MODEL = "model"
VECTORS = "vectors.txt"
CHECKPOINT = "checkpoint"
OWN = (RUN, REPORT, TOPICS, DOCUMENTS, METRICS, MODEL, VECTORS, CHECKPOINT)

FINISHED = "finished"
UNFINISHED = "unfinished"

START_OF_TEXT = 200
"""Characters of each document that documents.parquet repeats."""


class RunWriteError(PolytopicError):
    """A file of the run folder could not be written: a full disk, a lost permission."""


@dataclass
class RunFolder:
    """A folder that :func:`prepare` or :func:`open_run` has checked.

    Attributes
    ----------
    path : Path
    settings : dict
        How the run was started; JSON-ready.
    resumed : bool
        Whether an unfinished run with the same settings is gone on with.
    """

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)
    resumed: bool = False

    @property
    def checkpoint(self) -> Path:
        """Where the training keeps its state."""
        return self.path / CHECKPOINT

    @property
    def model(self) -> Path:
        """Where the model is saved."""
        return self.path / MODEL

    @property
    def report(self) -> Path:
        """The report's file."""
        return self.path / REPORT

    @property
    def vectors(self) -> Path:
        """The file of word vectors, where a run makes them."""
        return self.path / VECTORS

    def mark(self, state: str) -> None:
        """Write ``run.json``: the settings, and ``"unfinished"`` or ``"finished"``."""
        from polytopic import __version__

        record = {
            "program": PROGRAM,
            "format": FORMAT_VERSION,
            "version": __version__,
            "state": state,
            "settings": self.settings,
        }
        self.write_json(RUN, record)

    def write_json(self, name: str, record: Mapping[str, Any]) -> None:
        """Write one JSON file of the folder, whole or not at all."""
        text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)
        with self.replacing(name) as partial:
            partial.write_text(text + "\n", encoding="utf-8")

    def read_json(self, name: str) -> dict[str, Any]:
        """Read one JSON file of the folder.

        Raises
        ------
        CheckpointError
            If it is missing, cut short or altered.
        """
        file = self.path / name
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CheckpointError(
                f"{file}: is missing. Restore a copy, or make the run again."
            ) from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CheckpointError(
                f"{file}: is cut short or altered ({error}). Make the run again."
            ) from None
        if not isinstance(record, dict):
            raise CheckpointError(f"{file}: is altered: no JSON object. Make the run again.")
        return record

    @contextmanager
    def replacing(self, name: str) -> Iterator[Path]:
        """A path to write to; it takes the place of ``name`` when the block ends well.

        Raises
        ------
        RunWriteError
            If the system refuses; what was there before is unchanged.
        """
        try:
            with replacing(self.path / name) as partial:
                yield partial
        except OSError as error:
            raise RunWriteError(
                f"{self.path / name}: cannot be written ({error.strerror or error})."
            ) from None

    def write_result(self, result: TopicResult, diagnosis: Mapping[str, Any]) -> None:
        """Write metrics, topics, documents and the report, and take the checkpoint away.

        Raises
        ------
        RunWriteError
            If the system refuses.
        """
        from polytopic.metrics import npmi

        n = min(10, len(result.vocabulary))
        coherence = npmi(result, result.counts, n=n, vocabulary=result.vocabulary, per_topic=True)
        record = {
            "model": result.model,
            "parameters": dict(result.parameters),
            "metrics": dict(result.metrics),
            "diagnosis": dict(diagnosis),
            "notes": dict(result.notes),
        }
        self.write_json(METRICS, record)
        self._write_table(
            TOPICS, lambda path: cells(_topic_table(result, coherence)).write_csv(path)
        )
        self._write_table(DOCUMENTS, lambda path: _document_table(result).write_parquet(path))
        try:
            result.report(self.report)
        except InputError as error:
            raise RunWriteError(str(error)) from None

    def _write_table(self, name: str, write: Callable[[Path], object]) -> None:
        import polars as pl

        with self.replacing(name) as partial:
            try:
                write(partial)
            except pl.exceptions.PolarsError as error:
                raise OSError(str(error).splitlines()[0]) from None

    def finish(self) -> None:
        """Mark the run as finished; its checkpoint is no longer needed."""
        self.mark(FINISHED)
        shutil.rmtree(self.checkpoint, ignore_errors=True)


def prepare(path: str | Path, settings: Mapping[str, Any], *, force: bool = False) -> RunFolder:
    """Make a folder ready for a run, before anything takes time.

    Parameters
    ----------
    path : str or Path
        Made if it does not exist.
    settings : dict
        How the run is started. An unfinished run with the same settings is gone on with.
    force : bool
        Replace an earlier run, finished or not.

    Raises
    ------
    InputError
        If the folder holds files that are not a run's, a run that may not be replaced, or cannot
        be written to; the message says what to do.
    """
    folder = check(path, settings, force=force)
    if force and folder.path.exists():
        _clear(folder.path)
    _check_writable(folder.path)
    folder.mark(UNFINISHED)
    return folder


def check(path: str | Path, settings: Mapping[str, Any], *, force: bool = False) -> RunFolder:
    """The refusals of :func:`prepare`, without writing anything."""
    target = Path(path)
    folder = RunFolder(target, dict(settings))
    if target.exists() or target.is_symlink():
        _refuse_foreign(target)
        if not force and (target / RUN).exists():
            folder.resumed = _may_resume(folder)
    return folder


def open_run(path: str | Path) -> RunFolder:
    """The folder of an earlier run that has a model.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no such folder, it is no run of this program, or of a newer format.
    """
    target = Path(path)
    if not target.exists():
        raise FileMissingError(f"{target}: no such folder. Name the folder that -o made.")
    if not (target / RUN).is_file():
        raise CheckpointError(
            f"{target}: holds no {RUN}, so it is no run folder. Name the folder that "
            "polytopic topics wrote with -o."
        )
    folder = RunFolder(target)
    record = _run_record(folder)
    folder.settings = dict(record["settings"])
    if not (target / MODEL).is_dir():
        raise CheckpointError(
            f"{target}: holds no {MODEL}/: the run has not finished training. Start the same "
            "command again to go on with it."
        )
    return folder


def _run_record(folder: RunFolder) -> dict[str, Any]:
    record = folder.read_json(RUN)
    if record.get("program") != PROGRAM or not isinstance(record.get("settings"), dict):
        raise CheckpointError(f"{folder.path / RUN}: was not written by {PROGRAM}, or is altered.")
    version = record.get("format")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise CheckpointError(
            f"{folder.path / RUN}: has format {version}, this version reads up to {FORMAT_VERSION}."
            f" Upgrade with: pip install --upgrade {PROGRAM}"
        )
    return record


def _refuse_foreign(target: Path) -> None:
    if not target.is_dir():
        raise InputError(f"{target}: is a file, and a folder is to be written. Name another path.")
    names = sorted(entry.name for entry in target.iterdir())
    foreign = [n for n in names if n not in OWN and not n.startswith(PARTIAL)]
    if foreign or (names and RUN not in names and set(names) & set(OWN)):
        shown = ", ".join((foreign or names)[:3])
        raise InputError(
            f"{target}: holds other files ({shown}), which are never overwritten. "
            "Name a new or an empty folder with -o."
        )


def _may_resume(folder: RunFolder) -> bool:
    """Whether the unfinished run in the folder is this one; anything else needs --force."""
    record = _run_record(folder)
    if record.get("state") != UNFINISHED:
        raise InputError(
            f"{folder.path}: holds a finished run. Replace it with --force, or name a new folder "
            "with -o."
        )
    before = record["settings"]
    names = sorted(set(before) | set(folder.settings))
    changed = [name for name in names if before.get(name) != folder.settings.get(name)]
    if changed:
        raise InputError(
            f"{folder.path}: holds an unfinished run with other settings ({', '.join(changed)} "
            "differ). Start the same command again to go on with it, replace it with --force, or "
            "name a new folder with -o."
        )
    return folder.checkpoint.is_dir()


def _clear(target: Path) -> None:
    for name in OWN:
        entry = target / name
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink(missing_ok=True)


def _check_writable(target: Path) -> None:
    probe = target / PARTIAL
    try:
        target.mkdir(parents=True, exist_ok=True)
        with probe.open("wb") as file:
            file.write(b"\0" * 65536)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written to ({error.strerror or error}). "
            "Free some space, or name another folder with -o."
        ) from None
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def _topic_table(result: TopicResult, coherence: Any) -> Any:
    import numpy as np
    import polars as pl

    words = result.top_words(25)
    sizes = np.bincount(result.doc_topic.argmax(axis=1), minlength=result.n_topics)
    columns = {
        "topic": np.arange(result.n_topics),
        "share": result.topic_sizes,
        "npmi": np.asarray(coherence, dtype=np.float64),
        "documents": sizes,
        "words": [" ".join(w.replace(" ", "_") for w in listed) for listed in words],
    }
    return pl.DataFrame(columns)


def _document_table(result: TopicResult) -> Any:
    import numpy as np
    import polars as pl

    from polytopic.text.roles import role_columns

    top = result.doc_topic.argmax(axis=1)
    rows = np.arange(result.n_documents)
    columns: dict[str, Any] = {"row": rows}
    columns |= role_columns(ids=result.ids, labels=result.labels, dates=result.dates)
    columns |= {
        "topic": top,
        "share": result.doc_topic[rows, top],
        "terms": np.asarray(result.counts.sum(axis=1)).ravel().astype(np.int64),
        "theta": pl.Series("theta", result.doc_topic, dtype=pl.Array(pl.Float32, result.n_topics)),
    }
    if result.texts is not None:
        columns["text"] = pl.Series("text", result.texts).str.slice(0, START_OF_TEXT)
    return pl.DataFrame(columns)
