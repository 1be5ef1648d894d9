"""A service that answers from several threads: no answer differs, no memory grows.

Each thread asks fitted models, one after another, for the answers to requests of a few documents,
or for the neighbours of words. An answer that differs from the one given before the threads began
is a failure, and so is memory that has grown by more than a hundredth between the first part, in
which caches fill, and the end.
"""

from __future__ import annotations

import argparse
import random
import statistics
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lab.models import EXAMPLES, Example, fitted
from lab.outcome import Outcome

DESCRIPTION = "a service of several threads: no answer differs, no memory grows"
SHORT = [["--seconds", "8", "--growth", "0.05"]]
"""In seconds the caches of the allocator are still filling: their growth is told in full runs."""

_REQUESTS = 12
"""Different requests of each model."""
_DOCUMENTS = 16
_WARM = 0.3
"""Part of the time after which memory is first looked at."""
_ATTENTION = 0.1
"""Part of the time over which memory is looked at, first and last: its median counts."""
_LOOKS = 200


class _Request(NamedTuple):
    example: Example
    model: Any
    rows: list[int]
    answer: NDArray[Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--growth", type=float, default=0.01, help="share that memory may grow by")


def run(options: argparse.Namespace) -> Outcome:
    """Ask until the time is over."""
    outcome = Outcome("soak")
    requests = [request for example in EXAMPLES for request in _requests(example)]
    service = _Service(requests, time.monotonic() + options.seconds)
    threads = [threading.Thread(target=service.serve, args=(n,)) for n in range(options.threads)]
    for thread in threads:
        thread.start()
    held = _watch(options.seconds, threads)
    outcome.tried = service.answered + 1
    for name, detail in service.wrong:
        outcome.fail(name, "another answer", detail)
    warm, ahead = int(_WARM * len(held)), max(1, int(_ATTENTION * len(held)))
    first, last = (statistics.median(part) for part in (held[warm : warm + ahead], held[-ahead:]))
    if last > first * (1 + options.growth):
        outcome.fail("memory", "grown", f"{first / 1e6:.1f} MB, then {last / 1e6:.1f}")
    outcome.facts |= {
        "threads": options.threads,
        "models": len({request.example.name for request in requests}),
        "megabytes first and last": [round(first / 1e6, 1), round(last / 1e6, 1)],
        "growth": round(last / first - 1, 4),
    }
    return outcome


def _requests(example: Example) -> list[_Request]:
    model = fitted(example)
    chosen = random.Random(example.name)
    n = len(example.input()) if isinstance(example.input(), list) else example.input().shape[0]
    found = []
    for _ in range(_REQUESTS):
        rows = [chosen.randrange(n) for _ in range(_DOCUMENTS)]
        found.append(_Request(example, model, rows, example.answer(model, rows)))
    return found


class _Service:
    """What the threads share: the requests, how many were answered, and what was wrong."""

    def __init__(self, requests: list[_Request], end: float) -> None:
        self.requests, self.end = requests, end
        self.answered = 0
        self.wrong: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def serve(self, number: int) -> None:
        """Answer requests drawn at random until the end."""
        chosen = random.Random(number)
        while time.monotonic() < self.end:
            request = chosen.choice(self.requests)
            problem = _asked(request)
            with self._lock:
                self.answered += 1
                if problem:
                    self.wrong.append((request.example.name, problem))


def _asked(request: _Request) -> str:
    """What is wrong with the answer to a request now; empty if nothing is."""
    try:
        found = request.example.answer(request.model, request.rows)
    except Exception as error:  # noqa: BLE001 (whatever a thread raises is counted)
        return f"{type(error).__name__}: {error}"
    return "" if np.array_equal(found, request.answer) else "other bits"


def _watch(seconds: float, threads: list[threading.Thread]) -> list[int]:
    """Bytes that the process holds, looked at now and then until the threads end."""
    held = []
    while any(thread.is_alive() for thread in threads):
        held.append(_resident())
        time.sleep(seconds / _LOOKS)
    return held


def _resident() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status: tells no VmRSS")
