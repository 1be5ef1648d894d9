"""Parquet: a document a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from polytopic.errors import InputError
from polytopic.io.packed import packing_of
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.probe_child import ALL_TEXTS, TEXTS
from polytopic.text.formats.probing import probed
from polytopic.text.formats.source import Source
from polytopic.text.streams import byte_chunks

if TYPE_CHECKING:
    import polars as pl

__all__ = ["on_disk", "read_parquet"]

_ROWS = 20_000
"""Rows that are in memory at a time."""


@contextmanager
def on_disk(path: Path) -> Iterator[Path]:
    """The file itself, or a copy of it unpacked for the time of reading."""
    if not packing_of(path):
        yield path
        return
    with TemporaryDirectory(prefix="polytopic-") as folder:
        copy = Path(folder, "unpacked")
        with copy.open("wb") as file:
            file.writelines(byte_chunks(path))
        yield copy


def read_parquet(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """The columns that are wanted, as polars reads them."""
    with on_disk(source.path) as file:
        yield from _read(file, source, wanted)


def _read(file: Path, source: Source, wanted: Wanted) -> Iterator[Chunk]:
    import polars as pl

    path = source.path
    try:
        tried = list(wanted.named().values()) + ([] if wanted.text else [ALL_TEXTS])
        kinds = probed("parquet", file, path, columns=tried)["columns"]
        textual = [name for name, kind in kinds.items() if kind.startswith(TEXTS)]
        roles = wanted.resolve(path, list(kinds), textual, source.account)
        for role, name in roles.items():
            if role.startswith("text") and not kinds[name].startswith(TEXTS):
                raise InputError(
                    f'{path}: column "{name}" holds {kinds[name]}, not text. Text columns are: '
                    f"{', '.join(textual) or 'none'}. Name one with --text."
                )
        tried += textual if ALL_TEXTS in tried else []
        unread = [name for name in roles.values() if name not in tried]
        if unread:
            probed("parquet", file, path, columns=unread)
        texts = {role for role in roles if role.startswith("text")}
        for table in _tables(file, list(dict.fromkeys(roles.values()))):
            yield {
                role: table[name].cast(pl.String) if role in texts else table[name]
                for role, name in roles.items()
            }
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(f"{path}: cannot be read as parquet ({reason}). Write it again.") from None


def _tables(file: Path, columns: list[str]) -> Iterator[pl.DataFrame]:
    """The rows of some columns, a batch at a time where polars can (from 1.34 on), else at once."""
    import polars as pl

    if hasattr(pl.LazyFrame, "collect_batches"):
        scan = pl.scan_parquet(file, glob=False).select(columns)
        yield from scan.collect_batches(chunk_size=_ROWS)
    else:
        yield pl.read_parquet(file, columns=columns, glob=False)
