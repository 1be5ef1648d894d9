"""Products of rows, each by itself."""

from __future__ import annotations

import numpy as np

from polytopic.topics.clusters.distances import row_products
from polytopic.topics.clusters.kernels.products import products_block


def test_products_are_numpy_s_and_of_each_row_by_itself() -> None:
    rng = np.random.default_rng(0)
    rows, columns = (rng.normal(size=(n, 37)).astype(np.float32) for n in (2500, 7))
    found = row_products(rows, columns, 3)
    np.testing.assert_allclose(found, rows.astype(np.float64) @ columns.T, atol=1e-5)
    alone = np.vstack([row_products(rows[d : d + 1], columns, 1) for d in range(40)])
    np.testing.assert_array_equal(found[:40], alone)


def test_a_block_writes_its_own_rows_alone() -> None:
    found = np.full((4, 2), -1, np.float32)
    products_block(np.ones((4, 3), np.float32), 1, 3, np.ones((2, 3), np.float32), found)
    assert found.tolist() == [[-1, -1], [3, 3], [3, 3], [-1, -1]]
