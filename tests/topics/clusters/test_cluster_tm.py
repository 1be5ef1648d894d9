"""ClusterTM: its clusters, words, distances and outliers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import polytopic as pt
from polytopic.errors import CheckpointError, InputError
from polytopic.topics.clusters import clustering
from polytopic.topics.clusters.distances import Projection, shares, temperature_of

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

K, EACH, DIM = 4, 30, 6


def clustered(seed: int = 0, noise: int = 0) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Four tight clusters of embeddings, noise far from all, and words of each cluster's own."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(K), EACH)
    points = np.eye(DIM)[labels] + 0.05 * rng.normal(size=(K * EACH, DIM))
    far = -np.abs(rng.normal(size=(noise, DIM)))
    counts = np.zeros((K * EACH + noise, K * 5 + 1), int)
    for row in range(len(counts)):
        block = labels[row] * 5 if row < len(labels) else 0
        counts[row, block : block + 5] = rng.integers(1, 4, 5)
    counts[:, -1] = 5  # stands everywhere
    return np.vstack([points, far]).astype(np.float32), labels, sparse.csr_matrix(counts)


@pytest.mark.parametrize("method", ["kmeans", "hdbscan"])
@pytest.mark.parametrize("reduce", [None, 3])
def test_clusters_and_their_words_are_found(method: str, reduce: int | None) -> None:
    points, labels, counts = clustered()
    model = pt.ClusterTM(n_topics=K, clustering=method, reduce=reduce, random_state=0)
    found = model.fit(counts, embeddings=points).transform(counts, embeddings=points).argmax(axis=1)
    assert {(int(a), int(b)) for a, b in zip(labels, found, strict=True)} == {
        (label, int(found[label * EACH])) for label in range(K)
    }
    for topic, words in enumerate(model.top_words(5)):
        block = int(labels[found == topic][0])
        assert {int(word) // 5 for word in words} == {block}, "no word that stands everywhere"


def test_k_means_is_scikit_learn_s() -> None:
    rows = np.random.default_rng(1).normal(size=(80, 5)).astype(np.float32)
    points = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = clustering.k_means_clusters(points, 6, 1, 100, 3)
    runs = [KMeans(6, n_init=1, max_iter=100, random_state=3 + run).fit(points) for run in range(3)]
    best = min(runs, key=lambda run: run.inertia_)
    np.testing.assert_array_equal(found.labels, best.labels_)
    assert [r["loss"] for r in found.history] == pytest.approx([r.inertia_ / 80 for r in runs])


def test_the_projection_is_principal_components() -> None:
    rows = np.random.default_rng(2).normal(size=(50, 6)) * np.arange(1, 7)
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    given = rows.astype(np.float32)
    found = Projection.of(given, 2).directions(given, 2)
    expected = PCA(2).fit_transform(unit)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found, expected * signs, atol=1e-3)


def test_coordinates_are_those_of_a_linear_discriminant() -> None:
    """Distances from the centres order them as scikit-learn's discriminant does."""
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(5), 40)
    rows = rng.normal(size=(5, 6))[labels] + rng.normal(size=(200, 6)) * np.linspace(0.3, 2, 6)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    made = Projection.of(rows, None).telling_apart(rows, labels, 5)
    points = made.coordinates(rows, 1)
    assert points.shape == (200, 4)
    centers = np.vstack([points[labels == k].mean(axis=0) for k in range(5)])
    nearest = np.square(points[:, None] - centers).sum(axis=2).argmin(axis=1)
    # of the spread within alone: scikit-learn's shrinks each class on standardised features
    means = np.vstack([rows[labels == k].mean(axis=0) for k in range(5)]).astype(float)
    within = np.cov((rows - means[labels]).T, bias=True)
    mixed = 0.7 * within + 0.3 * np.trace(within) / 6 * np.eye(6)
    scores = rows @ np.linalg.solve(mixed, means.T)
    scores -= 0.5 * np.einsum("ke,ek->k", means, np.linalg.solve(mixed, means.T))
    np.testing.assert_array_equal(nearest, scores.argmax(axis=1))


def test_theta_is_a_softmax_of_distances() -> None:
    points, _, counts = clustered()
    model = pt.ClusterTM(n_topics=K, temperature=0.3, random_state=0).fit(counts, embeddings=points)
    at = model._projection.coordinates(model._projection.directions(points, 1), 1)
    squared = np.square(at[:, None] - model.centers_).sum(axis=2).astype(float)
    expected = np.exp(-(squared - squared.min(axis=1, keepdims=True)) / 0.6)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.transform(counts, embeddings=points), expected, atol=1e-3)


def test_of_many_documents_a_sample_is_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "_SAMPLE", 60)
    points, labels, counts = clustered()
    assert (clustering.k_means_clusters(points, K, 5, 100, 0).labels >= 0).sum() == 60
    model = pt.ClusterTM(n_topics=K, neighbours=5, random_state=0).fit(counts, embeddings=points)
    found = model.transform(counts, embeddings=points).argmax(axis=1)
    assert len({(int(a), int(b)) for a, b in zip(labels, found, strict=True)}) == K


def test_the_temperature_is_that_of_a_quarter_of_log_k() -> None:
    closeness = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    theta = shares(closeness, temperature_of(closeness)).astype(float)
    entropy = -(theta * np.log(np.maximum(theta, 1e-30))).sum(axis=1).mean()
    assert entropy == pytest.approx(0.25 * np.log(8), rel=1e-3)
    assert temperature_of(closeness[:, :1]) == 1.0


def test_words_are_class_tf_idf() -> None:
    points, _, counts = clustered()
    model = pt.ClusterTM(n_topics=K, random_state=0).fit(counts, embeddings=points)
    found = model.transform(counts, embeddings=points).argmax(axis=1)
    held = counts.toarray() > 0
    within, among = np.vstack([held[found == k].mean(axis=0) for k in range(K)]), held.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.nan_to_num(within * np.log(within / among)).clip(0)
    rows = weights / weights.sum(axis=1, keepdims=True)
    shared = among * np.log1p(1 / among)
    shared /= shared.sum()
    np.testing.assert_allclose(model.topic_word_, 0.99 * rows + 0.01 * shared, atol=1e-4)


def test_a_word_that_one_document_repeats_leads_no_topic() -> None:
    points, _, counts = clustered()
    dense = counts.toarray()
    dense[0, 7] = 10_000  # a word of another topic's block
    model = pt.ClusterTM(n_topics=K, random_state=0).fit(dense, embeddings=points)
    for words in model.top_words(5):
        assert len({int(word) // 5 for word in words}) == 1


# ---- outliers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["kmeans", "hdbscan"])
def test_no_document_is_without_a_topic_unless_asked(method: str) -> None:
    points, _, counts = clustered()
    new = np.vstack([points[:1], -np.ones((1, DIM), np.float32), np.zeros((1, DIM), np.float32)])
    words = counts[:3]
    model = pt.ClusterTM(n_topics=K, clustering=method, random_state=0).fit(
        counts, embeddings=points
    )
    theta = model.transform(words, embeddings=new)
    assert theta[0].max() > 0.4 and theta[1].max() > 1 / K + 1e-4
    np.testing.assert_allclose(theta[2], 1 / K)  # no vector says nothing
    assert model.is_outlier(words, embeddings=new).tolist() == [False, True, True]
    asked = model.set_params(outliers=True).transform(words, embeddings=new)
    np.testing.assert_array_equal(asked[0], theta[0])
    np.testing.assert_allclose(asked[1:], 1 / K)


def test_what_hdbscan_left_out_is_told_and_has_a_topic() -> None:
    points, _, counts = clustered(noise=6)
    model = pt.ClusterTM(n_topics=K, clustering="hdbscan", min_cluster_size=15, random_state=0)
    model.fit(counts, embeddings=points)
    record = model.history_[0]
    far = model.is_outlier(counts, embeddings=points)
    assert record["clusters"] == K and record["noise"] >= 1
    assert far.sum() >= record["noise"] and not far[:-6].any()
    assert model.transform(counts, embeddings=points).max(axis=1).min() > 1 / K


@pytest.mark.parametrize("n_topics", [2, 7])
def test_hdbscan_s_clusters_are_joined_or_divided(n_topics: int) -> None:
    points, labels, _ = clustered()
    found = clustering.hdbscan_clusters(points, n_topics, 10, 100, 0).labels
    assert set(found[found >= 0]) == set(range(n_topics)) and (found >= 0).mean() > 0.8
    if n_topics < K:  # whole clusters are joined
        assert all(len(set(found[labels == label]) - {-1}) == 1 for label in range(K))
    else:  # and divided within
        assert all(len(set(labels[found == part])) == 1 for part in range(n_topics))


def test_documents_that_lie_nowhere_together_are_refused_by_density() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    counts = sparse.csr_matrix(np.random.default_rng(0).integers(0, 3, (40, 12)))
    model = pt.ClusterTM(n_topics=3, clustering="hdbscan", min_cluster_size=20, random_state=0)
    with pytest.raises(InputError, match="^min_cluster_size: no 20 documents lie together"):
        model.fit(counts, embeddings=rows)


# ---- small and bad input -----------------------------------------------------------------------


def test_more_topics_than_documents_are_refused() -> None:
    points, _, counts = clustered()
    with pytest.raises(InputError, match="^n_topics: 9 topics for 8 documents with a vector"):
        pt.ClusterTM(n_topics=9, random_state=0).fit(counts[:8], embeddings=points[:8])


def test_embeddings_that_are_all_zero_are_refused_as_that() -> None:
    _, _, counts = clustered()
    with pytest.raises(InputError, match="^embeddings: all 120 are zero"):
        pt.ClusterTM(n_topics=K, random_state=0).fit(counts, embeddings=np.zeros((K * EACH, 3)))


def test_documents_that_are_all_alike_end_in_topics_that_are_told(recwarn: Any) -> None:
    counts = sparse.csr_matrix(np.tile([[3, 1, 2]], (20, 1)))
    model = pt.ClusterTM(n_topics=2, random_state=0).fit(counts, embeddings=np.ones((20, 4)))
    assert np.isfinite(model.transform(counts, embeddings=np.ones((20, 4)))).all()
    assert not model.diagnose().ok


def test_a_saved_model_whose_parts_do_not_fit_is_refused(tmp_path: Path) -> None:
    points, _, counts = clustered()
    model = pt.ClusterTM(n_topics=K, reduce=3, random_state=0).fit(counts, embeddings=points)
    model._projection = replace(model._projection, axes=np.ones((2, DIM), np.float32))
    with pytest.raises(CheckpointError, match="axes of shapes"):
        pt.load(model.save(tmp_path / "model"))
