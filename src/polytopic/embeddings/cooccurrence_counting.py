"""Counting pairs of neighbours within a bound on memory: chunks of text, runs on disk, a merge."""

from __future__ import annotations

import math
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings.cooccurrence_spool import Spool
from polytopic.embeddings.kernels.cooccurrence import (
    Desk,
    compact,
    count_rows,
    index_positions,
    merge_rows,
)
from polytopic.embeddings.tokens import TokenStore
from polytopic.errors import InputError
from polytopic.progress import Advance

__all__ = ["WEIGHTINGS", "Counting", "Run", "row_blocks", "whole_weights"]

WEIGHTINGS = ("harmonic", "flat")
GIGABYTE = 1e9
"""Bytes of the unit of ``memory``: the decimal one, as in Stanford's programs."""

_FAN_IN = 8
"""Runs merged at a time."""

_LARGEST_CHUNK = 1 << 30
"""Positions of a chunk of text: they are numbered in 32 bits."""

_SLICE = 1 << 20
"""Tokens read at a time."""

_BLOCK = 1 << 20
"""Entries summed by a thread between two hand-overs: enough that these cost nothing beside it."""

_SLICE_BYTES, _TOKEN_BYTES = 28, 8
"""Bytes of a token that is read (ids, bounds, their copies) and of one that is held with its
index."""

_ENTRY_BYTES = 24
"""Of a block's entry: int32 and int64 as they are summed, and the copy that is kept."""

_EXACT = 1 << 28
"""The largest divisor that is exact; with both, sums of 2^32 weights fit in int64."""

_ROUNDED = 1 << 30
"""The divisor of windows above 22: weights are off by at most 2^-31."""


def whole_weights(window: int, weighting: str) -> tuple[NDArray[np.int64], int]:
    """Weights of the distances 1 to ``window`` as whole numbers, and what they are divided by.

    1/d is exact up to a window of 22, the divisor being the least common multiple; above, it is
    rounded to 2^-30.
    """
    if weighting == "flat":
        return np.ones(window + 1, dtype=np.int64), 1
    scale = 1
    for distance in range(2, window + 1):
        scale = min(math.lcm(scale, distance), _EXACT)
        if scale == _EXACT:
            scale = _ROUNDED
            break
    weights = np.rint(scale / np.arange(1, window + 1)).astype(np.int64)
    return np.concatenate([[0], weights]), scale


Block = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[Any]]
"""Entries in each of some rows; their columns; their values."""


@dataclass
class Run:
    """A matrix of sums whose rows lie one after the other."""

    lengths: NDArray[np.int32]
    columns: Spool
    values: Spool


class Counting:
    """One count of the pairs of a text.

    ``memory`` is in GB. Three eighths of it hold text and its index, a quarter the rows being
    summed, a quarter finished rows, the rest what is read; what goes beyond is put in files.
    """

    def __init__(
        self,
        store: TokenStore,
        *,
        window: int,
        weighting: str,
        symmetric: bool,
        memory: float,
        n_threads: int,
        advance: Advance,
    ) -> None:
        self.store, self.symmetric, self.advance = store, symmetric, advance
        self.n_terms = len(store.vocabulary)
        self.window = window
        self.weights, self.scale = whole_weights(window, weighting)
        total = int(memory * GIGABYTE)
        row = (13 + (_FAN_IN + 2) * 12) * self.n_terms
        needed = 4 * row + 64 * (window + 1024)
        if total < needed:
            raise InputError(
                f"memory: {memory:g} GB is less than the rows of {self.n_terms:,} words need. "
                f"Give at least {needed / GIGABYTE:.2g}, or raise min_count."
            )
        self.n_threads = max(1, min(n_threads, total // 4 // row))
        share = total // 4 // self.n_threads - 13 * self.n_terms
        self.block = max(self.n_terms, min(share // _ENTRY_BYTES, _BLOCK))
        self.slice = max(256, min(_SLICE, total // 8 // _SLICE_BYTES))
        room = total * 3 // 8 // _TOKEN_BYTES - self.slice
        self.chunk = min(max(2 * window, room), _LARGEST_CHUNK)
        self.held = total // 4

    def matrix(self) -> sparse.csr_matrix:
        """The sums, float32, shape (V, V); beyond a quarter of the memory they lie in a file."""
        rooms: queue.SimpleQueue[Desk] = queue.SimpleQueue()
        for _ in range(self.n_threads):
            rooms.put(Desk.of(self.n_terms, self.block))
        with ThreadPoolExecutor(self.n_threads) as pool:
            self._pool, self._rooms = pool, rooms
            single = self._in_one()
            runs = self._counted(single=single)
            while len(runs) > _FAN_IN:
                groups = [runs[i : i + _FAN_IN] for i in range(0, len(runs), _FAN_IN)]
                runs = [self._merge(group, last=False) for group in groups]
            run = runs[0] if single else self._merge(runs, last=True)
        starts = np.zeros(self.n_terms + 1, dtype=np.int64)
        np.cumsum(run.lengths, out=starts[1:])
        return _csr(run.values.array(), run.columns.array(), starts)

    def _in_one(self) -> bool:
        """Whether one chunk holds the whole text."""
        return self.store.n_tokens + self.store.n_sentences <= self.chunk

    def _counted(self, *, single: bool) -> list[Run]:
        """A run a chunk; ``single``: there is one, which is the answer."""
        return [self._count(*chunk, last=single) for chunk in self._chunks()]

    # ---- the text in chunks ----------------------------------------------------------------

    def _chunks(self) -> Iterator[tuple[NDArray[np.int32], int]]:
        """Pieces of the text without unknown words, and where in each the fresh part begins."""
        size = min(self.chunk, self.store.n_tokens + self.store.n_sentences)
        tokens = np.empty(self.window + size + self.slice + 2, np.int32)
        n = fresh = position = 0
        while position < self.store.n_tokens:
            stop = min(position + self.slice, self.store.n_tokens)
            before = min(position, 1)
            ids, bounds = self.store.read(position - before, stop)
            if n + len(ids) + len(bounds) > len(tokens):
                yield tokens[:n], fresh
                fresh = min(self.window, n)
                tokens[:fresh] = tokens[n - fresh : n].copy()
                n = fresh
                tokens = self._with_room(tokens, n + len(ids) + len(bounds))
            goes_on = before == 1 and not (bounds[1:-1] == 1).any()
            n = compact(ids, bounds, before, goes_on, tokens, n)
            position = stop
            self.advance(0.5 * position / self.store.n_tokens, "reading")
        yield tokens[:n], fresh

    @staticmethod
    def _with_room(tokens: NDArray[np.int32], size: int) -> NDArray[np.int32]:
        """The array itself, or a larger one where a slice holds very many short sentences."""
        if size <= len(tokens):
            return tokens
        return np.concatenate([tokens, np.empty(size - len(tokens), np.int32)])

    # ---- rows ------------------------------------------------------------------------------

    def _count(self, tokens: NDArray[np.int32], fresh: int, *, last: bool) -> Run:
        """One chunk as a run of sorted rows."""
        starts = np.empty(self.n_terms + 1, np.int64)
        positions = np.empty(len(tokens), np.int32)
        index_positions(tokens, len(tokens), starts, positions)
        most = np.diff(starts) * (2 * self.window if self.symmetric else self.window)

        def rows(first: int, stop: int, room: Desk) -> Block:
            lengths = np.empty(stop - first, np.int32)
            n = count_rows(
                tokens, fresh, starts, positions, first, stop, self.weights, self.symmetric, room,
                lengths,
            )  # fmt: skip
            return lengths, room.columns[:n].copy(), self._kept(room.values[:n], last)

        return self._collect(np.minimum(most, self.n_terms), rows, last=last)

    def _merge(self, runs: list[Run], *, last: bool) -> Run:
        """The sum of several runs."""
        if len(runs) == 1 and not last:
            return runs[0]
        lengths = np.array([run.lengths for run in runs], dtype=np.int64)
        ends = np.zeros((len(runs), self.n_terms + 1), dtype=np.int64)
        np.cumsum(lengths, axis=1, out=ends[:, 1:])

        def rows(first: int, stop: int, room: Desk) -> Block:
            begin = ends[:, first]
            starts = ends[:, first : stop + 1] - begin[:, None]
            starts[1:] += np.cumsum(starts[:-1, -1])[:, None]
            pairs = [(run, ends[i, first], ends[i, stop]) for i, run in enumerate(runs)]
            run_columns = np.concatenate([run.columns.read(a, b) for run, a, b in pairs])
            run_values = np.concatenate([run.values.read(a, b) for run, a, b in pairs])
            found = np.empty(stop - first, np.int32)
            n = merge_rows(starts, run_columns, run_values, room, found)
            return found, room.columns[:n].copy(), self._kept(room.values[:n], last)

        merged = self._collect(lengths.sum(axis=0), rows, last=last)
        for run in runs:
            run.columns.close()
            run.values.close()
        return merged

    def _kept(self, values: NDArray[np.int64], last: bool) -> NDArray[Any]:
        if not last:
            return values.copy()
        kept = np.empty(len(values), np.float32)
        np.divide(values, self.scale, out=kept, casting="unsafe")
        return kept

    def _collect(self, most: NDArray[np.int64], rows: Callable[..., Block], *, last: bool) -> Run:
        """Blocks of rows by all threads, kept in their order; ``most`` bounds a row's entries."""
        held = self.held // 2 if last else 0
        run = Run(
            np.empty(self.n_terms, np.int32),
            Spool(np.int32, held),
            Spool(np.float32 if last else np.int64, held),
        )

        def work(first: int, stop: int) -> Block:
            room = self._rooms.get()
            try:
                return rows(first, stop, room)
            finally:
                self._rooms.put(room)

        done = 0
        for lengths, columns, values in self._in_order(work, row_blocks(most, self.block)):
            run.lengths[done : done + len(lengths)] = lengths
            done += len(lengths)
            run.columns.append(columns)
            run.values.append(values)
            if last:
                self.advance(0.5 + 0.5 * done / self.n_terms, "counting")
        return run

    def _in_order(
        self, work: Callable[[int, int], Block], tasks: Iterable[tuple[int, int]]
    ) -> Iterator[Block]:
        """Results in the order of the tasks, no more than two a thread under way."""
        waiting: deque[Future[Block]] = deque()
        for task in tasks:
            if len(waiting) >= 2 * self.n_threads:
                yield waiting.popleft().result()
            waiting.append(self._pool.submit(work, *task))
        while waiting:
            yield waiting.popleft().result()


def row_blocks(most: NDArray[np.int64], room: int) -> list[tuple[int, int]]:
    """First and last row of blocks whose entries, at most ``most`` (V,), fit into a room."""
    ends = np.concatenate([[0], np.cumsum(most)])
    blocks, first = [], 0
    while first < len(most):
        fits = int(np.searchsorted(ends, ends[first] + room, side="right")) - 1
        stop = min(max(fits, first + 1), len(most))
        blocks.append((first, stop))
        first = stop
    return blocks


def _csr(
    values: NDArray[Any], columns: NDArray[Any], starts: NDArray[np.int64]
) -> sparse.csr_matrix:
    n_terms = len(starts) - 1
    if len(values) < np.iinfo(np.int32).max:
        starts = starts.astype(np.int32)
    matrix = sparse.csr_matrix((values, columns, starts), shape=(n_terms, n_terms), copy=False)
    matrix.has_sorted_indices = True
    matrix.has_canonical_format = True
    return matrix
