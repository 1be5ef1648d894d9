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
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Matrices, Table
from polytopic.embeddings.kernels.deterministic.grams import NO_GRAMS, Grams, ask_row
from polytopic.embeddings.kernels.deterministic.relabelling import Used, relabel
from polytopic.embeddings.kernels.simd import row
from polytopic.embeddings.kernels.simd_rows import copy, settle
from polytopic.kernels.compiling import compiled

__all__ = [
    "BLOCK", "POOL", "ROUND", "STRENGTH", "Copied", "Copies", "Local", "Round", "add", "gather",
]  # fmt: skip

ROUND = 4  # blocks, whatever the number of threads
BLOCK = 1024  # tokens of the text a block
POOL = 0.5  # negatives in the pool of a block for each of its kept tokens
STRENGTH = 1.0  # s above, for each unit of the learning rate

_ALIGNED = 16  # floats
_AHEAD = 4  # rows
_LINE = 4  # words, 2 to this power, of one part: more than share a cache line of anything


class Local(NamedTuple):
    """What a kernel reads instead of the token ids, the noise table and the matrices.

    ``noise_inputs`` is that of :class:`~..arguments.Sampling`.
    """

    ids: NDArray[np.int32]
    table: Table
    matrices: Matrices
    noise_inputs: NDArray[np.float32]


class Copied(NamedTuple):
    """Arrays of a :class:`Round`: the matrices, and what each of its B blocks copies of them.

    ``matrices``: four, the different ones first; ``roles`` say which serve as inputs, outputs,
    noise, and noise in place of contexts (the same as noise: there is none). ``copies``: for each
    of ``matrices``, the rows of each block, (B, R, E filled up to 16). ``places`` (B, V): the
    number in a block of each word, or -1. ``ids``, ``pools`` (B, N) and ``used``: as for
    :func:`relabel`. ``always``: the thresholds of an alias table that never looks further.
    ``frozen``: the input rows that stay, or none at all (0,). ``grams``: the rows of inputs that
    each word is the mean of, if any; ``origins`` (B, R, E): room for such means; ``row_places``: -1
    for each number of such a row.
    """

    table: Table
    matrices: tuple[NDArray[np.float32], ...]
    roles: tuple[int, int, int, int]
    copies: tuple[NDArray[np.float32], ...]
    places: NDArray[np.int32]
    ids: NDArray[np.int32]
    pools: NDArray[np.int32]
    always: NDArray[np.uint64]
    used: Used
    frozen: NDArray[np.bool_]
    grams: Grams
    origins: NDArray[np.float32]
    row_places: NDArray[np.int32]


class Copies:
    """One block of a :class:`Round`, and the rows that it touches, copied out.

    Use: ``local = copies.take(...)``, a kernel on ``local``; then :meth:`Round.add` once all blocks
    of the round are trained.
    """

    def __init__(self, copied: Copied, block: int, apart: bool) -> None:
        self._copied, self._block, self._apart = copied, block, apart
        self.used = Used(*(array[block] for array in copied.used))

    def take(
        self, ids: NDArray[np.int32], n_pool: int, n_draws: int, key: np.uint64, number: int
    ) -> Local:
        """Copy the rows of the block ``number`` of kept tokens ``ids`` and of ``n_pool`` negatives.

        ``n_draws`` is how many draws its centres will make from the pool.
        """
        copied, block = self._copied, self._block
        n_pool = max(1, min(n_pool, copied.pools.shape[1]))
        local, pool = copied.ids[block, : len(ids)], copied.pools[block, :n_pool]
        place, draws = copied.places[block], n_draws / n_pool
        n_pool = relabel(
            ids, copied.table, key, number, place, local, pool, self.used, draws, self._apart
        )  # fmt: skip
        for number in range(max(copied.roles) + 1):
            n = self.used.n_rows[1 if number >= copied.roles[2] else 0]
            gather(copied.matrices[number], self.used.words, n, copied.copies[number][block])
        inputs, outputs, noise, others = (copied.copies[role][block] for role in copied.roles)
        table = Table(pool[:n_pool], pool[:n_pool], copied.always[:n_pool])
        others = others if copied.roles[3] != copied.roles[2] else others[:0]
        return Local(local, table, Matrices(inputs, outputs, noise), others)


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
        roles, own = _roles(matrices, noise_inputs)
        n_words, dim = len(matrices.outputs), matrices.inputs.shape[1]
        most = min(2 * room, n_words)
        full = [*range(len(own))] + [0] * (4 - len(own))
        copies = [_rows(n_blocks, most, dim) for _ in own]
        self.arrays = Copied(
            table,
            tuple(own[number] for number in full),
            roles,
            tuple(copies[number] for number in full),
            np.full((n_blocks, n_words), -1, dtype=np.int32),
            np.empty((n_blocks, room), dtype=np.int32),
            np.empty((n_blocks, room), dtype=np.int32),
            np.full(room, 1 << 32, dtype=np.uint64),
            Used(
                np.empty((n_blocks, most), dtype=np.int32),
                np.empty((n_blocks, 2, most), dtype=np.float32),
                np.zeros((n_blocks, 2), dtype=np.int64),
            ),
            np.zeros(0, dtype=np.bool_) if frozen is None else frozen,
            grams,
            np.empty((n_blocks, most if len(grams.starts) else 0, dim), dtype=np.float32),
            np.full(grams.n_rows(), -1, dtype=np.int32),
        )
        """What :func:`~.passes.train_rounds` works in."""
        self.apart = apart
        self.blocks = [Copies(self.arrays, block, apart) for block in range(n_blocks)]

    def add(self, n_blocks: int, strength: float, part: int, parts: int) -> None:
        """Add the changes of ``n_blocks`` blocks to a part of the rows, of at most four.

        Parts may be added at the same time. ``strength`` is s above: :data:`STRENGTH` times the
        learning rate of the round.
        """
        add(self.arrays, n_blocks, strength, part, parts)


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


def _rows(n_blocks: int, n: int, dim: int) -> NDArray[np.float32]:
    """Zeros of shape (blocks, n, dim rounded up), rows beginning at multiples of 64 bytes."""
    width = -(-dim // _ALIGNED) * _ALIGNED
    raw = np.zeros(n_blocks * n * width + _ALIGNED, dtype=np.float32)
    start = -(raw.ctypes.data // 4) % _ALIGNED
    return raw[start : start + n_blocks * n * width].reshape(n_blocks, n, width)


@compiled()
def gather(
    matrix: NDArray[np.float32], words: NDArray[np.int32], n: int, copies: NDArray[np.float32]
) -> None:
    """Copy the rows of the first ``n`` words to the first rows and columns of ``copies``."""
    for k in range(n):
        if k + _AHEAD < n:
            ask_row(matrix, words[k + _AHEAD])
        copy(row(matrix, words[k]), row(copies, k), matrix.shape[1])


@compiled()
def add(copied: Copied, n_blocks: int, strength: float, part: int, parts: int) -> None:
    """Add what ``n_blocks`` blocks changed to a part of the rows, scaled.

    A row that one block alone uses is of the part that the block is of, so that the thread that
    trained a copy settles it; others are of parts by words, w div 16 mod 4 mod parts.
    """
    roles, places, frozen = copied.roles, copied.places, copied.frozen
    words, counts, n_rows = copied.used
    first = 1 if len(copied.grams.starts) > 0 else 0
    n_different = max(max(roles[0], roles[1]), max(roles[2], roles[3])) + 1
    blocks, slots = np.empty(n_blocks, np.int64), np.empty(n_blocks, np.int64)
    xs, uses = np.empty(n_blocks, np.int64), np.empty(n_blocks, np.float32)
    for b in range(n_blocks):
        for k in range(n_rows[b, 1]):
            if k + _AHEAD < n_rows[b, 1]:
                for m in range(first, n_different):
                    ask_row(copied.matrices[m], words[b, k + _AHEAD])
            word, n_uses = words[b, k], 0
            for other in range(n_blocks):
                blocks[n_uses], slots[n_uses] = other, places[other, word]
                n_uses += places[other, word] >= 0
            own = b if n_uses == 1 else (word >> _LINE) & 3
            if blocks[0] != b or own % parts != part:
                continue
            for m in range(first, n_different):
                if m == 0 and len(frozen) > 0 and frozen[word]:
                    continue
                noise, copies = m >= roles[2], copied.copies[m]
                as_token = np.float32(m == roles[0] or m == roles[1])
                as_noise, n = np.float32(noise), 0
                for i in range(n_uses):
                    block, slot = blocks[i], slots[i]
                    if noise or slot < n_rows[block, 0]:
                        uses[n] = as_token * counts[block, 0, slot]
                        uses[n] += as_noise * counts[block, 1, slot]
                        xs[n] = row(copies[block], slot)
                        n += 1
                if n > 0:
                    matrix = copied.matrices[m]
                    scale = _scale(uses[:n], strength)
                    settle(row(matrix, word), xs, n, matrix.shape[1], scale)


@compiled(inline="always")
def _scale(uses: NDArray[np.float32], strength: float) -> np.float32:
    """What the changes of a row are multiplied by, used so often by each block."""
    if len(uses) == 1 or strength == 0.0:
        return np.float32(1.0)
    together, single = 0.0, 0.0
    for use in uses:
        together += use
        single -= np.expm1(-strength * use)
    return np.float32(-np.expm1(-strength * together) / single if single > 0.0 else 1.0)
