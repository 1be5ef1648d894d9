"""The table of documents as files, some documents after the other: it is never whole in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from polytopic import io
from polytopic.io.frames import ROWS_TOGETHER
from polytopic.io.leaving import cells

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MOST_IN_A_FILE", "remove_table", "row_parts", "write_csv", "write_parquet"]

_ROWS = 1 << 16
"""Documents whose theta is turned to columns at a time: at 50 topics 13 MB."""

MOST_IN_A_FILE = 1_000_000
"""Documents of one Parquet file; more are a folder of such files, which every reader of Parquet
takes for one table."""

PART = "part-{:05d}.parquet"

Make = Callable[[slice], "pl.DataFrame"]
"""The rows of some documents, as columns."""


def row_parts(rows: slice, size: int = _ROWS) -> Iterator[slice]:
    """The documents of ``rows``, ``size`` at a time; one empty part of none."""
    for first in range(rows.start, max(rows.start + 1, rows.stop), size):
        yield slice(first, min(first + size, rows.stop))


def write_parquet(make: Make, n_documents: int, target: Path, rows: int | None = None) -> Path:
    """Write the table to a file, or to a folder of parts where it has too many documents for one.

    What stands there is replaced, the file in one step. ``rows``: of a group of rows.

    Raises
    ------
    OSError
        If the system refuses.
    """
    if n_documents <= MOST_IN_A_FILE:
        if target.is_dir():
            remove_table(target)
        with io.replacing(target) as partial:
            _write_rows(make, slice(0, n_documents), partial, rows)
        return target
    folder = target.with_name(io.PARTIAL + target.name)
    remove_table(folder)
    folder.mkdir()
    try:
        for place, part in enumerate(row_parts(slice(0, n_documents), MOST_IN_A_FILE)):
            with io.replacing(folder / PART.format(place)) as partial:
                _write_rows(make, part, partial, rows)
        remove_table(target)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    io.sync_folder(target.parent)
    return target


def write_csv(make: Make, n_documents: int, path: Path) -> None:
    """Write the table as lines.

    Raises
    ------
    OSError, polars.exceptions.PolarsError
        If the system refuses.
    """
    with path.open("wb") as file:
        for part in row_parts(slice(0, n_documents)):
            cells(make(part)).write_csv(file, include_header=part.start == 0)


def remove_table(path: Path) -> None:
    """Take away a table, one file or a folder of parts, so that another may stand there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_rows(make: Make, rows: slice, path: Path, together: int | None) -> None:
    """Some documents as one file.

    Many are written in parts beside it, and those as one: polars adds no rows to a file of Parquet.
    """
    import polars as pl

    try:
        if rows.stop - rows.start <= _ROWS:
            make(rows).write_parquet(path, row_group_size=together)
            return
        folder = path.with_name(f"{io.PARTIAL}parts")
        remove_table(folder)
        folder.mkdir()
        try:
            for place, part in enumerate(row_parts(rows)):
                make(part).write_parquet(folder / PART.format(place), row_group_size=ROWS_TOGETHER)
            scan = pl.scan_parquet(folder, glob=False, low_memory=True)
            scan.sink_parquet(path, row_group_size=together, maintain_order=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error).splitlines()[0]) from None
