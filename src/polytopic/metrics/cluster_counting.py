"""Counting words and pairs of topics on several processes or machines: whole numbers, added."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster import Advice, Crew, opened
from polytopic.cluster.folders import put, read_array
from polytopic.metrics.counting import Pairs, WindowCounts, count
from polytopic.metrics.inputs import (
    Word,
    codes_of_columns,
    codes_of_tokens,
    column_codes,
    read_documents,
)
from polytopic.text.shards.layout import ShardPlace

__all__ = ["Desk", "at_desk"]

ADVICE = Advice("a folder of shards elsewhere", "Nothing is lost: ")

_ONE = 1
"""Threads of a task: an engine gives each processor one of its own."""


@dataclass(frozen=True)
class Sought:
    """What is counted: files of the pairs' words, how many words there are, and windows."""

    first: str
    second: str
    n_words: int
    window: int | None
    exact: bool

    def count(self, codes: NDArray[np.int32], offsets: NDArray[np.int64]) -> WindowCounts:
        """Of some documents."""
        none = np.zeros((0, 0, 0), np.int64)
        pairs = Pairs(read_array(self.first), read_array(self.second), none)
        return count(
            codes, offsets, pairs, self.n_words, window=self.window, exact=self.exact,
            n_threads=_ONE,
        )  # fmt: skip


@dataclass(frozen=True)
class InShard:
    """A shard that a worker reads; ``lookup``: the file of the code of each term, -1 for none."""

    place: ShardPlace
    lookup: str
    sought: Sought


@dataclass(frozen=True)
class Sent:
    """Documents in two files, of codes and of offsets."""

    codes: str
    offsets: str
    sought: Sought


class Answer(NamedTuple):
    """What was counted, and the files that are needed no more."""

    counts: WindowCounts
    files: tuple[str, ...] = ()


def count_shard(task: InShard) -> Answer:
    """Count in a shard, which is named where it is damaged."""
    counts, offsets, tokens = task.place.map()
    lookup = read_array(task.lookup)
    if task.sought.window is None:
        return Answer(task.sought.count(*codes_of_columns(lookup, counts)))
    return Answer(task.sought.count(codes_of_tokens(lookup, tokens), offsets))


def count_sent(task: Sent) -> Answer:
    """Count in documents that were written for this."""
    found = task.sought.count(read_array(task.codes), read_array(task.offsets))
    return Answer(found, (task.codes, task.offsets))


class Desk:
    """What workers are given to count; its folder is theirs too."""

    def __init__(self, crew: Crew, folder: Path) -> None:
        self.crew, self.folder, self.number = crew, folder, 0

    def count(
        self,
        reference: Any,
        words: list[Word],
        vocabulary: Any,
        pairs: Pairs,
        *,
        window: int | None,
        exact: bool,
    ) -> WindowCounts:
        """What :func:`polytopic.metrics.counting.count` finds in all of the reference."""
        first, second = self._put(pairs.first), self._put(pairs.second)
        sought = Sought(first, second, len(words), window, exact)
        total = WindowCounts.none(len(words), len(pairs.first))
        if hasattr(reference, "shard_places"):
            terms = reference.vocabulary.terms
            lookup = column_codes(words, terms, len(terms))
            name = self._put(lookup)
            shards = (InShard(place, name, sought) for place in reference.shard_places())
            answers = self.crew.each(count_shard, shards)
        else:
            parts = read_documents(reference, words, vocabulary, ordered=window is not None)
            sent = (Sent(self._put(codes), self._put(offsets), sought) for codes, offsets in parts)
            answers = self.crew.each(count_sent, sent)
        for found in answers:
            total += found.counts
            for file in found.files:
                Path(file).unlink(missing_ok=True)
        return total

    def _put(self, array: NDArray[Any]) -> str:
        self.number += 1
        return put(self.folder, f"array-{self.number}.npy", array)


@contextmanager
def at_desk(cluster: Any, *references: Any) -> Iterator[Desk | None]:
    """The workers that ``cluster=`` names, with a folder; None for threads of this process.

    The folder is within the first of the references that is one of shards, which all workers see.
    """
    if cluster is None or isinstance(cluster, Desk):
        yield cluster
        return
    places = [Path(one.path) for one in references if hasattr(one, "shard_places")]
    near = next((place / "work" for place in places if os.access(place, os.W_OK)), None)
    with opened(cluster, near, advice=ADVICE) as crew, crew.sharing() as folder:
        yield Desk(crew, folder)
