"""Maps of documents and traversals, as charts and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic.errors import FileMissingError, InputError


@pytest.fixture(scope="module")
def model(corpus_counts: sparse.csr_matrix) -> Any:
    terms = [f"t{n}" for n in range(corpus_counts.shape[1])]
    return pt.VAE(
        dim=2, hidden=8, epochs=20, batch_size=50, learning_rate=0.02, n_threads=1, random_state=0
    ).fit(corpus_counts, terms=terms)


def test_two_dimensions_are_shown_as_they_are(model: Any, corpus_counts: sparse.csr_matrix) -> None:
    labels = ["a", "b"] * 100
    found = pt.report.latent_map(model, corpus_counts, labels=labels)
    assert found.method == "latent"
    np.testing.assert_array_equal(found.points, model.transform(corpus_counts))
    (values,) = found.figure().to_dict()["datasets"].values()
    assert [value["label"] for value in values] == labels
    corpus = pt.Corpus.from_counts(corpus_counts, model.terms_, labels=labels)
    assert pt.report.latent_map(model, corpus).labels == labels


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_more_dimensions_are_projected(corpus_counts: sparse.csr_matrix) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 5)) * [5, 3, 1, 0.1, 0.1]
    found = pt.report.latent_map(rows)
    singular = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)
    assert found.explained == pytest.approx((singular[:2] ** 2).sum() / (singular**2).sum())
    np.testing.assert_allclose(np.linalg.norm(found.points, axis=0), singular[:2])
    assert pt.report.latent_map(rows, method="tsne").points.shape == (30, 2)
    topics = pt.LDA(n_topics=4, iterations=5, random_state=0).fit(corpus_counts)
    assert pt.report.latent_map(topics, corpus_counts).points.shape == (200, 2)


def test_many_labels_become_other() -> None:
    labels = [str(n) for n in range(40)] + ["0"] * 20
    found = pt.report.latent_map(np.eye(60, 3), labels=labels)
    assert found.labels is not None
    assert len(set(found.labels)) == 20
    assert found.labels[0] == "0"
    assert "other" in found.labels


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_figures_are_written(
    suffix: str, model: Any, corpus_counts: sparse.csr_matrix, tmp_path: Path
) -> None:
    if suffix != "html":
        pytest.importorskip("vl_convert")
    for name, figure in {
        "map": pt.report.latent_map(model, corpus_counts),
        "traversal": pt.report.latent_traversal(model),
    }.items():
        written = figure.write(tmp_path / f"{name}.{suffix}").read_bytes()
        assert len(written) > 2000
        assert {"svg": b"<svg", "png": b"\x89PNG", "html": b"<!DOCTYPE"}[suffix] in written[:200]


def test_a_traversal_is_the_decoder_s_answer(model: Any) -> None:
    found = pt.report.latent_traversal(model, dimensions=[1], steps=5, reach=2.0, n_terms=4)
    assert found.values.tolist() == [-2, -1, 0, 1, 2]
    assert found.dimensions == [1]
    (terms,), (levels,) = found.terms, found.levels
    columns = [model.terms_.index(term) for term in terms]
    p = model.inverse_transform([[0, value] for value in found.values]).astype(float)
    np.testing.assert_allclose(levels, np.log2(p / p[2])[:, columns], rtol=1e-4, atol=1e-5)
    assert (np.diff(levels[-1] - levels[0]) >= 0).all()


def test_what_cannot_be_shown_says_so(
    model: Any, corpus_counts: sparse.csr_matrix, tmp_path: Path
) -> None:
    rows = np.eye(5, 2)
    for call, message in (
        (lambda: pt.report.latent_map(model), "X: missing"),
        (lambda: pt.report.latent_map(rows[:2]), "at least three"),
        (lambda: pt.report.latent_map(rows * np.nan), "finite"),
        (lambda: pt.report.latent_map(rows, labels=["a"]), "labels: 1 for 5 documents"),
        (lambda: pt.report.latent_map(rows, method="umap"), "method: 'umap' is unknown"),
        (lambda: pt.report.latent_traversal(rows), "cannot be traversed"),
        (lambda: pt.report.latent_traversal(model, dimensions=[2]), "do not fit"),
        (lambda: pt.report.latent_traversal(model, steps=1), "give at least 3"),
        (lambda: pt.report.latent_map(rows).write(tmp_path / "a.gif"), ".html, .png or .svg"),
    ):
        with pytest.raises(InputError, match=message):
            call()
    with pytest.raises(FileMissingError, match="there is no folder"):
        pt.report.latent_map(rows).write(tmp_path / "none" / "a.svg")
