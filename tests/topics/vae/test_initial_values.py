from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.topics.vae import initial_values as module
from polytopic.topics.vae.initial_values import make_start, spherical_k_means


def test_spherical_k_means_finds_separate_clusters() -> None:
    rng = np.random.default_rng(0)
    truth = np.eye(5, 12, dtype=np.float32)
    points = truth[rng.integers(5, size=300)] + 0.1 * rng.standard_normal((300, 12))
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    centers = spherical_k_means(points, 5, rng)
    assert np.linalg.norm(centers, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert sorted((centers @ truth.T).argmax(1)) == [0, 1, 2, 3, 4]
    assert (centers @ truth.T).max(1).min() > 0.95


def test_a_k_means_step_is_the_unit_mean_of_the_nearest_points() -> None:
    rng = np.random.default_rng(1)
    points = module.unit_rows(rng.standard_normal((50, 4)).astype(np.float32))
    centers = module.unit_rows(rng.standard_normal((3, 4)).astype(np.float32))
    nearest = (points @ centers.T).argmax(1)
    expected = np.stack([points[nearest == k].sum(0) + 2.5 * centers[k] for k in range(3)])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert module._k_means_step(points, centers, 2.5) == pytest.approx(expected, abs=1e-5)


def test_an_empty_cluster_moves_to_the_point_worst_served() -> None:
    points = np.array([[1, 0, 0], [1, 0, 0], [0.8, 0.6, 0]], dtype=np.float32)
    centers = np.array([[1, 0, 0], [0, 0, 1]], dtype=np.float32)
    moved = module._k_means_step(points, centers)
    assert moved[1].tolist() == pytest.approx([0.8, 0.6, 0.0])


def test_the_start_already_separates_planted_topics(corpus_counts: sparse.csr_matrix) -> None:
    start = make_start("vectors", corpus_counts.astype(np.float32), 4, 16, 0)
    blocks = [set(row.argsort()[-8:] // 8) for row in start.weight]
    assert all(len(block) == 1 for block in blocks)
    assert len(set.union(*blocks)) == 4
    assert start.weight.std() == pytest.approx(1.0, abs=1e-4)
    assert start.weight.mean(0) == pytest.approx(np.zeros(32), abs=1e-5)
    presence = corpus_counts.toarray() > 0
    idf = np.log(len(presence) / presence.sum(0)).clip(0.05)
    assert start.term_weight == pytest.approx(idf**2, rel=1e-5)
    half = len(presence) / 300
    assert start.trust == pytest.approx(np.sqrt(presence.sum(0) / (presence.sum(0) + half)))


def test_terms_weigh_by_their_rarity_and_are_trusted_by_their_number() -> None:
    """log(D / n)^2, never below .05^2; sqrt(n / (n + h)) with h = min(30, D / 300)."""
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(np.minimum(rng.poisson([0.05, 0.4, 2.0, 9.0], (600, 4)), 9))
    start = make_start("random", counts.astype(np.float32), 2, 3, 0)
    held = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.maximum(np.log(600 / held), 0.05) ** 2
    assert held[3] == 600  # a term of every document is left its least weight
    np.testing.assert_allclose(start.term_weight, idf, rtol=1e-6)
    np.testing.assert_allclose(start.trust, np.sqrt(held / (held + 2.0)), rtol=1e-6)
    tokens = np.asarray(counts.sum(axis=0)).ravel() + 0.5
    base = np.log(tokens) - np.log(tokens).mean()
    np.testing.assert_allclose(start.log_frequency, base, rtol=1e-5)


def test_centres_that_read_alike_are_moved_apart(corpus_counts: sparse.csr_matrix) -> None:
    counts = corpus_counts.astype(np.float32)
    start = make_start("vectors", counts, 4, 16, 0)
    documents = module.document_vectors(counts, start.vectors, start.term_weight)
    doubled = start.centers.copy()
    doubled[1] = module.unit_rows((doubled[0] + 0.01 * doubled[2])[None])[0]
    terms = module._Terms.of(counts)
    weight = module._decoder_weight(terms, start.vectors, doubled)
    assert len(module._twins(weight, terms, documents, doubled)) == 1
    rng = np.random.default_rng(0)
    apart, weight = module._without_twins(terms, start.vectors, documents, doubled, rng)
    assert len(module._twins(weight, terms, documents, apart)) == 0


def test_a_corpus_whose_terms_are_everywhere_still_starts() -> None:
    counts = sparse.csr_matrix(np.ones((20, 6), dtype=np.float32))
    start = make_start("vectors", counts, 3, 4, 0)
    assert np.isfinite(start.centers).all()
    assert np.isfinite(start.weight).all()
