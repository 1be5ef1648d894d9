"""Each folder of the package has its tests in the folder of the same name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polytopic

SOURCE = Path(polytopic.__file__).parent
TESTS = Path(__file__).parent

OF_THEIR_OWN = {
    "spine": "the files that lie in the package itself: counts, parameters, the machine",
    "estimators": "what holds for every estimator of the registry",
    "golden": "losses of every topic model, as they were when last looked at",
    "laboratory": "the folder lab, which lies beside the package",
    "benchmarks": "the folder benchmarks: how its corpora are fetched, and its board",
}
"""Folders of tests that mirror no folder of the package."""


def folders(root: Path, pattern: str) -> set[str]:
    """Folders that hold files of the pattern, by their names below the root."""
    found = {file.parent.relative_to(root).as_posix() for file in root.rglob(pattern)}
    return found - {"."}


def of_source(root: Path) -> set[str]:
    """Folders with code: more than an ``__init__`` that hands names on."""
    named = {file for file in root.rglob("*.py") if file.name != "__init__.py"}
    return {file.parent.relative_to(root).as_posix() for file in named} - {"."}


def test_every_folder_of_the_package_has_its_tests() -> None:
    assert sorted(of_source(SOURCE) - folders(TESTS, "test_*.py")) == []


def test_every_folder_of_tests_has_its_folder_of_the_package() -> None:
    assert sorted(folders(TESTS, "test_*.py") - of_source(SOURCE)) == sorted(OF_THEIR_OWN)


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest imports them by their names alone: the second of two is not collected."""
    special = {"__init__.py", "conftest.py"}
    counted = Counter(f.name for f in TESTS.rglob("*.py") if f.name not in special)
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_folder_without_tests_is_seen(tmp_path: Path) -> None:
    for name in ("a/one.py", "a/b/two.py", "a/c/__init__.py"):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text("")
    (tmp_path / "tests" / "a").mkdir(parents=True)
    (tmp_path / "tests" / "a" / "test_one.py").write_text("")
    source, tested = of_source(tmp_path / "src"), folders(tmp_path / "tests", "test_*.py")
    assert source - tested == {"a/b"}
