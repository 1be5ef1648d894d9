"""The result of a run, as it is kept in its folder or made once more from what it was made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from polytopic import persistence
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.frames import unpacked_table
from polytopic.io.records import in_one_line
from polytopic.result import TopicResult
from polytopic.result.edit_files import edits_record, read_edits
from polytopic.result.edits import refuse_unresolved, replayed
from polytopic.result.keeping import read_parts
from polytopic.runs.folder import DOCUMENTS, EDITS, METRICS, RUN, RunFolder, RunWriteError
from polytopic.runs.preparing import open_run

if TYPE_CHECKING:
    from polytopic.text import Corpus

__all__ = ["edited_as", "kept_rules", "load_result", "read_like", "write_edited"]


def load_result(path: str | Path, *, source: str | Path | None = None) -> TopicResult:
    """Read a result that ``save`` wrote, or that of a run.

    Parameters
    ----------
    path : str or Path
        The folder of :meth:`TopicResult.save`, or one that ``polytopic topics`` wrote.
    source : str or Path, optional
        For a run of a version that kept no result: the file that it read, if it has moved since.

    Returns
    -------
    TopicResult
        With texts, labels, ids, dates and counts, and with its edits.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no result, or it is cut short, altered or of a newer format.
    """
    folder = Path(path)
    if not (folder / RUN).is_file():
        return _with_edits(*read_parts(folder))
    run = open_run(folder)
    if run.result.is_dir():
        parts, _ = read_parts(run.result)
        return edited_as(run, TopicResult(**{**parts, "fitted": run.model}))
    return edited_as(run, _made_again(run, source))


def edited_as(run: RunFolder, result: TopicResult, *, new: bool = False) -> TopicResult:
    """A result of a run's model with the edits of the run; ``new``: of other documents.

    Raises
    ------
    CheckpointError
        If the edits are cut short, altered or of other topics.
    """
    file = run.path / EDITS
    if not file.is_file():
        return result
    held = read_edits(file, result)
    if new:
        refuse_unresolved(held["edits"])
    try:
        made = replayed(result, held["edits"])
    except InputError as error:
        raise CheckpointError(f"{file}: does not fit the run. {error}") from None
    if new or made.metrics:
        return made
    return replace(made, metrics=run.read_json(METRICS)["metrics"])


def _with_edits(parts: dict[str, Any], edits: list[dict[str, Any]]) -> TopicResult:
    try:
        return replayed(TopicResult(**parts), edits)
    except CheckpointError:
        raise
    except InputError as error:
        raise CheckpointError(f"edits: do not fit the result they stand beside. {error}") from None


def write_edited(folder: RunFolder, result: TopicResult) -> None:
    """Write the edits of a result into its run, and what is read of it: report, tables, metrics.

    Raises
    ------
    RunWriteError
        If the system refuses.
    """
    if not folder.result.is_dir():
        try:
            result.save(folder.result)
        except InputError as error:
            raise RunWriteError(str(error)) from None
    folder.write_json(EDITS, edits_record(result))
    folder.write_views(result)


def read_like(folder: RunFolder, model: Any, file: Path, columns: dict[str, Any]) -> Any:
    """Read new texts with the vocabulary and the rules of a run, and its text column if any.

    A corpus in shards is as it was counted: the model matches its terms.
    """
    from polytopic.text import ShardedCorpus, read
    from polytopic.text.formats import is_table
    from polytopic.text.shards.layout import is_sharded

    if is_sharded(file):
        return ShardedCorpus(file)

    before = folder.settings.get("columns", {})
    named = {name: value for name, value in columns.items() if value is not None}
    if before.get("text") and (is_table(file) or "separator" in named):
        named.setdefault("text", before["text"])
        if "header" in before:
            named.setdefault("header", before["header"])
    return read(file, vocabulary=model.vocabulary_, **named, **kept_rules(folder))


def kept_rules(folder: RunFolder) -> dict[str, Any]:
    """What a run's settings say of words, beside what its vocabulary knows."""
    terms = folder.settings.get("terms", {})
    return {name: terms[name] for name in ("language", "stop_words") if name in terms}


# ---- runs of versions that kept no result --------------------------------------------------------


def _made_again(run: RunFolder, source: str | Path | None) -> TopicResult:
    """The result of a run that keeps none: its file is read again, and held against its table.

    Raises
    ------
    FileMissingError, CheckpointError
        If the file is not there, or is not what the run read.
    """
    given = source or run.settings.get("file")
    if not isinstance(given, str | Path):
        raise CheckpointError(
            f"{run.path}: keeps no result, nor says what it was made from. Make the run again."
        )
    file = Path(given)
    if not file.exists():
        raise FileMissingError(
            f"{run.path}: keeps no result, and {file}, which it read, is not there. Name the file "
            "(source=, --source), or make the run again."
        )
    model = persistence.load(run.model)
    columns = dict(run.settings.get("columns", {}))
    corpus = read_like(run, model, file, columns)
    _check_same(run, corpus, file)
    held = run.read_json(METRICS)
    plain: TopicResult = model.result(corpus)
    notes = {**held.get("notes", {}), **plain.notes}
    return replace(plain, metrics=held["metrics"], notes=notes, fitted=run.model)


def _check_same(run: RunFolder, corpus: Corpus, file: Path) -> None:
    """Refuse a file that has other documents than the run's table."""
    table = run.path / DOCUMENTS
    try:
        told = unpacked_table(np.frombuffer(table.read_bytes(), dtype=np.uint8))["terms"]
        lengths = told.to_numpy()
    except (OSError, ValueError, InputError) as error:
        raise CheckpointError(
            f"{table}: cannot be read ({in_one_line(error)}). Restore a copy, or run again."
        ) from None
    found = np.asarray(corpus.counts.sum(axis=1)).ravel()
    if not np.array_equal(lengths, found):
        raise CheckpointError(
            f"{file}: holds other documents than {run.path} was made from. Name the file as it was "
            "(source=, --source), or make the run again."
        )
