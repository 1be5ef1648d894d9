"""Posteriors of documents on several processes or machines, each document for itself: theta given
the topics, and the E step of online variational Bayes. The bits are those of one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.cluster import Crew, opened
from polytopic.cluster.folders import put, read_array, write_array
from polytopic.kernels.csr import Csr
from polytopic.mapped_counts import MappedCounts
from polytopic.topics.lda.kernels.inference import csr_arrays, infer_documents, term_rows
from polytopic.topics.lda.kernels.inference_sweeps import Until
from polytopic.topics.lda.kernels.online import Posterior, e_step_block

__all__ = ["WORTH", "Desk", "Settled", "infer_on", "infer_part", "settle_on", "settle_part"]

WORTH = 5_000
"""Documents whose topics are asked for elsewhere, at least: fewer are known before a cluster has
answered."""

_DOCUMENTS = 25_000
"""Of a task, at most: what a shard holds, and what a worker has in memory at a time."""


@dataclass(frozen=True)
class Documents:
    """Files of the CSR arrays of documents ``first`` to ``last``."""

    first: int
    last: int
    arrays: tuple[str, ...]

    def read(self) -> Csr:
        indptr, indices, data = (read_array(name) for name in self.arrays)
        return Csr(indptr, indices, data)


@dataclass(frozen=True)
class Inferring:
    """theta of documents by the files of rows of terms (V, Kp) and of alpha (K,)."""

    documents: Documents
    rows: str
    alpha: str
    target: str


@dataclass(frozen=True)
class Settling:
    """The E step of documents by the files of exp(E[log beta]) (V, Kp) and of alpha (Kp,)."""

    documents: Documents
    rows: str
    alpha: str
    n_topics: int
    tolerance: float
    max_sweeps: int
    target: str


@dataclass(frozen=True)
class Settled:
    """Documents ``first`` to ``last``, and the files of what was found of them."""

    first: int
    last: int
    arrays: tuple[str, ...]


def infer_part(task: Inferring) -> Settled:
    """Write theta of some documents."""
    held = task.documents
    theta, _ = infer_documents(*held.read(), read_array(task.rows), read_array(task.alpha))
    return Settled(held.first, held.last, (str(write_array(Path(task.target), theta)),))


def settle_part(task: Settling) -> Settled:
    """Write gamma, weights, ratios and sweeps of some documents of a batch."""
    held, rows = task.documents, read_array(task.rows)
    counts, n = held.read(), held.last - held.first
    found = Posterior(
        np.ones((n, rows.shape[1]), np.float32), np.empty((n, rows.shape[1]), np.float32),
        np.empty(len(counts.data), np.float32), np.empty(n, np.int32),
    )  # fmt: skip
    until = Until(task.tolerance, task.max_sweeps)
    e_step_block(counts, 0, n, rows, read_array(task.alpha), until, task.n_topics, found)
    names = (Path(f"{task.target}-{number}.npy") for number in range(len(found)))
    arrays = zip(names, found, strict=True)
    return Settled(held.first, held.last, tuple(str(write_array(n, a)) for n, a in arrays))


def infer_on(
    cluster: Any,
    near: Path | None,
    counts: sparse.csr_matrix | MappedCounts,
    topics: NDArray[np.floating],
    alpha: NDArray[np.floating],
) -> NDArray[np.float32]:
    """theta of documents by CVB0, shape (D, K), as :func:`infer_documents` finds it.

    Raises
    ------
    ClusterError, InputError
        If workers fail or cannot be reached.
    """
    theta = np.empty((counts.shape[0], len(alpha)), np.float32)
    with opened(cluster, near) as crew, crew.sharing() as folder:
        desk = Desk(crew, folder)
        rows, weights = desk.put("rows", term_rows(topics)), desk.put("alpha", alpha)
        tasks = (
            Inferring(part, rows, weights, str(folder / f"theta-{part.first}.npy"))
            for part in desk.parts(counts)
        )
        for found in crew.each(infer_part, tasks):
            (theta[found.first : found.last],) = desk.take(found)
    return theta


class Desk:
    """What goes to the workers and what comes back, in the folder that they share."""

    def __init__(self, crew: Crew, folder: Path) -> None:
        self.crew, self.folder, self.number = crew, folder, 0

    def put(self, name: str, array: NDArray[Any]) -> str:
        """A file of a name that no other has had; give back its path.

        Raises
        ------
        ClusterError
            If it cannot be written.
        """
        self.number += 1
        return put(self.folder, f"{name}-{self.number}.npy", array)

    def parts(self, counts: sparse.csr_matrix | MappedCounts) -> Iterator[Documents]:
        """Documents for each task, written as they are asked for."""
        n = counts.shape[0]
        size = max(1, min(_DOCUMENTS, -(-n // self.crew.slots)))
        for first in range(0, n, size):
            last = min(first + size, n)
            held = csr_arrays(counts[first:last])
            names = tuple(self.put("counts", array) for array in held)
            yield Documents(first, last, names)

    def take(self, found: Settled) -> list[NDArray[Any]]:
        """The arrays of an answer; their files are removed."""
        arrays = [np.array(read_array(name)) for name in found.arrays]
        for name in found.arrays:
            Path(name).unlink(missing_ok=True)
        return arrays


def settle_on(
    desk: Desk,
    counts: sparse.csr_matrix,
    rows: NDArray[np.float32],
    alpha: NDArray[np.float64],
    *,
    tolerance: float,
    max_sweeps: int,
) -> Posterior:
    """Variational posteriors of a batch, as ``e_step`` finds them."""
    used = np.unique(counts.indices)
    own = sparse.csr_matrix(
        (counts.data, np.searchsorted(used, counts.indices), counts.indptr),
        shape=(counts.shape[0], max(1, len(used))),
    )
    weights = np.ones(rows.shape[1], np.float32)
    weights[: len(alpha)] = alpha
    tables = desk.put("rows", rows[used]), desk.put("alpha", weights)
    found = Posterior(
        np.empty((own.shape[0], rows.shape[1]), np.float32),
        np.empty((own.shape[0], rows.shape[1]), np.float32),
        np.empty(own.nnz, np.float32), np.empty(own.shape[0], np.int32),
    )  # fmt: skip
    sent = [*tables]
    tasks = []
    for part in desk.parts(own):
        target = str(desk.folder / f"found-{desk.number}")
        tasks.append(Settling(part, *tables, len(alpha), tolerance, max_sweeps, target))
        sent += part.arrays
    for settled in desk.crew.each(settle_part, tasks):
        rows_of = slice(settled.first, settled.last)
        pairs = slice(int(own.indptr[settled.first]), int(own.indptr[settled.last]))
        places = (rows_of, rows_of, pairs, rows_of)
        for whole, place, array in zip(found, places, desk.take(settled), strict=True):
            whole[place] = array
    for name in sent:
        Path(name).unlink(missing_ok=True)
    return found
