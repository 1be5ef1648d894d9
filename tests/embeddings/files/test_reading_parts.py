"""The first rows of a file, other encodings, rows on the disk, and folders of fewer bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import CheckpointError, InputError, ReadingWarning

WORDS = [f"word{i}" for i in range(40)]


@pytest.fixture
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    return pt.WordVectors(WORDS, *rng.normal(size=(2, 40, 6)).astype(np.float32))


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove", "model2vec"])
def test_the_first_rows_alone(
    vectors: pt.WordVectors, format: str, on_disk: bool, tmp_path: Path
) -> None:
    path = vectors.write(tmp_path / "v", format)
    for limit in (1, 7, 40, 41, None):
        part = pt.WordVectors.read(path, format, limit=limit, on_disk=on_disk)
        n = 40 if limit is None else min(limit, 40)
        assert list(part) == WORDS[:n]
        np.testing.assert_array_equal(part.input, vectors.input[:n])


def test_what_comes_after_the_limit_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("3 2\na 1 2\nb 3 4\nc nonsense\n", encoding="utf-8")
    assert list(pt.WordVectors.read(path, limit=2)) == ["a", "b"]
    with pytest.raises(InputError, match="row 4"):
        pt.WordVectors.read(path, limit=3)


@pytest.mark.parametrize("limit", [0, -1, True, 2.0, "3"])
def test_limits_that_are_none(vectors: pt.WordVectors, limit: Any, tmp_path: Path) -> None:
    path = vectors.write(tmp_path / "v.txt")
    with pytest.raises(InputError, match=r"limit: is .* 1 or more, or None for all"):
        pt.WordVectors.read(path, limit=limit)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gb18030", "big5"])
@pytest.mark.parametrize("binary", [False, True])
def test_words_of_other_encodings(encoding: str, binary: bool, tmp_path: Path) -> None:
    words = ["café", "thé"] if encoding in ("latin-1", "cp1252") else ["北京", "主題"]
    path = tmp_path / ("v.bin" if binary else "v.txt")
    numbers = np.array([1.5, -2.0], dtype="<f4").tobytes() if binary else b"1.5 -2\n"
    path.write_bytes(b"2 2\n" + b"".join(w.encode(encoding) + b" " + numbers for w in words))
    read = pt.WordVectors.read(path, encoding=encoding)
    assert list(read) == words
    assert read.input.tolist() == [[1.5, -2.0]] * 2
    if not binary:
        with pytest.warns(ReadingWarning, match="UTF-8"):
            assert list(pt.WordVectors.read(path)) != words


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "rot13", "none-such", "base64", "cp037"])
def test_encodings_that_hide_blanks_are_refused(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("1 1\na 1\n", encoding="utf-8")
    with pytest.raises(InputError, match="encoding: .* cannot be read by rows"):
        pt.WordVectors.read(path, encoding=encoding)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_folders_of_fewer_bytes(vectors: pt.WordVectors, dtype: str, tmp_path: Path) -> None:
    folder = vectors.save(tmp_path / "v", dtype=dtype)
    back = pt.WordVectors.load(folder)
    for name in ("input", "output"):
        given, found = getattr(vectors, name), getattr(back, name)
        assert found.dtype == np.float32
        if dtype == "int8":
            step = np.abs(given).max(axis=1, keepdims=True) / 127
            assert (np.abs(found - given) <= 0.5001 * step).all()
            assert (found != given).any()
        else:
            np.testing.assert_array_equal(found, given.astype(dtype).astype(np.float32))
    [file] = folder.glob("*.safetensors")
    n_bytes = {"float32": 4, "float16": 2, "int8": 1 + 4 / 6}[dtype] * 2 * 40 * 6 + 2 * 8 * 40
    assert n_bytes <= file.stat().st_size <= n_bytes + 700
    if dtype == "float32":
        assert isinstance(pt.WordVectors.load(folder, memory_map=True).input, np.memmap)
    else:
        with pytest.raises(CheckpointError, match="only float32 is read in place"):
            pt.WordVectors.load(folder, memory_map=True)


def test_zero_rows_stay_zero_and_large_numbers_are_refused(tmp_path: Path) -> None:
    vectors = pt.WordVectors(["nil", "big"], [[0, 0], [1e5, -1]])
    back = pt.WordVectors.load(vectors.save(tmp_path / "v", dtype="int8"))
    assert back["nil"].tolist() == [0, 0]
    with pytest.raises(InputError, match=r"beyond float16 \(65,504\)"):
        vectors.save(tmp_path / "w", dtype="float16")
    assert not (tmp_path / "w").exists()
    with pytest.raises(InputError, match="dtype: 'float64' is unknown"):
        vectors.save(tmp_path / "w", dtype="float64")


def test_a_saved_folder_is_read_whole(vectors: pt.WordVectors, tmp_path: Path) -> None:
    folder = vectors.save(tmp_path / "v")
    for options in ({"limit": 3}, {"encoding": "latin-1"}):
        with pytest.raises(InputError, match="read whole and is UTF-8"):
            pt.WordVectors.read(folder, **options)  # type: ignore[arg-type]
