"""The start of a chain: first topics for all tokens, and passes before the chain proper."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from polytopic.topics.lda.kernels.gibbs_passes import set_phi, sweep
from polytopic.topics.lda.kernels.gibbs_state import Fixed, GibbsState, divide, key_at

__all__ = ["begin_pass", "begin_step", "grow", "start_passes", "warm_priors"]

_FIRST_DOCUMENTS, _GROWTH = 64, 1.3
"""Documents of the first batch, and how all that have topics grow by the next: a batch must not
outweigh what it is drawn from."""

_WARMTH, _SOFTNESS = (0.5, 0.08), 3.0
"""Where alpha and eta begin, as shares of the data, and alpha's least factor: chosen on 20ng-5k,
seed 1 (`benchmarks/lda.py`)."""

_PARTS = 4
"""Times that phi is set in a pass of the start: each costs as much as drawing a part of the
tokens."""


def grow(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int,
    pool: Executor,
    fixed: Fixed | None = None,
) -> None:
    """Give all tokens a first topic, in growing batches of documents.

    A batch's tokens are drawn given the mean topics of the batches before it, the first from the
    prior. This is a start far better than chance: it stands for about ten passes.
    """
    state.topics[:] = 0
    for counts in (state.counts, *state.moves):
        counts[:] = 0
    n_documents, first, last = len(state.offsets) - 1, 0, _FIRST_DOCUMENTS
    step = 0
    while first < n_documents:
        last = min(last, n_documents)
        set_phi(state, alpha, eta, None, pool, fixed)
        sweep(state, alpha, key_at(key, step), pool, first, last, initial=True)
        first, last = last, last + max(_FIRST_DOCUMENTS, int(last * (_GROWTH - 1.0)))
        step += 1


def warm_priors(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    step: int,
    n_steps: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Priors for pass ``step`` of ``n_steps`` before the chain proper, falling to those asked.

    They begin where they weigh ``_WARMTH`` of the data (alpha at ``_SOFTNESS`` times its value at
    least), and fall by the same factor each pass: topics stay soft until they have found their
    place. The passes after it are the exact chain's.
    """
    left = 1.0 - step / n_steps
    n_documents, n_terms, n_tokens = len(state.offsets) - 1, len(state.counts), state.n_tokens
    softness = min(_SOFTNESS, 1.0 / _mean(alpha))
    factors = []
    for prior, cells, warmth, least in (
        (alpha, n_documents * len(alpha), _WARMTH[0], softness),
        (eta, n_terms * state.n_topics, _WARMTH[1], 1.0),
    ):
        begin = max(1.0, least, warmth * n_tokens / cells / _mean(prior))
        factors.append(begin**left)
    return alpha * factors[0], eta * factors[1]


def _mean(prior: NDArray[np.float64]) -> float:
    return float(prior[prior > 0.0].mean())


def start_passes(n_topics: int) -> int:
    """A good number of passes of the start: more topics need more."""
    return 70 + (2 * n_topics) // 25


def begin_pass(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    key: int,
    pool: Executor,
    fixed: Fixed | None = None,
) -> None:
    """A pass before the chain proper, in place of ``run_pass``.

    phi is its mean given the counts, set anew ``_PARTS`` times, and a token's own count is left out
    of it: near to collapsed sampling, which mixes in fewer passes than draws of phi. It is no exact
    step: the chain begins after it.
    """
    edges = divide(0, len(state.offsets) - 1, _PARTS)
    for part in range(len(edges) - 1):
        scales = set_phi(state, alpha, eta, None, pool, fixed)
        span = edges[part], edges[part + 1]
        sweep(state, alpha, key_at(key, part), pool, *span, scales=scales)


def begin_step(
    state: GibbsState,
    alpha: NDArray[np.float64],
    eta: NDArray[np.float64],
    step: int,
    n_steps: int,
    key: int,
    pool: Executor,
    fixed: Fixed | None = None,
) -> None:
    """Pass ``step`` of ``n_steps`` of the start: ``begin_pass`` at the ``warm_priors``."""
    priors = warm_priors(state, alpha, eta, step, n_steps)
    begin_pass(state, *priors, key, pool, fixed)
