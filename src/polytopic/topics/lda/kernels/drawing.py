"""Drawing topics of tokens, and the random streams of documents, for inference by sampling."""

from __future__ import annotations

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import step, stream, uniform

__all__ = ["document_stream", "draw_topic", "expand", "weigh"]

_LANE = 16
"""Topics summed at once; rows are padded to it (a vector of AVX-512)."""

_ZERO = np.float32(0.0)


@compiled()
def document_stream(key: int, terms: NDArray[np.int32], counts: NDArray[np.float32]) -> int:
    """A state of random numbers that depends on the key and on the document, not on its place."""
    state = uint64(key)
    for place in range(len(terms)):
        state = stream(state, uint64(terms[place]))
        state = stream(state, uint64(np.int64(counts[place])))
    last: int = stream(state, uint64(len(terms)))
    return last


@compiled()
def expand(
    terms: NDArray[np.int32], counts: NDArray[np.float32], state: int, places: NDArray[np.int32]
) -> int:
    """Write the place of each token's term, shuffled; returns the stream's next state."""
    n = 0
    for place in range(len(terms)):
        for _ in range(int(counts[place])):
            places[n] = place
            n += 1
    for left in range(n - 1, 0, -1):
        other = np.int64(uniform(state) * (left + 1))
        state = step(state)
        places[left], places[other] = places[other], places[left]
    return state


@compiled(fastmath=True)
def weigh(
    tokens: NDArray[np.float32],
    alpha: NDArray[np.float32],
    row: NDArray[np.float32],
    weights: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> np.float32:
    """Write (tokens + alpha) * row and its sums over each 16 topics; returns the whole sum."""
    whole = _ZERO
    for block in range(len(sums)):
        at, total = block * _LANE, _ZERO
        for k in range(_LANE):
            weight = (tokens[at + k] + alpha[at + k]) * row[at + k]
            weights[at + k] = weight
            total += weight
        sums[block] = total
        whole += total
    return whole


@compiled(fastmath=True)
def draw_topic(point: float, weights: NDArray[np.float32], sums: NDArray[np.float32]) -> int:
    """The topic in which ``point``, in [0, sum of weights), falls; never one of weight zero."""
    rest, block = np.float32(point), 0
    while block < len(sums) - 1 and rest >= sums[block]:
        rest -= sums[block]
        block += 1
    k, last = block * _LANE, block * _LANE + _LANE - 1
    while k < last and rest >= weights[k]:
        rest -= weights[k]
        k += 1
    while k > 0 and weights[k] <= _ZERO:
        k -= 1
    return k
