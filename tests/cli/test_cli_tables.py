"""``polytopic tables``, and a run's result from Python."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_runs import Call

import polytopic as pt


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be written into."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_a_run_gives_its_result_back(finished: Path) -> None:
    result = pt.load_result(finished)
    kept = pl.read_parquet(finished / "documents.parquet")
    np.testing.assert_array_equal(np.stack(kept["theta"].to_list()), result.doc_topic)
    assert kept["id"].to_list() == list(result.ids) and kept["label"].to_list() == list(
        result.labels
    )
    assert kept["date"].to_numpy().tolist() == result.dates.tolist()
    assert kept["terms"].to_list() == result.counts.sum(axis=1).ravel().tolist()[0]
    assert result.texts is not None and all(
        text.startswith(start) for text, start in zip(result.texts, kept["text"], strict=True)
    )
    assert result.model == "DirichletVAE" and result.metrics["purity"] is not None
    assert {"seconds", "dropped", "source"} <= set(result.notes) and len(result.history) == 3
    tables = {path.stem for path in (finished / "tables").iterdir()}
    assert tables == {"topics", "documents", "over_time", "by_label", "terms", "similarity"}
    flat = pl.read_parquet(finished / "tables" / "documents.parquet")
    assert flat["topic_1"].to_list() == [row[1] for row in kept["theta"]]


def test_tables_as_csv_in_the_run_and_as_a_workbook_elsewhere(
    run: Path, tmp_path: Path, call: Call
) -> None:
    answer = call("tables", run)
    assert answer.code == 0 and "over_time.csv" in answer.err
    assert {path.suffix for path in (run / "tables").iterdir()} == {".csv"}
    book = tmp_path / "book.xlsx"
    assert call("tables", run, "-o", book, "--freq", "week").code == 0
    weeks = pl.read_excel(book, sheet_name="over_time")
    assert weeks["period"][0] == "2020-W01"
    again = call("tables", run, "-o", book)
    assert again.code == 1 and "Replace it with --force" in again.err
    assert call("tables", run, "-o", book, "--force", "--only", "topics").code == 0
    assert list(pl.read_excel(book, sheet_id=0)) == ["topics"]


def test_some_tables_in_a_folder(run: Path, tmp_path: Path, call: Call) -> None:
    folder = tmp_path / "some"
    words = ("--only", "documents", "--only", "by_label", "--no-texts", "--format", "parquet")
    assert call("tables", run, "-o", folder, *words).code == 0
    assert sorted(p.name for p in folder.iterdir()) == ["by_label.parquet", "documents.parquet"]
    assert "text" not in pl.read_parquet(folder / "documents.parquet").columns
    assert call("tables", run, "-o", folder).code == 1
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("x")
    for words, told in (
        (("-o", other, "--force"), "holds other files"),
        (("--only", "words"), "there is no"),
        (("--format", "ods"), "format: "),
        (("--freq", "fortnight"), "freq: there is no"),
    ):
        answer = call("tables", run, *words)
        assert answer.code == 1 and told in answer.err and answer.err.count("\n") == 1


def without_result(run: Path) -> None:
    """As versions left a run that kept no result."""
    for name in ("result", "tables"):
        shutil.rmtree(run / name)


def test_a_run_that_kept_no_result_is_read_from_its_file(
    run: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    before = pt.load_result(run)
    without_result(run)
    after = pt.load_result(run)
    np.testing.assert_array_equal(before.doc_topic, after.doc_topic)
    assert (before.counts != after.counts).nnz == 0 and before.metrics == after.metrics
    assert list(before.labels) == list(after.labels) and list(before.ids) == list(after.ids)
    assert call("tables", run).code == 0
    settings = (run / "run.json").read_text()
    (run / "run.json").write_text(settings.replace(str(documents), str(tmp_path / "gone.csv")))
    answer = call("tables", run)
    assert answer.code == 1 and "--source" in answer.err
    assert call("tables", run, "--source", documents).code == 0
    other = tmp_path / "other.csv"
    other.write_text("\n".join(documents.read_text().splitlines()[:40]))
    answer = call("tables", run, "--source", other)
    assert answer.code == 1 and "holds other documents" in answer.err


def test_a_result_that_was_changed_is_refused_in_one_line(run: Path, call: Call) -> None:
    arrays = next((run / "result").glob("arrays-*"))
    arrays.write_bytes(arrays.read_bytes()[:-5])
    answer = call("tables", run)
    assert answer.code == 1 and "cut short or altered" in answer.err
    assert answer.err.count("\n") == 1


def test_others_files_among_the_tables_are_never_touched(run: Path, call: Call) -> None:
    (run / "tables" / "mine.txt").write_text("x")
    answer = call("tables", run)
    assert answer.code == 1 and "holds other files (mine.txt)" in answer.err
    assert (run / "tables" / "topics.parquet").is_file()
