"""Files that ask for more memory than they are worth: bombs, lies about sizes, endless lines.

Each is read in a process of its own. It may be read or refused in one line; what it takes may be no
more than what its own size justifies, and the process may not end.
"""

from __future__ import annotations

import argparse
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import bombs
from lab.child import in_child
from lab.fuzzing.trying import TIMES_SIZE
from lab.outcome import Outcome

DESCRIPTION = "bombs, headers that lie, lines of a gigabyte, little room"
SHORT = [["--gigabytes", "1", "--line", "30", "--room", "600"]]

_ALLOWED = 500 << 20
"""Bytes a small file may take, as in the fuzzing."""
_SECONDS = 60.0


@dataclass(frozen=True)
class _Case:
    name: str
    file: str
    write: Callable[[Path], Any]
    read: Callable[[Path], Any]
    room: int | None = None
    allowed: int = _ALLOWED


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gigabytes", type=int, default=4, help="what a bomb unpacks to")
    parser.add_argument("--line", type=int, default=1024, help="megabytes of the long line")
    parser.add_argument(
        "--room", type=int, default=400, help="megabytes of addresses, for the last"
    )


def run(options: argparse.Namespace) -> Outcome:
    import polytopic.embeddings.vectors
    import polytopic.text.building
    import polytopic.text.reading  # noqa: F401

    outcome = Outcome("memory")
    for case in _cases(options):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / case.file
            case.write(path)
            size = path.stat().st_size
            ended = in_child(lambda: case.read(path), seconds=_SECONDS, room=case.room)  # noqa: B023
        verdict = ended.verdict
        outcome.check(not verdict.kind, case.name, verdict.kind, verdict.detail)
        if not verdict.kind:
            right = ended.taken <= case.allowed + TIMES_SIZE * size
            outcome.check(right, case.name, "took too much memory", f"{ended.taken >> 20} MB")
        told = ended.message or "read"
        outcome.facts[case.name] = f"{ended.seconds:.1f} s, {ended.taken >> 20} MB, {told:.120}"
    return outcome


def _text(path: Path) -> Any:
    import polytopic as pt

    return pt.read(path, min_df=1)


def _vectors(path: Path) -> Any:
    import polytopic as pt

    return pt.WordVectors.read(path)


def _graph(path: Path) -> Any:
    import polytopic as pt

    return pt.Graph.read(path)


def _cases(options: argparse.Namespace) -> list[_Case]:
    return [
        *_bombs(options.gigabytes),
        *_lies(),
        *_lines(options.line),
        *_little_room(options.room),
    ]


def _bombs(gigabytes: int) -> list[_Case]:
    cases = []
    for kind in ("gz", "bz2", "xz", "zip", "zst"):
        content = bombs.zstandard(gigabytes) if kind == "zst" else bombs.packed(kind, gigabytes)
        for ending, read in (("txt", _text), ("csv", _text), ("jsonl", _text), ("vec", _vectors)):
            name = f"{gigabytes} GB in a .{ending}.{kind} of {len(content) >> 10} kB"
            cases.append(_Case(name, f"a.{ending}.{kind}", _writer(content), read))
    return cases


def _lies() -> list[_Case]:
    fasttext = struct.pack("<ii", 793712314, 12) + struct.pack("<12i", *([10**9] * 12)) + b"\0" * 64
    folder = b'{"program": "polytopic", "format": 1, "kind": "vectors", "arrays": "a"}'
    contents: list[tuple[str, str, bytes, Callable[[Path], Any]]] = [
        ("a word2vec text of 10^9 words", "a.txt", b"1000000000 300\na 1 2\n", _vectors),
        ("a word2vec text of 10^9 dimensions", "a.txt", b"1 1000000000\na 1 2\n", _vectors),
        ("a word2vec binary of 10^9 words", "a.bin", b"1000000000 300\na " + b"\0" * 64, _vectors),
        ("a word2vec binary of 10^9 dimensions", "a.bin", b"2 1000000000\na \0\0\0\0", _vectors),
        ("a fastText model of 10^9 of each", "a.bin", fasttext, _vectors),
        ("an npz graph of 10^12 edges", "a.npz", bombs.lying_npz((10**12,)), _graph),
        ("an npz graph of 10^9 rows", "a.npz", bombs.lying_npz((10**9, 300)), _graph),
        ("a folder's record without a folder", "about.json", folder, _vectors),
        (
            "safetensors of 10^12 numbers",
            "a.safetensors",
            bombs.lying_safetensors(10**12),
            _vectors,
        ),
        ("a Parquet that is its mark alone", "a.parquet", b"PAR1" + b"\xff" * 60 + b"PAR1", _text),
    ]
    return [_Case(name, file, _writer(content), read) for name, file, content, read in contents]


def _lines(megabytes: int) -> list[_Case]:
    kinds: list[tuple[str, bytes, bytes, Callable[[Path], Any]]] = [
        ("a.txt", b"", b"\n", _text),
        ("a.csv", b"text,label\n", b",x\n", _text),
        ("a.jsonl", b'{"text": "', b'"}\n', _text),
        ("a.json", b'[{"text": "', b'"}]\n', _text),
        ("a.vec", b"", b"\n", _vectors),
        ("a.edges", b"", b"\n", _graph),
    ]
    return [
        _Case(
            f"a line of {megabytes} MB in {file}",
            file,
            _line_writer(megabytes, before, after),
            read,
        )
        for file, before, after, read in kinds
    ]


def _little_room(megabytes: int) -> list[_Case]:
    """Honest files that do not fit: a MemoryError is told in one line."""

    def vectors(path: Path) -> None:
        with path.open("w") as file:
            file.write("400000 200\n")
            row = " ".join(["0.123"] * 200)
            for word in range(400_000):
                file.write(f"w{word} {row}\n")

    room = megabytes << 20
    return [_Case("320 MB of vectors in little room", "a.vec", vectors, _vectors, room=room)]


def _writer(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


def _line_writer(megabytes: int, before: bytes, after: bytes) -> Callable[[Path], Any]:
    return lambda path: bombs.long_line(path, megabytes, before, after)
