"""How large and how good topics are: each figure is computed once, when it is first asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import document_lengths, holds_terms
from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.metrics import Collapse, npmi
from polytopic.metrics.diagnosis import diagnose
from polytopic.metrics.verdict_record import TopicVerdict
from polytopic.metrics.verdicts import verdicts
from polytopic.text import Vocabulary

__all__ = ["COHERENT_WORDS", "Quality"]

_ROWS = 1 << 16
"""Documents whose theta is turned to float64 at a time."""

COHERENT_WORDS = 10
"""Words of a topic whose coherence is measured, as most published figures of NPMI do."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Quality:
    """Sizes, coherence and diagnosis of topics on the documents they were found in.

    Attributes
    ----------
    topic_word : array of shape (K, V)
    doc_topic : array of shape (D, K)
        Rows of both lie on the simplex: whoever makes this record has checked them.
    counts : CSR matrix of shape (D, V)
    vocabulary : Vocabulary
    beside_counts : bool
        Whether a document without terms has a topic too.
    training : str or None
        A sentence on what the training itself saw go wrong.
    known : Collapse or None
        The diagnosis, where it was made before.
    """

    topic_word: NDArray[Any]
    doc_topic: NDArray[Any]
    counts: sparse.csr_matrix
    vocabulary: Vocabulary
    beside_counts: bool = False
    training: str | None = None
    known: Collapse | None = None

    OF: ClassVar = ("topic_word", "doc_topic", "counts", "vocabulary", "beside_counts")
    """What the figures are computed from."""

    def is_of(self, record: Any) -> bool:
        """Whether these are the very arrays of a record, so that what is known of them holds."""
        return all(getattr(record, name) is getattr(self, name) for name in self.OF)

    @cached_property
    def has_topic(self) -> NDArray[np.bool_]:
        """Which documents have a topic, shape (D,): those that hold a term of the vocabulary."""
        return _locked(holds_terms(self.counts) | self.beside_counts)

    @cached_property
    def top_topic(self) -> NDArray[np.int64]:
        """The largest topic of each document, the first of equals; -1 for none; shape (D,)."""
        return _locked(np.where(self.has_topic, self.doc_topic.argmax(axis=1), -1))

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """Share of all tokens that each topic accounts for, shape (K,), summing to one."""
        lengths = document_lengths(self.counts)
        weights = lengths if lengths.sum() > 0 else np.ones_like(lengths)
        shares = np.zeros(self.doc_topic.shape[1])
        for first in range(0, len(weights), _ROWS):
            rows = self.doc_topic[first : first + _ROWS].astype(np.float64)
            shares += weights[first : first + _ROWS] @ rows
        return _locked(np.asarray(shares / shares.sum()))

    @cached_property
    def coherence(self) -> NDArray[np.float64] | None:
        """NPMI of the first ten words of each topic in its documents, shape (K,).

        None where it is not defined: of a single term, or words that no document holds.
        """
        n = min(COHERENT_WORDS, len(self.vocabulary))
        if n < 2:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnseenTermsWarning)
            try:
                values = npmi(
                    self.topic_word, self.counts, n=n, vocabulary=self.vocabulary, per_topic=True
                )
            except InputError:
                return None
        return _locked(values)

    @cached_property
    def verdicts(self) -> tuple[TopicVerdict, ...]:
        """The verdict on each topic by its documents; none where they are too few."""
        return verdicts(self.topic_word, self.doc_topic, self.counts, self.vocabulary.terms)

    @cached_property
    def diagnosis(self) -> Collapse:
        """Dead, duplicate and stop-word topics; see :func:`polytopic.metrics.collapse`."""
        if self.known is not None:
            return self.known
        found = diagnose(self.topic_word, self.doc_topic, self.counts, self.vocabulary.terms)
        return replace(found, training=self.training)


def _locked(values: NDArray[Any]) -> NDArray[Any]:
    """The array, which many read, closed to writing."""
    values.setflags(write=False)
    return values
