"""The chosen start: merged clusters, and which of them is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

pytest.importorskip("torch", reason="the neural extra is not installed")

import polytopic as pt
from polytopic import metrics
from polytopic.topics.vae import initial_values
from polytopic.topics.vae.initial_values import make_start
from polytopic.topics.vae.start_candidates import merit, standing_together, ward_merged


def rows_in_order(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return rows[np.argsort(rows[:, 0])]


@pytest.mark.parametrize("n_clusters", [1, 4, 11])
def test_merging_is_scipys_ward_of_the_clusters_points(n_clusters: int) -> None:
    """A cluster of n points on one spot is n points there."""
    rng = np.random.default_rng(n_clusters)
    means = rng.standard_normal((12, 3)).astype(np.float32)
    sizes = rng.integers(1, 9, 12)
    points = np.repeat(means, sizes, axis=0).astype(np.float64)
    of = fcluster(linkage(points, "ward"), n_clusters, "maxclust")
    expected = np.stack([points[of == c].mean(0) for c in range(1, n_clusters + 1)])
    found = ward_merged(means, sizes.astype(np.float64), n_clusters)
    np.testing.assert_allclose(rows_in_order(found), rows_in_order(expected), atol=1e-6)


def test_clusters_without_points_are_left_out_and_few_stay_as_they_are() -> None:
    means = np.eye(4, dtype=np.float32)
    found = ward_merged(means, np.array([2.0, 0.0, 1.0, 3.0]), 3)
    np.testing.assert_array_equal(found, means[[0, 2, 3]])
    assert len(ward_merged(means, np.array([2.0, 0.0, 1.0, 3.0]), 9)) == 3


def test_words_stand_together_as_npmi_says_part_by_part() -> None:
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(0.4, (100, 12)).astype(np.float32))
    first = np.array([[3, 1, 8], [11, 0, 1]])
    names = [f"w{column}" for column in range(12)]
    words = [[names[column] for column in row] for row in first]
    parts = [metrics.npmi(words, counts[part::9], n=3, vocabulary=names) for part in range(9)]
    assert standing_together(first, counts) == pytest.approx(np.mean(parts), abs=1e-6)


def test_words_of_few_documents_stand_together_less() -> None:
    """Two pairs that are never apart: one in every second document, one in two of them all."""
    counts = np.zeros((90, 4), dtype=np.float32)
    counts[::2, :2] = 1
    counts[[0, 45], 2:] = 1
    common, rare = (
        standing_together(np.array([pair]), sparse.csr_matrix(counts)) for pair in ([0, 1], [2, 3])
    )
    assert common == pytest.approx(1.0)
    assert rare == pytest.approx(-7 / 9)  # two of nine parts hold them


def test_of_topics_that_stand_together_alike_those_of_different_words_are_better() -> None:
    counts = sparse.csr_matrix(np.kron(np.eye(3), np.ones((9, 30))))  # each part: 3 rows, one kind
    same = np.array([np.arange(30), np.arange(29, -1, -1)])
    apart = np.array([np.arange(30), np.arange(30, 60)])
    assert merit(apart, counts) == pytest.approx(1.0 + 0.5)
    assert merit(same, counts) == pytest.approx(1.0 + 0.5 * 30 / 50)  # of 25 words each, 20 shared


def test_the_best_candidate_is_taken(
    corpus_counts: sparse.csr_matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[np.ndarray[Any, Any]] = []
    clusters = initial_values._merged_clusters

    def kept(*given: Any) -> Any:
        made.append(clusters(*given))
        return made[-1]

    def judged(terms: Any, vectors: Any, centers: Any, documents: Any) -> float:
        return float(centers is made[1])

    monkeypatch.setattr(initial_values, "_merged_clusters", kept)
    monkeypatch.setattr(initial_values, "_merit", judged)
    monkeypatch.setattr(initial_values, "_without_twins", lambda t, v, d, centers, r: (centers, 0))
    start = make_start("chosen", corpus_counts.astype(np.float32), 4, 16, 0)
    assert len(made) == initial_values._CANDIDATES
    assert start.centers is made[1]


def test_merged_clusters_find_planted_ones() -> None:
    rng = np.random.default_rng(0)
    truth = np.eye(5, 12, dtype=np.float32)
    points = truth[rng.integers(5, size=300)] + 0.1 * rng.standard_normal((300, 12))
    points = initial_values.unit_rows(points.astype(np.float32))
    centers = initial_values._merged_clusters(points, 5, rng)
    assert sorted((centers @ truth.T).argmax(1)) == [0, 1, 2, 3, 4]
    assert (centers @ truth.T).max(1).min() > 0.95


@pytest.mark.parametrize(
    "counts",
    [np.ones((20, 6)), np.eye(3), np.kron(np.eye(2), np.ones((6, 3)))],
    ids=["equal", "fewer than topics", "of two kinds"],
)
def test_equal_and_few_documents_still_start(counts: np.ndarray[Any, Any]) -> None:
    given = sparse.csr_matrix(counts.astype(np.float32))
    start = make_start("chosen", given, 5, 4, 0)
    assert start.centers.shape == (5, 4)
    assert np.isfinite(start.centers).all()
    assert np.isfinite(start.weight).all()


def test_the_same_seed_chooses_the_same(corpus_counts: sparse.csr_matrix) -> None:
    given = corpus_counts.astype(np.float32)
    first, again, plain = (
        make_start(start, given, 7, 16, 3).centers for start in ("chosen", "chosen", "vectors")
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, plain)


@pytest.mark.parametrize(
    ("kind", "asked"), [(pt.DirichletVAE, {}), (pt.ProdLDA, {"start": "chosen"})]
)
def test_a_model_starts_from_what_is_chosen(
    corpus_counts: sparse.csr_matrix, kind: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[float] = []
    merit = initial_values._merit
    monkeypatch.setattr(
        initial_values, "_merit", lambda *given: (judged.append(1.0), merit(*given))[1]
    )
    model = kind(n_topics=4, epochs=1, random_state=3, **asked).fit(corpus_counts)
    assert len(judged) == initial_values._CANDIDATES
    assert model.topic_word_.shape == (4, 32)
