"""What a file that is no file of vectors looks like, and the way out."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from pathlib import Path

from polytopic.embeddings.files.text import NUMBER
from polytopic.io.packed import looks_packed, packing_of

__all__ = ["describe_beginning", "describe_rows"]

_GENSIM = "Load it in the program that wrote it, and there call wv.save_word2vec_format(path)"
_MAGIC = (
    (b"\x89HDF", "an HDF5 file", "Write its words and rows with WordVectors(words, rows).write"),
    (b"\x93NUMPY", "an array of NumPy, without words", "Give it to WordVectors(words, array)"),
    (b"PAR1", "a Parquet table", "Give its columns to WordVectors(words, rows)"),
    (b"SQLite format 3", "an SQLite database", "Export words and numbers as text"),
    (b"%PDF", "a PDF", "Name a file of word vectors"),
    (b"<!DOCTYPE", "a web page", "Fetch the file itself"),
    (b"<html", "a web page", "Fetch the file itself"),
    (b"\xff\xfe", "text in UTF-16", "Save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "Save it as UTF-8"),
    (b"version https://git-lfs", "a pointer of Git LFS", "Fetch the file itself: git lfs pull"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_SAFETENSORS = re.compile(rb'.{6}\x00\x00[{]"', re.DOTALL)
_WHOLE = re.compile(rb"[0-9]+")
_RATING = re.compile(rb"[0-9]+(\.[0-9]+)?")


def describe_beginning(path: Path, beginning: bytes) -> tuple[str, str] | None:
    """What a file looks like by its first bytes, and what to do; None if they say nothing."""
    packed = looks_packed(beginning)
    if packed:
        if packing_of(path) == packed:
            return "a file packed twice", "Unpack it once"
        return f"a file packed as {packed}", f"Give it the ending {packed}, or unpack it"
    if _PICKLE.match(beginning):
        return "a Python pickle, as gensim and PyTorch save (never read: it can run code)", _GENSIM
    for magic, what, todo in _MAGIC:
        if beginning.startswith(magic):
            return what, todo
    if _SAFETENSORS.match(beginning):
        return "a safetensors file", "Name the folder of model2vec or save() that it lies in"
    if _is_old_fasttext(beginning):
        return (
            "a model of fastText from before 2017",
            "Write a new one with fastText itself, or use the .vec file beside it",
        )
    return None


def describe_rows(rows: Sequence[list[bytes]]) -> tuple[str, str] | None:
    """The same for rows of fields: lists of words with one number each are no vectors."""
    if not rows:
        return None
    rated = all(len(row) == 3 and _RATING.fullmatch(row[2]) for row in rows)
    if rated and not any(NUMBER.fullmatch(word) for row in rows for word in row[:2]):
        return "rated pairs of words", "Judge vectors with it: --similarity"
    if all(len(row) == 2 and _WHOLE.fullmatch(row[1]) for row in rows):
        counts = [int(row[1][:18]) for row in rows]
        if counts == sorted(counts, reverse=True) and counts[0] > 0:
            return (
                "words and their counts (vocab.txt of GloVe, -save-vocab of word2vec)",
                "Name the file of vectors; beside GloVe's .bin this one is the vocabulary",
            )
        return (
            "words with one whole number each (classes of word2vec, counts)",
            "Name the file of vectors, or its format if these are vectors of one number",
        )
    return None


def _is_old_fasttext(beginning: bytes) -> bool:
    """Whether the arguments of a training stand where newer files have a magic number."""
    if len(beginning) < 56:
        return False
    *numbers, threshold = struct.unpack_from("<12id", beginning)
    dim, window, epochs, least, negative, ngrams, loss, model, bucket, short, long, _ = numbers
    return (
        all(1 <= number <= 100_000 for number in (dim, window, epochs, ngrams))
        and min(least, negative, bucket) >= 0
        and 1 <= loss <= 4
        and 1 <= model <= 3
        and 0 <= short <= long <= 100
        and 0.0 <= threshold <= 1.0
    )
