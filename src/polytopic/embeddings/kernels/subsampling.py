"""Which tokens of a block stay after subsampling, and where its sentences begin.

A block is a run of tokens with its neighbours on both sides. What a position draws depends on the
key and on its place in the whole corpus, so blocks may be cut anywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import stream

__all__ = ["keep_thresholds", "select"]

_32 = np.uint64(32)
ALWAYS = np.uint64(1 << 32)
"""The threshold of a token that is always kept: above every number of 32 bits."""


def keep_thresholds(counts: NDArray[np.int64], sample: float) -> NDArray[np.uint64]:
    """Of 2^32 draws, how many keep each of the V words: uint64, shape (V,).

    p = (sqrt(f / sample) + 1) sample / f for a word of frequency f, at most 1 (word2vec.c; Mikolov
    et al., NeurIPS 2013, section 2.3, gives sqrt(sample / f)). ``sample`` 0 keeps every word.
    """
    if sample == 0.0:
        return np.full(len(counts), ALWAYS)
    share = np.maximum(counts, 1) / max(int(counts.sum()), 1)
    chance = np.minimum((np.sqrt(share / sample) + 1.0) * sample / share, 1.0)
    return np.rint(chance * float(ALWAYS)).astype(np.uint64)


@compiled()
def select(
    tokens: NDArray[np.int32],
    bounds: NDArray[np.int64],
    first: int,
    last: int,
    position: int,
    keep: NDArray[np.uint64],
    key: int,
    ids: NDArray[np.int32],
    where: NDArray[np.int64],
    sentences: NDArray[np.int64],
) -> tuple[int, int, int, int]:
    """Keep tokens at random; negative tokens (words outside the vocabulary) are left out.

    Parameters
    ----------
    tokens : int32 array of shape (n,)
        The block and its neighbours.
    bounds : int64 array of shape (S+1,)
        Sentence s is ``tokens[bounds[s]:bounds[s + 1]]``; the first is 0, the last n.
    first, last : int
        The centres are ``tokens[first:last]``.
    position : int
        Where ``tokens[0]`` stands in the whole corpus.
    keep : uint64 array of shape (V,)
        Of :func:`keep_thresholds`.
    key : int
        Of the random numbers.
    ids, where : int32 and int64 arrays of shape (n,), written
        The kept tokens, and their places in the whole corpus.
    sentences : int64 array of shape (S+1,), written
        Sentence s is ``ids[sentences[s]:sentences[s + 1]]``.

    Returns
    -------
    kept, n_sentences, low, high : int
        The centres are ``ids[low:high]``.
    """
    kept, low, high = 0, 0, 0
    n_sentences = len(bounds) - 1
    for sentence in range(n_sentences):
        sentences[sentence] = kept
        for place in range(bounds[sentence], bounds[sentence + 1]):
            if place == first:
                low = kept
            if place == last:
                high = kept
            token = tokens[place]
            absolute = position + place
            # Written and counted without a branch, which nobody can predict.
            ids[kept] = token
            where[kept] = absolute
            stays = (stream(key, absolute) >> _32) < keep[max(token, 0)]
            kept += stays & (token >= 0)
    sentences[n_sentences] = kept
    if last >= len(tokens):
        high = kept
    return kept, n_sentences, low, high
