"""polytopic judge: the form of a run, written into it, anew only if asked, never over its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_runs import Call


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_the_form_lies_in_the_run_and_is_replaced_only_if_asked(run: Path, call: Call) -> None:
    assert call("judge", run).code == 0
    assert "Which word does not belong" in (run / "judge.html").read_text(encoding="utf-8")
    assert "is there already" in call("judge", run).err
    assert call("judge", run, "--force").code == 0


@pytest.mark.parametrize("name", ["report.html", "judge.html"])
def test_files_of_a_run_are_no_place_to_name(run: Path, call: Call, name: str) -> None:
    done = call("judge", run, "-o", run / name, "--force")
    assert done.code == 1
    assert "is a file of the run" in done.err
