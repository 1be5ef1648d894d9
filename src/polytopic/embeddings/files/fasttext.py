"""fastText's ``.bin`` (Bojanowski et al., TACL 2017): words, n-gram rows and the output matrix."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.quantised import dequantised
from polytopic.embeddings.files.words import LONGEST_WORD, Reading, Words, keep_rows
from polytopic.errors import InputError
from polytopic.io.opening import open_bytes, refuse_not_finite
from polytopic.io.packed import kind_of_path, packing_of

__all__ = ["MAGIC", "FastText", "Parts", "read_fasttext_binary", "read_parts"]

Floats = NDArray[np.float32]

MAGIC = 793712314
"""What fastText's binary files begin with (FASTTEXT_FILEFORMAT_MAGIC_INT32)."""

VERSIONS = (11, 12)
"""Laid out alike; fastText itself reads both. In 11, classifiers used no n-grams."""

_END_OF_SENTENCE = b"</s>"
SUPERVISED = 3
"""model_name::sup in fastText's args.h."""

TREE = 1
"""loss_name::hs in fastText's args.h."""

_LONGEST_NGRAM = 100
"""Characters, far above the 6 that fastText takes: a larger number is a damaged file."""

_LEAST_ENTRY = 10
"""Bytes of a word in the file: one end, eight of the count, one of the kind."""


@dataclass(frozen=True)
class FastText:
    """What a fastText model holds for its V words.

    Attributes
    ----------
    terms : list of V str
    counts : int64 array of shape (V,)
    vectors : float32 array of shape (V, E)
        Each the mean of the word's own row and the rows of its character n-grams.
    output : float32 array of shape (V, E), or None
        None for classifiers and for hierarchical softmax, whose output rows are no words.
    """

    terms: list[str]
    counts: NDArray[np.int64]
    vectors: Floats
    output: Floats | None


@dataclass
class Parts:
    """The parts of a fastText model as they stand in its file.

    ``settings``: the twelve whole numbers of its args and t; ``raw``, ``word_counts``: the words;
    ``labels``, ``label_counts``; ``pruned``: for each bucket its row (-1: cut), or None;
    ``input``: (V + rows of buckets, E); ``output``: rows of words, labels or inner nodes;
    ``terms``, ``counts``, ``kept``: the words that stay, by ``errors``.
    """

    settings: dict[str, Any]
    raw: list[bytes]
    word_counts: NDArray[np.int64]
    labels: list[str]
    label_counts: NDArray[np.int64]
    pruned: NDArray[np.int32] | None
    input: Floats
    outputs: Floats
    notes: tuple[str, ...] = ()
    terms: list[str] = field(default_factory=list)
    kept: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))

    @property
    def shortest(self) -> int:
        """Characters of the shortest n-grams."""
        return int(self.settings["minn"])

    @property
    def longest(self) -> int:
        """Characters of the longest n-grams, 0 for none."""
        return int(self.settings["maxn"])

    @property
    def bucket(self) -> int:
        """Rows of n-grams, cut ones counted."""
        return int(self.settings["bucket"])

    @property
    def supervised(self) -> bool:
        """Whether it is a classifier."""
        return bool(self.settings["model"] == SUPERVISED)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Of the words that stay."""
        return self.word_counts[self.kept]

    @property
    def output(self) -> Floats | None:
        """The rows of words on the predicting side, where they are rows of words."""
        if self.supervised or self.settings["loss"] == TREE or len(self.outputs) != len(self.raw):
            return None
        return np.array(self.outputs[self.kept], dtype=np.float32)


SETTINGS = (
    "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn",
    "maxn", "lrUpdateRate",
)  # fmt: skip
"""The whole numbers of fastText's args, in the order of its files."""


def read_parts(path: str | Path, reading: Reading | None = None) -> Parts:
    """Read a model that fastText saved (version 11 or 12), quantised or not.

    ``reading``: what to do with words that cannot stay as they are; what was done is noted in it.

    Raises
    ------
    FileMissingError
        If there is no such file.
    InputError
        If it is no such model, is packed, its sizes or numbers cannot be, or ``reading`` refuses a
        word.
    """
    file = Path(path)
    if packing_of(file):
        raise InputError(f"{file}: is packed, and a model of fastText is read in place. Unpack it.")
    if kind_of_path(file) == "a file" and file.stat().st_size == 0:
        raise InputError(f"{file}: is empty. Fetch it again.")
    with open_bytes(file) as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        return _Model(file, data, reading or Reading()).read()


def read_fasttext_binary(path: str | Path, reading: Reading | None = None) -> FastText:
    """The words of a model that fastText saved, and their vectors.

    Raises
    ------
    FileMissingError, InputError
        As :func:`read_parts`; or a number is not finite.
    """
    parts = read_parts(path, reading)
    vectors = _vectors(parts)
    every = [word.decode("utf-8", "replace") for word in parts.raw]
    refuse_not_finite(Path(path), every, vectors)
    output = parts.output
    if output is not None:
        refuse_not_finite(Path(path), parts.terms, output)
    kept = None if len(parts.kept) == len(parts.raw) else parts.kept
    return FastText(parts.terms, parts.counts, keep_rows(vectors, kept), output)


def _vectors(parts: Parts) -> Floats:
    """Of the words' bytes: a word that is no UTF-8 has its n-grams too."""
    from polytopic.embeddings.files.subwords import bracketed, gram_rows, word_means

    raw = parts.raw
    words, starts, ends = bracketed(raw)
    whole = raw.index(_END_OF_SENTENCE) if _END_OF_SENTENCE in raw else -1
    sizes = parts.shortest, parts.longest, parts.bucket
    means = np.empty((len(raw), parts.input.shape[1]), dtype=np.float32)
    if parts.pruned is None:
        word_means(words, starts, ends, whole, *sizes, parts.input, means)
        return means
    bounds = np.zeros(len(raw) + 1, dtype=np.int64)
    found = np.zeros(0, dtype=np.int32)
    if parts.bucket and parts.longest:
        found = gram_rows(words, starts, ends, *sizes, bounds)
    for word in range(len(raw)):
        rows = parts.pruned[found[bounds[word] : bounds[word + 1]]]
        rows = rows[rows >= 0] if word != whole else rows[:0]
        own = np.concatenate([parts.input[word : word + 1], parts.input[len(raw) + rows]])
        means[word] = own.mean(axis=0, dtype=np.float64)
    return means


class _Model:
    """Reads the parts in their order; sizes are checked before memory is taken."""

    def __init__(self, file: Path, data: mmap.mmap, reading: Reading) -> None:
        self.file, self.data, self.at = file, data, 0
        self.reading = reading
        self.words = Words(file, reading)

    def read(self) -> Parts:
        magic, version = self._take("<2i")
        if magic != MAGIC or version not in VERSIONS:
            wanted = f"{MAGIC} and {' or '.join(map(str, VERSIONS))}"
            raise self._wrong(f"has magic {magic} and version {version}, not {wanted}")
        settings: dict[str, Any] = dict(zip((*SETTINGS, "t"), self._take("<12id"), strict=True))
        dim, bucket, longest = (settings[name] for name in ("dim", "bucket", "maxn"))
        if dim < 1 or bucket < 0 or settings["minn"] < 0 or not 0 <= longest <= _LONGEST_NGRAM:
            raise self._wrong(f"says {dim} dimensions and {bucket} rows of n-grams up to {longest}")
        raw, counts, labels, label_counts, n_pruned = self._words()
        if version == VERSIONS[0] and settings["model"] == SUPERVISED:
            settings["maxn"] = 0
        pruned = None if n_pruned < 0 else self._pruned(n_pruned, bucket)
        n_rows = len(raw) + (bucket if pruned is None else n_pruned)
        quantised = bool(self._take("<?")[0])
        if pruned is not None and not quantised:
            raise self._wrong("has lost n-grams, and its matrix is whole")
        matrix = self._either("input", quantised, n_rows, dim)
        output = self._either("output", bool(self._take("<?")[0]), None, dim)
        if self.at != len(self.data):
            raise self._wrong(f"goes on after its end at byte {self.at:,}")
        self.words.add(raw)
        terms, rows = self.words.settle()
        kept = np.arange(len(raw), dtype=np.intp) if rows is None else rows
        return Parts(
            settings, raw, counts, labels, label_counts, pruned, matrix, output,
            tuple(self.reading.notes), terms, kept,
        )  # fmt: skip

    def _words(
        self,
    ) -> tuple[list[bytes], NDArray[np.int64], list[str], NDArray[np.int64], int]:
        """The words as they stand, and their counts; the labels; how many n-grams are left."""
        size, n_words, n_labels, _, pruned = self._take("<3i2q")
        if n_words < 1 or n_labels < 0 or size != n_words + n_labels:
            raise self._wrong(f"says {size} entries, {n_words} words and {n_labels} labels")
        if size * _LEAST_ENTRY > len(self.data) - self.at:
            raise self._wrong(f"says {size:,} words, too many for {len(self.data):,} bytes")
        entries: list[bytes] = []
        counts = np.empty(size, dtype=np.int64)
        for row in range(size):
            end = self.data.find(b"\0", self.at, self.at + LONGEST_WORD)
            if end < 0:
                raise self._wrong(f"has no end of word {row + 1} in its dictionary")
            entries.append(self.data[self.at : end])
            self.at = end + 1
            counts[row], kind = self._take("<qb")
            if kind != (row >= n_words) or counts[row] < 0:
                raise self._wrong(f"has a wrong entry in row {row + 1} of its dictionary")
        labels = [name.decode("utf-8", "replace") for name in entries[n_words:]]
        return entries[:n_words], counts[:n_words], labels, counts[n_words:], pruned

    def _pruned(self, n: int, bucket: int) -> NDArray[np.int32]:
        """For each bucket the row that is left of it, or -1."""
        if 8 * n > len(self.data) - self.at or n > bucket:
            raise self._wrong(f"says {n:,} n-grams of {bucket:,} are left")
        pairs = np.frombuffer(self.data, "<i4", 2 * n, self.at).reshape(n, 2)
        self.at += 8 * n
        if n and not ((pairs >= 0).all() and pairs[:, 0].max() < bucket and pairs[:, 1].max() < n):
            raise self._wrong("has a wrong table of n-grams that are left")
        rows = np.full(bucket, -1, dtype=np.int32)
        rows[pairs[:, 0]] = pairs[:, 1]
        return rows

    def _either(self, name: str, quantised: bool, n_rows: int | None, dim: int) -> Floats:
        """A matrix, quantised or not."""
        if not quantised:
            return self._matrix(name, n_rows, dim)
        found = dequantised(self.data, self.at)
        if found is None:
            raise self._wrong(f"has a quantised {name} matrix that is damaged")
        matrix, self.at = found
        if matrix.shape[1] != dim or n_rows not in (None, len(matrix)):
            raise self._wrong(f"has an {name} matrix of shape {matrix.shape}")
        return matrix

    def _matrix(self, name: str, n_rows: int | None, dim: int) -> Floats:
        """A view of the file."""
        rows, columns = self._take("<2q")
        fits = rows >= 0 and (n_rows is None or rows == n_rows) and columns == dim
        if not fits or 4 * rows * columns > len(self.data) - self.at:
            raise self._wrong(f"says an {name} matrix of {rows:,} rows of {columns:,} numbers")
        matrix: Floats = np.frombuffer(self.data, "<f4", rows * columns, self.at)
        self.at += 4 * rows * columns
        return matrix.reshape(rows, columns)

    def _take(self, form: str) -> tuple[int, ...]:
        size = struct.calcsize(form)
        if self.at + size > len(self.data):
            raise self._wrong("is cut short")
        taken = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return taken

    def _wrong(self, what: str) -> InputError:
        return InputError(f"{self.file}: {what}, so it is no whole fastText model. Fetch it again.")
