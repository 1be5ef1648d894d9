"""Document completion: exact halves, no peeking, and the likelihood by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from polytopic.errors import InputError
from polytopic.metrics import document_completion, mixture_log_likelihood, perplexity


def sample_counts(seed: int = 0, documents: int = 30, terms: int = 12) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.random.default_rng(seed).poisson(0.8, (documents, terms)))


class Mixture:
    """A fixed topic model that remembers what it was shown."""

    def __init__(self, theta: np.ndarray, topic_word: np.ndarray) -> None:
        self.theta, self.topic_word_ = theta, topic_word

    def transform(self, counts: sparse.csr_matrix) -> np.ndarray:
        self.shown = counts
        return self.theta


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 5))
def test_halves_add_up_and_are_exact(seed: int, random_state: int) -> None:
    counts = sample_counts(seed)
    observed, held_out = document_completion(counts, random_state=random_state)
    np.testing.assert_array_equal((observed + held_out).toarray(), counts.toarray())
    assert held_out.nnz == 0 or held_out.data.min() > 0
    lengths = counts.sum(axis=1).ravel()
    np.testing.assert_array_equal(held_out.sum(axis=1).ravel(), lengths // 2)


def test_a_seed_halves_as_it_always_has() -> None:
    """Published perplexities are of these halves."""
    counts = np.array([[3, 1, 4, 2, 0], [5, 5, 0, 0, 1]])
    for seed, expected in (
        (0, [[1, 1, 2, 1, 0], [5, 1, 0, 0, 0]]),
        (7, [[3, 0, 1, 1, 0], [3, 2, 0, 0, 1]]),
    ):
        assert document_completion(counts, random_state=seed)[0].toarray().tolist() == expected


def test_split_is_drawn_without_preference() -> None:
    """Hypergeometric: of 6 tokens, 2 of one term, both are held out with probability 1/5."""
    counts = sparse.csr_matrix(np.tile([2, 1, 3], (20_000, 1)))
    _, held_out = document_completion(counts)
    share = (held_out.toarray()[:, 0] == 2).mean()
    assert share == pytest.approx(0.2, abs=4 * math.sqrt(0.2 * 0.8 / 20_000))
    np.testing.assert_allclose(held_out.toarray().mean(axis=0), [1, 0.5, 1.5], atol=0.03)


def test_split_is_repeatable_and_hangs_on_the_seed() -> None:
    counts = sample_counts()
    first, again, other = (document_completion(counts, random_state=s)[1] for s in (0, 0, 1))
    assert (first != again).nnz == 0
    assert (first != other).nnz > 0
    alone = document_completion(counts[:5])[1]  # whatever stands behind a document
    assert (alone != first[:5]).nnz == 0


def test_perplexity_by_hand_and_without_peeking() -> None:
    rng = np.random.default_rng(1)
    counts = sample_counts()
    model = Mixture(rng.dirichlet(np.ones(3), 30), rng.dirichlet(np.ones(12), 3))
    found = perplexity(model, counts, random_state=7)
    observed, held_out = document_completion(counts, random_state=7)
    assert (model.shown != observed).nnz == 0
    p = model.theta @ model.topic_word_
    expected = np.exp(-(held_out.toarray() * np.log(p)).sum() / held_out.sum())
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_uniform_model_has_the_perplexity_of_the_vocabulary() -> None:
    model = Mixture(np.full((30, 3), 1 / 3), np.full((3, 12), 1 / 12))
    assert perplexity(model, sample_counts()) == pytest.approx(12)


def test_the_models_own_likelihood_is_taken() -> None:
    class Own(Mixture):
        def log_likelihood(self, counts: sparse.csr_matrix, doc_topic: np.ndarray) -> np.ndarray:
            assert doc_topic is self.theta
            return -math.log(5) * counts.sum(axis=1).ravel()

    model = Own(np.full((30, 3), 1 / 3), np.full((3, 12), 1 / 12))
    assert perplexity(model, sample_counts()) == pytest.approx(5)


def test_an_impossible_token_makes_it_infinite() -> None:
    model = Mixture(np.ones((1, 1)), np.array([[1.0, 0.0]]))
    assert perplexity(model, np.array([[0, 4]])) == math.inf


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    theta, beta = rng.dirichlet(np.ones(3), 30), rng.dirichlet(np.ones(12), 3)
    whole = mixture_log_likelihood(sample_counts(), theta, beta)
    monkeypatch.setattr("polytopic.metrics.completion.BLOCK", 21)
    np.testing.assert_allclose(mixture_log_likelihood(sample_counts(), theta, beta), whole)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.array([[0.5, 1.5]]), "counts: hold fractions"),
        (np.array([[-1, 2]]), "negative"),
        (np.array([[np.nan, 2]]), "NaN"),
        (np.zeros((0, 3)), "holds no document"),
        (np.array([[1, 0], [0, 1]]), "no document has two tokens"),
        (np.array([1, 2]), "no matrix of numbers"),
    ],
)
def test_bad_counts(counts: np.ndarray, message: str) -> None:
    model = Mixture(np.full((len(counts), 2), 0.5), np.full((2, 2), 0.5))
    with pytest.raises(InputError, match=message):
        perplexity(model, counts)


def test_bad_models() -> None:
    counts = sample_counts()
    with pytest.raises(InputError, match=r"doc_topic: row 0 sums to 0\.6"):
        perplexity(Mixture(np.full((30, 3), 0.2), np.full((3, 12), 1 / 12)), counts)
    with pytest.raises(InputError, match=r"doc_topic: shape \(30, 2\) does not fit"):
        perplexity(Mixture(np.full((30, 2), 0.5), np.full((3, 12), 1 / 12)), counts)
