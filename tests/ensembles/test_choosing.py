"""How many topics: the range on planted corpora, its rule on figures, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic.ensembles import choose_topics
from polytopic.ensembles.choosing import _answer, _Fit, _usual
from polytopic.errors import InputError

from planting import planted


def corpus(labels: bool = False) -> pt.Corpus:
    """Five topics, each with words of its own that fall off as in texts, mixed in documents."""
    rng = np.random.default_rng(2)
    weights = 1.0 / np.arange(1, 21)
    beta = np.kron(np.eye(5), weights / weights.sum()) * 0.9 + 0.1 / 100
    theta = rng.dirichlet(np.full(5, 0.1), 300)
    counts = np.array([rng.multinomial(60, row / row.sum()) for row in theta @ beta])
    kinds = theta.argmax(axis=1)
    terms = [f"w{v}" for v in range(100)]
    sparse_counts = sparse.csr_matrix(counts)
    return pt.Corpus.from_counts(sparse_counts, terms=terms, labels=kinds if labels else None)


def test_the_range_holds_the_planted_number() -> None:
    found = choose_topics(corpus(labels=True), (2, 5, 12), iterations=60, random_state=0)
    assert (found.low, found.high, found.best, found.clear) == (5, 5, 5, True)
    assert found.sentence == "5 topics."
    assert found.table()["in_range"].to_list() == [False, True, False]
    assert found.agreement[1] is not None and found.agreement[1] > 0.7
    assert found.good[1] is not None


def test_any_number_of_processes_gives_the_same_answer() -> None:
    one = choose_topics(corpus(), (2, 5), runs=2, iterations=20)
    assert choose_topics(corpus(), (5, 2), runs=2, iterations=20, n_jobs=2) == one
    assert one.agreement == (None, None)


def fits(fit: float, words: list[list[list[str]]]) -> list[_Fit]:
    return [_Fit(listed, fit + 0.001 * run, None, None) for run, listed in enumerate(words)]


SAME = [[["a", "b"], ["c", "d"]]] * 2
OTHER = [[["a", "b"], ["c", "d"]], [["a", "x"], ["y", "d"]]]


def test_the_range_is_where_fit_and_stability_agree() -> None:
    tried = [fits(-9, SAME), fits(-7, SAME), fits(-7, OTHER), fits(-8, OTHER)]
    found = _answer([2, 4, 8, 16], tried)
    assert (found.low, found.high, found.clear) == (4, 4, True)
    # of [a b] and [a x]: (1 + 1/3) / 2, of [c d] and [y d]: (0 + 1/3) / 2
    assert found.stability == (1.0, 1.0, pytest.approx(5 / 12), pytest.approx(5 / 12))


def test_no_clear_answer_is_said() -> None:
    apart = _answer([2, 4, 8], [fits(-9, SAME), fits(-8, OTHER), fits(-7, OTHER)])
    assert not apart.clear and (apart.low, apart.high) == (2, 8)
    assert apart.sentence.startswith("No clear answer: held-out fit and stability point to")
    flat = _answer([2, 4, 8], [fits(-7, SAME)] * 3)
    assert not flat.clear
    assert flat.sentence.startswith("No clear answer: anything from 2 to 8")
    for unclear in (apart, flat):  # what is no answer is no range
        assert not unclear.table()["in_range"].any()


def test_the_edge_of_what_was_tried_is_told() -> None:
    found = _answer([2, 4, 8], [fits(-9, SAME), fits(-8, SAME), fits(-7, SAME)])
    assert found.low == found.high == 8
    assert found.sentence.endswith("That is the edge of what was tried: try further.")


def test_labels_missing_for_most_are_left_out() -> None:
    counts, kinds = planted(n_documents=200, n_topics=3, per_topic=8, seed=0)
    labels = np.array([str(kind) for kind in kinds], dtype=object)
    labels[40:] = None
    terms = [f"w{v}" for v in range(counts.shape[1])]
    some = pt.Corpus.from_counts(counts, terms=terms, labels=labels)
    found = choose_topics(some, (2, 3), runs=2, iterations=30)
    assert found.agreement[1] is not None and found.agreement[1] > 0.8
    labels[1:] = None
    none = pt.Corpus.from_counts(counts, terms=terms, labels=labels)
    assert choose_topics(none, (2, 3), runs=2, iterations=5).agreement == (None, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"candidates": [1, 5]}, "candidates: is 1. One topic"),
        ({"candidates": [5, 5]}, "fewer than two numbers"),
        ({"candidates": [2.5, 5]}, "candidates: is 2.5"),
        ({"candidates": [2, 3], "runs": 1}, "runs: is 1"),
        ({"candidates": [2, 3], "corpus": ["a text"]}, "corpus: is a list"),
        ({"candidates": [2, 900]}, "n_topics: 900"),
    ],
)
def test_what_cannot_be_tried_is_refused(arguments: dict[str, Any], told: str) -> None:
    given = {"corpus": corpus(), "iterations": 2} | arguments
    with pytest.raises(InputError, match=told):
        choose_topics(given.pop("corpus"), **given)


def test_an_encoder_is_refused_as_what_it_is() -> None:
    """Members are fitted to counts: a corpus that keeps its texts is not told to keep them."""
    texts = ["engine fuel wheel", "gene cell protein"] * 20
    model = pt.ClusterTM(n_topics=2, encoder=lambda given: np.ones((len(given), 2)))
    for asked in (
        lambda: choose_topics(pt.Corpus.from_texts(texts, min_df=1), (2, 3), model=model),
        lambda: pt.consensus(model, pt.Corpus.from_texts(texts, min_df=1), runs=2),
    ):
        with pytest.raises(InputError, match="^encoder: ClusterTM is fitted several times here"):
            asked()


def test_a_handful_of_documents_is_refused() -> None:
    few = pt.Corpus.from_counts(corpus().counts[:19], terms=corpus().vocabulary.terms)
    with pytest.raises(InputError, match="19 documents hold terms"):
        choose_topics(few, (2, 3))


def test_numbers_that_are_tried_fit_the_corpus() -> None:
    assert list(_usual(corpus())) == [5, 10, 20]
    few = pt.Corpus.from_counts(corpus().counts[:40], terms=corpus().vocabulary.terms)
    assert list(_usual(few)) == [2, 3, 5]
