"""The command line on files as people have them: options, what is told, what is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from cli_runs import Call, write_documents

LDA = ["--model", "lda", "-k", 3, "--epochs", 5]


@pytest.fixture
def semicolons(tmp_path: Path) -> Path:
    """A table with semicolons, whose texts stand in two columns."""
    table = pl.read_csv(write_documents(tmp_path / "a.csv"))
    path = tmp_path / "semicolons.csv"
    table.with_columns(Title=pl.col("theme") + " heading").write_csv(path, separator=";")
    return path


def test_several_columns_of_text_and_what_is_told(
    semicolons: Path, tmp_path: Path, call: Call
) -> None:
    run = tmp_path / "run"
    answer = call("topics", semicolons, "--text", "title", "--text", "body", *LDA, "-o", run)
    assert answer.code == 0, answer.err
    assert 'fields are read as separated by ";"' in answer.err
    assert 'Column "Title" was read for --text "title".' in answer.err
    words = pl.read_csv(run / "topics.csv").write_csv()
    assert "cars" in words and "engine" in words
    again = tmp_path / "new.csv"
    answer = call("infer", run, semicolons, "-o", again)
    assert answer.code == 0 and pl.read_csv(again).height == 90, answer.err


def test_without_a_header_from_topics_to_infer(
    semicolons: Path, tmp_path: Path, call: Call
) -> None:
    bare, run = tmp_path / "bare.txt", tmp_path / "run"
    bare.write_text(semicolons.read_text().partition("\n")[2])
    columns = ["--separator", ";", "--no-header", "--text", "column_4", "--label", "column_2"]
    answer = call("topics", bare, *columns, *LDA, "-o", run)
    assert answer.code == 0, answer.err
    assert "purity 1.000" in answer.err
    answer = call("infer", run, bare, "--separator", ";", "-o", tmp_path / "new.csv")
    assert answer.code == 0 and pl.read_csv(tmp_path / "new.csv").height == 90, answer.err


@pytest.mark.parametrize(
    "options",
    [
        ("topics", "x.csv", "-o", "run", "--date", "a", "--date", "b"),
        ("topics", "x.csv", "-o", "run", "-o", "other"),
        ("topics", "x.csv", "-o", "run", "-k", "3", "--topics", "4"),
        ("infer", "run", "x.csv", "-o", "a.csv", "--id=a", "--id=b"),
        ("embed", "x.txt", "-o", "v.txt", "--dim", "3", "--dim", "4"),
        ("sentences", "train", "x.txt", "-o", "run", "--dim", "3", "--dim", "4"),
    ],
)
def test_an_option_of_one_value_is_given_once(call: Call, options: tuple[str, ...]) -> None:
    answer = call(*options)
    assert answer.code == 2
    assert "is given 2 times and takes one value" in " ".join(answer.err.replace("│", " ").split())


def test_embed_reads_columns_and_tells(semicolons: Path, tmp_path: Path, call: Call) -> None:
    vectors = tmp_path / "v.txt"
    answer = call("embed", semicolons, "--text", "body", "--dim", 4, "--epochs", 1, "-o", vectors)
    assert answer.code == 0, answer.err
    assert 'separated by ";"' in answer.err and vectors.exists()
    text = tmp_path / "lines.txt"
    text.write_text("a b\n")
    for option in (("--text", "body"), ("--no-header",), ("--sheet", "1")):
        answer = call("embed", text, *option, "-o", tmp_path / "w.txt")
        assert answer.code == 1 and f"{option[0]}: {text} has no columns" in answer.err
