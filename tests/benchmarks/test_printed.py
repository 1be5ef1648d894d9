"""Tables that scripts print are kept by rows, and RESULTS.md shows nothing else."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
try:
    board, document, printed = (
        importlib.import_module(name) for name in ("board", "_board.document", "_board.printed")
    )
finally:
    sys.path.remove(str(BENCHMARKS))  # a benchmark is named as the package it measures

SCRIPT = """
import json, sys
print("some words")
if "markdown" in sys.argv:
    print("| model | s |\\n|---|---|\\n| lda | 1.50 |\\n| nmf |")
if "json" in sys.argv:
    for size in (1, 2):
        print(json.dumps({"size": size, "seconds": 0.25}))
if "fails" in sys.argv:
    sys.exit(3)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text(SCRIPT)
    return tmp_path / "one.py"


def keep(script: Path, *given: str, name: str = "one") -> tuple[int, list[dict[str, Any]]]:
    file = script.parent / "printed.jsonl"
    options = [part for part in given if part.startswith("--")]
    more = [part for part in given if not part.startswith("--")]
    code = board.main(["keep", name, *options, f"--file={file}", "--", str(script), *more])
    return code, printed.kept(file)


def test_a_row_that_is_printed_is_a_line(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = keep(script, "markdown")
    assert code == 0 and "| lda | 1.50 |" in capsys.readouterr().out
    assert [line["cells"] for line in lines] == [["lda", "1.50"], ["nmf", ""]]
    assert lines[0]["columns"] == ["model", "s"] and "imported" not in lines[0]
    assert lines[0]["command"] == f"python {script} markdown"
    assert {"machine", "load", "versions", "commit", "run"} <= set(lines[0])
    code, lines = keep(script, "json")
    assert [line["cells"] for line in lines[2:]] == [["1", "0.25"], ["2", "0.25"]]


def test_where_the_corpora_lie_is_no_part_of_the_command(script: Path) -> None:
    file = script.parent / "printed.jsonl"
    told = [str(script), "json", "--data", "/home/me/data", "-k", "5"]
    assert board.main(["keep", "one", f"--file={file}", "--", *told]) == 0
    assert printed.kept(file)[0]["command"] == f"python {script} json -k 5"


def test_a_table_that_is_not_told_from_others_is_asked_for(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keep(script, "markdown", "json") == (1, [])
    told = "which table is one? Name it with --table. Printed: 1: model, s; 2: size, seconds.\n"
    assert capsys.readouterr().err.endswith(told)
    assert keep(script, "markdown", "json", "--table=2")[0] == 0
    assert keep(script, "nothing", name="other")[0] == 1
    assert capsys.readouterr().err.endswith("Printed: none.\n")
    code, lines = keep(script, "markdown", "fails")
    assert code == 3 and len(lines) == 2, "of a run that failed nothing is kept"


def test_what_was_said_elsewhere_is_kept_as_imported(script: Path) -> None:
    (script.parent / "said.txt").write_text("before\n| a |\n|---|\n| 1 |\n")
    code, lines = keep(script, f"--said={script.parent / 'said.txt'}", "markdown")
    assert code == 0 and lines[0]["cells"] == ["1"] and lines[0]["imported"]


def line(cell: str, command: str = "c", **more: Any) -> dict[str, Any]:
    return {"table": "t", "columns": ["a", "b"], "cells": [cell, "1"], "command": command, **more}


def test_a_command_that_is_run_again_replaces_its_own_rows_alone() -> None:
    old = [line("x", imported=True), line("y", "other", imported=True)]
    assert printed.tables_of(old)["t"].columns == ["a †", "b"]
    assert printed.tables_of(old)["t"].rows == [["x", "1"], ["y", "1"]]
    again = [*old, line("z", run="1"), line("w", run="1")]
    assert printed.tables_of(again)["t"].columns == ["a", "b"]
    assert printed.tables_of(again)["t"].rows == [["z", "1"], ["w", "1"], ["y †", "1"]]
    assert printed.tables_of([*again, line("v", run="2")])["t"].rows == [["v", "1"], ["y †", "1"]]


def test_every_table_of_the_results_is_made_of_lines() -> None:
    text = document.RESULTS.read_text(encoding="utf-8")
    outside = re.sub(r"^<!-- board: .*?^<!-- end -->", "", text, flags=re.DOTALL | re.MULTILINE)
    typed = [row for row in outside.splitlines() if row.startswith("|")]
    assert not typed, "python benchmarks/board.py keep NAME -- SCRIPT ... keeps what it prints"
    named = set(re.findall(r"^<!-- board: printed (.*) -->$", text, re.MULTILINE))
    assert named == set(printed.tables_of(printed.kept()))


def test_a_printed_number_that_was_typed_over_is_found(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text("<!-- board: printed t -->\n<!-- end -->\n")
    kept = [line("x", run="1")]
    assert document.written(file, [], kept) == ["printed t"]
    assert document.differing(file, [], kept) == []
    file.write_text(file.read_text().replace("| 1 |", "| 2 |"))
    (told,) = document.differing(file, [], kept)
    assert "has '| x | 2 |', its lines give '| x | 1 |'" in told


def test_every_command_that_is_kept_names_a_script_that_is_there() -> None:
    for command in {entry["command"] for entry in printed.kept()}:
        for named in re.findall(r"benchmarks/(\w+\.py)", command):
            assert (BENCHMARKS / named).is_file(), command
