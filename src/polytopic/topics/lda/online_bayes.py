"""Online variational Bayes for LDA over batches of counts (Hoffman, Blei & Bach, NeurIPS 2010)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln, psi

from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.kernels.csr import Csr
from polytopic.topics.lda import concentrations
from polytopic.topics.lda.kernels.inference import LANE, blocks_of, csr_arrays, pad_topics
from polytopic.topics.lda.kernels.inference_sweeps import Until
from polytopic.topics.lda.kernels.online import (
    Posterior,
    e_step_block,
    term_rows_block,
    topic_totals_block,
    update_block,
)

__all__ = [
    "OnlineTopics",
    "Posterior",
    "bound",
    "e_step",
    "m_step",
    "rate",
    "refresh_rows",
    "start_topics",
    "update_eta",
]

TOLERANCE, MAX_SWEEPS = 1e-3, 100
"""Mean absolute change of a document's gamma at which it is settled, as scikit-learn's, and sweeps
at most."""

_TERMS = 512
"""Terms whose sums are added together: part of what is computed, whatever the number of threads."""


@dataclass
class OnlineTopics:
    """The state of online variational Bayes: what ``m_step`` changes.

    Attributes
    ----------
    topics : float32, shape (V, Kp)
        lambda, term by term; columns from K on are padding and hold ones.
    alpha : float64, shape (K,)
    eta : float32, shape (V, 1) or (V, Kp)
    rows : float32, shape (V, Kp)
        exp(E[log beta]); of a term it is as of the last batch that held it.
    scales : float32, shape (Kp,)
        exp(-digamma(sum_w lambda)); zero for padding.
    updates : int
        Batches seen.
    """

    topics: NDArray[np.float32]
    alpha: NDArray[np.float64]
    eta: NDArray[np.float32]
    rows: NDArray[np.float32]
    scales: NDArray[np.float32]
    updates: int = 0

    @property
    def n_topics(self) -> int:
        """K."""
        return len(self.alpha)

    def parameters(self) -> NDArray[np.float32]:
        """lambda, shape (K, V)."""
        return np.ascontiguousarray(self.topics[:, : self.n_topics].T)

    def topic_word(self) -> NDArray[np.float32]:
        """The posterior mean of the topics, lambda / sum lambda, shape (K, V)."""
        wide = self.topics[:, : self.n_topics].T.astype(np.float64)
        shares: NDArray[np.float32] = (wide / wide.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares


def rate(update: int, tau0: float = 10.0, kappa: float = 0.7) -> float:
    """rho_t = (tau0 + t)^-kappa of update t = 0, 1, ... (Hoffman et al. 2010).

    The sum of all rates must grow without bound, that of their squares must not: 0.5 < kappa <= 1.
    """
    return float((tau0 + update) ** -kappa)


def start_topics(
    n_terms: int,
    alpha: NDArray[np.floating],
    eta: NDArray[np.floating],
    *,
    topics: NDArray[np.floating] | None = None,
    random_state: int = 0,
) -> OnlineTopics:
    """The state before the first batch.

    Parameters
    ----------
    n_terms : int
        V.
    alpha : shape (K,)
    eta : shape (V,) or (K, V)
    topics : shape (K, V), optional
        lambda to start from; else drawn from Gamma(100, 1/100), as Hoffman et al. do.
    random_state : int
    """
    n_topics = len(alpha)
    if topics is None:
        rng = np.random.default_rng(random_state)
        topics = rng.standard_gamma(100.0, (n_topics, n_terms), dtype=np.float32) * np.float32(0.01)
    state = OnlineTopics(
        topics=_padded(topics.T),
        alpha=np.asarray(alpha, dtype=np.float64),
        eta=_padded(eta.T) if eta.ndim == 2 else np.asarray(eta, dtype=np.float32)[:, None],
        rows=np.zeros((n_terms, -(-n_topics // LANE) * LANE), dtype=np.float32),
        scales=np.zeros(-(-n_topics // LANE) * LANE, dtype=np.float32),
    )
    _set_scales(state, 1)
    return state


def e_step(
    state: OnlineTopics,
    counts: sparse.csr_matrix,
    *,
    start: NDArray[np.floating] | None = None,
    tolerance: float = TOLERANCE,
    max_sweeps: int = MAX_SWEEPS,
    n_threads: int = 1,
) -> Posterior:
    """Variational posteriors of the documents of a batch; each is the same in any batch.

    Parameters
    ----------
    state : OnlineTopics
        Its ``rows`` of the batch's terms are brought up to date.
    counts : CSR matrix of shape (B, V), with sorted indices
    start : shape (B, K), optional
        Of gamma; else ones.
    tolerance : float
        A document stops when the mean absolute change of its gamma falls below it.
    max_sweeps, n_threads : int
    """
    n_documents, width = counts.shape[0], state.topics.shape[1]
    refresh_rows(state, counts, n_threads=n_threads)
    gamma = np.ones((n_documents, width), dtype=np.float32)
    if start is not None:
        gamma[:, : state.n_topics] = start
    weights = np.empty_like(gamma)
    ratios = np.empty(counts.nnz, dtype=np.float32)
    sweeps = np.empty(n_documents, dtype=np.int32)
    arrays, alpha = csr_arrays(counts), _padded(state.alpha)
    until = Until(tolerance, max_sweeps)
    found = Posterior(gamma, weights, ratios, sweeps)

    def settle(block: tuple[int, int]) -> None:
        e_step_block(arrays, *block, state.rows, alpha, until, state.n_topics, found)

    _in_threads(settle, blocks_of(arrays.indptr), n_threads)
    return found


def m_step(
    state: OnlineTopics,
    counts: sparse.csr_matrix,
    posterior: Posterior,
    *,
    n_documents: float,
    step: float,
    n_threads: int = 1,
) -> None:
    """Move the topics towards the batch: lambda = (1 - step) lambda + step (eta + D/B statistics).

    Sums run in the order of the documents, so the result is the same for any number of threads.

    Parameters
    ----------
    counts : the batch given to :func:`e_step`
    n_documents : float
        D: documents of the whole corpus, or of the stream so far.
    step : float
        Of :func:`rate`; 1 forgets all earlier batches (batch variational Bayes).
    """
    order = sparse.csr_matrix(
        (np.arange(counts.nnz), counts.indices, counts.indptr), shape=counts.shape
    ).tocsc()
    ratios = posterior.ratios[order.data]
    by_term = Csr(order.indptr.astype(np.int64), order.indices.astype(np.int32), ratios)
    scale = n_documents / counts.shape[0]

    def update(block: tuple[int, int]) -> None:
        update_block(
            by_term, *block, posterior.weights, state.rows, state.eta, step, scale, state.topics
        )

    _in_threads(update, _term_blocks(len(state.topics)), n_threads)
    state.topics[:, state.n_topics :] = 1.0
    state.updates += 1
    _set_scales(state, n_threads)


def update_eta(state: OnlineTopics, *, step: float) -> None:
    """Move a symmetric eta towards what fits the topics best: eta = (1 - step) eta + step best.

    Raises
    ------
    InputError
        If eta is not the same for all terms and topics.
    """
    old = float(state.eta[0, 0])
    if not np.all(state.eta[:, : state.n_topics] == state.eta[0, 0]):
        raise InputError("eta: differs between terms. Only a symmetric eta can be optimised.")
    logs = 0.0
    for k in range(state.n_topics):
        topic = state.topics[:, k].astype(np.float64)
        logs += float(np.mean(psi(topic))) - float(psi(topic.sum()))
    size = len(state.topics)
    best = concentrations.symmetric_from_expected_logs(logs / state.n_topics, size, old)
    state.eta[:] = (1.0 - step) * old + step * best


def bound(
    state: OnlineTopics,
    counts: sparse.csr_matrix,
    posterior: Posterior,
    *,
    n_documents: float | None = None,
) -> float:
    """The variational lower bound on log p(w), the batch scaled up to ``n_documents``.

    The bound of Hoffman, Blei & Bach (2010) with phi optimal. ``posterior`` must be of
    the topics as they are now: from an :func:`e_step` after the last :func:`m_step`.
    """
    size = counts.shape[0]
    gamma = posterior.gamma[:, : state.n_topics].astype(np.float64)
    total = gamma.sum(axis=1)
    log_theta = psi(gamma) - psi(total)[:, None]
    lengths = document_lengths(counts)
    data = counts.data.astype(np.float64)
    score = float(np.sum(data * (np.log(data) - np.log(posterior.ratios.astype(np.float64)))))
    score -= float(lengths @ psi(total))
    score += _expected_prior(state.alpha, gamma, log_theta)
    score *= (size if n_documents is None else n_documents) / size
    return score + _topics_part(state)


def _topics_part(state: OnlineTopics) -> float:
    """E[log p(beta | eta) - log q(beta | lambda)], a topic at a time."""
    score = 0.0
    for k in range(state.n_topics):
        topic = state.topics[:, k].astype(np.float64)
        eta = state.eta[:, min(k, state.eta.shape[1] - 1)].astype(np.float64)
        score += _expected_prior(eta, topic[None], (psi(topic) - psi(topic.sum()))[None])
    return score


def _expected_prior(
    prior: NDArray[np.float64], parameters: NDArray[np.float64], logs: NDArray[np.float64]
) -> float:
    """E_q[log Dir(x | prior) - log Dir(x | parameters)], summed over rows."""
    score = np.sum((prior - parameters) * logs) + np.sum(gammaln(parameters))
    score -= np.sum(gammaln(parameters.sum(axis=1)))
    per_row = gammaln(prior.sum()) - np.sum(gammaln(prior))
    return float(score + len(parameters) * per_row)


def _padded(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """As pad_topics, with ones: parameters of a Dirichlet that digamma can bear."""
    padded = pad_topics(values)
    padded[..., values.shape[-1] :] = 1.0
    return padded


def _term_blocks(n_terms: int) -> list[tuple[int, int]]:
    return [(first, min(first + _TERMS, n_terms)) for first in range(0, n_terms, _TERMS)]


def _in_threads(
    work: Callable[[tuple[int, int]], None], blocks: list[tuple[int, int]], n_threads: int
) -> None:
    if n_threads == 1:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, blocks))


def refresh_rows(state: OnlineTopics, counts: sparse.csr_matrix, *, n_threads: int = 1) -> None:
    """Bring the ``rows`` of a batch's terms up to date; :func:`e_step` does so first."""
    terms = np.unique(counts.indices).astype(np.int32)

    def refresh(block: tuple[int, int]) -> None:
        term_rows_block(state.topics, state.scales, terms, *block, state.rows)

    _in_threads(refresh, _term_blocks(len(terms)), n_threads)


def _set_scales(state: OnlineTopics, n_threads: int) -> None:
    """exp(-digamma(sum_w lambda_kw)); blocks are summed in their order."""
    blocks = _term_blocks(len(state.topics))
    parts = np.empty((len(blocks), state.topics.shape[1]))

    def add(block: tuple[int, int]) -> None:
        topic_totals_block(state.topics, *block, parts[block[0] // _TERMS])

    _in_threads(add, blocks, n_threads)
    totals = parts.sum(axis=0)[: state.n_topics]
    state.scales[: state.n_topics] = np.exp(-psi(totals))
