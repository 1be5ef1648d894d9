"""The character n-grams of words as rows of a table of buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.files.subwords import bracketed, gram_rows
from polytopic.embeddings.kernels.deterministic.grams import Grams
from polytopic.errors import InputError
from polytopic.io.leaving import quoted

__all__ = ["Ngrams"]

_MOST_CODES = 2**31 - 1
"""Rows are int32."""

LONGEST = 100
"""Characters; fastText itself takes 6. The reader of its files refuses more."""


@dataclass(frozen=True)
class Ngrams:
    """n-grams of ``min_n`` to ``max_n`` characters of ``<word>``, hashed into ``bucket`` rows.

    fastText's own hashing (Bojanowski et al., TACL 2017): FNV-1a of the UTF-8 bytes.

    Raises
    ------
    InputError
        If the sizes make no n-gram, or there is no bucket.
    """

    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000

    def __post_init__(self) -> None:
        if not 1 <= self.min_n <= self.max_n <= LONGEST:
            raise InputError(
                f"min_n: n-grams of {self.min_n} to {self.max_n} characters are none. Give 1 <= "
                f"min_n <= max_n <= {LONGEST}, or use SkipGram for words without them."
            )
        if not 1 <= self.bucket < _MOST_CODES // 2:
            raise InputError(
                f"bucket: is {self.bucket}, and n-grams need rows. Give 1 or more; fastText's "
                "default is 2,000,000."
            )

    def buckets(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Bounds, shape (n + 1,), and the buckets of the n-grams of words.

        Raises
        ------
        InputError
            If a word is no Unicode text.
        """
        bounds = np.zeros(len(words) + 1, dtype=np.int64)
        try:
            raw = [word.encode("utf-8") for word in words]
        except UnicodeEncodeError as error:
            raise InputError(
                f"word: {quoted(str(error.object))} is no Unicode text. Correct it."
            ) from None
        if not raw:
            return bounds, np.zeros(0, dtype=np.int32)
        sizes = self.min_n, self.max_n, self.bucket
        return bounds, gram_rows(*bracketed(raw), *sizes, bounds)

    def grams(self, words: Sequence[str]) -> Grams:
        """Of each word its own row, ``bucket`` plus its place, and the rows of its n-grams."""
        bounds, found = self.buckets(words)
        own = np.arange(self.bucket, self.bucket + len(words), dtype=np.int32)
        return Grams.of(bounds + np.arange(len(bounds)), np.insert(found, bounds[:-1], own))
