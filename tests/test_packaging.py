"""What repeats the version or the dependencies says what the source says."""

from __future__ import annotations

import datetime
import re
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RELEASE = ROOT / "packaging" / "release.py"


def lowest() -> dict[str, str]:
    """Package to the lowest version that the light core may have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = {}
    for line in project["dependencies"]:
        name, _, rest = re.split(r"\s*;", line)[0].partition(">=")
        found[name.lower()] = rest
    return found


def test_every_place_has_the_version_of_the_source() -> None:
    assert runpy.run_path(str(RELEASE))["faults"]() == []


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    lines = (ROOT / "packaging" / "oldest.txt").read_text("utf-8").splitlines()
    pinned = dict(line.lower().split("==") for line in lines if not line.startswith("#"))
    assert pinned.keys() == lowest().keys()
    for name, low in lowest().items():
        at = [int(part) for part in pinned[name].split(".")]
        assert at[: len(low.split("."))] == [int(part) for part in low.split(".")], name


def test_the_conda_recipe_has_the_dependencies() -> None:
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text("utf-8")
    run = recipe.partition("  run:\n")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^    - (\S+) >=(\S+)$", run, re.MULTILINE))
    assert rows.pop("python") == "3.11"
    assert rows == lowest()


def test_a_release_writes_the_version_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ["src/polytopic/__init__.py", "CITATION.cff", "packaging/conda/recipe.yaml",
              "packaging/release.py", "CHANGELOG.md"]  # fmt: skip
    for place in places:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text((ROOT / place).read_text("utf-8"), "utf-8")
    made = runpy.run_path(str(tmp_path / "packaging" / "release.py"))
    made["release"]("9.8.7", datetime.date(2031, 2, 3))
    assert made["version"]() == "9.8.7" and made["faults"]() == []
    assert "date-released: 2031-02-03" in (tmp_path / "CITATION.cff").read_text("utf-8")
    changes = (tmp_path / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]\n\n## [9.8.7] - 2031-02-03\n" in changes
    (tmp_path / "CITATION.cff").write_text("version: 1.0.0\n")
    assert made["faults"]() == ["CITATION.cff: has version 1.0.0, the source 9.8.7"]


def test_an_older_python_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(ImportError, match=r"^polytopic needs Python ([\d.]+) or newer") as refused:
        runpy.run_path(str(ROOT / "src" / "polytopic" / "__init__.py"))
    assert "\n" not in str(refused.value)
    assert f">={re.findall(r'[0-9.]+[0-9]', str(refused.value))[0]}" == project["requires-python"]
