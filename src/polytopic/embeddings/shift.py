"""How the use of words changes from one text to another, with intervals over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.alignment import align_vectors, common_words
from polytopic.embeddings.base import WordVectorModel
from polytopic.embeddings.checking import as_words
from polytopic.embeddings.neighbours import unit_rows
from polytopic.embeddings.skipgram import SkipGram
from polytopic.embeddings.tokens import open_tokens
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError, InputTypeError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["word_shift"]

_CONFIDENCE = 0.95
"""Of the intervals: the package's usual one."""


def word_shift(
    first: Any,
    second: Any,
    *,
    words: Sequence[str] | None = None,
    seeds: int = 5,
    model: WordVectorModel | None = None,
    min_count: int = 10,
) -> pl.DataFrame:
    """How far each word has moved between two texts, corpora, or years.

    For each seed a model learns both texts, the second's vectors are turned into the first's space,
    and a word's shift is one minus the cosine of its two vectors (Hamilton, Leskovec & Jurafsky,
    ACL 2016). Vectors of one text differ from seed to seed too: ``noise`` is the mean shift of a
    word between seeds of one text, and a shift whose ``low`` is above it is more than that.

    Parameters
    ----------
    first, second : Corpus, iterable of token lists, or path of a text file
        Each is read once.
    words : sequence of str, optional
        By default all that occur ``min_count`` times in both.
    seeds : int
        Runs, two at least; their seeds go up from the model's ``random_state``, 0 if it has none.
    model : a model of word vectors, optional
        By default ``SkipGram()``.
    min_count : int

    Returns
    -------
    polars.DataFrame
        ``word``, ``shift`` (mean over seeds), ``low`` and ``high`` (its 95 % t-interval),
        ``noise``, ``first_count``, ``second_count``; the largest shift first.

    Raises
    ------
    InputError
        If ``seeds`` is below two, the texts have no common word that is frequent enough, or a word
        named is not in both.
    """
    import polars as pl

    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 2:
        raise InputError(f"seeds: is {seeds!r}. Give two or more, so that they can differ.")
    model = SkipGram() if model is None else model
    if not isinstance(model, WordVectorModel):
        raise InputTypeError(f"model: of type {type(model).__name__}. Pass SkipGram(...).")
    begin = model.random_state if isinstance(model.random_state, int) else 0
    stores = [open_tokens(source, min_count=model.min_count) for source in (first, second)]
    runs: list[tuple[WordVectors, WordVectors]] = []
    for seed in range(begin, begin + seeds):
        one, two = (_learned(model, store, seed) for store in stores)
        runs.append((one, two))
    one, two = runs[0]
    named = _chosen(one, two, words, min_count)
    shifts = np.stack([_apart(align_vectors(b, a), a, named) for a, b in runs])
    noise = np.mean(
        [
            _apart(align_vectors(after[side], before[side]), before[side], named)
            for before, after in pairwise(runs)
            for side in (0, 1)
        ],
        axis=0,
    )
    mean, half = shifts.mean(axis=0), _half_widths(shifts)
    counts = [side.vocabulary.counts[[side.index(w) for w in named]] for side in (one, two)]
    frame = pl.DataFrame(
        {
            "word": named, "shift": mean, "low": mean - half, "high": mean + half,
            "noise": noise, "first_count": counts[0], "second_count": counts[1],
        }
    )  # fmt: skip
    return frame.sort("shift", descending=True, maintain_order=True)


def _learned(model: WordVectorModel, store: Any, seed: int) -> WordVectors:
    """Vectors of a text by a fresh model of these settings and a seed."""
    fresh = type(model)(**model.get_params()).set_params(random_state=seed)
    return fresh.fit(store).vectors_


def _chosen(
    one: WordVectors, two: WordVectors, words: Sequence[str] | None, min_count: int
) -> list[str]:
    if words is not None:
        named = list(dict.fromkeys(as_words(words)))
        for side in (one, two):
            for word in named:
                side.index(word)
        return named
    often = [
        word
        for word in common_words(one, two)
        if min(s.vocabulary.counts[s.index(word)] for s in (one, two)) >= min_count
    ]
    if not often:
        raise InputError(
            f"min_count: no common word occurs {min_count} times in both texts. Lower it, or pass "
            "more text."
        )
    return often


def _apart(one: WordVectors, two: WordVectors, words: list[str]) -> NDArray[np.float64]:
    """One minus the cosines of the words' vectors in two spaces."""
    first, second = (unit_rows(side.subset(words).input) for side in (one, two))
    apart: NDArray[np.float64] = 1.0 - np.einsum(
        "we,we->w", first.astype(np.float64), second.astype(np.float64)
    )
    return apart


def _half_widths(shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the width of the t-interval of each column's mean."""
    from scipy import stats

    n = len(shifts)
    factor = float(stats.t.ppf((1 + _CONFIDENCE) / 2, n - 1))
    half: NDArray[np.float64] = factor * shifts.std(axis=0, ddof=1) / np.sqrt(n)
    return half
