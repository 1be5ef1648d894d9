"""The distinct words of a block and its pool, against what plain Python counts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.embeddings.kernels.deterministic.relabelling import Used, relabel
from polytopic.embeddings.kernels.negatives import alias_table

N_WORDS = 30
TABLE = alias_table(np.arange(N_WORDS, 0, -1), 0.75)


def relabelled(
    ids: NDArray[np.int32], n_pool: int, apart: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], Used]:
    """The words that the new numbers of tokens and pool stand for, and the rows used."""
    place = np.full(N_WORDS, -1, np.int32)
    local, pool = np.empty(len(ids), np.int32), np.empty(n_pool, np.int32)
    room = len(ids) + n_pool
    used = Used(np.empty(room, np.int32), np.empty((2, room), np.float32), np.zeros(2, np.int64))
    n = relabel(ids, TABLE, np.uint64(3), 1, place, local, pool, used, 2.0, apart)
    numbered = np.full(N_WORDS, -1)
    numbered[used.words[: used.n_rows[1]]] = np.arange(used.n_rows[1])
    np.testing.assert_array_equal(place, numbered)
    return used.words[local], used.words[pool[:n]], used


@pytest.mark.parametrize("apart", [False, True])
def test_numbers_stand_for_the_words_and_are_counted(apart: bool) -> None:
    ids = np.random.default_rng(0).integers(0, 12, 40).astype(np.int32)
    words, pool, used = relabelled(ids, 50, apart)
    np.testing.assert_array_equal(words, ids)
    assert used.n_rows.tolist() == [len(set(ids)), len(set(ids) | set(pool.tolist()))]
    for k in range(used.n_rows[1]):
        word = used.words[k]
        assert used.counts[:, k].tolist() == [(ids == word).sum(), 2.0 * (pool == word).sum()]
    assert len(pool) == 50


def test_a_pool_apart_holds_no_word_of_the_block_and_follows_the_noise() -> None:
    ids = np.arange(0, N_WORDS, 2, dtype=np.int32)
    _, usual, _ = relabelled(ids, 20_000, apart=False)
    _, pool, _ = relabelled(ids, 20_000, apart=True)
    assert set(usual.tolist()) & set(ids.tolist())
    assert not set(pool.tolist()) & set(ids.tolist())
    weights = np.arange(N_WORDS, 0, -1) ** 0.75
    weights[ids] = 0.0
    share = np.bincount(pool, minlength=N_WORDS) / len(pool)
    error = np.sqrt(weights / weights.sum() / len(pool))
    assert np.abs(share - weights / weights.sum()).max() < 5 * error.max()


def test_a_block_of_all_words_has_no_pool_apart() -> None:
    _, pool, used = relabelled(np.arange(N_WORDS, dtype=np.int32), 20, apart=True)
    assert len(pool) == 0
    assert used.n_rows.tolist() == [N_WORDS, N_WORDS]
