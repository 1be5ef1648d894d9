"""All that a page shows of a result, computed once: records, breakdowns, judgements, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from polytopic.counts import document_lengths
from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.report import breakdown, content, health, layout
from polytopic.report.breakdown import Breakdown
from polytopic.report.columns import column_record
from polytopic.report.document_map import document_record
from polytopic.report.embedding import embed_json
from polytopic.report.numbers import numbers_record
from polytopic.report.packing import held_columns, pack_words
from polytopic.report.relevance import BALANCED
from polytopic.report.summary import Linked, summary
from polytopic.report.topic_map import map_record
from polytopic.report.training import training_curves
from polytopic.report.tree import topic_tree
from polytopic.report.trends import FEW_DOCUMENTS, Trends, trends
from polytopic.report.typed import typed_record
from polytopic.report.wording import Wording
from polytopic.result.edit_files import page_record

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["Seen", "read_result"]

Record = dict[str, Any]

MOST_BYTES = 3_750_000
"""Of the page's data with what reads typed texts: with scripts and styles 4 MB."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read off a result.

    Attributes
    ----------
    records : list of dict
        One a topic, as :func:`polytopic.report.content.topic_records` makes them.
    summary : list of (pieces, state, kind)
        The sentences of the first screen.
    data : dict
        JSON-ready: all that the page's script reads.
    time_note : str
        Why there is no figure of the time, or empty.
    label_notes : list of (heading, sentence)
        Columns of labels that are not drawn, and why.
    """

    words: Wording
    health: health.Health
    records: list[Record]
    summary: list[tuple[Linked, str, str]]
    data: Record
    time_note: str
    label_notes: list[tuple[str, str]]


def read_result(result: TopicResult, words: Wording) -> Seen:
    """Read all that a page shows off a result."""
    distances = layout.jensen_shannon(result.topic_word)
    points, radii = layout.topic_positions(distances, result.topic_sizes)
    corpus = content.corpus_shares(result)
    lengths = document_lengths(result.counts)
    dates = breakdown.by_date(result.dates, result.doc_topic, lengths)
    columns = {
        name: breakdown.by_label(values, result.doc_topic, lengths)
        for name, values in _columns(result, words).items()
    }
    drawn = {
        name: _of_shown(found, result.hidden)
        for name, found in columns.items()
        if isinstance(found, Breakdown)
    }
    dated = _of_shown(dates, result.hidden) if isinstance(dates, Breakdown) else None
    judged = health.judge(result, words)
    records = content.topic_records(
        result, distances=distances, colours=layout.colours(points), coherence=judged.coherence,
        labels=drawn, dates=dated, words=words,
    )  # fmt: skip
    _add_flags(records, judged, words)
    trend = None if dated is None else trends(dated)
    first = next(iter(drawn), "")
    told = summary(
        result, records, judged, words, trend=trend, labels=drawn.get(first), column=first
    )
    data: Record = {
        "run": _run(result),
        "language": words.language,
        "words": words.table,
        "lambda": BALANCED,
        "map": map_record(points, radii),
        "tree": topic_tree(result, corpus),
        "time": None if dated is None or trend is None else _time(dated, trend, words),
        "labels": [
            column_record(found, name, words, words.tell(found.note))
            for name, found in drawn.items()
        ],
        "documents": document_record(result, points, held_columns(records)),
        "training": training_curves(result.history, words),
        "numbers": numbers_record(result.notes, words),
        **pack_words(result, records, corpus),
    }
    data["typed"] = typed_record(result, MOST_BYTES - len(embed_json(data)))
    return Seen(
        words=words, health=judged, records=records, summary=told, data=data,
        time_note=words.tell(dates) if isinstance(dates, str) else "",
        label_notes=[
            (words.say("labels_heading", column=name), words.tell(found))
            for name, found in columns.items()
            if isinstance(found, str)
        ],
    )  # fmt: skip


def _of_shown(found: Breakdown, hidden: Sequence[int]) -> Breakdown:
    """Without shares of hidden topics: a topic that has none in any group is in no figure."""
    if not hidden:
        return found
    shares, errors = found.shares.copy(), found.errors.copy()
    shares[:, list(hidden)] = errors[:, list(hidden)] = 0.0
    return replace(found, shares=shares, errors=errors)


def _columns(result: TopicResult, words: Wording) -> dict[str, Any]:
    """The columns of labels by the names that the page shows."""
    if result.label_columns:
        names = breakdown.shown_names(list(result.label_columns))
        return dict(zip(names, result.label_columns.values(), strict=True))
    return {words.say("label"): result.labels}


def _add_flags(records: list[Record], judged: health.Health, words: Wording) -> None:
    for record in records:
        record["flags"] = judged.flags.get(record["id"], [])
        record["like"] = judged.like.get(record["id"], [])
        rating = record["verdict"]["rating"] if record["verdict"] else "good"
        short = [
            flag if len(flag) < 11 else words.say("flag_duplicate") for flag in record["flags"]
        ]
        if rating != "good":
            short.append(words.say(f"verdict_{rating}"))
        record["badge"] = ", ".join(dict.fromkeys(short))


def _run(result: TopicResult) -> Record:
    """Which topics the page is of: what its edits say, and what a browser keeps them by."""
    record = page_record(result)
    name = f"{record['topics']}-{record['after']}"
    return {**record, "id": name, "documents": result.n_documents}


def _time(dates: Breakdown, trend: Trends, words: Wording) -> Record:
    return {
        "periods": dates.groups,
        "documents": [int(n) for n in dates.documents],
        "few": FEW_DOCUMENTS,
        "risers": trend.risers,
        "fallers": trend.fallers,
        "changing": trend.changing,
        "average": [float(f"{value:.3g}") for value in trend.average],
        "start": [float(f"{value:.3g}") for value in trend.start],
        "end": [float(f"{value:.3g}") for value in trend.end],
        "first": trend.first,
        "last": trend.last,
        "note": visible(words.tell(dates.note), LONGEST_SHOWN),
    }
