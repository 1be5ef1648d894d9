"""The distinct words of a block, numbered as they come, and the pool of its negatives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Table
from polytopic.embeddings.kernels.negatives import draw
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["Used", "relabel"]

_POOL = np.uint64(0x6A09E667F3BCC909)
"""Mixed into the key (the first digits of sqrt 2), so that pools draw from streams of their own."""

_TRIES = 64
"""Draws for a place of a pool of words that must not stand in the block. Of text, a block has words
that make up about half of the draws: 2^-64 of the places then stay empty."""


class Used(NamedTuple):
    """The rows that a block uses.

    ``words`` (R,): the word of each; ``counts`` (2, at least R): how often each is a token, and
    how often it will be drawn from the pool; ``n_rows`` (2,): distinct words among the tokens, and
    with the pool.
    """

    words: NDArray[np.int32]
    counts: NDArray[np.float32]
    n_rows: NDArray[np.int64]


@compiled()
def relabel(
    ids: NDArray[np.int32],
    table: Table,
    key: int,
    number: int,
    place: NDArray[np.int32],
    local: NDArray[np.int32],
    pool: NDArray[np.int32],
    used: Used,
    draws: float,
    apart: bool,
) -> int:
    """Number the distinct words of a block as they come: its tokens, then its negatives.

    Parameters
    ----------
    ids : int32 array of shape (n,)
        The tokens.
    table : Table
    key, number : int
        The pool is drawn from a stream of both.
    place : int32 array of shape (V,), changed
        The numbers of the words in ``used`` as it is, -1 for others; afterwards of those in
        ``used`` as it is then.
    local : int32 array of shape (n,), written
        The tokens' new numbers.
    pool : int32 array of shape (m,), written
        The new numbers of m negatives.
    used : Used, written
    draws : float
        Draws from the pool for each of its places.
    apart : bool
        Draw words that are no tokens of the block; a place that finds none in 64 draws is left out.

    Returns
    -------
    int
        Places of the pool: m, or with ``apart`` as many as found a word.
    """
    words, counts, n_rows = used
    for i in range(n_rows[1]):
        place[words[i]] = -1
    n = 0
    for i in range(len(ids)):
        word = ids[i]
        if place[word] < 0:
            place[word] = n
            words[n] = word
            counts[0, n], counts[1, n] = 0.0, 0.0
            n += 1
        local[i] = place[word]
        counts[0, place[word]] += 1.0
    n_tokens = n
    state = stream(mix(np.uint64(key) ^ _POOL), number)
    n_pool = 0
    for _ in range(len(pool)):
        state = step(state)
        word = draw(mix(state), table)
        if apart:
            tries = 1
            while tries < _TRIES and 0 <= place[word] < n_tokens:
                state = step(state)
                word = draw(mix(state), table)
                tries += 1
            if 0 <= place[word] < n_tokens:
                continue
        if place[word] < 0:
            place[word] = n
            words[n] = word
            counts[0, n], counts[1, n] = 0.0, 0.0
            n += 1
        pool[n_pool] = place[word]
        n_pool += 1
        counts[1, place[word]] += np.float32(draws)
    n_rows[0], n_rows[1] = n_tokens, n
    return n_pool
