"""What grows with the documents lies in files where a run is bounded, and holds the same."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from polytopic import scratch
from polytopic.errors import InputError

LARGE = (1 << 20, 2)


def _resident() -> int:
    """Bytes of this process that files back, its own programs among them."""
    return scratch._shared_bytes()


def test_arrays_are_in_memory_unless_bounded(tmp_path: Path) -> None:
    assert not scratch.is_bounded()
    plain = scratch.zeros(LARGE, np.float32)
    with scratch.bounded(tmp_path / "not" / "there"):
        assert scratch.is_bounded()
        filed, small = scratch.zeros(LARGE, np.float32), scratch.empty(3, np.int64)
        filed[1], plain[1] = 7.0, 7.0
    assert not scratch.is_bounded()
    assert filed.base is not None and small.base is None
    assert np.array_equal(filed, plain), "it is there for as long as somebody holds it"
    assert type(filed) is np.ndarray and filed.flags.writeable
    assert list(tmp_path.iterdir()) == [], "the file has no name"


def _falls_below(most: int) -> bool:
    """Whether what counts falls so far, within what a loaded machine may need."""
    end = time.monotonic() + 30.0
    while _resident() > most and time.monotonic() < end:
        time.sleep(0.01)
    return _resident() <= most


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say what is resident")
def test_files_are_let_go_of_and_keep_what_they_hold(tmp_path: Path) -> None:
    rows, step = 1 << 16, 1 << 12
    with scratch.bounded(tmp_path, resident=8 << 20):
        time.sleep(0.1)
        before = _resident()
        array = scratch.empty((rows, 256), np.float32)  # 64 MB
        for first in range(0, rows, step):
            array[first : first + step] = np.arange(first, first + step)[:, None]
        assert _falls_below(before + (24 << 20)), "64 MB have been written"
        assert np.array_equal(array[:, 3], np.arange(rows))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say what is resident")
def test_maps_of_files_are_let_go_of_too(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.arange(1 << 24, dtype=np.int32).tofile(file)  # 64 MB
    held = scratch.watched(np.memmap(file, np.int32, "r"))
    with scratch.bounded(tmp_path, resident=8 << 20):
        time.sleep(0.1)
        before = _resident()
        assert int(held.sum(dtype=np.int64)) == (1 << 24) * ((1 << 24) - 1) // 2
        assert _falls_below(before + (24 << 20)), "64 MB have been read"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say what is resident")
def test_a_look_lets_go_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch.look()  # outside there is nothing to let go of
    monkeypatch.setattr(scratch, "_SECONDS", 3600.0)  # the thread looks at nothing
    file = tmp_path / "a.npy"
    np.arange(1 << 24, dtype=np.int32).tofile(file)  # 64 MB
    held = scratch.watched(np.memmap(file, np.int32, "r"))
    with scratch.bounded(tmp_path, resident=8 << 20):
        scratch.look()
        before = _resident()
        assert int(held[:: 1 << 10].sum(dtype=np.int64)) > 0
        assert _resident() > before + (48 << 20)
        scratch.look()
        assert _resident() < before + (8 << 20)
        assert int(held[5]) == 5


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with scratch.bounded(tmp_path), pytest.raises(InputError, match="no room for 8 MB"):
        scratch.empty(LARGE, np.float32)
    assert not scratch.is_bounded()
