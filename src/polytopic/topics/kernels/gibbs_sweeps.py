"""Sweeps of partially collapsed Gibbs sampling: new topics of documents' tokens, topics given.

With phi given, p(z_i = k | z_-i, w) is in proportion to (n_dk^-i + alpha_k) phi_kw: documents do
not know of each other. ``SLOTS`` documents take turns token by token, which hides the wait of each
for its own last draw; each has its own stream, so that the order changes no result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray

from polytopic.embeddings.kernels.random import mix, step, stream
from polytopic.embeddings.kernels.simd import prefetch
from polytopic.topics.kernels.gibbs_simd import LANES, address, move_and_pick, pick

__all__ = ["BLOCK", "SLOTS", "sweep_dense", "sweep_sparse"]

SLOTS = 2
BLOCK = 64
"""Topics in a block, the second level of the sparse sweep's draws from alpha's part."""

_TO_SINGLE = np.float32(2.0**-24)
_40 = np.uint64(40)
_ONE = np.float32(1.0)


@njit(nogil=True, cache=True, inline="always")
def _uniform(bits: int) -> np.float32:
    """A float32 in [0, 1) from the upper 24 of 64 random bits."""
    return np.float32(np.int64(uint64(bits) >> _40)) * _TO_SINGLE


@njit(nogil=True, cache=True)
def _careful_pick(row: NDArray[np.float32], weights: NDArray[np.float32], uniform: float) -> int:
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


@njit(nogil=True, cache=True, inline="always")
def _skip_empty(offsets: NDArray[np.int64], document: int, last: int) -> int:
    """The first document from ``document`` on that has tokens, or ``last``."""
    while document < last and offsets[document] == offsets[document + 1]:
        document += 1
    return document


@njit(nogil=True, cache=True)
def sweep_dense(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    topics: NDArray[Any],
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    counts: NDArray[np.int32],
    key: int,
    first: int,
    last: int,
    initial: bool,
) -> None:
    """Draw the topics of documents ``first`` to ``last`` anew, weighing all K topics for a token.

    Parameters
    ----------
    words, topics : arrays of shape (N,)
        Tokens' terms and topics, document by document; ``topics`` is written.
    offsets : int64 array of shape (D+1,)
        Where each document's tokens begin.
    phi, counts : arrays of shape (V, P)
        P is K padded with zeros to a multiple of ``LANES``. ``counts`` follows the moves.
    alpha : float32 array of shape (P,)
        Zeros from K on.
    key : int
        Document d draws from the stream of ``key`` at d.
    initial : bool
        The tokens have no topic as yet.
    """
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
            state[s] = step(state[s])
            uniform = _uniform(mix(state[s]))
            k = move_and_pick(
                phi_at + 4 * w * n_places, numbers_at + 4 * s * n_places, alpha_at, scratch,
                n_places // LANES, uniform, newest[s], old,
            )  # fmt: skip
            if k < 0:
                k = max(_careful_pick(phi[w], numbers[s] + alpha, uniform), old, 0)
            newest[s] = k
            topics[i] = k
            # Without asking whether it moved: half of the answers would be foretold wrongly.
            counts[w, k] += 1
            if not initial:
                counts[w, old] -= 1
            position[s] = i + 1


@njit(nogil=True, cache=True)
def sweep_sparse(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    topics: NDArray[Any],
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    counts: NDArray[np.int32],
    key: int,
    first: int,
    last: int,
    initial: bool,
) -> None:
    """As :func:`sweep_dense`, weighing the topics that a document has, and alpha's part apart.

    ``masses`` (V, Q) float32 holds sums of phi alpha over blocks of ``BLOCK`` topics, then zeros,
    and in its last place the whole row's sum. P is a multiple of ``BLOCK``.
    """
    n_places, longest = phi.shape[1], 0
    for d in range(first, last):
        longest = max(longest, offsets[d + 1] - offsets[d])
    most = min(n_places, longest) + 1
    listed = np.zeros((SLOTS, most), np.int32)
    numbers = np.zeros((SLOTS, most), np.float32)
    where = np.full((SLOTS, n_places), -1, np.int32)
    length = np.zeros(SLOTS, np.int64)
    sums = np.zeros(most, np.float32)
    spare, begin = np.zeros((SLOTS, longest), np.int32), np.zeros(SLOTS, np.int64)
    ones = np.ones(masses.shape[1], np.float32)
    ones[-1] = 0.0
    room = np.empty(max(masses.shape[1], BLOCK) + 2 * LANES, np.float32)
    position, end = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
    state = np.zeros(SLOTS, np.uint64)
    following, alive = first, True
    while alive:
        alive = False
        for s in range(SLOTS):
            i = position[s]
            if i == end[s]:
                for j in range(length[s]):
                    where[s, listed[s, j]] = -1
                length[s] = 0
                d = _skip_empty(offsets, following, last)
                following = min(d + 1, last)
                if d == last:
                    continue
                i, begin[s], end[s] = offsets[d], offsets[d], offsets[d + 1]
                state[s] = _spare_topics(
                    words[i : end[s]], phi, alpha, masses, ones, room, stream(key, d), spare[s]
                )
                if not initial:
                    for j in range(i, end[s]):
                        _count(topics[j], s, listed, numbers, where, length)
            alive = True
            w = np.int64(words[i])
            old = np.int64(-1) if initial else np.int64(topics[i])
            if not initial:
                _discount(old, s, listed, numbers, where, length)
            coming = min(i + 1, end[s] - 1)
            ahead = np.int64(words[coming])
            row = address(phi) + 4 * ahead * n_places
            own = np.float32(0.0)
            for j in range(length[s]):
                prefetch(row + 4 * np.int64(listed[s, j]))
                own += numbers[s, j] * phi[w, listed[s, j]]
                sums[j] = own
            prefetch(address(counts) + 4 * (ahead * n_places + np.int64(topics[coming])))
            state[s] = step(state[s])
            aim = _uniform(mix(state[s])) * (own + masses[w, -1])
            if aim < own:
                place = 0
                for j in range(length[s]):
                    place += sums[j] <= aim
                k = np.int64(listed[s, place])
            else:
                k = np.int64(spare[s, i - begin[s]])
                if k < 0:
                    k = max(old, np.int64(0))
            topics[i] = k
            _count(k, s, listed, numbers, where, length)
            counts[w, k] += 1
            if not initial:
                counts[w, old] -= 1
            position[s] = i + 1


@njit(nogil=True, cache=True, inline="always")
def _count(
    k: int,
    s: int,
    listed: NDArray[np.int32],
    numbers: NDArray[np.float32],
    where: NDArray[np.int32],
    length: NDArray[np.int64],
) -> None:
    """Add a token of topic ``k`` to slot ``s``."""
    place = np.int64(where[s, k])
    if place < 0:
        place = length[s]
        where[s, k], listed[s, place], numbers[s, place] = place, k, 0.0
        length[s] = place + 1
    numbers[s, place] += _ONE


@njit(nogil=True, cache=True, inline="always")
def _discount(
    k: int,
    s: int,
    listed: NDArray[np.int32],
    numbers: NDArray[np.float32],
    where: NDArray[np.int32],
    length: NDArray[np.int64],
) -> None:
    """Take a token of topic ``k`` from slot ``s``; the last of the list fills a gap."""
    place = np.int64(where[s, k])
    numbers[s, place] -= _ONE
    if numbers[s, place] == 0.0:
        end = length[s] - 1
        moved = np.int64(listed[s, end])
        listed[s, place], numbers[s, place] = moved, numbers[s, end]
        where[s, moved], where[s, k] = place, -1
        length[s] = end


@njit(nogil=True, cache=True)
def _spare_topics(
    words: NDArray[np.int32],
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    ones: NDArray[np.float32],
    room: NDArray[np.float32],
    state: int,
    spare: NDArray[np.int32],
) -> int:
    """Draw from alpha's part for all tokens of a document, before any is known to need it.

    These draws wait for nothing and overlap; one made when it is needed would hold up all others.
    """
    n_masses, n_places, n = masses.shape[1], phi.shape[1], len(words)
    for i in range(n):
        coming = address(masses) + 4 * np.int64(words[min(i + 4, n - 1)]) * n_masses
        prefetch(coming)
        prefetch(coming + 4 * LANES)
        w = np.int64(words[i])
        state = step(uint64(state))
        block = pick(
            address(masses) + 4 * w * n_masses, address(ones), address(room),
            n_masses // LANES, _uniform(mix(state)),
        )  # fmt: skip
        spare[i] = block
        at = address(phi) + 4 * (w * n_places + BLOCK * max(block, 0))
        for line in range(BLOCK // LANES):
            prefetch(at + 4 * LANES * line)
    for i in range(n):
        w, block = np.int64(words[i]), np.int64(spare[i])
        state = step(uint64(state))
        uniform, k = _uniform(mix(state)), np.int64(-1)
        if block >= 0:
            start = 4 * BLOCK * block
            k = pick(
                address(phi) + 4 * w * n_places + start, address(alpha) + start, address(room),
                BLOCK // LANES, uniform,
            )  # fmt: skip
            k += BLOCK * block if k >= 0 else 0
        spare[i] = k if k >= 0 else _careful_pick(phi[w], alpha, uniform)
    return state
