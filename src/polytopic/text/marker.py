"""Terms found again in the text they were read from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

__all__ = ["Marker", "Span"]

WIDEST_GAP = 3
"""Characters other than word characters allowed between the words of a phrase."""

_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Myanmar, Khmer, kana and Han: written without spaces between words."""


@dataclass(frozen=True)
class Span:
    """A marked stretch of a text: characters ``start`` to ``end`` hold term ``rank``."""

    start: int
    end: int
    rank: int


@cache
def _token_pattern() -> re.Pattern[str]:
    """Runs of letters and digits with their combining marks, in any script."""
    points = (p for p in range(0x300, 0x10000) if unicodedata.category(chr(p)).startswith("M"))
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    marks = "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)
    return re.compile(f"(?:[^\\W_]|[{marks}])+")


class Marker:
    """Finds the terms of one topic in texts: whole words, phrases, and terms of Han or Thai.

    Parameters
    ----------
    terms : sequence of str
        Most probable first; the position of a term is its rank. The parts of a phrase are joined
        by a space, an underscore or another character between words.
    lowercase : bool
        Whether the vocabulary was lower-cased. If so, ``Apple`` in a text is the term ``apple``;
        if not, only the same spelling is.

    >>> marker = Marker(["new_york", "art"])
    >>> [(span.start, span.end, span.rank) for span in marker.find("Art of New York, arts")]
    [(0, 3, 1), (7, 15, 0)]
    """

    def __init__(self, terms: Sequence[str], *, lowercase: bool = True) -> None:
        self._lowercase = lowercase
        self._phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._substrings: dict[str, int] = {}
        for rank, term in enumerate(terms):
            parts = tuple(self._form(part) for part in _token_pattern().findall(term))
            if _NO_SPACES.search(term):
                self._substrings.setdefault(term, rank)
            elif parts:
                self._phrases.setdefault(parts[0], []).append((parts, rank))
        for candidates in self._phrases.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))
        longest_first = sorted(self._substrings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def find(self, text: str) -> list[Span]:
        """Stretches of ``text`` that hold a term, in order, none overlapping; longest first."""
        tokens = [
            (match.start(), match.end(), self._form(match.group()))
            for match in _token_pattern().finditer(text)
        ]
        spans: list[Span] = []
        position = 0
        while position < len(tokens):
            length, rank = self._phrase_at(tokens, position)
            if length:
                spans.append(Span(tokens[position][0], tokens[position + length - 1][1], rank))
            position += max(length, 1)
        if self._substrings:
            spans = self._add_substrings(text, spans)
        return spans

    def _phrase_at(self, tokens: list[tuple[int, int, str]], position: int) -> tuple[int, int]:
        for parts, rank in self._phrases.get(tokens[position][2], ()):
            found = tokens[position : position + len(parts)]
            gaps = (after[0] - before[1] for before, after in pairwise(found))
            same = tuple(form for _, _, form in found) == parts
            if same and all(gap <= WIDEST_GAP for gap in gaps):
                return len(parts), rank
        return 0, -1

    def _add_substrings(self, text: str, spans: list[Span]) -> list[Span]:
        for match in self._pattern.finditer(text):
            free = all(match.end() <= span.start or match.start() >= span.end for span in spans)
            if free:
                spans.append(Span(match.start(), match.end(), self._substrings[match.group()]))
        return sorted(spans, key=lambda span: span.start)

    def _form(self, word: str) -> str:
        if not word.isascii():
            word = unicodedata.normalize("NFC", word)
        return word.lower() if self._lowercase else word
