"""docs/adding.md to the letter: files are written, rows added, the common tests run on them."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import mutations

pytest.importorskip("torch", reason="the neural extra is not installed")

PAGE = mutations.ROOT / "docs" / "adding.md"
PIECE = re.compile(
    r"^`(?P<path>[\w./-]+)`(?:, (?P<where>in|below) `(?P<place>[^\n]+)`)?:\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
LONGEST_FILE = 40
WHOLE = [
    "tests/test_registries.py",
    "tests/estimators/test_defaults.py::test_every_number_has_its_source",
    "tests/test_docs.py::test_the_models_page_is_the_registry",
]
"""Tests of what is missing."""

TABLES = [
    "tests/test_imports.py", "tests/golden", "tests/estimators/test_topic_models.py",
    "tests/latent", "tests/topics/vae/test_vae_axes.py",
    "tests/nets/test_decoders.py", "tests/metrics/test_metric_rows.py", "tests/text/formats",
    "tests/cli/test_command_rows.py",
]  # fmt: skip
"""Tests that run over the tables, of which those cases are run that the page adds."""

OPTIONS = ["-q", "-p", "no:cacheprovider", "--tb=short"]
ADDED = [
    "plsa", "laplace-tm", "LaplaceTM", "LogisticLaplace", "tempered", "topic_quality",
    "srt", "terms",
]  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A block of the page: a new file, a row for a table, or lines for a page."""

    path: str
    where: str
    place: str
    text: str

    def put(self, root: Path) -> None:
        """Write it where the page says."""
        file = root / self.path
        if not file.exists():
            assert not self.where
            file.write_text(self.text, encoding="utf-8")
            return
        before = file.read_text(encoding="utf-8")
        if self.where == "in":
            after = with_row(before, self.place, self.text)
        elif self.where == "below":
            line = next(line for line in before.splitlines(True) if self.place in line)
            after = before.replace(line, line + self.text)
        else:
            after = before + self.text
        file.write_text(after, encoding="utf-8")


def pieces() -> list[Piece]:
    found = PIECE.finditer(PAGE.read_text(encoding="utf-8"))
    return [Piece(m["path"], m["where"] or "", m["place"] or "", m["text"]) for m in found]


def with_row(source: str, table: str, text: str) -> str:
    """The source with a row at the end of a table, and the imports before it at the top."""
    imports, _, row = text.rpartition("\n\n") if text.startswith("from ") else ("", "", text)
    body = ast.parse(source).body
    imports_of = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    targets = {
        target.id: node.end_lineno
        for node in body
        for target in getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name)
    }
    lines = source.splitlines(keepends=True)
    lines.insert(targets[table] - 1, row)
    lines.insert(imports_of[-1].end_lineno, f"{imports}\n" if imports else "")
    return "".join(lines)


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the package, its tests and docs, in which the page was followed."""
    whole = mutations.copied(mutations.ROOT, tmp_path_factory.mktemp("adding") / "polytopic")
    for piece in pieces():
        piece.put(whole)
    for script in ("docs/make_models_page.py", "tests/golden/test_losses.py"):
        done = run(whole, script)
        assert done.returncode == 0, done.stdout
    yield whole
    shutil.rmtree(whole)


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip


def test_each_of_the_six_takes_one_short_file() -> None:
    made = [piece for piece in pieces() if piece.path.startswith("src/") and not piece.where]
    assert len(made) == 6
    for piece in made:
        lines = [line for line in piece.text.splitlines() if line.strip()]
        assert len(lines) < LONGEST_FILE, piece.path
        assert not (mutations.ROOT / piece.path).exists(), f"{piece.path} is no example any more"


@pytest.mark.slow
def test_nothing_is_missing_then(added: Path) -> None:
    done = run(added, "-m", "pytest", *OPTIONS, *WHOLE)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.slow
def test_the_common_tests_hold_of_what_was_added(added: Path) -> None:
    done = run(added, "-m", "pytest", *OPTIONS, "-rA", *TABLES, "-k", " or ".join(ADDED))
    assert done.returncode == 0, done.stdout[-4000:]
    told = done.stdout.lower()
    assert [name for name in ADDED if name.lower() not in told] == []
    assert done.stdout.count("PASSED") > 90


def test_what_was_added_is_there_for_users(added: Path) -> None:
    program = (
        "import numpy as np, polytopic as pt\n"
        "counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))\n"
        "for model in (pt.PLSA, pt.LaplaceTM):\n"
        "    words = model(n_topics=2, random_state=0).fit(counts, terms=list('abcdwxyz'))\n"
        "    print(*sorted(''.join(sorted(topic)) for topic in words.top_words(4)))\n"
        "print(pt.metrics.topic_quality([['a', 'b'], ['a', 'c']], [['a', 'b', 'c'], ['d']], n=2))\n"
    )
    done = run(added, "-c", program)
    assert done.stdout.splitlines()[-3:] == ["abcd wxyz", "abcd wxyz", "0.75"], done.stdout
    (added / "film.sbv").write_text("0:00:01.000,0:00:02.000\nship and sea\n")
    found = run(added, "-m", "polytopic", "terms", "film.sbv").stdout.split("\n")
    assert sorted(found) == ["", "1 sea", "1 ship"]
