"""The board: runs chosen rows, keeps each as a line, and makes all tables of the same lines.

    python benchmarks/board.py --list                           # the rows, and what is there
    python benchmarks/board.py --rows 'quality/20ng-5k/*'       # runs what is not there yet
    python benchmarks/board.py --rows 'speed/lda/*' --seeds 1   # one seed of each
    python benchmarks/board.py keep cleaning -- benchmarks/cleaning.py   # keeps what it prints
    python benchmarks/board.py tables                           # writes the tables of RESULTS.md
    python benchmarks/board.py check                            # ends with 1 if one differs

A row is a model or a pair of programs, on a corpus, with a seed (``_board/rows.py``). Each run is a
process of its own and becomes a line of ``board.jsonl`` as soon as it ends; Ctrl-C loses the run
that is on, no other. A run that is there (same row, seed, settings and versions) is not run again
without ``--again``; one that fails is told, and the others go on. A corpus or a package that is
missing is told in a line, and its rows are left out.

``keep`` runs a script, and each row of the table that it prints (Markdown, or JSON lines) becomes a
line of ``printed.jsonl`` (``_board/printed.py``): the table of that name is of these rows, until
the same command is kept again. ``--said FILE`` takes what an earlier run printed.

Tables stand in RESULTS.md between ``<!-- board: NAME -->`` and ``<!-- end -->``
(``_board/tables.py``); the site's pages are made of the same lines.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from _board import document, lines, printed
from _board.rows import ROWS, Row, chosen
from _board.running import Failed, absent, run

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
INTERRUPTED = 130
"""What a shell gives a program that a Ctrl-C ended."""


def main(given: list[str] | None = None) -> int:
    """The exit code: 1 if a run failed, or a table differs."""
    given = sys.argv[1:] if given is None else given
    if given[:1] == ["keep"]:
        return printed.keep(given[1:])
    arguments = _arguments(given)
    if arguments.step == "check":
        kept = lines.read(arguments.file), printed.kept()
        return _told(document.differing(arguments.results, *kept))
    if arguments.step == "tables":
        kept = lines.read(arguments.file), printed.kept()
        changed = document.written(arguments.results, *kept)
        print(f"{arguments.results}: {len(changed)} tables changed", *changed, sep="\n  ")
        return 0
    rows = chosen(arguments.rows or (["*"] if arguments.list else []))
    if arguments.list:
        _list(rows, arguments.file)
        return 0
    try:
        return run_all(rows, arguments)
    except OSError as error:
        print(f"{arguments.file}: cannot be written ({error.strerror}); what had ended before is "
              "kept, and the same command goes on.", file=sys.stderr)  # fmt: skip
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: what had ended is kept; the same command goes on.", file=sys.stderr)
        return INTERRUPTED


def run_all(rows: list[Row], arguments: argparse.Namespace) -> int:
    """Seed by seed, so that each row has its first figure before another has its second."""
    missing = {row.name: reason for row in rows if (reason := absent(row, arguments.data))}
    for reason in dict.fromkeys(missing.values()):
        left = [name for name, other in missing.items() if other == reason]
        print(f"{reason}; left out: {', '.join(left)}", file=sys.stderr)
    failed = 0
    for place in range(max((len(row.seeds) for row in rows), default=0)):
        for row in rows:
            if row.name in missing or place >= min(len(row.seeds), arguments.seeds or sys.maxsize):
                continue
            seed = row.seeds[place]
            if not arguments.again and _there(row, seed, arguments.file):
                continue
            try:
                line = run(row, seed, arguments.data, arguments.limit)
            except Failed as error:
                failed += 1
                print(f"{row.command(seed)}: {error}", file=sys.stderr, flush=True)
                continue
            lines.append(line, arguments.file)
            print(f"{row.command(seed)}: {line['seconds']['clock']} s", flush=True)
    if failed:
        print(f"{failed} runs failed; the others are kept.", file=sys.stderr)
    return 1 if failed or missing else 0


def _there(row: Row, seed: int | None, file: Path) -> bool:
    versions = lines.versions_of(row.depends)
    versions.pop("python")  # figures of another Python are the same; it is told all the same
    return lines.known(lines.read(file), row.name, seed, list(row.options), versions)


def _list(rows: list[Row], file: Path) -> None:
    counting = lines.current(lines.read(file))
    for row in rows:
        there = counting.get(row.name, [])
        kind = " imported" if any(line.get("imported") for line in there) else ""
        print(f"{row.name:40} {len(there)}{kind} of {len(row.seeds)}  {row.command(row.seeds[0])}")


def _told(faults: list[str]) -> int:
    print("\n".join(faults) or "Every table is as its lines are.")
    return 1 if faults else 0


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("step", nargs="?", choices=("run", "tables", "check"), default="run")
    parser.add_argument("--rows", nargs="+", help="names of rows; * stands for anything")
    parser.add_argument("--list", action="store_true", help="print the rows and run none")
    parser.add_argument("--seeds", type=int, help="at most so many seeds of each row")
    parser.add_argument("--again", action="store_true", help="run also what is there")
    parser.add_argument("--limit", type=float, help="seconds after which a run is ended")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--file", type=Path, default=lines.FILE, help="where the lines are kept")
    parser.add_argument("--results", type=Path, default=document.RESULTS)
    arguments = parser.parse_args(given)
    if arguments.step == "run" and not (arguments.rows or arguments.list):
        parser.error(f"name rows with --rows (there are {len(ROWS)}, see --list)")
    if arguments.seeds is not None and arguments.seeds < 1:
        parser.error(f"--seeds: is {arguments.seeds}; give a number from 1 on")
    if arguments.limit is not None and not arguments.limit > 0:
        parser.error(f"--limit: is {arguments.limit:g}; give seconds above 0")
    if arguments.step != "run" and not arguments.results.is_file():
        parser.error(f"--results: {arguments.results} is not there")
    if arguments.step == "run" and not arguments.list:
        try:  # before hours of work, not after
            arguments.file.open("ab").close()
        except OSError as error:
            parser.error(f"--file: {arguments.file} cannot be written ({error.strerror})")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
