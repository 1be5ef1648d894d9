"""``SubwordVectors``: word vectors that know words they never saw, by their n-grams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polytopic import io
from polytopic.embeddings.checking import as_numbers, refuse_not_finite, unknown_word
from polytopic.embeddings.files.fasttext import read_parts
from polytopic.embeddings.files.fasttext_writing import write_fasttext_binary
from polytopic.embeddings.files.narrow import packed, unpacked
from polytopic.embeddings.files.words import Reading
from polytopic.embeddings.kernels.deterministic.grams import compose
from polytopic.embeddings.storage import KIND, MATRICES, Combination, saved_arrays, vocabulary_of
from polytopic.embeddings.subwords.ngrams import Ngrams
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import CheckpointError, InputError
from polytopic.io.schemas import TEXTS, WHOLE, Record
from polytopic.text.vocabulary import Vocabulary

__all__ = ["SubwordVectors", "load_vectors"]

Floats = NDArray[np.float32]

_NGRAMS = {"min_n": WHOLE, "max_n": WHOLE, "bucket": WHOLE}
_RECORD = Record({"terms": TEXTS, "ngrams": Record(_NGRAMS)})
_UNTOLD = {
    "ws": 5, "epoch": 5, "minCount": 1, "neg": 5, "wordNgrams": 1, "loss": 2, "model": 2,
    "lrUpdateRate": 100, "t": 1e-4,
}  # fmt: skip
"""What fastText asks for and vectors do not know: its defaults, skip-gram with noise words."""

OOV = ("ngrams", "refuse")


class SubwordVectors(WordVectors):
    """Word vectors of fastText: each the mean of the word's own row and those of its n-grams.

    A word that was never seen has the mean of its n-grams' rows (Bojanowski et al., TACL 2017).
    ``word in vectors`` says whether it was seen; iterating goes over those that were.

    Parameters
    ----------
    vocabulary : Vocabulary, or sequence of V str
    rows : array of shape (bucket + V, E)
        The n-grams' rows, then the words' own.
    ngrams : Ngrams
    output : array of shape (V, E), optional
    oov : "ngrams" or "refuse"
        What an unseen word gets: the mean of its n-grams' rows, or an error.

    Attributes
    ----------
    input : float32 array of shape (V, E), read-only
        The means.

    Raises
    ------
    InputError
        If an array is of another shape or not finite; for an unseen word that has no n-gram.
    """

    def __init__(
        self,
        vocabulary: Vocabulary | Sequence[str],
        rows: ArrayLike,
        ngrams: Ngrams,
        output: ArrayLike | None = None,
        *,
        oov: str = "ngrams",
    ) -> None:
        if oov not in OOV:
            raise InputError(f"oov: {oov!r} is unknown. Pick one of {', '.join(OOV)}.")
        words = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
        given = as_numbers(rows, "rows")
        wanted = ngrams.bucket + len(words)
        if given.ndim != 2 or len(given) != wanted or given.shape[1] == 0:
            raise InputError(
                f"rows: shape {given.shape}. Give ({wanted}, E): a row a bucket, then a row a word."
            )
        refuse_not_finite(given, "rows", None)
        self.rows = np.ascontiguousarray(given, dtype=np.float32)
        self.ngrams, self.oov = ngrams, oov
        super().__init__(words, means_of(self.rows, ngrams, words.terms), output)

    def __repr__(self) -> str:
        sizes = f"n-grams of {self.ngrams.min_n} to {self.ngrams.max_n} characters"
        return f"{super().__repr__().replace('WordVectors', 'SubwordVectors', 1)[:-1]}; {sizes})"

    def _unseen(self, words: list[str], which: Combination) -> Floats:
        if self.oov == "refuse":
            return super()._unseen(words, which)
        if which != "input":
            told = unknown_word(words[0], self.vocabulary)
            raise InputError(f'which: "{which}" needs a row of the word. {told}')
        found = np.empty((len(words), self.dim), dtype=np.float32)
        bounds, buckets = self.ngrams.buckets(words)
        for place, word in enumerate(words):
            own = buckets[bounds[place] : bounds[place + 1]]
            if not len(own):
                raise InputError(
                    f"{unknown_word(word, self.vocabulary)} It has no n-gram of "
                    f"{self.ngrams.min_n} to {self.ngrams.max_n} characters either."
                )
            found[place] = self.rows[own].mean(axis=0, dtype=np.float64)
        return found

    # ---- files -----------------------------------------------------------------------------

    def save(self, path: str | Path, *, dtype: str = "float32") -> Path:
        """Write all to a folder, the n-grams' rows too; ``polytopic.load`` reads it.

        ``dtype`` and errors: as for :meth:`WordVectors.save`.
        """
        stored: dict[str, NDArray[Any] | None] = dict(packed("rows", self.rows, dtype))
        for name in MATRICES:
            stored |= packed(name, getattr(self, name), dtype)
        sizes = {name: getattr(self.ngrams, name) for name in _NGRAMS}
        arrays = saved_arrays(path, self.vocabulary, stored)
        return io.write_folder(
            path, KIND, arrays, {"terms": self.vocabulary.terms, "ngrams": sizes}
        )

    @classmethod
    def load(cls, path: str | Path, *, memory_map: bool = False) -> Self:
        """Read what :meth:`save` wrote; ``memory_map`` is for :meth:`WordVectors.load` alone.

        Raises
        ------
        FileMissingError, CheckpointError, InputError
            If it is missing, damaged, of another kind, or ``memory_map`` is asked for.
        """
        if memory_map:
            raise InputError("memory_map: n-grams are read whole. Use WordVectors.load.")
        arrays, about = io.read_folder(path, KIND, about=_RECORD)
        arrays = unpacked(arrays, str(path))
        try:
            ngrams = Ngrams(**{name: about["ngrams"][name] for name in _NGRAMS})
            words = vocabulary_of(arrays, about)
            return cls(words, arrays["rows"], ngrams, arrays.get("output"))
        except (KeyError, TypeError, InputError) as error:
            raise CheckpointError(
                f"{path}: holds no whole subword vectors ({error}). Restore a copy."
            ) from None

    @classmethod
    def read_binary(cls, path: str | Path, *, errors: str = "replace") -> Self:
        """Read a model of fastText, .bin or .ftz, with its n-grams.

        Parameters
        ----------
        path : str or Path
        errors : "replace", "skip" or "refuse"
            As for :meth:`WordVectors.read`.

        Raises
        ------
        FileMissingError, InputError
            If it is missing or damaged, or was trained without n-grams: ``WordVectors.read`` reads
            those.
        """
        parts = read_parts(path, Reading(errors))
        if parts.longest == 0 or parts.bucket == 0:
            raise InputError(f"{path}: has no n-grams. Use WordVectors.read.")
        ngrams = Ngrams(max(parts.shortest, 1), parts.longest, parts.bucket)
        n_words = len(parts.raw)
        grams = parts.input[n_words:]
        if parts.pruned is not None:
            raise InputError(f"{path}: is quantised and lost n-grams. Use WordVectors.read.")
        vocabulary = Vocabulary(parts.terms, parts.counts)
        rows = np.concatenate([grams, parts.input[:n_words][parts.kept]])
        found = cls(vocabulary, rows, ngrams, parts.output)
        found.notes = parts.notes
        return found

    def write(
        self, path: str | Path, format: str | None = None, *, which: Combination = "input"
    ) -> Path:
        """As :meth:`WordVectors.write`; ``fasttext-binary`` is :meth:`write_binary`."""
        if format == "fasttext-binary":
            return self.write_binary(path)
        return super().write(path, format, which=which)

    def write_binary(self, path: str | Path) -> Path:
        """Write fastText's .bin, version 12, which the original program reads.

        Raises
        ------
        InputError
            If a word does not fit the format, or the file cannot be written.
        """
        sizes = self.ngrams
        rows = np.concatenate([self.rows[sizes.bucket :], self.rows[: sizes.bucket]])
        output = self.output if self.output is not None else np.zeros_like(self.input)
        settings = _UNTOLD | {
            "dim": self.dim, "bucket": sizes.bucket, "minn": sizes.min_n, "maxn": sizes.max_n,
        }  # fmt: skip
        words = self.vocabulary.terms, self.vocabulary.counts
        return write_fasttext_binary(path, words, ([], words[1][:0]), settings, rows, output)


def means_of(rows: Floats, ngrams: Ngrams, words: Sequence[str]) -> Floats:
    """The means of the rows of words and their n-grams, shape (V, E)."""
    means = np.empty((len(words), rows.shape[1]), dtype=np.float32)
    places = np.arange(len(words), dtype=np.int32)
    compose(rows, places, len(words), ngrams.grams(words), means, np.empty_like(means))
    return means


def load_vectors(path: str | Path, *, memory_map: bool = False) -> WordVectors:
    """Word vectors of a folder of ``save``, with n-grams where it has them."""
    about: Mapping[str, Any] = io.read_header(path)["about"]
    if "ngrams" in about and not memory_map:
        return SubwordVectors.load(path)
    return WordVectors.load(path, memory_map=memory_map)
