"""Chats as WhatsApp exports them: a message a document, over several lines where it has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from polytopic.text.formats.source import Source

__all__ = ["chat_rows", "looks_like_chat"]

_DAY = r"(?P<day>\d{1,4}[./-]\d{1,2}[./-]\d{2,4})"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u202f\u00a0]?[AaPp]\.?\s?[Mm]\.?)?"
_MESSAGE = re.compile(
    rf"[\u200e\u200f]?(?:\[{_DAY},?\s{_TIME}\]|{_DAY.replace('day', 'day2')},?\s{_TIME}\s[-\u2013])"
    r"\s(?:(?P<who>[^:\n]{1,80}): )?(?P<text>.*)"
)
"""Android: "31/12/24, 09:15 - Ann: text"; iPhone: "[31.12.24, 09:15:02] Ann: text". Lines of the
program itself ("Messages are encrypted") have nobody before a colon."""

_LEFT_OUT = re.compile(r"<[^<>]{3,40}>|\u200e.*")
"""What stands for a picture or a recording: "<Media omitted>", or marked text of an iPhone."""

_SAMPLE, _FEWEST = 50, 5
"""Lines by which a chat is known, at least half of which begin a message, and fewest of these."""


def looks_like_chat(lines: Sequence[str]) -> bool:
    """Whether lines of a text are a chat: the first and at least half begin messages."""
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    begin = [_MESSAGE.fullmatch(line) is not None for line in sample]
    return sum(begin) >= max(_FEWEST, len(sample) / 2) and begin[0]


def chat_rows(source: Source, chunks: Iterable[str]) -> Iterator[Mapping[str, str | None]]:
    """Messages with who wrote them and on which day; what holds no message is counted and told."""
    message: dict[str, str | None] | None = None
    told = {"messages": 0, "for pictures and recordings": 0, "of the program": 0}
    for chunk in chunks:
        for line in chunk[:-1].split("\n"):
            begun = _MESSAGE.fullmatch(line)
            if begun is None:
                if message is not None:
                    message["text"] = f"{message['text']}\n{line}"
                continue
            if message is not None:
                yield message
            message = None
            if begun["who"] is None:
                told["of the program"] += 1
            elif _LEFT_OUT.fullmatch(begun["text"].strip()):
                told["for pictures and recordings"] += 1
            else:
                told["messages"] += 1
                day = begun["day"] or begun["day2"]
                message = {"text": begun["text"], "from": begun["who"], "date": _long(day)}
    if message is not None:
        yield message
    others = [f"{n:,} {what}" for what, n in told.items() if n][1:]
    left = f" (lines left out: {' and '.join(others)})" if others else ""
    source.account.notes.append(
        f"{source.path.name}: was read as a chat of WhatsApp, {told['messages']:,} messages{left}."
    )


def _long(day: str) -> str:
    """A day with four digits of its year, where that stands last."""
    parts = re.split(r"([./-])", day)
    if len(parts[0]) < 4 and len(parts[-1]) == 2:
        parts[-1] = f"20{parts[-1]}"
    return "".join(parts)
