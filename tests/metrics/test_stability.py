"""Stability of topics over runs."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.metrics import stability
from polytopic.metrics.stability import average_jaccard, matched

ONE = [["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]
OTHER = [["e", "d", "x"], ["i", "h", "g"], ["b", "a", "c"]]


def _plain(one: list[str], other: list[str]) -> float:
    depths = range(1, len(one) + 1)
    return float(
        np.mean(
            [
                len(set(one[:d]) & set(other[:d])) / len(set(one[:d]) | set(other[:d]))
                for d in depths
            ]
        )
    )


def test_average_jaccard_is_the_mean_over_depths() -> None:
    found = average_jaccard(ONE, OTHER)
    assert found == pytest.approx(np.array([[_plain(a, b) for b in OTHER] for a in ONE]))


def test_topics_are_paired_for_the_largest_sum() -> None:
    similarity = np.random.default_rng(0).random((5, 5))
    best = max(sum(similarity[i, p[i]] for i in range(5)) for p in permutations(range(5)))
    assert similarity[matched(similarity)].sum() == pytest.approx(best)
    found = average_jaccard(ONE, OTHER)
    assert stability([ONE, OTHER], n=3) == pytest.approx(found[[0, 1, 2], [2, 0, 1]].mean())


def test_the_order_of_topics_and_runs_changes_nothing_and_loss_of_topics_counts() -> None:
    assert stability([ONE, ONE[::-1], ONE], n=3) == 1
    assert stability([ONE, OTHER], n=3) == pytest.approx(stability([OTHER[::-1], ONE], n=3))
    assert stability([ONE, ONE[:1]], n=3) == pytest.approx(1 / 3)
    assert stability([ONE, ONE[1:], ONE[1:]], n=3, per_topic=True).tolist() == [0, 1, 1]


@pytest.mark.parametrize("runs", [[], [ONE], "ab"])
def test_one_run_says_nothing(runs: list[list[list[str]]]) -> None:
    with pytest.raises(InputError, match="Pass at least two"):
        stability(runs, n=3)
