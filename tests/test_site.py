"""The site: every page has its place in it, and links to files that are no page lose their link."""

from __future__ import annotations

import importlib.util
import re
import runpy
import sys
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra site is not installed")
pytest.importorskip("vl_convert", reason="the extra figures is not installed")

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
    pages = [page for page in leaves(nav) if not page.startswith(("api/", "board/"))]
    docs = {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")}
    scripts = {f"notebooks/{p.stem}.md" for p in (ROOT / "notebooks").glob("[0-9]_*.py")}
    every = docs | set(HOOKS["OF_THE_REPOSITORY"]) | scripts
    assert len(pages) == len(set(pages))
    assert set(pages) == every, "add a row to the tables of docs/_site/hooks.py"


def test_every_public_name_has_its_page() -> None:
    import polytopic

    paths = [path for listed in HOOKS["api_pages"]().values() for path in listed]
    held = {path.rpartition(".")[2] for path in paths}
    assert held >= {*polytopic._NAMES, *polytopic._MODELS}
    assert len(paths) == len(set(paths))


PAGES_THERE = ("CHANGELOG.md", "cli.md", "models/lda.md", "notebooks/4_collapse.md")


class _Files:
    def get_file_from_path(self, uri: str) -> object | None:
        return uri if uri in PAGES_THERE else None


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
        ("notebooks/4_collapse.md", "[c](../docs/cli.md)", "[c](../cli.md)"),
        ("notebooks/README.md", "[n](4_collapse.py), [o](own.py)", "[n](4_collapse.md), o"),
        ("index.md", "```md\n[a](../b.md)\n```\n", "```md\n[a](../b.md)\n```\n"),
        ("index.md", "```python peer=gensim\nx\n```\n", "```python\nx\n```\n"),
        ("index.md", "![a picture](images/a.png)", "![a picture](images/a.png)"),
    ],
)
def test_links_out_of_the_docs_lead_to_a_page_or_nowhere(page: str, text: str, shown: str) -> None:
    given = HOOKS["on_page_markdown"]
    seen = "![a picture](images/a.png)\n"  # a page that has a picture gets no other
    made = given(seen + text, page=_Page(page), config=None, files=_Files())
    assert made == seen + shown


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


# ---- pictures ----------------------------------------------------------------------------------


def test_every_page_has_a_picture_that_can_be_made() -> None:
    from polytopic import registry
    from polytopic.figures.imports import rooms

    pictures, board = sys.modules["pictures"], sys.modules["board_pages"]
    made = {pictures.HOUSE, *pictures._OTHERS}
    made |= {f"part-{part}" for part in rooms()}
    made |= {f"model-{entry.name}" for entry in registry.MODELS}
    made |= {f"board-{name}" for name in board.PAGES}
    pages = leaves(HOOKS["on_config"]({"nav": None})["nav"])
    assert {HOOKS["picture_of"](page) for page in pages} <= made
    assert set(pictures.PAGES) <= set(pages), "a row of a page that is not there"
    assert HOOKS["picture_of"]("api/lda.md") == HOOKS["picture_of"]("models/lda.md") == "model-lda"
    assert HOOKS["picture_of"]("api/corpus.md") == "part-text"
    families = {entry.family for entry in registry.MODELS}
    assert families == set(sys.modules["fits"]._FAMILIES)


def test_a_picture_stands_before_the_first_section(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = sys.modules["pictures"]
    drawing = pictures.Picture("bars [of x]: 1, 2", "<svg/>", "<svg/>")
    monkeypatch.setattr(pictures, "drawing_of", lambda name: drawing)
    shown = (
        "![bars (of x): 1, 2](../assets/pictures/p-light.svg#only-light)\n"
        "![bars (of x): 1, 2](../assets/pictures/p-dark.svg#only-dark)\n"
        "\n*bars (of x).*\n"
    )
    with_picture = pictures.with_picture
    assert with_picture("# A\n\nwords\n\n## B\n", "p", "../") == f"# A\n\nwords\n\n{shown}\n## B\n"
    assert with_picture("# A\n\n::: a.B\n", "p", "../") == f"# A\n\n{shown}\n::: a.B\n"
    assert with_picture("# A\n", "p", "../") == f"# A\n\n{shown}\n"


def test_the_part_that_a_page_is_about_is_marked_once_on_white_and_on_dark() -> None:
    pictures = sys.modules["pictures"]
    found = pictures._house("text")
    assert found.light.count('class="here"') == found.dark.count('class="here"') == 1
    assert re.search(r'<rect class="here"[^>]*/><text [^>]*>text</text>', found.light)
    assert "HERE" not in found.light + found.dark and "where text stands" in found.alt
    drawn = set(re.findall(r"#[0-9a-f]{6}", pictures._house("").light))
    assert drawn == set(pictures._DARK), "a colour of the picture has none on dark"


def test_what_is_drawn_is_kept_until_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = sys.modules["pictures"]
    state = iter("abc")
    monkeypatch.setattr(pictures, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(pictures, "_state", lambda of_board: 12 * now)
    made: list[str] = []
    picture = pictures.Picture("alt", "light", "dark")
    monkeypatch.setattr(pictures, "_made", lambda name: made.append(name) or picture)
    draw = pictures.drawing_of.__wrapped__
    now = next(state)
    assert draw("house") == draw("house") == picture and made == ["house"]
    now = next(state)
    assert draw("house") == picture and made == 2 * ["house"]
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_models_are_drawn_of_what_they_found() -> None:
    from polytopic.figures.stand_in import THEMES

    fits, charts = sys.modules["fits"], sys.modules["charts"]
    told, chart = fits.of_model("lda")
    topics = [set(topic.split()) for topic in told.partition("first words ")[2].split("; ")]
    themes = [set(words.split()) for words in THEMES.values()]
    assert sorted(max(len(topic & theme) for theme in themes) for topic in topics) == [6] * 4
    light, dark = (charts.drawn(chart, scheme) for scheme in charts.SCHEMES)
    assert light.startswith("<svg") and ">topic 3<" in light and light != dark
    told, chart = fits.of_model("hope")
    assert "48 nodes in four groups" in told and ">group 3<" in charts.drawn(chart, "dark")


# ---- the board ---------------------------------------------------------------------------------


def test_pages_of_the_board_are_its_tables_and_charts() -> None:
    board, charts = sys.modules["board_pages"], sys.modules["charts"]
    for name, page in board.PAGES.items():
        text = board.page(name)
        assert text.startswith(f"# {page.heading}\n") and text.count('class="sortable"') >= 1
        assert "<svg" in charts.drawn(board.chart(name), "light")
    every = sum(line.startswith("{") for line in board.LINES.read_text("utf-8").splitlines())
    lines, fresh = re.search(r"(\d+) lines count\. (\d+) of them", board.overview()).groups()  # type: ignore[union-attr]
    assert 0 < int(fresh) < int(lines) <= every


def test_bars_show_intervals_and_where_both_are_even() -> None:
    charts = sys.modules["charts"]
    rows = [{"what": "job", "group": g, "value": v, "low": v - 1, "high": v + 1}
            for g, v in (("a", 2.0), ("b", 3.0))]  # fmt: skip
    drawn = charts.drawn(charts.bars({"ratio": rows}, zero=True, mark=1.0), "light")
    assert all(f">{word}<" in drawn for word in ("ratio", "job", "a", "b"))
    assert drawn.count("mark-rule role-mark") == 2, "intervals, and the line of evenness"


# ---- notebooks ---------------------------------------------------------------------------------


def test_a_notebook_is_a_page_of_its_cells_and_what_they_print() -> None:
    shown = sys.modules["notebook_pages"]._shown
    assert shown({"cell_type": "markdown", "source": "# A"}) == "# A"
    cell = {
        "cell_type": "code",
        "source": "print(1)\nx",
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": "\x1b[31m1\x1b[0m\n"},
            {"output_type": "stream", "name": "stderr", "text": "a warning\n"},
            {"output_type": "execute_result", "data": {"text/plain": "2"}},
        ],
    }
    assert shown(cell) == "```python\nprint(1)\nx\n```\n\n```text\n1\n2\n```"
    assert shown({**cell, "outputs": []}) == "```python\nprint(1)\nx\n```"
