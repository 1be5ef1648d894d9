"""Are the tests any good? Each edit of ``mutations.toml`` spoils the package; its tests must fail.

    python tests/mutations.py [NAME ...]

An edit names a file of the package, a text that stands in it once, what is put in its place, and
the tests that must fail then. Nothing of the working tree is changed: edits are made in copies, in
a folder for temporary files. Run by hand: all edits together take an hour and more.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = Path(__file__).with_name("mutations.toml")
COPIED = ("src", "tests", "docs", "lab", "pyproject.toml", "README.md")
LONGEST = 900
"""Seconds after which a test has not come back: what never ends is caught, as a crash is."""


@dataclass(frozen=True)
class Edit:
    """``old`` becomes ``new`` in ``file`` (below the package), and each test of ``fails`` fails."""

    name: str
    file: str
    old: str
    new: str
    fails: tuple[str, ...]

    def path(self, root: Path) -> Path:
        return root / "src" / "polytopic" / self.file

    def tests(self) -> list[str]:
        return [f"tests/{test}" for test in self.fails]


def edits(table: Path = TABLE) -> list[Edit]:
    """The rows of the table, in order."""
    rows = tomllib.loads(table.read_text(encoding="utf-8"))
    return [
        Edit(name, row["file"], row["old"], row["new"], tuple(row["fails"]))
        for name, row in rows.items()
    ]


def faults(edit: Edit, root: Path = ROOT) -> Iterator[str]:
    """Why an edit cannot be made (any more): moved code, a test that is gone."""
    path = edit.path(root)
    if not path.is_file():
        yield f"{edit.name}: there is no {edit.file}"
        return
    source = path.read_text(encoding="utf-8")
    if (found := source.count(edit.old)) != 1:
        yield f"{edit.name}: its text stands {found} times in {edit.file}"
    elif edit.old == edit.new:
        yield f"{edit.name}: changes nothing"
    else:
        ast.parse(source.replace(edit.old, edit.new))
    if not edit.fails:
        yield f"{edit.name}: names no test"
    for test in edit.fails:
        file, _, function = test.partition("::")
        place = root / "tests" / file
        if not place.is_file() or f"def {function}(" not in place.read_text(encoding="utf-8"):
            yield f"{edit.name}: there is no test {test}"


def copied(root: Path, into: Path) -> Path:
    """A copy of what the tests need, compiled kernels with it."""
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, into / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy2(root / name, into / name)
    return into


def edited(edit: Edit, whole: Path, into: Path) -> Path:
    """Another copy, of links to the first one's files, with the edit made."""
    shutil.copytree(whole, into, copy_function=os.link)
    path = edit.path(into)
    source = path.read_text(encoding="utf-8")
    path.unlink()  # the link: the file itself is the first copy's
    path.write_text(source.replace(edit.old, edit.new), encoding="utf-8")
    return into


def failing(tests: Sequence[str], tree: Path) -> tuple[set[str], str]:
    """Tests that fail in a copy (without what stands in brackets), and how pytest ended."""
    command = [sys.executable, "-m", "pytest", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
    environment = os.environ | {
        "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400",
    }  # fmt: skip
    try:
        done = subprocess.run(
            [*command, *tests], cwd=tree, env=environment, capture_output=True, text=True,
            timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return set(tests), "never ended"
    if done.returncode < 0:
        return set(tests), f"crashed by signal {-done.returncode}"
    found = re.findall(r"^(?:FAILED|ERROR) (tests/[^\s\[]+::\w+)", done.stdout, re.MULTILINE)
    ended = {0: "passed", 1: "failed"}.get(done.returncode, f"ended with {done.returncode}")
    return set(found), ended


def caught(edit: Edit, whole: Path, into: Path) -> tuple[bool, str]:
    """Whether every test it names fails, and what to tell."""
    failed, ended = failing(edit.tests(), edited(edit, whole, into))
    shutil.rmtree(into)
    left = [test for test in edit.tests() if test not in failed]
    if ended.startswith("ended") or not left:
        return not left, ended
    return False, f"not failed by {', '.join(left)}"


def main(names: Sequence[str]) -> int:
    """Make the edits one by one; 0 if all were caught."""
    rows = [edit for edit in edits() if not names or edit.name in names]
    wrong = [fault for edit in rows for fault in faults(edit)]
    wrong += [f"there is no edit {name}" for name in names if name not in {e.name for e in rows}]
    if wrong:
        print("\n".join(wrong))
        return 2
    with tempfile.TemporaryDirectory(prefix="mutations-") as place:
        whole = copied(ROOT, Path(place) / "whole")
        every = list(dict.fromkeys(test for edit in rows for test in edit.tests()))
        failed, ended = failing(every, whole)
        if failed or ended != "passed":
            print(f"without any edit, {ended}: {' '.join(sorted(failed))}")
            return 2
        n_caught = 0
        for edit in rows:
            started = time.monotonic()
            found, told = caught(edit, whole, Path(place) / "edited")
            n_caught += found
            took = time.monotonic() - started
            state = "caught" if found else "MISSED"
            print(f"{state}  {edit.name}  ({told}, {took:.0f} s)", flush=True)
    print(f"{n_caught} of {len(rows)} caught ({n_caught / len(rows):.1%})")
    return 0 if n_caught == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
