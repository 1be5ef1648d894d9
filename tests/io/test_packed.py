"""Packed files: each unpacked alike, within a bound, and refused in one line that is true."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from polytopic.errors import FileMissingError, InputError
from polytopic.io import packed
from polytopic.io.packed import open_unpacked, packed_writer, unpacked_ending

TEXT = b"".join(b"line %d holds %d words\n" % (n, n * n) for n in range(20_000))


def zipped(data: bytes, **members: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", data)
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def zstd(data: bytes) -> bytes:
    return packed._zstd().compress(data)


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
    ".zip": zipped,
}


@pytest.mark.parametrize("ending", PACK)
def test_what_is_packed_is_read_as_it_was(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.csv{ending}"
    path.write_bytes(PACK[ending](TEXT))
    assert unpacked_ending(path) == ".csv"
    with open_unpacked(path) as stream:
        assert stream.readline() == b"line 0 holds 0 words\n"
        assert stream.read(4) == b"line"
        assert len(stream.read()) == len(TEXT) - 25


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_joined_files_are_read_one_after_the_other(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.txt{ending}"
    path.write_bytes(PACK[ending](b"one\n") + PACK[ending](b"two\n"))
    with open_unpacked(path) as stream:
        assert stream.read() == b"one\ntwo\n"


@pytest.mark.parametrize("ending", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_what_is_written_is_read_and_always_the_same(tmp_path: Path, ending: str) -> None:
    written = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.txt{ending}"
        with path.open("wb") as raw, packed_writer(raw, path) as stream:
            stream.write(TEXT)
        written.append(path.read_bytes())
        with open_unpacked(path) as back:
            assert back.read() == TEXT
    assert written[0] == written[1]
    assert (len(written[0]) < len(TEXT) / 2) == bool(ending)
    with pytest.raises(InputError, match=r"\.zip is not written.*\.gz"):
        packed_writer(io.BytesIO(), tmp_path / "a.zip")


@pytest.mark.parametrize("ending", PACK)
def test_bombs_are_refused_long_before_they_fill_the_memory(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "FREE_BYTES", 1 << 20)
    path = tmp_path / f"bomb.txt{ending}"
    path.write_bytes(PACK[ending](bytes(8 << 20)))
    read = 0
    with (
        pytest.raises(InputError, match="unpack to more than 100 times.*unpack it yourself"),
        open_unpacked(path) as stream,
    ):
        while chunk := stream.read(1000):
            read += len(chunk)
    assert read <= max(1 << 20, 100 * path.stat().st_size)


@pytest.mark.parametrize("ending", PACK)
def test_damaged_files_are_refused_in_one_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.txt{ending}"
    whole = PACK[ending](TEXT)
    altered = bytearray(whole)
    for place in range(len(whole) // 3, len(whole) // 3 + 40):
        altered[place] ^= 0x55
    for data in (whole[: len(whole) // 2], bytes(altered), whole[:7]):
        path.write_bytes(data)
        with pytest.raises(InputError, match="is cut short or damaged|holds") as told:
            _read(path)
        assert "\n" not in str(told.value)
        assert str(told.value).startswith(str(path)) and told.value.__cause__ is None


def _read(path: Path) -> bytes:
    with open_unpacked(path) as stream:
        return stream.read()


def test_a_file_under_a_false_name_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data.txt.gz"
    path.write_bytes(bz2.compress(TEXT))
    with pytest.raises(InputError, match=r"is no gzip file.*looks like bzip2.*ending \.bz2"):
        _read(path)
    path.write_bytes(TEXT)
    with pytest.raises(InputError, match=r"perhaps never packed.*take \.gz off"):
        _read(path)


def test_archives_of_one_file(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(zipped(b"text\n", **{"__MACOSX/._data.csv": b"x", ".DS_Store": b"y"}))
    assert unpacked_ending(path) == ".csv" and _read(path) == b"text\n"
    path.write_bytes(zipped(b"text\n", **{"more.csv": b"x"}))
    for read in (_read, unpacked_ending):
        with pytest.raises(InputError, match=r"holds 2 files \(data.csv, more.csv\)"):
            read(path)


def test_an_encrypted_archive_asks_for_its_password(tmp_path: Path) -> None:
    """By the first bit of its flags, in both places where they stand."""
    data = bytearray(zipped(b"text\n"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    (tmp_path / "data.csv.zip").write_bytes(bytes(data))
    with pytest.raises(InputError, match="is encrypted. Unpack it with its password first"):
        _read(tmp_path / "data.csv.zip")


def test_pipes_are_read_and_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR)  # keeps the pipe open, so that nobody waits for a writer
    os.write(descriptor, b"one\n")
    with open_unpacked(pipe) as stream:
        assert stream.read(4) == b"one\n"
    os.close(descriptor)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.txt"))
        with pytest.raises(InputError, match="is a socket, and a file is to be read"):
            _read(tmp_path / "s.txt")
    with pytest.raises(InputError, match="is a device"):
        _read(Path("/dev/null"))
    with pytest.raises(InputError, match="is a folder"):
        _read(tmp_path)
    with pytest.raises(InputError, match="cannot be looked at.*too long"):
        _read(tmp_path / ("x" * 300))
    with pytest.raises(FileMissingError, match="no such file"):
        _read(tmp_path / "none.txt")


def test_a_member_with_a_name_cut_inside_a_letter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("größe.txt", "cells divide")
    data = bytearray(path.read_bytes())
    data[data.index("ö".encode()) + 1] = 0x41  # of the local header; the directory stays whole
    path.write_bytes(data)
    with pytest.raises(InputError, match="a.txt.zip: ") as caught, open_unpacked(path) as file:
        file.read()
    assert "\n" not in str(caught.value)
