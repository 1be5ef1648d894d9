"""NTM: its grams, its checkpoints, what it refuses."""

from __future__ import annotations

import errno
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import CheckpointError, EmptyDocumentsWarning, InputError
from polytopic.topics.ntm import ranking_run as ntm_training
from polytopic.topics.ntm.recipe import CURED, PAPER, recipe_from
from polytopic.topics.ntm.term_net import TermNet, autoencoder, rebuilding_slopes, sigmoid
from polytopic.topics.ntm.terms import Grams, grams_of, term_vectors
from polytopic.topics.ntm.topics import parsimonious

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

SMALL: dict[str, Any] = {"n_topics": 4, "dim": 16, "epochs": 3, "n_threads": 1, "random_state": 0}


def fitted(**changes: Any) -> pt.NTM:
    return pt.NTM(**SMALL | changes).fit(planted()[0])


# ---- terms -----------------------------------------------------------------------------------


def test_terms_are_sums_of_their_grams_vectors() -> None:
    vectors = pt.WordVectors(["new", "york", "hot_dog"], [[1, 0], [0, 2], [5, 5]])
    le, found = term_vectors(["new_york", "new", "new york", "hot_dog"], vectors, "error")
    assert le.tolist() == [[1, 2], [1, 0], [1, 2], [5, 5]]
    assert found.all()
    assert grams_of("a_b__c") == ("a", "b", "c")


@pytest.mark.parametrize("missing", ["mean", "drop"])
def test_terms_without_a_vector_are_named_and_counted(missing: str) -> None:
    vectors = pt.WordVectors(["new", "york"], [[1, 0], [0, 2]])
    terms = ["new", "york", "new_jersey"]
    with pytest.raises(InputError, match=r'vectors: 1 terms .* \("new_jersey"\)'):
        term_vectors(terms, vectors, "error")
    with pytest.warns(UserWarning, match="new_jersey"):
        le, found = term_vectors(terms, vectors, missing)
    assert le[2].tolist() == ([0.5, 1.0] if missing == "mean" else [0.0, 0.0])
    assert found.tolist() == [True, True, missing == "mean"]


def test_words_of_another_language_are_refused() -> None:
    with (
        pytest.raises(InputError, match="none of the 2 terms has a vector"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        term_vectors(["chat", "chien"], pt.WordVectors(["cat"], [[1.0]]), "mean")


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((3, 5)), r"an array of shape \(3, 5\)"),
        (np.ones(32), r"an array of shape \(32,\)"),
        (np.ones((32, 0)), "have no dimensions"),
        (np.where(np.arange(64).reshape(32, 2) == 9, np.nan, 1.0), "row 4 holds NaN"),
    ],
)
def test_bad_vectors_are_refused(vectors: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fitted(vectors=vectors)


def test_joined_terms_stand_apart_in_the_text_of_grams() -> None:
    corpus = Grams(["new_york", "city"]).corpus(np.array([0, 1, 0], np.int32), np.array([0, 2, 3]))
    assert list(corpus.token_lists()) == [["new", "york", "city"], ["new", "york"]]


def test_vectors_come_from_the_text_where_its_order_is_known() -> None:
    texts = ["the new york team kicked the ball", "parliament votes on the law"] * 100
    corpus = pt.Corpus.from_texts(texts, ngrams=pt.text.Collocations(min_count=5))
    model = pt.NTM(n_topics=2, dim=8, epochs=2, random_state=0).fit(corpus)
    assert model.term_weights_.shape == (8, 2)
    assert model._ordered is None


# ---- training --------------------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same_bits() -> None:
    one, three = fitted(), fitted(n_threads=3)
    assert np.array_equal(one.topic_word_, three.topic_word_)
    assert np.array_equal(one.document_weights_, three.document_weights_)


def test_a_mapped_file_gives_the_same_bits(tmp_path: Path) -> None:
    mapped = fitted(folder=tmp_path / "rows")
    assert isinstance(mapped.document_weights_, np.memmap)
    assert np.array_equal(mapped.document_weights_, fitted().document_weights_)


def test_rows_on_a_full_disk_are_told_and_earlier_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ntm_training.open_rows(tmp_path, "documents", (3, 2))
    first[...] = 7.0
    second = ntm_training.open_rows(tmp_path, "documents", (5, 2))
    assert first.max() == 7.0
    assert second.max() == 0.0

    def full(descriptor: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(InputError, match=r"documents\.float32: cannot be written \(No space left"):
        ntm_training.open_rows(tmp_path, "documents", (5, 2))


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_an_interrupted_run_goes_on_to_the_same_bits(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fitted()
    original, calls = ntm_training.Ranking._chunk, [0]

    def stop(self: Any) -> None:
        original(self)
        calls[0] += 1
        if calls[0] == chunk:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ntm_training.Ranking, "_chunk", stop)
        with pytest.warns(pt.InterruptedFitWarning):
            assert fitted(checkpoint=tmp_path / "run").interrupted_
    resumed = fitted(checkpoint=tmp_path / "run")
    assert not resumed.interrupted_
    assert np.array_equal(resumed.topic_word_, whole.topic_word_)
    assert np.array_equal(resumed.document_weights_, whole.document_weights_)
    assert [r["loss"] for r in resumed.history_] == [r["loss"] for r in whole.history_]
    with pytest.raises(CheckpointError, match="epochs"):
        fitted(checkpoint=tmp_path / "run", epochs=4)


def test_a_term_of_every_document_is_left_out_and_told() -> None:
    counts = planted()[0].toarray()
    counts[:, 5] = 1
    with pytest.warns(UserWarning, match=r'1 of the 32 terms stand in every document \("5"\)'):
        model = pt.NTM(**SMALL).fit(counts)
    assert model.left_out_ == ["5"]
    assert not model.term_topics_[5].any()
    assert np.isfinite(model.log_likelihood(counts, model.transform(counts))).all()


def test_documents_without_terms_are_told_and_uniform() -> None:
    model = fitted()
    with pytest.warns(EmptyDocumentsWarning, match="1 of 1 documents"):
        theta = model.transform(np.zeros((1, 32)))
    assert theta == pytest.approx(np.full((1, 4), 0.25))


def test_scores_rank_planted_terms() -> None:
    """Pairs of documents of which one is of the term's block: chance is a half."""
    labels = planted()[1]
    model = fitted(epochs=20)
    rng = np.random.default_rng(0)
    terms, own, other = (rng.integers(n, size=20_000) for n in (32, 200, 200))
    fit = (labels[own] == terms // 8) & (labels[other] != terms // 8)
    terms, own, other = terms[fit], own[fit], other[fit]
    right = model.score_pairs(terms, own) > model.score_pairs(terms, other)
    assert right.mean() > 0.95


def test_a_loaded_model_has_no_training_documents(tmp_path: Path) -> None:
    loaded = pt.load(fitted().save(tmp_path / "model"))
    with pytest.raises(InputError, match="are not saved"):
        loaded.score_pairs([0], [0])


# ---- the paper's recipe ----------------------------------------------------------------------


def test_the_paper_s_recipe_trains_and_gives_distributions() -> None:
    model = fitted(recipe="paper", epochs=2)
    assert model.topic_word_.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-4)
    assert not model.term_bias_.any()


def test_decay_at_every_step_takes_all_documents_to_equal_shares() -> None:
    """The collapse: the decay of an epoch's pairs acts on each row, its own pairs only once."""
    changes = {"decay": 0.05, "document_rate": 0.1}
    faded = fitted(recipe="paper", changes=changes, epochs=10)
    kept = fitted(recipe="paper", changes=changes | {"decay": 0.0}, epochs=10)
    assert np.ptp(faded.document_weights_, axis=1).mean() < 0.05
    assert np.ptp(kept.document_weights_, axis=1).mean() > 0.5


def test_slopes_of_rebuilding_are_those_of_the_squared_error() -> None:
    rng = np.random.default_rng(0)
    batch, encoder, decoder = (rng.standard_normal(s) for s in ((7, 4), (4, 3), (3, 4)))

    def loss(parts: list[Any]) -> float:
        rebuilt = 1 / (1 + np.exp(-batch @ parts[0])) @ parts[1]
        return float(0.5 * ((rebuilt - batch) ** 2).sum() / len(batch))

    for which, slopes in enumerate(rebuilding_slopes(batch, encoder, decoder)):
        for place in np.ndindex(slopes.shape):
            ends = []
            for step in (1e-5, -1e-5):
                parts = [encoder.copy(), decoder.copy()]
                parts[which][place] += step
                ends.append(loss(parts))
            assert slopes[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_an_auto_encoder_learns_to_rebuild_vectors() -> None:
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(4, 6)), 20, axis=0).astype(np.float32)
    inner = sigmoid(vectors @ autoencoder(vectors, 5, rng))
    with_one = np.hstack([inner, np.ones((len(inner), 1))])
    fit = with_one @ np.linalg.lstsq(with_one, vectors, rcond=None)[0]
    assert ((fit - vectors) ** 2).mean() < 0.05 * vectors.var()


def test_choices_are_changed_by_name() -> None:
    assert recipe_from("cured", None) is not None
    assert recipe_from("cured", {"margin": 2.0}).margin == 2.0
    assert recipe_from("paper", {}) == PAPER != CURED
    for changes, message in (
        ({"margins": 1}, 'there is no "margins"'),
        ({"start": "noise"}, "start cannot be 'noise'"),
        ({"candidates": 1.5}, "candidates cannot be 1.5"),
        ({"decay": -1.0}, "decay cannot be -1.0"),
        ({"unit": 1}, "unit cannot be 1"),
    ):
        with pytest.raises(InputError, match=message):
            recipe_from("cured", changes)


# ---- topics ----------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [0.25, 0.5, 0.7])
def test_topics_less_the_background_maximise_their_likelihood(weight: float) -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, size=(6, 2)).astype(np.float32)
    background = np.full(6, 1 / 6)
    topics = parsimonious(counts, background, weight).astype(np.float64)

    def likelihood(phi: np.ndarray) -> np.ndarray:
        return (counts.T * np.log((1 - weight) * phi + weight * background)).sum(axis=1)

    best = likelihood(topics)
    for _ in range(50):
        other = 0.9 * topics + 0.1 * rng.dirichlet(np.ones(6), size=2)
        assert (likelihood(other) <= best + 1e-3).all()


def test_the_likelihood_is_that_of_topics_and_background() -> None:
    model = fitted()
    counts = planted()[0][:5]
    theta = model.transform(counts)
    frequency = np.asarray(planted()[0].sum(axis=0)).ravel() / planted()[0].sum()
    weight = model.background
    p = (1 - weight) * theta @ model.topic_word_ + weight * frequency
    expected = (counts.toarray() * np.log(p)).sum(axis=1)
    assert model.log_likelihood(counts, theta) == pytest.approx(expected, rel=1e-4)


def test_word_vectors_interrupted_on_the_way_end_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = pt.Corpus.from_texts(["cat dog cow horse"] * 40, min_df=1, max_df=1.0)

    def interrupted(self: Any, *_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("polytopic.embeddings.training.Passes._run_epoch", interrupted)
    model = pt.NTM(**SMALL)
    with pytest.raises(KeyboardInterrupt):
        model.fit(corpus)
    assert not hasattr(model, "topic_word_")


# ---- more documents --------------------------------------------------------------------------


def test_going_on_moves_terms_by_the_new_documents_and_adds_their_counts() -> None:
    counts = planted()[0]
    model, first = fitted(), fitted()
    tokens = model.vocabulary_.counts.copy()
    model.partial_fit(counts[:60])
    assert not np.array_equal(model.term_weights_, first.term_weights_)
    assert model.document_weights_.shape == (60, 4)
    added = np.asarray(counts[:60].sum(axis=0)).ravel()
    assert np.array_equal(model.vocabulary_.counts, tokens + added)
    expected = (tokens + added) / (tokens + added).sum()
    np.testing.assert_allclose(model._frequency, expected, rtol=1e-12)
    assert model.notes_["documents"] == counts.shape[0] + 60
    assert [record["epoch"] for record in model.history_] == [1, 2, 3, 4]
    cosines = (model.topic_word_ * first.topic_word_).sum(axis=1)
    cosines /= np.linalg.norm(model.topic_word_, axis=1) * np.linalg.norm(first.topic_word_, axis=1)
    assert (cosines > 0.95).all()


def test_going_on_gives_the_same_bits_for_any_number_of_threads() -> None:
    counts = planted()[0]
    one = fitted().partial_fit(counts[:60])
    many = fitted(n_threads=3).partial_fit(counts[:60])
    assert np.array_equal(one.topic_word_, many.topic_word_)
    assert np.array_equal(one.term_topics_, many.term_topics_)


def test_a_document_alone_can_be_learned_from() -> None:
    model = fitted()
    before = model.term_topics_.copy()
    model.partial_fit(planted()[0][:1])  # it has no document to be ranked against
    assert np.array_equal(model.term_topics_, before)


@pytest.mark.parametrize(
    "changes",
    [
        {"activation": "softmax-softplus"}, {"optimiser": "adam", "averaged": 200},
        {"cost": "cross-entropy", "unit_rows": True},
    ],
    ids=str,
)  # fmt: skip
def test_going_on_keeps_to_the_recipe(changes: dict[str, Any]) -> None:
    counts = planted()[0]
    model, still = fitted(changes=changes), fitted(changes=changes)
    le = model._features
    assert le is not None
    net = TermNet(still.term_weights_, still.term_bias_, changes.get("activation", "sigmoid"))
    np.testing.assert_allclose(net.topics(le), still.term_topics_, rtol=1e-5)
    model.partial_fit(counts[:60])
    moved = np.abs(model.term_topics_ - still.term_topics_).max()
    assert 0 < moved < 0.5
    rows = np.linalg.norm(model.document_weights_, axis=1)
    assert ("unit_rows" in changes) == bool(np.allclose(rows, 1.0, atol=1e-4))


def test_a_model_saved_without_its_terms_vectors_says_so(tmp_path: Path) -> None:
    model, counts = fitted(), planted()[0]
    model._features = None  # as files of earlier versions
    loaded = pt.load(model.save(tmp_path / "model"))
    assert not hasattr(loaded, "partial_fit")
    with pytest.raises(AttributeError, match="saved without its terms' vectors"):
        loaded.partial_fit(counts)
    before = loaded.term_topics_.copy()
    updated = pt.update(loaded, counts[:60]).model
    assert np.array_equal(updated.term_topics_, before)
    assert not np.array_equal(updated.topic_word_, loaded.topic_word_)
