"""Documents as vectors that predict their words (Le & Mikolov, ICML 2014), by negative sampling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Chosen, Matrices, Noise, Windows
from polytopic.embeddings.kernels.cbow import draw_rows, emptied, gather, move, scores
from polytopic.embeddings.kernels.contexts import FAST
from polytopic.embeddings.kernels.simd import LANES, slopes
from polytopic.embeddings.kernels.simd_bag import bag, spread
from polytopic.embeddings.kernels.subsampling import select
from polytopic.kernels.compiling import compiled

__all__ = ["Paragraph", "infer_documents", "paragraph_negative"]

_AHEAD = 64
"""Centres whose rows are drawn at once."""

_FACTORS = 900
"""A product of so many factors of at most 2 stays below the largest float64."""


class Paragraph(NamedTuple):
    """Whether the neighbours of a word help its document predict it (PV-DM); who learns.

    ``learns``: rows of words too, not those of documents alone.
    """

    neighbours: bool
    learns: bool


@compiled(fastmath=FAST, error_model="numpy")
def paragraph_negative(
    chosen: Chosen,
    key: int,
    windows: Windows,
    noise: Noise,
    matrices: Matrices,
    rate: float,
    totals: NDArray[np.float64],
    documents: NDArray[np.float32],
    how: Paragraph,
) -> None:
    """Train on the centres ``ids[low:high]``: each is predicted by its document's row.

    The same as :func:`~.cbow.cbow_negative`, averaged and not divided, with the row s of
    ``documents``, shape (S, E), among the contexts of sentence s; without neighbours it is all
    there is (PV-DBOW). The matrices are at least E wide.
    """
    ids, where, sentences, n_sentences, low, high = chosen
    dim, inputs = documents.shape[1], matrices.inputs
    room = -(-(1 + noise.negative) // LANES) * LANES
    sums = np.zeros(room * LANES, np.float32)
    steps, signs = np.zeros(room, np.float32), np.ones(room, np.float32)
    signs[0] = -1.0
    losses = np.zeros(2 * LANES)
    losses[LANES:] = 1.0
    vector, gradient = np.zeros(dim, np.float32), np.zeros(dim, np.float32)
    bags = np.full(1, np.int64(vector.ctypes.data))
    xs = np.empty(2 * windows.reach + 1, np.int64)
    rows = np.empty((_AHEAD, 1 + noise.negative), np.int64)
    counts, reaches = np.empty(_AHEAD, np.int64), np.empty(_AHEAD, np.int64)
    x_start, x_row = np.int64(inputs.ctypes.data), np.int64(inputs.strides[0])
    d_start, d_row = np.int64(documents.ctypes.data), np.int64(documents.strides[0])
    sentence, factors, loss, whole = 0, 0, 0.0, np.float32(1.0)
    for i in range(low, high):
        k = (i - low) & (_AHEAD - 1)
        if k == 0:
            stop = min(i + _AHEAD, high)
            draw_rows(
                ids[i:stop], where[i:stop], key, windows, noise.table, matrices, rows, counts,
                reaches,
            )  # fmt: skip
        while sentence + 1 < n_sentences and sentences[sentence + 1] <= i:
            sentence += 1
        xs[0] = d_start + d_row * sentence
        n_xs = 1
        if how.neighbours:
            begin = max(i - reaches[k], sentences[sentence])
            for j in range(begin, min(i + reaches[k] + 1, sentences[sentence + 1])):
                if j != i:
                    xs[n_xs] = x_start + x_row * ids[j]
                    n_xs += 1
        bag(xs, n_xs, dim, whole / np.float32(n_xs), vector)
        scores(bags, rows, k, counts[k], dim, sums)
        slopes(sums, signs, 0, counts[k], rate, steps, losses)
        if how.learns:
            move(rows, k, counts[k], dim, steps, vector, gradient)
            spread(xs, n_xs, dim, whole, gradient)
        else:
            gather(rows, k, counts[k], dim, steps, gradient)
            spread(xs, 1, dim, whole, gradient)
        factors += 1 + counts[k] // LANES
        if factors > _FACTORS:
            loss += emptied(losses)
            factors = 0
    totals[0] += loss + emptied(losses)
    totals[1] += high - low


@compiled()
def infer_documents(
    tokens: NDArray[np.int32],
    bounds: NDArray[np.int64],
    first: int,
    last: int,
    keep: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    prediction: tuple[Windows, Noise, Matrices, Paragraph],
    rates: NDArray[np.float64],
    documents: NDArray[np.float32],
) -> None:
    """Find the rows of documents ``first`` to ``last``, each by itself, from zeros.

    Parameters
    ----------
    tokens : int32 array of shape (N,)
        Negative ones are left out.
    bounds : int64 array of shape (D+1,)
    keep : uint64 array of shape (V,)
    keys : uint64 array of shape (epochs, 2)
        For subsampling, and for windows and negatives; places are counted from a document's begin.
    prediction : tuple
    rates : float64 array of shape (epochs,)
        At the begin of each pass, evenly falling.
    documents : float32 array of shape (D, E), written
    """
    windows, noise, matrices, how = prediction
    longest = 0
    for d in range(first, last):
        longest = max(longest, bounds[d + 1] - bounds[d])
    ids, where = np.empty(longest, np.int32), np.empty(longest, np.int64)
    sentences, totals = np.empty(2, np.int64), np.zeros(2)
    inside = np.zeros(2, np.int64)
    for d in range(first, last):
        row = documents[d : d + 1]
        row[:] = 0.0
        inside[1] = bounds[d + 1] - bounds[d]
        own = tokens[bounds[d] : bounds[d + 1]]
        for epoch in range(len(rates)):
            kept, n, low, high = select(
                own, inside, 0, inside[1], 0, keep, keys[epoch, 0], ids, where, sentences
            )
            if kept == 0:
                continue
            chosen = Chosen(ids[:kept], where[:kept], sentences, n, low, high)
            rate = np.float32(rates[epoch])
            paragraph_negative(
                chosen, keys[epoch, 1], windows, noise, matrices, rate, totals, row, how
            )
