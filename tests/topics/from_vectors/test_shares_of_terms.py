"""p(topic | term) where p(term | topic) belongs: recognised, and answered with the sound routes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import simplex
from polytopic.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

COUNTS = np.kron(np.eye(3, dtype=int), np.full((10, 4), 2))
SHARES = np.random.default_rng(0).dirichlet(np.full(3, 0.5), size=12).T
"""Columns of terms, each on the simplex: (K, V)."""


def fit(**given: Any) -> pt.LDA:
    return pt.LDA(n_topics=3, iterations=4, random_state=0, **given).fit(COUNTS)


@pytest.mark.parametrize("name", ["start", "eta", "locked_topics"])
def test_columns_that_sum_to_one_are_named_for_what_they_are(name: str) -> None:
    with pytest.raises(InputError, match=rf"{name}: its columns sum to 1.*from_vectors") as caught:
        fit(**{name: SHARES})
    assert "Divide each row" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["start", "eta"])
def test_rows_of_terms_that_sum_to_one_are_too(name: str) -> None:
    with pytest.raises(InputError, match=rf"{name}: shape \(12, 3\).*p\(topic \| term\)") as caught:
        fit(**{name: SHARES.T})
    assert "eta.T" not in str(caught.value)


def test_topics_of_a_result_are_too() -> None:
    with pytest.raises(InputError, match="topic_word: its columns sum to 1"):
        simplex.check_distribution(SHARES, "topic_word")


def test_the_answer_of_the_message_is_taken() -> None:
    topics = simplex.normalize(SHARES * COUNTS.sum(axis=0))
    fit(start=topics)
    fit(eta=simplex.prior(topics, strength=5.0))


def test_a_flat_prior_whose_columns_sum_to_one_is_a_prior() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        simplex.check_prior(np.full((3, 12), 1 / 3), 3, 12)


def test_rows_that_are_both_are_distributions() -> None:
    both = np.array([[0.25, 0.75], [0.75, 0.25]])
    assert simplex.is_distribution(both)


@pytest.mark.parametrize("name", ["start", "eta", "locked_topics"])
def test_topics_that_are_all_the_same_are_told(name: str) -> None:
    row = simplex.softmax(np.random.default_rng(1).normal(size=12))
    rows = np.tile(row, (2 if name == "locked_topics" else 3, 1))
    with pytest.warns(UserWarning, match=rf"{name}: all \d rows are the same"):
        fit(**{name: rows})


@pytest.mark.parametrize("name", ["start", "locked_topics"])
def test_a_softmax_of_each_vector_added_up_is_flat_and_told(name: str) -> None:
    shares = simplex.softmax(np.random.default_rng(1).normal(size=(12, 8)))
    row = shares.sum(axis=1) / shares.sum()  # 1 of 12 each, but for rounding
    rows = np.tile(row, (2 if name == "locked_topics" else 3, 1))
    for flat in (rows, np.full_like(rows, 1 / 12)):
        with pytest.warns(UserWarning, match=rf"{name}: all \d rows are the same"):
            fit(**{name: flat})


def test_seeded_priors_whose_rows_differ_in_one_term_are_not() -> None:
    rows = np.full((3, 12), 0.01) + np.arange(12) * 1e-3
    rows[1, 4] += 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        simplex.check_prior(rows, 3, 12)
