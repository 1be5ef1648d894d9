"""Passages of a document with the words of a topic marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

__all__ = ["Marker", "Span", "excerpt"]

LONGEST_READ = 20_000
"""Characters of a document that are searched for a passage."""

WIDEST_GAP = 3
"""Characters other than word characters allowed between the words of a phrase."""

_NO_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Myanmar, Khmer, kana and Han: written without spaces between words."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_PARAGRAPHS = re.compile(r"\s*\n\s*\n\s*")
_BLANKS = re.compile(r"\s+")


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


def excerpt(
    text: str, marker: Marker, weights: Mapping[int, float], *, width: int = 600
) -> list[str | tuple[str, int]]:
    """The stretch of ``text`` that says most of a topic, as pieces: plain, or marked with a rank.

    Parameters
    ----------
    text : str
        A whole document; its first 20,000 characters are searched.
    marker : Marker
    weights : mapping of rank to float
        What finding the term of that rank is worth. A term counts once.
    width : int
        Characters the passage may hold, about.

    Returns
    -------
    list of str and (str, int)
        Joined they give the passage; an ellipsis stands where text was cut away.

    >>> excerpt("Gene and cell.", Marker(["cell"]), {0: 1.0})
    ['Gene and ', ('cell', 0), '.']
    """
    tidy = _tidy(text[:LONGEST_READ])
    spans = marker.find(tidy)
    start, end = 0, len(tidy)
    if len(tidy) > width * 1.15:
        start, end = _best_window(tidy, spans, weights, width)
    pieces: list[str | tuple[str, int]] = []
    position = start
    for span in spans:
        if span.start >= start and span.end <= end:
            if span.start > position:
                pieces.append(tidy[position : span.start])
            pieces.append((tidy[span.start : span.end], span.rank))
            position = span.end
    if position < end:
        pieces.append(tidy[position:end])
    if start > 0:
        pieces.insert(0, "… ")
    if end < len(tidy) or len(text) > LONGEST_READ:
        pieces.append(" …")
    return pieces


def _tidy(text: str) -> str:
    """Without control characters, blanks as one space, paragraphs as one line break."""
    plain = _CONTROL.sub(" ", _DIRECTION.sub("", text.replace("\r\n", "\n")))
    paragraphs = _PARAGRAPHS.split(plain.strip())
    return "\n".join(_BLANKS.sub(" ", paragraph) for paragraph in paragraphs)


def _best_window(
    text: str, spans: Sequence[Span], weights: Mapping[int, float], width: int
) -> tuple[int, int]:
    """Bounds, at blanks, of the ``width`` characters whose distinct terms weigh most."""
    best, best_start, best_end = -1.0, 0, 0
    held: dict[int, int] = {}
    worth, first = 0.0, 0
    for last, span in enumerate(spans):
        if held.get(span.rank, 0) == 0:
            worth += weights.get(span.rank, 0.0)
        held[span.rank] = held.get(span.rank, 0) + 1
        while first < last and spans[last].end - spans[first].start > width:
            rank = spans[first].rank
            held[rank] -= 1
            if held[rank] == 0:
                worth -= weights.get(rank, 0.0)
            first += 1
        if worth > best:
            best, best_start, best_end = worth, spans[first].start, span.end
    spare = max(width - (best_end - best_start), 0)
    start = max(best_start - spare // 3, 0)
    end = min(start + width, len(text))
    start = max(end - width, 0)
    return _first_word(text, start, best_start), _last_word(text, end, best_end)


def _first_word(text: str, start: int, limit: int) -> int:
    """Where a passage from about ``start`` begins: at a sentence, else a word, up to ``limit``."""
    if start == 0:
        return 0
    sentence = re.search(r"[.!?][\"')\]]?\s+", text[start : min(start + 90, limit)])
    blank = sentence or re.search(r"\s", text[start : min(start + 40, limit)])
    return start if blank is None else start + blank.end()


def _last_word(text: str, end: int, limit: int) -> int:
    """Where a passage up to about ``end`` ends: after a word, not before ``limit``."""
    if end == len(text):
        return end
    low = max(end - 40, limit)
    blank = re.search(r"\s(?=\S*$)", text[low:end])
    return end if blank is None else low + blank.start()
