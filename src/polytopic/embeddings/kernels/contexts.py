"""The contexts of a centre: their vectors copied out or summed, their gradients put back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import below, mix, step

__all__ = ["FAST", "add_back", "add_back_bag", "bag", "copy_rows", "reach_of"]

# No "nnan": a vector that diverged must show in the loss.
FAST = {"contract", "reassoc", "nsz", "arcp"}


@compiled()
def reach_of(state: int, window: int, shrink: bool) -> tuple[np.int64, int]:
    """How far a centre looks to each side, and the state its next draws go on from.

    With ``shrink`` the first draw gives 1 to ``window``, all alike (Mikolov et al., 2013); without
    it nothing is drawn.
    """
    if not shrink:
        return np.int64(window), state
    state = step(state)
    return np.int64(below(mix(state), window)) + 1, state


@compiled(fastmath=FAST, error_model="numpy")
def copy_rows(
    ids: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    inputs: NDArray[np.float32],
    vectors: NDArray[np.float32],
    gradients: NDArray[np.float32],
) -> int:
    """Copy the input rows of ids[first:last] without ``centre``; clear ``gradients``.

    Returns
    -------
    int
        How many there are.
    """
    dim = inputs.shape[1]
    n = 0
    for place in range(first, last):
        if place == centre:
            continue
        row = ids[place]
        for d in range(dim):
            vectors[n, d] = inputs[row, d]
            gradients[n, d] = 0.0
        n += 1
    return n


@compiled(fastmath=FAST, error_model="numpy")
def add_back(
    ids: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    inputs: NDArray[np.float32],
    gradients: NDArray[np.float32],
) -> None:
    """Add row n of ``gradients`` to the input row of the n-th context."""
    dim = inputs.shape[1]
    n = 0
    for place in range(first, last):
        if place == centre:
            continue
        row = ids[place]
        for d in range(dim):
            inputs[row, d] += gradients[n, d]
        n += 1


@compiled(fastmath=FAST, error_model="numpy")
def bag(
    ids: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    inputs: NDArray[np.float32],
    average: bool,
    vector: NDArray[np.float32],
    gradient: NDArray[np.float32],
) -> None:
    """Sum or mean of the input rows of ids[first:last] without ``centre``; clear ``gradient``."""
    dim = inputs.shape[1]
    for d in range(dim):
        vector[d] = 0.0
        gradient[d] = 0.0
    for place in range(first, last):
        if place == centre:
            continue
        row = ids[place]
        for d in range(dim):
            vector[d] += inputs[row, d]
    if average:
        share = np.float32(1.0) / np.float32(last - first - 1)
        for d in range(dim):
            vector[d] *= share


@compiled(fastmath=FAST, error_model="numpy")
def add_back_bag(
    ids: NDArray[np.int32],
    first: int,
    centre: int,
    last: int,
    inputs: NDArray[np.float32],
    gradient: NDArray[np.float32],
    divide: bool,
) -> None:
    """Add ``gradient``, or its equal share, to the input row of each context."""
    dim = inputs.shape[1]
    if divide:
        share = np.float32(1.0) / np.float32(last - first - 1)
        for d in range(dim):
            gradient[d] *= share
    for place in range(first, last):
        if place == centre:
            continue
        row = ids[place]
        for d in range(dim):
            inputs[row, d] += gradient[d]
