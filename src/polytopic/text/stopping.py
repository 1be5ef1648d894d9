"""Stop words and stop phrases in the terms of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from polytopic.text.counting import RawTokens, TermStrings
from polytopic.text.options import Splitter
from polytopic.text.tokens import WordRule, scan

__all__ = ["Stopping", "stop_terms", "stopping_of", "words_as_given", "words_by_rule"]

_APOSTROPHE = re.compile("['\u2019\u02bc\uff07]")
_BETWEEN_WORDS = re.compile(r"[\s_\-\u2010-\u2015/.,]+")

Spelling = Callable[[Sequence[str]], list[list[str]]]
"""The words of each of some strings, as the text's own words are found."""


def words_by_rule(rule: WordRule, splitter: Splitter | None) -> Spelling:
    """Words as the rule, or the tokenizer, finds them."""
    if splitter is None:
        return _ByRule(rule)

    def spell(entries: Sequence[str]) -> list[list[str]]:
        return [list(splitter(rule.prepare(entry))) for entry in entries]

    return spell


@dataclass(frozen=True)
class _ByRule:
    """Words as a rule finds them: two of the same rule find the same."""

    rule: WordRule

    def __call__(self, entries: Sequence[str]) -> list[list[str]]:
        found = scan(list(entries), self.rule)
        words = found.words(np.arange(len(found.starts)))
        ends = np.cumsum(found.lengths).tolist()
        return [words[e - n : e] for e, n in zip(ends, found.lengths.tolist(), strict=True)]


def words_as_given(entries: Sequence[str]) -> list[list[str]]:
    """Words of tokens that are already split: divided by white space."""
    return [entry.split() for entry in entries]


def stop_terms(
    raw: RawTokens, entries: Sequence[str], spell: Spelling
) -> tuple[RawTokens, NDArray[np.int32], tuple[str, ...]]:
    """The ids of the stop words; each stop phrase becomes one term first, wherever it stands.

    Also returns the phrases, their words divided by spaces.

    An entry of several words ("new york", "state-of-the-art") is a phrase: its words go where they
    stand together in this order, and stay elsewhere. One that falls apart at an apostrophe only
    ("they've" under scikit-learn's pattern) stops each of its parts.
    """
    found = stopping_of(raw.table, entries, spell)
    if not found.ngrams:
        return raw, found.ids, found.phrases
    from polytopic.text.phrases import join_named

    joined = join_named(raw, found.ngrams, found.names)
    return replace(joined, table=found.table), found.ids, found.phrases


@dataclass(frozen=True)
class Stopping:
    """What is stopped of the words of a table.

    ``ids``: of stop words and phrases, ascending; ``ngrams``: the phrases that it has the words of,
    which become the terms ``names``; ``phrases``: all of them, words divided by spaces; ``table``
    spells these terms too.
    """

    ids: NDArray[np.int32]
    ngrams: list[tuple[int, ...]]
    names: NDArray[np.int32]
    phrases: tuple[str, ...]
    table: TermStrings


def stopping_of(table: TermStrings, entries: Sequence[str], spell: Spelling) -> Stopping:
    """What the entries stop; see :func:`stop_terms`."""
    sort_out = _sorted_once if isinstance(spell, _ByRule) else _sorted_out
    words, phrases = sort_out(tuple(entries), spell)
    ids = _ids_of_any(table, words, entries)
    spelt = tuple(" ".join(phrase) for phrase in phrases)
    if not phrases:
        return Stopping(ids, [], np.zeros(0, np.int32), spelt, table)
    from polytopic.text.phrases import ids_of_phrases, name_ngrams

    ngrams = ids_of_phrases(table, phrases)
    joined, names = name_ngrams(table, ngrams)
    return Stopping(np.unique(np.concatenate([ids, names])), ngrams, names, spelt, joined)


def _sorted_out(entries: Sequence[str], spell: Spelling) -> tuple[list[str], list[tuple[str, ...]]]:
    """Single stop words, and phrases."""
    pieces = [[p for p in _APOSTROPHE.split(entry) if p] for entry in entries]
    spelt = iter(spell([*entries, *(piece for listed in pieces for piece in listed)]))
    whole = [next(spelt) for _ in entries]
    words: list[str] = []
    phrases: dict[tuple[str, ...], None] = {}
    for entry, found, listed in zip(entries, whole, pieces, strict=True):
        longest = max([len(next(spelt)) for _ in listed], default=0)
        if longest > 1 and len(found) > 1:
            phrases[tuple(found)] = None
        elif len(found) != 1 or not any(_BETWEEN_WORDS.split(entry)[1:]):
            words.extend(found)  # "vitamin c", of which the rule sees one word, stops nothing
    return words, list(phrases)


def _ids_of_any(table: TermStrings, words: list[str], entries: Sequence[str]) -> NDArray[np.int32]:
    """The ids of the words and entries that a table holds, ascending: asked for from the side that
    has fewer."""
    if table.size >= len(words) + len(entries):
        found = table.find_strings([*words, *entries])
        return np.unique(found[found >= 0])
    held = table.strings(np.arange(table.size))
    wanted = {*words, *entries}
    return np.array([id_ for id_, word in enumerate(held) if word in wanted], dtype=np.int32)


_sorted_once = lru_cache(maxsize=8)(_sorted_out)
