"""Sentences that know their parts."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from polytopic.report.wording import Wording
from polytopic.told import Decimal, Names, Percent, Told, together


def test_a_sentence_is_its_english_and_chooses_its_form() -> None:
    topics = "{n} topic is {what}. | {n} topics are {what}."
    assert Told(topics, 1, what="x") == "1 topic is x." and Told(topics, 1200, what="x").startswith(
        "1,200 topics"
    )
    assert json.dumps(Told("a {b}", b=Decimal(-0.5, 2))) == '"a -0.50"'
    assert Told("{a}, {b}", a=Names(()), b=Names(("1", "2", "3"))) == ", 1, 2 and 3"
    assert Told("{a} {b}", a=Percent(0.126), b=Percent(0.126, 1, " ")) == "13% 12.6 %"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_keeps_the_parts(copied: Callable[[Told], Told]) -> None:
    told = Told("Two subjects: {one} and {other}.", one="{n} | x", other="b")
    again = copied(told)
    assert again == told == "Two subjects: {n} | x and b."
    assert Wording("de").tell(again) == "Zwei Gegenstände: {n} | x und b."


def test_sentences_after_each_other_are_each_said_in_the_language() -> None:
    parts = [Told("Vague: its words stand everywhere."), "Not known.", Told("log-likelihood")]
    assert together([]) == "" and together(parts[:1]) is parts[0]
    assert together(parts) == "Vague: its words stand everywhere. Not known. log-likelihood"
    told = Wording("fr").tell(together(parts))
    assert told == "Vague : ses mots se trouvent partout. Not known. log-vraisemblance"


def test_numbers_are_those_of_the_language() -> None:
    told = Told(
        "Its words stand together in the documents they were found in (NPMI {corpus}), less in "
        "others ({held_out}).", corpus=Decimal(0.3, 2), held_out=Decimal(-0.05, 2),
    )  # fmt: skip
    assert "(NPMI 0,30)" in Wording("de").tell(told) and "(−0,05)" in Wording("de").tell(told)
    assert "(NPMI 0.30)" in Wording("zh").tell(told)
    assert Wording("de").tell("any {text}") == "any {text}"
