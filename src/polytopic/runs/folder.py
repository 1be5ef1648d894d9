"""A run folder's files: how they are named, written and read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from polytopic.errors import CheckpointError, InputError, PolytopicError, ReadingWarning
from polytopic.forking import refuse_lost_threads
from polytopic.io import ABOUT, replacing
from polytopic.io.frames import ROWS_TOGETHER
from polytopic.io.leaving import cells
from polytopic.io.records import read_record as read_json_record
from polytopic.io.schemas import (
    FLAG,
    NONE,
    NUMBER,
    SCALAR,
    TEXT,
    TEXTS,
    WHOLE,
    MapOf,
    Record,
    check_record,
)
from polytopic.io.times import split
from polytopic.parameters import AnyOf
from polytopic.result.document_files import write_parquet
from polytopic.result.table_files import FORMATS, TableOptions, write_tables
from polytopic.runs.tables import topic_table, whole_document_rows

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = [
    "FINISHED",
    "METRICS",
    "OWN",
    "PAGE",
    "RUN",
    "UNFINISHED",
    "RunFolder",
    "RunWriteError",
    "read_record",
    "state_of",
]

FORMAT_VERSION = 1
"""Raised when a reader of before could misread a run."""

PROGRAM = "polytopic"
RUN = "run.json"
REPORT = "report.html"
TOPICS = "topics.csv"
DOCUMENTS = "documents.parquet"
METRICS = "metrics.json"
MODEL = "model"
VECTORS = "vectors.txt"
CHECKPOINT = "checkpoint"
RESULT = "result"
TABLES = "tables"
EDITS = "edits.json"
JUDGE = "judge.html"
OWN = (
    RUN, REPORT, TOPICS, DOCUMENTS, METRICS, MODEL, VECTORS, CHECKPOINT, RESULT, TABLES, EDITS,
    JUDGE,
)  # fmt: skip
"""All that a run folder may hold."""

TOP_TOPICS = "top_topics"
"""The entry of the settings that says how many topics of a document the tables hold."""

PAGE = "page"
"""The entry of the settings that says how the page is written; what was found is the same."""

_NAME, _NAMES = AnyOf(TEXT, NONE), AnyOf(TEXT, TEXTS, NONE)
_READING = {
    "text": _NAMES, "label": _NAMES, "id": _NAME, "date": _NAME, "url": _NAME,
    "encoding": _NAME, "separator": _NAME, "header": FLAG,
}  # fmt: skip
"""How the columns of a run's file were named and read; a sheet is a name or a number."""

SCHEMAS = {
    RUN: Record(
        {
            "program": TEXT,
            "format": WHOLE,
            "state": TEXT,
            "settings": Record(
                {
                    "columns": Record(_READING, frozenset(_READING), SCALAR),
                    "terms": Record(
                        {"language": _NAME, "stop_words": _NAMES},
                        frozenset({"language", "stop_words"}),
                    ),
                    PAGE: Record(
                        {"title": _NAME, "language": _NAME}, frozenset({"title", "language"})
                    ),
                },
                later=frozenset({"columns", "terms", PAGE}),
            ),
        }
    ),
    METRICS: Record({"metrics": MapOf(AnyOf(NUMBER, FLAG, NONE))}),
}
"""What the JSON files of a run hold."""

FINISHED = "finished"
UNFINISHED = "unfinished"


class RunWriteError(PolytopicError):
    """A file of the run folder could not be written: a full disk, a lost permission."""

    code: ClassVar[str] = "PT109"


@dataclass
class RunFolder:
    """A folder that :func:`reserved` or :func:`open_run` has checked.

    Attributes
    ----------
    path : Path
        Where the files are.
    settings : dict
        How the run was started; JSON-ready.
    resumed : bool
        Whether an unfinished run with the same settings is gone on with.
    staged_in : Path or None
        The folder that was named, while an earlier run stands there until this one is whole.
    """

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)
    resumed: bool = False
    staged_in: Path | None = None

    @property
    def place(self) -> Path:
        """The folder that was named, where the run is once it is whole."""
        return self.staged_in or self.path

    @property
    def checkpoint(self) -> Path:
        """Where the training keeps its state."""
        return self.path / CHECKPOINT

    @property
    def model(self) -> Path:
        """Where the model is saved."""
        return self.path / MODEL

    @property
    def result(self) -> Path:
        """Where the result is saved, as the model gave it."""
        return self.path / RESULT

    @property
    def tables(self) -> Path:
        """The folder of flat tables."""
        return self.path / TABLES

    @property
    def report(self) -> Path:
        """The report's file."""
        return self.path / REPORT

    @property
    def page(self) -> dict[str, Any]:
        """Title and language of the report, where they were chosen."""
        return {name: value for name, value in self.settings.get(PAGE, {}).items() if value}

    @property
    def top_topics(self) -> int | None:
        """How many topics of each document the tables hold; None: all."""
        found = self.settings.get(TOP_TOPICS)
        return found if type(found) is int else None

    @property
    def documents(self) -> Path:
        """The table of documents: a file, or above a million documents a folder of parts."""
        return self.path / DOCUMENTS

    @property
    def served(self) -> tuple[Path, ...]:
        """The files that a viewer of the run reads: where none changes, the run has not."""
        return (
            self.path / RUN, self.report, self.documents, self.result / ABOUT,
        )  # fmt: skip

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
        record = read_json_record(file, "Restore a copy, or make the run again.")
        if name in SCHEMAS:
            check_record(record, SCHEMAS[name], str(file))
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

    def write_result(self, result: TopicResult) -> None:
        """Write the result, its edits, metrics, topics, documents, tables and the report.

        Raises
        ------
        RunWriteError
            If the system refuses.
        """
        self._save(lambda: result.save(self.result))
        if result.edits:
            self.write_json(EDITS, result.edits_record())
        self.write_views(result)

    def write_views(self, result: TopicResult) -> None:
        """Write what is read of a result: metrics, topics, documents, tables and the report.

        Raises
        ------
        RunWriteError
            If the system refuses.
        """
        timeless = replace(result, notes=split(result.notes)[0])  # the model keeps the times
        found = replace(result.diagnosis, verdicts=result.verdicts)
        record = {
            "model": result.model,
            "parameters": dict(result.parameters),
            "metrics": dict(result.metrics),
            "diagnosis": {**found.to_dict(), "sentences": found.sentences()},
            "notes": dict(timeless.notes),
        }
        self.write_json(METRICS, record)
        self._write_table(TOPICS, lambda path: cells(topic_table(result)).write_csv(path))
        self._write_documents(result)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReadingWarning)  # the command tells what was read how
            options = TableOptions(top_topics=self.top_topics)
            self._save(
                lambda: write_tables(result, self.tables, format=self._format(), options=options)
            )
        self._save(lambda: timeless.report(self.report, **self.page))

    def _write_documents(self, result: TopicResult) -> None:
        refuse_lost_threads(DOCUMENTS)
        rows = whole_document_rows(result, self.top_topics)
        try:
            write_parquet(rows, result.n_documents, self.documents, ROWS_TOGETHER)
        except OSError as error:
            raise RunWriteError(
                f"{self.documents}: cannot be written ({error.strerror or error})."
            ) from None

    def _format(self) -> str:
        """The format that the tables have, if there are any yet."""
        names = [entry.suffix for entry in self.tables.iterdir()] if self.tables.is_dir() else []
        return next((f for f in FORMATS if f".{f}" in names), "parquet")

    def _save(self, write: Callable[[], object]) -> None:
        try:
            write()
        except InputError as error:
            raise RunWriteError(str(error)) from None

    def _write_table(self, name: str, write: Callable[[Path], object]) -> None:
        import polars as pl

        refuse_lost_threads(name)
        with self.replacing(name) as partial:
            try:
                write(partial)
            except pl.exceptions.PolarsError as error:
                raise OSError(str(error).splitlines()[0]) from None


def read_record(folder: Path) -> dict[str, Any]:
    """``run.json`` of a folder.

    Raises
    ------
    CheckpointError
        If it is missing, altered or of a newer format.
    """
    record = RunFolder(folder).read_json(RUN)
    if record.get("program") != PROGRAM or not isinstance(record.get("settings"), dict):
        raise CheckpointError(f"{folder / RUN}: was not written by {PROGRAM}, or is altered.")
    version = record["format"]
    if version > FORMAT_VERSION:
        raise CheckpointError(
            f"{folder / RUN}: has format {version!s:.20}, this version reads up to "
            f"{FORMAT_VERSION}. Upgrade with: pip install --upgrade {PROGRAM}"
        )
    return record


def state_of(folder: Path) -> str | None:
    """``"finished"`` or ``"unfinished"``; None where no run can be read."""
    if not (folder / RUN).is_file():
        return None
    try:
        state = read_record(folder).get("state")
    except CheckpointError:
        return None
    return state if isinstance(state, str) else None
