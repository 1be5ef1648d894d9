"""Folders of corpora as OCTIS and TopMost write them: terms that are counted or split already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from polytopic.errors import FileMissingError, InputError
from polytopic.io.matrix_files import COUNTS, read_npz
from polytopic.io.opening import open_bytes
from polytopic.text.codes import as_numbers
from polytopic.text.corpus import Corpus
from polytopic.text.tables import Source, Wanted, table_chunks

__all__ = ["read_counted_folder", "read_counted_test", "read_octis", "read_topmost"]

OCTIS, VOCABULARY = "corpus.tsv", "vocabulary.txt"
TOPMOST, TOPMOST_TEST, TERMS = "train_bow.npz", "test_bow.npz", "vocab.txt"
_AS_THEY_STAND = "{}: read as a folder of {}: its own terms as they stand, by no rule on words."


def read_counted_folder(path: Path, **asked: Any) -> Corpus | None:
    """The corpus of a folder of OCTIS or (its training part) of TopMost; None for other folders.

    ``asked``: columns and ways to read that were asked for, of which such a folder has none.

    Raises
    ------
    InputError
        If one was asked for, or the folder cannot be used.
    """
    kinds = ((OCTIS, "OCTIS", read_octis), (TOPMOST, "TopMost", read_topmost))
    found = next((kind for kind in kinds if (path / kind[0]).is_file()), None)
    if found is None:
        return None
    _, program, reader = found
    for name, value in asked.items():
        if value is not None:
            raise InputError(
                f"{path}: --{name} means nothing in a folder of {program}, whose columns have "
                "their places. Leave it out."
            )
    corpus = reader(path)
    note = _AS_THEY_STAND.format(path.name, program)
    corpus.dropped = replace(corpus.dropped, notes=(note, *corpus.dropped.notes))
    return corpus


def read_counted_test(path: Path) -> Corpus | None:
    """The documents to judge by of a folder of OCTIS or TopMost; None for other files and folders.

    Of TopMost its test part; of OCTIS that of the part "test", or all where it names no such part.

    Raises
    ------
    FileMissingError
        If a folder of TopMost has no test part.
    """
    if (path / TOPMOST).is_file() or (path / TOPMOST_TEST).is_file():
        return read_topmost(path, "test")
    if not (path / OCTIS).is_file():
        return None
    corpus = read_octis(path)
    parts = corpus.metadata["part"].tolist() if "part" in corpus.metadata else []
    rows = [row for row, part in enumerate(parts) if part == "test"]
    return corpus.subset(rows) if rows else corpus


def read_octis(path: str | Path, part: str | None = None) -> Corpus:
    """The work of :meth:`Corpus.from_octis`."""
    import polars as pl

    folder = Path(path)
    table = _file(folder, OCTIS, "a folder of OCTIS")
    if not (folder / VOCABULARY).is_file():
        raise InputError(
            f"{folder}: holds {OCTIS} and no {VOCABULARY}. Write its terms there, a line each; or "
            f'read the texts with polytopic.read("{table}", text="column_1", header=False).'
        )
    n_columns = 1 + _first_line(table).count("\t")
    places = dict(zip(("text", "part", "label"), range(1, n_columns + 1), strict=False))
    columns = _columns(table, [f"column_{place}" for place in places.values()])
    texts = [text or "" for text in columns[0]]
    metadata = {
        name: as_numbers(pl.Series(columns[place - 1], dtype=pl.String))
        for name, place in places.items()
        if name != "text"
    }
    corpus = Corpus.from_tokens(
        [text.split() for text in texts],
        vocabulary=_terms(folder / VOCABULARY),
        labels=metadata.get("label"),
    ).with_columns(texts=texts, metadata=metadata)
    if part is None:
        return corpus
    parts = corpus.metadata["part"].tolist() if "part" in metadata else []
    if part not in parts:
        known = ", ".join(sorted({str(p) for p in parts})) or "none"
        raise InputError(f'{table}: has no documents of the part "{part}". Its parts are: {known}.')
    return corpus.subset([row for row, own in enumerate(parts) if own == part])


def read_topmost(path: str | Path, part: str = "train") -> Corpus:
    """The work of :meth:`Corpus.from_topmost`."""
    import polars as pl

    folder = Path(path)
    counts = read_npz(_file(folder, f"{part}_bow.npz", "a folder of TopMost"), COUNTS)[0]
    terms = _terms(_file(folder, TERMS, "a folder of TopMost"))
    if counts.shape[1] != len(terms):
        raise InputError(
            f"{folder}: {TERMS} has {len(terms):,} terms for {counts.shape[1]:,} columns of "
            f"{part}_bow.npz. Fetch both again."
        )
    columns: dict[str, list[str]] = {}
    for role in ("texts", "labels", "times"):
        file = folder / f"{part}_{role}.txt"
        if file.is_file():
            columns[role] = _lines(file)
            if len(columns[role]) != counts.shape[0]:
                raise InputError(
                    f"{file}: has {len(columns[role]):,} lines for {counts.shape[0]:,} documents. "
                    "Write a line a document."
                )
    numbers = {
        role: as_numbers(pl.Series(columns[role], dtype=pl.String))
        for role in ("labels", "times")
        if role in columns
    }
    return Corpus.from_counts(
        counts,
        terms,
        labels=numbers.get("labels"),
        dates=numbers.get("times"),
        texts=columns.get("texts"),
    )


def _columns(table: Path, names: list[str]) -> list[list[str | None]]:
    """Columns of a table without a header; the first is the text."""
    wanted = Wanted(text=names[0], label=names[1:])
    columns: dict[str, list[str | None]] = {}
    for chunk in table_chunks(Source(table, header=False), wanted):
        for role, values in chunk.items():
            columns.setdefault(role, []).extend(values)
    return [columns[role] for role in wanted.named()]


def _file(folder: Path, name: str, kind: str) -> Path:
    """A file of the folder.

    Raises
    ------
    FileMissingError
        If there is none.
    """
    if not (folder / name).is_file():
        raise FileMissingError(f"{folder}: holds no {name}, so it is no {kind[2:]}. Name {kind}.")
    return folder / name


def _lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, without blanks around them and the end of the last."""
    with open_bytes(file, "a text file") as stream:
        content = stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file}: is not utf-8. Save it as such.") from None
    return [line.strip() for line in text.removesuffix("\n").split("\n")]


def _terms(file: Path) -> list[str]:
    """The lines of a file of terms; blank ones at its end are none."""
    terms = _lines(file)
    while terms and not terms[-1]:
        terms.pop()
    return terms


def _first_line(file: Path) -> str:
    with open_bytes(file, "a table") as stream:
        return stream.readline().decode("utf-8", "replace")
