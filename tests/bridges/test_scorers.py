"""Scorers, and searches over a Corpus and over a Pipeline of texts."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from made_texts import texts
from sklearn.decomposition import NMF
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

import polytopic as pt
from polytopic.errors import InputError

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]


@pytest.fixture(scope="module")
def corpus() -> pt.Corpus:
    return pt.Corpus.from_texts(texts(90), min_df=2, clean=None)


def lda(**changes: int) -> pt.LDA:
    return pt.LDA(**{"n_topics": 3, "iterations": 30, "random_state": 0, "n_threads": 1} | changes)


def test_scores_are_the_metrics(corpus: pt.Corpus) -> None:
    model = lda().fit(corpus)
    held_out = corpus[::2]
    words = model.vocabulary_
    for n in (5, 10):
        wanted = pt.metrics.npmi(model, held_out, n=n, vocabulary=words)
        assert pt.coherence_scorer(model, held_out, n=n) == wanted
        assert pt.coherence_scorer(model, held_out.counts, n=n) == wanted
    other = [text.split() for text in texts(30)]
    judged = pt.metrics.npmi(model, other, n=10, vocabulary=words)
    assert pt.coherence_scorer(model, held_out, reference=other) == judged
    assert pt.diversity_scorer(model, held_out, n=5) == pt.metrics.diversity(model, n=5)
    perplexity = pt.metrics.perplexity(model, held_out, random_state=0)
    assert pt.perplexity_scorer(model, held_out) == -perplexity


def test_a_pipeline_is_scored_on_texts(corpus: pt.Corpus) -> None:
    step = pt.TextCounts(min_df=2, clean=None)
    pipeline = make_pipeline(step, lda()).fit(texts(90))
    model = lda().fit(corpus)
    for scorer in (pt.coherence_scorer, pt.diversity_scorer, pt.perplexity_scorer):
        assert scorer(pipeline, texts(90)) == scorer(model, corpus)


def test_a_corpus_is_cut_into_folds(corpus: pt.Corpus) -> None:
    search = GridSearchCV(
        lda(),
        {"n_topics": [2, 3, 6]},
        scoring={"npmi": partial(pt.coherence_scorer, n=5), "perplexity": pt.perplexity_scorer},
        refit="npmi",
        cv=3,
    ).fit(corpus)
    assert search.best_params_ == {"n_topics": 3}
    assert "engine" in search.best_estimator_.vocabulary_
    for name in ("npmi", "perplexity"):
        assert np.isfinite(search.cv_results_[f"mean_test_{name}"]).all()
    train, test = train_test_split(corpus, test_size=0.2, random_state=0)
    assert (len(train), len(test)) == (72, 18) and train.vocabulary is corpus.vocabulary
    scores = cross_val_score(lda(), corpus, scoring=pt.perplexity_scorer, cv=3)
    assert (scores < 0).all()


def test_folds_of_a_corpus_are_its_documents(corpus: pt.Corpus) -> None:
    train, test = train_test_split(corpus, test_size=30, random_state=1)
    assert train.texts is not None and test.texts is not None
    assert sorted([*train.texts, *test.texts]) == sorted(texts(90))
    for part in (train, test):
        assert part.texts is not None
        for text, words in zip(part.texts, part.token_lists(), strict=True):
            assert text.split() == words


def test_what_has_no_topics_is_told(corpus: pt.Corpus) -> None:
    for scorer in (pt.coherence_scorer, pt.diversity_scorer, pt.perplexity_scorer):
        with pytest.raises(InputError, match="estimator: NMF has no topics"):
            scorer(NMF(), corpus.counts)
        with pytest.raises(InputError, match="estimator: NMF has no topics"):
            scorer(make_pipeline(pt.TextCounts(), NMF()), texts())
