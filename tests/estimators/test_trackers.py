"""Every estimator that trains tells its trackers the same: steps, epochs, and how it is set."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from examples import EXAMPLES, Example, same

import polytopic as pt

pytest.importorskip("torch", reason="the neural extra is not installed")

TRACKED = [example for example in EXAMPLES if "trackers" in example.make().get_params()]

WITHOUT_STEPS = {"lda", "embedding-lda", "hdp", "nmf", "fasttext-classifier"}
"""A pass of theirs is one step, whose loss is that of the pass, or a sampler's, which has none."""

every = pytest.mark.parametrize("example", TRACKED, ids=lambda example: example.entry.name)


class Kept:
    """Anything with ``log``; ``failing``: from which call on it raises."""

    def __init__(self, failing: int | None = None) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []
        self.failing = failing

    def log(self, values: dict[str, Any], step: int) -> None:
        if self.failing is not None and len(self.told) >= self.failing:
            raise ConnectionError("no network\nsecond line")
        self.told.append((step, values))

    @property
    def epochs(self) -> list[dict[str, Any]]:
        return [values for _, values in self.told if "step_loss" not in values]


def test_all_but_clusters_and_factors_are_tracked() -> None:
    assert {e.entry.name for e in EXAMPLES} - {e.entry.name for e in TRACKED} == {
        "cluster-tm",
        "hope",
    }


@every
def test_what_is_told_is_the_history_and_the_loss_of_steps(example: Example) -> None:
    kept = Kept()
    model = example.fit(trackers=kept, epochs=3)
    others = {"kl_weight"}  # of sentences, where the history has it as it was annealed
    assert [{n: v for n, v in told.items() if n not in others} for told in kept.epochs] == [
        {n: v for n, v in record.items() if n not in others} for record in model.history_
    ]
    numbers = [step for step, _ in kept.told]
    assert numbers == sorted(numbers)
    assert numbers[0] >= 1
    losses = [values["step_loss"] for _, values in kept.told if "step_loss" in values]
    if example.entry.name in WITHOUT_STEPS:
        assert losses == []
        return
    assert losses
    assert all(loss == loss and abs(loss) < 1e6 for loss in losses)


@every
def test_a_tracker_changes_no_bit_and_one_that_fails_loses_nothing(example: Example) -> None:
    plain, failing, after = example.fit(), Kept(failing=0), Kept()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        arguments = (example.input(),)
        if example.entry.family == "classifiers":
            from examples import LABELS

            arguments = (*arguments, LABELS)
        model = example.make(trackers=[failing, after], iterations=6).fit(*arguments)
    told = [str(w.message) for w in caught if issubclass(w.category, pt.TrackerWarning)]
    assert len(told) == 1
    assert told[0].startswith("trackers: Kept failed at step ")
    assert "(ConnectionError: no network). It is told nothing more" in told[0]
    assert len(after.epochs) == len(model.history_)
    if "iterations" not in model.get_params():
        assert same(example.state(plain), example.state(model))


def goes_on(example: Example) -> bool:
    """Whether it is a model of documents with ``partial_fit``; samplers have none."""
    model = example.make(method="online")
    try:
        model.check_parameters()
    except pt.InputError:  # of a sampler alone
        return False
    return example.entry.family in ("topics", "autoencoders") and hasattr(model, "partial_fit")


GOING_ON = [example for example in TRACKED if goes_on(example)]


@pytest.mark.parametrize("example", GOING_ON, ids=lambda example: example.entry.name)
def test_what_is_learned_later_is_told_as_what_was_fitted(example: Example) -> None:
    kept = Kept()
    counts, plain = example.input(), example.fit(method="online")
    model = example.fit(method="online", trackers=kept, epochs=3)
    first = len(kept.told)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            model.partial_fit(counts[:300])  # fewer: its steps are not the fit's
        plain.partial_fit(counts[:300])
    assert kept.epochs == model.history_
    numbers = [step for step, _ in kept.told]
    assert numbers == sorted(numbers)
    assert numbers[first] > numbers[first - 1]
    steps = [values for _, values in kept.told[first:] if "step_loss" in values]
    assert bool(steps) == (example.entry.name not in WITHOUT_STEPS)
    model.set_params(trackers=None).partial_fit(counts[:300])
    assert len(kept.epochs) == len(model.history_) - 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = example.fit(method="online", trackers=Kept()).partial_fit(counts[:300])
    assert same(example.state(plain), example.state(told))
