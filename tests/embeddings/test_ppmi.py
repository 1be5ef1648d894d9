from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.embeddings import ppmi, ppmi_vectors


def plain_ppmi(counts: np.ndarray, contexts: np.ndarray) -> np.ndarray:
    """The definition, pair by pair."""
    present = counts > 0
    n_documents, n_terms = present.shape
    matrix = np.zeros((n_terms, len(contexts)))
    for i in range(n_terms):
        for column, j in enumerate(contexts):
            together = (present[:, i] & present[:, j]).sum()
            if i != j and together:
                ratio = n_documents * together / (present[:, i].sum() * present[:, j].sum())
                matrix[i, column] = max(0.0, np.log(ratio))
    return matrix


@pytest.fixture
def counts() -> np.ndarray:
    rng = np.random.default_rng(0)
    dense = rng.poisson(0.4, (60, 25))
    dense[:, 7] = 0
    return dense


@pytest.mark.parametrize("n_contexts", [25, 9])
def test_ppmi_is_its_definition(counts: np.ndarray, n_contexts: int) -> None:
    presence = ppmi._presence(sparse.csr_matrix(counts), 1000, np.random.default_rng(0))
    found = ppmi._ppmi(presence, n_contexts)
    frequency = (counts > 0).sum(0)
    contexts = np.sort(np.argsort(-frequency, kind="stable")[:n_contexts])
    assert found == pytest.approx(plain_ppmi(counts, contexts), abs=1e-5)


def test_randomized_svd_finds_the_leading_subspace() -> None:
    rng = np.random.default_rng(1)
    left, _ = np.linalg.qr(rng.normal(size=(80, 40)))
    right, _ = np.linalg.qr(rng.normal(size=(60, 40)))
    values = 0.7 ** np.arange(40)
    matrix = (left * values @ right.T).astype(np.float32)
    factor, found = ppmi._randomized_svd(matrix, 6, 2, np.random.default_rng(0))
    assert found == pytest.approx(values[:6], rel=1e-3)
    assert np.abs((factor * left[:, :6]).sum(0)) == pytest.approx(np.ones(6), abs=1e-3)


def test_vectors_have_length_one_or_are_zero(counts: np.ndarray) -> None:
    vectors = ppmi_vectors(sparse.csr_matrix(counts), dim=10)
    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.shape == (25, 10)
    assert vectors.dtype == np.float32
    assert lengths[7] == 0.0
    assert np.delete(lengths, 7) == pytest.approx(np.ones(24), abs=1e-5)


def test_more_dimensions_than_terms_are_zeros(counts: np.ndarray) -> None:
    vectors = ppmi_vectors(sparse.csr_matrix(counts), dim=40)
    assert vectors.shape == (25, 40)
    assert not vectors[:, 25:].any()


def test_terms_of_one_topic_are_near(corpus_counts: sparse.csr_matrix) -> None:
    vectors = ppmi_vectors(corpus_counts, dim=4)
    similarity = vectors @ vectors.T
    block = np.arange(32) // 8
    same = block[:, None] == block
    assert similarity[same & ~np.eye(32, dtype=bool)].min() > similarity[~same].max()


def test_same_seed_same_bits_and_large_corpora_are_sampled(counts: np.ndarray) -> None:
    matrix = sparse.csr_matrix(counts)
    assert np.array_equal(ppmi_vectors(matrix, 5), ppmi_vectors(matrix, 5))
    sampled = ppmi_vectors(matrix, 5, max_documents=30)
    assert not np.allclose(sampled, ppmi_vectors(matrix, 5))


def test_singular_vectors_keep_their_signs_whatever_the_library_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix = np.random.default_rng(2).normal(size=(50, 30)).astype(np.float32)
    factor, _ = ppmi._randomized_svd(matrix, 8, 2, np.random.default_rng(0))
    plain = ppmi.linalg.eigh

    def turned(square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, vectors = plain(square)
        return values, vectors * np.where(np.arange(len(values)) % 2, -1, 1)

    monkeypatch.setattr(ppmi.linalg, "eigh", turned)
    again, _ = ppmi._randomized_svd(matrix, 8, 2, np.random.default_rng(0))
    assert again == pytest.approx(factor, abs=1e-5)
