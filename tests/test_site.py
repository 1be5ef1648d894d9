"""The site: every page has its place in it, and links to files that are no page lose their link."""

from __future__ import annotations

import importlib.util
import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra site is not installed")

ROOT = Path(__file__).parent.parent
HOOKS = runpy.run_path(str(ROOT / "docs" / "_site" / "hooks.py"))


def leaves(nav: list[object]) -> list[str]:
    found: list[str] = []
    for row in nav:
        assert isinstance(row, dict)
        for value in row.values():
            found += leaves(value) if isinstance(value, list) else [value]
    return found


def test_every_page_stands_in_one_place() -> None:
    nav = HOOKS["on_config"]({"nav": None})["nav"]
    pages = [page for page in leaves(nav) if not page.startswith("api/")]
    docs = {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")}
    every = docs | set(HOOKS["OF_THE_REPOSITORY"])
    assert len(pages) == len(set(pages))
    assert set(pages) == every, "add a row to the tables of docs/_site/hooks.py"


def test_every_public_name_has_its_page() -> None:
    import polytopic

    paths = [path for listed in HOOKS["api_pages"]().values() for path in listed]
    held = {path.rpartition(".")[2] for path in paths}
    assert held >= {*polytopic._NAMES, *polytopic._MODELS}
    assert len(paths) == len(set(paths))


class _Files:
    def get_file_from_path(self, uri: str) -> object | None:
        return uri if uri in ("CHANGELOG.md", "cli.md", "models/lda.md") else None


class _Page:
    def __init__(self, uri: str) -> None:
        self.file = type("F", (), {"src_uri": uri})()


@pytest.mark.parametrize(
    ("page", "text", "shown"),
    [
        ("index.md", "[changes](../CHANGELOG.md#top)", "[changes](CHANGELOG.md#top)"),
        ("models/lda.md", "[c](../../CHANGELOG.md)", "[c](../CHANGELOG.md)"),
        ("models/lda.md", "[c](../cli.md)", "[c](../cli.md)"),
        ("index.md", "[code](../src/polytopic/base.py)", "code"),
        ("index.md", "[out](https://a.b/c.md)", "[out](https://a.b/c.md)"),
        ("CHANGELOG.md", "[lda](docs/models/lda.md)", "[lda](models/lda.md)"),
        ("index.md", "```md\n[a](../b.md)\n```\n", "```md\n[a](../b.md)\n```\n"),
        ("index.md", "```python peer=gensim\nx\n```\n", "```python\nx\n```\n"),
        ("index.md", "![a picture](images/a.png)", "![a picture](images/a.png)"),
    ],
)
def test_links_out_of_the_docs_lead_to_a_page_or_nowhere(page: str, text: str, shown: str) -> None:
    given = HOOKS["on_page_markdown"]
    assert given(text, page=_Page(page), config=None, files=_Files()) == shown


DOCSTRINGS = runpy.run_path(str(ROOT / "docs" / "_site" / "docstrings.py"))
FORMULAS = """Topics of two kinds.

theta ~ Dirichlet(``alpha``)      (D, K)
w_d ~ theta

Words go on
over lines, as :class:`LDA` and :func:`~polytopic.load` do::

    x = y      as it is

h = first
  and what hangs under it

- a list
  that hangs

Parameters
----------
name : str
    What it is      in columns.

>>> one = [1,      2]
>>> two = [one,
...        one]

Notes
-----
a = b        c
"""
SHOWN = """Topics of two kinds.

```text
theta ~ Dirichlet(alpha)      (D, K)
w_d ~ theta
```

Words go on
over lines, as `LDA` and `polytopic.load` do:

    x = y      as it is

```text
h = first
  and what hangs under it
```

- a list
  that hangs

Parameters
----------
name : str
    What it is      in columns.

>>> one = [1,      2]
>>> two = [one,
...        one]

Notes
-----
```text
a = b        c
```
"""


def test_formulas_of_docstrings_keep_their_lines() -> None:
    assert DOCSTRINGS["as_markdown"](FORMULAS) == SHOWN
    assert DOCSTRINGS["as_markdown"]("One line.") == "One line."


def test_no_formula_of_a_public_class_runs_into_text() -> None:
    import inspect

    from polytopic import registry

    found = 0
    for entry in registry.MODELS:
        if entry.extra is None or importlib.util.find_spec(entry.extra):
            shown = DOCSTRINGS["as_markdown"](inspect.getdoc(registry.load_class(entry)) or "")
            outside = re.sub(r"```text\n.*?\n```|^ .*$|^>>>.*$", "", shown, flags=re.S | re.M)
            assert not re.search(r"\S {3,}\S|:\w+:`", outside), entry.name
            found += "```text" in shown
    assert found >= 8


def test_the_pages_of_the_api_are_reckoned_once() -> None:
    assert HOOKS["api_pages"]() is HOOKS["api_pages"]()
