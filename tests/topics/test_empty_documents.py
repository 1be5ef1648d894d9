"""Documents without terms: every model of counts warns of them, in fit and in transform."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic import registry
from polytopic.errors import EmptyDocumentsWarning

from planting import planted

MODELS = [entry for entry in registry.MODELS if entry.family in ("topics", "autoencoders")]
QUICK: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "epochs": 1, "iterations": 5, "batch_size": 50,
    "n_threads": 1, "random_state": 0,
}  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")


def make(entry: registry.Entry) -> Any:
    kind = registry.load_class(entry)
    known = kind().get_params()
    return kind(**{name: value for name, value in QUICK.items() if name in known})


def with_empty() -> sparse.csr_matrix:
    """Eighty documents, of which the third and the last hold nothing."""
    counts = planted(n_documents=80)[0].toarray()
    counts[[2, 79]] = 0
    return sparse.csr_matrix(counts)


@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.name)
def test_every_model_says_how_many_there_are(entry: registry.Entry) -> None:
    model, counts = make(entry), with_empty()
    with pytest.warns(EmptyDocumentsWarning, match="2 of 80 documents hold no known term") as told:
        model.fit(counts)
    assert told[0].filename == __file__
    with pytest.warns(EmptyDocumentsWarning, match="1 of 3 documents hold no known term") as told:
        model.transform(counts[:3])
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", EmptyDocumentsWarning)
        model.transform(counts[:2])
        if entry.family == "topics":
            result = model.result(counts)
            assert np.flatnonzero(~result.has_topic).tolist() == [2, 79]
            pt.metrics.perplexity(model, counts)


@pytest.mark.filterwarnings("error::polytopic.EmptyDocumentsWarning")
def test_rows_of_real_numbers_may_be_zero() -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    rows = with_empty().astype(np.float64) / 3
    pt.Autoencoder(dim=4, epochs=1, likelihood="gaussian", random_state=0).fit(rows).transform(rows)


@pytest.mark.filterwarnings("error::polytopic.EmptyDocumentsWarning")
def test_a_model_of_embeddings_finds_topics_without_terms() -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    counts = with_empty()
    embeddings = np.random.default_rng(0).normal(size=(80, 6))
    model = pt.ZeroShotTM(n_topics=4, epochs=1, random_state=0).fit(counts, embeddings=embeddings)
    assert model.transform(counts, embeddings=embeddings).shape == (80, 4)
    result = model.result(counts, embeddings=embeddings)
    assert result.has_topic.all() and result.without_topic == ""


def test_names_of_guided_topics_reach_the_result() -> None:
    terms = [f"term{n}" for n in range(32)]
    model = pt.LDA(n_topics=4, iterations=5, seed_words={"first": ["term0"]}, random_state=0)
    model.fit(planted(n_documents=80)[0], terms=terms)
    assert model.result(planted(n_documents=80)[0]).names == ("first", "", "", "")
