"""Passes over a text on several processes or machines: slices from common matrices, their means.

A round is a few slices of the text, all of which begin from the same matrices; then the weighted
mean of what changed is added, in the order of the slices. What is a slice depends on the text
alone: any number of workers learns the same vectors, to the last bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster import opened
from polytopic.cluster.folders import put, put_parts
from polytopic.embeddings.cluster_means import (
    BENT,
    Change,
    Gathered,
    add_gathered,
    gather,
    second_moment,
)
from polytopic.embeddings.cluster_slices import Slice, Trained, train_slice
from polytopic.embeddings.kernels.arguments import Table
from polytopic.embeddings.kernels.deterministic.grams import Grams
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, ROUND
from polytopic.embeddings.kernels.negatives import table_shares
from polytopic.embeddings.threads import InRounds
from polytopic.embeddings.training import MARGIN, Passes
from polytopic.errors import ClusterError
from polytopic.machine import one_blas_thread
from polytopic.training.run import Frame

__all__ = ["ClusterPasses", "cut", "passes_of"]

ROUNDS = 16
"""Of an epoch, about: with as many, vectors of wiki100m's first words are as good as one machine's
(benchmarks/cluster.py vectors)."""

SLICES = 8
"""Of a round, at least: so many workers have work."""

_SHORTEST = ROUND * BLOCK
"""Positions of a slice: it is trained in whole rounds of blocks, as texts of any length are."""

_LONGEST = 1 << 20
"""Positions of a slice: a second or two of work. Longer texts have more slices a round."""

_MOST = 10_000
"""Words whose rows say how much the others are bent: the most frequent, most of the text."""

_WRITTEN = 1 << 22
"""Positions of the text that are written at a time: 16 MB."""


def cut(n_tokens: int) -> tuple[int, int]:
    """Slices of a round, and positions of a slice: by the length of the text alone.

    >>> cut(4_000_000), cut(10**9)
    ((8, 32768), (60, 1048576))
    """
    wanted = -(-n_tokens // (ROUNDS * SLICES * _SHORTEST)) * _SHORTEST
    positions = min(wanted, _LONGEST)
    return max(SLICES, -(-n_tokens // (ROUNDS * positions))), positions


@dataclass(kw_only=True)
class ClusterPasses(Passes):
    """Passes whose slices are trained by the workers of ``cluster``."""

    threads: InRounds
    cluster: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._n_slices, self._positions = cut(self.store.n_tokens)
        self._n_blocks = -(-self.store.n_tokens // self._positions)
        self._copied = self.threads.round.arrays
        self._places, self._grams = _numbered(self._copied.grams)
        self._number = 0

    def run(self) -> Any:
        """As :meth:`Passes.run`.

        Raises
        ------
        ClusterError
            If a task failed three times; a checkpoint then holds the last whole round.
        """
        with opened(self.cluster, self.checkpoint) as self._crew, ExitStack() as self._ending:
            return super().run()

    # ---- the text in files -----------------------------------------------------------------

    def _resume(self) -> None:
        super()._resume()
        self._folder = self._ending.enter_context(self._crew.sharing())
        starts: list[NDArray[np.int64]] = []
        put_parts(self._folder, "tokens.npy", self._tokens(starts), np.int32, self.store.n_tokens)
        copied = self._copied
        arrays: dict[str, NDArray[Any]] = {
            "starts": np.concatenate([np.zeros(1, np.int64), *starts]),
            "keep": self.keep,
            "frozen": copied.frozen,
        }
        arrays |= {f"table-{name}": getattr(copied.table, name) for name in Table._fields}
        arrays |= {f"grams-{name}": getattr(self._grams, name) for name in Grams._fields}
        for name, array in arrays.items():
            put(self._folder, f"{name}.npy", array)

    def _tokens(self, starts: list[NDArray[np.int64]]) -> Iterator[NDArray[np.int32]]:
        """All tokens in pieces; where sentences begin goes to ``starts``."""
        for first in range(0, self.store.n_tokens, _WRITTEN):
            before = max(first - 1, 0)  # a piece's own first bound may be no beginning
            ids, bounds = self.store.read(before, min(first + _WRITTEN, self.store.n_tokens))
            starts.append(bounds[1:-1] + before)
            yield ids[first - before :]

    # ---- rounds ----------------------------------------------------------------------------

    def _run_blocks(self, frame: Frame, signals: list[int]) -> None:
        """Rounds from the position on, until the end, a checkpoint or Ctrl-C."""
        while self.progress.position < self.store.n_tokens:
            try:
                self._run_round(frame)
            except ClusterError:
                self._save()
                raise
            if signals or self._kept.due:
                return

    def _run_round(self, frame: Frame) -> None:
        started, before = time.monotonic(), self.progress.seconds
        edges = self._edges()
        done: dict[int, tuple[float, float]] = {}
        tell = self._teller(done, self._positions)
        trained: list[Trained] = []
        for one in self._crew.each(train_slice, self._slices(edges)):
            self._refuse_divergence(one.loss, one.pairs)
            trained.append(one)
            done[len(done)] = one.loss, one.pairs
            tell()
            blocks = len(done) * self._positions // self.size
            self._show(frame, blocks, before + time.monotonic() - started)
        trained.sort(key=lambda one: one.number)
        self._add([one.changes for one in trained])
        self.progress.totals += [(one.loss, one.pairs) for one in trained]
        self.progress.position = edges[-1]
        self.progress.seconds = before + time.monotonic() - started

    def _edges(self) -> list[int]:
        """Where the slices of the next round begin, and its end."""
        first, n_tokens = self.progress.position, self.store.n_tokens
        last = min(first + self._n_slices * self._positions, n_tokens)
        return [*range(first, last, self._positions), last]

    def _slices(self, edges: Sequence[int]) -> Iterator[Slice]:
        self._number += 1
        matrices = tuple(self._write(m) for m in range(self._n_matrices))
        keys, folder = self._draw_keys(), str(self._folder)
        for place, (first, last) in enumerate(pairwise(edges)):
            yield Slice(
                self._number * self._n_slices + place, first, last, folder, matrices,
                self._copied.roles, self._copied.ids.shape[1], self.threads.prediction,
                (self._rate(first), self._rate(last)), keys, MARGIN * self.window,
            )  # fmt: skip

    @property
    def _n_matrices(self) -> int:
        return max(self._copied.roles) + 1

    def _write(self, m: int) -> str:
        """A file of a matrix, of a name that no other has had: a task that was given up and goes on
        nevertheless reads what it was given, or nothing."""
        matrix, places = self._copied.matrices[m], self._places_of(m)
        return put(self._folder, self._file_of(m), matrix if places is None else matrix[places])

    def _file_of(self, m: int) -> str:
        return f"matrix-{self._number:06d}-{m}.npy"

    def _places_of(self, m: int) -> NDArray[np.int32] | None:
        """The rows of a matrix that are in its files, in their order; None: all."""
        return self._places if m == 0 else None

    def _add(self, changes: Sequence[tuple[Change, ...]]) -> None:
        """Add what the slices changed; the files of the round are removed."""
        matrices, gathered = self._copied.matrices, []
        for m in range(self._n_matrices):
            places = self._places_of(m)
            n, dim = len(matrices[m] if places is None else places), matrices[m].shape[1]
            gathered.append(gather([each[m] for each in changes], n, dim))
        with one_blas_thread():  # the same bits on a driver of any number of processors
            hessians = self._hessians(gathered)
            for m, (found, hessian) in enumerate(zip(gathered, hessians, strict=True)):
                add_gathered(matrices[m], found, hessian, self._places_of(m))
        for each in changes:
            for change in each:
                change.remove()
        for m in range(self._n_matrices):
            (self._folder / self._file_of(m)).unlink(missing_ok=True)

    def _hessians(self, gathered: Sequence[Gathered]) -> list[NDArray[np.float64]]:
        """Of each matrix, that of one use of a row, where the slices end on their mean."""
        copied, how = self._copied, self.threads.prediction
        tokens = self.store.vocabulary.counts * (self.keep / 2.0**32)
        shares = table_shares(copied.table)
        inputs, outputs, noise, _ = (
            self._rows_after(gathered, role, tokens if n < 2 else shares)
            for n, role in enumerate(copied.roles)
        )
        reach = how.windows.reach
        predictions = reach + 1.0 if how.windows.shrink else 2.0 * reach
        per_use = BENT * predictions * self._rate(self.progress.position)
        of_inputs = per_use * (second_moment(*outputs) + how.negative * second_moment(*noise))
        of_outputs = per_use * second_moment(*inputs)
        found = [of_inputs, *[of_outputs] * (self._n_matrices - 1)]
        if copied.roles[3] != copied.roles[2]:  # noise in place of neighbours: pushed by outputs
            found[copied.roles[3]] = per_use * second_moment(*outputs)
        return found

    def _rows_after(
        self, gathered: Sequence[Gathered], m: int, weights: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """The rows of the words of most weight after the mean change, and their weights."""
        words = np.argsort(-weights, kind="stable")[:_MOST]
        matrix, places, mean = self._copied.matrices[m], self._places_of(m), gathered[m].mean()
        if places is None:
            return matrix[words] + mean[words], weights[words]
        starts, numbers = self._grams.starts, self._grams.rows
        found = np.empty((len(words), matrix.shape[1]), np.float32)
        for place, word in enumerate(words.tolist()):
            own = numbers[starts[word] : starts[word + 1]]
            found[place] = (matrix[places[own]] + mean[own]).mean(axis=0)
        return found, weights[words]


def _numbered(grams: Grams) -> tuple[NDArray[np.int32] | None, Grams]:
    """The rows that words have, by their numbers, and n-grams as rows of these alone."""
    if not len(grams.starts):
        return None, grams
    places = np.empty(grams.n_rows(), np.int32)
    places[grams.numbers] = grams.rows
    return places, Grams(grams.starts, grams.numbers, grams.numbers)


def passes_of(cluster: Any, identity: Mapping[str, Any], **settings: Any) -> Passes:
    """Passes of this process, or of the workers that ``cluster`` names."""
    if cluster is None:
        return Passes(identity={**identity, "cluster": None}, **settings)
    slices = list(cut(settings["store"].n_tokens))
    return ClusterPasses(cluster=cluster, identity={**identity, "cluster": slices}, **settings)
