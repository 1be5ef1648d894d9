"""Tables inside a saved object: Parquet as an array of bytes, beside the other arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError, FileMissingError, PolytopicError
from polytopic.io.records import in_one_line

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ROWS_TOGETHER", "packed_table", "reading_tables", "unpacked_table"]

ROWS_TOGETHER = 16_384
"""Rows of a group of Parquet: who asks for one row reads these, some megabytes."""


def packed_table(columns: dict[str, pl.Series]) -> NDArray[np.uint8]:
    """Columns of one length as the bytes of a Parquet file."""
    import polars as pl

    buffer = BytesIO()
    pl.DataFrame(columns).write_parquet(buffer, row_group_size=ROWS_TOGETHER)
    return np.frombuffer(buffer.getbuffer(), dtype=np.uint8)


def unpacked_table(packed: NDArray[Any]) -> pl.DataFrame:
    """The table that :func:`packed_table` made.

    Raises
    ------
    ValueError
        If it is none; whatever the library below raises on damaged bytes, panics too, is told so.
    """
    import polars as pl

    try:
        return pl.read_parquet(BytesIO(packed.tobytes()))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 (a panic of the library is no Exception)
        raise ValueError(f"a table in it cannot be read: {in_one_line(error)}") from None


@contextmanager
def reading_tables(file: Path) -> Iterator[None]:
    """Whatever the library raises on a file of a run, panics too, becomes one line.

    Raises
    ------
    FileMissingError, CheckpointError
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, PolytopicError):
        raise
    except BaseException as error:  # noqa: BLE001 (a panic of the library is no Exception)
        if not file.exists():
            raise FileMissingError(f"{file}: is not there. Make the run again.") from None
        raise CheckpointError(
            f"{file}: cannot be read ({in_one_line(error)}). Restore a copy, or run again."
        ) from None
