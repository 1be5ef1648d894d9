"""Documents as vectors that predict their words (Le & Mikolov, ICML 2014), by negative sampling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Chosen, Matrices, Noise, Windows
from polytopic.embeddings.kernels.cbow import draw_rows, emptied, gather, move, scores
from polytopic.embeddings.kernels.contexts import FAST
from polytopic.embeddings.kernels.negatives import draw
from polytopic.embeddings.kernels.simd import LANES, OUTPUTS, products, row, slopes, update
from polytopic.embeddings.kernels.simd_bag import bag, pull, spread
from polytopic.embeddings.kernels.subsampling import select
from polytopic.kernels.compiling import compiled
from polytopic.kernels.random import mix, step, stream

__all__ = ["TOGETHER", "Paragraph", "infer_documents", "paragraph_negative"]

TOGETHER = 4
"""Words that a document predicts from its row as it was before them: slopes are reckoned in vectors
of 8 or 16, which the six pairs of a word do not fill. Word by word took half as long again."""

_AHEAD = 64
"""Centres whose rows are drawn at once."""

_MOST = 2048
"""Pairs drawn at once, so that the product of all factors of a lane, at most 2, is a float64."""

_FACTORS = 600
"""So many factors, and those of another _MOST pairs, have a product below the largest float64."""


class Paragraph(NamedTuple):
    """Whether the neighbours of a word help its document predict it (PV-DM); who learns.

    ``learns``: rows of words too, not those of documents alone.
    """

    neighbours: bool
    learns: bool


class _Pairs(NamedTuple):
    """Room for pairs of a vector and an output row: see :func:`~.simd.slopes`."""

    sums: NDArray[np.float32]
    signs: NDArray[np.float32]
    steps: NDArray[np.float32]
    losses: NDArray[np.float64]


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

    That of sentence s is row s of ``documents``, shape (S, E): amid neighbours (PV-DM) or alone
    (PV-DBOW). A negative equal to the centre is left out, as in word2vec.c. The matrices are at
    least E wide.
    """
    if how.neighbours:
        _amid(chosen, key, windows, noise, matrices, rate, totals, documents, how.learns)
    else:
        _alone(chosen, key, noise, matrices, rate, totals, documents, how.learns)


@compiled(fastmath=FAST, error_model="numpy")
def _alone(
    chosen: Chosen,
    key: int,
    noise: Noise,
    matrices: Matrices,
    rate: float,
    totals: NDArray[np.float64],
    documents: NDArray[np.float32],
    learns: bool,
) -> None:
    """PV-DBOW: the slopes of :data:`TOGETHER` centres come from the rows as they were before them.

    Then the document moves with :data:`~.simd.OUTPUTS` output rows at a time, and the rest one by
    one.
    """
    n_sentences, low, high = chosen.n_sentences, chosen.low, chosen.high
    n_rows = 1 + noise.negative
    width = -(-TOGETHER * n_rows // LANES) * LANES
    pairs = _Pairs(
        np.zeros(width * LANES, np.float32), np.ones(width, np.float32),
        np.zeros(width, np.float32), np.repeat(np.array([0.0, 1.0]), LANES),
    )  # fmt: skip
    ahead = max(1, min(_AHEAD, _MOST // n_rows))
    rows, starts = np.empty((ahead + 1) * n_rows, np.int64), np.zeros(ahead + 1, np.int64)
    xs = np.empty(1, np.int64)
    loss, factors = 0.0, 0
    for s in range(n_sentences):
        xs[0] = row(documents, s)
        last = min(chosen.sentences[s + 1], high)
        for start in range(max(chosen.sentences[s], low), last, ahead):
            n = min(ahead, last - start)
            _choose(chosen, start, n, key, noise, matrices, rows, starts)
            _predict(xs, documents[s], rows, starts, n, rate, pairs, learns)
            factors += ahead * (1 + n_rows // LANES)
            if factors > _FACTORS:
                loss += emptied(pairs.losses)
                factors = 0
    totals[0] += loss + emptied(pairs.losses)
    totals[1] += high - low


@compiled()
def _choose(
    chosen: Chosen,
    first: int,
    n_centres: int,
    key: int,
    noise: Noise,
    matrices: Matrices,
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> None:
    """Draw the output rows of centres: ``rows[starts[k]:starts[k + 1]]``, their addresses."""
    ids, where = chosen.ids, chosen.where
    outputs, others = matrices.outputs, matrices.noise
    negative, table = noise
    n = 0
    for k in range(n_centres):
        starts[k] = n
        own, state = ids[first + k], stream(key, where[first + k])
        rows[n] = row(outputs, own)
        n += 1
        for _ in range(negative):
            state = step(state)
            word = draw(mix(state), table)
            rows[n] = row(others, word)
            n += word != own
    starts[n_centres] = n


@compiled(fastmath=FAST, error_model="numpy")
def _predict(
    xs: NDArray[np.int64],
    document: NDArray[np.float32],
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    n_centres: int,
    rate: float,
    pairs: _Pairs,
    learns: bool,
) -> None:
    """Move the document's row, whose address is ``xs[0]``, and the output rows of centres."""
    sums, signs, steps, losses = pairs
    dim = len(document)
    for k in range(0, n_centres, TOGETHER):
        n = min(TOGETHER, n_centres - k)
        first, last = starts[k], starts[k + n]
        full = last - (last - first) % OUTPUTS
        for o in range(first, full, OUTPUTS):
            products(xs, 0, rows, o, dim, sums, o - first, OUTPUTS, 1, OUTPUTS)
        for o in range(full, last):
            products(xs, 0, rows, o, dim, sums, o - first, 1, 1, 1)
        for pair in range(last - first):
            signs[pair] = 1.0
        for centre in range(k, k + n):
            signs[starts[centre] - first] = -1.0
        slopes(sums, signs, 0, last - first, rate, steps, losses)
        if learns:
            for o in range(first, full, OUTPUTS):
                update(xs, 1, rows, o, dim, steps, o - first, OUTPUTS, OUTPUTS)
            for o in range(full, last):
                update(xs, 1, rows, o, dim, steps, o - first, 1, 1)
        else:
            for o in range(first, full, OUTPUTS):
                pull(rows, o, dim, steps, o - first, document, OUTPUTS)
            for o in range(full, last):
                pull(rows, o, dim, steps, o - first, document, 1)


@compiled(fastmath=FAST, error_model="numpy")
def _amid(
    chosen: Chosen,
    key: int,
    windows: Windows,
    noise: Noise,
    matrices: Matrices,
    rate: float,
    totals: NDArray[np.float64],
    documents: NDArray[np.float32],
    learns: bool,
) -> None:
    """PV-DM: as :func:`~.cbow.cbow_negative`, averaged and not divided.

    The document's row is among the contexts of each of its centres.
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
        begin = max(i - reaches[k], sentences[sentence])
        for j in range(begin, min(i + reaches[k] + 1, sentences[sentence + 1])):
            if j != i:
                xs[n_xs] = x_start + x_row * ids[j]
                n_xs += 1
        bag(xs, n_xs, dim, whole / np.float32(n_xs), vector)
        scores(bags, rows, k, counts[k], dim, sums)
        slopes(sums, signs, 0, counts[k], rate, steps, losses)
        if learns:
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
