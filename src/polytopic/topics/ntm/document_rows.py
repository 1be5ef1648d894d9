"""NTM's rows of documents: in memory or in a file, what their optimiser keeps, a batch's step."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.io import allocate, make_folder
from polytopic.scratch import zeros
from polytopic.topics.ntm.kernels import steps
from polytopic.topics.ntm.recipe import Recipe

__all__ = ["LANES", "each_lane", "open_rows", "row_moments", "step_batch"]

LANES = 4
"""Parts that blocks are divided among, whatever the number of threads."""


def open_rows(folder: Path | None, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Zeros in memory (where a run is bounded, in a file), or mapped from a new file of ``folder``.

    Raises
    ------
    InputError
        If it cannot be written, or the disk has no room for it.
    """
    if folder is None:
        return zeros(shape, np.float32)
    file = folder / f"{name}.float32"
    try:
        make_folder(folder)
        file.unlink(missing_ok=True)  # a model that maps the earlier one keeps it
        with file.open("xb") as made:
            allocate(made, 4 * math.prod(shape))
    except OSError as error:
        raise InputError(
            f"{file}: cannot be written ({error.strerror or error}). Free some space, or name "
            "another folder."
        ) from None
    return np.memmap(file, dtype=np.float32, mode="r+", shape=shape)


def row_moments(
    recipe: Recipe, shape: tuple[int, ...], folder: Path | None
) -> list[NDArray[np.float32]]:
    """What an optimiser keeps of each entry of W1: two arrays as :func:`open_rows`', or empty."""
    if recipe.optimiser in ("row-adagrad", "sgd"):
        return [steps.NO_MOMENTS, steps.NO_MOMENTS]
    return [open_rows(folder, f"documents-moment-{n}", shape) for n in range(2)]


def step_batch(
    rows: steps.Rows, documents: NDArray[np.int64], slopes: NDArray[np.float32], pairs: int,
    recipe: Recipe, step: steps.Step, pool: Executor,
) -> None:  # fmt: skip
    """Move the rows of a batch, or with ``decay_everywhere`` of all documents, by a mean.

    ``slopes``: of the batch's documents by their logits, sums over ``pairs``; (B, K).
    """
    n_documents = len(rows.weights)
    places = np.full(n_documents, -1 if recipe.decay_everywhere else -2)
    places[documents] = np.arange(len(documents))
    size = -(-n_documents // LANES)

    def work(lane: int) -> None:
        first, last = lane * size, min((lane + 1) * size, n_documents)
        steps.step_rows(rows, places, slopes, pairs, recipe.document_decay, first, last, step)

    each_lane(pool, work)


def each_lane(pool: Executor, work: Callable[[int], None]) -> None:
    """Do ``work`` for every lane; raises what it raised."""
    for task in [pool.submit(work, lane) for lane in range(LANES)]:
        task.result()
