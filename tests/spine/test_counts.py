from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.counts import as_counts
from polytopic.errors import InputError


@pytest.mark.parametrize(
    "make", [sparse.csr_matrix, sparse.coo_array, sparse.csc_matrix, np.asarray]
)
def test_every_form_gives_the_same_counts(make: object) -> None:
    rows = np.array([[0, 2, 1], [3, 0, 0]])
    counts = as_counts(make(rows))
    assert counts.format == "csr"
    assert counts.dtype == np.float32
    assert counts.toarray().tolist() == rows.tolist()


def test_the_input_is_left_as_it_was() -> None:
    given = sparse.csr_matrix((np.array([1, 1, 0]), np.array([2, 2, 0]), np.array([0, 3])))
    before = given.data.copy(), given.indices.copy()
    counts = as_counts(given)
    assert counts.nnz == 1
    assert counts[0, 2] == 2
    assert (given.data == before[0]).all()
    assert (given.indices == before[1]).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1, float("nan")]], "row 0, column 1 is nan.*NaN or infinity"),
        ([[0, 1], [float("inf"), 0]], "row 1, column 0 is inf"),
        ([[1, 2], [0, -3]], "row 1, column 1 is -3. Negative values in data"),
        (sparse.csr_matrix([[0, 0], [5, -1]]), "row 1, column 1 is -1. Negative values in data"),
        ([[0.5, 1]], "row 0, column 0 is 0.5.*whole counts"),
        ([1, 2], "1 dimension.*Reshape your data"),
        ([["a"]], "cannot be read as a table of numbers.*Corpus.from_texts"),
        (np.zeros((0, 3)), "no documents"),
        (np.zeros((3, 0)), "no terms"),
        ([[1j]], "Complex data not supported"),
        (sparse.csr_matrix([[1j]]), "Complex data not supported"),
        (np.array([["2020-01-01"]], dtype="datetime64[D]"), "are not counts"),
    ],
)
def test_bad_counts_are_refused_in_one_line(values: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        as_counts(values)
    assert "\n" not in str(caught.value)
