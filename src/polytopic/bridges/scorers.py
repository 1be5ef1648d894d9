"""Scorers of topic models for scikit-learn's searches: coherence, diversity, perplexity.

Each is called as ``scorer(estimator, X, y=None)`` and gives a float that is better when larger. The
estimator is a fitted topic model, or a Pipeline that ends in one; ``X`` is what it was fitted on
the like of: a Corpus, counts, or the texts a Pipeline begins from. Options are set with
``functools.partial(coherence_scorer, n=5)``.
"""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.pipeline import Pipeline

from polytopic import metrics
from polytopic.errors import InputError, UnseenTermsWarning

__all__ = ["coherence_scorer", "diversity_scorer", "perplexity_scorer"]


def coherence_scorer(
    estimator: Any, X: Any, y: Any = None, *, n: int = 10, reference: Any = None
) -> float:
    """NPMI of the first ``n`` words of each topic in the documents of ``X``, -1 to 1.

    In a search these are the documents left out of a fold, so that the figure is one from outside.
    With a ``reference``, a Corpus or lists of tokens, it is that of another text.

    Raises
    ------
    InputError
        If the estimator is no fitted topic model.

    >>> from polytopic import LDA, Corpus
    >>> corpus = Corpus.from_tokens([["cell", "gene"], ["road", "car"]] * 10)
    >>> model = LDA(n_topics=2, iterations=20, random_state=0).fit(corpus)
    >>> round(coherence_scorer(model, corpus, n=2), 3)
    1.0
    """
    model, documents = _parts(estimator, X)
    n = min(n, model.topic_word_.shape[1])
    text = documents if reference is None else reference
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)  # a fold may lack a word
        return float(metrics.npmi(model, text, n=n, vocabulary=model.vocabulary_))


def diversity_scorer(estimator: Any, X: Any, y: Any = None, *, n: int = 25) -> float:
    """Different words among the first ``n`` of all topics, 0 to 1; ``X`` is not looked at.

    Raises
    ------
    InputError
        If the estimator is no fitted topic model.
    """
    model = _model(estimator)
    return float(metrics.diversity(model.topic_word_, n=min(n, model.topic_word_.shape[1])))


def perplexity_scorer(estimator: Any, X: Any, y: Any = None, *, random_state: Any = 0) -> float:
    """The negative perplexity of the second half of each document, given the first.

    Negative, since a search takes the largest: -500 is better than -900. See
    :func:`polytopic.metrics.perplexity`.

    Raises
    ------
    InputError
        If the estimator is no fitted topic model, or the documents are too short to be cut in two.
    """
    model, documents = _parts(estimator, X)
    return -float(metrics.perplexity(model, documents, random_state=random_state))


def _model(estimator: Any) -> Any:
    model = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if not hasattr(model, "topic_word_"):
        raise InputError(
            f"estimator: {type(model).__name__} has no topics. Score a fitted topic model, or a "
            "Pipeline that ends in one."
        )
    return model


def _parts(estimator: Any, X: Any) -> tuple[Any, Any]:
    """The topic model, and the documents as it gets them."""
    model = _model(estimator)
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        X = estimator[:-1].transform(X)
    return model, X
