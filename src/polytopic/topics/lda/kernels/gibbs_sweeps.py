"""Sweeps of partially collapsed Gibbs sampling: new topics of documents' tokens, topics given.

With phi given, p(z_i = k | z_-i, w) is in proportion to (n_dk^-i + alpha_k) phi_kw: documents do
not know of each other. ``SLOTS`` documents take turns token by token, which hides the wait of each
for its own last draw; each has its own stream, so that the order changes no result.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream
from polytopic.topics.lda.kernels.gibbs_simd import LANES, address, move_and_pick

__all__ = ["BLOCK", "SLOTS", "Tokens", "careful_pick", "kept", "sweep_dense"]


class Tokens(NamedTuple):
    """N tokens of D documents: terms (N,), where each document begins (D+1,), and topics (N,)."""

    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    topics: NDArray[Any]


SLOTS = 2
"""Documents that take turns: two hide the wait of a sum's last lane; their numbers still lie in the
cache."""

BLOCK = 64
"""Topics in a block, the second level of the sweep by words' draws from alpha's part."""

_TO_SINGLE = np.float32(2.0**-24)
"""24 random bits to [0, 1), all that a float32 holds."""

_40 = np.uint64(40)
_ONE = np.float32(1.0)


@compiled(inline="always")
def _uniform(bits: int) -> np.float32:
    """A float32 in [0, 1) from the upper 24 of 64 random bits."""
    return np.float32(np.int64(uint64(bits) >> _40)) * _TO_SINGLE


@compiled()
def careful_pick(row: NDArray[np.float32], weights: NDArray[np.float32], uniform: float) -> int:
    """``pick`` one by one in float64, for draws that rounding spoils; -1 if all weights are 0."""
    total = 0.0
    for k in range(len(row)):
        total += np.float64(row[k]) * np.float64(weights[k])
    aim, found = uniform * total, -1
    for k in range(len(row)):
        weight = np.float64(row[k]) * np.float64(weights[k])
        if weight > 0.0:
            found = k
            aim -= weight
            if aim < 0.0:
                break
    return found


@compiled(inline="always")
def kept(scales: NDArray[np.float32], phi: NDArray[np.float32], w: int, k: int) -> np.float32:
    """The part of phi that is left without one token of word ``w``, where ``scales`` are given."""
    if len(scales) == 0 or phi[w, k] <= 0.0:
        return _ONE
    return max(_ONE - scales[k] / phi[w, k], np.float32(0.0))


@compiled(inline="always")
def _skip_empty(offsets: NDArray[np.int64], document: int, last: int) -> int:
    """The first document from ``document`` on that has tokens, or ``last``."""
    while document < last and offsets[document] == offsets[document + 1]:
        document += 1
    return document


@compiled()
def sweep_dense(
    given: Tokens,
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    counts: NDArray[np.int32],
    key: int,
    first: int,
    last: int,
    initial: bool,
    scales: NDArray[np.float32],
) -> None:
    """Draw the topics of documents ``first`` to ``last`` anew, weighing all K topics for a token.

    Parameters
    ----------
    given : Tokens
        Their topics are written.
    phi, counts : arrays of shape (V, P)
        P is K padded with zeros to a multiple of ``LANES``. ``counts`` follows the moves.
    alpha : float32 array of shape (P,)
        Zeros from K on.
    key : int
        Document d draws from the stream of ``key`` at d.
    initial : bool
        The tokens have no topic as yet.
    scales : float32 array of shape (P,) or (0,)
        Given where phi is counts + eta times them: a token's own count is then left out of phi.
    """
    words, offsets, topics = given
    n_places = phi.shape[1]
    room = np.empty((SLOTS + 1) * n_places + 3 * LANES, np.float32)
    shift = (-(address(room) >> 2)) & (LANES - 1)
    numbers = room[shift : shift + SLOTS * n_places].reshape(SLOTS, n_places)
    numbers_at = address(room) + 4 * shift
    scratch = numbers_at + 4 * SLOTS * n_places
    phi_at, alpha_at = address(phi), address(alpha)
    position, end = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
    state, newest = np.zeros(SLOTS, np.uint64), np.zeros(SLOTS, np.int64)
    following, alive = first, True
    while alive:
        alive = False
        for s in range(SLOTS):
            i = position[s]
            if i == end[s]:
                d = _skip_empty(offsets, following, last)
                following = min(d + 1, last)
                if d == last:
                    continue
                i, end[s], newest[s] = offsets[d], offsets[d + 1], -1
                state[s] = stream(key, d)
                numbers[s] = 0.0
                if not initial:
                    for j in range(i, end[s]):
                        numbers[s, topics[j]] += _ONE
            alive = True
            w = np.int64(words[i])
            old = np.int64(-1) if initial else np.int64(topics[i])
            keep = _ONE if initial else kept(scales, phi, w, old)
            state[s] = step(state[s])
            uniform = _uniform(mix(state[s]))
            k = move_and_pick(
                phi_at + 4 * w * n_places, numbers_at + 4 * s * n_places, alpha_at, scratch,
                n_places // LANES, uniform, newest[s], old, keep,
            )  # fmt: skip
            if k < 0:
                k = max(careful_pick(phi[w], numbers[s] + alpha, uniform), old, 0)
            newest[s] = k
            topics[i] = k
            # Without asking whether it moved: half of the answers would be foretold wrongly.
            counts[w, k] += 1
            if not initial:
                counts[w, old] -= 1
            position[s] = i + 1
