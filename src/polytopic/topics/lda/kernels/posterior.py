"""Gibbs samples of documents' topics, given the topics: posterior mean and spread of theta."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.random import step, uniform
from polytopic.topics.lda.kernels.drawing import document_stream, draw_topic, expand, weigh
from polytopic.topics.lda.kernels.inference import blocks_of, pad_topics

__all__ = ["sample_block", "sample_documents"]

_LANE = 16
"""Topics summed at once, as in drawing."""

_BLOCK_PAIRS = 2048
"""Pairs a task: a sampled document costs some hundred times an inferred one."""

_ONE = np.float32(1.0)


def sample_documents(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: NDArray[np.float32],
    rows: NDArray[np.float32],
    alpha: NDArray[np.floating],
    theta: NDArray[np.float32],
    *,
    samples: int,
    burn_in: int = 20,
    key: int = 0,
    n_threads: int = 1,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Posterior mean and standard deviation of theta, from ``samples`` Gibbs sweeps a document.

    After ``burn_in`` sweeps each sweep draws z_i ~ (n_k^-i + alpha_k) phi_kw of every token. Given
    z, theta is Dirichlet(n + alpha): its mean and second moment, not draws of theta, are averaged
    (Rao-Blackwell), so the deviation holds what is unknown of theta given z too.

    What is drawn depends on ``key`` and on the document's counts: not on its place, its neighbours
    or the number of threads. The Monte Carlo error falls as 1 / sqrt(samples); sweeps in a row are
    correlated.

    Parameters
    ----------
    indptr, indices, data : CSR counts, whole numbers; int64, int32, float32
    rows : float32, shape (V, Kp)
        Of :func:`~polytopic.topics.lda.kernels.inference.term_rows`.
    alpha : shape (K,)
    theta : float32, shape (D, K)
        Where to start: topics are first drawn from theta_k phi_kw.
    samples, burn_in, key, n_threads : int

    Returns
    -------
    mean, deviation : float32, shape (D, K)
        Of a document without tokens: those of Dirichlet(alpha).
    """
    mean, deviation = np.empty_like(theta), np.empty_like(theta)
    padded = pad_topics(np.asarray(alpha, dtype=np.float64))

    counts = Csr(indptr, indices, data)

    def run(block: tuple[int, int]) -> None:
        sample_block(
            counts, block[0], block[1], rows, padded, theta, burn_in, samples, key,
            (mean, deviation),
        )  # fmt: skip

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(run, blocks_of(indptr, _BLOCK_PAIRS)))
    return mean, deviation


@compiled()
def sample_block(
    given: Csr,
    first: int,
    last: int,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float32],
    theta: NDArray[np.float32],
    burn_in: int,
    samples: int,
    key: int,
    out: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Documents ``first`` to ``last``; see :func:`sample_documents`. Writes mean and deviation."""
    indptr, indices, data = given
    mean, deviation = out
    width, n_topics = len(alpha), theta.shape[1]
    weights, sums = np.empty(width, np.float32), np.empty(width // _LANE, np.float32)
    tokens, nothing = np.empty(width, np.float32), np.zeros(width, np.float32)
    start = np.zeros(width, np.float32)
    moments = np.empty((2, n_topics))
    whole = 0.0
    for k in range(n_topics):
        whole += alpha[k]
    for document in range(first, last):
        terms = indices[indptr[document] : indptr[document + 1]]
        counts = data[indptr[document] : indptr[document + 1]]
        size = 0
        for place in range(len(terms)):
            size += int(counts[place])
        places, topics = np.empty(size, np.int32), np.empty(size, np.int32)
        state = expand(terms, counts, document_stream(key, terms, counts), places)
        start[:n_topics] = theta[document]
        tokens[:] = nothing
        for n in range(size):
            mass = weigh(start, nothing, rows[terms[places[n]]], weights, sums)
            topics[n] = draw_topic(uniform(state) * mass, weights, sums)
            state = step(state)
            tokens[topics[n]] += _ONE
        moments[:] = 0.0
        for sweep in range(burn_in + samples):
            for n in range(size):
                tokens[topics[n]] -= _ONE
                mass = weigh(tokens, alpha, rows[terms[places[n]]], weights, sums)
                topics[n] = draw_topic(uniform(state) * mass, weights, sums)
                state = step(state)
                tokens[topics[n]] += _ONE
            if sweep >= burn_in:
                _add_moments(tokens, alpha, whole + size, moments)
        for k in range(n_topics):
            average = moments[0, k] / samples
            mean[document, k] = average
            variance = moments[1, k] / samples - average * average
            deviation[document, k] = math.sqrt(max(variance, 0.0))


@compiled()
def _add_moments(
    tokens: NDArray[np.float32],
    alpha: NDArray[np.float32],
    whole: float,
    moments: NDArray[np.float64],
) -> None:
    """Add the first and second moments of Dirichlet(tokens + alpha)."""
    for k in range(moments.shape[1]):
        a = np.float64(tokens[k]) + alpha[k]
        moments[0, k] += a / whole
        moments[1, k] += a * (a + 1.0) / (whole * (whole + 1.0))
