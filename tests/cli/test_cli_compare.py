"""``polytopic compare``: a plan to tables, kept cell by cell."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from cli_runs import Call

PLAN = """seeds = 2
n_topics = 3
[corpora.news]
file = "{file}"
text = "body"
label = "theme"
[models.lda]
iterations = {passes}
"""


def test_a_plan_becomes_tables(documents: Path, tmp_path: Path, call: Call) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(file=documents.as_posix(), passes=10), encoding="utf-8")
    output = tmp_path / "found"
    answer = call("compare", plan, "-o", output)
    assert answer.code == 0 and "npmi_held_out" in answer.out and "diversity_once" in answer.out
    cells = pl.read_csv(output / "cells.csv")
    assert cells["seed"].to_list() == [0, 1] and cells["purity_held_out"].null_count() == 0
    assert {path.name for path in output.iterdir()} == {
        "cells", "cells.csv", "table.csv", "table.md", "table.tex", "comparison.html",
    }  # fmt: skip
    before = {path: path.stat().st_mtime_ns for path in (output / "cells").iterdir()}
    assert call("compare", plan, "-o", output, "-q", "--jobs", 2).code == 0
    assert before == {path: path.stat().st_mtime_ns for path in (output / "cells").iterdir()}


def test_a_plan_that_is_wrong_is_one_line(documents: Path, tmp_path: Path, call: Call) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(file=documents.as_posix(), passes="true"), encoding="utf-8")
    answer = call("compare", plan, "-o", tmp_path / "found")
    assert answer.code == 1 and answer.err.count("\n") == 1
    assert "models.lda: iterations: True cannot be used" in answer.err
    assert not (tmp_path / "found").exists()
