"""GloVe's kernel against a plain NumPy twin of the paper's AdaGrad, and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings.kernels.glove import (
    Records,
    Trained,
    count_records,
    deal_records,
    shuffle_tiles,
    train_tiles,
)

N_TERMS, STRIPES, DIM, PADDED = 23, 3, 5, 16
RATE, X_MAX, ALPHA = 0.05, 10.0, 0.75


def some_matrix() -> sparse.csr_matrix:
    rng = np.random.default_rng(3)
    counts = rng.random((N_TERMS, N_TERMS)) ** 4 * 40
    counts[rng.random(counts.shape) < 0.5] = 0
    counts[2, 2] = 7.0
    return sparse.csr_matrix(counts.astype(np.float32))


def dealt(matrix: sparse.csr_matrix, key: int = 1) -> tuple[Any, ...]:
    indptr, n_tiles = matrix.indptr.astype(np.int64), STRIPES * STRIPES
    counts = np.zeros(n_tiles, np.int64)
    rows, columns = np.empty(matrix.nnz, np.uint16), np.empty(matrix.nnz, np.uint16)
    logs = np.empty(matrix.nnz, np.float32)
    n_rows = matrix.shape[0]
    blocks = [(0, n_rows // 3), (n_rows // 3, n_rows // 2), (n_rows // 2, n_rows)]
    parts = []
    for a, b in blocks:
        here = slice(indptr[a], indptr[b])
        parts.append((indptr[a : b + 1], matrix.indices[here], matrix.data[here]))
    for (first, _), part in zip(blocks, parts, strict=True):
        count_records(part[0], part[1], first, STRIPES, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    heads = starts[:-1].copy()
    for (first, _), part in zip(blocks, parts, strict=True):
        deal_records(*part, first, STRIPES, heads, rows, columns, logs)
    np.testing.assert_array_equal(heads, starts[1:])
    for stripe in range(STRIPES):
        mine = starts[stripe * STRIPES : (stripe + 1) * STRIPES + 1]
        shuffle_tiles(mine, stripe * STRIPES, np.uint64(key), rows, columns, logs)
    return starts, rows, columns, logs


def parameters(seed: int, scale: float = 0.5) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    vectors = np.zeros((N_TERMS, 2, PADDED), np.float32)
    vectors[:, 0, :DIM] = rng.normal(size=(N_TERMS, DIM)) * scale
    vectors[:, 1] = 1.0
    biases = np.ones((N_TERMS, 2), np.float32)
    biases[:, 0] = rng.normal(size=N_TERMS)
    return vectors, biases


def pairs_of(tile: int, parts: tuple[Any, ...]) -> list[tuple[int, int, float]]:
    starts, rows, columns, logs = parts
    return [
        (
            int(rows[r]) * STRIPES + tile // STRIPES,
            int(columns[r]) * STRIPES + tile % STRIPES,
            float(logs[r]),
        )
        for r in range(starts[tile], starts[tile + 1])
    ]


def train(
    tiles: list[int], parts: tuple[Any, ...], model: Any, tied: bool, rate: float, *,
    shifted: bool = False,
) -> Any:  # fmt: skip
    losses = np.zeros(STRIPES**2)
    train_tiles(
        np.array(tiles), Records(*parts, STRIPES), Trained(*model, tied), np.float32(rate),
        np.float32(np.log(X_MAX)), np.float32(ALPHA), shifted, losses,
    )  # fmt: skip
    return losses


def loss_of(w: Any, c: Any, b: Any, d: Any, log: float) -> Any:
    weight = min(1.0, (np.exp(log) / X_MAX) ** ALPHA)
    return weight * (w @ c + b + d - log) ** 2 / 2


def test_every_record_is_in_its_tile_once() -> None:
    matrix = some_matrix()
    parts = dealt(matrix)
    found = {(i, j): log for t in range(STRIPES**2) for i, j, log in pairs_of(t, parts)}
    assert len(found) == matrix.nnz == len(parts[1])
    for (i, j), log in found.items():
        assert log == pytest.approx(np.log(matrix[i, j]), rel=1e-6, abs=1e-7)


def test_the_key_shuffles_within_tiles() -> None:
    one, two = dealt(some_matrix(), 1), dealt(some_matrix(), 2)
    assert not np.array_equal(one[1], two[1])
    for tile in range(STRIPES**2):
        assert sorted(pairs_of(tile, one)) == sorted(pairs_of(tile, two))


def test_shuffles_are_even() -> None:
    """Where a row's first record lands in its tile: each place as often, within 4 deviations."""
    matrix = sparse.csr_matrix(np.ones((STRIPES * 4, 1)) @ np.ones((1, STRIPES * 4)), dtype="f4")
    tries, places = 3000, np.zeros(16)
    for key in range(tries):
        _, rows, columns, _ = dealt(matrix, key)
        places[np.flatnonzero((rows[:16] == 0) & (columns[:16] == 0))[0]] += 1
    expected = tries / 16
    assert np.abs(places - expected).max() < 4 * np.sqrt(expected)


@pytest.mark.parametrize("tied", [False, True])
def test_steps_are_those_of_the_papers_adagrad(tied: bool) -> None:
    parts = dealt(some_matrix())
    first = parameters(0)
    second = first if tied else parameters(1)
    model = (first[0].copy(), second[0].copy(), first[1].copy(), second[1].copy())
    if tied:
        model = (model[0], model[0], model[2], model[2])
    exact = [part.astype(np.float64) for part in model[:1] + model[2:3]]
    exact = [exact[0], exact[0], exact[1], exact[1]] if tied else [m.astype(float) for m in model]
    tiles = list(range(STRIPES**2))
    losses = train(tiles, parts, model, tied, RATE)
    expected = np.zeros(STRIPES**2)
    for tile in tiles:
        for i, j, log in pairs_of(tile, parts):
            expected[tile] += plain_step(exact, i, j, log, tied)
    np.testing.assert_allclose(losses, expected, rtol=2e-5)
    for found, wanted in zip(model, exact, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=3e-5, atol=3e-6)
    assert not model[0][:, 0, DIM:].any()


def plain_step(exact: list[Any], i: int, j: int, log: float, tied: bool) -> float:
    """The record's loss; its step is taken in place."""
    w, c, b, d = exact[0][i, 0].copy(), exact[1][j, 0].copy(), exact[2][i, 0], exact[3][j, 0]
    weight = min(1.0, (np.exp(log) / X_MAX) ** ALPHA)
    error = w @ c + b + d - log
    loss = weight * error**2 / 2
    slope = weight * error
    if tied and i == j:
        changes = [(exact[0][i], 2 * RATE * slope * w), (exact[2][i], 2 * slope)]
    else:
        changes = [
            (exact[0][i], RATE * slope * c),
            (exact[1][j], RATE * slope * w),
            (exact[2][i], slope),
            (exact[3][j], slope),
        ]
    for parameter, change in changes:
        parameter[0] -= change / np.sqrt(parameter[1])
        parameter[1] += change**2
    return float(loss)


@pytest.mark.parametrize("tied", [False, True])
def test_the_step_follows_the_gradient_of_the_loss(tied: bool) -> None:
    """One record at a small rate: step / rate is the finite difference of its loss."""
    matrix = sparse.csr_matrix(([4.0], ([4], [4 if tied else 8])), shape=(N_TERMS, N_TERMS))
    i, j = 4, (4 if tied else 8)
    parts = dealt(matrix.astype(np.float32))
    first = parameters(0)
    second = first if tied else parameters(1)
    before = [first[0].copy(), second[0].copy(), first[1].copy(), second[1].copy()]
    model = (first[0], second[0], first[1], second[1])
    rate = 1e-3
    train(list(range(STRIPES**2)), parts, model, tied, rate)
    log = float(np.log(4.0))
    w, c = before[0][i, 0].astype(float), before[1][j, 0].astype(float)
    b, d = float(before[2][i, 0]), float(before[3][j, 0])

    def shifted(step: float, k: int) -> float:
        moved = w.copy()
        moved[k] += step
        return float(loss_of(moved, moved if tied else c, b, d, log))

    slopes = [(shifted(1e-5, k) - shifted(-1e-5, k)) / 2e-5 for k in range(DIM)]
    steps = (before[0][i, 0, :DIM] - model[0][i, 0, :DIM]) / rate
    np.testing.assert_allclose(steps, slopes, rtol=2e-3, atol=2e-4)
    slope = (loss_of(w, c, b + 1e-5, d, log) - loss_of(w, c, b - 1e-5, d, log)) / 2e-5
    step = before[2][i, 0] - model[2][i, 0]
    assert step == pytest.approx(slope * (2 if tied else 1), rel=1e-4)


def test_the_shifted_target_is_log_of_one_more() -> None:
    """Of one record, seen less than once: its loss, and the sign of the step of its bias."""
    matrix = sparse.csr_matrix(([0.2], ([1], [4])), shape=(N_TERMS, N_TERMS), dtype=np.float32)
    parts = dealt(matrix)
    (tile,) = [t for t in range(STRIPES**2) if pairs_of(t, parts)]
    for shifted, target in ((False, np.log(0.2)), (True, np.log(1.2))):
        vectors, biases = parameters(0)
        others, their_biases = parameters(1)
        w, c = vectors[1, 0].astype(float), others[4, 0].astype(float)
        error = w @ c + biases[1, 0] + their_biases[4, 0] - target
        model = (vectors, others, biases.copy(), their_biases)
        losses = train([tile], parts, model, False, RATE, shifted=shifted)
        weight = min(1.0, (0.2 / X_MAX) ** ALPHA)
        assert losses[tile] == pytest.approx(weight * error**2 / 2, rel=1e-4)
        assert model[2][1, 0] == pytest.approx(biases[1, 0] - weight * error, rel=1e-4)
