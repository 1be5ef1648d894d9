"""NMF against scikit-learn, its weights, its losses, and what it goes on with."""

from __future__ import annotations

import signal
import threading
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import NMF as Reference
from sklearn.feature_extraction.text import TfidfTransformer

import polytopic as pt
from polytopic.errors import CheckpointError, InputError, InterruptedFitWarning
from polytopic.topics.nmf import factoring
from polytopic.topics.tf_idf import inverse_document_frequencies, tf_idf

from planting import planted

LOSSES = ["frobenius", "kullback-leibler"]
COUNTS = planted(n_documents=80)[0]

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")


def test_weights_are_scikit_learn_s() -> None:
    own = tf_idf(COUNTS, inverse_document_frequencies(COUNTS))
    theirs = TfidfTransformer(sublinear_tf=True).fit_transform(COUNTS)
    np.testing.assert_allclose(own.toarray(), theirs.toarray(), atol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_topics_are_scikit_learn_s(loss: str) -> None:
    """The factor W after as many passes, at sum one and smoothed."""
    model = pt.NMF(n_topics=4, loss=loss, iterations=12, tolerance=0.0, random_state=0).fit(COUNTS)
    weights = tf_idf(COUNTS, model.idf_)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = Reference(
            4, init="nndsvda", beta_loss=loss, solver="cd" if loss == "frobenius" else "mu",
            max_iter=12, tol=0, random_state=np.random.RandomState(0).randint(2**31 - 1),
        ).fit(weights)  # fmt: skip
    rows = reference.components_ / reference.components_.sum(axis=1, keepdims=True)
    shared = np.asarray(weights.sum(axis=0)).ravel() / weights.sum()
    np.testing.assert_allclose(model.topic_word_, 0.99 * rows + 0.01 * shared, atol=2e-5)
    err = reference.reconstruction_err_
    assert model.history_[-1]["loss"] == pytest.approx(err**2 / 2 / COUNTS.shape[0], rel=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_falls_until_it_has_settled(loss: str) -> None:
    model = pt.NMF(n_topics=4, loss=loss, iterations=400, random_state=0).fit(COUNTS)
    losses = [record["loss"] for record in model.history_]
    assert all(after <= before + 1e-6 for before, after in pairwise(losses))
    assert model.history_[-1]["iteration"] < 400
    assert model.convergence().sentence.startswith("The fit (minus the loss) has settled")
    longer = pt.NMF(n_topics=4, loss=loss, tolerance=1e-7, iterations=400, random_state=0)
    assert len(longer.fit(COUNTS).history_) >= len(losses)


def test_fewer_documents_than_topics_begin_anywhere() -> None:
    few = planted(n_documents=6, n_topics=4)[0]
    model = pt.NMF(n_topics=8, iterations=5, random_state=0).fit(few)
    other = pt.NMF(n_topics=8, iterations=5, init="random", random_state=0).fit(few)
    np.testing.assert_array_equal(model.topic_word_, other.topic_word_)


def test_a_term_that_no_document_holds_has_a_likelihood() -> None:
    wider = sparse.hstack([COUNTS, sparse.csr_matrix((80, 1), dtype=int)], format="csr")
    model = pt.NMF(n_topics=4, iterations=5, random_state=0).fit(wider)
    new = np.zeros((1, wider.shape[1]), int)
    new[0, -1] = 3
    theta = model.transform(new)
    assert theta.sum() == pytest.approx(1) and np.isfinite(model.log_likelihood(new, theta)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_one_topic_has_all_of_each_document(loss: str) -> None:
    model = pt.NMF(n_topics=1, loss=loss, iterations=5, random_state=0).fit(COUNTS)
    np.testing.assert_allclose(model.transform(COUNTS), 1.0, rtol=1e-6)


def test_a_loss_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="^loss: 'itakura-saito' cannot be used by NMF. It must"):
        pt.NMF(loss="itakura-saito").fit(COUNTS)


def test_updated_topics_keep_to_tf_idf() -> None:
    """A word that stands everywhere does not rise because it is counted anew."""
    everywhere = sparse.hstack([np.full((80, 1), 9), COUNTS], format="csr").astype(int)
    model = pt.NMF(n_topics=4, random_state=0).fit(everywhere)
    learned = model.learned_from(everywhere)
    np.testing.assert_allclose(learned.topic_word_[:, 0], model.topic_word_[:, 0], atol=0.03)
    assert [set(words) for words in learned.top_words(3)] == [
        set(words) for words in model.top_words(3)
    ]


# ---- interruptions -----------------------------------------------------------------------------


def test_an_interrupted_fit_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pt.NMF(n_topics=4, iterations=20, tolerance=0.0, random_state=0).fit(COUNTS)
    cut = pt.NMF(
        n_topics=4, iterations=20, tolerance=0.0, random_state=0, checkpoint=tmp_path / "c"
    )
    step = factoring.Factoring._pass

    def interrupted(run: Any) -> None:
        step(run)
        if run.iteration == 7:
            assert threading.current_thread() is threading.main_thread()
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(factoring.Factoring, "_pass", interrupted)
        with pytest.warns(InterruptedFitWarning, match="before the last of 20 passes"):
            cut.fit(COUNTS)
    assert cut.interrupted_ and cut.history_[-1]["iteration"] == 6
    assert not np.array_equal(cut.topic_word_, whole.topic_word_)
    cut.fit(COUNTS)
    np.testing.assert_array_equal(cut.topic_word_, whole.topic_word_)
    assert [r["loss"] for r in cut.history_] == [r["loss"] for r in whole.history_]
    assert not cut.interrupted_
    with pytest.raises(CheckpointError, match="other settings|another"):
        pt.NMF(n_topics=4, loss="kullback-leibler", iterations=20, tolerance=0.0, random_state=0,
               checkpoint=tmp_path / "c").fit(COUNTS)  # fmt: skip
