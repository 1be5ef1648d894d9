"""Blocks in rounds: same bits whoever does what when; against a plain NumPy reference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import (
    Chosen,
    Matrices,
    Noise,
    Sampling,
    Table,
    Windows,
)
from polytopic.embeddings.kernels.deterministic.rounds import Copies, Round
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.skipgram import skipgram_negative

USUAL = Sampling(outside=False, learns=True, noise_inputs=np.zeros((0, 1), np.float32))
N_WORDS, N_BLOCKS, LENGTH, N_POOL, NEGATIVE = 40, 4, 50, 20, 5
STRENGTH, RATE = 0.1, 0.05
KINDS = {"tied": (0, 0, 0), "two": (0, 1, 1), "separate": (0, 1, 2), "halves": (0, 0, 1)}

Own = list[NDArray[np.float32]]


def start(kind: str, dim: int) -> tuple[Own, Matrices]:
    """The different matrices, and the three roles they serve."""
    rng = np.random.default_rng(dim)
    n = max(KINDS[kind]) + 1
    own = [rng.standard_normal((N_WORDS, dim)).astype(np.float32) / np.sqrt(dim) for _ in range(n)]
    own = [matrix.astype(np.float32) for matrix in own]
    return own, Matrices(*(own[k] for k in KINDS[kind]))


def texts() -> list[NDArray[np.int32]]:
    rng = np.random.default_rng(5)
    chance = 1 / np.arange(1, N_WORDS + 1)
    chance /= chance.sum()
    return [rng.choice(N_WORDS, LENGTH, p=chance).astype(np.int32) for _ in range(N_BLOCKS)]


TABLE = alias_table(np.arange(N_WORDS, 0, -1), 0.75)


def kernel(number: int, ids: NDArray[np.int32], table: Table, matrices: Matrices) -> None:
    where = np.arange(LENGTH, dtype=np.int64) + number * LENGTH
    bounds = np.array([0, 20, LENGTH])
    skipgram_negative(
        Chosen(ids, where, bounds, 2, 0, LENGTH), np.uint64(3), Windows(3, True, True, True),
        Noise(NEGATIVE, table), matrices, np.float32(RATE), np.zeros(2), USUAL,
    )  # fmt: skip


def work(copies: Copies, ids: NDArray[np.int32], number: int) -> None:
    local = copies.take(ids, N_POOL, NEGATIVE * LENGTH, np.uint64(3), number)
    kernel(number, local.ids, local.table, local.matrices)


def rounds(kind: str, dim: int, n_threads: int, order: list[int], n: int = 2) -> Own:
    own, roles = start(kind, dim)
    together = Round(roles, TABLE, LENGTH, N_BLOCKS)
    ids = texts()
    with ThreadPoolExecutor(n_threads) as pool:
        for turn in range(n):
            jobs = [
                pool.submit(work, together.blocks[b], ids[b], N_BLOCKS * turn + b) for b in order
            ]
            for job in jobs:
                job.result()
            jobs = [
                pool.submit(together.add, N_BLOCKS, STRENGTH, part, n_threads)
                for part in range(n_threads)
            ]
            for job in jobs:
                job.result()
    return own


def reference(kind: str, dim: int, n: int = 2) -> Own:
    """Whole matrices copied for each block; counts and scales in plain NumPy."""
    own, _ = start(kind, dim)
    roles = KINDS[kind]
    ids = texts()
    for turn in range(n):
        changes, uses = [], []
        for block in range(N_BLOCKS):
            number = N_BLOCKS * turn + block
            _, named = start(kind, dim)
            maker = Round(named, TABLE, LENGTH, 1).blocks[0]
            local = maker.take(ids[block], N_POOL, NEGATIVE * LENGTH, np.uint64(3), number)
            pool = maker.used.words[local.table.first]
            copies = [matrix.copy() for matrix in own]
            always = np.full(N_POOL, 1 << 32, dtype=np.uint64)
            kernel(
                number, ids[block], Table(pool, pool, always), Matrices(*(copies[k] for k in roles))
            )
            changes.append([a - b for a, b in zip(copies, own, strict=True)])
            tokens = np.bincount(ids[block], minlength=N_WORDS).astype(np.float64)
            drawn = np.bincount(pool, minlength=N_WORDS) * (NEGATIVE * LENGTH / N_POOL)
            uses.append(
                [tokens * (k in roles[:2]) + drawn * (k == roles[2]) for k in range(len(own))]
            )
        for k, matrix in enumerate(own):
            alone = sum(-np.expm1(-STRENGTH * use[k]) for use in uses)
            joint = -np.expm1(-STRENGTH * sum(use[k] for use in uses))
            scale = np.where(alone > 0, joint / np.where(alone > 0, alone, 1.0), 1.0)
            total = sum(change[k].astype(np.float64) for change in changes)
            matrix += (scale[:, None] * total).astype(np.float32)
    return own


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("dim", [16, 21])
def test_equals_the_reference(kind: str, dim: int) -> None:
    got, expected = rounds(kind, dim, 1, [0, 1, 2, 3]), reference(kind, dim)
    before, _ = start(kind, dim)
    for a, b, c in zip(got, expected, before, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-6)
        assert np.abs(a - c).max() > 0.05


@pytest.mark.parametrize("kind", list(KINDS))
def test_same_bits_for_any_number_of_threads_and_any_order(kind: str) -> None:
    expected = rounds(kind, 20, 1, [0, 1, 2, 3], n=5)
    for n_threads, order in ((2, [3, 2, 1, 0]), (4, [1, 3, 0, 2]), (3, [0, 1, 2, 3])):
        for a, b in zip(rounds(kind, 20, n_threads, order, n=5), expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_one_block_is_training_on_its_pool() -> None:
    """A round of one block changes the rows as the kernel does."""
    own, roles = start("two", 16)
    whole = [matrix.copy() for matrix in own]
    together = Round(roles, TABLE, LENGTH, 1)
    ids = texts()[0]
    local = together.blocks[0].take(ids, N_POOL, 10, np.uint64(3), 0)
    pool = together.blocks[0].used.words[local.table.first]
    kernel(0, local.ids, local.table, local.matrices)
    together.add(1, 4.0, 0, 1)
    kernel(0, ids, Table(pool, pool, local.table.threshold), Matrices(whole[0], whole[1], whole[1]))
    for a, b in zip(own, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_pool_follows_the_noise_distribution_and_differs_by_block() -> None:
    _, roles = start("two", 1)
    copies = Round(roles, TABLE, 20_000, 1).blocks[0]
    ids = np.zeros(1, dtype=np.int32)
    pools = []
    for number in (1 << 40, (1 << 40) + 1):
        local = copies.take(ids, 20_000, 1, np.uint64(3), number)
        pools.append(copies.used.words[local.table.first].copy())
    assert (pools[0] == pools[1]).mean() < 0.2
    weights = np.arange(N_WORDS, 0, -1) ** 0.75
    share = np.bincount(pools[0], minlength=N_WORDS) / 20_000
    error = np.sqrt(weights / weights.sum() / 20_000)
    assert np.abs(share - weights / weights.sum()).max() < 5 * error.max()


def test_frequent_rows_do_not_run_away() -> None:
    """Many blocks of the same few words: the plain sum of changes overshoots, this does not."""
    dim, n_blocks = 16, 16
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((8, dim)).astype(np.float32)
    outputs = np.zeros_like(inputs)
    table = alias_table(np.ones(8, dtype=np.int64), 0.75)
    sizes = []
    for strength in (0.1, 0.0):
        own = inputs.copy(), outputs.copy()
        together = Round(Matrices(own[0], own[1], own[1]), table, LENGTH, n_blocks)
        for turn in range(20):
            for number, block in enumerate(together.blocks):
                work(block, rng.integers(0, 8, LENGTH).astype(np.int32), n_blocks * turn + number)
            together.add(n_blocks, strength, 0, 1)
        sizes.append(float(np.abs(own[0] @ own[1].T).max()))
    assert sizes[0] < 10 < 100 < sizes[1]
