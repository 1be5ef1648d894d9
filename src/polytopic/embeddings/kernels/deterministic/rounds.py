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

from polytopic.embeddings.kernels.arguments import Matrices, Table
from polytopic.embeddings.kernels.deterministic.grams import NO_GRAMS, Grams
from polytopic.embeddings.kernels.deterministic.relabelling import Used, relabel
from polytopic.embeddings.kernels.simd import prefetch, row
from polytopic.kernels.compiling import compiled

__all__ = ["BLOCK", "POOL", "ROUND", "STRENGTH", "Copied", "Copies", "Local", "Round"]

ROUND = 4  # blocks, whatever the number of threads
BLOCK = 1024  # tokens of the text a block
POOL = 0.5  # negatives in the pool of a block for each of its kept tokens
STRENGTH = 1.0  # s above, for each unit of the learning rate

_NOTHING_FROZEN = np.zeros(0, dtype=np.bool_)
_ALIGNED = 16  # floats
_AHEAD = 4  # rows


class Local(NamedTuple):
    """What a kernel reads instead of the token ids, the noise table and the matrices.

    ``noise_inputs`` is that of :class:`~..arguments.Sampling`.
    """

    ids: NDArray[np.int32]
    table: Table
    matrices: Matrices
    noise_inputs: NDArray[np.float32]


class Copied(NamedTuple):
    """Arrays of a :class:`Round`: the matrices, and for each of its blocks what it copies of them.

    ``matrices``: four, the different ones first; ``roles`` say which serve as inputs, outputs,
    noise, and noise in place of contexts (the same as noise: there is none). ``copies``: for each
    of ``matrices``, the rows of each block. ``places``: one (V,) a thread, -1. ``ids``, ``pools``,
    ``used``: one a block, as for :func:`relabel`. ``always``: the thresholds of an alias table that
    never looks further. ``sums``: as for :func:`add`. ``frozen``: for each of ``matrices``, as for
    :func:`difference`. ``grams``: the rows of inputs that each word is the mean of, if any;
    ``origins``: for each block, room for such means.
    """

    table: Table
    matrices: tuple[NDArray[np.float32], ...]
    roles: tuple[int, int, int, int]
    copies: tuple[tuple[NDArray[np.float32], ...], ...]
    places: tuple[NDArray[np.int32], ...]
    ids: tuple[NDArray[np.int32], ...]
    pools: tuple[NDArray[np.int32], ...]
    always: NDArray[np.uint64]
    used: tuple[Used, ...]
    sums: NDArray[np.float64]
    frozen: tuple[NDArray[np.bool_], ...]
    grams: Grams
    origins: tuple[NDArray[np.float32], ...]


class Copies:
    """The rows that one block touches, copied out, and what training did to them.

    Use: ``local = copies.take(...)``, a kernel on ``local``, ``copies.close()``; then
    :meth:`Round.add` once all blocks of the round are closed. ``room`` is the most tokens a block
    (with its neighbours) can have; the rest is as in :class:`Round`.
    """

    def __init__(
        self,
        matrices: Matrices,
        table: Table,
        room: int,
        noise_inputs: NDArray[np.float32] | None = None,
        apart: bool = False,
    ) -> None:
        self._table, self._apart = table, apart
        self._place = np.full(len(matrices[0]), -1, dtype=np.int32)
        self._ids, self._pool = np.empty((2, room), dtype=np.int32)
        self.used = Used(
            np.empty(2 * room, dtype=np.int32),
            np.empty((2, 2 * room), dtype=np.float32),
            np.zeros(2, dtype=np.int64),
        )
        self._always = np.full(room, 1 << 32, dtype=np.uint64)
        self._roles, own = _roles(matrices, noise_inputs)
        rows = min(2 * room, len(matrices[0]))
        self._copies = [_rows(rows, matrix.shape[1]) for matrix in own]
        n_others = [2 if number >= self._roles[2] else 1 for number in range(len(own))]
        self._pairs = tuple(zip(own, self._copies, n_others, strict=True))

    def take(
        self, ids: NDArray[np.int32], n_pool: int, n_draws: int, key: np.uint64, number: int
    ) -> Local:
        """Copy the rows of the block ``number`` of kept tokens ``ids`` and of ``n_pool`` negatives.

        ``n_draws`` is how many draws its centres will make from the pool.
        """
        n_pool = max(1, min(n_pool, len(self._pool)))
        local, pool = self._ids[: len(ids)], self._pool[:n_pool]
        n_pool = relabel(
            ids, self._table, key, number, self._place, local, pool, self.used, n_draws / n_pool,
            self._apart,
        )  # fmt: skip
        pool = pool[:n_pool]
        for matrix, copies, kind in self._pairs:
            gather(matrix, self.used.words, self.used.n_rows[kind - 1], copies)
        inputs, outputs, noise, others = (self._copies[role] for role in self._roles)
        table = Table(pool, pool, self._always[:n_pool])
        others = others if self._roles[3] != self._roles[2] else others[:0]
        return Local(local, table, Matrices(inputs, outputs, noise), others)

    def close(self) -> None:
        """Turn the copies into what they changed by; the matrices are still as they were."""
        for matrix, copies, kind in self._pairs:
            difference(matrix, self.used.words, self.used.n_rows[kind - 1], copies, _NOTHING_FROZEN)

    def changes(self, number: int) -> NDArray[np.float32]:
        """Of the different matrix with this number, what :meth:`close` made of the copies."""
        return self._copies[number]


class Round:
    """Blocks that are trained from the same matrices.

    Parameters
    ----------
    matrices : Matrices
        What is trained.
    table : Table
    room : int
        The most tokens a block (with its neighbours) can have.
    n_blocks : int
        Part of what is computed: keep it the same for every number of threads.
    frozen : bool array of shape (V,), optional
        Input rows that stay: what a block did to its copy of one is dropped.
    grams : Grams
        Of models whose words are means of several input rows.
    noise_inputs : float32 array of shape (V, E), optional
        Rows of noise words in place of contexts, trained too.
    apart : bool
        Draw a block's negatives from the words that do not stand in it.
    """

    def __init__(
        self,
        matrices: Matrices,
        table: Table,
        room: int,
        n_blocks: int = ROUND,
        frozen: NDArray[np.bool_] | None = None,
        grams: Grams = NO_GRAMS,
        noise_inputs: NDArray[np.float32] | None = None,
        apart: bool = False,
    ) -> None:
        self._frozen = _NOTHING_FROZEN if frozen is None else frozen
        self._grams, n_origins = grams, len(matrices.inputs) if len(grams.starts) else 1
        roles, different = _roles(matrices, noise_inputs)
        self._table, self._roles, self.apart = table, roles, apart
        self.blocks = [Copies(matrices, table, room, noise_inputs, apart) for _ in range(n_blocks)]
        self._used = tuple(block.used for block in self.blocks)
        self._parts: list[tuple[Any, ...]] = []
        sums = np.zeros((4 if len(grams.starts) else 3, len(matrices.inputs)), dtype=np.float64)
        shape = min(2 * room, n_origins), matrices.inputs.shape[1]
        self._origins = tuple(np.empty(shape, dtype=np.float32) for _ in range(n_blocks))
        for number, own in enumerate(different):
            changes = tuple(block.changes(number) for block in self.blocks)
            as_token, as_noise = number in roles[:2], number >= roles[2]
            self._parts.append((own, changes, as_token, as_noise, sums))

    def arrays(self) -> Copied:
        """What :func:`~.passes.train_rounds` works in."""
        blocks = self.blocks
        full = [*range(len(self._parts))] + [0] * (4 - len(self._parts))
        return Copied(
            self._table,
            tuple(self._parts[k][0] for k in full),
            self._roles,
            tuple(self._parts[k][1] for k in full),
            tuple(block._place for block in blocks),
            tuple(block._ids for block in blocks),
            tuple(block._pool for block in blocks),
            blocks[0]._always,
            self._used,
            self._parts[0][4],
            tuple(self._frozen if k == 0 else _NOTHING_FROZEN for k in full),
            self._grams,
            self._origins,
        )

    def add(self, n_blocks: int, strength: float, part: int, parts: int) -> None:
        """Add the changes of ``n_blocks`` blocks to a part of the rows: w mod 4 mod parts = part.

        Parts may be added at the same time; those from the fifth on have nothing to add.
        ``strength`` is s above: :data:`STRENGTH` times the learning rate of the round.
        """
        for matrix, changes, as_token, as_noise, sums in self._parts:
            add(
                matrix, changes, self._used, n_blocks, as_token, as_noise, sums, strength, part,
                parts,
            )  # fmt: skip


def _roles(
    matrices: Matrices, noise_inputs: NDArray[np.float32] | None
) -> tuple[tuple[int, int, int, int], list[NDArray[np.float32]]]:
    """Which of the different matrices serves as which of :class:`Copied`, and those matrices."""
    inputs, outputs, noise = matrices
    different = [inputs]
    of_outputs = of_noise = 0
    if outputs is not inputs:
        different.append(outputs)
        of_outputs = 1
    if noise is not inputs:
        if noise is not outputs:
            different.append(noise)
        of_noise = len(different) - 1
    if noise_inputs is not None:
        different.append(noise_inputs)
    of_others = of_noise if noise_inputs is None else len(different) - 1
    return (0, of_outputs, of_noise, of_others), different


def _rows(n: int, dim: int) -> NDArray[np.float32]:
    """Zeros of shape (n, dim rounded up), rows beginning at multiples of 64 bytes."""
    width = -(-dim // _ALIGNED) * _ALIGNED
    raw = np.zeros(n * width + _ALIGNED, dtype=np.float32)
    start = -(raw.ctypes.data // 4) % _ALIGNED
    return raw[start : start + n * width].reshape(n, width)


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
    matrix: NDArray[np.float32],
    words: NDArray[np.int32],
    n: int,
    copies: NDArray[np.float32],
    frozen: NDArray[np.bool_],
) -> None:
    """Subtract from the first ``n`` rows of ``copies`` the rows they were copied from.

    Rows of words that are ``frozen``, shape (V,) or none at all (0,), have not changed.
    """
    for k in range(n):
        if len(frozen) > 0 and frozen[words[k]]:
            copies[k] = 0.0
            continue
        _fetch(matrix, words, k + _AHEAD, n)
        source, target = matrix[words[k]], copies[k]
        for d in range(matrix.shape[1]):
            target[d] -= source[d]


@compiled()
def add(
    matrix: NDArray[np.float32],
    changes: tuple[NDArray[np.float32], ...],
    used: tuple[Used, ...],
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
        words, counts, n_rows = used[b]
        for k in range(n_rows[last]):
            word = words[k]
            if mine[word & 3]:
                sums[0, word] += tokens * counts[0, k] + noise * counts[1, k]
                sums[1, word] += 1.0
    for b in range(n_blocks):
        words, counts, n_rows = used[b]
        for k in range(n_rows[last]):
            word = words[k]
            if mine[word & 3] and sums[1, word] > 1.0:
                uses = tokens * counts[0, k] + noise * counts[1, k]
                sums[2, word] -= np.expm1(-strength * uses)
    for b in range(n_blocks):
        words, n = used[b].words, used[b].n_rows[last]
        for k in range(n):
            word = words[k]
            if mine[word & 3]:
                _fetch(matrix, words, k + _AHEAD, n)
                scale = np.float32(1.0)
                if strength > 0.0 and sums[2, word] > 0.0:
                    scale = np.float32(-np.expm1(-strength * sums[0, word]) / sums[2, word])
                source, target = changes[b][k], matrix[word]
                for d in range(matrix.shape[1]):
                    target[d] += scale * source[d]
    for b in range(n_blocks):
        words = used[b].words
        for k in range(used[b].n_rows[last]):
            if mine[words[k] & 3]:
                for r in range(3):
                    sums[r, words[k]] = 0.0


@compiled(inline="always")
def _fetch(matrix: NDArray[np.float32], words: NDArray[np.int32], k: int, n: int) -> None:
    """Bring the row of word number k of n to the cache, if there is one."""
    if k < n:
        start = row(matrix, words[k])
        for place in range(0, 4 * matrix.shape[1], 64):
            prefetch(start + place)
