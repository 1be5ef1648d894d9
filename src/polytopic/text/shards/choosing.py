"""The second pass: repeated lines, stop words and the terms that stay, and the shards of counts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import TextWarning
from polytopic.text.building import count_terms, refuse_no_terms, refuse_nothing
from polytopic.text.cleaning import REPEATED_LINES
from polytopic.text.cleaning.repeated import fewest_documents, lines_by_document, without_lines
from polytopic.text.counting import RawTokens
from polytopic.text.doubts import clause_note_of, empty_note, language_note_of
from polytopic.text.dropped import Cleaned, Dropped
from polytopic.text.halves import halves_note
from polytopic.text.options import TextOptions
from polytopic.text.phrases import join_named
from polytopic.text.rules import TextRules
from polytopic.text.selection import Frequencies, Selection, choose_terms, frequencies
from polytopic.text.shards.layout import write_shard
from polytopic.text.shards.spool import Spool, added
from polytopic.text.stopping import stopping_of, words_by_rule

__all__ = [
    "Chosen",
    "Plan",
    "Seen",
    "Written",
    "count_lines",
    "count_words",
    "write_counts",
]


@dataclass(frozen=True)
class Plan:
    """What is decided before words are counted: repeated lines by their hashes, and the phrases
    ``ngrams``, tuples of ids, that become the terms ``names``."""

    lines: NDArray[np.uint64]
    ngrams: list[tuple[int, ...]]
    names: NDArray[np.int32]


@dataclass(frozen=True)
class Seen:
    """What was counted of a batch: of the terms ``ids``, or of all, how often each stands."""

    ids: NDArray[np.int64] | slice
    frequencies: Frequencies
    n_tokens: int
    n_blank: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """A shard: its number, its row of the index, and its part of the account."""

    number: int
    row: dict[str, Any]
    without_terms: int
    cleaned: tuple[Cleaned, ...]


def count_lines(raw: RawTokens) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hashes of the lines of a batch, and in how many of its documents each stands."""
    found, documents = np.unique(lines_by_document(raw), return_counts=True)
    return found, documents


def count_words(raw: RawTokens, plan: Plan, n_threads: int) -> Seen:
    """Tokens and documents of each term of a batch."""
    raw, _, lines = _prepared(raw, plan)
    blank = int(raw.blank.sum())
    return Seen(slice(None), frequencies(raw, n_threads), len(raw.ids), blank, lines)


def write_counts(
    raw: RawTokens,
    plan: Plan,
    columns: NDArray[np.int32],
    n_terms: int,
    folder: Path,
    number: int,
    n_threads: int,
) -> Written:
    """Write the shard of a batch; ``raw`` is overwritten. ``columns``: of each raw id, or -1."""
    raw, cleaned, _ = _prepared(raw, plan)
    blank = raw.blank
    counts, offsets, tokens = count_terms(raw, columns, n_terms, n_threads)
    row = write_shard(folder, number, counts, offsets, tokens)
    return Written(number, row, int(((np.diff(offsets) == 0) & ~blank).sum()), cleaned)


def _prepared(raw: RawTokens, plan: Plan) -> tuple[RawTokens, tuple[Cleaned, ...], tuple[str, ...]]:
    """The words without repeated lines, stop phrases as one; the account, and these lines."""
    raw, account, lines = without_lines(raw, plan.lines)
    if plan.ngrams:
        raw = join_named(raw, plan.ngrams, plan.names)
    return raw, (account,) if account.pieces else (), lines


class Chosen:
    """What is decided of a spool's words, and the shards that follow from it."""

    def __init__(self, spool: Spool, options: TextOptions, n_threads: int) -> None:
        self.spool, self.options, self.n_threads = spool, options, n_threads
        self.stop_list, self.stop_name = options.stop_list()
        self.stops = stopping_of(spool.table, self.stop_list, words_by_rule(spool.rule, None))
        self.plan = Plan(np.zeros(0, np.uint64), self.stops.ngrams, self.stops.names)
        if REPEATED_LINES in spool.steps:
            self.plan = replace(self.plan, lines=self._repeated())
        self.spelt: set[str] = set()
        self.blank = 0
        self.doubt = ""
        self.selection = self._select()
        self.written: list[Written] = []

    def write(self, folder: Path) -> Iterator[int]:
        """Write the shards; the number of each that is there."""
        for written in self._writing(folder):
            self.written.append(written)
            yield written.number

    def rows(self) -> tuple[dict[str, Any], ...]:
        """What the index says of the shards that were written, in their order."""
        return tuple(written.row for written in self._in_order())

    def _in_order(self) -> list[Written]:
        return sorted(self.written, key=lambda written: written.number)

    def _raws(self) -> Iterator[RawTokens]:
        """The words of each batch, by the table that spells stop phrases too."""
        return (replace(raw, table=self.stops.table) for raw in self.spool.each())

    def _lines(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
        """:func:`count_lines` of every batch."""
        return map(count_lines, self._raws())

    def _seen(self) -> Iterator[Seen]:
        """:func:`count_words` of every batch."""
        return (count_words(raw, self.plan, self.n_threads) for raw in self._raws())

    def _writing(self, folder: Path) -> Iterator[Written]:
        """:func:`write_counts` of every batch."""
        columns, n_terms = self.selection.columns, len(self.selection.vocabulary)
        for number, raw in enumerate(self._raws()):
            yield write_counts(raw, self.plan, columns, n_terms, folder, number, self.n_threads)

    def dropped(self) -> Dropped:
        """The account of the whole, after the shards are written; what makes one doubt is told."""
        account = self.spool.account
        cleaned = account.cleaned
        for written in self._in_order():
            cleaned = added(cleaned, written.cleaned)
        found = replace(
            self.selection.dropped,
            documents=self.spool.n_documents,
            empty_documents=self.blank,
            documents_without_terms=sum(one.without_terms for one in self.written),
            tokens_kept=sum(one.row["tokens"] for one in self.written),
            cleaned=cleaned,
            emptied=account.emptied,
        )
        rules = {**found.rules, **({"stop_words": self.stop_name} if self.stop_name else {})}
        found = replace(found, rules=rules)
        doubts = tuple(note for note in (self.doubt, empty_note(found)) if note)
        for doubt in doubts:
            warnings.warn(doubt, TextWarning, stacklevel=4)
        notes = (*doubts, *halves_note(account.halves))
        return replace(found, notes=notes)

    def _repeated(self) -> NDArray[np.uint64]:
        """Hashes of the lines that stand in many documents of all batches."""
        known, times = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        for more, counts in self._lines():
            joined = np.concatenate([known, more])
            known, place = np.unique(joined, return_inverse=True)
            times = np.bincount(place, np.concatenate([times, counts])).astype(np.int64)
        return known[times >= fewest_documents(self.spool.n_documents)]

    def _select(self) -> Selection:
        size = self.stops.table.size
        tokens, documents = np.zeros(size, np.int64), np.zeros(size, np.int64)
        n_tokens = 0
        for seen in self._seen():
            tokens[seen.ids] += seen.frequencies.tokens
            documents[seen.ids] += seen.frequencies.documents
            n_tokens += seen.n_tokens
            self.blank += seen.n_blank
            self.spelt.update(seen.lines)
        refuse_nothing(self.spool.n_documents, self.blank, n_tokens)
        strings = self.stops.table.strings
        self.doubt = clause_note_of(tokens, strings) or language_note_of(
            tokens, strings, self.options
        )
        counted = self.spool.n_documents, n_tokens
        selection = choose_terms(
            Frequencies(tokens, documents), self.stops.table, counted, self.stops.ids,
            self.options.limits, self._rules(),
        )  # fmt: skip
        refuse_no_terms(selection)
        return selection

    def _rules(self) -> TextRules:
        """As :func:`build_from_texts` keeps them."""
        options = self.options
        return TextRules(
            language=options.named_language,
            clean=self.spool.steps,
            repeated_lines=tuple(sorted(self.spelt)),
            stop_phrases=self.stops.phrases if options.stop_words != "language" else (),
            lowercase=self.spool.rule.lowercase,
            token_pattern=options.pattern,
            ngrams=options.joins,
        )
