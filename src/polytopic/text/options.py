"""The options of a corpus made from texts, checked: words, stop words, rules on terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from polytopic.errors import InputError
from polytopic.parameters import NONE, AnyOf, Constraint, Custom, Integer
from polytopic.text.cleaning import DROP_DUPLICATES, clean_steps
from polytopic.text.columns import as_list
from polytopic.text.rules import TextRules
from polytopic.text.selection import Limits
from polytopic.text.stopwords import language_code, sorted_stop_words
from polytopic.text.tokens import SKLEARN_PATTERN, WordRule
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.text.phrases import Collocations

__all__ = ["Splitter", "TextOptions"]

Splitter = Callable[[str], Sequence[str]]


_TEXT_OR_NONE = Custom("a str or None", lambda value: value is None or isinstance(value, str))
_FLAG = Custom("True or False", lambda value: value is None or isinstance(value, bool | np.bool_))

_ACCEPTED: Mapping[str, Constraint] = {
    "language": _TEXT_OR_NONE,
    "lowercase": _FLAG,
    "keep_texts": _FLAG,
    "max_terms": AnyOf(Integer(-(2**62)), NONE),
    "token_pattern": _TEXT_OR_NONE,
    "ngrams": Custom(
        "a number of words, Collocations or None",
        lambda value: value is None or isinstance(value, int) or hasattr(value, "max_length"),
    ),
    "clean": Custom(
        '"auto", "none", names of steps or None',
        lambda value: value is None or isinstance(value, str | Sequence),
    ),
    "n_threads": AnyOf(Integer(-(2**62)), NONE),
}
"""Types of the options; their ranges are told where they are used, with what to do."""


@dataclass(frozen=True, kw_only=True)
class TextOptions:
    """The options of :meth:`Corpus.from_texts`, checked.

    ``max_terms``: what neural models train in minutes, and rarer terms hardly make topics.
    """

    vocabulary: Vocabulary | Sequence[str] | None = None
    language: str | None = None
    stop_words: str | Path | Iterable[str] | None = "language"
    lowercase: bool | None = None
    min_df: int | float | None = None
    max_df: int | float | None = None
    max_terms: int | None = 30_000
    token_pattern: str | None = None
    tokenizer: Splitter | None = None
    ngrams: int | Collocations | None = None
    clean: str | Sequence[str] | None = "auto"
    keep_texts: bool = True
    n_threads: int | None = None

    def __post_init__(self) -> None:
        for name, accepted in _ACCEPTED.items():
            value = getattr(self, name)
            if not accepted.accepts(value):
                raise InputError(f"{name}: is {value!r:.60}. It must be {accepted.describe()}.")
        if self.tokenizer is not None and self.token_pattern is not None:
            raise InputError("tokenizer: is given beside token_pattern. Give one of them.")
        if self.tokenizer is not None and not callable(self.tokenizer):
            raise InputError("tokenizer: cannot be called. Give a function from str to list[str].")

    @property
    def earlier(self) -> TextRules | None:
        """How text became the terms of the given vocabulary, where that is known."""
        return self.vocabulary.rules if isinstance(self.vocabulary, Vocabulary) else None

    @property
    def named_language(self) -> str:
        """The language: as given, or that of the vocabulary, or English."""
        if self.language is not None:
            return self.language
        return "en" if self.earlier is None else self.earlier.language

    @property
    def lowers(self) -> bool:
        """Whether text is lower-cased: as given, or as that of the vocabulary was."""
        if self.lowercase is not None:
            return bool(self.lowercase)
        return True if self.earlier is None else self.earlier.lowercase

    @property
    def pattern(self) -> str:
        """The pattern of words: as given, or that of the vocabulary; "" for the own rule."""
        if self.token_pattern is not None or self.tokenizer is not None:
            return self.token_pattern or ""
        return "" if self.earlier is None else self.earlier.token_pattern

    @property
    def joins(self) -> bool:
        """Whether n-gram terms are joined where a pattern or a function says what words are."""
        return self.ngrams is not None or (self.earlier is not None and self.earlier.ngrams)

    def cleaning(self) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
        """Steps of cleaning, and lines to drop: None for those that repeat in these documents.

        New documents are cleaned as those of the vocabulary were, each by itself: duplicates among
        them stay.
        """
        earlier = self.earlier
        if isinstance(self.vocabulary, Vocabulary) and self.clean == "auto":
            steps = () if earlier is None else earlier.clean
            return (
                tuple(step for step in steps if step != DROP_DUPLICATES),
                () if earlier is None else earlier.repeated_lines,
            )
        lines = (
            None if self.vocabulary is None else () if earlier is None else earlier.repeated_lines
        )
        return clean_steps(self.clean), lines

    @property
    def limits(self) -> Limits:
        """The rules on terms."""
        return Limits(self.min_df, self.max_df, self.max_terms)

    def known_vocabulary(self) -> Vocabulary | None:
        """The given vocabulary, if any."""
        if self.vocabulary is None or isinstance(self.vocabulary, Vocabulary):
            return self.vocabulary
        return Vocabulary(self.vocabulary)

    def collocations(self) -> Collocations | None:
        """The settings of n-gram terms, if wanted."""
        if self.ngrams is None:
            return None
        from polytopic.text.phrases import Collocations

        return Collocations(max_length=self.ngrams) if isinstance(self.ngrams, int) else self.ngrams

    def word_rule(self) -> WordRule:
        """The rule on words, for the language."""
        language = _code_or_blank(self.named_language, needed=self.stop_words == "language")
        return WordRule(
            lowercase=self.lowers,
            language=language,
            sklearn=self.pattern == SKLEARN_PATTERN,
            segment=self.tokenizer is None,
        )

    def splitter(self, rule: WordRule) -> Splitter | None:
        """A function from text to words, or None for the quick way."""
        if self.tokenizer is not None:
            return self.tokenizer
        if self.earlier is not None and self.earlier.tokenizer and self.token_pattern is None:
            raise InputError(
                "tokenizer: the texts of this vocabulary were divided by a function, which is not "
                "kept. Give it again: Corpus.from_texts(texts, vocabulary=..., tokenizer=...)."
            )
        if not self.pattern or rule.sklearn:
            return None
        try:
            pattern = re.compile(self.pattern)
        except re.error as error:
            raise InputError(
                f"token_pattern: {self.pattern!r} is no regular expression ({error})."
                " Correct it, or leave it out."
            ) from None
        if pattern.groups > 1:
            raise InputError(
                f"token_pattern: {self.pattern!r} has {pattern.groups} capturing groups. "
                "Keep one, or write the others as (?:...)."
            )
        return pattern.findall

    def stop_list(self) -> tuple[list[str], str]:
        """The stop words, with the phrases of the given vocabulary, and a name for them."""
        listed, name = self._own_stop_list()
        if self.earlier is not None:
            listed = [*listed, *(p for p in self.earlier.stop_phrases if p not in listed)]
        return listed, name

    @property
    def language_of_stop_words(self) -> str:
        """Code of the language whose stop words are taken out; "" where they are given, or none
        are, or where only the terms of a vocabulary are looked for."""
        if not isinstance(self.stop_words, str) or (self.vocabulary and self.earlier is None):
            return ""
        named = self.named_language if self.stop_words == "language" else self.stop_words
        return language_code(named)

    def _own_stop_list(self) -> tuple[list[str], str]:
        if self.stop_words is None:
            return [], ""
        if isinstance(self.stop_words, str):
            named = self.named_language if self.stop_words == "language" else self.stop_words
            return list(sorted_stop_words(named)), language_code(named)
        if isinstance(self.stop_words, Path):
            from polytopic.text.stopfiles import read_stop_file

            return read_stop_file(self.stop_words).words, self.stop_words.name
        unordered = isinstance(self.stop_words, Set | Mapping)
        words = list(self.stop_words) if unordered else as_list(self.stop_words, "stop_words")
        for place, word in enumerate(words):
            if not isinstance(word, str):
                raise InputError(f"stop_words: entry {place} is {word!r}. Stop words must be str.")
        return words, "given"


def _code_or_blank(language: str, needed: bool) -> str:
    if needed:
        return language_code(language)
    try:
        return language_code(language)
    except InputError:
        return ""
