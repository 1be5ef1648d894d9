"""The records of a co-occurrence matrix dealt into tiles, in memory or in a temporary file."""

from __future__ import annotations

import tempfile
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings.cooccurrence_mapped import let_go
from polytopic.embeddings.cooccurrence_spool import no_room
from polytopic.embeddings.kernels.glove import Records, count_records, deal_records, shuffle_tiles
from polytopic.errors import InputError
from polytopic.io import allocate
from polytopic.machine import hand_back_memory

__all__ = ["Tiles"]

RECORD = np.dtype([("row", "<u2"), ("column", "<u2"), ("log", "<f4")])
"""Numbers of both words in their stripes, and log X."""

_HELD = 1 << 26
"""Bytes of records that are held in memory: more than that would outweigh the vectors of 60,000
words, and a file read in order costs next to nothing, as the system keeps it while it has room."""

_BLOCK = 1 << 21
"""Records of a matrix that a thread deals out at a time: 16 MB."""


class _Store:
    """Records in the order of their tiles, read and written by several threads."""

    def __init__(self, n: int, in_file: bool) -> None:
        self._lock, self._file, self._held = threading.Lock(), None, np.empty(0, RECORD)
        if not in_file:
            self._held = np.empty(n, RECORD)
            return
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (it goes with the store)
        weakref.finalize(self, self._file.close)
        try:
            allocate(self._file, n * RECORD.itemsize)
        except OSError as error:
            raise no_room(error) from None

    def write(self, start: int, piece: NDArray[Any]) -> None:
        if self._file is None:
            self._held[start : start + len(piece)] = piece
            return
        with self._lock:
            self._file.seek(start * RECORD.itemsize)
            self._file.write(np.ascontiguousarray(piece).view(np.uint8).data)

    def read(self, start: int, target: NDArray[Any]) -> None:
        """Fill ``target`` with the records from ``start`` on."""
        if self._file is None:
            target[:] = self._held[start : start + len(target)]
            return
        left = target.view(np.uint8).data
        with self._lock:
            self._file.seek(start * RECORD.itemsize)
            while left:
                n = self._file.readinto(left)
                if not n:
                    raise InputError(
                        f"{tempfile.gettempdir()}: the records written there were cut short. Leave "
                        "temporary files alone, or set TMPDIR to another folder."
                    )
                left = left[n:]


@dataclass(frozen=True)
class Tiles:
    """The records X_ij of a matrix, tile by tile, 8 bytes each; ``starts`` has S^2 + 1 entries."""

    n_stripes: int
    starts: NDArray[np.int64]
    store: _Store

    @classmethod
    def of(
        cls, matrix: sparse.csr_matrix, stripes: int, seed: int, memory: float, n_threads: int
    ) -> Tiles:
        """Deal the records out; beyond 64 MB, or half of ``memory`` (GB), into a temporary file.

        A tile's records come in the order of the matrix and are then shuffled.
        """
        indptr = matrix.indptr.astype(np.int64)
        key = np.random.SeedSequence([seed, 0]).generate_state(1, np.uint64)[0]
        edges = _edges(indptr)
        counts = np.zeros((len(edges) - 1, stripes * stripes), np.int64)
        store = _Store(matrix.nnz, RECORD.itemsize * matrix.nnz > min(_HELD, 0.5e9 * memory))

        def parts(block: int) -> tuple[NDArray[Any], ...]:
            first, last = edges[block], edges[block + 1]
            here = slice(indptr[first], indptr[last])
            return indptr[first : last + 1], matrix.indices[here], matrix.data[here]

        def count(block: int) -> None:
            count_records(*parts(block)[:2], edges[block], stripes, counts[block])
            let_go(matrix.indices)

        def deal(block: int) -> None:
            bounds = np.concatenate([[0], np.cumsum(counts[block])])
            records = np.empty(bounds[-1], RECORD)
            columns = records["row"], records["column"], records["log"]
            deal_records(*parts(block), edges[block], stripes, bounds[:-1].copy(), *columns)
            let_go(matrix.indices)
            let_go(matrix.data)
            for tile in np.flatnonzero(counts[block]):
                store.write(places[block, tile], records[bounds[tile] : bounds[tile + 1]])

        def shuffle(stripe: int) -> None:
            mine = starts[stripe * stripes : (stripe + 1) * stripes + 1]
            records = np.empty(mine[-1] - mine[0], RECORD)
            store.read(mine[0], records)
            columns = records["row"], records["column"], records["log"]
            shuffle_tiles(mine - mine[0], stripe * stripes, key, *columns)
            store.write(mine[0], records)

        hand_back_memory()  # of what came before: training needs less than that
        with ThreadPoolExecutor(n_threads) as pool:
            list(pool.map(count, range(len(counts))))
            starts = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
            places = starts[:-1] + np.cumsum(counts, axis=0) - counts
            list(pool.map(deal, range(len(counts))))
            list(pool.map(shuffle, range(stripes)))
        hand_back_memory()
        return cls(stripes, starts, store)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def records(self, tiles: NDArray[np.int64]) -> Records:
        """The records of some tiles, copied."""
        places = np.sort(tiles)
        ends = np.cumsum(self.starts[places + 1] - self.starts[places])
        found, starts = np.empty(ends[-1] if len(ends) else 0, RECORD), np.zeros_like(self.starts)
        begin = 0
        for tile, end in zip(places.tolist(), ends.tolist(), strict=True):
            self.store.read(int(self.starts[tile]), found[begin:end])
            starts[tile], starts[tile + 1] = begin, end
            begin = end
        return Records(starts, found["row"], found["column"], found["log"], self.n_stripes)

    def shared_out(self, round_number: int, tied: bool, n_threads: int) -> list[NDArray[np.int64]]:
        """The tiles of a round, for each thread about as many records.

        With tied vectors tile (i, j) changes the same rows as (j, i): they go together.
        """
        first = np.arange(self.n_stripes)
        second = (round_number - first) % self.n_stripes
        groups = np.stack([first, second], axis=1)
        if tied:
            groups = groups[first <= second]
        tiles = groups[:, :1] * self.n_stripes + groups[:, 1:]
        if tied:
            mirrored = groups[:, 1:] * self.n_stripes + groups[:, :1]
            tiles = np.concatenate([tiles, np.where(mirrored == tiles, -1, mirrored)], axis=1)
        sizes = np.where(tiles >= 0, self.starts[tiles + 1] - self.starts[tiles], 0).sum(axis=1)
        ends = np.cumsum(sizes)
        cuts = np.searchsorted(ends, ends[-1] * np.arange(1, n_threads) / n_threads)
        parts = [part.ravel() for part in np.split(tiles, cuts)]
        return [part[part >= 0] for part in parts if len(part)]


def _edges(indptr: NDArray[np.int64]) -> list[int]:
    """Rows at which blocks of a matrix begin, and its end."""
    cuts = np.arange(0, indptr[-1], _BLOCK)
    return [*np.unique(np.searchsorted(indptr[:-1], cuts)).tolist(), len(indptr) - 1]
