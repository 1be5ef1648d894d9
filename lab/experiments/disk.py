"""Every change of a file refused once, as by a full disk: one line, and what was there is readable.

For each command, over an earlier result where it takes ``--force``, every opening, writing,
flushing, renaming and making of a file is refused in turn (ENOSPC, EDQUOT, EFBIG). The command must
end with exit code 1 and one line, or not need what was refused; what stood in the folder before
must be as it was, or be the new result whole; and the same command must then end well.
"""

from __future__ import annotations

import argparse
import errno
import os
import tempfile
from functools import partial
from pathlib import Path

from lab.breaking.child import load_everything, run_child
from lab.breaking.commands import WRITERS, Command, write_data
from lab.breaking.events import watch
from lab.breaking.files import copied, count_events, files_of, stands
from lab.outcome import Outcome

DESCRIPTION = "every write of every command refused once, as by a full disk"
SHORT = [["--command", "infer", "--every", "3"], ["--command", "glove", "--every", "25"]]

_NEEDS_NO_ROOM = ("os.remove", "os.rmdir")
_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--every", type=int, default=1, help="refuse each n-th event only")
    parser.add_argument("--command", action="append", help="one of them; several times for more")
    parser.add_argument("--verbose", action="store_true", help="a line for each event")


def run(options: argparse.Namespace) -> Outcome:
    load_everything()
    outcome = Outcome("disk")
    for command in WRITERS:
        if options.command is None or command.name in options.command:
            with tempfile.TemporaryDirectory() as folder:
                _try_command(command, Path(folder), options, outcome)
    return outcome


def _try_command(
    command: Command, folder: Path, options: argparse.Namespace, outcome: Outcome
) -> None:
    data, log = folder / "data", folder / "log"
    data.mkdir()
    write_data(data)
    if command.before is not None:
        earlier = run_child(command.before, data, log)
        if earlier.code != 0:
            outcome.check(False, command.name, "does not run", earlier.said[-300:])
            return
    events, whole = count_events(command.act, data, folder)
    outcome.facts[f"{command.name}: events"] = events
    before, after = files_of(data), files_of(whole)
    for event in range(1, events + 1, options.every):
        work = copied(data, folder / "work")
        code = _CODES[event % len(_CODES)]

        def happen(number: int, what: str) -> None:
            if number == event and not what.startswith(_NEEDS_NO_ROOM):  # noqa: B023
                raise OSError(code, os.strerror(code))  # noqa: B023

        ended = run_child(command.act, work, log, partial(watch, work, happen))
        problem = _judge(ended.code, ended.said, ended.crashed, files_of(work), before, after)
        if not problem:
            again = run_child(command.act, work, log)
            told = command.done in again.said and again.code == 1
            if (again.code != 0 and not told) or again.crashed:
                problem = f"exit code {again.code} when started again: {again.said[-500:]}"
            elif files_of(work) != after:
                problem = "files differ when started again"
        case = f"{command.name}, event {event}, {errno.errorcode[code]}"
        if options.verbose or problem:
            print(f"{case}: {problem or 'one line, nothing lost'}", flush=True)
        outcome.check(problem == "", case, problem.partition(":")[0], problem)


def _judge(
    code: int,
    said: str,
    crashed: bool,
    found: dict[str, bytes],
    before: dict[str, bytes],
    after: dict[str, bytes],
) -> str:
    """What is wrong with how a refused command ended; nothing: ""."""
    lines = [line for line in said.splitlines() if line.startswith("polytopic: ")]
    if crashed or code not in (0, 1):
        return f"exit code {code}, or a traceback: {said[-700:]}"
    if code == 1 and len(lines) != 1:
        return f"{len(lines)} lines: {said[-300:]}"
    if not stands(found, before, after):
        return "what was there before is changed or gone"
    return ""
