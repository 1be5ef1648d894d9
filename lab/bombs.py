"""Small files that ask for much memory: packed emptiness, and headers that lie about sizes."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

__all__ = ["long_line", "lying_npz", "lying_safetensors", "packed", "zstandard"]

_PART = 64 << 20
"""Bytes of text that a member of a packed file unpacks to."""
_TEXT = b"the same few words again and again\n"


def packed(kind: str, gigabytes: int) -> bytes:
    """A file of one of the usual packers that unpacks to so much text."""
    text = _TEXT * (_PART // len(_TEXT))
    times = (gigabytes << 30) // _PART
    if kind == "zip":
        return _zip(text, times)
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
    }
    return pack[kind](text) * times


def _zip(text: bytes, times: int) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.txt", "w", force_zip64=True) as member,
    ):
        for _ in range(times):
            member.write(text)
    return made.getvalue()


def zstandard(gigabytes: int) -> bytes:
    """Zstandard frames of one letter repeated, in blocks of 128 kB that take four bytes each."""
    blocks_a_frame = 1024
    last = 1
    repeated = 1 << 1
    size = 128 << 10
    header = b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([(17 - 10) << 3])
    block = struct.pack("<I", repeated | size << 3)[:3] + b"a"
    end = struct.pack("<I", last | repeated | size << 3)[:3] + b"a"
    frame = header + block * (blocks_a_frame - 1) + end
    return frame * ((gigabytes << 30) // (blocks_a_frame * size))


def lying_npz(shape: tuple[int, ...], name: str = "data") -> bytes:
    """An npz whose array claims a shape, and holds eight bytes."""
    header = str({"descr": "<f8", "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 8
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(f"{name}.npy", member)
        for other in ("indices", "indptr", "shape", "format"):
            if other != name:
                buffer = io.BytesIO()
                np.save(buffer, np.array([0, 1]))
                archive.writestr(f"{other}.npy", buffer.getvalue())
    return made.getvalue()


def lying_safetensors(elements: int) -> bytes:
    """A safetensors file that says one array has so many elements, and holds none."""
    offsets = [0, 4 * elements]
    header = json.dumps({"a": {"dtype": "F32", "shape": [elements], "data_offsets": offsets}})
    return struct.pack("<Q", len(header)) + header.encode()


def long_line(path: Path, megabytes: int, before: bytes = b"", after: bytes = b"") -> None:
    """Write a file with a line of so many megabytes of words, a piece at a time."""
    piece = (_TEXT.replace(b"\n", b" ") * (1 << 15))[: 1 << 20]
    with path.open("wb") as file:
        file.write(before)
        for _ in range(megabytes):
            file.write(piece)
        file.write(after)
