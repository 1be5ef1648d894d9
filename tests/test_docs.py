"""The examples of the README and the docs run, in order, page by page."""

from __future__ import annotations

import re
import runpy
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.name)
def test_examples_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if any("ProdLDA" in block or "explore" in block for block in blocks(page)):
        pytest.importorskip("torch", reason="the neural extra is not installed")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # tiny corpora are told to be tiny
        for number, block in enumerate(blocks(page), 1):
            exec(compile(block, f"{page.name}, example {number}", "exec"), names)


def test_the_readme_has_an_example() -> None:
    assert blocks(ROOT / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_models_page_is_the_registry() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_models_page.py"))
    written = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert written == made["page"](), "run python docs/make_models_page.py"
