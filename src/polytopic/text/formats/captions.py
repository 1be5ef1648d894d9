"""Subtitles: SubRip (.srt) and WebVTT (.vtt), a caption a document, or in a folder a file."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from polytopic.errors import InputError
from polytopic.text.formats.source import Source
from polytopic.text.streams import line_chunks

__all__ = ["CAPTION_ENDINGS", "caption_rows", "captions_as_text"]

CAPTION_ENDINGS = (".srt", ".vtt")

_TIMES = re.compile(
    r"\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d+)"
)
_MARKS = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
"""Tags of HTML and WebVTT, and positions ("{\\an8}")."""

_SPEAKER = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\n]+)>")


def caption_rows(source: Source) -> Iterator[Mapping[str, str | None]]:
    """Captions with when they stand, and who speaks, where WebVTT says it."""
    found = False
    lines = "".join(line_chunks(source.path, source.encoding, source.account)).split("\n")
    starts = [n for n, line in enumerate(lines) if _TIMES.match(line)]
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        held = lines[start + 1 : end]
        blank = next((n for n, line in enumerate(held) if not line.strip()), len(held))
        raw = "\n".join(held[:blank])
        times, speaker = _TIMES.match(lines[start]), _SPEAKER.search(raw)
        found = True
        yield {
            "text": html.unescape(_MARKS.sub("", raw)).strip(),
            "start": times[1] if times else None,
            "end": times[2] if times else None,
            "speaker": speaker[1].strip() if speaker else None,
        }
    if not found:
        raise InputError(
            f'{source.path}: holds no captions: no line has times ("00:00:01,000 --> '
            '00:00:04,000"). If it is text, name it .txt.'
        )


def captions_as_text(source: Source) -> str:
    """All captions of a file; lines that captions repeat as they roll are given once."""
    lines: list[str] = []
    for row in caption_rows(source):
        for line in (row["text"] or "").split("\n"):
            if line.strip() and (not lines or line != lines[-1]):
                lines.append(line)
    return "\n".join(lines)
