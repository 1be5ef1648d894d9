"""Tables that scripts print: each row a line of ``printed.jsonl``, with what was run and where.

A line holds ``table`` (its name in RESULTS.md), ``columns``, ``cells`` (as they were printed),
``command``, ``run`` (when it began), ``machine``, ``load``, ``versions`` and ``commit``. Rows of
tables that are older than this file carry ``"imported": true`` and no more than is known of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from polytopic.figures.making import Table

from .figures import marked
from .lines import EVERYWHERE, Line, append, machine, read, revision, versions_of

__all__ = ["FILE", "keep", "kept", "printed_tables", "tables_of"]

FILE = Path(__file__).parent.parent / "printed.jsonl"
ENTRIES = ("table", "columns", "cells", "command")
"""What no line goes without."""


def kept(path: Path = FILE) -> list[Line]:
    """All lines in their order; none where there is no file."""
    return read(path, ENTRIES)


def printed_tables(text: str) -> list[Table]:
    """The tables of what a script printed: of Markdown, or JSON lines of the same entries."""
    found: list[Table] = []
    rows: list[list[Any]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if len(rows) > 2:
            found.append(Table(rows[0], [_filled(row, len(rows[0])) for row in rows[2:]]))
        rows = []
        if line.startswith("{"):
            record = json.loads(line)
            if not found or found[-1].columns != list(record):
                found.append(Table(list(record), []))
            found[-1] = Table(found[-1].columns, [*found[-1].rows, [*map(str, record.values())]])
    return found


def _filled(row: list[Any], width: int) -> list[Any]:
    return [*row, *[""] * (width - len(row))][:width]


def tables_of(lines: Iterable[Line]) -> dict[str, Table]:
    """Name to table: of each command the rows of its last run, commands in their order."""
    runs: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        commands = runs.setdefault(line["table"], {})
        rows = commands.setdefault(line["command"], [])
        if rows and rows[-1].get("run") != line.get("run"):
            rows.clear()
        rows.append(line)
    return {name: _table([line for rows in found.values() for line in rows])
            for name, found in runs.items()}  # fmt: skip


def _table(lines: Sequence[Line]) -> Table:
    columns, rows = list(lines[-1]["columns"]), [list(line["cells"]) for line in lines]
    if all(line.get("imported") for line in lines):
        columns[0] = marked(columns[0], lines).strip()
        return Table(columns, rows)
    for row, line in zip(rows, lines, strict=True):
        row[0] = marked(row[0], [line]).strip()
    return Table(columns, rows)


def keep(given: list[str]) -> int:
    """Run a script, show what it prints and keep its table: ``board.py keep NAME -- SCRIPT ...``.

    The exit code is the script's, or 1 if it printed no table, or several and none was chosen.
    """
    options = _arguments(given)
    command = f"python {shlex.join(_without_data(options.script))}"
    if options.said is not None:  # long ago, or on another machine: what is known is what it said
        about: Line = {"table": options.name, "command": command, "imported": True}
        return _add(printed_tables(options.said.read_text(encoding="utf-8")), about, options)
    about = {
        "table": options.name, "command": command,
        "run": datetime.now(UTC).isoformat("T", "seconds"),
        "machine": machine(), "load": [round(os.getloadavg()[0], 2)],
        "versions": versions_of(EVERYWHERE), "commit": revision(FILE.parent.parent),
    }  # fmt: skip
    said = []
    with subprocess.Popen(
        [sys.executable, *options.script], stdout=subprocess.PIPE, text=True
    ) as ran:
        for line in ran.stdout or ():
            print(line, end="", flush=True)
            said.append(line)
    if ran.returncode:
        return ran.returncode
    about["load"].append(round(os.getloadavg()[0], 2))
    return _add(printed_tables("".join(said)), about, options)


def _add(tables: Sequence[Table], about: Line, options: argparse.Namespace) -> int:
    number = options.table or (1 if len(tables) == 1 else 0)
    if not 0 < number <= len(tables):
        told = "; ".join(f"{n}: {', '.join(t.columns)}" for n, t in enumerate(tables, 1)) or "none"
        print(f"{about['command']}: which table is {options.name}? Name it with --table. "
              f"Printed: {told}.", file=sys.stderr)  # fmt: skip
        return 1
    table = tables[number - 1]
    for row in table.rows:
        append(about | {"columns": list(table.columns), "cells": list(row)}, options.file)
    return 0


def _without_data(script: Sequence[str]) -> list[str]:
    """The command without where this machine has its corpora."""
    place = script.index("--data") if "--data" in script else len(script)
    return [*script[:place], *script[place + 2 :]]


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("board.py keep", description=keep.__doc__)
    parser.add_argument("name", help="of the table in RESULTS.md")
    parser.add_argument("script", nargs="+", help="after --: the script and what it is given")
    parser.add_argument("--table", type=int, help="which of several that it prints, from 1 on")
    parser.add_argument("--said", type=Path, help="a file of what it printed: run nothing")
    parser.add_argument("--file", type=Path, default=FILE)
    return parser.parse_args(given)
