"""Running a comparison: what was done before is read, the rest is computed, in processes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from polytopic.comparing.cells import Cell, Documents, Done, read_done, run_cell, write_done
from polytopic.comparing.comparison import Comparison
from polytopic.comparing.plans import (
    SEEDS,
    TEST_SIZE,
    Plan,
    as_models,
    as_seeds,
    cells_of,
    documents_of,
)
from polytopic.errors import InputError
from polytopic.io import PARTIAL, claimed, make_folder, refuse_foreign
from polytopic.processes import in_processes
from polytopic.progress import progress_bar

__all__ = ["compare", "run_plan"]

CELLS = "cells"
WRITTEN = ("cells.csv", "table.csv", "table.md", "table.tex", "comparison.html")
"""What the folder of a comparison holds."""


def compare(
    models: Any,
    corpora: Any,
    *,
    seeds: int | Sequence[int] = SEEDS,
    n_topics: int | Sequence[int] | None = None,
    reference: Any = None,
    test_size: float | int | None = TEST_SIZE,
    folder: str | Path | None = None,
    n_jobs: int = 1,
    n_threads: int | None = None,
    verbose: bool = False,
) -> Comparison:
    """Fit every model with every seed to every corpus, and tell the metrics with intervals.

    Parameters
    ----------
    models : list of names or models, or a dict of names to those or to dicts of parameters
        ``["lda", "prodlda"]``, or ``{"long": {"model": "lda", "iterations": 500}}``.
    corpora : Corpus, path, (training, test), or a dict of names to those
        A single corpus is cut in two; models see the training part alone.
    seeds : int or list of int
        Their number, or the seeds. With two or more the table has deviations and intervals.
    n_topics : int or list of int, optional
        K of every model; each of several in turn.
    reference : Corpus or lists of tokens, optional
        Another text to judge the coherence by, such as a Wikipedia.
    test_size : float, int or None
        Share or number of the documents for the test part, drawn once for all cells.
    folder : path, optional
        Where each cell is kept when it is done; the same call goes on from there. Tables and a page
        are written there at the end.
    n_jobs : int
        Processes. The figures are the same for any number.
    n_threads : int, optional
        Threads of a model; by default the processors, divided among the processes.
    verbose : bool

    Returns
    -------
    Comparison
        ``.table()``, ``.to_markdown()``, ``.to_latex()``, ``.write("comparison.html")``.

    Raises
    ------
    InputError
        If a model, a parameter, a corpus or the folder cannot be used. A cell that cannot be
        fitted is told in the table instead.

    >>> from polytopic import Corpus
    >>> corpus = Corpus.from_tokens([["cell", "gene"], ["road", "car"]] * 20)
    >>> found = compare({"lda": {"iterations": 5}}, corpus, n_topics=2, seeds=2)
    >>> found.table(["diversity"])["diversity"].to_list()
    [0.5]
    """
    plan = Plan(
        as_models(models, n_topics),
        documents_of(corpora, test_size, reference),
        as_seeds(seeds),
        n_jobs,
    )
    return run_plan(plan, folder, n_threads=n_threads, verbose=verbose)


def run_plan(
    plan: Plan,
    folder: str | Path | None = None,
    *,
    n_threads: int | None = None,
    verbose: bool = False,
) -> Comparison:
    """Run a plan; what it raises and ``folder`` are those of :func:`compare`."""
    if isinstance(plan.n_jobs, bool) or not isinstance(plan.n_jobs, int) or plan.n_jobs < 1:
        raise InputError(
            f"n_jobs: is {plan.n_jobs!r:.40}. Give the number of processes, from 1 on."
        )
    cells = cells_of(plan)
    with ExitStack() as held:
        place = None if folder is None else _reserve(Path(folder), held)
        done = {} if place is None else _known(cells, place)
        rest = [cell for cell in cells if cell not in done]
        with progress_bar("comparing", len(cells), shown=verbose) as advance:
            advance(len(done), "")
            for cell, found in _computed(rest, plan, n_threads):
                if found is None:
                    raise KeyboardInterrupt
                if place is not None and not found.told:
                    _keep(found, cell, place)
                done[cell] = found
                advance(len(done), f"{cell.model}, {cell.corpus}, seed {cell.seed}")
        comparison = Comparison(tuple(done[cell] for cell in cells))
        if place is not None:
            comparison.write_all(place.parent)
    return comparison


def _reserve(folder: Path, held: ExitStack) -> Path:
    """The folder of the cells, checked, writable and held by this process."""
    owned = (CELLS, *WRITTEN)
    refuse_foreign(
        folder, lambda name: name in owned or name.startswith(PARTIAL), "Name a new folder."
    )
    try:
        make_folder(folder)
        held.enter_context(claimed(folder))
        (folder / CELLS).mkdir(exist_ok=True)
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{folder}: cannot be written to ({error.strerror or error}). Name another folder."
        ) from None
    return folder / CELLS


def _known(cells: Sequence[Cell], place: Path) -> dict[Cell, Done]:
    read = {cell: read_done(cell, place) for cell in cells}
    return {cell: done for cell, done in read.items() if done is not None}


def _keep(found: Done, cell: Cell, place: Path) -> None:
    try:
        write_done(found, cell, place)
    except OSError as error:
        raise InputError(
            f"{place}: cannot be written ({error.strerror or error}). Free some space and start "
            "again: what is done is kept."
        ) from None


def _computed(
    cells: Sequence[Cell], plan: Plan, n_threads: int | None
) -> Iterator[tuple[Cell, Done | None]]:
    """Cells with what was found, as they are done."""
    if plan.n_jobs == 1 or len(cells) < 2:
        for cell in cells:
            yield cell, run_cell(cell, plan.documents[cell.corpus], n_threads)
        return
    share = n_threads or max(1, (os.cpu_count() or 1) // plan.n_jobs)
    tasks = [(n, cell, plan.documents[cell.corpus], share) for n, cell in enumerate(cells)]
    for number, found in in_processes(_numbered, tasks, plan.n_jobs):
        yield cells[number], found


def _numbered(
    number: int, cell: Cell, documents: Documents, n_threads: int
) -> tuple[int, Done | None]:
    return number, run_cell(cell, documents, n_threads)
