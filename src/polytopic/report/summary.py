"""What a page says first: three to five sentences, written from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polytopic.report.breakdown import Breakdown
from polytopic.report.columns import average_shares, outstanding

if TYPE_CHECKING:
    from polytopic.report.health import Health
    from polytopic.report.trends import Trends
    from polytopic.report.wording import Wording
    from polytopic.result import TopicResult

__all__ = ["Linked", "summary"]

Record = dict[str, Any]

Linked = list[tuple[str, int | None]]
"""A sentence in pieces: text, and the topic it leads to or None."""

LARGEST = 3
MOST_NAMED = 5
"""Suspect topics that a sentence names; more are counted."""

LETTERS_OF_A_NAME = 60
"""Of a topic in a sentence: half a line; the list and the topic's page have the rest."""

_MARK = "\u0000"
"""Stands around the number of a topic while a sentence is put together; no text holds it."""


def summary(
    result: TopicResult,
    records: Sequence[Record],
    health: Health,
    words: Wording,
    *,
    trend: Trends | None,
    labels: Breakdown | None,
    column: str,
) -> list[tuple[Linked, str, str]]:
    """The sentences with their state (plain, warn, bad) and the kind the page retells them by."""
    told = [(_largest(result, records, words), "plain", "largest")]
    if trend is not None:
        told.append((_changes(trend, words), "plain", "changes"))
    if labels is not None:
        told += [(text, "plain", "label") for text in _standing_out(labels, column, words)]
    told += _soundness(health, words)
    untold = int((~result.has_topic).sum())
    if untold:
        everything = words.whole(result.n_documents)
        told.append((words.say("no_topic_documents", untold, all=everything), "plain", "untold"))
    return [(_linked(text, records), state, kind) for text, state, kind in told]


def _largest(result: TopicResult, records: Sequence[Record], words: Wording) -> str:
    shown = [record for record in records if not record["hidden"]]
    order = sorted(shown, key=lambda record: (-record["share"], record["id"]))[:LARGEST]
    named = [f"{_topic(record['id'])} ({words.percent(record['share'])})" for record in order]
    documents = words.say("n_documents", result.n_documents)
    if len(records) == 1:
        return words.say("told_only", documents=documents, largest=_topic(order[0]["id"]))
    return words.say(
        "told_largest",
        documents=documents,
        topics=words.say("n_topics", result.n_topics),
        largest=words.listed(named),
        share=words.percent(sum(record["share"] for record in order)),
    )


def _changes(trend: Trends, words: Wording) -> str:
    values: dict[str, str] = {"first": trend.first, "last": trend.last}
    told = {(False, False): "steady", (True, False): "rose", (False, True): "fell"}
    key = told.get((bool(trend.risers), bool(trend.fallers)), "both")
    for role, topics in (("faller", trend.fallers), ("riser", trend.risers)):
        if topics:
            before, after = (
                words.percent(float(shares[topics[0]])) for shares in (trend.start, trend.end)
            )
            values |= {role: _topic(topics[0]), "from": before, "to": after}
            if role == "faller":
                values |= {"before": before, "after": after}
    return words.say(f"told_{key}", **values)


def _standing_out(labels: Breakdown, column: str, words: Wording) -> list[str]:
    found = outstanding(labels)
    if found is None:
        return []
    group, topic = found
    share, average = float(labels.shares[group, topic]), float(average_shares(labels)[topic])
    return [
        words.say(
            "told_label", column=column, group=labels.groups[group], topic=_topic(topic),
            share=words.percent(share), times=words.times(share / max(average, 1e-12)),
        )
    ]  # fmt: skip


def _soundness(health: Health, words: Wording) -> list[tuple[str, str, str]]:
    found = []
    suspects = health.suspects
    if health.state == "bad":
        found.append((words.say("told_bad"), "bad", "sound"))
    elif suspects:
        named = [_topic(topic) for topic in suspects[:MOST_NAMED]]
        if len(suspects) > MOST_NAMED:
            named.append(words.say("and_more", len(suspects) - MOST_NAMED))
            listed = ", ".join(named)
        else:
            listed = words.listed(named)
        told = words.say("told_suspect", len(suspects), topics=listed)
        found.append((told, "warn", "suspect"))
    if health.convergence is not None and not health.convergence.settled:
        found.append((words.say("told_unsettled"), "warn", "settled"))
    return found or [(words.say("told_sound"), "plain", "sound")]


def _topic(topic: int) -> str:
    return f"{_MARK}{topic}{_MARK}"


def _linked(text: str, records: Sequence[Record]) -> Linked:
    pieces: Linked = []
    for place, piece in enumerate(text.split(_MARK)):
        if place % 2:
            record = records[int(piece)]
            named = record["name"] or " · ".join(record["label"]) or str(record["id"])
            if len(named) > LETTERS_OF_A_NAME:
                named = named[:LETTERS_OF_A_NAME] + "…"
            pieces.append((named, record["id"]))
        elif piece:
            pieces.append((piece, None))
    return pieces
