"""The sentence on how many topics there are, one for each kind of answer, and its parts."""

from __future__ import annotations

import pytest

from polytopic.metrics.topic_numbers import told_numbers
from polytopic.report.wording import Wording

TRIED = [5, 10, 20, 50]


@pytest.mark.parametrize(
    ("low", "high", "clear", "agreed", "told"),
    [
        (10, 10, True, True, "10 topics."),
        (10, 20, True, True, "10 to 20 topics, most stable with 10."),
        (20, 50, True, True, "20 to 50 topics, most stable with 10. That is the edge of what was"),
        (5, 5, True, True, "5 topics. That is the edge"),
        (10, 50, False, True, "No clear answer: anything from 10 to 50 topics"),
        (5, 20, False, False, "No clear answer: held-out fit and stability point to different"),
    ],
)
def test_each_kind_of_answer_has_its_sentence(
    low: int, high: int, clear: bool, agreed: bool, told: str
) -> None:
    said = told_numbers(TRIED, low, high, 10, clear=clear, agreed=agreed)
    assert said.startswith(told)
    assert ("edge" in said) == ("edge" in told)


def test_it_is_said_in_other_languages() -> None:
    said = told_numbers(TRIED, 20, 50, 20, clear=True, agreed=True)
    german = Wording("de").tell(said)
    assert german.startswith("20 bis 50 Themen, am stabilsten mit 20. Das ist der Rand")
