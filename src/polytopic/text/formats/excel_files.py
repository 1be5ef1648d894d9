"""Workbooks: a document a row of one sheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from polytopic.errors import InputError
from polytopic.extras import require
from polytopic.text.dates import days_of_excel
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.delimited import header_of
from polytopic.text.formats.parquet_files import on_disk
from polytopic.text.formats.probe_child import sheets_of
from polytopic.text.formats.probing import probed
from polytopic.text.formats.source import Source

__all__ = ["read_excel"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and every file of Office that a password protects."""

_ROWS = 20_000
"""Rows turned to columns at a time: bounds what is held twice."""

_MIDNIGHT = " 00:00:00"


def read_excel(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """The rows of a sheet below its first row that is not empty; cells are read as text."""
    fastexcel = require("fastexcel", f"{source.path}: reading a workbook")
    with on_disk(source.path) as file:
        _check_protection(file, source.path)
        sheets = probed("excel", file, source.path, sheet=source.sheet)["sheets"]
        book: Any = fastexcel.read_excel(file)
        rows = _rows(book, source, sheets)
    if not rows:
        return
    names, roles = header_of(source, wanted, rows)
    body = rows[1:] if source.header else rows
    width = len(names)
    columns = {role: names.index(name) for role, name in roles.items()}
    if "date" in columns:
        _as_dates(source, body, columns["date"])
    for start in range(0, len(body), _ROWS):
        part = [row[:width] for row in body[start : start + _ROWS]]
        yield {role: [row[place] for row in part] for role, place in columns.items()}


def _as_dates(source: Source, rows: list[list[str | None]], place: int) -> None:
    """Days since 1900 that no format of the cells shows as dates, turned into dates in place."""
    dates, told = days_of_excel([row[place] for row in rows])
    source.account.notes += told
    for row, date in zip(rows, dates, strict=True):
        row[place] = date


def _check_protection(file: Path, name: Path) -> None:
    with file.open("rb") as stream:
        beginning = stream.read(8)
    if beginning == _OLE and name.suffix.lower() not in (".xls", ".zip", ".gz"):
        raise InputError(
            f"{name}: is protected by a password, or an old .xls under a new name. Save it anew "
            "without a password."
        )


def _rows(book: Any, source: Source, sheets: list[str]) -> list[list[str | None]]:
    """The rows that are not empty of the sheet that is wanted, or of the first that has any."""
    chosen = _chosen(source, sheets)
    for sheet in chosen:
        table = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
        rows = [list(row) for row in table.iter_rows() if any(row)]
        if rows or len(chosen) == 1:
            if len(sheets) > 1 and source.sheet is None:
                others = ", ".join(name for name in sheets if name != sheet)
                source.account.notes.append(
                    f'{source.path.name}: sheet "{sheet}" was read; there are also: {others} '
                    "(sheet=, --sheet)."
                )
            return _days(rows)
    return []


def _chosen(source: Source, sheets: list[str]) -> list[str]:
    found = sheets_of(sheets, source.sheet)
    if found:
        return found
    raise InputError(
        f'{source.path}: has no sheet "{source.sheet}". Sheets are: {", ".join(sheets)}. '
        "Name one with --sheet."
    )


def _days(rows: list[list[str | None]]) -> list[list[str | None]]:
    """Days without the midnight that is written after them."""
    return [
        [
            cell.removesuffix(_MIDNIGHT) if cell and cell.endswith(_MIDNIGHT) else cell
            for cell in row
        ]
        for row in rows
    ]
