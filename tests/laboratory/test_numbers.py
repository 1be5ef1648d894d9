"""The laboratory sees answers that are none, and lets refusals of one line be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic.errors import InputError

from lab.experiments import numbers
from lab.outcome import Outcome


class Model:
    """Answers with what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def fit(self, given: Any) -> Model:
        return self

    def transform(self, given: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "failures"),
    [
        (np.ones((2, 2)), 0),
        (np.array([[np.nan]]), 1),
        (InputError("counts: is odd. Pass others."), 0),
        (InputError("two\nlines"), 1),
        (ValueError("a library's"), 1),
    ],
)
def test_what_is_no_answer_is_seen(answer: Any, failures: int) -> None:
    outcome = Outcome("numbers")
    numbers._try(outcome, "model", lambda: numbers._fit(Model(answer), None))
    assert (outcome.tried, len(outcome.failures)) == (1, failures)


def test_topics_that_leave_the_simplex_are_seen() -> None:
    model = Model(np.full((1, 2), 0.5))
    model.topic_word_ = np.full((2, 3), 0.5)  # type: ignore[attr-defined]
    outcome = Outcome("numbers")
    numbers._try(outcome, "model", lambda: numbers._check(model, None))
    assert len(outcome.failures) == 1


def test_inputs_are_of_every_kind() -> None:
    found = numbers.inputs()
    assert {value.format for value in found.values() if sparse.issparse(value)} == {
        "csr", "csc", "coo", "bsr", "lil", "dok", "dia",
    }  # fmt: skip
    kinds = {value.dtype.kind for value in found.values() if hasattr(value, "dtype")}
    assert kinds >= set("biufcUOM")
