"""SupervisedNTM: slopes by finite differences, planted labels foretold, contracts, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.estimator_checks import check_estimator

import polytopic as pt
from polytopic.errors import CheckpointError, InputError, MethodMissingError, NotFittedModelError
from polytopic.topics.ntm import ranking_run as ntm_training
from polytopic.topics.ntm.kernels.labels import LabelArrays, label_lane
from polytopic.topics.ntm.kernels.ranking import Lane
from polytopic.topics.ntm.kernels.steps import Rows, Step
from polytopic.topics.ntm.supervised_labels import Labels, answers, fit_layer

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

SMALL: dict[str, Any] = {"n_topics": 4, "dim": 16, "epochs": 3, "n_threads": 1, "random_state": 0}
COUNTS, BLOCKS = planted()
NAMES = np.array(["sport", "law", "food", "war"], dtype=object)[BLOCKS]


def fitted(y: Any = NAMES, **changes: Any) -> pt.SupervisedNTM:
    return pt.SupervisedNTM(**SMALL | changes).fit(COUNTS, y)


# ---- the kernel ------------------------------------------------------------------------------


def label_step(
    weights: np.ndarray, layer: np.ndarray, targets: np.ndarray, known: np.ndarray, *,
    classes: bool, strength: float = 0.0, rate: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """W1 afterwards, slopes by U, and totals."""
    moved, slopes, totals = weights.copy(), np.zeros_like(layer), np.zeros(3)
    label_lane(
        Lane(np.arange(len(weights)), 0, 1), LabelArrays(known, targets, classes), layer,
        Rows(moved, np.empty(0, np.float32)), strength, Step(rate), slopes, totals,
    )  # fmt: skip
    return moved, slopes, totals


@pytest.mark.parametrize("classes", [True, False])
def test_slopes_of_a_label_are_those_of_finite_differences(classes: bool) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(12, 5)).astype(np.float32)
    layer = rng.normal(size=(3 if classes else 1, 6)).astype(np.float32)
    targets = (rng.integers(3, size=12) if classes else rng.normal(size=12)).astype(np.float32)
    known = np.arange(12) != 4
    strength, rate, step = 3.0, 1e-3, 1e-2
    moved, slopes, totals = label_step(
        weights, layer, targets, known, classes=classes, strength=strength, rate=rate
    )
    assert totals[1] == 11.0
    assert np.array_equal(moved[4], weights[4])

    def cost(weights: np.ndarray, layer: np.ndarray) -> float:
        theta = np.exp(weights.astype(float)) / np.exp(weights.astype(float)).sum(1, keepdims=True)
        answer = theta @ layer[:, :-1].T + layer[:, -1]
        if not classes:
            return float((((answer[:, 0] - targets) ** 2)[known] / 2).sum())
        chosen = answer[np.arange(12), targets.astype(int)]
        return float((np.log(np.exp(answer).sum(1)) - chosen)[known].sum())

    assert totals[0] == pytest.approx(cost(weights, layer), rel=1e-5)
    for row, k in [(0, 0), (7, 3), (11, 4)]:
        bump = np.zeros_like(weights)
        bump[row, k] = step
        by = (cost(weights + bump, layer) - cost(weights - bump, layer)) / (2 * step)
        found = (weights[row, k] - moved[row, k]) / rate / strength
        assert found == pytest.approx(by, rel=0.01, abs=1e-3)
    for k in range(6):
        bump = np.zeros_like(layer)
        bump[-1, k] = step
        by = (cost(weights, layer + bump) - cost(weights, layer - bump)) / (2 * step)
        assert slopes[-1, k] == pytest.approx(by, rel=0.01, abs=1e-3)


# ---- labels foretold -------------------------------------------------------------------------


def test_planted_classes_are_foretold() -> None:
    model = fitted(epochs=10)
    counts, blocks = planted(seed=1)
    names = np.array(["sport", "law", "food", "war"], dtype=object)[blocks]
    assert model.score(counts, names) > 0.97
    assert model.classes_.tolist() == ["food", "law", "sport", "war"]
    chances = model.predict_proba(counts)
    assert chances.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-12)
    assert (model.classes_[chances.argmax(axis=1)] == model.predict(counts)).all()


def test_planted_numbers_are_foretold_in_their_own_units() -> None:
    values = np.array([1000.0, 2000.0, 3500.0, 1500.0])
    model = fitted(values[BLOCKS], task="numbers", epochs=10)
    counts, blocks = planted(seed=1)
    assert model.score(counts, values[blocks]) > 0.97
    assert not hasattr(model, "classes_")
    with pytest.raises(MethodMissingError, match="numbers have no classes"):
        model.predict_proba(counts)


def test_a_label_pulls_its_documents_towards_one_another() -> None:
    """Two classes that words can't tell: only a label moves W1 apart, and only in training."""
    half = np.arange(200) % 2
    free, led = (fitted(half, label_weight=w, epochs=200) for w in (0.0, 200.0))
    distances = []
    for model in (free, led):
        rows = np.exp(model.document_weights_)
        rows /= rows.sum(axis=1, keepdims=True)
        means = np.stack([rows[half == value].mean(axis=0) for value in (0, 1)])
        distances.append(float(np.abs(means[0] - means[1]).sum()))
    assert distances[1] > 2 * distances[0]
    assert led.history_[-1]["label_accuracy"] > 0.8 > 0.7 > free.history_[-1]["label_accuracy"]
    assert led.score(COUNTS, half) < 0.7


def test_without_labels_or_weight_it_is_ntm() -> None:
    plain = pt.NTM(**SMALL).fit(COUNTS)
    bare, unweighted = pt.SupervisedNTM(**SMALL).fit(COUNTS), fitted(label_weight=0.0)
    assert np.array_equal(bare.topic_word_, plain.topic_word_)
    assert np.array_equal(unweighted.topic_word_, plain.topic_word_)
    assert not np.array_equal(fitted().topic_word_, plain.topic_word_)
    with pytest.raises(InputError, match="fitted without"):
        bare.predict(COUNTS)


@pytest.mark.parametrize("unknown", [None, np.nan])
def test_documents_without_a_label_take_part_in_the_ranking(unknown: Any) -> None:
    some = NAMES.copy()
    some[::2] = unknown
    model = fitted(some, epochs=10)
    assert model.document_weights_.shape == (200, 4)
    assert model.score(COUNTS, NAMES) > 0.97
    assert model.score(COUNTS, some) > 0.97
    numbers = np.where(np.arange(200) % 2, BLOCKS, np.nan)
    assert fitted(numbers, task="numbers", epochs=10).score(COUNTS, BLOCKS) > 0.9


def test_numbers_that_are_linear_in_topics_are_found() -> None:
    rng = np.random.default_rng(0)
    theta = rng.dirichlet(np.ones(3), size=5000).astype(np.float32)
    values = 100 + theta @ np.array([10.0, -20.0, 5.0])
    layer = fit_layer(theta, Labels.of_numbers(values, 5000))
    assert answers(theta, *layer, classes=False)[:, 0] == pytest.approx(values, abs=0.1)


def test_two_classes_have_a_row_each() -> None:
    rng = np.random.default_rng(0)
    theta = rng.dirichlet(np.ones(3), size=500).astype(np.float32)
    weights, bias = fit_layer(theta, Labels.of_classes(theta[:, 0] > 0.4, 500))
    assert weights.shape == (2, 3)
    assert weights.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    chosen = answers(theta, weights, bias, classes=True).argmax(axis=1)
    assert (chosen == (theta[:, 0] > 0.4)).mean() > 0.95


# ---- the house's promises --------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same_bits() -> None:
    one, three = fitted(), fitted(n_threads=3)
    assert np.array_equal(one.document_weights_, three.document_weights_)
    assert np.array_equal(one.label_weights_, three.label_weights_)


def test_saved_and_loaded_it_foretells_the_same(tmp_path: Path) -> None:
    model = fitted()
    loaded = pt.load(model.save(tmp_path / "model"))
    assert (loaded.predict(COUNTS) == model.predict(COUNTS)).all()
    assert np.array_equal(loaded.predict_proba(COUNTS), model.predict_proba(COUNTS))
    numbers = fitted(BLOCKS, task="numbers")
    again = pt.load(numbers.save(tmp_path / "numbers"))
    assert np.array_equal(again.predict(COUNTS), numbers.predict(COUNTS))


def test_an_interrupted_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fitted()
    original, calls = ntm_training.Ranking._chunk, [0]

    def stop(self: Any) -> None:
        original(self)
        calls[0] += 1
        if calls[0] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ntm_training.Ranking, "_chunk", stop)
        with pytest.warns(pt.InterruptedFitWarning):
            assert fitted(checkpoint=tmp_path / "run").interrupted_
    other = np.roll(NAMES, 1)
    with pytest.raises(CheckpointError, match="labels"):
        fitted(other, checkpoint=tmp_path / "run")
    resumed = fitted(checkpoint=tmp_path / "run")
    assert np.array_equal(resumed.document_weights_, whole.document_weights_)
    assert np.array_equal(resumed.label_weights_, whole.label_weights_)
    assert [r["label_loss"] for r in resumed.history_] == [r["label_loss"] for r in whole.history_]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_scikit_learn_s_own_checks(task: str) -> None:
    model = pt.SupervisedNTM(**SMALL | {"n_topics": 2, "epochs": 2}, task=task)
    assert is_classifier(model) == (task == "classes")
    assert is_regressor(model) == (task == "numbers")
    check_estimator(model)


@pytest.mark.parametrize(
    ("task", "y", "message"),
    [
        ("classes", NAMES[1:], r"shape \(199,\) beside 200 documents"),
        ("classes", [None] * 200, "none is known"),
        ("classes", ["a"] * 200, r"only one class \('a'\)"),
        ("classes", BLOCKS + 0.5, "is a quantity, no class"),
        ("classes", ["a", 1] * 100, "neither name nor number, or both"),
        ("numbers", NAMES, "what is no number"),
        ("numbers", np.full(200, np.inf), "hold infinity"),
        ("numbers", [np.nan] * 200, "none is known"),
    ],
)
def test_bad_labels_are_refused(task: str, y: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"labels: .*{message}"):
        fitted(y, task=task)


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(InputError, match="given twice"):
        pt.SupervisedNTM(**SMALL).fit(COUNTS, NAMES, labels=NAMES)
    with pytest.raises(NotFittedModelError):
        pt.SupervisedNTM().predict(COUNTS)
    model = fitted()
    with pytest.raises(InputError, match="none is known"):
        model.score(COUNTS, [None] * 200)
    with pytest.raises(InputError, match="one label a document"):
        model.score(COUNTS, NAMES[:3])


def test_it_does_not_go_on_and_says_why() -> None:
    model = fitted()
    assert not hasattr(model, "partial_fit")
    assert "features" not in model._state()
    with pytest.raises(MethodMissingError, match="fits its last layer to the topics of all labell"):
        model.partial_fit(COUNTS)
    updated = pt.update(model, COUNTS[:60]).model
    assert np.array_equal(updated.term_topics_, model.term_topics_)
    assert updated.predict(COUNTS[:5]).tolist() == model.predict(COUNTS[:5]).tolist()
