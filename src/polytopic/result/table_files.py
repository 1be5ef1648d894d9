"""The tables of a result as files: CSV, Parquet, or one workbook for Excel."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic import io
from polytopic.errors import InputError, ReadingWarning
from polytopic.extras import require
from polytopic.forking import refuse_lost_threads
from polytopic.io.leaving import cells
from polytopic.result import tables
from polytopic.result.document_files import remove_table, write_csv, write_parquet
from polytopic.result.record import Record

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FORMATS", "TableOptions", "is_table_name", "refuse_other_files", "write_tables"]

FORMATS = ("csv", "parquet", "xlsx")
WORKBOOK = "tables.xlsx"

_MOST_ROWS, _MOST_COLUMNS, _LONGEST_CELL = 1_048_575, 16_384, 32_767
"""What a sheet of Excel holds below its heads, beside each other, and in a cell."""

_EXACT = 2**53
"""Excel keeps numbers as float64."""


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """What is to be written.

    Attributes
    ----------
    only : sequence of names of tables
        By default all that the result can fill.
    texts : bool
        Whether the table of documents has their whole texts.
    freq, min_documents
        As :func:`polytopic.result.tables.over_time` takes them; ``min_documents`` of labels too.
    label : str, optional
        Which column of labels, where there are several.
    top_topics : int, optional
        Of each document its so many largest topics only, by number, with their shares.
    """

    only: Sequence[str] = ()
    texts: bool = True
    freq: str | int | None = None
    label: str | None = None
    min_documents: int = 1
    top_topics: int | None = None

    def __post_init__(self) -> None:
        for name in self.only:
            if name not in tables.TABLES:
                raise InputError(
                    f'tables: there is no "{name!s:.40}". Choose of: {", ".join(tables.TABLES)}.'
                )


def write_tables(
    result: Record,
    path: str | Path,
    *,
    format: str | None = None,
    options: TableOptions | None = None,
) -> list[Path]:
    """Write tables to a folder, one file each, or to one workbook; the files written.

    Parameters
    ----------
    result : Record
    path : str or Path
        A folder, which is made, or a name that ends in .xlsx. Tables that stand there are replaced.
    format : {"csv", "parquet", "xlsx"}, optional
        Of a folder's files, csv by default; xlsx is one workbook in it.
    options : TableOptions, optional

    Raises
    ------
    InputError
        If there is no such format, the folder holds other files, it cannot be written, or a table
        is too large for Excel.
    """
    target = Path(path)
    book = target.suffix.lower() == ".xlsx"
    format = format or ("xlsx" if book else "csv")
    if format not in FORMATS or (book and format != "xlsx"):
        raise InputError(
            f'format: "{format!s:.40}" does not fit {target}. Choose one of: {", ".join(FORMATS)}; '
            "a name in .xlsx is a workbook."
        )
    refuse_lost_threads("tables")
    if format == "xlsx":
        require("xlsxwriter", "Writing a workbook")
    if not book:
        refuse_other_files(target)
    chosen = options or TableOptions()
    made = _made(result, chosen, whole=format == "xlsx")
    if format == "xlsx":
        made = {n: _for_excel(n, table) for n, table in made.items() if table is not None}
    try:
        if book:
            return [_write(target, lambda part: _write_book(made, part))]
        io.make_folder(target)
        return _write_folder(made, target, format, result, chosen)
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). Free some space or name "
            "another place."
        ) from None


def is_table_name(name: str) -> bool:
    """Whether a file of this name is a table that :func:`write_tables` wrote."""
    stem, _, ending = name.rpartition(".")
    known = stem in tables.TABLES and ending in ("csv", "parquet")
    return known or name == WORKBOOK or name.startswith(io.PARTIAL)


def refuse_other_files(folder: Path) -> None:
    """Refuse a folder that holds anything but tables.

    Raises
    ------
    InputError
    """
    io.refuse_foreign(folder, is_table_name, "Name a new folder for the tables.")


def _made(result: Record, options: TableOptions, *, whole: bool) -> dict[str, pl.DataFrame | None]:
    """The tables asked for; where none is named, those that the result has columns for.

    ``whole``: the table of documents too, of which there is None otherwise: it is written in parts.
    """
    makers: dict[str, Callable[[], pl.DataFrame | None]] = {
        "topics": lambda: tables.topics(result),
        "documents": lambda: (
            _document_rows(result, options)(slice(0, result.n_documents)) if whole else None
        ),
        "over_time": lambda: tables.over_time(result, options.freq, options.min_documents),
        "by_label": lambda: tables.by_label(result, options.label, options.min_documents),
        "terms": lambda: tables.terms(result),
        "similarity": lambda: tables.similarity(result),
    }
    if options.only:
        return {name: makers[name]() for name in dict.fromkeys(options.only)}
    lacking = set() if tables.has_labels(result) else {"by_label"}
    lacking |= set() if tables.has_dates(result) else {"over_time"}
    return {name: make() for name, make in makers.items() if name not in lacking}


def _document_rows(result: Record, options: TableOptions) -> Callable[[slice], pl.DataFrame]:
    return tables.document_rows(result, texts=options.texts, top_topics=options.top_topics)


def _write_folder(
    made: dict[str, Any], target: Path, format: str, result: Record, options: TableOptions
) -> list[Path]:
    with io.claimed(target):
        if format == "xlsx":
            written = [_write(target / WORKBOOK, lambda part: _write_book(made, part))]
        else:
            written = [
                _write(target / f"{name}.{format}", partial(_write_one, table, format))
                if table is not None
                else _write_documents(target / f"{name}.{format}", format, result, options)
                for name, table in made.items()
            ]
        for entry in target.iterdir():  # of another format, or of what the result had before
            mine = is_table_name(entry.name) and not entry.name.startswith(io.PARTIAL)
            if mine and entry not in written:
                remove_table(entry)
    return written


def _write(target: Path, write: Callable[[Path], object]) -> Path:
    import polars as pl

    with io.replacing(target) as part:
        try:
            write(part)
        except pl.exceptions.PolarsError as error:
            raise OSError(str(error).splitlines()[0]) from None
    return target


def _write_documents(target: Path, format: str, result: Record, options: TableOptions) -> Path:
    rows = _document_rows(result, options)
    if format == "parquet":
        return write_parquet(rows, result.n_documents, target)
    return _write(target, lambda part: write_csv(rows, result.n_documents, part))


def _write_one(table: pl.DataFrame, format: str, path: Path) -> None:
    if format == "csv":
        cells(table).write_csv(path)
    else:
        table.write_parquet(path)


# ---- Excel ---------------------------------------------------------------------------------------


def _for_excel(name: str, table: pl.DataFrame) -> pl.DataFrame:
    """A table whose every cell Excel holds: long texts cut, long numbers and old dates as text.

    Raises
    ------
    InputError
        If it has more rows or columns than a sheet.
    """
    import polars as pl

    if table.height > _MOST_ROWS or table.width > _MOST_COLUMNS:
        raise InputError(
            f"{name}: {table.height:,} rows and {table.width:,} columns do not fit a sheet of "
            f"Excel ({_MOST_ROWS:,} and {_MOST_COLUMNS:,}). Write CSV or Parquet."
        )
    table = cells(table)
    texts = [column for column, kind in table.schema.items() if kind == pl.String]
    long = table.select(pl.col(texts).str.len_chars() > _LONGEST_CELL).sum() if texts else None
    n_cut = 0 if long is None else sum(long.row(0)[n] or 0 for n in range(long.width))
    if n_cut:
        warnings.warn(
            f"{name}: {n_cut:,} texts are cut to {_LONGEST_CELL:,} characters, the most that a "
            "cell of Excel holds. CSV and Parquet hold them whole.",
            ReadingWarning,
            stacklevel=4,
        )
    old, huge = [], []
    for column, kind in table.schema.items():
        if kind in (pl.Date, pl.Datetime) and (table[column].dt.year() < 1900).any():
            old.append(column)
        if kind == pl.Int64 and (table[column].abs() > _EXACT).any():
            huge.append(column)
    return table.with_columns(
        pl.col(texts).str.slice(0, _LONGEST_CELL), pl.col([*old, *huge]).cast(pl.String)
    )


def _write_book(made: dict[str, Any], path: Path) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(path, options) as book:
        for name, table in made.items():
            sheet = book.add_worksheet(name)
            table.write_excel(
                book, sheet, freeze_panes=(1, 0), include_header=True, float_precision=4
            )
