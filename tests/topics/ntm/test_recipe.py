"""NTM's choices: each goes with each other, is the plain equation, and keeps the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import PAPER, Recipe, recipe_from
from polytopic.topics.ntm.term_net import (
    TermNet,
    autoencoder,
    sigmoid,
    softmax_of_softplus,
    tied_slopes,
)

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

COUNTS, BLOCKS = planted(600)
SMALL: dict[str, Any] = {"n_topics": 4, "dim": 16, "epochs": 2, "n_threads": 1, "random_state": 0}
CHOICES: dict[str, dict[str, Any]] = {
    "cross-entropy": {"cost": "cross-entropy"},
    "binary": {"cost": "binary-cross-entropy", "activation": "softmax-softplus"},
    "scaled": {"scale": "n_docs", "decay": 1e-4, "decay_on": "documents"},
    "powers": {"scale": "10**epoch", "decay_on": "terms", "decay": 1e-4},
    "unit rows": {"unit_rows": True, "optimiser": "adagrad"},
    "adam": {"optimiser": "adam", "turned": True},
    "adadelta": {"optimiser": "adadelta", "start": "autoencoder", "tied": True},
    "means": {"averaged": 500, "decay": 1e-3, "decay_everywhere": True, "optimiser": "adam"},
    "means at rest": {"averaged": 500, "optimiser": "adadelta", "unit_rows": True},
    "means by rows": {"averaged": 500, "cost": "cross-entropy", "subsample": 0.0},
}


def fitted(changes: dict[str, Any], recipe: str = "cured", **about: Any) -> pt.NTM:
    return pt.NTM(**SMALL | about, recipe=recipe, changes=changes).fit(COUNTS)


@pytest.mark.parametrize("recipe", ["cured", "paper"])
@pytest.mark.parametrize("name", CHOICES)
def test_any_number_of_threads_and_a_mapped_file_give_the_same_bits(
    name: str, recipe: str, tmp_path: Path
) -> None:
    one = fitted(CHOICES[name], recipe)
    three = fitted(CHOICES[name], recipe, n_threads=3, folder=tmp_path)
    assert np.array_equal(one.document_weights_, three.document_weights_)
    assert np.array_equal(one.term_weights_, three.term_weights_)
    assert np.isfinite(one.document_weights_).all()
    assert not np.array_equal(
        one.document_weights_, fitted({}, recipe, random_state=0).document_weights_
    )


@pytest.mark.parametrize("name", ["adam", "means", "means at rest"])
def test_an_interrupted_run_goes_on_to_the_same_bits(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fitted(CHOICES[name])
    chunk, seen = Ranking._chunk, []

    def interrupted(self: Ranking) -> None:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(0)
        chunk(self)

    monkeypatch.setattr(Ranking, "_chunk", interrupted)
    with pytest.warns(pt.InterruptedFitWarning):
        half = fitted(CHOICES[name], checkpoint=tmp_path)
    assert half.interrupted_
    monkeypatch.setattr(Ranking, "_chunk", chunk)
    again = fitted(CHOICES[name], checkpoint=tmp_path)
    assert np.array_equal(again.document_weights_, whole.document_weights_)
    assert np.array_equal(again.topic_word_, whole.topic_word_)


def test_unit_rows_are_of_length_one() -> None:
    model = fitted({"unit_rows": True}, "paper")
    assert np.linalg.norm(model.document_weights_, axis=1) == pytest.approx(1.0, rel=1e-5)


def test_decay_on_one_matrix_leaves_the_other() -> None:
    decay = {"decay": 0.05, "document_rate": 0.1}
    rows, terms = (
        fitted(decay | {"decay_on": on}, "paper", epochs=6) for on in ("documents", "terms")
    )
    own, other = (np.ptp(model.document_weights_, axis=1).mean() for model in (rows, terms))
    assert own < 0.1 * other
    own, other = (np.linalg.norm(model.term_weights_) for model in (terms, rows))
    assert own < 0.5 * other


def test_the_cost_as_it_is_often_printed_ranks_below_chance() -> None:
    """max(0, margin - ls- + ls+) rewards what is wrong."""
    has = COUNTS.toarray()[:, 0] > 0
    held = np.flatnonzero(has)[:50], np.flatnonzero(~has)[:50]
    shares = {}
    for turned in (False, True):
        changes = {"turned": turned, "decay": 0.0, "document_rate": 1.0, "term_rate": 0.1}
        model = fitted(changes, "paper", epochs=10)
        own, other = (model.score_pairs(np.zeros(50, int), rows) for rows in held)
        shares[turned] = (own[:, None] > other[None]).mean()
    assert shares[True] < 0.45 < 0.55 < shares[False]


def test_decay_is_part_of_a_batch_s_cost() -> None:
    """One batch of all pairs: decay takes half of each matrix, beside the slope it finds."""
    moved = {}
    for decay in (0.0, 0.5):
        model = pt.NTM(**SMALL | {"epochs": 1}, recipe="paper", changes={
            "cost": "cross-entropy", "averaged": COUNTS.nnz, "decay": decay,
            "document_rate": 1.0, "term_rate": 1.0,
        }).fit(COUNTS)  # fmt: skip
        moved[decay] = model
    start = moved[0.0].document_weights_ - moved[0.5].document_weights_
    first = fitted({"document_rate": 0.0, "term_rate": 0.0, "decay": 0.0}, "paper", epochs=1)
    assert start == pytest.approx(0.5 * first.document_weights_, rel=1e-3, abs=1e-4)
    w2 = moved[0.0].term_weights_ - moved[0.5].term_weights_
    assert w2 == pytest.approx(0.5 * first.term_weights_, rel=1e-3, abs=1e-4)


# ---- parts -----------------------------------------------------------------------------------


def test_slopes_of_softmax_of_softplus_are_those_of_differences() -> None:
    rng = np.random.default_rng(0)
    vectors, weights = rng.normal(size=(5, 3)), rng.normal(size=(3, 4))
    net = TermNet(weights, rng.normal(size=4), "softmax-softplus")
    toward = rng.normal(size=(5, 4))
    lt = net.topics(vectors)
    assert lt.sum(axis=1) == pytest.approx(1.0)
    slope = toward.copy()
    net.by_logits(vectors, lt, slope)
    found = vectors.T @ slope
    for place in np.ndindex(weights.shape):
        ends = []
        for step in (1e-6, -1e-6):
            net.weights = weights.copy()
            net.weights[place] += step
            ends.append((toward * net.topics(vectors)).sum())
        assert found[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_softmax_of_softplus_of_far_logits_is_finite() -> None:
    found = softmax_of_softplus(np.array([[1e4, 0.0], [-1e4, -1e4]], np.float32))
    assert found.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_slope_of_the_tied_auto_encoder_is_that_of_differences() -> None:
    rng = np.random.default_rng(0)
    batch, weights = rng.normal(size=(7, 4)), rng.normal(size=(4, 3))

    def loss(matrix: np.ndarray) -> float:
        rebuilt = sigmoid(batch @ matrix) @ matrix.T
        return float(0.5 * ((rebuilt - batch) ** 2).sum() / len(batch))

    (slope,) = tied_slopes(batch, weights)
    for place in np.ndindex(weights.shape):
        up, down = weights.copy(), weights.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        assert slope[place] == pytest.approx((loss(up) - loss(down)) / 2e-5, abs=1e-8)


def test_the_tied_auto_encoder_rebuilds_better_than_where_it_began() -> None:
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(4, 6)), 20, axis=0).astype(np.float32)
    found = autoencoder(vectors, 5, rng, tied=True)
    rebuilt = sigmoid(vectors @ found) @ found.T
    assert ((rebuilt - vectors) ** 2).mean() < 0.5 * vectors.var()


# ---- what is asked for -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost": "hinge"}, "cost cannot be 'hinge'"),
        ({"cost": ["margin"]}, "cost cannot be"),
        ({"scale": 0}, "scale cannot be 0"),
        ({"scale": "10**epochs"}, "scale cannot be"),
        ({"averaged": 0.5}, "averaged cannot be 0.5"),
        ({"averaged": float("nan")}, "averaged cannot be nan"),
        ({"optimiser": "rmsprop"}, "optimiser cannot be"),
        ({"decay_on": "W1"}, "decay_on cannot be"),
        ({"activation": "softmax"}, "activation cannot be"),
        ({"margin": 1.0, "cost": "cross-entropy"}, "margin=1.0 has no part .* cost='cross-ent"),
        ({"tied": True}, "tied=True has no part .* start='clusters'"),
        ({"contrast": 2.0, "start": "random"}, "contrast=2.0 has no part .* start='random'"),
        ({"logarithmic": True, "cost": "margin"}, "logarithmic and cost say the same"),
        ({"adaptive": 1}, "adaptive cannot be 1"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recipe_from("cured", changes)


def test_names_of_earlier_versions_still_say_what_they_said() -> None:
    earlier = recipe_from("paper", {"logarithmic": True, "adaptive": True})
    assert (earlier.cost, earlier.optimiser) == ("log-margin", "row-adagrad")
    assert recipe_from("paper", {"logarithmic": False, "adaptive": False}) == PAPER


def test_powers_of_ten_end_at_a_million() -> None:
    assert [Recipe(scale="10**epoch").scaled(e, 7) for e in (0, 3, 5000)] == [1.0, 1e3, 1e6]


EACH: dict[str, Any] = {
    "cost": "cross-entropy", "turned": True, "scale": "n_docs", "candidates": 3,
    "activation": "softmax-softplus", "unit": True, "unit_rows": True, "optimiser": "adadelta",
    "averaged": 40, "decay_on": "terms", "tied": True, "centred": True, "bias": -1.0,
}  # fmt: skip
"""Of the paper's recipe, a choice of each field that it does not have."""


@pytest.mark.parametrize("name", EACH)
def test_each_choice_goes_with_each_other(name: str) -> None:
    counts = COUNTS[:60]
    for other in list(EACH)[list(EACH).index(name) + 1 :]:
        changes = {name: EACH[name], other: EACH[other]}
        model = pt.NTM(**SMALL, recipe="paper", changes=changes).fit(counts)
        assert pt.simplex.is_distribution(model.topic_word_), changes
        assert pt.simplex.is_distribution(model.transform(counts)), changes
        assert all(np.isfinite(list(record.values())).all() for record in model.history_), changes
        for alone in (name, other):
            one = pt.NTM(**SMALL, recipe="paper", changes={alone: EACH[alone]}).fit(counts)
            assert not np.array_equal(one.term_weights_, model.term_weights_), (changes, alone)
