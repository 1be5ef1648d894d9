"""Diversity: golden values of TopMost, and a plain twin of rank-biased overlap."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polytopic.errors import InputError
from polytopic.metrics import diversity, diversity_once, inverted_rbo, topic_uniqueness


def sample_topics(seed: int, n_topics: int = 6, n: int = 12, words: int = 40) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    pool = [f"w{number:02d}" for number in range(words)]
    return [[str(word) for word in rng.choice(pool, n, replace=False)] for _ in range(n_topics)]


def test_golden_values_of_topmost() -> None:
    """TopMost 1.0.2 on the same lists: eva.topic_diversity._diversity and
    eva.hierarchy_quality.compute_TD."""
    topics = sample_topics(5)
    assert diversity(topics, n=12) == pytest.approx(0.5)
    assert diversity_once(topics, n=12) == pytest.approx(0.19444444444444445)


def test_closed_forms() -> None:
    same = [["a", "b"]] * 4
    apart = [["a", "b"], ["c", "d"]]
    assert diversity(same, n=2) == 0.25
    assert diversity_once(same, n=2) == 0
    assert topic_uniqueness(same, n=2) == 0.25
    assert inverted_rbo(same, n=2) == pytest.approx(0)
    for measure in (diversity, diversity_once, topic_uniqueness, inverted_rbo):
        assert measure(apart, n=2) == 1


def test_only_the_first_n_words_count() -> None:
    topics = [["a", "b", "x"], ["c", "d", "x"]]
    assert diversity(topics, n=2) == 1
    assert diversity(topics, n=3) == pytest.approx(5 / 6)


def test_arrays_need_no_vocabulary() -> None:
    topic_word = np.random.default_rng(0).dirichlet(np.full(60, 0.1), 5)
    terms = [f"t{column}" for column in range(60)]
    assert diversity(topic_word) == diversity(topic_word, vocabulary=terms)
    top = np.argsort(-topic_word, axis=1)[:, :25]
    assert diversity(topic_word) == np.unique(top).size / top.size


def plain_rbo(left: list[str], right: list[str], p: float) -> float:
    """Webber et al. 2010, eq. 32, for lists of one length."""
    n = len(left)
    agreement = [len(set(left[:d]) & set(right[:d])) / d for d in range(1, n + 1)]
    tail = sum(agreement[d - 1] * p**d for d in range(1, n + 1))
    return agreement[-1] * p**n + (1 - p) / p * tail


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.floats(0.1, 0.99))
def test_inverted_rbo_by_the_definition(seed: int, n: int, p: float) -> None:
    topics = sample_topics(seed, words=16)
    values = [plain_rbo(a[:n], b[:n], p) for a, b in combinations(topics, 2)]
    assert inverted_rbo(topics, n=n, p=p) == pytest.approx(1 - np.mean(values), abs=1e-12)


def test_inverted_rbo_minds_the_order() -> None:
    first = [["a", "b", "c"], ["a", "x", "y"]]
    last = [["b", "c", "a"], ["x", "y", "a"]]
    assert inverted_rbo(first, n=3) < inverted_rbo(last, n=3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_ranges_and_permutations(seed: int, n: int) -> None:
    topics = sample_topics(seed)
    unique, once = diversity(topics, n=n), diversity_once(topics, n=n)
    assert 1 / len(topics) <= unique <= 1
    assert 0 <= once <= unique
    assert 0 <= inverted_rbo(topics, n=n) <= 1
    assert topic_uniqueness(topics, n=n) == pytest.approx(unique)
    for measure in (diversity, diversity_once, topic_uniqueness, inverted_rbo):
        assert measure(topics[::-1], n=n) == pytest.approx(measure(topics, n=n))


def test_uniqueness_of_each_topic() -> None:
    topics = [["a", "b"], ["a", "c"], ["a", "d"]]
    found = topic_uniqueness(topics, n=2, per_topic=True)
    np.testing.assert_allclose(found, (1 / 3 + 1) / 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diversity([["a", "b"]]), "topic 0 has 2 words, n=25 asks for more"),
        (lambda: inverted_rbo([["a", "b"]], n=2), "at least two topics"),
        (lambda: inverted_rbo([["a", "b"]] * 2, n=2, p=1.0), "p: is 1.0"),
        (lambda: diversity([["a", "a"]], n=2), "twice"),
    ],
)
def test_bad_input(call, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        call()
