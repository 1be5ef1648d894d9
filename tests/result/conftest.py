"""A small fitted model of every topic model of the registry, and its result."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from result_examples import TOPIC_MODELS, fitted_result
from themes import MODELS, THEMES, made, themed_texts

import polytopic as pt
from polytopic import registry
from polytopic.result import TopicResult


@pytest.fixture(scope="session")
def themed() -> pt.Corpus:
    labels = [list(THEMES)[row % 3] for row in range(90)]
    return pt.Corpus.from_texts(themed_texts(), labels=labels)


@pytest.fixture(scope="session", params=MODELS, ids=lambda entry: entry.name)
def modelled(request: pytest.FixtureRequest, themed: pt.Corpus) -> Any:
    """A model fitted once; tests leave it as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made(request.param).fit(themed)


@pytest.fixture(scope="session")
def asked(modelled: Any, themed: pt.Corpus) -> pt.TopicResult:
    """Its result on the themed corpus."""
    result: pt.TopicResult = modelled.result(themed)
    return result


@pytest.fixture(scope="session")
def lda(themed: pt.Corpus) -> pt.LDA:
    """One model, for what does not depend on the kind."""
    return pt.LDA(n_topics=3, iterations=60, random_state=0, n_threads=1).fit(themed)


@pytest.fixture(scope="session")
def plain(lda: pt.LDA, themed: pt.Corpus) -> pt.TopicResult:
    """Its result."""
    return lda.result(themed)


@pytest.fixture(params=TOPIC_MODELS, ids=lambda entry: entry.name)
def result(request: pytest.FixtureRequest) -> TopicResult:
    """The result of each topic model."""
    return fitted_result(request.param)


@pytest.fixture
def kept_lda() -> TopicResult:
    """That of LDA, for tests of what is the same for all."""
    return fitted_result(registry.find("lda"))
