"""Counting pairs of neighbours on several processes or machines: chunks of text, whole sums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.cluster import opened
from polytopic.cluster.folders import put, read_array, write_array
from polytopic.embeddings.cooccurrence_counting import Counting, Run, row_blocks, whole_weights
from polytopic.embeddings.cooccurrence_spool import Spool
from polytopic.embeddings.kernels.cooccurrence import Desk, count_rows, index_positions

__all__ = ["Chunk", "ClusterCounting", "count_chunk", "counting_of"]


@dataclass(frozen=True)
class Chunk:
    """A piece of text in a file, whose part from ``fresh`` on is to be counted.

    ``block``: entries that are summed at a time; ``target``: how the files of its run begin.
    """

    number: int
    tokens: str
    fresh: int
    n_terms: int
    window: int
    weighting: str
    symmetric: bool
    block: int
    target: str


def count_chunk(task: Chunk) -> tuple[int, tuple[str, str, str]]:
    """Write the run of a chunk: entries in each row, columns, and whole sums."""
    tokens = read_array(task.tokens)
    weights, _ = whole_weights(task.window, task.weighting)
    starts = np.empty(task.n_terms + 1, np.int64)
    positions = np.empty(len(tokens), np.int32)
    index_positions(tokens, len(tokens), starts, positions)
    most = np.minimum(
        np.diff(starts) * (2 * task.window if task.symmetric else task.window), task.n_terms
    )
    room = Desk.of(task.n_terms, task.block)
    lengths = np.empty(task.n_terms, np.int32)
    columns, values = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first, stop in row_blocks(most, task.block):
        n = count_rows(
            tokens, task.fresh, starts, positions, first, stop, weights, task.symmetric, room,
            lengths[first:stop],
        )  # fmt: skip
        columns.append(room.columns[:n].copy())
        values.append(room.values[:n].copy())
    target = Path(task.target)
    found = {"lengths": lengths, "columns": np.concatenate(columns)}
    found["values"] = np.concatenate(values)
    names = [
        str(write_array(target.with_name(f"{target.name}-{part}.npy"), array))
        for part, array in found.items()
    ]
    return task.number, (names[0], names[1], names[2])


class _Held(Spool):
    """What a worker has written, in the place of a spool."""

    def __init__(self, path: str, kind: Any) -> None:
        super().__init__(kind, 0)
        self._path = Path(path)
        self._whole = read_array(path)
        self.size = len(self._whole)

    def array(self) -> NDArray[Any]:
        return self._whole

    def read(self, start: int, stop: int) -> NDArray[Any]:
        return np.array(self._whole[start:stop])

    def close(self) -> None:
        self._path.unlink(missing_ok=True)


class ClusterCounting(Counting):
    """A count whose chunks are counted by the workers of ``cluster``, and merged here."""

    def __init__(self, cluster: Any, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.cluster, self.weighting = cluster, settings["weighting"]

    def matrix(self) -> sparse.csr_matrix:
        with ExitStack() as ending:
            self._crew = ending.enter_context(opened(self.cluster, None))
            self._folder = ending.enter_context(self._crew.sharing())
            size = -(-(self.store.n_tokens + self.store.n_sentences) // self._crew.slots)
            self.chunk = min(self.chunk, max(2 * self.window, size))
            return super().matrix()

    def _in_one(self) -> bool:
        return False

    def _counted(self, *, single: bool) -> list[Run]:
        found: dict[int, Run] = {}
        for number, (lengths, columns, values) in self._crew.each(count_chunk, self._tasks()):
            held = _Held(columns, np.int32), _Held(values, np.int64)
            found[number] = Run(np.array(read_array(lengths)), *held)
            Path(lengths).unlink(missing_ok=True)
        return [found[number] for number in sorted(found)]

    def _tasks(self) -> Iterator[Chunk]:
        for number, (tokens, fresh) in enumerate(self._chunks()):
            yield Chunk(
                number, put(self._folder, f"text-{number}.npy", tokens), fresh, self.n_terms,
                self.window, self.weighting, self.symmetric, self.block,
                str(self._folder / f"run-{number}"),
            )  # fmt: skip


def counting_of(cluster: Any, *args: Any, **settings: Any) -> Counting:
    """A count of this process, or of the workers that ``cluster`` names."""
    if cluster is None:
        return Counting(*args, **settings)
    return ClusterCounting(cluster, *args, **settings)
