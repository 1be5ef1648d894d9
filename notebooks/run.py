"""Run the notebooks in order, as plain scripts and, with --cells, as notebooks.

    python notebooks/run.py [--cells FOLDER] [NAME ...]

Each is a script of cells (jupytext's percent format): Jupyter opens it with jupytext. ``--cells``
executes them by nbclient (extra ``site``), refuses an output that is an error, and writes them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

LONGEST = 600
"""Seconds after which a notebook is given up: they are made for two minutes of two free cores."""


def notebooks() -> list[Path]:
    """The notebooks in their order."""
    return sorted(HERE.glob("[0-9]_*.py"))


def _environment() -> dict[str, str]:
    """That of this process, and ``own_texts`` can be imported."""
    search = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": search}


def as_script(path: Path) -> str:
    """What it prints; it runs in a folder of its own.

    Raises
    ------
    RuntimeError
        If it fails; the message ends in what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, str(path.resolve())], cwd=folder, capture_output=True, text=True,
            timeout=LONGEST, check=False, env=_environment(),
        )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(f"{path.name} failed:\n{ran.stderr[-3000:]}")
    return ran.stdout


def as_cells(path: Path, out: Path) -> None:
    """Execute it cell by cell and write it, with its outputs, to ``out``."""
    import jupytext
    import nbformat
    from nbclient import NotebookClient

    notebook = jupytext.read(path)
    with tempfile.TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=LONGEST, resources=where).execute(env=_environment())
    for cell in notebook.cells:
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            raise RuntimeError(f"{path.name}: a cell ended in an error")
    out.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, out / f"{path.stem}.ipynb")


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the notebooks in order.")
    parser.add_argument("names", nargs="*", help="beginnings of their names; default: all")
    parser.add_argument("--cells", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    for path in notebooks():
        if given.names and not path.name.startswith(tuple(given.names)):
            continue
        started = time.perf_counter()
        if given.cells:
            as_cells(path, given.cells.resolve())
        else:
            as_script(path)
        print(f"{path.name}: {time.perf_counter() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
