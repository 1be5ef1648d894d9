"""The docstring corpus and the command that shows it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import signal
import subprocess
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from cli_runs import Call

import polytopic as pt
from polytopic import demo
from polytopic.errors import InputError

LONG = "A function that counts the documents of a corpus, term by term, and returns their totals."

MODULE = f'''
"""{LONG} It is part of a module that must never run."""
from pathlib import Path
Path({{marker!r}}).touch()

class Counter:
    """{LONG.replace("function", "class")} Counting goes on until all are counted.

    Parameters
    ----------
    corpus : list
        What is counted.

    >>> Counter(secret_example)
    1

    Returns
    -------
    int
    """

    def short(self):
        """Too short to be a document."""

    async def again(self):
        """{LONG} Awaited, :param corpus: the corpus with all of its many terms."""

    def same(self):
        """{LONG} Awaited, :param corpus: the corpus with all of its many terms."""
'''


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A package whose import would leave a mark, beside broken and skipped files."""
    root = tmp_path / "packages"
    (root / "counting" / "tests").mkdir(parents=True)
    (root / "counting" / "__pycache__").mkdir()
    source = MODULE.format(marker=str(tmp_path / "executed"))
    (root / "counting" / "core.py").write_text(source, encoding="utf-8")
    (root / "counting" / "__init__.py").write_text(
        f'"""{LONG} The whole package of code, told at some length."""', encoding="utf-8"
    )
    (root / "counting" / "tests" / "core.py").write_text(f'"""{LONG} Test."""', encoding="utf-8")
    (root / "counting" / "broken.py").write_text('"""Open\ndef (', encoding="utf-8")
    (root / "counting" / "latin.py").write_bytes('"""\xe9"""'.encode("latin-1"))
    (root / "test_other.py").write_text(f'"""{LONG} Another test."""', encoding="utf-8")
    return root


def test_docstrings_are_read_and_nothing_runs(packages: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = demo.docstrings([packages], n_processes=1)
    names = ["counting", "counting.core", "counting.core.Counter", "counting.core.Counter.again"]
    assert found.ids == names
    assert found.labels == ["counting"] * 4
    assert not (tmp_path / "executed").exists()


def test_docstrings_are_prose(packages: Path) -> None:
    found = demo.docstrings([packages], n_processes=1)
    text = found.texts[found.ids.index("counting.core.Counter")]
    assert "What is counted." in text
    for boilerplate in (">>>", "secret_example", "Parameters", "Returns", "----"):
        assert boilerplate not in text
    assert ":param" not in found.texts[-1]
    assert "all of its many terms" in found.texts[-1]


def test_docstrings_are_the_same_for_any_number_of_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = Path(json.__file__).parent.parent
    roots = [root / name for name in ("asyncio", "email", "json", "unittest")]
    one = demo.docstrings(roots, n_processes=1)
    monkeypatch.setattr(demo, "FEW_FILES", 0)
    monkeypatch.setattr(demo, "_parse_files", None)  # would be called in this process
    assert demo.docstrings(roots, n_processes=3) == one
    assert len(one) > 200
    assert "decoder.JSONDecoder" in one.ids


def test_the_tests_of_python_are_no_documents() -> None:
    names = {module for _, module in demo._chosen(demo.installed_folders())}
    assert any(name.startswith("email.") for name in names)
    assert not any(name.startswith(("test.", "idlelib.", "site-packages")) for name in names)


def test_caps_are_kept(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        (packages / "counting" / f"part{number:02d}.py").write_text("x = 1\n" * 50)
    everything = demo._chosen([packages])
    monkeypatch.setattr(demo, "PACKAGE_BYTES", 6_000)
    chosen = demo._chosen([packages])
    assert 0 < len(chosen) < 0.6 * len(everything)
    assert set(chosen) < set(everything)


def test_no_docstrings_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no docstrings found"):
        demo.docstrings([tmp_path])


def test_demo_makes_a_report(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    import email

    monkeypatch.setattr(demo, "installed_folders", lambda: [Path(email.__file__).parent])
    output = tmp_path / "demo"
    done = call("demo", "-k", "3", "--epochs", "2", "-o", output)
    assert done.code == 0, done.err
    assert "docstrings" in done.err
    assert "top words" in done.out
    assert "docstrings" in (output / "report.html").read_text(encoding="utf-8")
    table = pl.read_parquet(output / "documents.parquet")
    assert "message" in table["label"].to_list()
    assert json.loads((output / "metrics.json").read_text(encoding="utf-8"))["metrics"]["npmi"]


def test_the_light_core_has_a_demo_too(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else there(name)
    )
    few = demo.Docstrings(
        ["engine fuel road"] * 20 + ["cell gene copy"] * 20, ["a"] * 40, ["i"] * 40
    )
    monkeypatch.setattr(demo, "docstrings", lambda: few)
    done = call("demo", "-k", "2", "--epochs", "5", "-o", tmp_path / "run")
    assert done.code == 0, done.err
    told = "Without torch, so lda stands in for dirichlet-vae. To have that: pip install"
    assert told in done.err
    held = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert held["model"] == "LDA"


def test_what_is_compiled_beside_is_all_that_word_vectors_compile() -> None:
    from polytopic.cli.demo import _FIRST_VECTORS
    from polytopic.embeddings.kernels.deterministic import passes

    exec(_FIRST_VECTORS)
    before = {name: list(kernel.signatures) for name, kernel in kernels_of(passes)}
    assert any(before.values())
    corpus = pt.Corpus.from_texts(
        ["cells divide, engines turn, waiters smile"] * 40, min_df=1, max_df=1.0
    )
    pt.SkipGram(epochs=1, sample=0, n_threads=2, random_state=0).fit(corpus)
    assert {name: list(kernel.signatures) for name, kernel in kernels_of(passes)} == before


def kernels_of(module: ModuleType) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in vars(module).items() if hasattr(value, "signatures")]


def test_what_is_compiled_beside_ends_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    command = importlib.import_module("polytopic.cli.demo")
    monkeypatch.setattr(command, "_FIRST_VECTORS", "import time; time.sleep(600)")
    begun: list[Any] = []
    popen = subprocess.Popen

    def begin(*given: Any, **options: Any) -> Any:
        begun.append(popen(*given, **options))
        return begun[-1]

    monkeypatch.setattr(command.subprocess, "Popen", begin)
    monkeypatch.setattr(command.os, "cpu_count", lambda: 2)
    with pytest.raises(InputError), command._compiling_beside():
        raise InputError("no such folder")
    assert [child.returncode for child in begun] == [-signal.SIGTERM]
    monkeypatch.setattr(command.os, "cpu_count", lambda: 1)
    with command._compiling_beside() as compiled:
        compiled()
    assert len(begun) == 1
