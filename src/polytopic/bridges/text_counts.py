"""TextCounts: from texts to counts as a step of scikit-learn's pipelines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from polytopic.errors import NotFittedModelError
from polytopic.text import Corpus, Vocabulary
from polytopic.text.dropped import Dropped
from polytopic.text.term_counts import TermCounts

if TYPE_CHECKING:
    from polytopic.text.phrases import Collocations

__all__ = ["TextCounts"]


class TextCounts(TransformerMixin, BaseEstimator):
    """Counts of the terms of raw texts, read as :meth:`Corpus.from_texts` reads them.

    A transformer from D texts to counts of shape (D, V), for pipelines of scikit-learn. The matrix
    knows its terms, so that a topic model behind it names its topics in words.

    Parameters
    ----------
    language, stop_words, lowercase, min_df, max_df, max_terms, token_pattern, tokenizer, ngrams,
    clean, vocabulary, n_threads
        As in :meth:`Corpus.from_texts`, with its defaults.

    Attributes
    ----------
    vocabulary_ : Vocabulary
        The V terms in column order, with how the texts were read.
    dropped_ : Dropped
        What was left out of the texts of ``fit``, and why.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: an option, or a text that is no str.

    >>> from sklearn.pipeline import make_pipeline
    >>> from polytopic import LDA
    >>> texts = ["genes in cells", "engines burn fuel", "cells and genes", "fuel for engines"] * 5
    >>> step = TextCounts(clean=None, max_df=1.0)
    >>> pipeline = make_pipeline(step, LDA(n_topics=2, iterations=20, random_state=0)).fit(texts)
    >>> sorted(sorted(words) for words in pipeline[-1].top_words(2))
    [['cells', 'genes'], ['engines', 'fuel']]
    >>> step.get_feature_names_out().tolist()
    ['cells', 'engines', 'fuel', 'genes', 'burn']
    """

    def __init__(
        self,
        *,
        language: str | None = None,
        stop_words: str | Path | Iterable[str] | None = "language",
        lowercase: bool | None = None,
        min_df: int | float | None = None,
        max_df: int | float | None = None,
        max_terms: int | None = 30_000,
        token_pattern: str | None = None,
        tokenizer: Callable[[str], Sequence[str]] | None = None,
        ngrams: int | Collocations | None = None,
        clean: str | Sequence[str] | None = "auto",
        vocabulary: Vocabulary | Sequence[str] | None = None,
        n_threads: int | None = None,
    ) -> None:
        self.language = language
        self.stop_words = stop_words
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_df = max_df
        self.max_terms = max_terms
        self.token_pattern = token_pattern
        self.tokenizer = tokenizer
        self.ngrams = ngrams
        self.clean = clean
        self.vocabulary = vocabulary
        self.n_threads = n_threads

    def fit(self, raw_documents: Any, y: Any = None) -> Self:
        """Choose the terms of D texts, a column of any kind."""
        self._count(raw_documents)
        return self

    def fit_transform(self, raw_documents: Any, y: Any = None, **fit_params: Any) -> TermCounts:
        """``fit``, and the counts of the same texts, read once."""
        return self._count(raw_documents)

    def transform(self, raw_documents: Any) -> TermCounts:
        """Counts over the terms of ``fit``, int32, shape (D, V); other words are left out.

        Raises
        ------
        InputError
            If an entry is no str.
        NotFittedModelError
            Before ``fit``.
        """
        self._require_fitted()
        corpus = Corpus.from_texts(
            raw_documents,
            vocabulary=self.vocabulary_,
            tokenizer=self.tokenizer,
            keep_texts=False,
            n_threads=self.n_threads,
        )
        return TermCounts.of(corpus.counts, self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The terms in column order, shape (V,)."""
        self._require_fitted()
        return np.array(self.vocabulary_.terms, dtype=object)

    def _count(self, raw_documents: Any) -> TermCounts:
        options = self.get_params(deep=False)
        corpus = Corpus.from_texts(raw_documents, keep_texts=False, **options)
        self.vocabulary_: Vocabulary = corpus.vocabulary
        self.dropped_: Dropped = corpus.dropped
        return TermCounts.of(corpus.counts, self.vocabulary_)

    def _require_fitted(self) -> None:
        if not hasattr(self, "vocabulary_"):
            raise NotFittedModelError(
                "TextCounts: is not fitted yet. Call fit(texts) first; the terms come from them."
            )

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags
