"""Words of topics by relevance."""

from __future__ import annotations

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError
from polytopic.result.record import top_words

TERMS = ["every", "own", "rare", "other"]
BETA = np.array([[0.5, 0.3, 0.15, 0.05], [0.5, 0.05, 0.05, 0.4]], dtype=np.float32)
KNOWN = pt.Vocabulary(TERMS, np.array([500, 90, 3, 200]), np.array([300, 60, 2, 90]))


def test_relevance_puts_a_topics_own_words_first_and_a_handful_of_documents_last() -> None:
    assert top_words(BETA, KNOWN, 2) == [["every", "own"], ["every", "other"]]
    assert top_words(BETA, KNOWN, 2, 1.0) == [["every", "own"], ["every", "other"]]
    assert top_words(BETA, KNOWN, 2, 0.0)[0] == ["own", "every"]
    assert top_words(BETA, KNOWN, 4, 0.0)[0][0] == "rare"  # all are asked for


def test_the_ranking_is_that_of_the_equation() -> None:
    share = KNOWN.counts / KNOWN.counts.sum()
    for weight in (0.0, 0.3, 0.6, 1.0):
        scores = weight * np.log(BETA) + (1 - weight) * np.log(BETA / share)
        expected = [[TERMS[v] for v in row] for row in np.argsort(-scores, axis=1)]
        assert top_words(BETA, KNOWN, 4, weight) == expected


@pytest.mark.parametrize("relevance", [-0.1, 1.5, float("nan"), True])
def test_relevance_is_a_share(relevance: float) -> None:
    with pytest.raises(InputError, match="relevance: is"):
        top_words(BETA, KNOWN, 2, relevance)
