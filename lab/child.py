"""One call in a forked process: what it raised, how long it took, and what it held at most."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.fuzzing.trying import Verdict, judged, quiet

__all__ = ["Ended", "in_child"]


@dataclass(frozen=True)
class Ended:
    """How a call ended: verdict, message of a refusal, seconds, bytes above the start."""

    verdict: Verdict
    message: str
    seconds: float
    taken: int


def in_child(call: Callable[[], Any], *, seconds: float, room: int | None = None) -> Ended:
    """Run ``call`` in a child; ``room``: bytes of addresses it may have above what it has."""
    receiver, sender = os.pipe()
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        _run(call, sender, room)
    os.close(sender)
    ready, _, _ = select.select([receiver], [], [], seconds)
    text = _read_all(receiver) if ready else b""
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.close(receiver)
    _, status = os.waitpid(child, 0)
    took = time.perf_counter() - start
    if not ready:
        return Ended(Verdict(f"took more than {seconds:g} seconds", ""), "", took, 0)
    if not text:
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else status >> 8
        return Ended(Verdict(f"the process ended: signal or exit {ended}", ""), "", took, 0)
    kind, detail, message, taken = json.loads(text)
    return Ended(Verdict(kind, detail), message, took, taken)


def _run(call: Callable[[], Any], sender: int, room: int | None) -> None:
    code = 1
    try:
        before = _status("VmHWM")
        if room is not None:
            limit = _status("VmSize") + room
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        with quiet():
            verdict, message = judged(call)
        record = [*verdict, message, _status("VmHWM") - before]
        os.write(sender, json.dumps(record).encode())
        code = 0
    finally:
        os._exit(code)


def _read_all(receiver: int) -> bytes:
    parts = []
    while part := os.read(receiver, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) << 10
    return 0
