"""The ten tasks of the docs: every command of the page's table does what it says."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from cli_runs import Call

PAGE = Path(__file__).parent.parent.parent / "docs" / "ten-tasks.md"
COMMANDS = re.findall(r"^\| \d+ \|.*\| `polytopic (.*)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_page_has_ten_commands() -> None:
    assert len(COMMANDS) == 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page(
    command: str, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    shutil.copytree(finished, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    answer = call(*shlex.split(command.replace('"..."', '"A car burns fuel"')))
    assert answer.code == 0, answer.err
    if "tables" in command:
        assert (tmp_path / "tables.xlsx").is_file() or (tmp_path / "alike/similarity.csv").is_file()
    elif "rename" in command:
        assert "Cars" in (tmp_path / "run" / "topics.csv").read_text(encoding="utf-8")
    else:
        assert answer.out.strip()
