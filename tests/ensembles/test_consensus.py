"""Consensus over seeds: planted topics come back, what does not is told, the model is a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.ensembles import consensus
from polytopic.ensembles.agreeing import FLOOR, _geometric, _overlap, _wilson, agreed, order_of
from polytopic.errors import InputError

from planting import planted


def corpus(n_topics: int = 4) -> pt.Corpus:
    counts, _ = planted(n_documents=240, n_topics=n_topics, per_topic=12, seed=1)
    return pt.Corpus.from_counts(counts, terms=[f"w{v}" for v in range(counts.shape[1])])


MODEL = pt.LDA(n_topics=4, iterations=60)


@pytest.fixture(scope="module")
def found() -> pt.Consensus:
    return consensus(MODEL, corpus(), runs=4, random_state=3)


def test_planted_topics_are_reproducible_and_whole(found: pt.Consensus) -> None:
    assert found.reproducibility.tolist() == [1.0] * 4
    np.testing.assert_allclose(found.topic_word.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(found.doc_topic.sum(axis=1), 1, rtol=1e-5)
    blocks = found.topic_word.reshape(4, 4, 12).sum(axis=2)
    assert sorted(blocks.argmax(axis=1).tolist()) == [0, 1, 2, 3]
    _, labels = planted(n_documents=240, n_topics=4, per_topic=12, seed=1)
    assert pt.metrics.purity(found.doc_topic, labels) > 0.95
    table = found.topics()
    assert table["words"][0].split() == found.model.top_words(10)[0]
    assert table["overlap"].to_list() == found.overlap.tolist() and found.overlap.min() > 0.8


def test_a_topic_too_many_does_not_come_back() -> None:
    found = consensus(pt.LDA(n_topics=6, iterations=60), corpus(), runs=5)
    assert found.reproducibility.max() == 1.0
    assert found.reproducibility.min() < 1.0
    assert (found.interval[:, 0] <= found.reproducibility).all()
    assert (found.interval[:, 1] >= found.reproducibility).all()


def test_the_model_reads_documents_and_is_kept(found: pt.Consensus, tmp_path: Path) -> None:
    counts = corpus().counts[:20]
    theta = found.model.transform(counts)
    assert (theta.argmax(axis=1) == found.doc_topic[:20].argmax(axis=1)).mean() > 0.9
    loaded = pt.load(found.model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.topic_word_, found.topic_word)
    np.testing.assert_array_equal(loaded.transform(counts), theta)
    result = found.model.result(corpus())
    assert result.n_topics == 4 and len(result.verdicts) == 4


def test_runs_vote_on_new_documents(found: pt.Consensus) -> None:
    counts = corpus().counts
    np.testing.assert_allclose(found.transform(counts), found.doc_topic, atol=1e-6)
    of_one = found.members[1].transform(counts[:7])[:, found.order[1]]
    of_all = [
        m.transform(counts[:7])[:, o] for m, o in zip(found.members, found.order, strict=True)
    ]
    np.testing.assert_allclose(found.transform(counts[:7]), np.mean(of_all, axis=0), atol=1e-6)
    assert of_one.shape == (7, 4)
    kept = agreed([(m.topic_word_, m.transform(counts)) for m in found.members], corpus())
    with pytest.raises(InputError, match="members: there are none to vote"):
        kept.transform(counts)


def test_a_word_of_one_run_alone_is_no_word_of_the_consensus() -> None:
    """Where the arithmetic mean would list it before words that all runs have."""
    shared = np.array([0.2, 0.2, 0.2, 0.2, 0.05, 0.05, 0.05, 0.05, 0.0, 0.0])
    runs = [shared.copy() for _ in range(4)]
    runs[0] = 0.6 * shared + 0.4 * np.eye(10)[9]
    aligned = np.array([[run, run[::-1]] for run in runs])
    mean = aligned.mean(axis=0)[0]
    assert mean[9] > mean[4]
    geometric = _geometric(aligned, np.ones((4, 2), dtype=bool))[0]
    assert geometric[9] < geometric[4:8].min() and geometric[:4].argmax() < 4
    only = _geometric(aligned, np.array([[False, True]] + [[True, True]] * 3))[0]
    np.testing.assert_allclose(only, shared + FLOOR)


def test_any_number_of_processes_gives_the_same_bits(found: pt.Consensus) -> None:
    again = consensus(MODEL, corpus(), runs=4, random_state=3, n_jobs=2)
    np.testing.assert_array_equal(again.topic_word, found.topic_word)
    np.testing.assert_array_equal(again.doc_topic, found.doc_topic)


def test_topics_in_another_order_are_put_right() -> None:
    rng = np.random.default_rng(0)
    beta = rng.dirichlet(np.full(30, 0.1), 5)
    orders = [rng.permutation(5) for _ in range(4)]
    noisy = [0.95 * beta[order] + 0.05 * rng.dirichlet(np.ones(30), 5) for order in orders]
    found = order_of(noisy)
    original = [order[rows].tolist() for order, rows in zip(orders, found, strict=True)]
    assert all(rows == original[0] for rows in original)


def test_the_overlap_is_of_each_two_runs() -> None:
    one, other = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])
    aligned = np.array([[one, one], [one, other], [one, one]])
    # the second: of three pairs one is of the same, two share half a word each: (1 + .5 + .5) / 3
    assert _overlap(aligned) == pytest.approx([1.0, 2 / 3])


def test_the_interval_is_wilsons() -> None:
    low, high = _wilson(np.array([1.0, 0.5]), 8).T
    assert low == pytest.approx([0.6756, 0.2152], abs=1e-4)
    assert high == pytest.approx([1.0, 0.7848], abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"runs": 1}, "runs: is 1. One run agrees with itself"),
        ({"runs": True}, "runs: is True"),
        ({"n_jobs": 0}, "n_jobs: is 0"),
        ({"model": 3}, "model: is a int"),
        ({"model": "no such"}, "no such"),
        ({"corpus": [["a"]]}, "corpus: is a list"),
    ],
)
def test_what_cannot_be_run_is_refused(arguments: dict[str, Any], told: str) -> None:
    given = {"model": MODEL, "corpus": corpus(), "runs": 2} | arguments
    with pytest.raises(InputError, match=told):
        consensus(given.pop("model"), given.pop("corpus"), **given)
