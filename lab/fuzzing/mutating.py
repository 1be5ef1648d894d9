"""Mutants: a few random changes of a valid input, of bytes, of pieces, of numbers and of files."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

from lab.fuzzing.target import Content

__all__ = ["mutant"]

_MOST_CHANGES = 6
_LONGEST = 1 << 20
"""Bytes a mutant may grow to: what is tried is the reader, not the disk."""

_WORDS: tuple[bytes, ...] = (
    b"\0", b"\n", b"\r", b"\r\n", b'"', b"'", b",", b";", b"\t", b"|", b"\\", b"{", b"}", b"[",
    b"]",
    b"NaN", b"Infinity", b"-Infinity", b"null", b"true", b"-1", b"0", b"1e400", b"1e-400",
    b"9999999999999999999999", b"2147483648", b"4294967296", b"-2147483649", b"0.5", b"",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\xe2\x80\xa8", b"\x1b[2J", b"\x85",
    b"\\ud800", b"[" * 3000, b"9" * 5000, b"a" * 70000, b"../../etc/passwd", b"=1+1", b"<script>",
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ODD_NUMBERS = (
    b"-1", b"0", b"1", b"2", b"255", b"65536", b"2147483647", b"2147483648", b"4294967295",
    b"9223372036854775807", b"9223372036854775808", b"1e308", b"1e309", b"-0.0", b"NaN", b"0.1",
    b"99999999999999999999999999", b'"7"', b"null", b"[]", b"{}", b"true",
)  # fmt: skip
_ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 10**30, 1e308, 0.5, "", "x", "../x", [], {}, [[]], {"a": 1},
    "\ud800", "nan", [1, 2, 3], "a" * 300,
)  # fmt: skip


def mutant(content: Content, names: Sequence[str], words: Sequence[bytes], seed: str) -> Content:
    """The mutant of ``content`` that ``seed`` names: the same one on every machine."""
    draw = random.Random(seed)
    changed = dict(content)
    if len(names) > 1 and draw.random() < 0.05:
        return _other_files(changed, names, draw)
    name = draw.choice(list(names))
    data = changed[name]
    if name.endswith(".json") and draw.random() < 0.5:
        data = _other_json(data, draw)
    elif name.endswith(".safetensors") and draw.random() < 0.5:
        data = _other_header(data, draw)
    else:
        for _ in range(draw.randint(1, _MOST_CHANGES)):
            data = draw.choice(_CHANGES)(data, draw, words)[:_LONGEST]
    changed[name] = data
    return changed


def _other_files(content: dict[str, bytes], names: Sequence[str], draw: random.Random) -> Content:
    first, second = draw.sample(list(names), 2)
    way = draw.randrange(3)
    if way == 0:
        del content[first]
    elif way == 1:
        content[first], content[second] = content[second], content[first]
    else:
        content[first] = b""
    return content


def _other_json(data: bytes, draw: random.Random) -> bytes:
    """One entry of a JSON document replaced, dropped, doubled or renamed."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places: list[tuple[Any, Any]] = []
    _collect(document, places)
    if not places:
        return data
    for _ in range(draw.randint(1, 2)):
        holder, key = draw.choice(places)
        way = draw.randrange(4)
        try:
            if way == 0:
                del holder[key]
            elif way == 1 and isinstance(holder, dict):
                holder[f"{key}_"] = holder.pop(key)
            elif way == 2 and isinstance(holder[key], int | float):
                holder[key] = draw.choice([-holder[key], holder[key] + 1, holder[key] * 10**9])
            else:
                holder[key] = draw.choice(_ODD_VALUES)
        except (KeyError, IndexError, OverflowError):
            continue
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in items:
        places.append((value, key))
        if isinstance(entry, dict | list):
            _collect(entry, places)


def _other_header(data: bytes, draw: random.Random) -> bytes:
    """A safetensors file whose header says something else."""
    (length,) = struct.unpack("<Q", data[:8].ljust(8, b"\0"))
    header, body = data[8 : 8 + length], data[8 + length :]
    header = _other_json(header, draw)
    return struct.pack("<Q", len(header)) + header + body


def _flip(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    if not data:
        return data
    place = draw.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << draw.randrange(8))]) + data[place + 1 :]


def _byte(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    if not data:
        return data
    place = draw.randrange(len(data))
    return data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :]


def _insert(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    place = draw.randint(0, len(data))
    return data[:place] + draw.choice([*_WORDS, *words]) + data[place:]


def _span(data: bytes, draw: random.Random) -> tuple[int, int]:
    start = draw.randint(0, len(data))
    return start, min(len(data), start + int(2 ** draw.uniform(0, 12)))


def _drop(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, draw)
    return data[:start] + data[end:]


def _double(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, draw)
    return data[:end] + data[start:end] * draw.choice([1, 1, 2, 50]) + data[end:]


def _move(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    start, end = _span(data, draw)
    rest = data[:start] + data[end:]
    place = draw.randint(0, len(rest))
    return rest[:place] + data[start:end] + rest[place:]


def _cut(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    return data[: draw.randint(0, len(data))]


def _number(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    """A number written in text becomes an odd one."""
    found = list(_NUMBER.finditer(data[: 1 << 16]))
    if not found:
        return _byte(data, draw, words)
    place = draw.choice(found)
    return data[: place.start()] + draw.choice(_ODD_NUMBERS) + data[place.end() :]


def _binary_number(data: bytes, draw: random.Random, words: Sequence[bytes]) -> bytes:
    """Four or eight bytes become an odd integer or float."""
    if len(data) < 8:
        return _byte(data, draw, words)
    place = draw.randrange(min(len(data) - 7, 1 << draw.randint(3, 20)))
    number = draw.choice((0, 1, -1, 2**31 - 1, -(2**31), 2**24, 10**6))
    piece = draw.choice(
        (
            struct.pack("<i", number),
            struct.pack("<q", number * draw.choice((1, 2**20, 2**31))),
            struct.pack("<f", draw.choice((float("nan"), float("inf"), 1e38, -1.0, 0.0))),
        )
    )
    return data[:place] + piece + data[place + len(piece) :]


_CHANGES: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _flip, _byte, _insert, _insert, _drop, _double, _move, _cut, _number, _number, _binary_number,
)  # fmt: skip
