"""A background beside the topics: what goes there, and what is said of documents without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

import polytopic as pt
from polytopic.errors import InputError

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

FILLER, SHARE = 10, 0.3
"""Terms that documents of every topic share, in front of the planted ones, and their part of a
document in the mean."""


def corpus() -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
    """Documents of 40 tokens, of which Beta(3, 7) are of the shared terms."""
    rng = np.random.default_rng(3)
    counts, labels = planted(n_documents=300, length=40)
    rows = counts.toarray()
    lengths = rng.binomial(40, rng.beta(10 * SHARE, 10 * (1 - SHARE), len(rows)))
    shared = np.stack([rng.multinomial(n, np.full(FILLER, 1 / FILLER)) for n in lengths])
    pairs = zip(rows, lengths, strict=True)
    own = np.stack([rng.multivariate_hypergeometric(row, 40 - n) for row, n in pairs])
    return sparse.csr_matrix(np.hstack([shared, own])).astype(np.int32), labels


def model(**changes: Any) -> pt.LDA:
    settings: dict[str, Any] = {
        "n_topics": 4, "alpha": 0.1, "eta": 0.01, "background": SHARE, "iterations": 60,
        "random_state": 0, "n_threads": 1,
    }  # fmt: skip
    return pt.LDA(**settings | changes)


@pytest.fixture(scope="module")
def counts() -> sparse.csr_matrix:
    return corpus()[0]


@pytest.fixture(scope="module")
def fitted(counts: sparse.csr_matrix) -> pt.LDA:
    return model().fit(counts)


def test_shared_words_go_to_the_background(fitted: pt.LDA) -> None:
    counts, labels = corpus()
    assert fitted.background_ is not None
    assert fitted.background_[:FILLER].sum() > 0.95
    plain = model(background=None).fit(counts)
    assert plain.background_ is None
    left, before = (m.topic_word_[:, :FILLER].sum(axis=1).mean() for m in (fitted, plain))
    assert left < 0.4 * before
    theta = fitted.transform(counts)
    table = np.zeros((4, 4))
    np.add.at(table, (labels, theta.argmax(axis=1)), 1)
    assert table.max(axis=1).sum() == len(labels)
    assert theta.max(axis=1).mean() > plain.transform(counts).max(axis=1).mean()


def test_its_share_is_learned_where_alpha_is(counts: sparse.csr_matrix) -> None:
    found = model(background=0.6, alpha="asymmetric").fit(counts)
    assert found.background_alpha_ < found.alpha_.sum()
    assert found.background_share_ == pytest.approx(SHARE, abs=0.1)
    assert found.alpha_.shape == (4,)
    held = model(alpha=[0.1, 0.2, 0.1, 0.2]).fit(counts)
    assert held.background_alpha_ == pytest.approx(0.6 * SHARE / (1 - SHARE))


@pytest.mark.parametrize("weights", [None, "information"])
def test_it_is_one_topic_more_with_a_concentration_of_its_own(
    counts: sparse.csr_matrix, weights: str | None
) -> None:
    found = model(term_weights=weights).fit(counts)
    alpha = [*found.alpha_, found.background_alpha_]
    whole = model(n_topics=5, background=None, alpha=alpha, term_weights=weights).fit(counts)
    np.testing.assert_array_equal(found.topic_word_, whole.topic_word_[:4])
    np.testing.assert_array_equal(found.background_, whole.topic_word_[4])
    theta = whole.transform(counts)[:, :4]
    shares = theta / theta.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.transform(counts), shares, rtol=1e-5)
    options: Any = {"method": "left-to-right", "particles": 4}
    both = (each.perplexity(counts[:20], **options) for each in (found, whole))
    assert next(both) == pytest.approx(next(both), rel=1e-6)
    mean, deviation = found.posterior(counts[:5])
    of_all, spread = whole.posterior(counts[:5])
    left = of_all[:, :4].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(mean, of_all[:, :4] / left, rtol=1e-4)
    np.testing.assert_allclose(deviation, spread[:, :4] / left, rtol=1e-4)


def test_likelihood_is_of_the_mixture_with_the_mean_share(
    fitted: pt.LDA, counts: sparse.csr_matrix
) -> None:
    theta = fitted.transform(counts)
    assert fitted.background_ is not None
    share = fitted.background_share_
    assert share == pytest.approx(SHARE, abs=0.1)
    rows = (1 - share) * theta @ fitted.topic_word_ + share * fitted.background_
    expected = np.asarray(counts.multiply(np.log(rows)).sum(axis=1)).ravel()
    np.testing.assert_allclose(fitted.log_likelihood(counts, theta), expected, rtol=1e-4)
    assert fitted.perplexity(counts) < counts.shape[1]


def test_a_saved_model_keeps_it(fitted: pt.LDA, counts: sparse.csr_matrix, tmp_path: Path) -> None:
    loaded = pt.load(fitted.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.background_, fitted.background_)
    np.testing.assert_array_equal(loaded.transform(counts), fitted.transform(counts))
    assert loaded.perplexity(counts) == fitted.perplexity(counts)
    assert loaded.mixture_prior() is None


def test_a_model_fitted_anew_without_it_has_none(counts: sparse.csr_matrix) -> None:
    found = model(iterations=4).fit(counts).set_params(background=None).fit(counts)
    plain = model(iterations=4, background=None).fit(counts)
    assert found.background_ is None and found.mixture_prior() is not None
    np.testing.assert_array_equal(found.topic_word_, plain.topic_word_)


def test_empty_documents_and_threads(fitted: pt.LDA, counts: sparse.csr_matrix) -> None:
    with pytest.warns(pt.EmptyDocumentsWarning):
        theta = fitted.transform(np.zeros((1, counts.shape[1]), int))
    np.testing.assert_allclose(theta, 0.25)
    two = model(n_threads=2).fit(counts)
    np.testing.assert_array_equal(two.topic_word_, fitted.topic_word_)
    np.testing.assert_array_equal(fitted.transform(counts[[7]])[0], fitted.transform(counts)[7])


def test_seeds_and_locked_topics_beside_it(fitted: pt.LDA, counts: sparse.csr_matrix) -> None:
    guided = model(
        seed_words={"third": ["w30"]}, seeds_exclusive=True, locked_topics=fitted.topic_word_[:2]
    )
    guided.fit(counts, terms=[f"w{n}" for n in range(counts.shape[1])])
    np.testing.assert_array_equal(guided.topic_word_[:2], fitted.topic_word_[:2])
    assert guided.topic_names_ == ["", "", "third", ""]
    assert guided.eta_.shape == guided.topic_word_.shape
    assert guided.background_ is not None and guided.background_[30] == 0.0
    begun = model(start=fitted.topic_word_, iterations=10).fit(counts)
    led = (m.topic_word_[:, FILLER:].argmax(axis=1) // 8 for m in (begun, fitted))
    np.testing.assert_array_equal(*led)


def test_more_documents_leave_it_its_part(fitted: pt.LDA, counts: sparse.csr_matrix) -> None:
    learned = fitted.learned_from(counts)
    assert learned.topic_word_[:, :FILLER].sum(axis=1).mean() < 0.12
    np.testing.assert_array_equal(learned.background_, fitted.background_)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "online"}, "background: needs the sampler"),
        ({"alpha": "symmetric"}, "alpha: .*topics and background alike"),
        ({"background": 1.0}, "background: .*below 1"),
        ({"background": 0}, "background: .*above 0"),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], said: str, counts: sparse.csr_matrix) -> None:
    with pytest.raises(InputError, match=said):
        model(**changes).fit(counts)


@pytest.mark.parametrize("kind", [pt.HDP, pt.EmbeddingLDA])
def test_models_with_priors_of_their_own_have_none(kind: Any) -> None:
    with pytest.raises(TypeError, match="background"):
        kind(background=0.3)
    assert kind().background is None
