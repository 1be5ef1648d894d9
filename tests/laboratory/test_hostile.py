"""The laboratory's hostile texts find no door open, and see one that is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polytopic.cli import _terminal

from lab.experiments import hostile
from lab.hostility import doors
from lab.hostility.payloads import FILE_NAMES, PAYLOADS

FEW = ["script", "title of a terminal", "override of direction", "formula that runs", "nul",
       "half surrogate", "code with zeros", "markup without an end"]  # fmt: skip


def failures(name: str, door: str, folder: Path) -> set[str]:
    """What is wrong behind a door."""
    kinds = set()
    try:
        for right, kind, _ in doors.DOORS[door](PAYLOADS[name], folder):
            kinds |= set() if right else {kind}
    except ValueError as error:
        kinds.add(type(error).__name__)
    return kinds


@pytest.mark.parametrize("door", doors.DOORS)
@pytest.mark.parametrize("name", FEW)
def test_no_door_is_open(name: str, door: str, tmp_path: Path) -> None:
    assert failures(name, door, tmp_path) == set()


@pytest.mark.parametrize(
    ("door", "what", "open_", "name", "seen"),
    [
        ("terminal", (_terminal, "visible"), lambda text, limit=None: text, "title of a terminal",
         "steers a terminal of utf-8"),
        ("terminal", (doors, "printable_json"), lambda r, stream: json.dumps(r, ensure_ascii=False),
         "override of direction", "steers as JSON"),
        ("tables", (doors, "cells"), lambda frame: frame, "formula that runs", "a formula"),
        ("errors", (_terminal, "visible"), lambda text, limit=None: text, "title of a terminal",
         "an error steers a terminal"),
    ],
)  # fmt: skip
def test_an_open_door_is_seen(
    door: str, what: tuple, open_: object, name: str, seen: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(*what, open_)
    if "visible" in what:
        monkeypatch.setattr("polytopic.io.leaving.visible", open_)
    assert seen in failures(name, door, tmp_path)


def test_every_name_of_a_file_is_a_text() -> None:
    assert set(FILE_NAMES) <= set(PAYLOADS)
    assert hostile.SHORT
