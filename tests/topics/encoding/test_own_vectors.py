"""Documents as sums of the corpus's own word vectors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.topics.encoding.own_vectors import OwnVectors, document_vectors, term_weights

from planting import planted

COUNTS = planted(n_documents=80)[0]


def test_documents_of_one_topic_lie_together() -> None:
    counts, topics = planted(n_documents=80)[:2]
    own = OwnVectors.of(counts, 8, 0)
    rows = own.of_documents(counts)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    cosine = rows @ rows.T
    same = np.equal.outer(np.asarray(topics), np.asarray(topics))
    assert cosine[same].mean() > cosine[~same].mean() + 0.5


def test_a_document_s_vector_is_its_own() -> None:
    own = OwnVectors.of(COUNTS, 8, 0)
    together = own.of_documents(COUNTS)
    assert together.dtype == np.float32
    alone = np.vstack([own.of_documents(COUNTS[row]) for row in range(80)])
    np.testing.assert_array_equal(together, alone)
    assert not own.of_documents(sparse.csr_matrix((1, COUNTS.shape[1]))).any()


def test_terms_that_stand_everywhere_weigh_least() -> None:
    counts = sparse.csr_matrix([[1, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0]])
    weights = term_weights(counts)
    np.testing.assert_allclose(weights, np.log([1 / 0.95, 2, 4]) ** 2, rtol=0.06)
    unit = np.eye(3, dtype=np.float32)
    found = document_vectors(sparse.csr_matrix([[3, 1, 0]]), unit, weights)[0]
    expected = np.array([np.log(4) * weights[0], np.log(2) * weights[1], 0])
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), rtol=1e-5)
