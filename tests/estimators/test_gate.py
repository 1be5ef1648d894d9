"""Malformed counts are refused wherever they come in, before compiled code sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from test_topic_models import MODELS, make

import polytopic as pt
from malformed import MALFORMED
from polytopic import registry, simplex
from polytopic.embeddings.ppmi import ppmi_vectors
from polytopic.errors import InputError

NAMES = ["columns cut", "csr: indices[0] = 100000000", "csr: indptr[3] = 1000000", "coo: row"]
ROWS = [entry for entry in registry.MODELS if entry.family == "autoencoders"]

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")


@pytest.fixture(scope="module", params=[*MODELS, *ROWS], ids=lambda entry: entry.name)
def fitted(request: pytest.FixtureRequest, corpus_counts: sparse.csr_matrix) -> Any:
    if request.param.extra is not None:
        pytest.importorskip(request.param.extra, reason="the extra is not installed")
    return make(request.param).fit(corpus_counts)


@pytest.mark.parametrize("name", NAMES)
def test_models_refuse_malformed_counts(
    fitted: Any, name: str, corpus_counts: sparse.csr_matrix
) -> None:
    made = MALFORMED[name](corpus_counts)
    with pytest.raises(InputError, match="no sound sparse matrix"):
        type(fitted)(**fitted.get_params()).fit(made)
    with pytest.raises(InputError, match="no sound sparse matrix"):
        fitted.transform(made)


def _corpus(counts: Any) -> pt.Corpus:
    return pt.Corpus.from_counts(counts, [f"w{column}" for column in range(counts.shape[1])])


def _edited(counts: sparse.csr_matrix, spoilt: Any) -> Any:
    """A corpus whose counts were spoilt after it was made."""
    corpus = _corpus(counts)
    corpus.counts = spoilt
    return corpus


def _result(counts: Any) -> pt.TopicResult:
    beta = np.full((2, counts.shape[1]), 1 / counts.shape[1], np.float32)
    theta = np.full((counts.shape[0], 2), 0.5, np.float32)
    words = pt.Vocabulary([f"w{column}" for column in range(counts.shape[1])])
    return pt.TopicResult(topic_word=beta, doc_topic=theta, vocabulary=words, counts=counts)


def _square(counts: Any) -> Any:
    """As large a graph as the matrix is high, with the same arrays."""
    n = max(counts.shape)
    indptr = np.append(counts.indptr, np.full(n + 1 - len(counts.indptr), counts.indptr[-1]))
    return sparse.csr_matrix((counts.data, counts.indices, indptr), shape=(n, n))


TOPICS = [["w0", "w1"], ["w2", "w3"]]
WORDS = [f"w{column}" for column in range(32)]
WAYS: dict[str, Callable[[Any], Any]] = {
    "Corpus": lambda c: pt.Corpus(c, pt.Vocabulary(WORDS[: c.shape[1]])),
    "Corpus.from_counts": _corpus,
    "TopicResult": _result,
    "npmi": lambda c: pt.metrics.npmi(TOPICS, c, n=2, vocabulary=WORDS[: c.shape[1]]),
    "umass": lambda c: pt.metrics.umass(TOPICS, c, n=2, vocabulary=WORDS[: c.shape[1]]),
    "collapse": lambda c: pt.metrics.collapse(
        np.full((2, c.shape[1]), 1 / c.shape[1]), np.full((c.shape[0], 2), 0.5), counts=c
    ),
    "ppmi": ppmi_vectors,
    "from_vectors": lambda c: simplex.from_vectors(
        np.random.default_rng(0).normal(size=(c.shape[1], 4)), 2, counts=c
    ),
    "Graph": lambda c: pt.Graph.from_matrix(_square(c)),
    "NodeEmbedding": lambda c: pt.NodeEmbedding(dim=2, epochs=1).fit(_square(c)),
    "HOPE": lambda c: pt.HOPE(dim=2).fit(_square(c)),
    "APP": lambda c: pt.APP(dim=2, epochs=1).fit(_square(c)),
    "degree baseline": lambda c: pt.metrics.degree_baseline(_square(c)),
    "non-edges": lambda c: pt.metrics.non_edges(_square(c), 3),
    "Cooccurrence": lambda c: pt.Cooccurrence(_square(c), [f"w{i}" for i in range(max(c.shape))]),
}


SQUARE = {way for way, call in WAYS.items() if "_square" in call.__code__.co_names}
"""A square of the arrays of a matrix whose columns were cut is sound."""


@pytest.mark.parametrize(
    ("way", "name"),
    [(w, n) for w in WAYS for n in NAMES[:3] if not (w in SQUARE and n == "columns cut")],
)
def test_every_way_in_refuses_malformed_counts(
    way: str, name: str, corpus_counts: sparse.csr_matrix
) -> None:
    made = MALFORMED[name](corpus_counts)
    with pytest.raises(InputError, match="no sound sparse matrix"):
        WAYS[way](made)


def test_what_was_edited_after_it_was_made_is_checked_again(
    corpus_counts: sparse.csr_matrix,
) -> None:
    made = MALFORMED["csr: indices[0] = 100000000"](corpus_counts)
    model = pt.LDA(n_topics=2, iterations=2, random_state=0).fit(_corpus(corpus_counts))
    with pytest.raises(InputError, match="no sound sparse matrix"):
        model.transform(_edited(corpus_counts, made))
    other = _edited(corpus_counts, made)
    other.vocabulary = pt.Vocabulary([f"x{column}" for column in range(31)] + ["w0"])
    with pytest.raises(InputError, match="no sound sparse matrix"):
        model.transform(other)
    graph = pt.Graph.from_matrix(_square(corpus_counts))
    graph.adjacency.indices[0] = 10**8
    with pytest.raises(InputError, match="no sound sparse matrix"):
        pt.NodeEmbedding(dim=2, epochs=1).fit(graph)
    corpus = pt.Corpus.from_texts(["a b c d e", "cells divide and grow"] * 4, min_df=1)
    assert corpus.tokens is not None
    corpus.tokens[0] = 10**6
    with pytest.raises(InputError, match=r"tokens: holds 1000000"):
        pt.SkipGram(dim=4, epochs=1, min_count=1).fit(corpus)
    with pytest.raises(InputError, match=r"tokens: holds 1000000"):
        pt.metrics.npmi([["cells", "grow"]], corpus, n=2, window=3)


def test_a_data_frame_may_have_a_column_named_counts(corpus_counts: sparse.csr_matrix) -> None:
    pandas = pytest.importorskip("pandas")
    dense = corpus_counts.toarray()
    names = ["counts", "vocabulary", *WORDS[2:]]
    frame = pandas.DataFrame(dense, columns=names).drop(columns="vocabulary")
    model = pt.LDA(n_topics=2, iterations=2, random_state=0).fit(frame)
    assert model.vocabulary_.terms[0] == "counts"


@pytest.mark.parametrize("order", [">i4", "<i8", "u1"])
def test_the_same_counts_of_other_types_and_orders_give_the_same_bits(
    order: str, corpus_counts: sparse.csr_matrix
) -> None:
    model = pt.LDA(n_topics=2, iterations=5, random_state=0).fit(corpus_counts)
    other = corpus_counts.astype(np.int64)
    other.data = other.data.astype(order)
    dense = np.asfortranarray(corpus_counts.toarray().astype(order))
    for counts in (other, other.tocsc(), dense, dense[::-1][::-1]):
        again = pt.LDA(n_topics=2, iterations=5, random_state=0).fit(counts)
        assert np.array_equal(model.topic_word_, again.topic_word_)
