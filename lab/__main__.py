"""``python -m lab NAME``: runs an experiment; exit code 1 if anything failed."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
import time
from types import ModuleType

from lab import experiments


def names() -> list[str]:
    """The experiments there are."""
    return sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))


def load(name: str) -> ModuleType:
    """The module of an experiment."""
    return importlib.import_module(f"lab.experiments.{name}")


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("list", "-h", "--help"):
        print("python -m lab NAME [options], python -m lab short")
        for name in names():
            print(f"  {name:10} {load(name).DESCRIPTION}")
        return 0
    if given[0] == "short":
        return max(
            [_apart(name, form) for name in given[1:] or names() for form in load(name).SHORT]
        )
    if given[0] not in names():
        print(f'lab: there is no experiment "{given[0]}". There are: {", ".join(names())}.')
        return 2
    return _run(given[0], given[1:])


def _apart(name: str, arguments: list[str]) -> int:
    """An experiment in a process of its own: what one has started must not reach the next."""
    return subprocess.run([sys.executable, "-m", "lab", name, *arguments], check=False).returncode


def _run(name: str, arguments: list[str]) -> int:
    experiment = load(name)
    parser = argparse.ArgumentParser(prog=f"python -m lab {name}", description=experiment.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", metavar="FILE", help="write the counts and failures here")
    experiment.arguments(parser)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    outcome = experiment.run(options)
    outcome.facts["seconds"] = round(time.perf_counter() - start, 1)
    print(outcome.describe(), flush=True)
    if options.json:
        outcome.write(options.json)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
