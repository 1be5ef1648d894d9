"""What a worker does for word vectors: a slice of the text, from common matrices to what changed.

From files to files, without a state of its own: a slice that is trained twice leaves the same
files.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster.folders import read_array, write_array
from polytopic.embeddings.cluster_means import Change
from polytopic.embeddings.kernels.arguments import Matrices, Table
from polytopic.embeddings.kernels.deterministic.grams import NO_GRAMS, Grams
from polytopic.embeddings.kernels.deterministic.passes import Prediction
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, Round
from polytopic.embeddings.kernels.negatives import table_shares
from polytopic.embeddings.threads import InRounds, Work
from polytopic.embeddings.tokens import read_between

__all__ = ["Slice", "Trained", "train_slice"]

_COMPARED = 1 << 16
"""Rows that are compared at a time: some tens of megabytes."""


@dataclass(frozen=True)
class Slice:
    """Positions ``first`` to ``last`` of the text whose files lie in ``folder``.

    ``number``: of the slice, among all of the run; ``matrices``: the files that it begins from, the
    different ones first, whose ``roles`` and ``room`` are as for :class:`~.rounds.Copied`;
    ``rates``: at both ends; ``keys``: of the random numbers of the pass; ``margin``: positions
    beside a block that are read.
    """

    number: int
    first: int
    last: int
    folder: str
    matrices: tuple[str, ...]
    roles: tuple[int, int, int, int]
    room: int
    prediction: Prediction
    rates: tuple[float, float]
    keys: NDArray[np.uint64]
    margin: int


class Trained(NamedTuple):
    """A slice that is trained: loss and pairs, and a change for each matrix."""

    number: int
    loss: float
    pairs: float
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class _Text:
    """The tokens of the whole in files."""

    tokens: NDArray[np.int32]
    starts: NDArray[np.int64]

    @property
    def n_tokens(self) -> int:
        return len(self.tokens)

    def read(self, start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return self.tokens[start:stop], read_between(self.starts, start, stop)


def train_slice(task: Slice) -> Trained:
    """Train a slice on copies of the common matrices, and write by how much rows changed."""
    folder = Path(task.folder)
    text = _Text(read_array(folder / "tokens.npy"), read_array(folder / "starts.npy"))
    keep = read_array(folder / "keep.npy")
    table = Table(*(read_array(folder / f"table-{name}.npy") for name in Table._fields))
    matrices = [read_array(name) for name in task.matrices]
    round_ = _round_of(task, table, matrices)
    totals: list[tuple[float, float]] = []

    def rate(position: int) -> float:
        begin, end = task.rates
        return begin + (end - begin) * (position - task.first) / (task.last - task.first)

    work = Work(
        range(task.first, task.last, BLOCK), lambda number, *found: totals.append(found), rate,
        threading.Event(), text, task.margin, keep, task.keys,
    )  # fmt: skip
    InRounds(1, task.prediction, round_).begin(work)(0)
    loss, pairs = np.sum(totals, axis=0).tolist()
    low, high = max(task.first - task.margin, 0), task.last + task.margin
    kept = np.asarray(keep, np.float64) / 2.0**32
    seen = text.tokens[low:high]
    uses = _uses_of(round_, np.bincount(seen[seen >= 0], minlength=len(kept)) * kept, task)
    changes = tuple(
        _written(folder / f"slice-{task.number:07d}-{m}", matrices[m], task.matrices[m], uses[m])
        for m in range(len(matrices))
    )
    return Trained(task.number, loss, pairs, changes)


def _round_of(task: Slice, table: Table, matrices: Sequence[NDArray[np.float32]]) -> Round:
    folder = Path(task.folder)
    grams = Grams(*(read_array(folder / f"grams-{name}.npy") for name in Grams._fields))
    frozen = read_array(folder / "frozen.npy")
    inputs, outputs, noise, others = (matrices[role] for role in task.roles)
    return Round(
        Matrices(inputs, outputs, noise), table, task.room, frozen=frozen if len(frozen) else None,
        grams=grams if len(grams.starts) else NO_GRAMS,
        noise_inputs=None if others is noise else others, apart=task.prediction.apart,
    )  # fmt: skip


def _uses_of(round_: Round, tokens: NDArray[np.float64], task: Slice) -> list[NDArray[np.float64]]:
    """How often a slice is expected to use each row of each matrix: as a token and as noise.

    ``tokens`` (V,): how often the words are tokens. As :func:`~.rounds.add` counts uses.
    """
    copied = round_.arrays
    noise = task.prediction.negative * tokens.sum() * table_shares(copied.table)
    found: list[NDArray[np.float64]] = []
    for m in range(len(task.matrices)):
        uses: NDArray[np.float64] = np.zeros(len(tokens))
        if m in task.roles[:2]:
            uses += tokens
        if m >= task.roles[2]:
            uses += noise
        if m == 0 and len(copied.grams.starts):
            starts, rows, _ = copied.grams
            each = np.repeat(uses, np.diff(starts))
            uses = np.bincount(rows, each, len(copied.matrices[0])).astype(np.float64)
        found.append(uses)
    return found


def _written(
    target: Path, matrix: NDArray[np.float32], begun: str, uses: NDArray[np.float64]
) -> Change:
    """The files of a change. A row that changed was used once at least."""
    before, rows, moved = read_array(begun), [], []
    candidates = np.flatnonzero(uses)
    for first in range(0, len(candidates), _COMPARED):
        some = candidates[first : first + _COMPARED]
        by = matrix[some] - before[some]
        changed = by.any(axis=1)
        rows.append(some[changed])
        moved.append(by[changed])
    which = np.concatenate([np.zeros(0, np.int64), *rows])
    by_how_much = np.concatenate([np.zeros((0, matrix.shape[1]), np.float32), *moved])
    counted = np.maximum(uses[which], 1.0)
    parts = zip(Change._fields, (which, by_how_much, counted), strict=True)
    return Change(*(str(write_array(Path(f"{target}-{name}.npy"), a)) for name, a in parts))
