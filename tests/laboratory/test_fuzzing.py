"""The laboratory sees what it is there to see: a traceback, a crash, a hang, a wrong answer."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.errors import InputError

from lab.fuzzing import running, trying
from lab.fuzzing.mutating import mutant
from lab.fuzzing.running import run_target
from lab.fuzzing.target import Target

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")


def _target(read: Callable[[Path], Any]) -> Target:
    return Target("made", lambda folder: [{"a.txt": b"12345678"}], read)


def _refuses(path: Path) -> None:
    if path.read_bytes() != b"12345678":
        raise InputError("a.txt: is another. Give the one.")


def _breaks(path: Path) -> None:
    if path.read_bytes() != b"12345678":
        raise KeyError("b")


def _crashes(path: Path) -> None:
    if path.read_bytes() != b"12345678":
        ctypes.string_at(0)


def _hangs(path: Path) -> None:
    time.sleep(60)


def _swells(path: Path) -> None:
    np.ones(700 << 20, np.int8)


def test_refusals_are_no_failures() -> None:
    outcome = run_target(_target(_refuses), 50)
    assert (outcome.tried, outcome.failures) == (50, [])


def test_a_valid_input_that_is_refused_is_one() -> None:
    def refuse(path: Path) -> None:
        raise InputError("a.txt: is refused. Give another.")

    (failure,) = run_target(_target(refuse), 5).failures
    assert failure.kind == "a valid input was refused"


def test_tracebacks_are_counted_and_named() -> None:
    outcome = run_target(_target(_breaks), 20)
    assert len(outcome.failures) >= 15
    assert {failure.kind.split(" in ")[0] for failure in outcome.failures} == {"KeyError"}


def test_a_crash_ends_its_case_alone() -> None:
    outcome = run_target(_target(_crashes), 12)
    assert outcome.tried == 12
    assert len(outcome.failures) >= 8
    assert all("signal" in failure.kind for failure in outcome.failures)


def test_a_hang_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.2)
    (failure,) = run_target(_target(_hangs), 1).failures
    assert failure.kind.startswith("took more than")


def test_memory_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 60.0)
    (failure,) = run_target(_target(_swells), 1).failures
    assert failure.kind == "took too much memory"


def test_mutants_are_the_same_each_time() -> None:
    content = {"a.json": b'{"a": [1, 2], "b": {"c": "d"}}', "b.bin": bytes(range(64))}
    first = [mutant(content, list(content), (), f"x:{n}") for n in range(200)]
    again = [mutant(content, list(content), (), f"x:{n}") for n in range(200)]
    assert first == again
    assert sum(changed != content for changed in first) > 180


def test_crashers_are_kept(tmp_path: Path) -> None:
    outcome = run_target(_target(_breaks), 20, keep=tmp_path)
    kept = list(tmp_path.iterdir())
    assert len(kept) == len({failure.kind for failure in outcome.failures})
    number = int(kept[0].name.rsplit("-", 1)[1])
    case = running.make_case(_target(_breaks), [{"a.txt": b"12345678"}], number, 0)
    assert (kept[0] / "a.txt").read_bytes() == case["a.txt"]
