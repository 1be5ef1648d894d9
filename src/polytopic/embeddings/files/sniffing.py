"""Which format a file of word vectors has, by what it begins with."""

from __future__ import annotations

from pathlib import Path

from polytopic.embeddings.files import fasttext, model2vec
from polytopic.embeddings.files.looks import describe_beginning, describe_rows
from polytopic.embeddings.files.text import NUMBER, row_fields, text_header
from polytopic.embeddings.files.word2vec import binary_rows
from polytopic.embeddings.files.words import LONGEST_WORD
from polytopic.errors import InputError
from polytopic.io.opening import open_bytes
from polytopic.io.packed import unpacked_ending

__all__ = ["BINARY", "sniff"]

BINARY = (".bin", ".model", ".w2v")
"""Endings of word2vec's binary file. They decide where a file can be read as text too."""

_BEGINNING = 2 * LONGEST_WORD
"""Bytes that a format is told by: a first row with its longest word, and as much again."""

_ROWS = 20
"""Rows of text that are looked at."""


def sniff(path: Path) -> str:
    """The format of a file.

    Raises
    ------
    FileMissingError, InputError
        If there is no such file, or it begins like none of them: the message says what it looks
        like and what to do.
    """
    if path.is_dir() and model2vec.is_model2vec(path):
        return "model2vec"
    with open_bytes(path) as stream:
        beginning = stream.read(_BEGINNING)
    if beginning[:4] == fasttext.MAGIC.to_bytes(4, "little"):
        return "fasttext-binary"
    like = describe_beginning(path, beginning)
    if like is not None:
        raise _other(path, *like)
    whole = len(beginning) < _BEGINNING
    ending = unpacked_ending(path)
    first, _, rest = beginning.partition(b"\n")
    header = text_header(first)
    if header is None:
        _refuse_others(path, beginning, whole=whole, binary=ending in BINARY)
        return "glove"
    if _is_binary(rest, *header, whole=whole, preferred=ending in BINARY):
        return "word2vec-binary"
    return "fasttext" if ending == ".vec" else "word2vec"


def _is_binary(rest: bytes, n_words: int, dim: int, *, whole: bool, preferred: bool) -> bool:
    """Whether what follows a header is binary rather than text.

    Rows of text are rows of text for sure; that they could be binary besides takes numbers that are
    all as long as a float32, or floats that are all digits, so that the ending decides.
    """
    fits = max(binary_rows(rest, n_words, dim, size, whole=whole) for size in (4, 8)) > 0.5
    if _is_text(rest, dim, whole=whole):
        return fits and preferred
    if fits or not _looks_readable(rest):
        return True
    numbers = row_fields(rest[:_BEGINNING].split(b"\n", 1)[0])[1:]
    return preferred and not any(map(NUMBER.fullmatch, numbers))


def _is_text(rest: bytes, dim: int, *, whole: bool) -> bool:
    """Whether the first rows end with ``dim`` numbers each, as far as they are to be seen."""
    lines = rest.split(b"\n")
    cut = [] if whole else [lines.pop()]
    rows = [row_fields(line) for line in lines[:_ROWS]]
    if rows and not any(rows):
        return True
    for row in rows:
        if row and not all(map(NUMBER.fullmatch, row[-dim:])):
            return False
    seen = row_fields(cut[0])[1:-1] if cut else []
    return bool(rows) or (bool(seen) and all(map(NUMBER.fullmatch, seen)))


def _looks_readable(rest: bytes) -> bool:
    """Whether it is text for the most part, so that a reader of text can say what is wrong."""
    shown = rest[:512].decode("utf-8", "replace")
    odd = sum(not (letter.isprintable() or letter.isspace()) for letter in shown)
    return 10 * (odd + shown.count("\ufffd")) < len(shown)


def _refuse_others(path: Path, beginning: bytes, *, whole: bool, binary: bool) -> None:
    """Refuse what has no header and is no text of words and numbers either."""
    lines = beginning.split(b"\n")
    rows = [row_fields(line) for line in (lines if whole else lines[:-1])[:_ROWS]]
    rows = [row for row in rows if row]
    like = describe_rows(rows)
    if like is not None:
        raise _other(path, *like)
    plain = bool(rows) and all(len(row) > 1 and NUMBER.fullmatch(row[-1]) for row in rows)
    if not plain and beginning.lstrip()[:1] in (b"{", b"["):
        raise _other(path, "JSON", "Write its words and rows with WordVectors(words, rows).write")
    if not plain and (b"\0" in beginning or binary):
        raise InputError(
            f"{path}: is of no format that is known by its beginning. If it is GloVe's .bin, name "
            "its vocab.txt too; else name its format."
        )


def _other(path: Path, what: str, todo: str) -> InputError:
    return InputError(f"{path}: looks like {what}, which is no file of word vectors. {todo}.")
