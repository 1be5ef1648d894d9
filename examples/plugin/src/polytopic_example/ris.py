"""RIS: what reference managers (Zotero, EndNote, Mendeley) export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from polytopic.text.formats import Format, rows_reader
from polytopic.text.formats.source import Source

_LINE = re.compile(r"^([A-Z][A-Z0-9])  - ?(.*)$")
_COLUMNS = {
    "AB": "abstract", "N2": "abstract", "TI": "title", "T1": "title", "PY": "year", "Y1": "year",
    "JO": "journal", "T2": "journal", "ID": "id", "DO": "doi",
}  # fmt: skip


def entries(source: Source) -> Iterator[dict[str, Any]]:
    """One mapping an entry; a text that goes on over lines is joined."""
    entry: dict[str, Any] = {}
    column: str | None = None
    with source.path.open(encoding=source.encoding) as file:
        for line in file:
            found = _LINE.match(line.rstrip("\n"))
            if found and found[1] == "ER":
                yield entry
                entry, column = {}, None
            elif found:
                column = _COLUMNS.get(found[1])
                if column is not None:
                    entry.setdefault(column, found[2].strip())
            elif column is not None and line.strip():
                entry[column] += " " + line.strip()
    if entry:
        yield entry


RIS = Format((".ris",), "an entry", rows_reader(entries, "entry"))
