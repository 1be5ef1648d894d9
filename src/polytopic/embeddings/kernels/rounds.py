"""Training with the same bits for any number of threads: blocks in rounds, on copies of their rows.

The blocks of a round all start from the same matrices. Each copies the rows it touches, trains the
copies, and keeps by how much they changed; then the changes are added, block after block. Who
does what when makes no difference. A block's negatives come from a pool of words drawn in advance,
so that its rows are known and few enough to stay in the cache.

The sum of the changes of R blocks goes R times too far for a frequent word, whose row each block
brings close to where it is at rest. A row used c times by a block is taken to go 1 - exp(-s c)
of its way; all blocks, one after another, would go 1 - exp(-s C), C the sum of their c. Changes
are scaled by (1 - exp(-s C)) / sum (1 - exp(-s c)): 1 for rare words, 1 / R for the most frequent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import Table, draw
from polytopic.embeddings.kernels.random import mix, step, stream
from polytopic.embeddings.kernels.simd import prefetch, row

__all__ = ["BLOCK", "POOL", "ROUND", "STRENGTH", "Copies", "Local", "Round"]

ROUND = 4  # blocks, whatever the number of threads
BLOCK = 1024  # tokens of the text a block
POOL = 0.5  # negatives in the pool of a block for each of its kept tokens
STRENGTH = 1.0  # s above, for each unit of the learning rate

_POOL = np.uint64(0x6A09E667F3BCC909)
_ALIGNED = 16  # floats
_AHEAD = 4  # rows


Matrices = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
Rows = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]


class Local(NamedTuple):
    """What a kernel reads instead of the token ids, the noise table and the matrices."""

    ids: NDArray[np.int32]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    threshold: NDArray[np.uint64]
    inputs: NDArray[np.float32]
    outputs: NDArray[np.float32]
    noise: NDArray[np.float32]


class Copies:
    """The rows that one block touches, copied out, and what training did to them.

    Use: ``local = copies.take(...)``, a kernel on ``local``, ``copies.close()``; then
    :meth:`Round.add` once all blocks of the round are closed. ``room`` is the most tokens a block
    (with its neighbours) can have; the rest is as in :class:`Round`.
    """

    def __init__(self, matrices: Matrices, table: Table, room: int) -> None:
        self._table = table
        self._place = np.full(len(matrices[0]), -1, dtype=np.int32)
        self._ids, self._pool = np.empty((2, room), dtype=np.int32)
        self._words = np.empty(2 * room, dtype=np.int32)
        self._counts = np.empty((2, 2 * room), dtype=np.float32)
        self._always = np.full(room, 1 << 32, dtype=np.uint64)
        self._roles = _roles(matrices)
        self._matrices = matrices
        rows = min(2 * room, len(matrices[0]))
        self._copies = [_rows(rows, matrix.shape[1]) for matrix in matrices[: max(self._roles) + 1]]
        self._n_rows = (0, 0)

    def take(
        self, ids: NDArray[np.int32], n_pool: int, n_draws: int, key: np.uint64, number: int
    ) -> Local:
        """Copy the rows of the block ``number`` of kept tokens ``ids`` and of ``n_pool`` negatives.

        ``n_draws`` is how many draws its centres will make from the pool.
        """
        n_pool = max(1, min(n_pool, len(self._pool)))
        local, pool = self._ids[: len(ids)], self._pool[:n_pool]
        self._n_rows = relabel(
            ids, *self._table, key, number, self._place, local, pool, self._words, self._counts
        )
        self._counts[1, : self._n_rows[1]] *= np.float32(n_draws / n_pool)
        for matrix, copies, words, _ in self.rows():
            gather(matrix, words, copies)
        inputs, outputs, noise = (self._copies[role] for role in self._roles)
        return Local(local, pool, pool, self._always[:n_pool], inputs, outputs, noise)

    def close(self) -> None:
        """Turn the copies into what they changed by; the matrices are still as they were."""
        for matrix, copies, words, _ in self.rows():
            difference(matrix, words, copies)

    def rows(self) -> list[Rows]:
        """Of each different matrix: it, its copies, their words, how often each is used."""
        n_tokens, n_words = self._n_rows
        rows = []
        for number, copies in enumerate(self._copies):
            as_noise, as_token = self._roles[2] == number, number in self._roles[:2]
            n = n_words if as_noise else n_tokens
            counts = self._counts[0, :n] if as_token else self._counts[1, :n]
            if as_noise and as_token:
                counts = counts + self._counts[1, :n]
            matrix = self._matrices[self._roles.index(number)]
            rows.append((matrix, copies, self._words[:n], counts))
        return rows


class Round:
    """Blocks that are trained from the same matrices.

    Parameters
    ----------
    inputs, outputs, noise : float32 arrays of shape (V, E), rows contiguous
        The trained matrices; they may be one and the same.
    table : tuple of three arrays
        Of :func:`~.negatives.alias_table`.
    room : int
        The most tokens a block (with its neighbours) can have.
    n_blocks : int
        Part of what is computed: keep it the same for every number of threads.
    """

    def __init__(
        self,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        noise: NDArray[np.float32],
        table: Table,
        room: int,
        n_blocks: int = ROUND,
    ) -> None:
        matrices = inputs, outputs, noise
        self.blocks = [Copies(matrices, table, room) for _ in range(n_blocks)]
        n_matrices = max(_roles(matrices)) + 1
        self._sums = np.zeros((n_matrices, 2, len(inputs)), dtype=np.float64)

    def add(self, n_blocks: int, strength: float, part: int, parts: int) -> None:
        """Add the changes of the first ``n_blocks`` to the rows of words w, w mod parts = part.

        Parts may be added at the same time. ``strength`` is s above: :data:`STRENGTH` times the
        learning rate of the round.
        """
        for number, sums in enumerate(self._sums):
            each = [block.rows()[number] for block in self.blocks[:n_blocks]]
            for _, _, words, counts in each:
                tally(words, counts, strength, sums, part, parts)
            for matrix, changes, words, _ in each:
                add(matrix, words, changes, sums, strength, part, parts)
            for _, _, words, _ in each:
                sums[:, words[words % parts == part]] = 0.0


def _roles(matrices: Matrices) -> tuple[int, int, int]:
    """Which of the different matrices serves as inputs, outputs and noise."""
    inputs, outputs, noise = matrices
    of_outputs = 0 if outputs is inputs else 1
    if noise is inputs:
        return 0, of_outputs, 0
    return 0, of_outputs, of_outputs if noise is outputs else of_outputs + 1


def _rows(n: int, dim: int) -> NDArray[np.float32]:
    """Zeros of shape (n, dim rounded up), rows beginning at multiples of 64 bytes."""
    width = -(-dim // _ALIGNED) * _ALIGNED
    raw = np.zeros(n * width + _ALIGNED, dtype=np.float32)
    start = -(raw.ctypes.data // 4) % _ALIGNED
    return raw[start : start + n * width].reshape(n, width)


@njit(nogil=True, cache=True)
def relabel(
    ids: NDArray[np.int32],
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    threshold: NDArray[np.uint64],
    key: int,
    number: int,
    place: NDArray[np.int32],
    local: NDArray[np.int32],
    pool: NDArray[np.int32],
    words: NDArray[np.int32],
    counts: NDArray[np.float32],
) -> tuple[int, int]:
    """Number the distinct words of a block as they come: its tokens, then its negatives.

    Parameters
    ----------
    ids : int32 array of shape (n,)
        The tokens.
    first, second, threshold
        Of :func:`~.negatives.alias_table`.
    key, number : int
        The pool is drawn from a stream of both.
    place : int32 array of shape (V,)
        -1 everywhere, and again so afterwards.
    local : int32 array of shape (n,), written
        The tokens' new numbers.
    pool : int32 array of shape (m,), written
        The new numbers of m negatives.
    words : int32 array, written
        The word of each new number.
    counts : float32 array of shape (2, at least the length of words), written
        How often each is a token, and how often in the pool.

    Returns
    -------
    n_tokens, n_words : int
        Distinct words among the tokens, and with the pool.
    """
    n = 0
    for i in range(len(ids)):
        word = ids[i]
        if place[word] < 0:
            place[word] = n
            words[n] = word
            counts[:, n] = 0.0
            n += 1
        local[i] = place[word]
        counts[0, place[word]] += 1.0
    n_tokens = n
    state = stream(mix(np.uint64(key) ^ _POOL), number)
    for i in range(len(pool)):
        state = step(state)
        word = draw(mix(state), first, second, threshold)
        if place[word] < 0:
            place[word] = n
            words[n] = word
            counts[:, n] = 0.0
            n += 1
        pool[i] = place[word]
        counts[1, place[word]] += 1.0
    for i in range(n):
        place[words[i]] = -1
    return n_tokens, n


@njit(nogil=True, cache=True)
def gather(
    matrix: NDArray[np.float32], words: NDArray[np.int32], copies: NDArray[np.float32]
) -> None:
    """Copy the rows of ``words`` to the first rows and columns of ``copies``."""
    for k in range(len(words)):
        _fetch(matrix, words, k + _AHEAD)
        source, target = matrix[words[k]], copies[k]
        for d in range(matrix.shape[1]):
            target[d] = source[d]


@njit(nogil=True, cache=True)
def difference(
    matrix: NDArray[np.float32], words: NDArray[np.int32], copies: NDArray[np.float32]
) -> None:
    """Subtract from ``copies`` the rows they were copied from."""
    for k in range(len(words)):
        _fetch(matrix, words, k + _AHEAD)
        source, target = matrix[words[k]], copies[k]
        for d in range(matrix.shape[1]):
            target[d] -= source[d]


@njit(nogil=True, cache=True)
def tally(
    words: NDArray[np.int32],
    counts: NDArray[np.float32],
    strength: float,
    sums: NDArray[np.float64],
    part: int,
    parts: int,
) -> None:
    """Add up c and 1 - exp(-strength c) of the words of a part, in rows 0 and 1 of ``sums``."""
    for k in range(len(words)):
        word = words[k]
        if word % parts == part:
            sums[0, word] += counts[k]
            sums[1, word] -= np.expm1(-strength * counts[k])


@njit(nogil=True, cache=True)
def add(
    matrix: NDArray[np.float32],
    words: NDArray[np.int32],
    changes: NDArray[np.float32],
    sums: NDArray[np.float64],
    strength: float,
    part: int,
    parts: int,
) -> None:
    """Add ``changes``, scaled by the ``sums`` of :func:`tally`, to the rows of a part's words."""
    for k in range(len(words)):
        word = words[k]
        if word % parts == part:
            _fetch(matrix, words, k + _AHEAD)
            scale = np.float32(1.0)
            if strength > 0.0 and sums[1, word] > 0.0:
                scale = np.float32(-np.expm1(-strength * sums[0, word]) / sums[1, word])
            source, target = changes[k], matrix[word]
            for d in range(matrix.shape[1]):
                target[d] += scale * source[d]


@njit(nogil=True, cache=True, inline="always")
def _fetch(matrix: NDArray[np.float32], words: NDArray[np.int32], k: int) -> None:
    """Bring the row of word number k to the cache, if there is one."""
    if k < len(words):
        start = row(matrix, words[k])
        for place in range(0, 4 * matrix.shape[1], 64):
            prefetch(start + place)
