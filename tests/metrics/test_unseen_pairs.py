"""NPMI in a reference that lacks words or pairs, and C_V by its two powers."""

from __future__ import annotations

import numpy as np
import pytest
from test_evaluate_all import result

from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.metrics import c_v, evaluate, npmi, unseen_pairs

TEXTS = [["a", "b"], ["a", "b", "c"], ["c"], ["d"], ["e", "f"]]


def test_pairs_left_out_are_those_counted() -> None:
    topics = [["a", "b", "d", "x"], ["c", "e", "y", "z"]]
    assert unseen_pairs(topics, TEXTS, n=4) == {"pairs": 12, "unknown": 8, "never_together": 3}
    with pytest.warns(UnseenTermsWarning, match="3 of 8 words"):
        every = npmi(topics, TEXTS, n=4, pairs="all", per_topic=True)
    together = npmi([["a", "b"]], TEXTS, n=2)
    assert every[0] == pytest.approx((together - 5) / 6)
    known = npmi(topics, TEXTS, n=4, pairs="known", per_topic=True)
    assert known == pytest.approx([(together - 2) / 3, -1.0])
    seen = npmi(topics, TEXTS, n=4, pairs="seen", per_topic=True)
    assert seen[0] == pytest.approx(together)
    assert np.isnan(seen[1])
    assert npmi(topics, TEXTS, n=4, pairs="seen") == pytest.approx(together)


@pytest.mark.parametrize(("pairs", "told"), [("known", "knows both words"), ("seen", "holds toge")])
def test_a_reference_without_a_single_known_pair_is_refused(pairs: str, told: str) -> None:
    topics = [["a", "x"], ["y", "c"]]
    with pytest.raises(InputError, match=told):
        npmi(topics, TEXTS, n=2, pairs=pairs)


def test_an_unknown_choice_of_pairs_is_refused() -> None:
    with pytest.raises(InputError, match='"known" or "seen"'):
        npmi([["a", "b"]], TEXTS, n=2, pairs="some")


def test_evaluate_tells_them_beside_the_figure() -> None:
    terms = result().top_words(10)
    reference = [terms[0][:2], terms[0][:2], [terms[1][0]], ["nothing"]]
    found = evaluate(result(), reference=reference)
    counted = unseen_pairs(result(), reference)
    assert found["unknown_pairs_reference"] == counted["unknown"]
    assert found["unseen_pairs_reference"] == counted["unknown"] + counted["never_together"]
    assert found["npmi_reference_seen"] == pytest.approx(npmi(result(), reference, pairs="seen"))
    assert found["npmi_reference"] < found["npmi_reference_known"] < found["npmi_reference_seen"]
    alone = evaluate(result(), reference=[[terms[0][0]], ["nothing"]])
    assert alone["npmi_reference_known"] is alone["npmi_reference_seen"] is None
    assert alone["npmi_reference"] == -1


def test_gamma_raises_each_npmi_to_its_power() -> None:
    topics, n = [["a", "b", "c"]], 3
    p = {"a": 2 / 5, "b": 2 / 5, "c": 2 / 5, "ab": 2 / 5, "ac": 1 / 5, "bc": 1 / 5}

    def of(one: str, other: str) -> float:
        joint = p[one] if one == other else p["".join(sorted(one + other))]
        return float(np.log((joint + 1e-12) / (p[one] * p[other])) / -np.log(joint + 1e-12))

    matrix = np.array([[of(x, y) for y in "abc"] for x in "abc"])
    for gamma in (1, 2):
        rows = matrix**gamma
        whole = rows.sum(axis=0)
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(whole)
        expected = (rows @ whole / lengths).mean()
        found = c_v(topics, TEXTS, n=n, window=None, gamma=gamma)
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("gamma", [0, 1.5, True])
def test_gamma_is_a_whole_number(gamma: float) -> None:
    with pytest.raises(InputError, match="gamma: is"):
        c_v([["a", "b"]], TEXTS, n=2, gamma=gamma)
