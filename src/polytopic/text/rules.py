"""How a text became the terms of a vocabulary, so that new text becomes terms the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from polytopic.errors import InputError

__all__ = ["TextRules"]

_LATER = ("lowercase", "token_pattern", "ngrams", "tokenizer")
"""Entries that versions before them cannot read."""


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """What new documents need beside the terms.

    Attributes
    ----------
    language : str
        As it was given: it says how words are divided.
    clean : tuple of str
        Steps of cleaning.
    repeated_lines : tuple of str
        Lines that stood in many documents and were dropped, their words divided by spaces.
    stop_phrases : tuple of str
        Phrases whose words go where they stand together, words divided by spaces.
    lowercase : bool
        Whether the text was lower-cased.
    token_pattern : str
        The regular expression of its words; "" for the package's own rule.
    ngrams : bool
        Whether n-gram terms were joined, as they always are by the own rule.
    tokenizer : bool
        Whether a function of the caller's divided the text. It is not kept.
    """

    language: str = "en"
    clean: tuple[str, ...] = ()
    repeated_lines: tuple[str, ...] = ()
    stop_phrases: tuple[str, ...] = ()
    lowercase: bool = True
    token_pattern: str = ""
    ngrams: bool = False
    tokenizer: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The rules, ready for JSON; of those in ``_LATER`` what is not as by default."""
        plain = TextRules()
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name not in _LATER or value != getattr(plain, name)
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> TextRules:
        """Read back what :meth:`to_dict` wrote; entries that are missing have their defaults.

        Raises
        ------
        InputError
            If an entry is unknown or of the wrong kind.
        """
        plain = cls()
        values: dict[str, Any] = {}
        for name, value in record.items():
            if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
                value = tuple(value)
            if type(value) is not type(getattr(plain, name, None)):
                raise InputError(f"rules: entry {name!r} is unknown or altered.")
            values[name] = value
        return cls(**values)
