"""The laboratory's own tools: events are counted, acted on, and what is broken is seen."""

from __future__ import annotations

import errno
import os
import signal
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("lab", reason="the laboratory is beside the source tree")

from lab.breaking.child import run_child
from lab.breaking.events import watch
from lab.breaking.files import count_events, files_of, stands


def write_well() -> None:
    """A file replaced in one step: open, write, fsync, rename."""
    with Path("part").open("wb") as file:
        file.write(b"new")
        file.flush()
        os.fsync(file.fileno())
    Path("part").replace("file")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "file").write_bytes(b"old")
    return folder


def test_events_of_files_are_counted(data: Path, tmp_path: Path) -> None:
    events, whole = count_events(write_well, data, tmp_path)
    assert events == 4
    assert files_of(whole) == {"file": b"new"}


def test_a_kill_comes_before_its_event(data: Path, tmp_path: Path) -> None:
    for event, left in ((1, None), (2, b""), (4, b"new")):
        (data / "part").unlink(missing_ok=True)

        def happen(number: int, what: str) -> None:
            if number == event:  # noqa: B023
                os.kill(os.getpid(), signal.SIGKILL)

        ended = run_child(write_well, data, tmp_path / "log", partial(watch, data, happen))
        assert ended.code == -signal.SIGKILL
        found = files_of(data)
        assert found.get("part") == left
        assert found["file"] == b"old"


@pytest.mark.parametrize("event", [1, 2, 3, 4])
def test_a_refused_event_is_an_error_of_the_system(data: Path, tmp_path: Path, event: int) -> None:
    def happen(number: int, what: str) -> None:
        if number == event:
            raise OSError(errno.ENOSPC, "No space left on device")

    ended = run_child(write_well, data, tmp_path / "log", partial(watch, data, happen))
    assert ended.crashed
    assert "No space left on device" in ended.said
    assert files_of(data)["file"] == b"old"


def test_a_mixture_of_old_and_new_does_not_stand() -> None:
    old, new = {"a": b"1", "b": b"1"}, {"a": b"2", "b": b"2", "c": b"2"}
    assert stands(old, old, new)
    assert stands(new, old, new)
    assert not stands({"a": b"1", "b": b"2"}, old, new)
    assert not stands({"a": b"1"}, old, new)
