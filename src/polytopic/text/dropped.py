"""What was left out of a corpus and why, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from polytopic.errors import InputError

__all__ = ["Cleaned", "Dropped", "Tally"]

_LATER = {"notes", "no_words", "no_word_examples", "cleaned", "emptied"}
"""Entries that records of earlier versions lack."""

_PAIRS = ("unseen_examples", "no_word_examples")


@dataclass(frozen=True)
class Tally:
    """How many different terms and how many tokens a rule took."""

    terms: int = 0
    tokens: int = 0


@dataclass(frozen=True)
class Cleaned:
    """What one step of cleaning took: its name and what it is, documents, pieces, examples."""

    step: str
    what: str
    documents: int = 0
    pieces: int = 0
    examples: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line."""
        examples = ", ".join(f'"{example}"' for example in self.examples)
        return (
            f"cleaning ({self.step}): {self.what}, {self.pieces:,} in "
            f"{_n(self.documents, 'document')}: {examples}."
        )


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """What was left out of a corpus and why.

    Attributes
    ----------
    documents : int
        D, the documents read. All of them are rows of the counts, also those without terms.
    empty_documents : int
        Documents without any text (null or white space).
    documents_without_terms : int
        Documents that had text but no term of the vocabulary.
    tokens, tokens_kept : int
        Words found in the text, and those that stayed.
    stop_words, below_min_df, above_max_df, beyond_max_terms, unseen : Tally
        What each rule took, in this order; ``unseen`` are terms that a given vocabulary lacks.
    unseen_examples : tuple of (str, int)
        The most frequent unseen terms with their number of tokens.
    no_words : Tally
        What a tokenizer gave that is no word (empty, white space, punctuation); not in ``tokens``.
    no_word_examples : tuple of (str, int)
        The most frequent of them.
    cleaned : tuple of Cleaned
        What each step of cleaning took out of the texts, before words were looked for.
    emptied : int
        Documents of which cleaning left nothing; they count as empty.
    rules : dict
        The rules as applied: language, min_df, max_df, max_terms and so on.
    notes : tuple of str
        What was read otherwise than it stands, or not at all, one sentence each: dates, labels.
    """

    documents: int = 0
    empty_documents: int = 0
    documents_without_terms: int = 0
    tokens: int = 0
    tokens_kept: int = 0
    stop_words: Tally = Tally()
    below_min_df: Tally = Tally()
    above_max_df: Tally = Tally()
    beyond_max_terms: Tally = Tally()
    unseen: Tally = Tally()
    unseen_examples: tuple[tuple[str, int], ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    no_words: Tally = Tally()
    no_word_examples: tuple[tuple[str, int], ...] = ()
    cleaned: tuple[Cleaned, ...] = ()
    emptied: int = 0

    def describe(self) -> str:
        """The record in plain words, a line a fact; "nothing" if nothing was dropped.

        The notes come last.
        """
        return "\n".join([self._account(), *self.notes])

    def _account(self) -> str:
        """What was dropped, without the notes."""
        rules = self.rules
        lines = [step.describe() for step in self.cleaned]
        if self.empty_documents:
            after = f", {self.emptied:,} of them after cleaning" if self.emptied else ""
            lines.append(
                f"{_n(self.empty_documents, 'document')} of {self.documents:,} held no text{after}"
                " (kept as empty rows)."
            )
        if self.documents_without_terms:
            lines.append(
                f"{_n(self.documents_without_terms, 'document')} of {self.documents:,} had text but"
                " no term of the vocabulary (kept as empty rows)."
            )
        if self.no_words.tokens:
            examples = ", ".join(f"{token!r} ({n:,})" for token, n in self.no_word_examples)
            lines.append(
                f"{_n(self.no_words.tokens, 'token')} of the tokenizer: no words (empty, white "
                f"space, punctuation): {examples}."
            )
        for tally, reason in (
            (self.stop_words, f"stop words ({rules.get('stop_words', 'given')})"),
            (self.below_min_df, f"in fewer than {rules.get('min_df', '?')} documents{self._told}"),
            (self.above_max_df, f"in more than {rules.get('max_df', '?')} documents"),
            (self.beyond_max_terms, f"beyond the {rules.get('max_terms', '?')} most frequent"),
            (self.unseen, "not in the given vocabulary"),
        ):
            if tally.terms:
                lines.append(f"{_n(tally.terms, 'term')} ({_n(tally.tokens, 'token')}): {reason}.")
        if self.unseen_examples:
            examples = ", ".join(f"{term} ({n:,})" for term, n in self.unseen_examples)
            lines.append(f"Most frequent unseen terms: {examples}.")
        if not lines:
            return "nothing was dropped."
        kept = f"{self.tokens_kept:,} of {self.tokens:,} tokens were kept."
        return "\n".join([*lines, kept])

    @property
    def _told(self) -> str:
        return str(self.rules.get("min_df_note", ""))

    def to_dict(self) -> dict[str, Any]:
        """The record, ready for JSON."""
        record = asdict(self)
        record["rules"] = dict(self.rules)
        for name in _PAIRS:
            record[name] = [list(pair) for pair in record[name]]
        record["notes"] = list(self.notes)
        record["cleaned"] = [{**asdict(s), "examples": list(s.examples)} for s in self.cleaned]
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Dropped:
        """Read back what :meth:`to_dict` wrote.

        Raises
        ------
        InputError
            If entries are missing or unknown.
        """
        known = set(cls.__dataclass_fields__)
        if not known - _LATER <= set(record) <= known:
            raise InputError("dropped: the record has other entries. Pass one made by to_dict.")
        values = dict(record)
        for name, value in record.items():
            if isinstance(value, Mapping) and name != "rules":
                values[name] = Tally(**value)
        for name in _PAIRS:
            values[name] = tuple((str(term), int(n)) for term, n in record.get(name, ()))
        values["cleaned"] = tuple(
            Cleaned(**{**step, "examples": tuple(step["examples"])})
            for step in record.get("cleaned", ())
        )
        values["notes"] = tuple(str(note) for note in record.get("notes", ()))
        return cls(**values)


def _n(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
