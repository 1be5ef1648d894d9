"""The notebooks: each runs as it is shipped, and each is told of."""

from __future__ import annotations

import ast
import importlib.util
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
RUN = runpy.run_path(str(FOLDER / "run.py"))
LIGHT = ("1_first_hour.py", "3_word2vec_to_two_matrices.py")
"""Of a few seconds each; .ci/run executes all, cell by cell."""


@pytest.mark.parametrize("name", LIGHT)
def test_it_runs_as_a_script(name: str) -> None:
    assert RUN["as_script"](FOLDER / name).strip()


def test_a_notebook_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("# %%\nraise ValueError('no such topic')\n")
    with pytest.raises(RuntimeError, match=r"bad\.py failed(?s:.*)no such topic"):
        RUN["as_script"](tmp_path / "bad.py")


@pytest.mark.skipif(
    any(importlib.util.find_spec(m) is None for m in ("jupytext", "nbclient", "ipykernel")),
    reason="the extra site is not installed",
)
def test_cells_are_executed_and_written_with_their_outputs(tmp_path: Path) -> None:
    (tmp_path / "ok.py").write_text(
        "# %%\nimport own_texts\nopen('left', 'w').close()\nprint(6 * 7)\n"
    )
    RUN["as_cells"](tmp_path / "ok.py", tmp_path / "out")
    assert "42" in (tmp_path / "out" / "ok.ipynb").read_text("utf-8")
    assert not (FOLDER / "left").exists() and not (tmp_path / "left").exists()
    (tmp_path / "bad.py").write_text("# %%\n1 / 0\n")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        RUN["as_cells"](tmp_path / "bad.py", tmp_path / "out")
    assert not (tmp_path / "out" / "bad.ipynb").exists()


def test_every_notebook_is_in_the_list_and_has_cells_and_a_title() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    paths = RUN["notebooks"]()
    assert len(paths) == 5
    for path in paths:
        text = path.read_text("utf-8")
        assert f"({path.name})" in told
        assert text.startswith("# %% [markdown]\n# # ") and "\n# %%\n" in text
        ast.parse(text)


def test_texts_that_ship_are_paragraphs_with_their_pages() -> None:
    texts, pages = runpy.run_path(str(FOLDER / "own_texts.py"))["paragraphs"]()
    assert len(texts) == len(pages) > 200 and len(set(pages)) > 20
    assert not any("```" in text or "](" in text for text in texts)
