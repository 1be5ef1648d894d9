"""Arrays written piece by piece are the file that safetensors itself makes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors import numpy as whole

from polytopic import io
from polytopic.io import tensors

RNG = np.random.default_rng(0)
ARRAYS = {
    "b": RNG.random((3, 4)).astype(np.float32),
    "a": RNG.integers(0, 9, (2, 5)),
    "é/x": np.arange(3, dtype=np.uint8),
    "none": np.zeros((0, 3), np.int32),
    "turned": RNG.random((4, 6)).astype(np.float32).T,
    "topics": np.arange(4, dtype=np.uint16),
    "wide": RNG.random(7),
    "flag": np.array([True, False]),
    "other end": np.arange(5, dtype=">i4"),
}


def test_the_bytes_are_those_of_safetensors(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {
        name: np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        for name, array in ARRAYS.items()
    }
    expected = whole.save(plain)
    for piece in (tensors._PIECE, 5, 64):
        monkeypatch.setattr(tensors, "_PIECE", piece)
        assert b"".join(bytes(part) for part in tensors.pieces(ARRAYS)) == expected


def test_a_folder_is_written_without_a_second_copy(tmp_path: Path) -> None:
    array = np.ones((40, 1 << 18), np.float32)
    tracemalloc.start()
    try:
        io.write_folder(tmp_path / "saved", "rows", {"rows": array}, {})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < array.nbytes / 8
    found, _ = io.read_folder(tmp_path / "saved", "rows")
    assert np.array_equal(found["rows"], array)


def test_a_folder_is_read_without_a_second_copy(tmp_path: Path) -> None:
    array = np.ones((40, 1 << 18), np.float32)
    io.write_folder(tmp_path / "saved", "rows", {"rows": array}, {})
    tracemalloc.start()
    try:
        found, _ = io.read_folder(tmp_path / "saved", "rows")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(found["rows"], array)
    assert peak < array.nbytes * 3 / 2  # a byte an entry says whether it is finite


def test_what_is_read_is_what_safetensors_reads(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    tensors.write_pieces(ARRAYS, file)
    found, expected = tensors.read_pieces(file), whole.load(file.read_bytes())
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and found[name].flags.writeable
        np.testing.assert_array_equal(found[name], array)


def test_what_is_no_whole_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    tensors.write_pieces(ARRAYS, file)
    content = file.read_bytes()
    for damaged in (b"", content[:5], content[:-1], content + b"1", b"\xff" * 8 + content[8:]):
        file.write_bytes(damaged)
        with pytest.raises(SafetensorError):
            tensors.read_pieces(file)
