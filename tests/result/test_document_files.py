"""Tables of documents are written in parts, to what they hold when written at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from polytopic.result import document_files
from polytopic.result.document_files import remove_table, row_parts, write_csv, write_parquet

TABLE = pl.DataFrame(
    {
        "row": range(50),
        "name": [None if n % 7 else f"n{n}" for n in range(50)],
        "theta": pl.Series([[n, 1.0 - n] for n in range(50)], dtype=pl.Array(pl.Float32, 2)),
    }
)


def _of(rows: slice) -> pl.DataFrame:
    return TABLE[rows]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_files, "_ROWS", 7)
    monkeypatch.setattr(row_parts, "__defaults__", (7,))


def test_parts_are_one_file(small: None, tmp_path: Path) -> None:
    file = tmp_path / "documents.parquet"
    assert write_parquet(_of, 50, file, 16) == file and file.is_file()
    assert pl.read_parquet(file).equals(TABLE) and pl.read_parquet(file).schema == TABLE.schema
    assert [entry.name for entry in tmp_path.iterdir()] == ["documents.parquet"]


def test_too_many_documents_are_a_folder_of_parts(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "documents.parquet"
    write_parquet(_of, 50, file)
    monkeypatch.setattr(document_files, "MOST_IN_A_FILE", 20)
    for _ in range(2):  # over a file, and over a folder
        write_parquet(_of, 50, file)
        names = sorted(entry.name for entry in file.iterdir())
        assert names == [f"part-{n:05d}.parquet" for n in range(3)]
        assert pl.scan_parquet(file).collect().equals(TABLE)
        assert pl.read_parquet(file / names[2])["row"].to_list() == list(range(40, 50))
    monkeypatch.setattr(document_files, "MOST_IN_A_FILE", 50)
    write_parquet(_of, 50, file)
    assert file.is_file() and [entry.name for entry in tmp_path.iterdir()] == [file.name]


def test_what_fails_leaves_what_was_there(small: None, tmp_path: Path) -> None:
    file = tmp_path / "documents.parquet"
    write_parquet(_of, 50, file)

    def fails(rows: slice) -> pl.DataFrame:
        if rows.start > 20:
            raise pl.exceptions.ComputeError("no space\nleft")
        return _of(rows)

    with pytest.raises(OSError, match="^no space$"):
        write_parquet(fails, 50, file)
    assert pl.read_parquet(file).equals(TABLE)
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]


def test_lines_in_parts_have_one_head(small: None, tmp_path: Path) -> None:
    file, flat = tmp_path / "a.csv", TABLE.drop("theta")
    write_csv(lambda rows: flat[rows], 50, file)
    assert file.read_text(encoding="utf-8") == flat.write_csv()
    write_csv(lambda rows: flat[rows], 0, file)
    assert file.read_text(encoding="utf-8") == "row,name\n"


def test_a_table_of_either_kind_is_removed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "part").touch()
    (tmp_path / "file").touch()
    for name in ("folder", "file", "nothing"):
        remove_table(tmp_path / name)
        assert not (tmp_path / name).exists()
