"""``polytopic figures``: the list, one of them, and where it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Call

from polytopic.figures import FIGURES


def test_the_list_names_all_and_what_they_are_made_of(call: Call) -> None:
    done = call("figures")
    assert done.code == 0
    assert all(figure.name in done.out for figure in FIGURES)
    assert "github.com/BobXWu/ECRTM" in done.out


def test_a_figure_is_written_and_not_over_another(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("figures", "stick-breaking", "-o", "s.html")
    assert done.code == 0, done.err
    assert "alpha 10: " in done.err
    assert Path("s.html").stat().st_size > 10_000
    again = call("figures", "stick-breaking", "-o", "s.html")
    assert again.code == 1 and "--force" in again.err
    assert call("figures", "imports").code == 0
    assert Path("imports.svg").exists()


def test_a_table_is_printed_or_written(tmp_path: Path, call: Call) -> None:
    assert "Srivastava" in call("figures", "models").out
    done = call("figures", "models", "-o", tmp_path / "m.md")
    assert done.code == 0
    assert (tmp_path / "m.md").read_text().startswith("| name | class |")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("-o x.svg", "-o: means nothing without a name"),
        ("kl-directions --data .", "needs none"),
        ("kl-directions -o x.pdf", "Give -o a name in .svg or .png or .html"),
        ("ntm-collapse --data none", "no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(words: str, told: str, call: Call) -> None:
    done = call("figures", *words.split())
    assert done.code == 1
    assert told in done.err
    assert done.err.count("\n") == 1
