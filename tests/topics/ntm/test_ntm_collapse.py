"""The collapse of NTM by the paper's recipe: seen by the monitor, explained term by term."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic.kernels.csr import Csr
from polytopic.topics.ntm.kernels.ranking import Lane, Rows, Rule, rank_lane
from polytopic.topics.ntm.kernels.steps import NO_MOMENTS, Step
from polytopic.topics.ntm.monitor import faded, watched
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import PAPER, Recipe
from polytopic.topics.ntm.term_net import TermNet, sigmoid

from planting import planted

DOCUMENTS, EPOCHS = 5000, 8
COUNTS, BLOCKS = planted(DOCUMENTS)
SMALL: dict[str, Any] = {
    "n_topics": 4, "dim": 16, "epochs": EPOCHS, "n_threads": 1, "random_state": 0,
}  # fmt: skip


def fitted(recipe: str, **changes: Any) -> pt.NTM:
    return pt.NTM(**SMALL, recipe=recipe, changes=changes).fit(COUNTS)


# ---- the monitor -----------------------------------------------------------------------------


def test_even_documents_are_seen_as_even() -> None:
    weights = np.repeat(np.arange(6, dtype=np.float32)[:, None], 5, axis=1)
    lt, w2 = np.full((7, 5), 0.3, np.float32), np.eye(3, 5, dtype=np.float32)
    seen = watched(weights, lt, w2, np.ones(6, dtype=bool))
    assert seen["evenness"] == pytest.approx(1.0)
    assert seen["even_documents"] == 1.0
    assert seen["largest"] == pytest.approx(0.2)
    assert seen["document_norm"] == 0.0
    assert seen["document_spread"] == pytest.approx(0.0, abs=1e-12)
    assert seen["term_spread"] == pytest.approx(0.0, abs=1e-7)
    assert seen["term_norm"] == pytest.approx(0.6)


def test_documents_of_one_topic_each_are_not() -> None:
    weights = np.full((8, 4), 0.0, dtype=np.float32)
    weights[np.arange(8), np.arange(8) % 4] = 100.0
    filled = np.arange(8) < 6  # the last two have no terms
    lt = np.array([[0.0, 1.0], [1.0, 1.0]], np.float32)
    seen = watched(weights, lt, np.zeros((3, 2), np.float32), filled)
    assert seen["evenness"] == pytest.approx(0.0, abs=1e-6)
    assert seen["even_documents"] == 0.0
    assert (seen["largest"], seen["winning"]) == (1.0, 4.0)
    assert seen["document_norm"] == pytest.approx(np.sqrt(75.0**2 + 3 * 25.0**2))
    shares = np.array([2, 2, 1, 1]) / 6
    assert seen["document_spread"] == pytest.approx(4 * np.sqrt(shares * (1 - shares)).mean())
    assert seen["term_spread"] == pytest.approx(0.25)


def test_documents_that_lean_to_a_topic_are_not_even() -> None:
    """Three fifths in one of four topics are four fifths of the entropy of an even document."""
    weights = np.tile(np.array([1.5, 0.0, 0.0, 0.0], np.float32), (6, 1))
    seen = watched(weights, np.full((3, 4), 0.5, np.float32), np.eye(4, dtype=np.float32),
                   np.ones(6, dtype=bool))  # fmt: skip
    assert seen["evenness"] == pytest.approx(0.805, abs=0.01)
    assert seen["even_documents"] == 0.0


def test_a_shift_of_a_row_is_no_length() -> None:
    """What is added to all topics of a document changes none of its shares."""
    weights = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    rest = np.full((3, 4), 0.5, np.float32), np.eye(4, dtype=np.float32), np.ones(9, dtype=bool)
    plain, shifted = watched(weights, *rest), watched(weights + 100.0, *rest)
    assert shifted == pytest.approx(plain, rel=1e-4)


def test_one_topic_is_no_collapse() -> None:
    seen = watched(np.ones((3, 1)), np.eye(3, 1), np.ones((2, 1)), np.ones(3, dtype=bool))
    assert seen["even_documents"] == 0.0
    assert faded([seen | {"epoch": 1.0}]) is None


def test_terms_that_score_alike_are_told() -> None:
    good = {"epoch": 1.0, "even_documents": 0.0, "term_spread": 0.2, "document_norm": 5.0}
    history = [good] + [good | {"epoch": float(e), "term_spread": 1e-4} for e in (2, 3)]
    assert faded([good]) is None
    assert faded(history[:1] + history[:1]) is None
    assert "W2 has faded: all terms score alike since epoch 2" in str(faded(history))
    assert faded([*history, good | {"epoch": 4.0}]) is None


def test_rows_that_never_left_the_middle_are_told_apart_from_faded_ones() -> None:
    record = {"even_documents": 0.9, "term_spread": 0.2, "document_norm": 0.05}
    history = [record | {"epoch": 1.0}, record | {"epoch": 2.0, "document_norm": 0.06}]
    assert str(faded(history)).startswith("W1 tells no documents apart: 90 % of the documents")


# ---- the collapse ----------------------------------------------------------------------------


def test_the_paper_s_recipe_collapses_and_says_so() -> None:
    with pytest.warns(pt.CollapseWarning, match="W1 has faded: 100 % of the documents"):
        model = fitted("paper")
    first, last = model.history_[0], model.history_[-1]
    assert first["even_documents"] < 0.5 < last["even_documents"]
    assert last["document_norm"] < 0.1 * first["document_norm"]
    assert last["document_spread"] < 0.1 * first["document_spread"]
    assert last["within_margin"] == 1.0
    diagnosis = model.diagnose()
    assert not diagnosis.ok
    assert diagnosis.sentences()[0].startswith("W1 has faded")
    result = model.result(COUNTS)
    assert result.diagnosis.training == diagnosis.training
    assert pt.metrics.evaluate(result)["collapse_ok"] is False


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_the_cured_recipe_does_not() -> None:
    model = fitted("cured")
    first, last = model.history_[0], model.history_[-1]
    assert last["even_documents"] < 0.05
    assert last["document_norm"] > 0.9 * first["document_norm"]
    assert model.diagnose().training is None
    rows = model.document_weights_.argmax(axis=1)
    assert pt.metrics.purity(np.eye(4)[rows], BLOCKS) > 0.7


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_without_decay_the_paper_s_recipe_keeps_its_rows() -> None:
    model = fitted("paper", decay=0.0)
    assert model.history_[-1]["document_norm"] > 0.9 * model.history_[0]["document_norm"]
    assert model.diagnose().training is None


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_the_same_recipe_holds_on_a_small_corpus() -> None:
    """A row waits for its next visit as long as there are pairs: 40 times fewer, 40 times less."""
    model = pt.NTM(**SMALL, recipe="paper").fit(COUNTS[:125])
    assert model.diagnose().training is None
    assert model.history_[-1]["document_norm"] > 0.5 * model.history_[0]["document_norm"]


# ---- its terms -------------------------------------------------------------------------------


def test_rows_fade_by_what_a_corpus_of_pairs_takes() -> None:
    """Where all terms score alike no pair has a slope, and only decay is left."""
    recipe = Recipe(**vars(PAPER) | {"start": "random"})
    net = TermNet(np.zeros((3, 4), np.float32), np.zeros(4, np.float32))
    vectors, kept = np.zeros((32, 3), np.float32), np.ones(32, dtype=bool)
    run = Ranking(sparse.csr_matrix(COUNTS), vectors, kept, net, recipe, 1, 0, 1)
    with ThreadPoolExecutor(1) as run._pool:
        run._begin()
        rng = np.random.default_rng(0)
        run.weights[...] = rng.standard_normal(run.weights.shape)
        before = run.weights.copy()
        while run.epoch == 0:
            run._chunk()
    expected = (1 - 0.01 * 1e-3) ** COUNTS.nnz
    assert run.weights == pytest.approx(expected * before, rel=1e-3)
    assert run.history[-1]["within_margin"] == 1.0


def even_slopes(weights: np.ndarray, lt: np.ndarray, margin: float = 0.5) -> Any:
    """Slopes of one pair by W1 and by lt: term 0 is in document 0, and not in document 1."""
    moved, slopes, totals = weights.copy(), np.zeros_like(lt), np.zeros(3)
    one_pair = Csr(np.array([0, 1, 1]), np.array([0], np.int32), np.ones(1, np.float32))
    rank_lane(
        Lane(np.arange(2), 0, 1), one_pair, 7,
        np.ones(len(lt), np.float32), lt, Rows(moved, np.empty(0, np.float32)), slopes,
        Rule(margin, 0, 1, 1.0, Step(1.0)), totals, NO_MOMENTS,
    )  # fmt: skip
    return weights - moved, slopes, totals[0]


def test_slopes_of_even_documents_are_lt_less_its_mean_over_k() -> None:
    rng = np.random.default_rng(0)
    lt = sigmoid(rng.normal(size=(1, 64))).astype(np.float32)
    weights = np.zeros((2, 64), np.float32)
    by_rows, by_terms, cost = even_slopes(weights, lt)
    expected = (lt[0] - lt[0].mean()) / 64
    assert by_rows[0] == pytest.approx(-expected, abs=1e-7)
    assert by_rows[1] == pytest.approx(expected, abs=1e-7)
    assert cost == pytest.approx(0.5)
    assert not by_terms.any()  # the slope by W2 is le times this: it cancels


def test_slopes_near_even_documents_are_those_of_finite_differences() -> None:
    rng = np.random.default_rng(1)
    lt = sigmoid(rng.normal(size=(1, 8))).astype(np.float32)
    weights = (0.1 * rng.normal(size=(2, 8))).astype(np.float32)
    by_rows, by_terms, _ = even_slopes(weights, lt)

    def cost(rows: np.ndarray, scores: np.ndarray) -> float:
        shares = np.exp(rows.astype(float))
        shares /= shares.sum(axis=1, keepdims=True)
        return float(0.5 - shares[0] @ scores[0] + shares[1] @ scores[0])

    for row, k in [(0, 0), (0, 7), (1, 3)]:
        bump = np.zeros((2, 8))
        bump[row, k] = 1e-4
        slope = (cost(weights + bump, lt) - cost(weights - bump, lt)) / 2e-4
        assert by_rows[row, k] == pytest.approx(slope, rel=1e-3, abs=1e-6)
    bump = np.zeros((1, 8))
    bump[0, 2] = 1e-4
    slope = (cost(weights, lt + bump) - cost(weights, lt - bump)) / 2e-4
    assert by_terms[0, 2] == pytest.approx(slope, rel=1e-3, abs=1e-6)


def test_scores_of_faded_documents_tie_in_float32() -> None:
    """Rows of length 1e-7 give scores within the resolution near one half."""
    rng = np.random.default_rng(0)
    lt = sigmoid(0.1 * rng.normal(size=64)).astype(np.float32)
    rows = (1e-8 * rng.normal(size=(500, 64))).astype(np.float32)
    shares = np.exp(rows)
    shares /= shares.sum(axis=1, keepdims=True)
    scores = np.array([np.dot(row, lt) for row in shares])
    assert len(np.unique(scores)) <= 4
    exact = np.exp(rows.astype(float))
    exact /= exact.sum(axis=1, keepdims=True)
    assert len(np.unique(exact @ lt.astype(float))) > 450
