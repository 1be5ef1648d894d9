"""Words that stand everywhere are known by their lift, not by how many documents hold them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import InputError
from polytopic.metrics import collapse
from polytopic.metrics.stop_words import everywhere

N_TERMS, N_TOPICS, OWN = 6000, 4, 10


def corpus(length: int, *, stop: float = 0.0) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Topics of ten own words among 6,000, and a long tail; documents lean to one of them.

    A fifth topic of ten stop words takes the share ``stop`` of every document.
    """
    rng = np.random.default_rng(0)
    beta = np.full((N_TOPICS + 1, N_TERMS), 0.0)
    for topic in range(N_TOPICS + 1):
        beta[topic, OWN * topic : OWN * (topic + 1)] = 0.05
    tail = np.arange(OWN * (N_TOPICS + 1), N_TERMS)
    beta[:, tail] = 0.5 / len(tail)
    theta = np.full((200, N_TOPICS), 0.05)
    theta[np.arange(200), np.arange(200) % N_TOPICS] = 0.85
    theta = np.column_stack([theta * (1 - stop), np.full(200, stop)])
    counts = np.array([rng.multinomial(length, p) for p in theta @ beta])
    return beta, theta, sparse.csr_matrix(counts)


@pytest.mark.parametrize("length", [60, 300, 1000])
def test_topics_of_long_documents_are_no_stop_words(length: int) -> None:
    beta, theta, counts = corpus(length)
    holding = (counts[:, :OWN].toarray() > 0).mean(axis=0)
    assert (holding >= 0.2).all()  # all ten top words of the first topic are frequent
    found = collapse(beta[:N_TOPICS], theta[:, :N_TOPICS], counts=counts)
    assert found.stop_word_topics == ()
    assert collapse(beta[:N_TOPICS], counts=counts).stop_word_topics == ()


@pytest.mark.parametrize("length", [60, 300, 1000])
@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_a_topic_that_takes_its_part_of_every_document_is(length: int, share: float) -> None:
    beta, theta, counts = corpus(length, stop=share)
    found = collapse(beta, theta, counts=counts)
    assert found.stop_word_topics == (N_TOPICS,)
    assert f"stand everywhere: {N_TOPICS}" in " ".join(found.sentences())


def test_lift_is_the_rate_in_the_topic_s_documents_by_that_of_all() -> None:
    counts = np.array([[8, 2], [2, 8]])
    theta = np.array([[0.75, 0.25], [0.25, 0.75]])
    beta = np.array([[0.8, 0.2], [0.2, 0.8]])
    wide = sparse.csr_matrix(np.hstack([counts, np.zeros((2, 98), int)]))
    wide_beta = np.hstack([beta, np.zeros((2, 98))])
    top = np.array([[0, 1], [1, 0]])
    lift = (0.75 * 8 + 0.25 * 2) / 10 / 0.5  # of the first word in the first topic: 1.3
    for limit, wanted in ((lift - 0.01, [False, True]), (lift + 0.01, [True, True])):
        found = everywhere(wide_beta, theta, wide, top, frequent=0.2, lift=limit)
        assert found is not None and found.tolist() == [wanted, wanted]


def test_documents_without_terms_make_no_word_rarer() -> None:
    beta, theta, counts = corpus(300, stop=0.3)
    empty = sparse.csr_matrix((2000, N_TERMS), dtype=counts.dtype)
    uniform = np.full((2000, N_TOPICS + 1), 1 / (N_TOPICS + 1))
    found = collapse(beta, np.vstack([theta, uniform]), counts=sparse.vstack([counts, empty]))
    assert found.stop_word_topics == (N_TOPICS,)


def test_the_limit_is_kept_and_checked() -> None:
    beta, theta, counts = corpus(300)
    assert collapse(beta, theta, counts=counts).thresholds["lift"] == 1.5
    for wrong in (0.9, float("nan"), float("inf")):
        with pytest.raises(InputError, match="lift: is .*at least 1"):
            collapse(beta, theta, counts=counts, lift=wrong)
