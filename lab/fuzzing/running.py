"""Many mutants of a target, each batch in a process that may die without taking the rest along."""

from __future__ import annotations

import json
import mmap
import multiprocessing
import os
import shutil
import signal
import struct
import tempfile
import time
from pathlib import Path

from lab.fuzzing.mutating import mutant
from lab.fuzzing.target import Content, Target, write_content
from lab.fuzzing.trying import SECONDS, Verdict, limited, quiet, try_mutant
from lab.outcome import Outcome

__all__ = ["Case", "make_case", "make_seeds", "run_target"]

_BATCH = 2000
"""Cases a process reads: starting one costs as much as some ten cases."""
_PATIENCE = 4 * SECONDS
"""Seconds without a new case after which a process is held to hang in compiled code."""
Case = tuple[str, Content]


def _memory_folder() -> str | None:
    """A folder in memory, if there is one: what is tried is the reader, not the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def make_seeds(target: Target) -> list[Content]:
    """The valid inputs of a target, made in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=_send_seeds, args=(target, Path(folder), sender))
        worker.start()
        sender.close()
        try:
            seeds: list[Content] = receiver.recv()
        except EOFError:
            raise RuntimeError(f"{target.name}: its seeds could not be made") from None
        worker.join()
    return seeds


def _send_seeds(target: Target, folder: Path, sender: object) -> None:
    with quiet():
        seeds = target.seeds(folder)
    sender.send([dict(seed) for seed in seeds])  # type: ignore[attr-defined]


def make_case(target: Target, seeds: list[Content], number: int, seed: int) -> Content:
    """The mutant of a number; the first ones are the seeds themselves, unchanged."""
    content = seeds[number % len(seeds)]
    if number < len(seeds):
        return content
    names = [name for name in content if target.mutable(name)]
    return mutant(content, names, target.words, f"{target.name}:{seed}:{number}")


def run_target(
    target: Target, n: int, *, seed: int = 0, start: int = 0, keep: Path | None = None
) -> Outcome:
    """Try the mutants ``start`` to ``start + n``; ``keep`` gets the first of each kind."""
    target.warm()
    seeds = make_seeds(target)
    outcome = Outcome(f"fuzz {target.name}")
    begin = time.perf_counter()
    number = start
    while number < start + n:
        end = min(start + n, number + _BATCH)
        number = _batch(target, seeds, number, end, seed, outcome)
    outcome.tried = n
    outcome.facts["cases a second"] = round(n / (time.perf_counter() - begin))
    if keep is not None:
        _keep_crashers(target, seeds, seed, outcome, keep)
    return outcome


def _batch(
    target: Target, seeds: list[Content], start: int, end: int, seed: int, outcome: Outcome
) -> int:
    """Try the cases from ``start`` on; the first number that is still to be tried."""
    shared = mmap.mmap(-1, 8)
    shared[:8] = struct.pack("<q", start)
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        notes = Path(folder) / "failures.jsonl"
        notes.touch()
        child = os.fork()
        if child == 0:
            _child(target, seeds, start, end, seed, shared, Path(folder), notes)
        status = _wait(child, shared)
        for line in notes.read_text().splitlines():
            case, kind, detail = json.loads(line)
            outcome.fail(f"{target.name} {seed} {case}", kind, detail)
        shutil.rmtree(Path(folder) / "case", ignore_errors=True)
    (reached,) = struct.unpack("<q", shared[:8])
    if status == 0:
        return end
    ended = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {status >> 8}"
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        ended = "hung in compiled code, or was killed for memory"
    outcome.fail(f"{target.name} {seed} {reached}", f"the process ended: {ended}")
    return int(reached) + 1


def _child(
    target: Target, seeds: list[Content], start: int, end: int, seed: int,
    shared: mmap.mmap, folder: Path, notes: Path,
) -> None:  # fmt: skip
    code = 1
    try:
        limited()
        with quiet(), notes.open("a") as file:
            for number in range(start, end):
                shared[:8] = struct.pack("<q", number)
                content = make_case(target, seeds, number, seed)
                verdict, message = try_mutant(target, content, folder / "case")
                if number < len(seeds) and message:
                    verdict = Verdict("a valid input was refused", message[:300])
                if verdict.kind:
                    file.write(json.dumps([number, *verdict]) + "\n")
                    file.flush()
        code = 0
    finally:
        os._exit(code)


def _wait(child: int, shared: mmap.mmap) -> int:
    """Wait for a child; one that stays at a case for too long is killed. Its status."""
    at, since = shared[:8], time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if shared[:8] != at:
            at, since = shared[:8], time.monotonic()
        elif time.monotonic() - since > _PATIENCE:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)


def _keep_crashers(
    target: Target, seeds: list[Content], seed: int, outcome: Outcome, keep: Path
) -> None:
    kinds: set[str] = set()
    for failure in outcome.failures:
        if failure.kind in kinds:
            continue
        kinds.add(failure.kind)
        number = int(failure.case.rsplit(" ", 1)[1])
        content = make_case(target, seeds, number, seed)
        write_content(content, keep / f"{target.name}-{seed}-{number}")
