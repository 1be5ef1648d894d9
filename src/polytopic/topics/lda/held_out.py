"""The likelihood of held-out documents under given topics, with theta and z integrated out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import as_counts
from polytopic.errors import InputError
from polytopic.kernels.csr import Csr
from polytopic.topics.lda.kernels.held_out import annealed_block, left_to_right_block
from polytopic.topics.lda.kernels.inference import blocks_of, csr_arrays, pad_topics, term_rows

__all__ = ["annealed", "left_to_right"]

_BLOCK_PAIRS = 1024
"""Pairs a task: an estimate costs some hundred times an inference, so tasks are small."""


def left_to_right(
    counts: sparse.csr_matrix,
    topic_word: NDArray[np.floating],
    alpha: NDArray[np.floating],
    *,
    particles: int = 20,
    moves: int | None = None,
    random_state: int = 0,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """log p(w | phi, alpha) of each document, token after token: shape (D,), in nats.

    p(w) = prod_n p(w_n | w_<n), each factor the mean over particles, samples of z_<n given w_<n, of
    sum_k phi_kw (n_k + alpha_k) / (n + sum alpha). Particles are moved by Gibbs steps before each
    token (Wallach, Murray, Salakhutdinov & Mimno, ICML 2009; Buntine, ACML 2009) and carry
    weights, resampled where these grow uneven (resample-move: Gilks & Berzuini, JRSS B 2001), which
    makes the estimate of p(w) unbiased for any number of particles. Its logarithm is low by about
    half its variance, which falls as 1 / particles.

    The tokens of a document are taken in a random order. What is drawn depends on ``random_state``
    and on the document's counts: not on its place, its neighbours or the number of threads. Sums
    are in float32: log p is exact to about 1e-6 a token, the Monte Carlo error aside.

    Parameters
    ----------
    counts : Corpus, or whole-number counts of shape (D, V)
    topic_word : shape (K, V)
        Rows on the simplex.
    alpha : shape (K,)
        Positive.
    particles : int
        R.
    moves : int, optional
        Earlier tokens redrawn, of each particle, before each token; all of them if None, at a cost
        that grows with the square of a document's length.
    random_state, n_threads : int

    Returns
    -------
    float64 array of shape (D,)
        0 for a document without tokens; -inf if no topic gives mass to one of its terms.

    Raises
    ------
    InputError
        If shapes disagree, alpha is not positive, or ``particles`` or ``moves`` is out of range.
    """
    _check_whole("particles", particles, 1)
    _check_whole("moves", 0 if moves is None else moves, 0)
    depth = -1 if moves is None else moves

    def work(arrays: _Arrays, block: tuple[int, int], out: NDArray[np.float64]) -> None:
        left_to_right_block(arrays[0], *block, *arrays[1:], particles, depth, random_state, out)

    return _over_documents(work, counts, topic_word, alpha, n_threads)


def annealed(
    counts: sparse.csr_matrix,
    topic_word: NDArray[np.floating],
    alpha: NDArray[np.floating],
    *,
    temperatures: int = 200,
    chains: int = 5,
    random_state: int = 0,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """log p(w | phi, alpha) of each document by annealed importance sampling: shape (D,), in nats.

    Each chain draws z from its prior and goes by Gibbs sweeps through p(z) p(w | z)^b, b = 0, 1/S,
    2/S, ..., multiplying its weight by p(w | z)^(1/S) (Neal, Statistics and Computing 2001; Wallach
    et al., ICML 2009). The mean of the weights is an unbiased estimate of p(w); its
    logarithm is low, the less so the more temperatures.

    Determinism and precision are those of :func:`left_to_right`. Topics below 1e-30 at a term are
    taken as 1e-30.

    Parameters
    ----------
    counts : Corpus, or whole-number counts of shape (D, V)
    topic_word : shape (K, V)
        Rows on the simplex.
    alpha : shape (K,)
        Positive.
    temperatures : int
        S, at least 1; with 1 it is plain importance sampling from the prior.
    chains : int
        Weights averaged for each document.
    random_state, n_threads : int

    Raises
    ------
    InputError
        If shapes disagree, alpha is not positive, or a number is below 1.
    """
    _check_whole("temperatures", temperatures, 1)
    _check_whole("chains", chains, 1)

    def work(arrays: _Arrays, block: tuple[int, int], out: NDArray[np.float64]) -> None:
        annealed_block(arrays[0], *block, *arrays[1:], temperatures, chains, random_state, out)

    return _over_documents(work, counts, topic_word, alpha, n_threads)


_Arrays = tuple[Csr, NDArray[np.float32], NDArray[np.float32]]
"""Counts, rows of topics, and alpha, as the kernels take them."""


def _over_documents(
    work: Callable[[_Arrays, tuple[int, int], NDArray[np.float64]], None],
    counts: sparse.csr_matrix,
    topic_word: NDArray[np.floating],
    alpha: NDArray[np.floating],
    n_threads: int,
) -> NDArray[np.float64]:
    csr = as_counts(counts)
    if topic_word.shape != (len(alpha), csr.shape[1]):
        raise InputError(
            f"topic_word: shape {topic_word.shape} does not fit alpha ({len(alpha)},) and counts "
            f"{csr.shape}. Pass all three from the same model."
        )
    if not np.all(alpha > 0.0):
        raise InputError(f"alpha: holds {np.min(alpha)}. Concentrations must be positive.")
    arrays = csr_arrays(csr), term_rows(topic_word), pad_topics(alpha)
    out = np.zeros(csr.shape[0])
    with ThreadPoolExecutor(n_threads) as pool:
        blocks = blocks_of(arrays[0].indptr, _BLOCK_PAIRS)
        list(pool.map(lambda block: work(arrays, block, out), blocks))
    return out


def _check_whole(name: str, value: int, least: int) -> None:
    if value < least:
        raise InputError(f"{name}: is {value}. Give {least} or more.")
