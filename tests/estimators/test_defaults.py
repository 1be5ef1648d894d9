"""Every number that a model takes when none is given has its line, and its source, in the docs."""

from __future__ import annotations

import re
from pathlib import Path

from polytopic.registry import MODELS, load_class

PAGE = Path(__file__).parents[2] / "docs" / "defaults.md"
ROW = re.compile(r"^\| `(\w+)` \| (\S+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def on_the_page() -> dict[tuple[str, float], str]:
    """Where each pair of a parameter and a number comes from, all its lines together."""
    found: dict[tuple[str, float], str] = {}
    for name, number, models, source in ROW.findall(PAGE.read_text(encoding="utf-8")):
        at = name, float(number)
        found[at] = f"{found.get(at, '')} {models.strip()}: {source.strip()}."
    return found


def in_the_models() -> set[tuple[str, float]]:
    return {
        (name, float(declared.default))
        for entry in MODELS
        for name, declared in load_class(entry)._parameters.items()
        if isinstance(declared.default, (int, float)) and not isinstance(declared.default, bool)
    }


def test_every_number_has_its_source() -> None:
    assert in_the_models() - set(on_the_page()) == set()


def test_the_page_has_no_number_that_no_model_takes() -> None:
    assert set(on_the_page()) - in_the_models() == set()


def test_named_benchmarks_exist() -> None:
    named = {
        name
        for source in on_the_page().values()
        for name in re.findall(r"`benchmarks/(\w+\.py)`", source)
    }
    assert len(named) > 5
    assert {name for name in named if not (PAGE.parents[1] / "benchmarks" / name).exists()} == set()
