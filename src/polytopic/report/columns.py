"""Topics over the values of a column of labels: which differ, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.report.breakdown import Breakdown, diagonal_order

if TYPE_CHECKING:
    from polytopic.report.wording import Wording

__all__ = ["MOST_TOPICS", "average_shares", "column_record", "label_bars", "outstanding"]

Record = dict[str, Any]

MOST_TOPICS = 24
"""Topics that a figure of labels holds: those that differ most."""

FEWEST_DOCUMENTS = 20
"""A value of fewer documents is not named as standing out."""


def average_shares(labels: Breakdown) -> NDArray[np.float64]:
    """Each topic's share over all labelled documents, shape (K,): the average that a lift is of."""
    weights = labels.documents / max(int(labels.documents.sum()), 1)
    return np.asarray(weights @ labels.shares)


def column_record(labels: Breakdown, name: str, words: Wording, note: str) -> Record:
    """The figure's data: values by topics, the topics that differ most, as a diagonal."""
    average = average_shares(labels)
    weights = labels.documents / max(int(labels.documents.sum()), 1)
    apart = weights @ np.abs(labels.shares - average)
    ranked = np.argsort(-apart, kind="stable")
    chosen = np.sort(ranked[labels.shares[:, ranked].any(axis=0)][:MOST_TOPICS])
    rows, columns = diagonal_order(labels.shares[:, chosen])
    groups, topics = rows, [int(chosen[place]) for place in columns]
    if len(labels.groups) > 1 and all(_is_number(group) for group in labels.groups):
        groups = sorted(range(len(labels.groups)), key=lambda g: float(labels.groups[g]))
    heading = words.say("labels_heading", column=name)
    return {
        "name": name,
        "heading": heading,
        "note": note,
        "groups": [labels.groups[g] for g in groups],
        "documents": [int(labels.documents[g]) for g in groups],
        "topics": topics,
        "average": [_round(average[k]) for k in topics],
        "shares": [[_round(labels.shares[g, k]) for g in groups] for k in topics],
    }


def outstanding(labels: Breakdown) -> tuple[int, int] | None:
    """(value, topic) that lies furthest above the average beyond chance; None if none does."""
    average = average_shares(labels)
    above = labels.shares - average
    certain = (above > 3 * labels.errors) & (labels.documents >= FEWEST_DOCUMENTS)[:, None]
    # a small share may be many times its average and a large one little: both must be large
    scores = np.where(
        certain, above * np.log(np.maximum(labels.shares, 1e-12) / (average + 1e-12)), 0
    )
    group, topic = np.unravel_index(int(scores.argmax()), scores.shape)
    return (int(group), int(topic)) if scores[group, topic] > 0 else None


def label_bars(labels: Breakdown, topic: int, name: str) -> list[Record]:
    """The values a topic is largest in: name, its share of the value's words, and the lift."""
    column, average = labels.shares[:, topic], float(average_shares(labels)[topic])
    order = [int(g) for g in np.argsort(-column, kind="stable")[:5] if column[g] > 0]
    shares = [
        [labels.groups[g], _round(column[g]), round(float(column[g]) / max(average, 1e-12), 2)]
        for g in order
    ]
    return [{"name": name, "shares": shares}] if shares else []


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _round(value: Any) -> float:
    return float(f"{float(value):.3g}")
