"""Models over weighed terms: their topics, and what they say of the tokens themselves."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

import polytopic as pt
from polytopic.metrics.completion import mixture_log_likelihood
from polytopic.topics.lda.term_weights import KINDS, weights_of

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

FILLER = 8
"""Terms that stand in nearly every document, in front of the planted ones."""


def corpus() -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
    counts, labels = planted()
    filler = np.random.default_rng(3).poisson(6.0, (counts.shape[0], FILLER))
    return sparse.csr_matrix(sparse.hstack([filler, counts])).astype(np.int32), labels


def model(**changes: Any) -> pt.LDA:
    settings: dict[str, Any] = {
        "n_topics": 4, "iterations": 40, "random_state": 0, "n_threads": 1, "term_weights": "idf",
    }  # fmt: skip
    return pt.LDA(**settings | changes)


def led_by_filler(fitted: pt.LDA) -> int:
    return int((np.argsort(-fitted.topic_word_, axis=1)[:, :8] < FILLER).sum())


@pytest.mark.parametrize("weights", KINDS)
def test_words_that_stand_everywhere_lead_fewer_topics(weights: str) -> None:
    counts, labels = corpus()
    found = model(term_weights=weights).fit(counts)
    assert led_by_filler(found) < led_by_filler(model(term_weights=None).fit(counts))
    theta = found.transform(counts)
    table = np.zeros((4, 4))
    np.add.at(table, (labels, theta.argmax(axis=1)), 1)
    assert table.max(axis=1).sum() == len(labels)


def test_weights_of_one_are_plain_lda() -> None:
    counts, _ = corpus()
    plain, ones = (model(term_weights=w).fit(counts) for w in (None, np.ones(counts.shape[1])))
    np.testing.assert_array_equal(plain.topic_word_, ones.topic_word_)
    np.testing.assert_array_equal(plain.transform(counts), ones.transform(counts))
    assert plain.perplexity(counts) == pytest.approx(ones.perplexity(counts), rel=1e-6)


@pytest.mark.parametrize("kind", [pt.LDA, pt.HDP])
def test_any_number_of_threads_gives_the_same_bits(kind: Any) -> None:
    counts, _ = corpus()
    settings = {"n_topics": 4, "iterations": 12, "random_state": 0, "term_weights": "idf"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, *more = (kind(**settings, n_threads=n).fit(counts) for n in (1, 2, 3))
    for other in more:
        np.testing.assert_array_equal(one.topic_word_, other.topic_word_)


def test_likelihood_is_of_tokens_drawn_with_the_weights_taken_out() -> None:
    counts, _ = corpus()
    fitted = model().fit(counts)
    theta = fitted.transform(counts)
    weights = weights_of("idf", counts)
    assert weights is not None
    shares = theta.astype(np.float64) @ fitted.topic_word_ / weights
    shares /= shares.sum(axis=1, keepdims=True)
    expected = np.asarray(counts.multiply(np.log(shares)).sum(axis=1)).ravel()
    np.testing.assert_allclose(fitted.log_likelihood(counts, theta), expected, rtol=1e-5)
    mixed = mixture_log_likelihood(counts, theta, fitted.topic_word_)
    assert fitted.log_likelihood(counts, theta).sum() > mixed.sum()


def test_perplexities_are_near_those_without_weights() -> None:
    counts, _ = corpus()
    plain, found = model(term_weights=None).fit(counts), model().fit(counts)
    for options in ({}, {"method": "left-to-right", "particles": 10}):
        without = plain.perplexity(counts, **options)
        assert found.perplexity(counts, **options) == pytest.approx(without, rel=0.1)
    mean, _ = found.posterior(counts[:5], samples=200)
    assert np.abs(mean - found.transform(counts[:5])).max() < 0.15


def test_a_saved_model_weighs_as_before(tmp_path: Path) -> None:
    counts, _ = corpus()
    fitted = model().fit(counts)
    loaded = pt.load(fitted.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.term_weights_, fitted.term_weights_)
    np.testing.assert_array_equal(loaded.transform(counts), fitted.transform(counts))
    assert loaded.perplexity(counts) == fitted.perplexity(counts)


def test_a_document_has_its_topics_alone_as_beside_others() -> None:
    counts, _ = corpus()
    fitted = model().fit(counts)
    together = fitted.transform(counts)
    for row in (0, 17, 88):
        np.testing.assert_array_equal(fitted.transform(counts[[row]])[0], together[row])


def test_a_stream_keeps_the_weights_of_its_first_documents() -> None:
    counts, _ = corpus()
    stream = model(method="online", batch_size=32)
    stream.partial_fit(counts[:100])
    first = stream.term_weights_
    stream.partial_fit(counts[100:])
    np.testing.assert_array_equal(first, weights_of("idf", counts[:100]))
    np.testing.assert_array_equal(stream.term_weights_, first)


def test_seeds_count_for_what_their_words_weigh() -> None:
    counts, _ = corpus()
    guided = model(seed_words={"chosen": ["w3"]}, seed_strength=2.0)
    guided.fit(counts, terms=[f"w{n}" for n in range(counts.shape[1])])
    weights = weights_of("idf", counts)
    assert weights is not None
    uses = np.asarray(counts.sum(axis=0)).ravel()[3]
    assert guided.eta_[0, 3] == pytest.approx(0.01 + 2.0 * uses * weights[3], rel=1e-5)


def test_new_words_weigh_what_a_token_weighs_in_the_mean() -> None:
    texts = ["apples pears plums", "cars trucks roads", "apples plums", "roads cars"] * 10
    corpus = pt.Corpus.from_texts(texts, min_df=1)
    fitted = model(n_topics=2, iterations=20).fit(corpus)
    learned = pt.update(fitted, ["apples pears quinces", "plums quinces"] * 6).model
    assert learned.vocabulary_.terms[-1] == "quinces"
    assert learned.term_weights_[-1] == 1.0
    assert learned.transform(["quinces quinces"]).shape == (1, 2)
