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

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.negatives import Table, draw
from polytopic.embeddings.kernels.simd import prefetch, row
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["BLOCK", "POOL", "ROUND", "STRENGTH", "Copies", "Local", "Round"]

ROUND = 4  # blocks, whatever the number of threads
BLOCK = 1024  # tokens of the text a block
POOL = 0.5  # negatives in the pool of a block for each of its kept tokens
STRENGTH = 1.0  # s above, for each unit of the learning rate

_POOL = np.uint64(0x6A09E667F3BCC909)
_ALIGNED = 16  # floats
_AHEAD = 4  # rows


Matrices = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


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
        rows = min(2 * room, len(matrices[0]))
        self._copies = [_rows(rows, matrix.shape[1]) for matrix in matrices[: max(self._roles) + 1]]
        own = [matrices[self._roles.index(number)] for number in range(len(self._copies))]
        noise = self._roles[2]
        n_others = [2 if number == noise else 1 for number in range(len(own))]
        self._pairs = tuple(zip(own, self._copies, n_others, strict=True))
        self.n_rows = np.zeros(2, dtype=np.int64)

    def take(
        self, ids: NDArray[np.int32], n_pool: int, n_draws: int, key: np.uint64, number: int
    ) -> Local:
        """Copy the rows of the block ``number`` of kept tokens ``ids`` and of ``n_pool`` negatives.

        ``n_draws`` is how many draws its centres will make from the pool.
        """
        n_pool = max(1, min(n_pool, len(self._pool)))
        local, pool = self._ids[: len(ids)], self._pool[:n_pool]
        relabel(
            ids, *self._table, key, number, self._place, local, pool, self._words, self._counts,
            n_draws / n_pool, self.n_rows,
        )  # fmt: skip
        for matrix, copies, kind in self._pairs:
            gather(matrix, self._words, self.n_rows[kind - 1], copies)
        inputs, outputs, noise = (self._copies[role] for role in self._roles)
        return Local(local, pool, pool, self._always[:n_pool], inputs, outputs, noise)

    def close(self) -> None:
        """Turn the copies into what they changed by; the matrices are still as they were."""
        for matrix, copies, kind in self._pairs:
            difference(matrix, self._words, self.n_rows[kind - 1], copies)

    def changes(self, number: int) -> NDArray[np.float32]:
        """Of the different matrix with this number, what :meth:`close` made of the copies."""
        return self._copies[number]


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
        roles = _roles(matrices)
        self._table, self._roles = table, roles
        self.blocks = [Copies(matrices, table, room) for _ in range(n_blocks)]
        self._words = tuple(block._words for block in self.blocks)
        self._counts = tuple(block._counts for block in self.blocks)
        self._n_rows = tuple(block.n_rows for block in self.blocks)
        self._parts: list[tuple[Any, ...]] = []
        sums = np.zeros((3, len(inputs)), dtype=np.float64)
        for number in range(max(roles) + 1):
            changes = tuple(block.changes(number) for block in self.blocks)
            as_token, as_noise = number in roles[:2], number == roles[2]
            own = matrices[roles.index(number)]
            self._parts.append((own, changes, as_token, as_noise, sums))

    def arguments(self) -> tuple[Any, ...]:
        """What :func:`~.passes.train_rounds` takes from ``table`` to ``sums``."""
        blocks = self.blocks
        full = [*range(len(self._parts))] + [0] * (3 - len(self._parts))
        return (
            self._table,
            tuple(self._parts[k][0] for k in full),
            self._roles,
            tuple(self._parts[k][1] for k in full),
            tuple(block._place for block in blocks),
            tuple(block._ids for block in blocks),
            tuple(block._pool for block in blocks),
            blocks[0]._always,
            self._words,
            self._counts,
            self._n_rows,
            self._parts[0][4],
        )

    def add(self, n_blocks: int, strength: float, part: int, parts: int) -> None:
        """Add the changes of ``n_blocks`` blocks to a part of the rows: w mod 4 mod parts = part.

        Parts may be added at the same time; those from the fifth on have nothing to add.
        ``strength`` is s above: :data:`STRENGTH` times the learning rate of the round.
        """
        for matrix, changes, as_token, as_noise, sums in self._parts:
            add(
                matrix, changes, self._words, self._counts, self._n_rows, n_blocks, as_token,
                as_noise, sums, strength, part, parts,
            )  # fmt: skip


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


@compiled()
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
    draws: float,
    n_rows: NDArray[np.int64],
) -> None:
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
        How often each is a token, and how often it will be drawn from the pool.
    draws : float
        Draws from the pool for each of its places.
    n_rows : int64 array of shape (2,), written
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
        counts[1, place[word]] += np.float32(draws)
    for i in range(n):
        place[words[i]] = -1
    n_rows[0], n_rows[1] = n_tokens, n


@compiled()
def gather(
    matrix: NDArray[np.float32], words: NDArray[np.int32], n: int, copies: NDArray[np.float32]
) -> None:
    """Copy the rows of the first ``n`` words to the first rows and columns of ``copies``."""
    for k in range(n):
        _fetch(matrix, words, k + _AHEAD, n)
        source, target = matrix[words[k]], copies[k]
        for d in range(matrix.shape[1]):
            target[d] = source[d]


@compiled()
def difference(
    matrix: NDArray[np.float32], words: NDArray[np.int32], n: int, copies: NDArray[np.float32]
) -> None:
    """Subtract from the first ``n`` rows of ``copies`` the rows they were copied from."""
    for k in range(n):
        _fetch(matrix, words, k + _AHEAD, n)
        source, target = matrix[words[k]], copies[k]
        for d in range(matrix.shape[1]):
            target[d] -= source[d]


@compiled()
def add(
    matrix: NDArray[np.float32],
    changes: tuple[NDArray[np.float32], ...],
    words: tuple[NDArray[np.int32], ...],
    counts: tuple[NDArray[np.float32], ...],
    n_rows: tuple[NDArray[np.int64], ...],
    n_blocks: int,
    as_token: bool,
    as_noise: bool,
    sums: NDArray[np.float64],
    strength: float,
    part: int,
    parts: int,
) -> None:
    """Add the scaled changes of ``n_blocks`` blocks to the rows w with w mod 4 mod parts = part.

    ``sums`` is zero before and afterwards; in between its rows hold C, the number of blocks that
    use a word, and, of words that several blocks use, the sum of 1 - exp(-strength c).
    ``as_token`` and ``as_noise`` say which uses c counts.
    """
    tokens, noise = np.float32(as_token), np.float32(as_noise)
    last = 1 if as_noise else 0
    mine = np.array([quarter % parts == part for quarter in range(4)])
    for b in range(n_blocks):
        for k in range(n_rows[b][last]):
            word = words[b][k]
            if mine[word & 3]:
                sums[0, word] += tokens * counts[b][0, k] + noise * counts[b][1, k]
                sums[1, word] += 1.0
    for b in range(n_blocks):
        for k in range(n_rows[b][last]):
            word = words[b][k]
            if mine[word & 3] and sums[1, word] > 1.0:
                uses = tokens * counts[b][0, k] + noise * counts[b][1, k]
                sums[2, word] -= np.expm1(-strength * uses)
    for b in range(n_blocks):
        n = n_rows[b][last]
        for k in range(n):
            word = words[b][k]
            if mine[word & 3]:
                _fetch(matrix, words[b], k + _AHEAD, n)
                scale = np.float32(1.0)
                if strength > 0.0 and sums[2, word] > 0.0:
                    scale = np.float32(-np.expm1(-strength * sums[0, word]) / sums[2, word])
                source, target = changes[b][k], matrix[word]
                for d in range(matrix.shape[1]):
                    target[d] += scale * source[d]
    for b in range(n_blocks):
        for k in range(n_rows[b][last]):
            if mine[words[b][k] & 3]:
                for r in range(3):
                    sums[r, words[b][k]] = 0.0


@compiled(inline="always")
def _fetch(matrix: NDArray[np.float32], words: NDArray[np.int32], k: int, n: int) -> None:
    """Bring the row of word number k of n to the cache, if there is one."""
    if k < n:
        start = row(matrix, words[k])
        for place in range(0, 4 * matrix.shape[1], 64):
            prefetch(start + place)
