"""One row run once, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .lines import EVERYWHERE, Line, machine, revision, versions_of
from .rows import Row

__all__ = ["Failed", "absent", "run"]

FOLDER = Path(__file__).parent.parent


class Failed(Exception):
    """A run without a result; says why in one line."""


def absent(row: Row, data: Path) -> str | None:
    """What a row cannot be run without, and where to have it; None if all is there."""
    for name in row.depends:
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed: pip install {name}"
    for corpus in row.corpora:
        if not (data / corpus).exists():
            return f"{corpus} is not in {data}: python benchmarks/fetch.py {corpus} fetches it"
    return None


def run(row: Row, seed: int | None, data: Path, limit: float | None = None) -> Line:
    """The line of one run.

    Raises
    ------
    Failed
        If the script ends without a result, or takes more than ``limit`` seconds.
    """
    command = [sys.executable, str(FOLDER / row.script), *row.arguments(seed)]
    if row.corpora:
        command += ["--data", str(data)]
    before, started = os.getloadavg()[0], time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        # a session of its own: a Ctrl-C comes here, and what runs is ended from here
        process = subprocess.Popen(command, stdout=out, stderr=errors, start_new_session=True)
        late = threading.Timer(limit or threading.TIMEOUT_MAX, _end, [process.pid])
        late.daemon = True
        late.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process.pid)
            os.waitpid(process.pid, 0)
            raise
        finally:
            late.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        clock = time.perf_counter() - started
        said, complaint = _text(out), _text(errors)
    if limit is not None and clock >= limit:
        raise Failed(f"took more than {limit:g} seconds")
    return {
        "row": row.name,
        "seed": seed,
        "settings": list(row.options),
        "depends": list(row.depends),
        "command": row.command(seed),
        **row.about,
        "measured": _result(said, complaint, process.returncode),
        "seconds": {
            "clock": round(clock, 2),
            "processor": round(usage.ru_utime + usage.ru_stime, 2),
        },
        "peak_mb": round(usage.ru_maxrss / 1024, 1),
        "machine": machine(),
        "load": [round(before, 2), round(os.getloadavg()[0], 2)],
        "versions": versions_of(dict.fromkeys((*EVERYWHERE, *row.depends))),
        "commit": revision(FOLDER.parent),
    }


def _end(process: int) -> None:
    """End the process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", "replace"))


def _result(said: str, complaint: str, code: int) -> Any:
    rows = [row for row in said.splitlines() if row.startswith("RESULT ")]
    if code or not rows:
        last = (complaint.strip() or said.strip() or "it said nothing").splitlines()[-1]
        raise Failed(f"ended with {code}: {last}" if code else f"printed no result: {last}")
    no_number: Any = {"parse_constant": lambda _: None}  # NaN is no JSON: what is not there is null
    return json.loads(rows[-1].removeprefix("RESULT "), **no_number)
