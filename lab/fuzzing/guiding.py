"""Mutants that atheris chooses, because the ones before reached new code."""

from __future__ import annotations

import importlib.util
import json
import mmap
import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

from lab.fuzzing.running import make_seeds
from lab.fuzzing.target import Content, Target, write_content
from lab.fuzzing.trying import quiet, try_mutant
from lab.outcome import Outcome

__all__ = ["run_guided"]


def run_guided(target: Target, seconds: float, keep: Path | None = None) -> Outcome:
    """Let atheris try ``target`` for so many seconds, in a process of its own.

    atheris changes the bytes of one file of a seed, and keeps what reaches code not seen before. A
    crash in compiled code ends the process.
    """
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("fuzz --guided: needs atheris. Install it: pip install atheris")
    seeds = make_seeds(target)
    outcome = Outcome(f"fuzz {target.name} guided")
    tried = mmap.mmap(-1, 8)
    with tempfile.TemporaryDirectory() as place:
        notes = Path(place) / "failures.jsonl"
        notes.touch()
        child = os.fork()
        if child == 0:
            _guide(target, seeds, seconds, Path(place), notes, tried, keep)
        _, status = os.waitpid(child, 0)
        for line in notes.read_text().splitlines():
            outcome.fail(*json.loads(line))
    (outcome.tried,) = struct.unpack("<q", tried[:8])
    if os.WIFSIGNALED(status):
        case = f"{target.name} guided {outcome.tried}"
        outcome.fail(case, f"the process ended: signal {os.WTERMSIG(status)}")
    return outcome


def _guide(
    target: Target, seeds: list[Content], seconds: float, place: Path, notes: Path,
    tried: mmap.mmap, keep: Path | None,
) -> None:  # fmt: skip
    """What the child does; atheris ends its process itself."""
    atheris: Any = importlib.import_module("atheris")
    corpus = place / "corpus"
    _write_corpus(target, seeds, corpus)
    kinds: set[str] = set()

    def try_one(data: bytes) -> None:
        (number,) = struct.unpack("<q", tried[:8])
        content = _content(target, seeds, data)
        verdict, _ = try_mutant(target, content, place / "case")
        tried[:8] = struct.pack("<q", number + 1)
        if not verdict.kind:
            return
        with notes.open("a") as file:
            file.write(json.dumps([f"{target.name} guided {number}", *verdict]) + "\n")
        if keep is not None and verdict.kind not in kinds:
            write_content(content, keep / f"{target.name}-guided-{number}")
        kinds.add(verdict.kind)

    with quiet():
        with atheris.instrument_imports(include=["polytopic"]):
            target.warm()
        arguments = [f"-max_total_time={int(seconds)}", "-verbosity=0", str(corpus)]
        atheris.Setup([sys.argv[0], *arguments], try_one)
        try:
            atheris.Fuzz()
        finally:
            os._exit(0)


def _names(target: Target, content: Content) -> list[str]:
    return [name for name in sorted(content) if target.mutable(name)]


def _write_corpus(target: Target, seeds: list[Content], corpus: Path) -> None:
    """What atheris starts from: each file of each seed, behind two bytes that say which it is."""
    corpus.mkdir()
    for number, content in enumerate(seeds[:256]):
        for place, name in enumerate(_names(target, content)):
            path = corpus / f"{number}-{place}"
            path.write_bytes(bytes([number, place % 256]) + content[name])


def _content(target: Target, seeds: list[Content], data: bytes) -> Content:
    number, place = (*data[:2], 0, 0)[:2]
    content = dict(seeds[number % len(seeds)])
    names = _names(target, content)
    content[names[place % len(names)]] = data[2:]
    return content
