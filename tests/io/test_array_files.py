"""Arrays in .npy files: numbers come back, all else is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polytopic.errors import FileMissingError, InputError
from polytopic.io.array_files import read_array


@pytest.mark.parametrize("kind", ["f4", "f8", "f2", "i4"])
def test_numbers_come_back(tmp_path: Path, kind: str) -> None:
    given = np.arange(6, dtype=kind).reshape(3, 2)
    np.save(tmp_path / "a.npy", given)
    found = read_array(tmp_path / "a.npy")
    np.testing.assert_array_equal(found, given)
    assert found.dtype == given.dtype


def test_what_is_no_array_of_numbers_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "words.npy", np.array(["a"]))
    np.save(tmp_path / "whole.npy", np.zeros((100, 100)))
    (tmp_path / "short.npy").write_bytes((tmp_path / "whole.npy").read_bytes()[:400])
    (tmp_path / "text.npy").write_text("no array", encoding="utf-8")
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "a.txt").write_text("1 2", encoding="utf-8")
    np.savez(tmp_path / "packed.npy.npz", a=np.zeros(2))
    (tmp_path / "packed.npy.npz").rename(tmp_path / "packed.npy")
    for name in ("objects.npy", "short.npy", "text.npy", "empty.npy"):
        with pytest.raises(InputError, match=f"{name}: cannot be read as an array") as told:
            read_array(tmp_path / name)
        assert "\n" not in str(told.value)
    for name in ("words.npy", "packed.npy"):
        with pytest.raises(InputError, match=f"{name}: holds no numbers"):
            read_array(tmp_path / name)
    with pytest.raises(InputError, match=r"a.txt: is no .npy file"):
        read_array(tmp_path / "a.txt")
    with pytest.raises(FileMissingError):
        read_array(tmp_path / "nothing.npy")
