"""Texts that a fitted model is asked about, read as those it was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.text.columns import column_names, is_polars
from polytopic.text.corpus import Corpus
from polytopic.text.vocabulary import Vocabulary

__all__ = ["are_texts", "are_token_lists", "read_texts", "refuse_bare_counts"]

_FEW_CHARACTERS = 100_000
"""Texts that take less time to read than threads take to start."""


def are_texts(values: Any) -> bool:
    """Whether it is a column of raw texts: a list, an array or a Series whose first entry is a str.

    >>> are_texts(["a text"]), are_texts([[1, 0]]), are_texts("a text")
    (True, False, True)
    """
    return isinstance(values, str) or isinstance(_first(values), str)


def are_token_lists(values: Any) -> bool:
    """Whether it is a list of texts that are already split, lists of str.

    >>> are_token_lists([["a", "text"]]), are_token_lists([["1", 2]]), are_token_lists(["a text"])
    (True, False, False)
    """
    if not isinstance(values, list | tuple):
        return False
    first = next((row for row in values if len(row)), ()) if _rows(values) else ()
    return len(first) > 0 and all(isinstance(word, str) for word in first)


def read_texts(values: Any, vocabulary: Vocabulary) -> Corpus:
    """Texts, or lists of tokens, as a Corpus of a vocabulary, read as the vocabulary's own were.

    Language, cleaning, words, stop phrases and n-gram terms are those of ``vocabulary.rules``; a
    vocabulary that has none, of counts with named columns, has the rules of ``Corpus.from_texts``.

    Raises
    ------
    InputError
        If the columns have numbers and no terms, the texts were divided by a function, which is
        not kept, or an entry is no str.
    """
    refuse_bare_counts(vocabulary)
    if are_token_lists(values):
        return Corpus.from_tokens(values, vocabulary=vocabulary)
    few = hasattr(values, "__len__") and len(values) < _FEW_CHARACTERS
    few = few and sum(len(text) for text in values if isinstance(text, str)) < _FEW_CHARACTERS
    return Corpus.from_texts(values, vocabulary=vocabulary, n_threads=1 if few else None)


def refuse_bare_counts(vocabulary: Vocabulary) -> None:
    """Raise :class:`InputError` if a vocabulary is the columns' numbers: it knows no words."""
    terms = vocabulary.terms
    numbered = len(terms) > 0 and terms[-1] == str(len(terms) - 1)
    if numbered and all(term == str(column) for column, term in enumerate(terms)):
        raise InputError(
            "texts: this model was fitted on bare counts and knows no words. Fit it on a Corpus, "
            "or name the columns with fit(counts, terms=...)."
        )


def _first(values: Any) -> Any:
    if isinstance(values, list | tuple):
        return values[0] if values else None
    if is_polars(values):
        return values[0] if len(values) else None
    if isinstance(values, np.ndarray):
        plain = values.ndim == 1 and values.dtype.kind in "OUT" and len(values)
        return values[0] if plain else None
    if hasattr(type(values), "iloc") and column_names(values) is None:
        return values.iloc[0] if len(values) else None
    return None


def _rows(values: Any) -> bool:
    return bool(values) and all(isinstance(row, list | tuple) for row in values)
