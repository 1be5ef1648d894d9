"""Why a document has its topics: which topic each of its words speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.result.colouring import Piece, as_html, as_text
from polytopic.result.edited_words import shares_after
from polytopic.result.edits import unedited
from polytopic.result.record import Record, called, top_words
from polytopic.text.marker import Marker
from polytopic.text.raw_texts import read_texts

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["LEAVE_ONE_OUT", "MIXTURE", "Explanation", "explain", "influence", "shares_of_words"]

MIXTURE = "p(topic | word, document)"
LEAVE_ONE_OUT = "leave one word out"
"""How words are given to topics."""

_WORDS_OF_A_TOPIC = 3
"""Words that name a topic which has no name of its own."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Explanation:
    """Which topic each word of a document speaks for.

    Attributes
    ----------
    terms : list of T str
        The document's terms, each once, in the order of the text where there is one.
    counts : int array of shape (T,)
        How often each stands there.
    shares : float64 array of shape (T, K)
        Rows on the simplex: each term's topics.
    doc_topic : float32 array of shape (K,)
        theta of the document.
    method : str
        "p(topic | word, document)": theta_k phi_kw / sum over topics, the posterior of a word's
        topic in a mixture (Blei, Ng & Jordan, JMLR 3, 2003, section 5.2). "leave one word out", for
        models whose words are no mixture: how much theta loses of a topic when all occurrences of
        the word are taken away (Li, Monroe & Jurafsky, arXiv:1612.08220, 2016), gains set to zero,
        divided by the sum.
    unknown : tuple of str
        Words of the text that are not in the vocabulary, stop words apart; ten at most.
    text : str
        The document, "" where there is none.
    labels : tuple of K str
        What topics are called: their names, or first words.
    hidden : tuple of int
        Topics that are hidden: no word's first one, though they keep their shares.
    """

    terms: list[str]
    counts: NDArray[np.int64]
    shares: NDArray[np.float64]
    doc_topic: NDArray[np.float32]
    method: str
    unknown: tuple[str, ...]
    text: str
    labels: tuple[str, ...]
    hidden: tuple[int, ...] = ()
    lowercase: bool = True

    @cached_property
    def topics(self) -> NDArray[np.int64]:
        """The topic that each term speaks for most, shape (T,)."""
        seen = self.shares.copy()
        seen[:, list(self.hidden)] = -1.0
        return np.asarray(seen.argmax(axis=1), dtype=np.int64)

    @cached_property
    def certainty(self) -> NDArray[np.float64]:
        """Its share, shape (T,): near 1 where no other topic has part in the word."""
        return np.asarray(self.shares[np.arange(len(self.terms)), self.topics])

    def ranked(self) -> list[int]:
        """The topics that a word speaks for, those with the largest part of the document first."""
        held = sorted(set(self.topics.tolist()), key=lambda k: (-self.doc_topic[k], k))
        return [int(topic) for topic in held]

    def places(self) -> list[tuple[str, int]]:
        """The text in pieces, each with the row of its term in ``terms``, -1 where it has none.

        Joined they give the text; without a text they are the terms with blanks between.
        """
        if not self.text:
            with_blanks = [
                piece for row, term in enumerate(self.terms) for piece in ((term, row), (" ", -1))
            ]
            return with_blanks[:-1]
        places, position = list[tuple[str, int]](), 0
        for span in Marker(self.terms, lowercase=self.lowercase).find(self.text):
            if span.start > position:
                places.append((self.text[position : span.start], -1))
            places.append((self.text[span.start : span.end], span.rank))
            position = span.end
        return [*places, (self.text[position:], -1)] if position < len(self.text) else places

    def _coloured(self) -> tuple[list[tuple[str, float]], list[Piece], list[str]]:
        """Legend, pieces and notes."""
        ranked = self.ranked()
        legend = [(self.labels[topic], float(self.doc_topic[topic])) for topic in ranked]
        pieces = [
            Piece(text)
            if row < 0
            else Piece(text, ranked.index(int(self.topics[row])), float(self.certainty[row]))
            for text, row in self.places()
        ]
        notes = [f"Words by {self.method}; pale where all other topics have more of a word."]
        if self.unknown:
            notes.append(f"Not in the vocabulary: {', '.join(self.unknown)}.")
        return legend, pieces, notes

    def to_html(self) -> str:
        """The text with its words in the colours of their topics; everything is escaped."""
        return as_html(*self._coloured())

    def to_rich(self) -> Text:
        """The same as a text of rich, for terminals."""
        return as_text(*self._coloured())

    def __repr__(self) -> str:
        found = ", ".join(f"{self.labels[k]} {self.doc_topic[k]:.0%}" for k in self.ranked()[:3])
        return f"Explanation({len(self.terms)} terms by {self.method}: {found or 'no topic'})"

    def _repr_html_(self) -> str:
        return self.to_html()


def explain(record: Record, document: int) -> Explanation:
    """The work of :meth:`TopicResult.explain`."""
    row = _row_of(record, document)
    text = "" if record.texts is None else record.texts[row]
    counts = record.counts[row]
    theta = record.doc_topic[row]
    shares, method = _shares(unedited(record), row)
    if record.base is not None:
        shares = shares_after(
            record.edits, shares, counts.indices, record.base.topic_word, record.vocabulary
        )
    return explanation(
        record.vocabulary, counts, theta, shares, method, text, record.names, record.topic_word,
        record.hidden,
    )  # fmt: skip


def _row_of(record: Record, document: Any) -> int:
    whole = isinstance(document, int | np.integer) and not isinstance(document, bool)
    if not whole or not 0 <= document < record.n_documents:
        raise InputError(
            f"document: {document!r:.40} is none of the {record.n_documents:,} documents. Give a "
            f"row, 0 to {record.n_documents - 1}."
        )
    row = int(document)
    if not record.has_topic[row]:
        raise InputError(
            f"document: {row} holds no term of the vocabulary and has no topic, so there is "
            "nothing to explain."
        )
    return row


def _shares(record: Record, row: int) -> tuple[NDArray[np.float64], str]:
    counts, theta = record.counts[row], record.doc_topic[row]
    model = record.model_at_hand()
    if model is not None and not record.beside_counts:
        found: tuple[NDArray[np.float64], str] = model.word_shares(counts, theta)
        return found
    return shares_of_words(theta, record.topic_word[:, counts.indices]), MIXTURE


def shares_of_words(theta: NDArray[Any], components: NDArray[Any]) -> NDArray[np.float64]:
    """p(topic | word, document) of words of a mixture, shape (T, K), rows on the simplex.

    Parameters
    ----------
    theta : array of shape (K,)
        Topic proportions of the document.
    components : array of shape (K, T)
        p(word | topic), or any multiple of it a word.

    >>> shares_of_words(np.array([0.5, 0.5]), np.array([[0.3, 0.0], [0.1, 0.0]])).round(6).tolist()
    [[0.75, 0.25], [0.5, 0.5]]
    """
    parts = (np.asarray(theta, dtype=np.float64)[:, None] * components).T
    totals = parts.sum(axis=1, keepdims=True)
    own = np.asarray(theta, dtype=np.float64) / np.sum(theta, dtype=np.float64)
    return np.where(totals > 0, parts / np.where(totals > 0, totals, 1.0), own)


def influence(theta: NDArray[Any], without: NDArray[Any]) -> NDArray[np.float64]:
    """What each word adds to the topics, shape (T, K), rows on the simplex.

    Parameters
    ----------
    theta : array of shape (K,)
        Topic proportions of the document.
    without : array of shape (T, K)
        The same without each of its words.

    >>> influence(np.array([0.5, 0.5]), np.array([[0.25, 0.75], [0.5, 0.5]])).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    lost = np.maximum(np.asarray(theta, dtype=np.float64) - without, 0.0)
    totals = lost.sum(axis=1, keepdims=True)
    own = np.asarray(theta, dtype=np.float64) / np.sum(theta, dtype=np.float64)
    return np.where(totals > 0, lost / np.where(totals > 0, totals, 1.0), own)


def explanation(
    vocabulary: Any,
    counts: Any,
    theta: NDArray[np.float32],
    shares: NDArray[np.float64],
    method: str,
    text: str,
    names: Sequence[str],
    topic_word: NDArray[np.float32],
    hidden: Sequence[int] = (),
) -> Explanation:
    """The record of one document: ``counts`` (1, V), ``shares`` a row for each of its terms."""
    terms = [vocabulary.terms[column] for column in counts.indices]
    rules = vocabulary.rules
    found = Explanation(
        terms=terms,
        counts=np.asarray(counts.data, dtype=np.int64),
        shares=shares,
        doc_topic=theta,
        method=method,
        unknown=_unknown(text, vocabulary),
        text=text,
        labels=called(names, top_words(topic_word, vocabulary, _WORDS_OF_A_TOPIC)),
        hidden=tuple(hidden),
        lowercase=all(t == t.lower() for t in terms) if rules is None else rules.lowercase,
    )
    return _in_order(found)


def _unknown(text: str, vocabulary: Any) -> tuple[str, ...]:
    """Words of a text that a vocabulary lacks; none where it knows no words at all."""
    if not text.strip():
        return ()
    try:
        dropped = read_texts([text], vocabulary).dropped
    except InputError:
        return ()
    return tuple(word for word, _ in dropped.unseen_examples)


def _in_order(found: Explanation) -> Explanation:
    """With the terms in the order of their first place in the text."""
    order = list(dict.fromkeys(row for _, row in found.places() if row >= 0))
    order += [row for row in range(len(found.terms)) if row not in set(order)]
    return replace(
        found,
        terms=[found.terms[row] for row in order],
        counts=found.counts[order],
        shares=found.shares[order],
    )
