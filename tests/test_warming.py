"""Warming up: what the first answer would wait for is done before; nothing is changed."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry

COUNTS = np.kron(np.eye(2, dtype=int), np.full((20, 4), 2))


def fitted(**terms: Any) -> pt.LDA:
    return pt.LDA(n_topics=2, iterations=30, random_state=0).fit(COUNTS, **terms)


def test_a_fitted_model_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted(terms=[f"word{n}" for n in range(8)])
    before = {name: repr(value) for name, value in vars(model).items()}
    asked: list[Any] = []
    transform = pt.LDA.transform

    def watched(self: Any, X: Any) -> Any:
        asked.append(X)
        return transform(self, X)

    monkeypatch.setattr(pt.LDA, "transform", watched)
    assert model.warm_up() is model
    assert asked[0] == [" ".join(f"word{n}" for n in range(8))]
    assert asked[1].shape == (1, 8)
    assert {name: repr(value) for name, value in vars(model).items()} == before


def test_a_model_of_bare_counts_is_warmed_up_in_silence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted().warm_up()
    with pytest.raises(pt.NotFittedModelError):
        pt.LDA().warm_up()


def test_models_are_warmed_up_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    load = registry.load_class

    def watched(entry: registry.Entry) -> type:
        made.append(entry.name)
        return load(entry)

    monkeypatch.setattr(registry, "load_class", watched)
    pt.warm_up("lda")
    assert made == ["lda"]
    with pytest.raises(pt.InputError, match='there is no model "skipgram"'):
        pt.warm_up("skipgram")


def test_a_default_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    load = registry.load_class

    def without(entry: registry.Entry) -> type:
        if entry.extra:
            raise pt.MissingExtraError("not here")
        return load(entry)

    monkeypatch.setattr(registry, "load_class", without)
    pt.warm_up()
    with pytest.raises(pt.MissingExtraError):
        pt.warm_up("prodlda")
