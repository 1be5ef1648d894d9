"""The state of a chain of LDA's Gibbs sampler, and the division of work among threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.random import stream
from polytopic.scratch import zeros
from polytopic.topics.lda.kernels.gibbs_likelihood import count_words
from polytopic.topics.lda.kernels.gibbs_simd import LANES
from polytopic.topics.lda.kernels.gibbs_sweeps import BLOCK

__all__ = [
    "Elsewhere",
    "Fixed",
    "GibbsState",
    "aligned",
    "divide",
    "key_at",
    "padded",
    "prepare",
    "share",
    "widths",
]

DENSE_TOPICS = 256
"""Up to so many topics every one is weighed for a token; above, a document's own and the rest."""


@dataclass(frozen=True)
class Fixed:
    """Topics that are given and not drawn: numbers (L,) and their rows (V, L) float32."""

    topics: NDArray[np.int64]
    rows: NDArray[np.float32]


class Elsewhere(Protocol):
    """Draws the topics of documents whose tokens are not here, as ``sweep`` does."""

    def __call__(
        self,
        state: GibbsState,
        weights: NDArray[np.float32],
        key: int,
        span: tuple[int, int],
        initial: bool,
        scales: NDArray[np.float32],
    ) -> None:
        """Draw those of documents ``span``, and add the changes to ``state.counts``."""


@dataclass
class GibbsState:
    """A chain over N tokens: ``topics`` (N,) is the state, the rest follows from it.

    ``words`` (N,) int32 and ``offsets`` (D + 1,) int64 are the documents. ``counts`` is (V, P),
    P >= K padded to whole vectors; ``moves`` holds what workers after the first add to it.
    ``elsewhere``: who has the tokens, where ``words`` and ``topics`` are empty.
    """

    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    topics: NDArray[Any]
    n_topics: int
    counts: NDArray[np.int32]
    moves: list[NDArray[np.int32]]
    phi: NDArray[np.float32]
    masses: NDArray[np.float32]
    elsewhere: Elsewhere | None = None

    @property
    def n_tokens(self) -> int:
        return int(self.offsets[-1])

    @property
    def n_workers(self) -> int:
        return 1 + len(self.moves)


def widths(n_topics: int, dense: bool | None = None) -> tuple[int, int, type[np.unsignedinteger]]:
    """P, the width of ``masses``, and the type of a token's topic."""
    dense = n_topics <= DENSE_TOPICS if dense is None else dense
    unit = LANES if dense else BLOCK
    places = -(-n_topics // unit) * unit
    n_masses = 0 if dense else -(-(places // BLOCK + 1) // LANES) * LANES
    return places, n_masses, np.uint16 if n_topics <= 1 << 16 else np.uint32


def prepare(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    n_terms: int,
    n_topics: int,
    *,
    n_workers: int = 1,
    topics: NDArray[Any] | None = None,
    dense: bool | None = None,
) -> GibbsState:
    """A chain at the assignment ``topics`` (N,); without it, ``grow`` it or the tokens are in 0."""
    places, n_masses, kind = widths(n_topics, dense)
    state = GibbsState(
        words,
        offsets,
        _assigned(topics, len(words), kind),
        n_topics,
        aligned((n_terms, places), np.int32),
        [aligned((n_terms, places), np.int32) for _ in range(n_workers - 1)],
        aligned((n_terms, places), np.float32),
        aligned((n_terms, n_masses), np.float32),
    )
    if topics is not None:
        count_words(words, state.topics, state.counts)
    return state


def _assigned(topics: NDArray[Any] | None, n_tokens: int, kind: Any) -> NDArray[Any]:
    """The topic of each token, in an array of the chain's own."""
    own = zeros(n_tokens, kind)
    if topics is not None:
        own[:] = topics
    return own


def share(
    state: GibbsState, pool: Executor, n_tasks: int, work: Callable[[int, int], None]
) -> None:
    """``work(worker, task)`` for all tasks; a worker takes the next one when it is done."""
    tasks = iter(range(n_tasks))

    def run(worker: int) -> None:
        for task in tasks:
            work(worker, task)

    if state.n_workers == 1:
        run(0)
    else:
        list(pool.map(run, range(state.n_workers)))


def divide(first: int, last: int, n: int) -> NDArray[np.int64]:
    n = max(1, min(n, last - first))
    return first + (np.arange(n + 1, dtype=np.int64) * (last - first)) // n


def key_at(key: int, number: int) -> int:
    return int(stream(np.uint64(key), np.uint64(number)))


def padded(alpha: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    weights = aligned((size,), np.float32)
    weights[: len(alpha)] = alpha
    return weights


def aligned(shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
    """Zeros that begin at a cache line."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    zeros: NDArray[Any] = room[start : start + size].view(kind).reshape(shape)
    return zeros
