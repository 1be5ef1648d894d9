"""Passages of a document with the words of a topic marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from polytopic.text.marker import Marker, Span

__all__ = ["excerpt", "tidy"]

LONGEST_READ = 20_000
"""Characters of a document that are searched for a passage."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_PARAGRAPHS = re.compile(r"\s*\n\s*\n\s*")
_BLANKS = re.compile(r"\s+")


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
    plain = tidy(text[:LONGEST_READ])
    spans = marker.find(plain)
    start, end = 0, len(plain)
    if len(plain) > width * 1.15:
        start, end = _best_window(plain, spans, weights, width)
    pieces: list[str | tuple[str, int]] = []
    position = start
    for span in spans:
        if span.start >= start and span.end <= end:
            if span.start > position:
                pieces.append(plain[position : span.start])
            pieces.append((plain[span.start : span.end], span.rank))
            position = span.end
    if position < end:
        pieces.append(plain[position:end])
    if start > 0:
        pieces.insert(0, "… ")
    if end < len(plain) or len(text) > LONGEST_READ:
        pieces.append(" …")
    return pieces


def tidy(text: str) -> str:
    """A text without control characters, blanks as one space, paragraphs as one line break."""
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
