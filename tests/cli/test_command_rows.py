"""Every command has its help, refuses what it does not know and tells in one line what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Call
from command_rows import ROWS


@pytest.mark.parametrize("name", ROWS)
def test_the_command_says_what_it_is_for(name: str, call: Call) -> None:
    found = call(name, "--help")
    assert found.code == 0
    assert f"polytopic {name}" in found.out and "--help" in found.out


@pytest.mark.parametrize("name", ROWS)
def test_the_command_refuses_options_it_does_not_know(name: str, call: Call) -> None:
    found = call(name, "--no-such-option")
    assert found.code == 2
    assert "no-such-option" in found.err


@pytest.mark.parametrize("name", ROWS)
def test_the_command_tells_in_one_line_what_is_wrong(name: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear", encoding="utf-8")
    row = ROWS[name]
    words = row.words.format(none=tmp_path / "none", full=tmp_path / "full").split()
    found = call(name, *words)
    assert found.code == row.code, found.err
    if row.code == 0:
        assert row.told in " ".join(found.out.split())
        return
    assert found.err.startswith("polytopic: ") and found.err.count("\n") == 1
    assert row.told in found.err
    assert [entry.name for entry in (tmp_path / "full").iterdir()] == ["letter.txt"]
    assert not (tmp_path / "none").exists()
