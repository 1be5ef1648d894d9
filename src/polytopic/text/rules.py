"""How a text became the terms of a vocabulary, so that new text becomes terms the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from polytopic.errors import InputError

__all__ = ["TextRules"]


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
    """

    language: str = "en"
    clean: tuple[str, ...] = ()
    repeated_lines: tuple[str, ...] = ()
    stop_phrases: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The rules, ready for JSON."""
        return {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> TextRules:
        """Read back what :meth:`to_dict` wrote; entries that are missing have their defaults.

        Raises
        ------
        InputError
            If an entry is unknown or of the wrong kind.
        """
        known = cls.__dataclass_fields__
        values: dict[str, Any] = {}
        for name, value in record.items():
            listed = isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
            if name not in known or not (listed if name != "language" else isinstance(value, str)):
                raise InputError(f"rules: entry {name!r} is unknown or altered.")
            values[name] = tuple(value) if listed else value
        return cls(**values)
