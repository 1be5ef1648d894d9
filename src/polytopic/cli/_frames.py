"""Tables that commands write, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polytopic.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["write_frame"]


def write_frame(frame: pl.DataFrame, output: Path) -> None:
    """Write a table as .csv or .parquet.

    Raises
    ------
    InputError
        If it cannot be written; what was there before is unchanged.
    """
    import polars as pl

    from polytopic import io
    from polytopic.io.leaving import cells

    try:
        with io.replacing(output) as partial:
            if output.suffix == ".csv":
                cells(frame).write_csv(partial)
            else:
                frame.write_parquet(partial)
    except (OSError, pl.exceptions.PolarsError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(
            f"{output}: cannot be written ({reason}). Free some space or choose another folder."
        ) from None
