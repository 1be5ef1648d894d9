"""Rounds in compiled code do what their parts do one after another."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import (
    Bag,
    Chosen,
    Found,
    Matrices,
    Noise,
    Piece,
    Sampling,
    Windows,
)
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.deterministic.passes import (
    Blocks,
    Prediction,
    Worker,
    train_rounds,
)
from polytopic.embeddings.kernels.deterministic.rounds import Round
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.skipgram import skipgram_negative
from polytopic.embeddings.kernels.subsampling import keep_thresholds, select

N_WORDS, DIM, BLOCK, N_BLOCKS, N_ROUND = 50, 20, 64, 11, 4
WINDOW, NEGATIVE, SHARE, STRENGTH = 3, 5, 0.5, 1.0
MARGIN = 16 * WINDOW
KEYS = np.array([11, 12], dtype=np.uint64)
RATES = np.linspace(0.05, 0.01, N_BLOCKS)
TABLE = alias_table(np.arange(N_WORDS, 0, -1), 0.75)
N_TOKENS = N_BLOCKS * BLOCK - 17

WINDOWS = Windows(WINDOW, shrink=True, left=True, right=True)
BAG = Bag(average=True, divide=False)


def text() -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint64]]:
    rng = np.random.default_rng(0)
    tokens = rng.integers(-1, N_WORDS, N_TOKENS).astype(np.int32)
    bounds = np.unique(np.concatenate([[0, N_TOKENS], rng.integers(0, N_TOKENS, 40)]))
    keep = keep_thresholds(np.arange(N_WORDS, 0, -1), 0.005)
    return tokens, bounds.astype(np.int64), keep


WAYS = {
    "usual": (False, True, False),
    "outside": (True, True, False),
    "still": (False, False, False),
    "apart": (False, True, True),
}
"""Whether noise words are outside of the window, outputs learn, negatives are apart from blocks."""


def others(kind: str) -> NDArray[np.float32] | None:
    """Rows of noise words in place of contexts."""
    rng = np.random.default_rng(2)
    return rng.normal(0, 0.3, (N_WORDS, DIM)).astype(np.float32) if kind == "four" else None


def matrices(kind: str) -> Matrices:
    rng = np.random.default_rng(1)
    own = [rng.normal(0, 0.3, (N_WORDS, DIM)).astype(np.float32) for _ in range(3)]
    roles = {"tied": (0, 0, 0), "two": (0, 1, 1), "three": (0, 1, 2), "four": (0, 1, 2)}[kind]
    return Matrices(own[roles[0]], own[roles[1]], own[roles[2]])


def in_parts(kind: str, cbow: bool, way: str) -> tuple[list[Any], NDArray[np.float64]]:
    """Select, take, train, close; add: block after block."""
    tokens, bounds, keep = text()
    trained, fourth = matrices(kind), others(kind)
    outside, learns, apart = WAYS[way]
    room = BLOCK + 2 * WINDOW
    rounds = Round(trained, TABLE, room, N_ROUND, noise_inputs=fourth, apart=apart)
    totals = np.zeros((N_BLOCKS, 2))
    ids, where = np.empty(N_TOKENS, np.int32), np.empty(N_TOKENS, np.int64)
    sentences = np.empty(len(bounds), np.int64)
    for begun in range(0, N_BLOCKS, N_ROUND):
        n_here = min(N_ROUND, N_BLOCKS - begun)
        for slot in range(n_here):
            b = begun + slot
            start, stop = b * BLOCK, min((b + 1) * BLOCK, N_TOKENS)
            left, right = max(start - MARGIN, 0), min(stop + MARGIN, N_TOKENS)
            inside = np.unique(np.clip(bounds, left, right)) - left
            kept, n_sentences, low, high = select(
                tokens[left:right], inside, start - left, stop - left, left, keep, KEYS[0],
                ids, where, sentences,
            )  # fmt: skip
            begin, end = max(low - WINDOW, 0), min(high + WINDOW, kept)
            cut = np.clip(sentences[: n_sentences + 1] - begin, 0, end - begin)
            n_pool = max(1, int((end - begin) * SHARE))
            copies = rounds.blocks[slot]
            local = copies.take(ids[begin:end].copy(), n_pool, NEGATIVE * (high - low), KEYS[1], b)
            sampling = Sampling(outside, learns, local.noise_inputs)
            negative = NEGATIVE if len(local.table.first) else 0
            options: tuple[Any, ...] = (BAG,) if cbow else ()
            kernel: Any = cbow_negative if cbow else skipgram_negative
            kernel(
                Chosen(
                    local.ids, where[begin:end].copy(), cut, n_sentences, low - begin, high - begin
                ),
                KEYS[1], WINDOWS, Noise(negative, local.table), local.matrices,
                np.float32(RATES[b]), totals[b], *options, sampling,
            )  # fmt: skip
        rounds.add(n_here, STRENGTH * RATES[begun], 0, 1)
    return [*trained, fourth], totals


def compiled(
    kind: str, cbow: bool, way: str, n_threads: int
) -> tuple[list[Any], NDArray[np.float64]]:
    tokens, bounds, keep = text()
    trained, fourth = matrices(kind), others(kind)
    apart = WAYS[way][2]
    room = BLOCK + 2 * WINDOW
    rounds = Round(trained, TABLE, room, N_ROUND, noise_inputs=fourth, apart=apart)
    counter, totals = np.zeros(1, np.int64), np.zeros((N_BLOCKS, 2))

    def go(thread: int) -> None:
        room = BLOCK + 2 * MARGIN
        train_rounds(
            Worker(thread, n_threads, counter),
            Blocks(N_BLOCKS, N_ROUND, BLOCK, 0, 0, N_TOKENS, MARGIN, keep, KEYS),
            Piece(tokens, bounds, 0), Found.of(room, room + 2),
            Prediction(WINDOWS, cbow, BAG, NEGATIVE, SHARE, *WAYS[way]), rounds.arrays, RATES,
            totals,
        )  # fmt: skip

    workers = [threading.Thread(target=go, args=(thread,)) for thread in range(n_threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [*trained, fourth], totals


@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("tied", "usual"), ("two", "usual"), ("three", "usual"), ("four", "usual"),
        ("four", "outside"), ("two", "outside"), ("tied", "still"), ("two", "apart"),
        ("four", "apart"),
    ],
)  # fmt: skip
def test_compiled_rounds_give_the_bits_of_their_parts(kind: str, way: str, cbow: bool) -> None:
    expected, expected_totals = in_parts(kind, cbow, way)
    for n_threads in (1, 2, 3, 4):
        got, totals = compiled(kind, cbow, way, n_threads)
        for a, b in zip(got, expected, strict=True):
            if b is not None:
                np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(totals, expected_totals)
    assert expected_totals[:, 1].min() > 0
    assert not np.array_equal(expected[0], matrices(kind)[0])
