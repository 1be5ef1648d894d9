"""Word vectors against human judgements: the half of ``polytopic evaluate`` about vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.cli._shared import Voice, as_cell, show_metric
from polytopic.cli._vectors import HowToRead, read_word_vectors
from polytopic.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from polytopic.metrics import AnalogySection, WordAnalogies, WordSimilarity

__all__ = ["judge_vectors", "refuse_nothing_found", "show_judged"]


def judge_vectors(
    path: Path,
    similarity: list[Path],
    analogies: list[Path],
    options: dict[str, Any],
    how: HowToRead,
    voice: Voice,
) -> dict[str, list[Any]]:
    """The records of every file, in the order given.

    Raises
    ------
    FileMissingError, InputError
        If a file is missing or malformed.
    """
    from polytopic.io.packed import kind_of_path

    for file in (*similarity, *analogies):
        kind_of_path(file)  # before the vectors are read
    with voice.busy(f"reading {path}"):
        vectors = read_word_vectors(path, how, voice)
    with voice.busy("evaluating"):
        return vectors.evaluate(similarity=similarity, analogies=analogies, **options)


def refuse_nothing_found(found: dict[str, list[Any]], path: Path) -> None:
    """Refuse a judgement by a file none of whose words are among the vectors.

    Raises
    ------
    InputError
        If nothing of a file was found; what was found of the others has been printed.
    """
    for record in found["similarity"]:
        if record.n_found == 0:
            missing = ", ".join(record.missing[:3])
            raise InputError(
                f"{record.name}: none of its {record.n_pairs:,} pairs has both words in {path} "
                f"(missing: {missing}, ...). Check language, case and spelling of the words."
            )
    for record in found["analogies"]:
        if record.total.n_found == 0:
            raise InputError(
                f"{record.name}: none of its {record.total.n_questions:,} analogies has all words "
                f"in {path}. Check language, case and spelling of the words, and --restrict."
            )


def show_judged(found: dict[str, list[Any]], voice: Voice) -> None:
    """Print a table of the pairs and one of the analogies."""
    if found["similarity"]:
        voice.out.print(_pairs(found["similarity"]))
    for place, record in enumerate(found["analogies"]):
        if place or found["similarity"]:
            voice.out.print()
        voice.out.print(_questions(record))


def _pairs(records: list[WordSimilarity]) -> Table:
    table = _table("word similarity", "Spearman", "Pearson", "pairs found", "missed")
    for record in records:
        missed = record.n_pairs - record.n_found
        numbers = (record.spearman, record.pearson, record.n_found, missed)
        table.add_row(as_cell(record.name), *map(show_metric, numbers))
    return table


def _questions(record: WordAnalogies) -> Table:
    table = _table(f"analogies of {record.name}", "accuracy", "right", "found", "missed")
    for section in record.sections:
        _add(table, section)
    parts = [record.semantic, record.syntactic]
    if all(part.n_questions for part in parts):
        for part in parts:
            _add(table, part, style="bold")
    _add(table, record.total, style="bold")
    return table


def _add(table: Table, section: AnalogySection, style: str | None = None) -> None:
    missed = section.n_questions - section.n_found
    numbers = (section.accuracy, section.n_correct, section.n_found, missed)
    table.add_row(as_cell(section.name), *map(show_metric, numbers), style=style)


def _table(first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(as_cell(first), no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
