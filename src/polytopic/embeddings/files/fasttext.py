"""fastText's ``.bin`` (Bojanowski et al., TACL 2017): words, n-gram rows and the output matrix."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.words import LONGEST_WORD, Reading, Words, keep_rows
from polytopic.errors import InputError
from polytopic.io.opening import open_bytes, refuse_not_finite
from polytopic.io.packed import kind_of_path, packing_of

__all__ = ["MAGIC", "FastText", "read_fasttext_binary"]

Floats = NDArray[np.float32]

MAGIC = 793712314
"""What fastText's binary files begin with (FASTTEXT_FILEFORMAT_MAGIC_INT32)."""

VERSIONS = (11, 12)
"""Laid out alike; fastText itself reads both. In 11, classifiers used no n-grams."""

_END_OF_SENTENCE = b"</s>"
_SUPERVISED = 3
"""model_name::sup in fastText's args.h."""

_TREE = 1
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


def read_fasttext_binary(path: str | Path, reading: Reading | None = None) -> FastText:
    """Read a model that fastText saved (version 11 or 12, not quantised).

    ``reading``: what to do with words that cannot stay as they are; what was done is noted in it.

    Raises
    ------
    FileMissingError
        If there is no such file.
    InputError
        If it is no such model, is quantised or packed, its sizes or numbers cannot be, or
        ``reading`` refuses a word.
    """
    file = Path(path)
    if packing_of(file):
        raise InputError(f"{file}: is packed, and a model of fastText is read in place. Unpack it.")
    if kind_of_path(file) == "a file" and file.stat().st_size == 0:
        raise InputError(f"{file}: is empty. Fetch it again.")
    with open_bytes(file) as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        return _Model(file, data, reading or Reading()).read()


class _Model:
    """Reads the parts in their order; sizes are checked before memory is taken."""

    def __init__(self, file: Path, data: mmap.mmap, reading: Reading) -> None:
        self.file, self.data, self.at = file, data, 0
        self.words = Words(file, reading)

    def read(self) -> FastText:
        magic, version = self._take("<2i")
        if magic != MAGIC or version not in VERSIONS:
            wanted = f"{MAGIC} and {' or '.join(map(str, VERSIONS))}"
            raise self._wrong(f"has magic {magic} and version {version}, not {wanted}")
        numbers = self._take("<12id")
        dim, loss, model, bucket, shortest, longest = (numbers[i] for i in (0, 6, 7, 8, 9, 10))
        if dim < 1 or bucket < 0 or shortest < 0 or not 0 <= longest <= _LONGEST_NGRAM:
            raise self._wrong(f"says {dim} dimensions and {bucket} rows of n-grams up to {longest}")
        raw, counts = self._words()
        if version == VERSIONS[0] and model == _SUPERVISED:
            longest = 0
        matrix = self._matrix("input", len(raw) + bucket, dim)
        output = self._matrix("output", None, dim)
        if self.at != len(self.data):
            raise self._wrong(f"goes on after its end at byte {self.at:,}")
        vectors = self._vectors(raw, matrix, (shortest, longest, bucket))
        self.words.add(raw)
        per_word = model != _SUPERVISED and loss != _TREE and len(output) == len(raw)
        kept = np.array(output, dtype=np.float32) if per_word else None
        refuse_not_finite(self.file, self.words.terms, vectors)
        if kept is not None:
            refuse_not_finite(self.file, self.words.terms, kept)
        terms, rows = self.words.settle()
        if rows is not None:
            counts = counts[rows]
            kept = None if kept is None else keep_rows(kept, rows)
        return FastText(terms, counts, keep_rows(vectors, rows), kept)

    def _words(self) -> tuple[list[bytes], NDArray[np.int64]]:
        """The words as they stand, and their counts."""
        size, n_words, n_labels, _, pruned = self._take("<3i2q")
        if pruned >= 0:
            raise InputError(
                f"{self.file}: is a quantised model, which has lost its vectors. {_USE}"
            )
        if n_words < 1 or n_labels < 0 or size != n_words + n_labels:
            raise self._wrong(f"says {size} entries, {n_words} words and {n_labels} labels")
        if size * _LEAST_ENTRY > len(self.data) - self.at:
            raise self._wrong(f"says {size:,} words, too many for {len(self.data):,} bytes")
        words: list[bytes] = []
        counts = np.empty(n_words, dtype=np.int64)
        for row in range(size):
            end = self.data.find(b"\0", self.at, self.at + LONGEST_WORD)
            if end < 0:
                raise self._wrong(f"has no end of word {row + 1} in its dictionary")
            name = self.data[self.at : end]
            self.at = end + 1
            count, kind = self._take("<qb")
            if kind != (row >= n_words) or count < 0:
                raise self._wrong(f"has a wrong entry in row {row + 1} of its dictionary")
            if row < n_words:
                words.append(name)
                counts[row] = count
        return words, counts

    def _matrix(self, name: str, n_rows: int | None, dim: int) -> Floats:
        """A view of the file."""
        quantised, rows, columns = self._take("<?2q")
        if quantised:
            raise InputError(f"{self.file}: its {name} matrix is quantised. {_USE}")
        fits = rows >= 0 and (n_rows is None or rows == n_rows) and columns == dim
        if not fits or 4 * rows * columns > len(self.data) - self.at:
            raise self._wrong(f"says an {name} matrix of {rows:,} rows of {columns:,} numbers")
        matrix: Floats = np.frombuffer(self.data, "<f4", rows * columns, self.at)
        self.at += 4 * rows * columns
        return matrix.reshape(rows, columns)

    def _vectors(self, raw: list[bytes], matrix: Floats, ngrams: tuple[int, int, int]) -> Floats:
        """Of the words' bytes: a word that is no UTF-8 has its n-grams too."""
        from polytopic.embeddings.files.subwords import word_means

        bracketed = [b"<%b>" % word for word in raw]
        ends = np.cumsum([len(word) for word in bracketed], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
        words = np.frombuffer(b"".join(bracketed), dtype=np.uint8)
        whole = raw.index(_END_OF_SENTENCE) if _END_OF_SENTENCE in raw else -1
        means = np.empty((len(raw), matrix.shape[1]), dtype=np.float32)
        word_means(words, starts, ends, whole, *ngrams, matrix, means)
        return means

    def _take(self, form: str) -> tuple[int, ...]:
        size = struct.calcsize(form)
        if self.at + size > len(self.data):
            raise self._wrong("is cut short")
        taken = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return taken

    def _wrong(self, what: str) -> InputError:
        return InputError(f"{self.file}: {what}, so it is no whole fastText model. Fetch it again.")


_USE = "Use the model before quantisation (.bin, not .ftz), or the .vec file beside it."
