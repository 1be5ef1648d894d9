"""The pages of documents as HTML: lists of them, and one whole. Nothing runs in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.report import assets
from polytopic.report.links import followed
from polytopic.report.marking import tidy
from polytopic.report.wording import Wording
from polytopic.viewing.snapshot import Snapshot

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["PAGE", "POLICY", "document_page", "list_page", "message_page"]

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Pages of documents run no script and ask for nothing; their search goes to this server."""

PAGE = 20
"""Documents of a page of a list."""

BEGINNING = 300
"""Characters of a document in a list."""

LONGEST_TEXT = 200_000
"""Characters of a document that its page shows: a long book's chapter."""

TOPICS_OF_A_DOCUMENT = 8
"""Topics whose shares the page of a document lists."""


def list_page(
    now: Snapshot, rows: NDArray[np.int64], *, topic: int | None, query: str, page: int, stale: bool
) -> str:
    """A page of a list of documents, ``rows`` all that were found."""
    start = page * PAGE
    words = query.split()
    records = now.documents.read([int(row) for row in rows[start : start + PAGE]])
    asked: dict[str, Any] = {} if topic is None else {"topic": topic}
    asked |= {"q": query} if query else {}
    return _template().render(
        _common(now, stale),
        kind="list", topic=topic, query=query, found=len(rows), start=start,
        documents=[_shown(now, record, words) for record in records],
        before=_address(**asked, page=page - 1) if page else None,
        after=_address(**asked, page=page + 1) if start + PAGE < len(rows) else None,
    )  # fmt: skip


def document_page(now: Snapshot, row: int, *, stale: bool) -> str:
    """The page of one document: whole text, facts, topics."""
    record = now.documents.read([row])[0]
    theta = record.pop("theta", None) or []
    order = sorted(range(len(theta)), key=lambda topic: -theta[topic])[:TOPICS_OF_A_DOCUMENT]
    return _template().render(
        _common(now, stale),
        kind="document",
        document=_shown(now, record, [], whole=True),
        shares=[(k, now.topics[k], now.words.percent(theta[k])) for k in order],
        before=f"/document?row={row - 1}" if row else None,
        after=f"/document?row={row + 1}" if row + 1 < len(now.documents) else None,
    )


def message_page(text: str) -> str:
    """A page of one sentence: what is wrong and what to do."""
    return _template().render(
        say=Wording().say, language="en", title="polytopic", stale=False, style=_style(),
        policy=POLICY, kind="told", told=text,
    )  # fmt: skip


def _common(now: Snapshot, stale: bool) -> dict[str, Any]:
    return {
        "say": now.words.say, "language": now.words.language, "title": now.title, "stale": stale,
        "style": _style(), "policy": POLICY, "version": now.version,
        "all": len(now.documents), "has_texts": now.documents.has_texts,
        "whole": now.documents.whole, "topics": now.topics,
    }  # fmt: skip


def _shown(
    now: Snapshot, record: dict[str, Any], words: Sequence[str], *, whole: bool = False
) -> dict[str, Any]:
    """What a page says of a document; all of it text, none of it markup."""
    topic = record["topic"]
    known = isinstance(topic, int) and 0 <= topic < len(now.topics)
    text = tidy(str(record.get("text") or "")[:LONGEST_TEXT])
    cut = len(str(record.get("text") or "")) > LONGEST_TEXT
    given = [(name, record[name]) for name in now.documents.label_columns]
    return {
        "row": record["row"],
        "id": _cell(record.get("id")),
        "date": _cell(record.get("date")),
        "url": _cell(record.get("url")),
        "link": followed(record.get("url")),
        "labels": [(_cell(name), _cell(value)) for name, value in given if value is not None],
        "topic": topic if known else None,
        "name": now.topics[topic] if known else "",
        "share": now.words.percent(float(record["share"])) if known else "",
        "terms": record.get("terms"),
        "pieces": marked(text if whole else _around(text, words), words) + [" …"] * (whole and cut),
    }


def _cell(value: Any) -> str:
    return "" if value is None else visible(str(value), LONGEST_SHOWN)


def _around(text: str, words: Sequence[str]) -> str:
    """The beginning of a text, or the stretch around the first word that was sought."""
    first = min((at for word in words if (at := _at(text, word)) >= 0), default=0)
    start = 0 if first < BEGINNING - 40 else text.rfind(" ", 0, first - 60) + 1
    end = start + BEGINNING
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def _at(text: str, word: str) -> int:
    found = re.search(re.escape(word), text, re.IGNORECASE)
    return found.start() if found else -1


def marked(text: str, words: Sequence[str]) -> list[str | tuple[str]]:
    """A text in pieces: what is one of the words, in capitals or not, stands in a tuple.

    >>> marked("Cells divide.", ["cell"])
    [('Cell',), 's divide.']
    """
    if not words:
        return [text]
    parts = re.split(f"({'|'.join(map(re.escape, words))})", text, flags=re.IGNORECASE)
    return [(part,) if place % 2 else part for place, part in enumerate(parts) if part]


def _address(**asked: Any) -> str:
    return f"/documents?{urlencode(asked)}"


@cache
def _style() -> str:
    """The style sheet of the report, and of these pages."""
    return f"{assets.page_style()}\n{_read('documents.css')}"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_read("documents.html.jinja"))


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
