"""A page for every notebook: its cells, and what they print when they are run for the site.

What they print is kept below ``build/`` until a notebook, the docs that some read, or a source of
the package changes.
"""

from __future__ import annotations

import re
import runpy
from functools import cache
from pathlib import Path
from typing import Any

from digests import digest_of

__all__ = ["FOLDER", "page_of_script", "pages", "text_of"]

ROOT = Path(__file__).parent.parent.parent
FOLDER = "notebooks"
KEPT = ROOT / "build" / "site-notebooks"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Colours of a terminal, which a page does not show."""


@cache
def _run() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / FOLDER / "run.py"))


@cache
def pages() -> dict[str, str]:
    """Titles of the notebooks to their pages, in their order."""
    found = {}
    for path in _run()["notebooks"]():
        title = re.search(r"^# # (.*)$", path.read_text("utf-8"), re.MULTILINE)
        assert title is not None, f"{path.name}: begins with no title"
        found[title[1]] = f"{FOLDER}/{path.stem}.md"
    return found


def page_of_script(uri: str) -> str:
    """The page that shows a script, if it is a notebook; else the address itself."""
    page = f"{uri.removesuffix('.py')}.md"
    return page if uri.endswith(".py") and page in pages().values() else uri


def text_of(page: str) -> str:
    """The Markdown of a notebook's page; the notebook is run unless what it printed is kept."""
    import nbformat

    path = ROOT / FOLDER / f"{Path(page).stem}.py"
    folder = KEPT / f"{path.stem}-{_state()}"
    if not (folder / f"{path.stem}.ipynb").exists():
        _run()["as_cells"](path, folder)
    notebook = nbformat.read(folder / f"{path.stem}.ipynb", as_version=4)
    shown = "\n\n".join(_shown(cell) for cell in notebook.cells)
    return f"{shown}\n\nThe cells: `{FOLDER}/{path.name}`, which Jupyter opens by jupytext.\n"


@cache
def _state() -> str:
    """A digest of all that the notebooks read."""
    own = (ROOT / FOLDER).glob("*.py")
    return digest_of([*own, *(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md")])


def _shown(cell: Any) -> str:
    """A cell as Markdown: text as it stands, code with what it printed."""
    source = str(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    printed = "".join(_printed(output) for output in cell.get("outputs", [])).rstrip()
    blocks = [f"```python\n{source}\n```"]
    if printed:
        blocks.append(f"```text\n{_COLOURS.sub('', printed)}\n```")
    return "\n\n".join(blocks)


def _printed(output: Any) -> str:
    """What a cell printed or ended in, as text; warnings and progress go to the other stream."""
    if output["output_type"] == "stream":
        return str(output["text"]) if output["name"] == "stdout" else ""
    return f"{output.get('data', {}).get('text/plain', '')}\n"
