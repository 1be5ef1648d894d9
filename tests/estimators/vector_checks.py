"""Checks that hold for every model of word vectors: plain functions, yielded one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import polytopic as pt
from polytopic.errors import InputError, InterruptedFitWarning, NotFittedModelError

Sentences = list[list[str]]
Check = Callable[[Any, Sentences, Path], None]


def yield_checks() -> Iterator[Check]:
    """Every function of this module that is named ``check_...``."""
    yield from (f for name, f in globals().items() if name.startswith("check_"))


def same(a: Any, b: Any) -> bool:
    """Whether two fitted models hold the same bits."""
    if a.vocabulary_.terms != b.vocabulary_.terms or a._arrays.keys() != b._arrays.keys():
        return False
    return all(np.array_equal(a._arrays[name], b._arrays[name]) for name in a._arrays)


def check_fitted_attributes(model: Any, sentences: Sentences, folder: Path) -> None:
    assert model.fit(sentences) is model
    vectors = model.vectors_
    assert isinstance(vectors, pt.WordVectors)
    n_words = len({word for sentence in sentences for word in sentence})
    assert vectors.input.shape == (n_words, model.dim)
    assert vectors.input.dtype == np.float32
    assert np.isfinite(vectors.input).all()
    assert vectors.vocabulary.terms == model.vocabulary_.terms
    assert model.vocabulary_.counts.sum() == sum(map(len, sentences))
    assert len(model.history_) == model.epochs == model.n_epochs_


def check_the_loss_falls(model: Any, sentences: Sentences, folder: Path) -> None:
    model.set_params(epochs=5).fit(sentences)
    losses = [record["loss"] for record in model.history_]
    assert losses[-1] < 0.99 * losses[0]


def check_words_of_a_kind_come_together(model: Any, sentences: Sentences, folder: Path) -> None:
    """Each word's nearest neighbour is of its own planted group."""
    vectors = model.set_params(epochs=15, dim=10).fit(sentences).vectors_
    hits = [
        word[0] == vectors.most_similar(word, n=1)[0][0][0] for word in vectors.vocabulary.terms
    ]
    assert np.mean(hits) > 0.9


def check_sources_agree(model: Any, sentences: Sentences, folder: Path) -> None:
    path = folder / "text.txt"
    path.write_text("\n".join(map(" ".join, sentences)), encoding="utf-8")
    listed = clone(model).fit(sentences)
    assert same(listed, clone(model).fit(path))
    assert same(listed, clone(model).fit(iter(sentences)))
    corpus = pt.Corpus.from_tokens(sentences)
    of_corpus = clone(model).fit(corpus)
    assert of_corpus.vectors_.input.shape == (len(corpus.vocabulary), model.dim)
    assert of_corpus.vocabulary_.terms == corpus.vocabulary.terms


def check_one_thread_repeats_itself(model: Any, sentences: Sentences, folder: Path) -> None:
    for deterministic in (True, False):
        model.set_params(deterministic=deterministic)
        first = clone(model).fit(sentences)
        assert same(first, clone(model).fit(sentences))
    assert not same(first, clone(model).set_params(random_state=1).fit(sentences))


def check_deterministic_whatever_the_threads(
    model: Any, sentences: Sentences, folder: Path
) -> None:
    assert model.deterministic
    first = clone(model).set_params(n_threads=1).fit(sentences)
    for n_threads in (2, 4):
        assert same(first, clone(model).set_params(n_threads=n_threads).fit(sentences))


def check_loss_means_the_same_for_more_threads(
    model: Any, sentences: Sentences, folder: Path
) -> None:
    model.set_params(deterministic=False)
    one, two = (clone(model).set_params(n_threads=n).fit(sentences).history_ for n in (1, 2))
    assert [r.get("pairs") for r in one] == [r.get("pairs") for r in two]
    np.testing.assert_allclose([r["loss"] for r in one], [r["loss"] for r in two], rtol=0.1)


def check_fit_begins_anew_and_clones_are_unfitted(
    model: Any, sentences: Sentences, folder: Path
) -> None:
    model.fit(sentences[::-1])
    model.fit(sentences)
    assert same(model, clone(model).fit(sentences))
    assert not hasattr(clone(model), "vectors_")
    assert clone(model).get_params() == model.get_params()


def check_save_and_load_are_equal(model: Any, sentences: Sentences, folder: Path) -> None:
    with pytest.raises(NotFittedModelError):
        model.save(folder / "early")
    model.fit(sentences)
    loaded = pt.load(model.save(folder / "model"))
    assert type(loaded) is type(model)
    assert same(model, loaded)
    assert loaded.history_ == model.history_
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.vectors_.input, model.vectors_.input)
    np.testing.assert_array_equal(loaded.vocabulary_.counts, model.vocabulary_.counts)


def check_going_on_from_a_file_is_going_on(model: Any, sentences: Sentences, folder: Path) -> None:
    model.fit(sentences)
    loaded = pt.load(model.save(folder / "model"))
    kept = model.vectors_.input.copy()
    vectors = model.vectors_
    fresh = [[*sentences[0], "new1", "new2"]] * 30
    model.partial_fit(fresh, epochs=2)
    loaded.partial_fit(fresh, epochs=2)
    assert same(model, loaded)
    assert model.n_epochs_ == loaded.n_epochs_ == len(model.history_) == model.epochs + 2
    np.testing.assert_array_equal(vectors.input, kept)  # what was handed out stays as it was


def check_new_words_come_after_the_old_rows(model: Any, sentences: Sentences, folder: Path) -> None:
    model.fit(sentences)
    terms, before = list(model.vocabulary_.terms), model.vectors_.input.copy()
    counts = model.vocabulary_.counts.copy()
    model.partial_fit([["new1", "new2", "new1"]] * 60, epochs=1)
    assert model.vocabulary_.terms == [*terms, "new1", "new2"]
    assert model.vocabulary_.counts.tolist() == [*counts.tolist(), 120, 60]
    assert np.linalg.norm(model.vectors_.input[-2:], axis=1).min() > 0
    known = model.get_params()
    if "window" in known and "x_max" not in known and "bucket" not in known:
        # words that are not in the new text are never a context, so their rows stay bit for bit
        np.testing.assert_array_equal(model.vectors_.input[: len(terms)], before)


def check_an_interruption_keeps_what_there_is(
    model: Any, sentences: Sentences, folder: Path
) -> None:
    """Ctrl-C after the second of four epochs; the same call goes on to the same bits."""
    model.set_params(epochs=4)
    whole = clone(model).fit(sentences)
    model.set_params(checkpoint=folder / "checkpoint", trackers=[Interrupting(2)])
    with pytest.warns(InterruptedFitWarning, match="interrupted after 2 of 4 epochs"):
        model.fit(sentences)
    assert np.isfinite(model.vectors_.input).all()
    assert not same(model, whole)
    model.set_params(trackers=None).fit(sentences)
    assert same(model, whole)
    assert [r["loss"] for r in model.history_] == [r["loss"] for r in whole.history_]


def check_a_checkpoint_of_other_settings_is_refused(
    model: Any, sentences: Sentences, folder: Path
) -> None:
    model.set_params(checkpoint=folder / "checkpoint").fit(sentences)
    with pytest.raises(pt.PolytopicError, match="other settings"):
        model.set_params(epochs=model.epochs + 1).fit(sentences)


def check_trackers_get_every_epoch(model: Any, sentences: Sentences, folder: Path) -> None:
    tracker = Interrupting(0)
    model.set_params(trackers=[tracker]).fit(sentences)
    assert tracker.seen == [(record["epoch"], record["loss"]) for record in model.history_]


def check_parameters_are_checked(model: Any, sentences: Sentences, folder: Path) -> None:
    for name, value in {
        "dim": 0, "epochs": 0, "learning_rate": 0.0, "learning_rate ": float("nan"), "window": 0,
        "n_threads": 0, "min_count": 0, "random_state": -1,
    }.items():  # fmt: skip
        if name.strip() not in model.get_params():
            continue
        with pytest.raises(InputError, match=rf"^{name.strip()}: .* cannot be used"):
            clone(model).set_params(**{name.strip(): value}).fit(sentences)


def check_divergence_is_told(model: Any, sentences: Sentences, folder: Path) -> None:
    with pytest.raises(InputError, match=r"learning_rate: training diverged .* Lower"):
        model.set_params(learning_rate=1e5, epochs=3).fit(sentences)


def check_text_without_enough_words(model: Any, sentences: Sentences, folder: Path) -> None:
    for source in ([], [["alone"]], [["alone"] * 50]):
        with pytest.raises(InputError, match="more text"):
            model.fit(source)
    model.fit([["two", "words"]])
    assert model.vectors_.input.shape == (2, model.dim)


class Interrupting:
    """A tracker that raises KeyboardInterrupt after so many epochs (0: never)."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.seen: list[tuple[float, float]] = []

    def log(self, values: dict[str, float], step: int) -> None:
        if "epoch" in values:
            self.seen.append((values["epoch"], values["loss"]))
            if values["epoch"] == self.after:
                raise KeyboardInterrupt


def check_nothing_trained_is_an_error(model: Any, sentences: Sentences, folder: Path) -> None:
    with pytest.raises(InputError, match="nothing was trained.*no sentence|no two words"):
        model.fit([["a"], ["b"], ["c"]])
    assert not hasattr(model, "vectors_")
    if "sample" in model.get_params():
        tiny = [["a", "b"], ["b", "c"]]
        with pytest.raises(
            InputError, match=r"subsampling \(sample=1e-09\).* Set sample=0"
        ) as caught:
            model.set_params(sample=1e-9).fit(tiny)
        assert "\n" not in str(caught.value)
        fitted = model.set_params(sample=0.0).fit(tiny)
        before = fitted.vectors_
        with pytest.raises(InputError, match="nothing was trained on its 1 words"):
            fitted.partial_fit([["a"]])
        assert fitted.vectors_ is before
        assert fitted.n_epochs_ == model.epochs


def check_exponents_of_noise_are_bounded(model: Any, sentences: Sentences, folder: Path) -> None:
    if "ns_exponent" not in model.get_params():
        return
    for exponent in (400, -400, 1e308, 15.5):
        with pytest.raises(InputError, match="ns_exponent: .* from -15 to 15 .*leave float64"):
            clone(model).set_params(ns_exponent=exponent).fit(sentences)
    for exponent in (15, -15):
        fitted = clone(model).set_params(ns_exponent=exponent).fit(sentences)
        assert np.isfinite(fitted.history_[-1]["loss"])
