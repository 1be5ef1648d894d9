"""Purity and NMI: golden values of TopMost, closed forms, scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    adjusted_mutual_info_score,
    fowlkes_mallows_score,
    normalized_mutual_info_score,
    v_measure_score,
)

from polytopic.errors import InputError
from polytopic.metrics import ami, fowlkes_mallows, nmi, purity, v_measure


def test_golden_values_of_topmost() -> None:
    """TopMost 1.0.2 on the same numbers: eva.clustering._clustering."""
    rng = np.random.default_rng(5)
    words = [f"w{number:02d}" for number in range(40)]
    for _ in range(6):
        rng.choice(words, 12, replace=False)
    theta = rng.dirichlet(np.full(6, 0.2), 80)
    labels = rng.integers(0, 4, 80)
    labels[theta.argmax(axis=1) < 2] = 1
    assert purity(theta, labels) == pytest.approx(0.6)
    assert nmi(theta, labels) == pytest.approx(0.2887402612196415)


def test_closed_forms() -> None:
    labels = ["x", "x", "y", "y"]
    assert purity([0, 0, 1, 1], labels) == nmi([0, 0, 1, 1], labels) == 1
    assert purity([0, 0, 0, 0], labels) == 0.5
    assert nmi([0, 0, 0, 0], labels) == 0
    # I = ln 2, H = ln 4 and ln 2: the arithmetic mean gives 2/3, the geometric .707
    assert nmi([0, 1, 2, 3], labels) == pytest.approx(2 / 3)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40))
def test_ranges_renaming_and_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    clusters, labels = (np.array(column) for column in zip(*pairs, strict=True))
    assert 0 < purity(clusters, labels) <= 1
    assert nmi(clusters, labels) == pytest.approx(
        np.clip(normalized_mutual_info_score(labels, clusters), 0, 1)
    )
    assert ami(clusters, labels) == pytest.approx(
        adjusted_mutual_info_score(labels, clusters), abs=1e-9
    )
    assert v_measure(clusters, labels, beta=0.5) == pytest.approx(
        np.clip(v_measure_score(labels, clusters, beta=0.5), 0, 1)
    )
    assert fowlkes_mallows(clusters, labels) == pytest.approx(
        np.clip(fowlkes_mallows_score(labels, clusters), 0, 1)
    )
    renamed = np.array(["p", "q", "r", "s", "t"])[clusters]
    assert purity(renamed, labels) == purity(clusters, labels)
    assert purity(clusters[::-1], labels[::-1]) == purity(clusters, labels)


@pytest.mark.parametrize(
    ("clusters", "labels", "message"),
    [
        ([0, 1], ["a"], "labels: there are 1, doc_topic has 2 documents"),
        ([0, 1], ["a", None], "labels: 1 of 2 are missing"),
        ([0, 1], [0.0, np.nan], "labels: 1 of 2 are missing"),
        ([[0.7, 0.7]], ["a"], "doc_topic: row 0 sums to 1.4"),
        ([[1.5, -0.5]], ["a"], "doc_topic: row 0 holds negative values"),
        ([], [], "labels: there are none"),
        ([0], [["a"]], "labels: shape"),
    ],
)
def test_bad_input(clusters, labels, message) -> None:  # type: ignore[no-untyped-def]
    for measure in (purity, nmi):
        with pytest.raises(InputError, match=message):
            measure(clusters, labels)


@pytest.mark.parametrize(
    "labels",
    [
        ["07", "7", "007", "7\0"],
        [2**53 + 1, 2**53, 2**53 - 1, 1.0],
        [2**70, 2**70 + 1, 5, 6],
        [True, 1, "x", "y"],
        np.array(["a", "b", "c", "d" * 1000]),
    ],
)
def test_labels_are_compared_by_their_whole_spelling(labels: Any) -> None:
    assert purity([0, 0, 1, 1], labels) == 0.5
    assert nmi([0, 1, 2, 3], labels) == pytest.approx(1.0)


def test_ami_of_many_documents_is_scikit_learns() -> None:
    """Here most of a cell's range lies beyond what is summed."""
    rng = np.random.default_rng(0)
    clusters = rng.integers(0, 7, 4000)
    labels = np.where(rng.random(4000) < 0.3, clusters, rng.integers(0, 5, 4000))
    expected = adjusted_mutual_info_score(labels, clusters)
    assert ami(clusters, labels) == pytest.approx(expected, abs=1e-12)


def test_ami_does_not_grow_with_the_number_of_clusters_and_purity_does() -> None:
    labels = np.arange(2000) % 4
    few, many = (np.random.default_rng(1).integers(0, k, 2000) for k in (4, 400))
    assert purity(many, labels) > purity(few, labels) + 0.2
    assert abs(ami(many, labels)) < 0.02 > abs(ami(few, labels))


@pytest.mark.parametrize("beta", [0.0, -1.0, np.nan])
def test_v_measure_refuses_a_beta_that_is_not_positive(beta: float) -> None:
    with pytest.raises(InputError, match="beta: is"):
        v_measure([0, 1], ["a", "b"], beta=beta)
