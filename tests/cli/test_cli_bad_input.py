"""Unusable input: one line that says which input, what is wrong and what to do."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Answer, Call, arguments_of

from polytopic.cli._shared import clean_option
from polytopic.errors import InputError

TEXTS = ["engine of a car", "fuel for an engine", "a car needs fuel", "cells divide"] * 9


def assert_one_line(done: Answer, *parts: str) -> None:
    """The error is one line on stderr with these parts in it, and exit code 1."""
    lines = [line for line in done.err.splitlines() if line.startswith("polytopic: ")]
    assert done.code == 1, done
    assert len(lines) == 1, done.err
    assert "Traceback" not in done.err
    assert done.err.splitlines()[-1] == lines[0]
    for part in parts:
        assert part in lines[0]


def lines_of(texts: list[str]) -> bytes:
    return "\n".join(texts).encode()


def json_lines(*records: object) -> bytes:
    return "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records).encode()


FILES = {
    "empty file": ("a.txt", b"", ["a.txt", "empty"], []),
    "no such column": (
        "a.csv",
        b"id,body\n1,some words here\n",
        ["a.csv", '"text"', "id, body", "--text"],
        ["--text", "text"],
    ),
    "bad JSON line": (
        "a.jsonl",
        json_lines({"text": "one car"}, "{broken"),
        ["a.jsonl", "line 2"],
        [],
    ),
    "cut .gz": ("a.txt.gz", gzip.compress(lines_of(TEXTS) * 50)[:-20], ["a.txt.gz"], []),
    "wrong encoding": ("a.txt", b"good line\nbad \xff\xfe line\n", ["a.txt", "line 2"], []),
    "binary": ("a.txt", bytes(range(256)) * 20, ["a.txt"], []),
    "unknown ending": ("a.docx", b"PK", ["a.docx", ".csv"], []),
    "all documents empty": ("a.csv", b'text\n""\n" "\n""\n', ["empty"], []),
    "one document": ("a.txt", b"the engine of a car burns fuel", ["one document"], []),
    "no term left": ("a.txt", lines_of(TEXTS), ["min_df"], ["--min-df", "1000"]),
    "K = 1": ("a.txt", lines_of(TEXTS), ["n_topics", "1"], ["-k", "1"]),
    "K = 0": ("a.txt", lines_of(TEXTS), ["n_topics", "0"], ["-k", "0"]),
    "K > terms": ("a.txt", lines_of(TEXTS), ["n_topics", "terms"], ["-k", "40"]),
    "epochs = 0": ("a.txt", lines_of(TEXTS), ["epochs"], ["--epochs", "0"]),
    "unknown model": ("a.txt", lines_of(TEXTS), ["nosuch", "prodlda"], ["--model", "nosuch"]),
    "unknown language": ("a.txt", lines_of(TEXTS), ["xx"], ["--language", "xx"]),
    "min_df no number": ("a.txt", lines_of(TEXTS), ["--min-df", "many"], ["--min-df", "many"]),
    "no stop word file": ("a.txt", lines_of(TEXTS), ["no.txt"], ["--stop-words", "no.txt"]),
    "no such device": ("a.txt", lines_of(TEXTS), ["device"], ["-k", "2", "--device", "abacus"]),
}


@pytest.mark.parametrize("case", FILES)
def test_one_line(case: str, tmp_path: Path, call: Call) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    name, content, parts, options = FILES[case]
    file = tmp_path / name
    file.write_bytes(content)
    done = call("topics", file, "-o", tmp_path / "run", *options)
    assert_one_line(done, *parts)
    assert not (tmp_path / "run" / "report.html").exists()


def test_missing_file_and_folder_without_texts(tmp_path: Path, call: Call) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    assert_one_line(call("topics", tmp_path / "no.csv", "-o", tmp_path / "run"), "no.csv")
    (tmp_path / "folder").mkdir()
    assert_one_line(call("topics", tmp_path / "folder", "-o", tmp_path / "run"), "folder", ".txt")
    assert not (tmp_path / "run").exists()


def test_output_that_holds_other_files_is_left_alone(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    for options in ([], ["--force"]):
        done = call(*arguments_of(documents, tmp_path), *options)
        assert_one_line(done, "holds other files", "thesis.txt", "-o")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_output_that_cannot_be_written_is_told_before_training(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert_one_line(call(*arguments_of(documents, tmp_path / "file")), "is a file")
    pytest.importorskip("torch", reason="the neural extra is not installed")
    done = call(*arguments_of(documents, tmp_path / "file" / "run"))
    assert_one_line(done, "cannot be written")


def test_an_unknown_option_is_a_usage_error(call: Call) -> None:
    done = call("topics", "x.csv", "-o", "run", "--topcs", "3")
    assert done.code == 2
    assert "--topcs" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["infer", "evaluate"])
def test_a_folder_that_is_no_run(command: str, tmp_path: Path, call: Call) -> None:
    rest = [tmp_path / "new.txt", "-o", tmp_path / "new.csv"] if command == "infer" else []
    assert_one_line(call(command, tmp_path / "no", *rest), "no such folder")
    assert_one_line(call(command, tmp_path, *rest), "no run folder")


def test_infer_refuses_before_it_works(finished: Path, tmp_path: Path, call: Call) -> None:
    new = tmp_path / "new.txt"
    new.write_text("an engine", encoding="utf-8")
    done = call("infer", finished, new, "-o", tmp_path / "out.xlsx")
    assert_one_line(done, "out.xlsx", ".csv")
    (tmp_path / "out.csv").write_text("mine", encoding="utf-8")
    assert_one_line(call("infer", finished, new, "-o", tmp_path / "out.csv"), "--force")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "mine"
    done = call("infer", finished, tmp_path / "no.csv", "-o", tmp_path / "o.csv", "--text", "body")
    assert_one_line(done, "no.csv")


def test_a_damaged_run_is_refused(finished: Path, tmp_path: Path, call: Call) -> None:
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    arrays = next((copy / "model").glob("*.safetensors"))
    arrays.write_bytes(arrays.read_bytes()[:-100])
    new = tmp_path / "new.txt"
    new.write_text("an engine", encoding="utf-8")
    done = call("infer", copy, new, "-o", tmp_path / "out.csv")
    assert_one_line(done, "cut short or altered")
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    (copy / "run.json").write_text(json.dumps({**record, "format": 99}), encoding="utf-8")
    assert_one_line(call("evaluate", copy), "format 99", "pip install --upgrade")
    (copy / "run.json").write_text("{", encoding="utf-8")
    assert_one_line(call("evaluate", copy), "run.json", "cut short")


@pytest.mark.parametrize(
    ("file", "place", "value", "told"),
    [
        ("run.json", ("settings", "columns", "text"), 0.5, "settings.columns.text is 0.5"),
        ("run.json", ("settings", "columns", "label"), [1], "settings.columns.label is a list of"),
        ("run.json", ("settings", "columns", "header"), "no", "settings.columns.header is 'no'"),
        ("run.json", ("settings", "terms", "language"), 7, "settings.terms.language is 7"),
        ("metrics.json", ("metrics", "npmi"), "high", "metrics.npmi is 'high'"),
        ("metrics.json", ("metrics", "diversity"), [0.5], "metrics.diversity is a list"),
    ],
)
def test_what_a_run_cannot_mean_is_refused(
    finished: Path, tmp_path: Path, call: Call, file: str, place: tuple[str, ...], value: Any,
    told: str,
) -> None:  # fmt: skip
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    record = json.loads((copy / file).read_text(encoding="utf-8"))
    holder = record
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = value
    (copy / file).write_text(json.dumps(record), encoding="utf-8")
    assert_one_line(call("evaluate", copy), file, told)


def test_cleaning_steps_by_name() -> None:
    assert clean_option("none") == "none" and clean_option("urls, html,") == ["urls", "html"]
    with pytest.raises(InputError, match='clean: there is no step "links"'):
        clean_option("html,links")
