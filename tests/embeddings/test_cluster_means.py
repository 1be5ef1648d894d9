"""What slices of a text changed, as one change: sums, means, and what lies in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from polytopic.embeddings.cluster_means import Change, add_gathered, gather
from polytopic.embeddings.kernels.negatives import alias_table, table_shares


def change(folder: Path, name: str, rows: list[int], by: float, uses: list[float]) -> Change:
    arrays = np.array(rows), np.full((len(rows), 2), by, np.float32), np.array(uses, np.float64)
    files = []
    for part, array in zip(Change._fields, arrays, strict=True):
        np.save(folder / f"{name}-{part}.npy", array)
        files.append(str(folder / f"{name}-{part}.npy"))
    return Change(*files)


def added(folder: Path, hessian: Any, places: Any = None) -> Any:
    one = change(folder, "a", [0, 1, 3], 1.0, [1e-6, 1e6, 5.0])
    other = change(folder, "b", [0, 1, 2], 3.0, [1e-6, 1e6, 7.0])
    matrix = np.zeros((5, 2), np.float32)
    add_gathered(matrix, gather([one, other], 4, 2), np.array(hessian), places)
    return matrix


def test_changes_of_rare_rows_add_up_and_those_of_frequent_ones_are_averaged(
    tmp_path: Path,
) -> None:
    for places in (None, np.array([3, 2, 4, 0])):
        matrix = added(tmp_path, 0.1 * np.eye(2), places)
        found = matrix[:4] if places is None else matrix[places]
        np.testing.assert_allclose(found[:, 0], [4.0, 2.0, 3.0, 1.0], rtol=1e-5)
        np.testing.assert_allclose(found[:, 0], found[:, 1])


def test_what_is_bent_in_one_direction_is_averaged_in_that_alone(tmp_path: Path) -> None:
    matrix = added(tmp_path, [[0.1, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(matrix[1], [2.0, 4.0], rtol=1e-5)
    both = added(tmp_path, [[0.05, 0.05], [0.05, 0.05]])  # the direction of the change itself
    np.testing.assert_allclose(both[1], [2.0, 2.0], rtol=1e-5)
    across = added(tmp_path, [[0.05, -0.05], [-0.05, 0.05]])
    np.testing.assert_allclose(across[1], [4.0, 4.0], rtol=1e-5)


def test_slices_go_together_as_far_as_one_after_another(tmp_path: Path) -> None:
    """Towards a minimum at ``rest``, from 0, with the Hessian of a use the same for all."""
    hessian, uses, rest = np.array([[0.04, 0.01], [0.01, 0.005]]), 30.0, np.array([2.0, -1.0])
    found, turned = np.linalg.eigh(hessian)

    def way(c: float) -> Any:
        return turned @ np.diag(-np.expm1(-c * found)) @ turned.T @ rest

    moved = way(uses)[None].astype(np.float32)
    files = []
    for part, array in zip(Change._fields, (np.array([0]), moved, np.array([uses])), strict=True):
        np.save(tmp_path / part, array)
        files.append(str(tmp_path / f"{part}.npy"))
    matrix = np.zeros((1, 2), np.float32)
    add_gathered(matrix, gather([Change(*files)] * 5, 1, 2), hessian)
    np.testing.assert_allclose(matrix[0], way(5 * uses), atol=1e-6)


def test_shares_of_a_table_are_those_it_was_made_from() -> None:
    counts = np.array([1000, 30, 30, 7, 1])
    expected = counts**0.75 / (counts**0.75).sum()
    np.testing.assert_allclose(table_shares(alias_table(counts, 0.75)), expected, atol=1e-9)
