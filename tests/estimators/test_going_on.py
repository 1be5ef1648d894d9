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

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")

QUICK: dict[str, Any] = {
    "dim": 6, "n_topics": 3, "epochs": 1, "iterations": 2, "n_threads": 1, "random_state": 3,
    "method": "online",
}  # fmt: skip
SENTENCES = [["a", "b", "c", "d"], ["b", "c", "e", "a"], ["d", "e", "a", "b"]] * 20


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
    assert {"lda", "skipgram", "cbow", "glove", "prodlda", "dirichlet-vae"} <= {
        entry.name for entry in GOING_ON
    }


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


def changes(model: Any) -> Iterator[tuple[str, Any]]:
    """Each parameter with another value that it accepts."""
    for name, value in model.get_params().items():
        constraint = model._parameters[name].accepts
        for other in others(value, constraint):
            same = type(other) is type(value) and other == value
            if not same and (constraint is None or constraint.accepts(other)):
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
    assert refused >= {"random_state", "dim" if entry.family == "vectors" else "n_topics"}
    model.partial_fit(data(entry))


def state(model: Any) -> dict[str, Any]:
    return model._arrays if hasattr(model, "_arrays") else model._state()


@pytest.mark.parametrize("entry", GOING_ON, ids=lambda entry: entry.name)
def test_what_says_how_training_goes_on_may_change(entry: registry.Entry, tmp_path: Path) -> None:
    model = make(entry).fit(data(entry))
    for name, other in changes(model):
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
