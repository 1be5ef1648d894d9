"""Reads a binary table in a process of its own, which damaged files may end. Run as a script.

Libraries below take memory as a file asks for it; what asks for too much ends the process, and no
``except`` holds it. What this prints is a line of JSON: the columns and their kinds, or what is
wrong.

    python probe_child.py KIND FILE MOST_BYTES SHEET [COLUMN ...]
"""

from __future__ import annotations

import json
import sys
from typing import Any

TEXTS = ("String", "Categorical", "Enum")
"""Kinds of columns that hold text, as polars calls them."""

ALL_TEXTS = "*"
"""Given for a column: every column of text."""

CELL = 24
"""Bytes of a cell that holds nothing: what a lying number of rows costs."""

WORK = 4
"""Times the bound of the table itself that reading may take: pages, buffers, copies."""


OWN = 2 << 30
"""Bytes of addresses that the libraries' threads and allocators reserve for themselves; with less,
they end in an endless loop of complaints."""


def limit_memory(most: int) -> None:
    """Let this process take ``most`` bytes more than it has now, where the system can do that."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + OWN + WORK * most
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, OSError, ValueError):
        pass


def parquet(file: str, most: int, columns: list[str]) -> dict[str, Any]:
    """Columns and kinds of a Parquet file whose ``columns`` can be read."""
    import polars as pl

    limit_memory(most)
    scan = pl.scan_parquet(file, glob=False)
    schema = scan.collect_schema()
    rows = scan.select(pl.len()).collect().item()
    if rows * CELL > most:
        return {"wrong": f"it names {rows:,} rows, too many for its size"}
    if ALL_TEXTS in columns:
        columns = columns + [name for name, kind in schema.items() if str(kind).startswith(TEXTS)]
    there = [name for name in dict.fromkeys(columns) if name in schema]
    if there:
        read = pl.read_parquet(file, columns=there, glob=False)
        if read.height != rows:
            return {"wrong": f"it names {rows:,} rows and holds {read.height:,}"}
    return {"columns": {name: str(kind) for name, kind in schema.items()}}


def sheets_of(names: list[str], wanted: str | int | None) -> list[str]:
    """The sheet by name or by number from 1; all if none is named; none if there is no such."""
    if wanted is None:
        return names
    if wanted in names:
        return [str(wanted)]
    number = int(wanted) if str(wanted).isdecimal() else 0
    return names[number - 1 : number] if number else []


def excel(file: str, most: int, sheet: str) -> dict[str, Any]:
    """Names of the sheets of a workbook, after those that are wanted could be read."""
    import fastexcel

    limit_memory(most)
    book = fastexcel.read_excel(file)
    for name in sheets_of(book.sheet_names, json.loads(sheet)):
        if book.load_sheet(name, header_row=None, dtypes="string").total_height:
            break
    return {"sheets": book.sheet_names}


def main() -> None:
    """Print what was found as one line of JSON."""
    kind, file, most, sheet, *columns = sys.argv[1:]
    try:
        if kind == "parquet":
            found = parquet(file, int(most), columns)
        else:
            found = excel(file, int(most), sheet)
    except BaseException as error:  # noqa: BLE001 - a panic below is no Exception
        found = {"wrong": str(error).strip().split("\n")[0] or type(error).__name__}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
