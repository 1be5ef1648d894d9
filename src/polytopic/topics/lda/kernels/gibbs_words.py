"""The sweep by words: many documents are drawn together, word by word, each from its own topics.

A block's documents have short lists of their topics, which stay in the cache; a word's topics are
read once for all of its tokens in the block. Within a document tokens follow their words' numbers,
and each document has its own stream: how documents are divided among blocks changes no result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream
from polytopic.kernels.vector import prefetch
from polytopic.topics.lda.kernels.gibbs_gather import move_and_gather, place_of
from polytopic.topics.lda.kernels.gibbs_simd import LANES, address, pick
from polytopic.topics.lda.kernels.gibbs_sweeps import BLOCK, Tokens, careful_pick, kept

__all__ = ["sweep_words"]

_TOKENS = 1 << 18
"""Tokens in a block: a word's topics are fetched once a block, for as many tokens as may share them
while their lists are still near. It changes no result."""

_AHEAD = 2
"""Tokens ahead of the one that is drawn whose lists are asked for: time enough to come, near enough
to still be there."""

_TRIES = 16
"""Draws from alpha's part, at most, to leave a token's own count out: one falls on it and is kept
with the part of phi that is left."""

_TO_SINGLE = np.float32(2.0**-24)
"""24 random bits to [0, 1), all that a float32 holds."""

_16, _40 = np.uint64(16), np.uint64(40)
_LOW = np.uint64((1 << 24) - 1)
"""24 bits."""

_ONE = np.float32(1.0)


@compiled()
def _order(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    first: int,
    last: int,
    starts: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Sort the tokens of a block by word: ``starts`` (V + 1,), and the tokens and documents."""
    begin = offsets[first]
    tokens = np.empty(offsets[last] - begin, np.int32)
    slots = np.empty(len(tokens), np.int32)
    starts[:] = 0
    for i in range(begin, offsets[last]):
        starts[words[i] + 1] += 1
    for w in range(1, len(starts)):
        starts[w] += starts[w - 1]
    for d in range(first, last):
        for i in range(offsets[d], offsets[d + 1]):
            place = starts[words[i]]
            tokens[place], slots[place] = i - begin, d - first
            starts[words[i]] = place + 1
    for w in range(len(starts) - 1, 0, -1):
        starts[w] = starts[w - 1]
    starts[0] = 0
    return tokens, slots


@compiled()
def _list_topics(
    topics: NDArray[Any],
    where: NDArray[np.int32],
    listed: NDArray[np.int32],
    numbers: NDArray[np.float32],
) -> int:
    """List a document's topics and their numbers; ``where`` (P,) is -1 before and after."""
    n = 0
    for i in range(len(topics)):
        k = topics[i]
        place = where[k]
        if place < 0:
            place, where[k], listed[n] = n, n, k
            n += 1
        numbers[place] += _ONE
    for j in range(n):
        where[listed[j]] = -1
    return n


@compiled()
def _block_end(offsets: NDArray[np.int64], first: int, last: int) -> int:
    """The document before which a block ends that begins with ``first``."""
    end = first + 1
    while end < last and offsets[end + 1] - offsets[first] <= _TOKENS:
        end += 1
    return end


@compiled(inline="always")
def _upper(bits: int) -> np.float32:
    """A float32 in [0, 1) from the upper 24 of 64 random bits."""
    return np.float32(np.int64(uint64(bits) >> _40)) * _TO_SINGLE


@compiled(inline="always")
def _spare(
    w: int,
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    ones: NDArray[np.float32],
    room: NDArray[np.float32],
    bits: int,
) -> int:
    """A topic drawn from alpha's part of word ``w``; -1 if there is none."""
    n_places, n_masses = phi.shape[1], masses.shape[1]
    low = np.float32(np.int64((uint64(bits) >> _16) & _LOW)) * _TO_SINGLE
    high = _upper(mix(bits))
    k = pick(
        address(masses) + 4 * w * n_masses, address(ones), address(room), n_masses // LANES, low
    )
    if k >= 0:
        start = 4 * BLOCK * k
        found = pick(
            address(phi) + 4 * w * n_places + start, address(alpha) + start, address(room),
            BLOCK // LANES, high,
        )  # fmt: skip
        k = found + BLOCK * k if found >= 0 else -1
    return k if k >= 0 else careful_pick(phi[w], alpha, high)


@compiled(inline="always")
def _careful_place(
    row: NDArray[np.float32],
    listed: NDArray[np.int32],
    numbers: NDArray[np.float32],
    n: int,
) -> int:
    """The place of the greatest weight in a list, for draws that rounding spoils."""
    best, place = np.float32(-1.0), 0
    for j in range(n):
        weight = row[listed[j]] * numbers[j]
        if weight > best:
            best, place = weight, j
    return place


@compiled()
def _lay_out(
    offsets: NDArray[np.int64],
    topics: NDArray[Any],
    n_places: int,
    first: int,
    last: int,
    initial: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
    """A block's lists: where each document's begins, topics, their numbers, and their lengths.

    A list has whole vectors; beyond its length topics are -1 and numbers 0.
    """
    bases, lengths = np.zeros(last - first + 1, np.int64), np.zeros(last - first, np.int64)
    for d in range(first, last):
        n = min(offsets[d + 1] - offsets[d], n_places)
        bases[d - first + 1] = bases[d - first] + (n + LANES - 1) // LANES * LANES
    listed, numbers = np.full(bases[-1], -1, np.int32), np.zeros(bases[-1], np.float32)
    if not initial:
        where = np.full(n_places, -1, np.int32)
        for d in range(first, last):
            base = bases[d - first]
            lengths[d - first] = _list_topics(
                topics[offsets[d] : offsets[d + 1]], where, listed[base:], numbers[base:]
            )
    return bases, listed, numbers, lengths


@compiled(inline="always")
def _enter(
    k: int,
    base: int,
    gone: int,
    emptied: bool,
    s: int,
    listed: NDArray[np.int32],
    lengths: NDArray[np.int64],
) -> int:
    """The place of topic ``k`` in a list, a new one if need be: first that of a topic just left.

    ``gone`` is where the token's topic was, ``emptied`` whether it was its last token.
    """
    n = lengths[s]
    place = place_of(address(listed) + 4 * base, (n + LANES - 1) // LANES, k)
    if place < 0:
        if emptied:
            place = gone
        else:
            place, lengths[s] = n, n + 1
        listed[base + place] = k
    return place


@compiled(inline="always")
def _close_gap(
    base: int,
    gone: int,
    is_gap: bool,
    s: int,
    listed: NDArray[np.int32],
    numbers: NDArray[np.float32],
    lengths: NDArray[np.int64],
) -> None:
    """Put a list's last topic in the place of one whose last token has left."""
    if is_gap:
        end = lengths[s] - 1
        listed[base + gone], numbers[base + gone] = listed[base + end], numbers[base + end]
        listed[base + end], numbers[base + end], lengths[s] = -1, 0.0, end


@compiled(inline="always")
def _spare_but(
    w: int,
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    ones: NDArray[np.float32],
    room: NDArray[np.float32],
    bits: int,
    old: np.int64,
    keep: np.float32,
) -> np.int64:
    """As :func:`_spare`, where of topic ``old`` only the share ``keep`` is there to be drawn."""
    k = np.int64(_spare(w, phi, alpha, masses, ones, room, bits))
    for _ in range(_TRIES):
        bits = mix(step(bits))
        if k != old or _upper(bits) < keep:
            break
        k = np.int64(_spare(w, phi, alpha, masses, ones, room, bits))
    return k if k >= 0 else max(old, np.int64(0))


@compiled(inline="always")
def _ask_for(start: int, n: int) -> None:
    """Ask for the cache lines of ``n`` numbers of four bytes."""
    for place in range(0, n, LANES):
        prefetch(start + 4 * place)


@compiled(inline="always")
def _ask_for_list(
    base: int, listed: NDArray[np.int32], numbers: NDArray[np.float32], length: int
) -> None:
    """Ask for a document's list."""
    _ask_for(address(listed) + 4 * base, length)
    _ask_for(address(numbers) + 4 * base, length)


@compiled()
def _streams(key: int, first: int, last: int) -> NDArray[np.uint64]:
    """Where the streams of documents ``first`` to ``last`` begin."""
    states = np.empty(last - first, np.uint64)
    for d in range(first, last):
        states[d - first] = stream(key, d)
    return states


@compiled()
def sweep_words(
    given: Tokens,
    phi: NDArray[np.float32],
    alpha: NDArray[np.float32],
    masses: NDArray[np.float32],
    counts: NDArray[np.int32],
    key: int,
    first: int,
    last: int,
    initial: bool,
    scales: NDArray[np.float32],
) -> None:
    """As ``sweep_dense``, in blocks of documents and word by word.

    P is a multiple of ``BLOCK``. ``masses`` (V, Q) float32 holds sums of phi alpha over blocks of
    ``BLOCK`` topics, then zeros, and in its last place the whole row's sum.
    """
    words, offsets, topics = given
    n_terms, n_places = phi.shape
    starts = np.empty(n_terms + 1, np.int32)
    ones = np.ones(masses.shape[1], np.float32)
    ones[-1] = 0.0
    room = np.empty(max(masses.shape[1], n_places) + 3 * LANES, np.float32)
    while first < last:
        until, begin = _block_end(offsets, first, last), offsets[first]
        tokens, slots = _order(words, offsets, first, until, starts)
        bases, listed, numbers, lengths = _lay_out(offsets, topics, n_places, first, until, initial)
        states = _streams(key, first, until)
        for w in range(n_terms):
            if w + 1 < n_terms and starts[w + 1] < starts[w + 2]:
                _ask_for(address(phi) + 4 * (w + 1) * n_places, n_places)
            for t in range(starts[w], starts[w + 1]):
                if t + _AHEAD < len(tokens):
                    s, i = slots[t + _AHEAD], begin + tokens[t + _AHEAD]
                    _ask_for_list(bases[s], listed, numbers, lengths[s])
                    prefetch(address(counts) + 4 * (w * n_places + topics[i]))
                s, i = slots[t], begin + tokens[t]
                base = bases[s]
                old, keep, rest = np.int64(-2), _ONE, masses[w, -1]
                if not initial:
                    old = np.int64(topics[i])
                    keep = kept(scales, phi, w, old)
                    rest -= alpha[old] * phi[w, old] * (_ONE - keep)
                    counts[w, old] -= 1
                states[s] = step(states[s])
                bits = mix(states[s])
                place, gone = move_and_gather(
                    address(phi) + 4 * w * n_places, address(listed) + 4 * base,
                    address(numbers) + 4 * base, address(room) + 4 * LANES,
                    (lengths[s] + LANES - 1) // LANES, old, keep, rest, _upper(bits),
                )  # fmt: skip
                if place == -1:
                    place = _careful_place(phi[w], listed[base:], numbers[base:], lengths[s])
                # Read before the draw is known: the processor need not wait to foretell it.
                emptied = gone >= 0 and numbers[base + gone] == 0.0
                if place >= 0:
                    k = np.int64(listed[base + place])
                else:
                    k = _spare_but(w, phi, alpha, masses, ones, room, bits, old, keep)
                    place = _enter(k, base, gone, emptied, s, listed, lengths)
                numbers[base + place] += _ONE
                _close_gap(base, gone, emptied and place != gone, s, listed, numbers, lengths)
                topics[i] = k
                counts[w, k] += 1
        first = until
