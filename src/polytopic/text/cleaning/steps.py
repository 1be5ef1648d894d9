"""What a step of cleaning is: a quick suspicion, then the work on the documents it falls on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Removed", "Step", "dropping"]

Removed = list[str]
"""Pieces that a step took out of one document."""


@dataclass(frozen=True)
class Step:
    """One step on the text of a document.

    Attributes
    ----------
    name : str
    what : str
        What it takes out, in words, for the account.
    marks : str
        A regular expression for Rust's regex (many documents at a time, through polars): whatever
        the step takes out, it finds the document. It may find others.
    clean : callable
        The text without it; the pieces taken out are added to a list.
    """

    name: str
    what: str
    marks: str
    clean: Callable[[str, Removed], str]


def dropping(*patterns: str, flags: int = 0) -> Callable[[str, Removed], str]:
    """Put a space in the place of whatever matches one of the patterns."""
    pattern = re.compile("|".join(patterns), flags)

    def clean(text: str, removed: Removed) -> str:
        def gone(match: re.Match[str]) -> str:
            removed.append(match[0])
            return " "

        return pattern.sub(gone, text)

    return clean
