"""Edits of ``mutations.toml`` can still be made, and what judges them tells caught from missed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import mutations
from mutations import Edit

PACKAGE = mutations.ROOT / "src" / "polytopic"
EDITS = mutations.edits()


def test_every_edit_can_be_made() -> None:
    """Its text stands in its file once, and the tests it names are there."""
    assert [fault for edit in EDITS for fault in mutations.faults(edit)] == []


def test_there_are_edits_of_every_package() -> None:
    assert len(EDITS) >= 120
    parts = {edit.file.partition("/")[0] for edit in EDITS}
    packages = {entry.name for entry in PACKAGE.iterdir() if (entry / "__init__.py").is_file()}
    assert packages - parts == set()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"old": "no such text"}, "stands 0 times"),
        ({"old": "def "}, r"stands \d+ times"),
        ({"new": EDITS[0].old}, "changes nothing"),
        ({"file": "text/gone.py"}, "there is no text/gone.py"),
        ({"fails": ()}, "names no test"),
        ({"fails": ("text/test_corpus.py::test_gone",)}, "there is no test text/test_corpus.py"),
        ({"fails": ("text/gone.py::test_gone",)}, "there is no test text/gone.py"),
    ],
)
def test_an_edit_that_cannot_be_made_is_told(changes: dict[str, object], fault: str) -> None:
    found = list(mutations.faults(dataclasses.replace(EDITS[0], **changes)))
    assert len(found) == 1
    with pytest.raises(AssertionError, match=fault):
        raise AssertionError(found[0])


def tree(root: Path) -> Path:
    """A package of one function, and a test that minds one of its two numbers."""
    (root / "src" / "polytopic").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "src" / "polytopic" / "__init__.py").write_text("")
    (root / "src" / "polytopic" / "one.py").write_text("def pair():\n    return 1, 2\n")
    (root / "tests" / "test_one.py").write_text(
        "from polytopic.one import pair\n\n\n"
        "def test_first():\n    assert pair()[0] == 1\n\n\n"
        "def test_any():\n    assert pair()\n"
    )
    return root


@pytest.mark.parametrize(
    ("new", "fails", "expected"),
    [
        ("return 3, 2", ("test_first",), True),
        ("return 1, 3", ("test_first",), False),
        ("return 3, 2", ("test_first", "test_any"), False),  # each that is named has to fail
        ("raise SystemExit(3)", ("test_gone",), False),  # what does not run catches nothing
    ],
)
def test_an_edit_is_caught_if_each_of_its_tests_fails(
    tmp_path: Path, new: str, fails: tuple[str, ...], expected: bool
) -> None:
    whole = tree(tmp_path / "whole")
    before = (whole / "src" / "polytopic" / "one.py").read_text()
    edit = Edit("pair", "one.py", "return 1, 2", new, tuple(f"test_one.py::{n}" for n in fails))
    found, told = mutations.caught(edit, whole, tmp_path / "edited")
    assert found is expected, told
    assert (whole / "src" / "polytopic" / "one.py").read_text() == before
    assert not (tmp_path / "edited").exists()
