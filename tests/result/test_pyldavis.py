"""to_pyldavis: the arguments of pyLDAvis.prepare, which takes them."""

from __future__ import annotations

import numpy as np
import pytest

import polytopic as pt
from polytopic import simplex

TOKENS = [["cell", "gene", "organ"], [], ["road", "car", "wheel", "car"], ["gene", "cell"]] * 8


@pytest.fixture(scope="module")
def result() -> pt.TopicResult:
    corpus = pt.Corpus.from_tokens(TOKENS)
    return pt.explore(corpus, model="lda", n_topics=3, iterations=20)


def test_the_numbers_are_those_of_the_documents_that_have_a_topic(result: pt.TopicResult) -> None:
    given = result.to_pyldavis()
    assert given["vocab"] == result.vocabulary.terms
    assert given["doc_lengths"].tolist() == [3, 4, 2] * 8
    assert given["term_frequency"].tolist() == result.vocabulary.counts.tolist()
    simplex.check_distribution(given["topic_term_dists"], tolerance=1e-12)
    simplex.check_distribution(given["doc_topic_dists"], tolerance=1e-12)
    np.testing.assert_allclose(given["topic_term_dists"], result.topic_word, atol=1e-6)
    np.testing.assert_allclose(given["doc_topic_dists"], result.doc_topic[result.has_topic])


@pytest.mark.filterwarnings("ignore")
def test_pyldavis_takes_them(result: pt.TopicResult) -> None:
    pyldavis = pytest.importorskip("pyLDAvis")
    prepared = pyldavis.prepare(**result.to_pyldavis(), n_jobs=1, sort_topics=False)
    shown = prepared.topic_coordinates["Freq"].to_numpy() / 100
    weights = np.array([3, 4, 2] * 8) @ result.doc_topic[result.has_topic]
    np.testing.assert_allclose(shown, weights / weights.sum(), rtol=1e-5)
