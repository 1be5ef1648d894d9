"""Parquet: what is read, and what ends no process."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from polytopic.errors import InputError
from polytopic.text import read_documents
from polytopic.text.formats import parquet_files, probing
from polytopic.text.formats.columns import Wanted
from polytopic.text.tables import Source, table_chunks

TEXTS = [f"engine fuel brake number {n}" for n in range(12)]


def texts_of(path: Path, **options: object) -> list[str]:
    return read_documents(path, **options).texts.to_list()


def parquet(path: Path, n: int = 500) -> Path:
    columns = {"text": [f"text {i} of {n}" for i in range(n)], "label": ["a", "b"] * (n // 2)}
    pl.DataFrame(columns).write_parquet(path, compression="uncompressed")
    return path


def test_parquet_packed_and_categories(tmp_path: Path) -> None:
    plain = parquet(tmp_path / "a.parquet")
    import gzip

    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert texts_of(tmp_path / "a.parquet.gz", label="label") == texts_of(plain, text="text")
    frame = pl.DataFrame(
        {"text": pl.Series(["a", None, "b"], dtype=pl.Categorical), "n": [1, 2, 3]}
    )
    frame.write_parquet(plain)
    assert texts_of(plain) == ["a", "", "b"]


def test_damaged_parquet_ends_no_process(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", 100)
    whole = path.read_bytes()
    header = whole.index(b"text 0 of") - 40
    refused = 0
    for place in range(4, header + 36, 5):
        altered = bytearray(whole)
        altered[place] ^= 0xFF
        path.write_bytes(bytes(altered))
        try:
            assert len(texts_of(path, text="text")) == 100
        except InputError as error:
            refused += 1
            assert "\n" not in str(error) and str(error).startswith(str(path))
    assert refused


def test_a_process_that_dies_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "a.parquet", 4)
    child = tmp_path / "child.py"
    monkeypatch.setattr(probing, "_CHILD", child)
    child.write_text("import os; os.abort()")
    with pytest.raises(InputError, match="ends the process that does"):
        texts_of(path)
    child.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(probing, "LEAST_SECONDS", 0.2)
    with pytest.raises(InputError, match="takes more than 0 seconds"):
        texts_of(path)


def test_a_parquet_of_endless_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.select(pl.repeat("x", 3_000_000).alias("text")).write_parquet(path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="names 3,000,000 rows, too many for its size"):
        texts_of(path)


def test_rows_come_a_batch_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at a time as are asked for, whatever the row groups, and all of them in order."""
    monkeypatch.setattr(parquet_files, "_ROWS", 40)
    frame = pl.DataFrame({"text": [f"document {n}" for n in range(250)], "label": range(250)})
    frame.write_parquet(tmp_path / "rows.parquet", row_group_size=60)
    chunks = list(table_chunks(Source(tmp_path / "rows.parquet"), Wanted("text", "label")))
    if hasattr(pl.LazyFrame, "collect_batches"):
        assert len(chunks) > 1 and max(len(chunk["text"]) for chunk in chunks) <= 60
    for role in ("text", "label"):
        read = [value for chunk in chunks for value in chunk[role]]
        assert read == frame[role].to_list()
