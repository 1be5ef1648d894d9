"""Every estimator that goes on refuses to do so with parameters its state depends on."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry
from polytopic.errors import InputError
from polytopic.parameters import AnyOf, Choice, Constraint, Integer, Real

if importlib.util.find_spec("torch") is not None:
    from polytopic.training.estimators import module_arrays

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")

QUICK: dict[str, Any] = {
    "dim": 4, "n_topics": 3, "epochs": 1, "iterations": 2, "n_threads": 1, "random_state": 3,
    "method": "online", "sample": 1e-3, "bucket": 200,
}  # fmt: skip
SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e", "f"], ["d", "e", "f", "a"]] * 20


def make(entry: registry.Entry) -> Any:
    model = registry.load_class(entry)()
    known = model.get_params()
    return model.set_params(**{name: value for name, value in QUICK.items() if name in known})


def goes_on(entry: registry.Entry) -> bool:
    if entry.extra is not None and importlib.util.find_spec(entry.extra) is None:
        return False
    model = make(entry)
    try:
        model.check_parameters()
    except InputError:  # EmbeddingLDA has no method "online"
        return False
    return hasattr(model, "partial_fit")


GOING_ON = [entry for entry in registry.MODELS if goes_on(entry)]


def test_those_that_go_on_are_found() -> None:
    going_on = {entry.name for entry in GOING_ON}
    assert {"lda", "ntm", "skipgram", "cbow", "glove", "prodlda", "dirichlet-vae"} <= going_on
    assert {"autoencoder", "denoising-autoencoder", "vae"} <= going_on


def data(entry: registry.Entry) -> Any:
    return SENTENCES if entry.family == "vectors" else pt.Corpus.from_tokens(SENTENCES)


def others(value: Any, constraint: Constraint | None) -> Iterator[Any]:
    """Other values that the constraint accepts."""
    parts = constraint.parts if isinstance(constraint, AnyOf) else [constraint]
    for part in parts:
        if isinstance(part, Choice):
            yield from part.options
        elif isinstance(part, Integer):
            yield part.low + 7
        elif isinstance(part, Real):
            yield from (0.75, 0.5, 0.0625)
    yield from (0.5, None, "elsewhere", [0.25, 0.25, 0.5], {"x": ["a"]}, True, [])
    yield np.ones((6, 2))
    yield "processes:2"  # of a cluster


def accepted(constraint: Constraint | None, value: Any) -> bool:
    try:
        return constraint is None or constraint.accepts(value)
    except InputError:  # the name of a tracker that there is not
        return False


def changes(model: Any) -> Iterator[tuple[str, Any]]:
    """Each parameter with another value that it accepts."""
    for name, value in model.get_params().items():
        constraint = model._parameters[name].accepts
        for other in others(value, constraint):
            same = type(other) is type(value) and other == value
            if not same and accepted(constraint, other):
                yield name, other
                break
        else:
            raise AssertionError(f"no other value for {name}")


@pytest.mark.parametrize("entry", GOING_ON, ids=lambda entry: entry.name)
@pytest.mark.parametrize("loaded", [False, True])
def test_what_the_state_depends_on_may_not_change(
    entry: registry.Entry, loaded: bool, tmp_path: Path
) -> None:
    model = make(entry).fit(data(entry))
    if loaded:
        model = pt.load(model.save(tmp_path / "model"))
    refused = set()
    for name, other in changes(model):
        before = getattr(model, name)
        model.set_params(**{name: other})
        if name not in model._may_change:
            arrays = {key: array.copy() for key, array in state(model).items()}
            with pytest.raises((InputError, AttributeError), match=rf"^{name}: ") as caught:
                model.partial_fit(data(entry))
            assert "\n" not in str(caught.value)
            assert all(np.array_equal(arrays[key], array) for key, array in state(model).items())
            refused.add(name)
        model.set_params(**{name: before})
    assert refused >= {"random_state", "n_topics" if entry.family == "topics" else "dim"}
    model.partial_fit(data(entry))


def state(model: Any) -> dict[str, Any]:
    """Arrays of a fitted model, by name."""
    if hasattr(model, "_arrays"):
        return model._arrays
    return module_arrays(model.module_) if hasattr(model, "module_") else model._state()


def bits(model: Any) -> dict[str, Any]:
    return {name: np.array(value) for name, value in state(model).items()}


@pytest.mark.parametrize("entry", GOING_ON, ids=lambda entry: entry.name)
def test_a_loaded_model_goes_on_to_the_same_bits(entry: registry.Entry, tmp_path: Path) -> None:
    model = make(entry).fit(data(entry))
    first = bits(model)
    loaded = pt.load(model.save(tmp_path / "model"))
    once, again = bits(model.partial_fit(data(entry))), bits(loaded.partial_fit(data(entry)))
    assert once.keys() == again.keys()
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert any(not np.array_equal(first[name], once[name]) for name in first)


TOPICS = [entry for entry in GOING_ON if entry.family in ("topics", "autoencoders")]


@pytest.mark.parametrize("entry", TOPICS, ids=lambda entry: entry.name)
def test_one_that_is_not_fitted_is_fitted(entry: registry.Entry) -> None:
    model = make(entry).partial_fit(data(entry))
    before = len(model.history_)
    model.partial_fit(data(entry))
    numbers = [record.get("epoch", record.get("iteration")) for record in model.history_]
    assert numbers == list(range(1, before + 2))


@pytest.mark.parametrize("entry", TOPICS, ids=lambda entry: entry.name)
def test_what_cannot_be_learned_from_changes_nothing(entry: registry.Entry) -> None:
    model = make(entry).fit(data(entry))
    first, width = bits(model), model.n_features_in_
    for bad in (np.ones((3, width + 1), int), np.full((3, width), -1), np.full((3, width), np.nan)):
        with pytest.raises(InputError) as caught:
            model.partial_fit(bad)
        assert "\n" not in str(caught.value)
    assert all(np.array_equal(first[name], value) for name, value in bits(model).items())


@pytest.mark.parametrize("entry", TOPICS, ids=lambda entry: entry.name)
def test_documents_of_no_terms_are_refused(entry: registry.Entry) -> None:
    model = make(entry).fit(data(entry))
    if entry.name == "lda":  # a stream's share of the prior, which has no documents
        return
    with pytest.raises(InputError, match=r"^(X|corpus|counts): .*(rows|document)"):
        model.partial_fit(np.zeros((3, model.n_features_in_), dtype=int))


def test_vectors_that_were_given_need_not_be_given_again(tmp_path: Path) -> None:
    corpus = pt.Corpus.from_tokens(SENTENCES)
    words = corpus.vocabulary.terms
    given = pt.WordVectors(words, np.random.default_rng(0).normal(size=(len(words), 4)))
    options = {"n_topics": 2, "epochs": 2, "random_state": 0, "vectors": given}
    for model in (pt.NTM(**options), pt.ETM(**options)):
        model.fit(corpus)
        loaded = pt.load(model.save(tmp_path / type(model).__name__))
        twice = pt.load(loaded.save(tmp_path / f"{type(model).__name__}-again"))
        model.partial_fit(corpus)
        for other in (loaded, twice):
            other.partial_fit(corpus)
            assert np.array_equal(model.topic_word_, other.topic_word_)
        loaded.set_params(vectors=given).partial_fit(corpus)
        moved = pt.WordVectors(words, 2.0 + given.input)
        with pytest.raises(InputError, match="^vectors: is another array"):
            loaded.set_params(vectors=moved).partial_fit(corpus)


@pytest.mark.parametrize("entry", GOING_ON, ids=lambda entry: entry.name)
def test_what_says_how_training_goes_on_may_change(
    entry: registry.Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a folder is named
    model = make(entry).fit(data(entry))
    for name, other in changes(model):
        if name == "cluster" and "sample" in model.get_params():
            continue  # tests/embeddings tries it, on a text of which no epoch is left without words
        if name in model._may_change and name not in (
            "trackers",
            "checkpoint",
            "device",
            "min_learning_rate",
        ):
            before = getattr(model, name)
            model.set_params(**{name: other}).partial_fit(data(entry))
            model.set_params(**{name: before})


@pytest.mark.parametrize("entry", GOING_ON, ids=lambda entry: entry.name)
def test_a_change_is_found_after_saving_too(entry: registry.Entry, tmp_path: Path) -> None:
    model = make(entry).fit(data(entry))
    name = "eta" if "eta" in model.get_params() else "dim"
    before = getattr(model, name)
    model.set_params(**{name: 5})
    if hasattr(model, "module_"):  # a network of other layers could not be loaded
        with pytest.raises(InputError, match=rf"{name}: is 5, .* fitted with {before},"):
            model.save(tmp_path / "model")
        assert not (tmp_path / "model").exists()
        return
    again = pt.load(model.save(tmp_path / "model"))
    with pytest.raises(InputError, match=rf"{name}: is 5, .* fitted with {before},"):
        again.partial_fit(data(entry))
    again.set_params(**{name: before}).partial_fit(data(entry))


def test_a_topic_model_of_another_number_of_topics_is_not_saved(tmp_path: Path) -> None:
    model = pt.LDA(n_topics=3, iterations=2, random_state=0).fit(pt.Corpus.from_tokens(SENTENCES))
    with pytest.raises(InputError, match="n_topics: is 2, .* fitted with 3. Set it back"):
        model.set_params(n_topics=2).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    pt.load(model.set_params(n_topics=3).save(tmp_path / "model"))


def test_a_sampler_does_not_become_a_stream() -> None:
    corpus = pt.Corpus.from_tokens(SENTENCES)
    model = pt.LDA(n_topics=2, iterations=2, random_state=0).fit(corpus)
    topics = model.topic_word_
    with pytest.raises(
        InputError, match="method: is .online., and this LDA was fitted with .gibbs"
    ):
        model.set_params(method="online").partial_fit(corpus)
    assert model.topic_word_ is topics


def test_priors_that_are_arrays_are_compared_by_their_numbers() -> None:
    corpus = pt.Corpus.from_tokens(SENTENCES)
    alpha = np.array([0.1, 0.2])
    model = pt.LDA(n_topics=2, method="online", alpha=alpha, random_state=0).partial_fit(corpus)
    model.set_params(alpha=alpha.copy()).partial_fit(corpus)
    with pytest.raises(InputError, match="alpha: is another array"):
        model.set_params(alpha=np.array([0.1, 0.3])).partial_fit(corpus)


def test_a_run_with_other_vectors_is_another_run() -> None:
    corpus = pt.Corpus.from_tokens(SENTENCES)
    from polytopic.persistence import run_identity

    words = corpus.vocabulary.terms
    models = [
        pt.EmbeddingLDA(vectors=pt.WordVectors(words, np.full((len(words), 2), value)))
        for value in (1.0, 1.0, 2.0)
    ]
    first, same, other = (run_identity(model, corpus.counts, 0, ()) for model in models)
    assert first == same != other
