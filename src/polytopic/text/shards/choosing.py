"""The second pass: repeated lines, stop words and the terms that stay, and the shards of counts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, TextWarning
from polytopic.text.building import count_terms, refuse_no_terms
from polytopic.text.cleaning import REPEATED_LINES
from polytopic.text.cleaning.repeated import fewest_documents, lines_by_document, without_lines
from polytopic.text.counting import RawTokens, TermStrings
from polytopic.text.doubts import empty_note
from polytopic.text.dropped import Cleaned, Dropped
from polytopic.text.halves import halves_note
from polytopic.text.options import TextOptions
from polytopic.text.rules import TextRules
from polytopic.text.selection import Frequencies, Selection, choose_terms, frequencies
from polytopic.text.shards.layout import write_shard
from polytopic.text.shards.spool import Spool, added
from polytopic.text.stopping import stop_terms, words_by_rule

__all__ = ["Chosen"]


class Chosen:
    """What is decided of a spool's words, and the shards that follow from it."""

    def __init__(self, spool: Spool, options: TextOptions, n_threads: int) -> None:
        self.spool, self.options, self.n_threads = spool, options, n_threads
        self.stop_list, self.stop_name = options.stop_list()
        self.spell = words_by_rule(spool.rule, None)
        self.lines = self._repeated()
        self.spelt: set[str] = set()
        self.cleaned: tuple[Cleaned, ...] = ()
        self.blank = 0
        self.selection = self._select()

    def write(self, folder: Path) -> Iterator[dict[str, Any]]:
        """Write the shards; the row of each for the index."""
        self.without_terms = self.kept = 0
        for number, raw in enumerate(self._words()):
            counts, offsets, tokens = count_terms(raw, self.selection, self.n_threads)
            self.without_terms += int(((np.diff(offsets) == 0) & ~raw.blank).sum())
            self.kept += len(tokens)
            yield write_shard(folder, number, counts, offsets, tokens)

    def dropped(self) -> Dropped:
        """The account of the whole, after the shards are written; what makes one doubt is told."""
        account = self.spool.account
        found = replace(
            self.selection.dropped,
            documents=self.spool.n_documents,
            empty_documents=self.blank,
            documents_without_terms=self.without_terms,
            tokens_kept=self.kept,
            cleaned=added(account.cleaned, self.cleaned),
            emptied=account.emptied,
        )
        rules = {**found.rules, **({"stop_words": self.stop_name} if self.stop_name else {})}
        found = replace(found, rules=rules)
        doubt = empty_note(found)
        if doubt:
            warnings.warn(doubt, TextWarning, stacklevel=4)
        notes = (*((doubt,) if doubt else ()), *halves_note(account.halves))
        return replace(found, notes=notes)

    def _repeated(self) -> NDArray[np.uint64]:
        """Hashes of the lines that stand in many documents of all batches."""
        known, times = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        if REPEATED_LINES not in self.spool.steps:
            return known
        for raw in self.spool.each():
            more, counts = np.unique(lines_by_document(raw), return_counts=True)
            joined = np.concatenate([known, more])
            known, place = np.unique(joined, return_inverse=True)
            times = np.bincount(place, np.concatenate([times, counts])).astype(np.int64)
        return known[times >= fewest_documents(self.spool.n_documents)]

    def _words(self) -> Iterator[RawTokens]:
        """The words of each batch, without repeated lines, stop phrases as one."""
        for raw in self.spool.each():
            if len(self.lines):
                raw, account, lines = without_lines(raw, self.lines)
                self.spelt.update(lines)
                if account.pieces:
                    self.cleaned = added(self.cleaned, (account,))
            raw, self.stop_ids, self.phrases = stop_terms(raw, self.stop_list, self.spell)
            yield raw

    def _select(self) -> Selection:
        seen: Frequencies | None = None
        table: TermStrings = self.spool.table
        n_tokens = 0
        for raw in self._words():
            found = frequencies(raw, self.n_threads)
            table = raw.table
            n_tokens += len(raw.ids)
            self.blank += int(raw.blank.sum())
            if seen is not None:
                tokens, documents = seen.tokens + found.tokens, seen.documents + found.documents
                found = Frequencies(tokens, documents)
            seen = found
        if seen is None or not n_tokens:
            raise InputError(
                f"texts: no words were found in {self.spool.n_documents} documents. Check which "
                "column or field holds the text."
            )
        self.cleaned = ()  # it is counted anew as the shards are written
        size = self.spool.n_documents, n_tokens
        selection = choose_terms(
            seen, table, size, self.stop_ids, self.options.limits, self._rules()
        )
        refuse_no_terms(selection)
        return selection

    def _rules(self) -> TextRules:
        """As :func:`build_from_texts` keeps them."""
        options = self.options
        return TextRules(
            language=options.named_language,
            clean=self.spool.steps,
            repeated_lines=tuple(sorted(self.spelt)),
            stop_phrases=self.phrases if options.stop_words != "language" else (),
            lowercase=self.spool.rule.lowercase,
            token_pattern=options.pattern,
            ngrams=options.joins,
        )
