"""The data of the map of documents: places, topics, times, words and the beginnings of texts."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.mapped_counts import rows_taken
from polytopic.report.projection import project
from polytopic.result.grouping import period_groups

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["FEWEST_DOCUMENTS", "MOST_DOCUMENTS", "document_record", "packed"]

Record = dict[str, Any]

FEWEST_DOCUMENTS = 3
MOST_DOCUMENTS = 50_000
"""Documents that the page holds; of more, so many evenly spaced ones are shown."""

WORDS_OF_A_DOCUMENT = 5
"""Shown where the pointer is on a document: a line."""

TEXT_LETTERS = 1_700_000
"""Characters of all texts that are shown at the pointer; about a third once packed."""

_FEWEST_LETTERS, _MOST_LETTERS = 34, 140
_NONE = 65_535
"""Where a document has fewer words."""


def document_record(
    result: TopicResult, topic_points: NDArray[np.float64], terms: NDArray[np.int64]
) -> Record | None:
    """What the page needs to draw, search and filter the documents; None for fewer than three.

    ``terms``: the columns of the terms that the page's table of words holds, in its order.

    Returns
    -------
    dict
        ``shown`` and ``all``, numbers of documents; ``arrays``, packed: of each document x and y
        (0 to 65,535, y downwards), topic, period (-1 for none) as uint16 and int16, five words
        (65,535 for none), then the share of its topic as uint8, one array after the other;
        ``texts``, packed: a line each.
    """
    filled = np.flatnonzero(result.has_topic)
    if len(filled) < FEWEST_DOCUMENTS or result.n_topics < 2:
        return None
    places = np.linspace(0, len(filled) - 1, min(len(filled), MOST_DOCUMENTS))
    rows = filled[np.unique(places.round().astype(int))]
    theta = result.doc_topic[rows]
    points = project(theta, topic_points)
    topics = result.top_topic[rows]
    shares = theta[np.arange(len(rows)), topics]
    arrays = [
        (points[:, 0] * 65_535).round().astype("<u2"),
        ((1 - points[:, 1]) * 65_535).round().astype("<u2"),
        topics.astype("<u2"),
        _periods(result, rows).astype("<i2"),
        _telling_words(result, rows, terms).astype("<u2").T.ravel(),
        (shares * 255).round().astype("u1"),
    ]
    return {
        "shown": len(rows),
        "all": result.n_documents,
        "words": WORDS_OF_A_DOCUMENT,
        "arrays": packed(b"".join(array.tobytes() for array in arrays)),
        "texts": packed("\n".join(_lines(result, rows)).encode("utf-8", "replace")),
    }


def packed(content: bytes) -> str:
    """Deflated (RFC 1950) and in base64: what the page's script unpacks."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def _periods(result: TopicResult, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    groups = None if result.dates is None else period_groups(result.dates)
    return np.full(len(rows), -1) if groups is None else groups.rows[rows]


def _telling_words(
    result: TopicResult, rows: NDArray[np.int64], terms: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The words of the page's table that tell most of each document, by count and rarity.

    tf-idf (Salton & Buckley 1988); shape (n, WORDS_OF_A_DOCUMENT), numbers in the table.
    """
    kept = terms[:_NONE]
    counts = rows_taken(result.counts, rows)[:, kept]
    holding = np.bincount(counts.indices, minlength=len(kept))
    scores = counts.data * np.log((1 + len(rows)) / (1 + holding))[counts.indices]
    row = np.repeat(np.arange(len(rows)), np.diff(counts.indptr))
    order = np.lexsort((counts.indices, -scores, row))
    rank = np.arange(len(order)) - counts.indptr[row[order]]
    first = rank < WORDS_OF_A_DOCUMENT
    found = np.full((len(rows), WORDS_OF_A_DOCUMENT), _NONE)
    found[row[order][first], rank[first]] = counts.indices[order][first]
    return found


def _lines(result: TopicResult, rows: NDArray[np.int64]) -> list[str]:
    """The beginning of each document in a line; its id, where there are no texts."""
    letters = min(max(TEXT_LETTERS // max(len(rows), 1), _FEWEST_LETTERS), _MOST_LETTERS)
    if result.texts is not None:
        texts = result.texts
        return [_line(texts[int(row)], letters) for row in rows]
    if result.ids is not None:
        return [_line(str(result.ids[row]), LONGEST_SHOWN) for row in rows]
    return [str(row) for row in rows]


def _line(text: str, letters: int) -> str:
    words = " ".join(text[: 4 * letters].split())
    return visible(words, letters).replace("\n", " ")
