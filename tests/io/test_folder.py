from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from polytopic import io
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io import folder as module
from polytopic.parameters import Real

ARRAYS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(3)}
ABOUT = {"name": "thing", "values": [1, None, "ü"]}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return io.write_folder(tmp_path / "saved", "thing", ARRAYS, ABOUT)


def test_what_was_written_is_read(saved: Path) -> None:
    arrays, about = io.read_folder(saved, "thing")
    assert about == ABOUT
    assert set(arrays) == set(ARRAYS)
    for name, value in ARRAYS.items():
        assert arrays[name].dtype == value.dtype
        assert (arrays[name] == value).all()


def test_writing_again_replaces_and_leaves_nothing_behind(saved: Path) -> None:
    io.write_folder(saved, "thing", {"a": np.zeros(2)}, {})
    arrays, about = io.read_folder(saved, "thing")
    assert list(arrays) == ["a"]
    assert about == {}
    assert len(list(saved.iterdir())) == 2


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="no such folder"):
        io.read_folder(tmp_path / "nothing", "thing")


def test_a_folder_of_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="holds no about.json"):
        io.read_folder(tmp_path, "thing")
    with pytest.raises(InputError, match=r"holds other files \(notes.txt"):
        io.write_folder(tmp_path, "thing", ARRAYS, ABOUT)


def test_another_kind_is_refused(saved: Path) -> None:
    with pytest.raises(CheckpointError, match="holds a thing, not a model"):
        io.read_folder(saved, "model")


def _arrays_file(saved: Path) -> Path:
    (file,) = saved.glob("*.safetensors")
    return file


def test_arrays_cut_short_are_refused(saved: Path) -> None:
    file = _arrays_file(saved)
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        io.read_folder(saved, "thing")


def test_arrays_altered_are_refused(saved: Path) -> None:
    file = _arrays_file(saved)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="checksum differs"):
        io.read_folder(saved, "thing")


def test_missing_arrays_are_told(saved: Path) -> None:
    _arrays_file(saved).unlink()
    with pytest.raises(CheckpointError, match="is missing"):
        io.read_folder(saved, "thing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": module.FORMAT_VERSION + 1}, "pip install --upgrade"),
        ({"format": "x"}, "pip install --upgrade"),
        ({"format": 0}, "has format 0, this version reads 1 to"),
        ({"format": True}, "has format True, this version reads 1 to"),
        ({"program": "other"}, "was not written by"),
        ({"arrays": "../../etc/passwd"}, "entries are missing"),
        ({"sha256": None}, "entries are missing"),
        ({"about": []}, "entries are missing"),
    ],
)
def test_an_altered_header_is_refused(saved: Path, change: dict, message: str) -> None:
    file = saved / "about.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(CheckpointError, match=message):
        io.read_folder(saved, "thing")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b""])
def test_a_header_cut_short_is_refused(saved: Path, content: bytes) -> None:
    (saved / "about.json").write_bytes(content)
    with pytest.raises(CheckpointError):
        io.read_folder(saved, "thing")


def test_a_full_disk_leaves_the_old_object(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device.*unchanged"):
        io.write_folder(saved, "thing", {"a": np.ones(3)}, {})
    with pytest.raises(InputError, match="No space left"):
        io.write_folder(saved.parent / "new", "thing", ARRAYS, ABOUT)
    assert not (saved.parent / "new").exists()
    arrays, about = io.read_folder(saved, "thing")
    assert about == ABOUT
    assert (arrays["a"] == ARRAYS["a"]).all()
    assert len(list(saved.iterdir())) == 2


def test_a_kill_between_the_two_files_leaves_the_old_object(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module._replace

    def killed(path: Path, content: bytes) -> None:
        if path.name == "about.json":
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(module, "_replace", killed)
    with pytest.raises(KeyboardInterrupt):
        io.write_folder(saved, "thing", {"a": np.ones(3)}, {})
    monkeypatch.undo()
    assert io.read_folder(saved, "thing")[1] == ABOUT
    io.write_folder(saved, "thing", {"a": np.ones(3)}, {})
    assert len(list(saved.iterdir())) == 2


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        io.write_folder(tmp_path / "taken", "thing", ARRAYS, ABOUT)
    assert (tmp_path / "taken").read_text() == "mine"


def test_nan_never_reaches_the_header(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        io.write_folder(tmp_path / "x", "thing", ARRAYS, {"loss": float("nan")})


def test_an_object_of_another_kind_is_not_replaced(saved: Path) -> None:
    with pytest.raises(InputError, match="holds a saved thing, which a model does not replace"):
        io.write_folder(saved, "model", ARRAYS, ABOUT)
    assert io.read_folder(saved, "thing")[1] == ABOUT


def test_a_damaged_object_is_replaced(saved: Path) -> None:
    (saved / "about.json").write_text("{")
    io.write_folder(saved, "model", ARRAYS, ABOUT)
    assert io.read_folder(saved, "model")[1] == ABOUT


def test_what_a_kill_left_is_cleaned_by_the_next_write(saved: Path) -> None:
    for name in ("arrays-0123456789ab.safetensors", "times-0123456789ab.json", ".partial-x"):
        (saved / name).write_text("left")
    io.write_folder(saved, "thing", ARRAYS, ABOUT)
    assert len(list(saved.iterdir())) == 2


def test_a_new_folder_that_was_interrupted_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(path: Path, content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        io.write_folder(tmp_path / "a" / "b", "thing", ARRAYS, ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_folder_is_checked_and_made_before_training(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(InputError, match=r"thesis\.txt"), io.holding(tmp_path / "mine"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"), io.holding(tmp_path / "file" / "x"):
        pass
    with io.holding(tmp_path / "new" / "checkpoint"):
        assert (tmp_path / "new" / "checkpoint").is_dir()
    assert not (tmp_path / "new").exists()


def test_what_a_kill_left_is_cleaned_when_the_owner_goes_on(saved: Path) -> None:
    io.write_folder(saved, "thing", ARRAYS, {"identity": {}, "history": [], "seconds": 1.0})
    whole = {entry.name for entry in saved.iterdir()}
    (saved / "arrays-0123456789ab.safetensors").write_text("left")
    constraints = {"seconds": Real(0.0)}
    io.read_checkpoint(saved, "thing", {}, about=constraints)  # another's reading changes nothing
    assert len(list(saved.iterdir())) == len(whole) + 1
    with io.holding(saved):
        io.read_checkpoint(saved, "thing", {}, about=constraints)
    assert {entry.name for entry in saved.iterdir()} == whole
