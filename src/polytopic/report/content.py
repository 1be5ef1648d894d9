"""What the page shows of each topic: words, size, neighbours and representative documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import document_lengths, term_totals
from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.report.breakdown import Breakdown
from polytopic.report.colours import coloured_words
from polytopic.report.columns import label_bars
from polytopic.report.links import followed
from polytopic.report.marking import excerpt
from polytopic.report.relevance import candidates, distinct_labels
from polytopic.text.marker import Marker
from polytopic.text.periods import spelled

if TYPE_CHECKING:
    from polytopic.report.wording import Wording
    from polytopic.result import TopicResult

__all__ = [
    "corpus_shares",
    "documents_of",
    "representative",
    "topic_records",
]

Record = dict[str, Any]

WORDS = 50
"""The most probable words of a topic, which the page holds beside the most relevant ones."""

SLIDES = 900
"""Most documents shown over all topics, so that the page stays small."""


def topic_records(
    result: TopicResult,
    *,
    distances: NDArray[Any],
    colours: Sequence[str],
    coherence: NDArray[Any] | None,
    labels: Mapping[str, Breakdown],
    dates: Breakdown | None,
    words: Wording,
) -> list[Record]:
    """One JSON-ready record a topic, in the order of the rows of ``topic_word``.

    ``labels``: the breakdown by each column of labels, by its name.
    """
    lengths = document_lengths(result.counts)
    sizes = result.topic_sizes
    background = corpus_shares(result)
    told = distinct_labels(result.topic_word, background, result.vocabulary.terms, sizes)
    leading = np.bincount(result.top_topic[result.has_topic], minlength=result.n_topics)
    shown = max(3, min(8, SLIDES // result.n_topics))
    lowercase = all(term == term.lower() for term in result.vocabulary.terms)
    records = []
    for topic in range(result.n_topics):
        listed = _words(result, topic, background)
        near = np.argsort(distances[topic], kind="stable")
        near = near[(near != topic) & np.isin(near, result.shown)][:5]
        records.append(
            {
                "id": topic,
                "name": visible(result.names[topic], LONGEST_SHOWN),
                "note": visible(result.remarks[topic]),
                "label": [visible(word, LONGEST_SHOWN) for word in told[topic]],
                "color": colours[topic],
                "hidden": topic in result.hidden,
                "share": _round(sizes[topic]),
                "verdict": _verdict(result, topic, words),
                "npmi": None if coherence is None else _finite(coherence[topic]),
                "words": listed,
                "leads": int(leading[topic]),
                "near": [[int(other), _round(distances[topic, other])] for other in near],
                "documents": documents_of(
                    result,
                    topic,
                    listed,
                    lengths,
                    shown,
                    lowercase=lowercase,
                    terms_told=words.say("terms_listed"),
                ),
                "labels": [
                    bars
                    for name, found in labels.items()
                    for bars in label_bars(found, topic, name)
                ],
                "trend": [] if dates is None else [_round(v) for v in dates.shares[:, topic]],
                "error": [] if dates is None else [_round(v, 2) for v in dates.errors[:, topic]],
            }
        )
    return records


def _verdict(result: TopicResult, topic: int, words: Wording) -> Record | None:
    """The rating, and why; None where nothing was judged."""
    if not result.verdicts:
        return None
    found = result.verdicts[topic]
    return {"rating": found.rating, "why": visible(words.tell(found.sentence), LONGEST_SHOWN)}


def corpus_shares(result: TopicResult) -> NDArray[np.float64]:
    """Share of all tokens that each term has, shape (V,)."""
    totals = term_totals(result.counts).astype(np.float64)
    return np.asarray(totals / max(totals.sum(), 1.0))


def _words(result: TopicResult, topic: int, background: NDArray[np.float64]) -> list[list[Any]]:
    """Term, its probability in the topic, its share of the whole corpus, and its column.

    The most probable first, then those that only relevance brings in.
    """
    row = result.topic_word[topic]
    terms = result.vocabulary.terms
    return [
        [visible(terms[v], LONGEST_SHOWN), _round(row[v]), _round(background[v]), int(v)]
        for v in candidates(row, background, WORDS)
    ]


def representative(
    shares: NDArray[Any], lengths: NDArray[np.float64], n: int, texts: Sequence[str] | None = None
) -> list[int]:
    """Rows of the ``n`` documents that stand for a topic, best first.

    Ranked by the topic's share of the document, lessened for documents much shorter than the
    usual: share * length / (length + median / 2). A text of three words is all one topic, and shows
    little of it. Empty documents are never chosen, and the same text is chosen once.

    >>> representative(np.array([0.9, 0.8, 1.0]), np.array([2.0, 30.0, 0.0]), 2)
    [1, 0]
    """
    filled = lengths > 0
    if not filled.any():
        return []
    scores = np.where(filled, shares * lengths / (lengths + np.median(lengths[filled]) / 2), -1.0)
    candidates = min(len(scores), 4 * n)
    best = np.argpartition(-scores, candidates - 1)[:candidates]
    best = best[np.lexsort((best, -scores[best]))]
    chosen: list[int] = []
    seen: set[str] = set()
    for row in (int(row) for row in best if scores[row] >= 0):
        if texts is not None:
            text = " ".join(texts[row][:400].split()).lower()
            if text in seen:
                continue
            seen.add(text)
        chosen.append(row)
    return chosen[:n]


def documents_of(
    result: TopicResult,
    topic: int,
    words: list[list[Any]],
    lengths: NDArray[np.float64],
    n: int,
    *,
    lowercase: bool = True,
    terms_told: str = "Terms: ",
) -> list[Record]:
    """Records of the representative documents of a topic: passage, id, label, date, share.

    ``words`` are (term, probability, ...) of the topic, largest first; ``lengths`` the tokens of
    each document, shape (D,); ``lowercase`` tells whether the vocabulary was lower-cased;
    ``terms_told`` stands before the terms of a document without text.
    """
    shares = result.doc_topic[:, topic].astype(np.float64)
    rows = representative(shares, lengths, n, result.texts)
    terms = [str(word[0]) for word in words[:30]]
    marker = Marker(terms, lowercase=lowercase)
    weights = {rank: float(word[1]) for rank, word in enumerate(words[:30])}
    records = []
    for row in rows:
        pieces: list[Any] = []
        if result.texts is not None:
            pieces = list(excerpt(result.texts[row], marker, weights))
        else:
            pieces = _counted_terms(result, row, terms, terms_told)
        records.append(
            {
                "id": _text(result.ids, row) or f"{row}",
                "row": row,
                "url": _text(result.urls, row),
                "link": "" if result.urls is None else followed(result.urls[row]),
                "labels": _labels_of(result, row),
                "date": _day(result.dates, row),
                "share": _round(shares[row]),
                "tokens": int(lengths[row]),
                "pieces": pieces,
                "colours": coloured_words(
                    result, row, "".join(map(_text_of, pieces)), lowercase=lowercase
                ),
            }
        )
    return records


def _counted_terms(result: TopicResult, row: int, terms: Sequence[str], told: str) -> list[Any]:
    """The most frequent terms of a document, for a result that holds no texts."""
    counted = result.counts[[row]]
    order = np.argsort(-counted.data, kind="stable")[:40]
    ranks = {term: rank for rank, term in enumerate(terms)}
    pieces: list[Any] = []
    for place, column in enumerate(counted.indices[order]):
        term = visible(result.vocabulary.terms[column], LONGEST_SHOWN)
        pieces.append(", " if place else told)
        pieces.append((term, ranks[term]) if term in ranks else term)
    return pieces


def _text_of(piece: Any) -> str:
    return piece if isinstance(piece, str) else str(piece[0])


def _labels_of(result: TopicResult, row: int) -> list[str]:
    """The labels of a document, with the names of their columns where those are known."""
    if not result.label_columns:
        return [_text(result.labels, row)]
    given = {
        visible(name, LONGEST_SHOWN): _text(values, row)
        for name, values in result.label_columns.items()
    }
    return [f"{name}: {value}" for name, value in given.items() if value]


def _text(values: Any, row: int) -> str:
    if values is None:
        return ""
    value = values[row]
    missing = value is None or (isinstance(value, float | np.floating) and np.isnan(value))
    return "" if missing else visible(str(value), LONGEST_SHOWN)


def _day(dates: Any, row: int) -> str:
    """The date of a document as its unit is spelled, without the time of the day."""
    dated = isinstance(dates, np.ndarray) and dates.dtype.kind == "M"
    return (spelled(dates[[row]])[0] if dated else _text(dates, row))[:10]


def _round(value: Any, digits: int = 4) -> float:
    """Four significant digits: enough for any figure, and short in the page."""
    return float(f"{float(value):.{digits}g}")


def _finite(value: Any) -> float | None:
    return _round(value) if np.isfinite(value) else None
