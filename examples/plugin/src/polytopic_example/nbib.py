"""NBIB: what PubMed gives of the articles that a search finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from polytopic.text.formats import Format, rows_reader
from polytopic.text.formats.source import Source

_LINE = re.compile(r"^([A-Z]{2,4}) *- (.*)$")
_COLUMNS = {"PMID": "id", "TI": "title", "AB": "abstract", "DP": "date", "TA": "journal"}


def entries(source: Source) -> Iterator[dict[str, Any]]:
    """One mapping an entry; a text that goes on over lines is joined."""
    entry: dict[str, Any] = {}
    column: str | None = None
    with source.path.open(encoding=source.encoding) as file:
        for line in file:
            found = _LINE.match(line.rstrip("\n"))
            if found and found[1] == "PMID" and entry:
                yield entry
                entry = {}
            if found:
                column = _COLUMNS.get(found[1])
                if column is not None:
                    entry.setdefault(column, found[2].strip())
            elif column is not None and line.strip():
                entry[column] += " " + line.strip()
    if entry:
        yield entry


NBIB = Format((".nbib",), "an article", rows_reader(entries, "article"))
