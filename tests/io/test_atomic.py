"""Replacing a file: whole or not at all, behind links, by one process at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.io import BusyError, claimed, make_folder, replacing
from polytopic.io.locking import holds

HOLDER = """
import sys
from pathlib import Path
from polytopic.io import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def others(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_replaced_and_its_folder_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda f: (flushed.append(Path(f"/proc/self/fd/{f}").is_dir()), real(f))[1]
    )
    with replacing(tmp_path / "a.txt") as partial:
        partial.write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert flushed == [False, True]
    assert others(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_what_goes_wrong_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(type(error)), replacing(tmp_path / "a.txt") as partial:
        partial.write_text("half")
        raise error
    assert others(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "file.txt")
    with replacing(tmp_path / "link.txt") as partial:
        partial.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "file.txt").read_text() == "new"


def test_a_device_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null.csv").symlink_to("/dev/null")
    for name in ("pipe", "null.csv"):
        with pytest.raises(OSError, match="device or a pipe"), replacing(tmp_path / name):
            pass
    assert not Path("/dev/null").is_file()


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    for name in ("n" * 255, "ü" * 127):
        with replacing(tmp_path / name) as partial:
            partial.write_text(name)
        assert (tmp_path / name).read_text() == name


def test_folders_made_in_vain_are_taken_back(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        make_folder(tmp_path / "file" / "a" / "b")
    made = make_folder(tmp_path / "x" / "y")
    assert made == [tmp_path / "x" / "y", tmp_path / "x"]


def test_a_place_claimed_twice_is_held_until_both_are_done(tmp_path: Path) -> None:
    with claimed(tmp_path):
        with claimed(tmp_path):
            assert holds(tmp_path)
        assert holds(tmp_path) and others(tmp_path)
    assert not holds(tmp_path) and not others(tmp_path)


@pytest.mark.parametrize("name", ["folder", "file.txt"])
def test_a_place_is_held_by_one_process(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    place = tmp_path / name
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match=rf"another process \({holder.pid}\)"), claimed(place):
        pass
    if name == "file.txt":
        with pytest.raises(InputError, match="another process"), replacing(place):
            pass
    holder.kill()  # leaves the file of the lock, which holds nothing
    holder.communicate()
    with claimed(place), claimed(place):
        pass
    assert others(tmp_path) == ["folder"]
    assert others(tmp_path / "folder") == []
