"""What a person changes in a result: names, notes, what is shown, merged, split, and the order.

An edit is a JSON object; all numbers in it are those of the topics before it::

    {"rename": {"3": "Pizza"}, "note": {"3": "not pasta"}, "hide": [9], "show": [2],
     "split": {"2": 3}, "merge": [[4, 7]], "order": [5, 0]}

With theta (D, K), phi = ``topic_word`` (K, V) and N_d the tokens of document d:

merge a group G
    theta_dG = sum_{k in G} theta_dk, and phi_G = sum_k w_k phi_k / sum_k w_k with w_k =
    sum_d N_d theta_dk, the tokens of topic k: of all distributions the nearest to those of the
    documents' tokens (the least mean Kullback-Leibler divergence from phi_k). The corpus's own
    p(w) = sum_d N_d p(w | d) stays as it was; so does p(w | d) where the document's proportions
    within G are those of the corpus. G has the least of its numbers, those after it move up.
split topic k into m parts
    q_jv = p(part j | word v), from a clustering of the topic's documents; pi_j = sum_v q_jv phi_kv;
    phi_j = q_j phi_k / pi_j, so that sum_j pi_j phi_j = phi_k. With T_dv = n_dv theta_dk phi_kv /
    sum_l theta_dl phi_lv, the tokens of k in document d, theta_dj = theta_dk (pi_j + sum_v T_dv
    q_jv) / (1 + sum_v T_dv): the document's own words and one more of the whole topic. The largest
    part stays in its place, the others come last.
hide
    theta and phi stay as they are, both on the simplex. The topic is no document's largest, and is
    left out of tables, lists and figures, where its share stands under "hidden".

What is needed to make an edit once more on other documents is written into it: ``weights`` of the
topics merged, ``parts`` of those split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.io.leaving import LONGEST_SHOWN
from polytopic.io.schemas import TEXT, WHOLE, ListOf, MapOf, check_record
from polytopic.io.schemas import Record as Schema
from polytopic.parameters import Custom, Integer, Real
from polytopic.result.quality import Quality
from polytopic.result.record import Base, Record
from polytopic.result.splitting import PARTS_SUM, parts_of, shares_of_parts
from polytopic.text.halves import mended

__all__ = [
    "EDIT", "EDIT_ENTRIES", "MOST_PARTS", "edited", "refuse_unresolved", "replayed", "trained",
    "undone", "unedited", "with_more_terms",
]  # fmt: skip

R = TypeVar("R", bound=Record)

MOST_PARTS = 1000
"""Of a topic that is split: more than a reader tells apart; a file cannot ask for more."""

_NONE_OTHER = Custom("no such entry", lambda value: False)
_ENTRIES = {
    "rename": MapOf(TEXT), "note": MapOf(TEXT), "hide": ListOf(WHOLE), "show": ListOf(WHOLE),
    "split": MapOf(Integer(2, MOST_PARTS)), "merge": ListOf(ListOf(WHOLE)), "order": ListOf(WHOLE),
    "weights": ListOf(ListOf(Real(0))), "parts": MapOf(ListOf(ListOf(Integer(0, PARTS_SUM)))),
}  # fmt: skip
EDIT_ENTRIES = frozenset(_ENTRIES)
"""Names of what an edit may hold."""

EDIT = Schema(_ENTRIES, EDIT_ENTRIES, _NONE_OTHER)
"""What an edit may hold."""

LONGEST_NOTE = 10_000
"""Letters of a note on a topic."""


@dataclass(frozen=True)
class _Topics:
    """What edits change."""

    topic_word: NDArray[Any]
    doc_topic: NDArray[Any]
    names: tuple[str, ...]
    remarks: tuple[str, ...]
    hidden: frozenset[int]

    def taken(self, order: Sequence[int]) -> _Topics:
        """The topics in another order, or some of them."""
        chosen = list(order)
        hidden = frozenset(place for place, k in enumerate(chosen) if k in self.hidden)
        return _Topics(
            self.topic_word[chosen],
            self.doc_topic[:, chosen],
            tuple(self.names[k] for k in chosen),
            tuple(self.remarks[k] for k in chosen),
            hidden,
        )


def edited(record: R, edit: Mapping[str, Any]) -> R:
    """The result after one edit, which joins its ``edits``.

    Raises
    ------
    InputError
        If the edit is none, or does not fit the topics; the message says what to do.
    """
    given = dict(edit)
    check_record(given, EDIT, "edit")
    _check_numbers(given, record.n_topics)
    before = _Topics(
        record.topic_word, record.doc_topic, tuple(record.names), tuple(record.remarks),
        frozenset(record.hidden),
    )  # fmt: skip
    after = _named(before, given)
    if given.get("split"):
        after = _split(after, given, record)
    if given.get("merge"):
        after = _merged(after, given, record)
    if given.get("order"):
        first = given["order"]
        rest = [k for k in range(len(after.names)) if k not in set(first)]
        after = after.taken([*first, *rest])
    base = record.base or Base(
        topic_word=record.topic_word, doc_topic=record.doc_topic, names=before.names,
        metrics=record.metrics,
    )  # fmt: skip
    changes: dict[str, Any] = {
        "names": after.names,
        "remarks": after.remarks,
        "hidden": sorted(after.hidden),
        "edits": (*record.edits, given),
        "base": base,
    }
    if after.topic_word is not before.topic_word:
        topics: dict[str, Any] = {"topic_word": after.topic_word, "doc_topic": after.doc_topic}
        made = replace(record, **changes, **topics, metrics={}, quality=None)
        return _still_trained(made, record)
    return replace(record, **changes)


def _still_trained(made: R, record: Record) -> R:
    """With what the training saw go wrong, which is true of edited topics too."""
    assert made.quality is not None and record.quality is not None
    return replace(made, quality=replace(made.quality, training=trained(record.quality)))


def trained(quality: Quality) -> str | None:
    """What the training saw go wrong, which no look at the topics tells."""
    return quality.training if quality.known is None else quality.known.training


def replayed(record: R, edits: Sequence[Mapping[str, Any]]) -> R:
    """The result after edits, one after the other, as when they were made first."""
    for edit in edits:
        record = edited(record, edit)
    return record


def refuse_unresolved(edits: Sequence[Mapping[str, Any]]) -> None:
    """Refuse edits that were never made: what was merged or split is not written into them.

    Raises
    ------
    InputError
        If what other documents need is missing.
    """
    for edit in edits:
        parts = edit.get("parts", {})
        lacking = set(edit.get("split", {})) - set(parts)
        if lacking or (edit.get("merge") and "weights" not in edit):
            raise InputError(
                "edits: were not made on a result yet, and other documents cannot tell how. Make "
                "them first: polytopic edit RUN, or result.edit(file)."
            )


def undone(record: R) -> R:
    """The result without its last edit.

    Raises
    ------
    InputError
        If there is none.
    """
    if not record.edits or record.base is None:
        raise InputError("edits: there is none to undo.")
    return replayed(unedited(record), record.edits[:-1])


def unedited(record: R) -> R:
    """The result of the topics that the model gave; itself where there are no edits."""
    base = record.base
    if base is None:
        return record
    plain = replace(
        record, topic_word=base.topic_word, doc_topic=base.doc_topic, names=base.names,
        metrics=base.metrics, remarks=(), hidden=(), edits=(), base=None,
    )  # fmt: skip
    return _still_trained(plain, record)


def with_more_terms(edits: Sequence[Mapping[str, Any]], n_terms: int) -> list[dict[str, Any]]:
    """Edits for topics that have taken on terms: a new word says nothing of the parts of a split.

    ``n_terms``: V now. p(part | word) of words that came last is the same for all parts.
    """
    grown = []
    for edit in edits:
        parts = {
            topic: [
                [
                    *row,
                    *[PARTS_SUM // len(rows) + (j < PARTS_SUM % len(rows))] * (n_terms - len(row)),
                ]
                for j, row in enumerate(rows)
            ]
            for topic, rows in edit.get("parts", {}).items()
        }
        grown.append({**edit, **({"parts": parts} if parts else {})})
    return grown


# ---- the parts of an edit ------------------------------------------------------------------------


def _named(topics: _Topics, edit: Mapping[str, Any]) -> _Topics:
    """Names, notes, and what is hidden."""
    texts = {"rename": list(topics.names), "note": list(topics.remarks)}
    for kind, listed in texts.items():
        for topic, text in edit.get(kind, {}).items():
            listed[int(topic)] = _text(text, kind)
    hidden = (topics.hidden | frozenset(edit.get("hide", ()))) - frozenset(edit.get("show", ()))
    if len(hidden) == len(topics.names):
        raise InputError("hide: all topics would be hidden. Leave one.")
    return replace(
        topics, names=tuple(texts["rename"]), remarks=tuple(texts["note"]), hidden=hidden
    )


def _text(text: str, kind: str) -> str:
    """A name on one line, or a note, of whole letters and no more than a page can show."""
    whole = mended(text)[0].strip() if kind == "note" else " ".join(mended(text)[0].split())
    longest = LONGEST_NOTE if kind == "note" else LONGEST_SHOWN
    if len(whole) > longest:
        raise InputError(
            f'{kind}: "{whole[:20]}..." has {len(whole):,} letters, and {longest:,} are the most. '
            "Give a shorter one."
        )
    return whole


def _merged(topics: _Topics, edit: dict[str, Any], record: Record) -> _Topics:
    groups = [sorted(group) for group in edit["merge"]]
    weights = edit.get("weights") or [
        _tokens(topics.doc_topic, record)[group].tolist() for group in groups
    ]
    edit["merge"], edit["weights"] = groups, weights
    if [len(group) for group in groups] != [len(listed) for listed in weights]:
        raise InputError("weights: do not fit the topics merged. Leave them out.")
    topic_word, doc_topic = topics.topic_word.copy(), topics.doc_topic.copy()
    names, remarks, hidden = list(topics.names), list(topics.remarks), set(topics.hidden)
    gone: set[int] = set()
    for group, given in zip(groups, weights, strict=True):
        first = group[0]
        mean = np.array(given) if sum(given) > 0 else np.ones(len(group))
        row = (mean / mean.sum()) @ topics.topic_word[group].astype(np.float64)
        topic_word[first] = row / row.sum()
        doc_topic[:, first] = topics.doc_topic[:, group].sum(axis=1)
        names[first] = next((topics.names[k] for k in group if topics.names[k]), "")
        remarks[first] = "\n".join(topics.remarks[k] for k in group if topics.remarks[k])
        if not topics.hidden >= set(group):
            hidden.discard(first)
        gone |= set(group[1:])
    made = _Topics(topic_word, doc_topic, tuple(names), tuple(remarks), frozenset(hidden))
    return made.taken([k for k in range(len(names)) if k not in gone])


def _split(topics: _Topics, edit: dict[str, Any], record: Record) -> _Topics:
    known = dict(edit.get("parts", {}))
    for topic in sorted(int(name) for name in edit["split"]):
        n_parts, phi = edit["split"][str(topic)], topics.topic_word
        given = known.get(str(topic))
        parts = (
            parts_of(record.counts, topics.doc_topic, phi, topic, n_parts)
            if given is None
            else _checked_parts(given, n_parts, phi.shape[1])
        )
        known[str(topic)] = parts.tolist()
        rows, shares = shares_of_parts(record.counts, topics.doc_topic, phi, topic, parts)
        theta = topics.doc_topic[:, [topic]] * shares
        name, remark = topics.names[topic], topics.remarks[topic]
        named = [f"{name} {j + 1}" if name else "" for j in range(n_parts)]
        words, documents = phi.copy(), topics.doc_topic.copy()
        words[topic], documents[:, topic] = rows[0], theta[:, 0]
        names, remarks = list(topics.names), [*topics.remarks, *[remark] * (n_parts - 1)]
        names[topic] = named[0]
        last = len(names)
        added = range(last, last + n_parts - 1) if topic in topics.hidden else ()
        topics = _Topics(
            np.concatenate([words, rows[1:].astype(words.dtype)]),
            np.concatenate([documents, theta[:, 1:]], axis=1),
            (*names, *named[1:]),
            tuple(remarks),
            topics.hidden | frozenset(added),
        )
    edit["parts"] = known
    return topics


def _checked_parts(given: Any, n_parts: int, n_terms: int) -> NDArray[np.int64]:
    """Parts that an edit holds: (m, V) whole numbers, each column summing to one whole."""
    widths = {len(row) for row in given}
    if len(given) != n_parts or widths != {n_terms}:
        raise InputError(
            f"parts: {len(given)} rows do not fit {n_parts} parts of {n_terms} terms. Leave them "
            "out, or take the edits of this model."
        )
    parts = np.array(given, dtype=np.int64)
    if (parts.sum(axis=0) != PARTS_SUM).any():
        raise InputError(f"parts: of some word they do not sum to {PARTS_SUM}. Leave them out.")
    return parts


def _tokens(doc_topic: NDArray[Any], record: Record) -> NDArray[np.float64]:
    """Tokens of each topic, shape (K,)."""
    lengths = document_lengths(record.counts)
    return np.asarray(lengths @ doc_topic)


# ---- numbers -------------------------------------------------------------------------------------


def _check_numbers(edit: Mapping[str, Any], n_topics: int) -> None:
    """Refuse numbers of topics that are none, stand twice, or are asked for what cannot be."""
    if not set(edit) - {"weights", "parts"}:
        raise InputError(
            f"edit: holds nothing to do. Name one of: {', '.join(list(_ENTRIES)[:7])}."
        )
    for kind in ("rename", "note", "split"):
        _refuse_wrong([_number(name, kind) for name in edit.get(kind, {})], kind, n_topics)
    for kind in ("hide", "show", "order"):
        _refuse_wrong(edit.get(kind, ()), kind, n_topics)
    groups = edit.get("merge", [])
    small = next((group for group in groups if len(group) < 2), None)
    if small is not None:
        raise InputError(f"merge: a group of {len(small)}. Name two topics or more in each.")
    merged = [topic for group in groups for topic in group]
    _refuse_wrong(merged, "merge", n_topics)
    if n_topics - len(merged) + len(groups) < 2 and groups and not edit.get("split"):
        raise InputError("merge: all topics would become one, which says nothing. Leave two.")
    both = set(merged) & {int(topic) for topic in edit.get("split", {})}
    if both:
        raise InputError(
            f"merge: topic {min(both)} is to be split too. Make two edits, one after the other."
        )
    if edit.get("order") and (groups or edit.get("split")):
        raise InputError(
            "order: numbers change when topics are merged or split. Make two edits, one after the "
            "other."
        )


def _number(name: str, kind: str) -> int:
    if not (name.isascii() and name.isdecimal() and len(name) < 10):
        raise InputError(f'{kind}: "{name:.20}" is no number of a topic. Give 0, 1, ...')
    return int(name)


def _refuse_wrong(topics: Sequence[int], kind: str, n_topics: int) -> None:
    seen: set[int] = set()
    for topic in topics:
        if not 0 <= topic < n_topics:
            raise InputError(
                f"{kind}: there is no topic {topic}. Topics are 0 to {n_topics - 1}; every merge "
                "moves those after it up."
            )
        if topic in seen:
            raise InputError(f"{kind}: topic {topic} stands twice. Name it once.")
        seen.add(topic)
