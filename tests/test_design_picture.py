"""The picture in docs/design.md shows the imports as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import polytopic
from polytopic.figures import imports as made

ROOT = Path(__file__).parent.parent
SOURCE = Path(polytopic.__file__).parent
PICTURE = ROOT / "docs" / "images" / "imports.svg"
EDGE = re.compile(r'data-from="(\w+)" data-to="(\w+)"')
IMPORT = re.compile(r"^\s*(?:from|import) polytopic(?:\.(\w+)| import (\([^)]*\)|[^\n#]*))", re.M)

if not PICTURE.exists():
    pytest.skip("the docs are not here", allow_module_level=True)


def drawn(text: str) -> set[tuple[str, str]]:
    return {(found[1], found[2]) for found in EDGE.finditer(text)}


def imports() -> set[tuple[str, str]]:
    """Pairs of a part and one that it imports, by the lines of its files alone."""
    rooms = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    rooms |= {"demo", "exploring"}
    pairs = set()
    for file in SOURCE.rglob("*.py"):
        part = file.relative_to(SOURCE).with_suffix("").parts[0]
        for found in IMPORT.finditer(file.read_text(encoding="utf-8")):
            names = [found[1]] if found[1] else re.findall(r"\w+", found[2])
            pairs |= {(part, name) for name in names if {part, name} <= rooms and name != part}
    return pairs


def test_the_picture_is_the_one_that_its_script_makes_now() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert text == made.picture(), "run: python docs/make_design_picture.py"


def test_its_arrows_are_the_imports() -> None:
    found = drawn(PICTURE.read_text(encoding="utf-8"))
    assert found == imports()
    assert ("topics", "latent") in found


def test_every_arrow_points_down() -> None:
    rows = made.levels(made.arrows())
    height = {part: -number for number, row in enumerate(rows) for part in row}
    assert all(height[part] > height[other] for part, other in imports())


def test_an_arrow_is_needed_where_no_longer_way_leads() -> None:
    found = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset()}
    assert made.needed(found) == {("a", "b"), ("b", "c")}
    assert made.levels(found) == [["a"], ["b"], ["c"]]
