"""Training commands stopped at any moment, and started again: they must end as if never stopped.

For each command an uninterrupted run is made first. Then it is stopped (SIGKILL, SIGINT, SIGTERM)
at every event of a file in turn and at random times; the same command is started again, and every
file it leaves is compared byte for byte, but for ``times-*.json`` and the files of locks. With
``--force`` over an earlier run, what stands in the folder at the moment of a SIGKILL must be the
old run whole or the new one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.breaking.child import Ended, load_everything, run_child
from lab.breaking.commands import TRAINING, Command, write_data
from lab.breaking.events import watch
from lab.breaking.files import copied, count_events, files_of, stands
from lab.outcome import Outcome

DESCRIPTION = "training commands stopped at any moment, and started again"
SHORT = [["-n", "4", "--command", "glove"], ["-n", "2", "--command", "lda-gibbs"]]

_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)

Files = dict[str, bytes]


@dataclass(frozen=True)
class _Moment:
    """``event``: before which event of a file; 0: after ``seconds``."""

    number: signal.Signals
    event: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        where = f"event {self.event}" if self.event else f"{self.seconds:.3f} s"
        return f"{self.number.name} at {where}"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", type=int, default=200, help="moments a command")
    parser.add_argument("--command", action="append", help="one of them; several times for more")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="a line for each moment")


def run(options: argparse.Namespace) -> Outcome:
    load_everything()
    outcome = Outcome("kill")
    chosen = [c for c in TRAINING if options.command is None or c.name in options.command]
    for command in chosen:
        with tempfile.TemporaryDirectory() as folder:
            _try_command(command, Path(folder), options, outcome)
    return outcome


def _try_command(
    command: Command, folder: Path, options: argparse.Namespace, outcome: Outcome
) -> None:
    data = folder / "data"
    data.mkdir()
    write_data(data)
    if command.before is not None:
        run_child(command.before, data, folder / "log")
    started = time.monotonic()
    events, whole = count_events(command.act, data, folder)
    seconds, expected = time.monotonic() - started, files_of(whole)
    moments = list(_moments(options.n, events, seconds, options.seed))
    outcome.facts[f"{command.name}: events"] = events
    for moment in moments:
        problem = _try_moment(command, moment, data, folder, expected)
        if options.verbose or problem:
            print(f"{command.name}, {moment}: {problem or 'as if never stopped'}", flush=True)
        outcome.check(
            problem == "", f"{command.name}, {moment}", problem.partition(":")[0], problem
        )


def _moments(n: int, events: int, seconds: float, seed: int) -> Iterator[_Moment]:
    """Two in three at events, spread over all of them, the others at random times."""
    chance = random.Random(seed)
    at_events = min(max(1, 2 * n // 3), len(_SIGNALS) * events)
    for index in range(at_events):
        event = 1 + index * events // at_events
        yield _Moment(_SIGNALS[index % 3], event)
    for index in range(n - at_events):
        yield _Moment(_SIGNALS[index % 3], seconds=chance.uniform(0.0, seconds))


def _try_moment(
    command: Command, moment: _Moment, data: Path, folder: Path, expected: Files
) -> str:
    """What is wrong after one moment; nothing: ""."""
    work, log = copied(data, folder / "work"), folder / "log"
    stopped = _stop(command, moment, work, log)
    if stopped.crashed:
        return f"a traceback when stopped: {stopped.said[-600:]}"
    allowed = (0, -signal.SIGKILL, 128 + moment.number, -moment.number)
    if stopped.code not in allowed:
        return f"exit code {stopped.code} when stopped: {stopped.said[-300:]}"
    if command.before is not None and not stands(files_of(work), files_of(data), expected):
        return "the earlier run is neither whole nor replaced"
    again = run_child(command.act, work, log)
    done = again.code == 1 and command.done in again.said
    if again.crashed or (again.code != 0 and not done):
        return f"exit code {again.code} when started again: {again.said[-600:]}"
    found = files_of(work)
    differing = sorted(
        name for name in {*found, *expected} if found.get(name) != expected.get(name)
    )
    return f"files differ: {', '.join(differing)}" if differing else ""


def _stop(command: Command, moment: _Moment, work: Path, log: Path) -> Ended:
    if not moment.event:
        return run_child(command.act, work, log, kill_after=moment.seconds, number=moment.number)

    def happen(number: int, event: str) -> None:
        if number == moment.event:
            os.kill(os.getpid(), moment.number)

    return run_child(command.act, work, log, partial(watch, work, happen))
