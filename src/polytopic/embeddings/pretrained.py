"""Training that begins from given vectors, and rows that stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_words
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError, InputTypeError
from polytopic.io.leaving import quoted
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Beginning"]


@dataclass(frozen=True)
class Beginning:
    """Vectors to begin from, and the words whose input rows stay.

    ``known``: the words whose rows there were before, of which ``frozen=True`` freezes all.
    """

    vectors: WordVectors | None = None
    frozen: bool | Sequence[str] = False
    known: Vocabulary | None = None

    def check(self, dim: int) -> None:
        """Refuse what no training can begin from.

        Raises
        ------
        InputError, InputTypeError
            If the vectors are none, or of another length.
        """
        if self.vectors is None:
            return
        if not isinstance(self.vectors, WordVectors):
            raise InputTypeError(
                f"vectors: of type {type(self.vectors).__name__}. Pass WordVectors, as of "
                "WordVectors.read(file)."
            )
        if self.vectors.dim != dim:
            raise InputError(
                f"vectors: have {self.vectors.dim} dimensions, and dim is {dim}. "
                f"Set dim={self.vectors.dim}."
            )

    def put(self, arrays: dict[str, NDArray[Any]], vocabulary: Vocabulary) -> None:
        """Write the given rows over the random ones, for the words that have them.

        Raises
        ------
        InputError
            If no word of the text has a vector.
        """
        if self.vectors is None:
            return
        columns = self.vectors.vocabulary.columns(vocabulary.terms)
        rows = np.flatnonzero(columns >= 0)
        if not len(rows):
            raise InputError(
                "vectors: none of the words of the text has one. Give vectors of its language, in "
                "the same case."
            )
        for name in ("input", "output", "negative"):
            given = getattr(self.vectors, name)
            if given is not None and name in arrays:
                arrays[name][rows] = given[columns[rows]]

    def mask(self, vocabulary: Vocabulary) -> NDArray[np.bool_] | None:
        """Which rows stay, shape (V,); None for none.

        Raises
        ------
        InputError
            If a word to freeze is not among the words of the text.
        """
        if self.frozen is False:
            return None
        known = self.known if self.vectors is None else self.vectors.vocabulary
        if self.frozen is True:
            if known is None:
                raise InputError("frozen: there are no vectors to keep. Pass vectors=... too.")
            return known.columns(vocabulary.terms) >= 0
        stay = np.zeros(len(vocabulary), dtype=np.bool_)
        for word in as_words(self.frozen):
            if word not in vocabulary:
                raise InputError(
                    f"frozen: {quoted(word)} is not among the {len(vocabulary):,} words of the "
                    "text. Name words of it, or True for all that had vectors."
                )
            stay[vocabulary.index(word)] = True
        return stay

    def identity(self, vocabulary: Vocabulary) -> dict[str, str]:
        """What a checkpoint must share with this run; nothing, if it begins as usual."""
        mask = self.mask(vocabulary)
        if self.vectors is None and mask is None:
            return {}
        digest = hashlib.sha256(b"" if mask is None else mask.tobytes())
        if self.vectors is not None:
            digest.update("\n".join(self.vectors.vocabulary.terms).encode())
            digest.update(np.ascontiguousarray(self.vectors.input).tobytes())
        return {"beginning": digest.hexdigest()[:16]}
