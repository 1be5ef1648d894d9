"""Loss curves: what is drawn of which histories, and what cannot be drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polytopic.errors import InputError, InputTypeError
from polytopic.report import LossCurves, loss_curves

FIRST = [{"epoch": e + 1.0, "loss": 5.0 - e, "seconds": 1.0, "evenness": 0.5} for e in range(4)]
SECOND = [{"iteration": 10.0 * e, "log_likelihood": -8.0 + e, "starting": 0.0} for e in range(3)]


class Model:
    def __init__(self, history: list[dict[str, Any]]) -> None:
        self.history_ = history


def test_each_number_is_a_panel_and_each_model_a_curve() -> None:
    found = loss_curves(Model(FIRST), Model(FIRST[:2]), SECOND)
    assert isinstance(found, LossCurves)
    kept = {(row["model"], row["number"]): 0 for row in found.rows}
    for row in found.rows:
        kept[row["model"], row["number"]] += 1
    assert kept == {("Model 1", "loss"): 4, ("Model 2", "loss"): 2,
                    ("training", "log_likelihood"): 3}  # fmt: skip
    assert [row["step"] for row in found.rows if row["model"] == "training"] == [0.0, 10.0, 20.0]
    drawn = json.dumps(found.figure().to_dict())
    assert '"title": "log likelihood"' in drawn and '"iteration"' in drawn


def test_names_and_numbers_may_be_given_and_what_is_not_finite_is_left_out() -> None:
    history = [*FIRST, {"epoch": 5.0, "loss": float("nan"), "evenness": True}]
    found = loss_curves(history, names=["mine"], numbers=["loss", "evenness"])
    assert {row["model"] for row in found.rows} == {"mine"}
    assert len(found.rows) == 8


@pytest.mark.parametrize(
    ("models", "options", "error", "told"),
    [
        ((), {}, InputError, "models: none is given"),
        ((3,), {}, InputTypeError, "models: int has no history"),
        (([1, 2],), {}, InputTypeError, "models: training has no history"),
        (([],), {}, InputError, "models: training has an empty history"),
        ((FIRST,), {"names": ["a", "b"]}, InputError, "names: 2 for 1 models"),
        ((FIRST,), {"numbers": ["los"]}, InputError, "none of los.*There are: evenness, loss"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    models: tuple[Any, ...], options: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        loss_curves(*models, **options)


def test_it_is_a_page_that_works_offline(tmp_path: Path) -> None:
    loss_curves(FIRST).write(tmp_path / "loss.html")
    text = (tmp_path / "loss.html").read_text(encoding="utf-8")
    assert "default-src &#x27;none&#x27;" in text and '"loss"' in text
