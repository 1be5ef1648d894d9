"""What the commands print: nothing steers a terminal, no encoding ends a run; what they write."""

from __future__ import annotations

import io
import json
import sys
import warnings
from pathlib import Path

import polars as pl
import pytest
from cli_runs import Answer, Call, write_documents

from polytopic.cli import main
from polytopic.cli._terminal import prepare_streams, tell_warnings
from polytopic.text import read

STEERING = "\x1b]0;owned\x07\x1b[2Jfile\u202e\u2066"
ODD = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "-5", "07", "7", "007", "\x1b[31m<b>"]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Documents under a name that steers a terminal, with ids that are formulas and codes."""
    plain = pl.read_csv(write_documents(tmp_path / "plain.csv"))
    ids = [ODD[row % len(ODD)] if row < 40 else f"d{row}" for row in range(len(plain))]
    path = tmp_path / f"{STEERING}.csv"
    plain.with_columns(name=pl.Series(ids), theme=pl.Series(ids)).write_csv(path)
    return path


def run_of(path: Path, output: Path) -> list[object]:
    columns = ["--text", "body", "--label", "theme", "--id", "name", "--date", "day"]
    return ["topics", path, *columns, "-k", 3, "--model", "lda", "--epochs", 5, "-o", output]


def assert_harmless(done: Answer) -> None:
    assert not {"\x1b", "\x07", "\u202e", "\u2066", "\x9b"} & set(done.out + done.err)


def test_a_run_of_hostile_names_steers_nothing_and_keeps_every_id(
    hostile: Path, tmp_path: Path, call: Call
) -> None:
    done = call(*run_of(hostile, tmp_path / "run"))
    assert done.code == 0, done.err
    assert_harmless(done)
    assert "\\x1b]0;owned" in done.err
    given = pl.read_csv(hostile.read_bytes(), infer_schema=False)["name"].to_list()
    table = pl.read_parquet(tmp_path / "run/documents.parquet")
    assert table["id"].to_list() == given and table["label"].to_list() == given
    done = call("infer", tmp_path / "run", hostile, "-o", tmp_path / "new.csv", "--id", "name")
    assert_harmless(done)
    written = pl.read_csv(tmp_path / "new.csv", infer_schema=False)["id"].to_list()
    formulas = ("=", "+c", "@", "\t")
    assert written == [f"'{id_}" if id_.startswith(formulas) else id_ for id_ in given]
    done = call("infer", tmp_path / "run", hostile, "-o", tmp_path / "new.parquet", "--id", "name")
    assert pl.read_parquet(tmp_path / "new.parquet")["id"].to_list() == given
    assert_harmless(call("topics", hostile, "--text", STEERING, "-o", tmp_path / "no"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_encoding_ends_a_run(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["漢字 größe 🙂word", "größe 漢字 мир", "мир 🙂word größe"] * 8
    path = tmp_path / "текст.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit) as stopped:
        main(["topics", str(path), "-k", "2", "--model", "lda", "--epochs", "5", "--stop-words",
              "none", "--min-df", "1", "--max-df", "1.0", "-o", str(tmp_path / "run")])  # fmt: skip
    out.flush()
    shown = out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert stopped.value.code == 0
    assert "?" in shown and ("größe" in shown) == (encoding == "cp1252")
    assert (tmp_path / "run/report.html").exists()


def test_neighbours_are_harmless_as_a_table_and_as_json(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["king", "\x1b[31mred", "a\u202eb", "[bold]größe", ":heart:"]
    rows = [f"{word} {1 + n / 10:.1f} {n / 10:.1f}" for n, word in enumerate(words)]
    path = tmp_path / "vectors.txt"
    path.write_text(f"{len(words)} 2\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = call("similar", path, "king")
    assert table.code == 0
    assert_harmless(table)
    assert "\\x1b[31mred" in table.out and "[bold]größe" in table.out and ":heart:" in table.out
    done = call("similar", path, "king", "--json")
    assert_harmless(done)
    assert {word for word, _ in json.loads(done.out)["king"]} == set(words[1:])
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    main_of = ["similar", str(path), "king", "--json"]
    with pytest.raises(SystemExit):
        main(main_of)
    out.flush()
    again = json.loads(out.buffer.getvalue())  # type: ignore[attr-defined]
    assert {word for word, _ in again["king"]} == set(words[1:])


def test_warnings_are_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        tell_warnings()
        warnings.warn(f"unseen:\n {STEERING}", UserWarning, stacklevel=1)
    told = capsys.readouterr().err
    assert told == "polytopic: unseen: \\x1b]0;owned\\x07\\x1b[2Jfile\\u202e\\u2066\n"


def test_streams_that_cannot_be_changed_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    prepare_streams()


def test_what_is_told_of_dates_reaches_stderr_and_the_report(tmp_path: Path, call: Call) -> None:
    plain = pl.read_csv(write_documents(tmp_path / "plain.csv"))
    days = [f"{row % 12 + 1:02d}.{row % 28 + 1:02d}.19" for row in range(len(plain))]
    days[:3] = ["soon", "", "01.01.2099"]
    plain.with_columns(day=pl.Series(days)).write_csv(tmp_path / "a.csv")
    done = call(*run_of(tmp_path / "a.csv", tmp_path / "run"))
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")
    for told in ("years of two digits", "in 1 of 89 documents, such as", "missing in 1 of 90",
                 "(2099-01-01): left out"):  # fmt: skip
        assert told in " ".join(done.err.split()), told
        assert told in page, told
    assert "dropped: dates" not in done.err
    assert read(tmp_path / "a.csv", text="body", date="day").dates.dtype == "datetime64[D]"
