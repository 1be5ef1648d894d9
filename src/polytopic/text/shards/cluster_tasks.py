"""What a worker does for shards: from files to files, without a state of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster.folders import read_array, write_array
from polytopic.errors import CheckpointError
from polytopic.io.frames import unpacked_table
from polytopic.io.mapping import map_tensors
from polytopic.text.counting import RawTokens
from polytopic.text.shards.appending import Appended, write_later
from polytopic.text.shards.choosing import Plan, Written, count_lines, count_words, write_counts
from polytopic.text.shards.cluster_reading import Part, batch_of
from polytopic.text.shards.layout import read_index, shard_file
from polytopic.text.shards.spool import raw_of, words_file, write_words
from polytopic.text.tokens import WordRule

__all__ = [
    "Appending",
    "Counted",
    "Counting",
    "Finding",
    "append_batch",
    "count_batch_lines",
    "count_batch_words",
    "find_words",
    "write_batch",
]

_ONE = 1
"""Threads of a task: an engine gives each processor one of its own."""


@dataclass(frozen=True)
class Finding:
    """A batch whose words are to be found. ``before``: documents of the batches before it;
    ``output``: the corpus's folder, ``shared``: where to work."""

    number: int
    before: int
    parts: tuple[Part, ...]
    rule: WordRule
    steps: tuple[str, ...]
    texts: bool
    output: str
    shared: str


@dataclass(frozen=True)
class Counting:
    """A batch to count by the ids of the whole. ``ids``: the file of those of its own words;
    ``size``: how many terms there are; ``lines``: the file of hashes of repeated lines;
    ``columns``: the file of the column of each term, of ``n_terms``, once they are chosen."""

    number: int
    output: str
    shared: str
    ids: str
    size: int
    lines: str
    ngrams: list[tuple[int, ...]]
    names: NDArray[np.int32]
    columns: str = ""
    n_terms: int = 0


@dataclass(frozen=True)
class Appending:
    """A batch of later documents, the shard ``number`` of the corpus in ``output``.

    ``options``: of :meth:`Corpus.from_texts`; ``shared``: where to work.
    """

    number: int
    parts: tuple[Part, ...]
    options: dict[str, Any]
    output: str
    shared: str


class Counted(NamedTuple):
    """The files of what was counted of a batch, and the numbers beside them."""

    files: tuple[str, ...]
    n_tokens: int = 0
    n_blank: int = 0
    lines: tuple[str, ...] = ()


class _Words:
    """A table that spells the words of one batch, by their ids in the whole."""

    def __init__(self, size: int, ids: NDArray[np.int32], words: Sequence[str]) -> None:
        self.size = size
        self._words = dict(zip(ids.tolist(), words, strict=True))
        self._ids = dict(zip(words, ids.tolist(), strict=True))

    def strings(self, ids: NDArray[np.integer]) -> list[str]:
        return [self._words[id_] for id_ in ids.tolist()]

    def find_strings(self, words: Sequence[str]) -> NDArray[np.int32]:
        return np.array([self._ids.get(word, -1) for word in words], dtype=np.int32)


def find_words(task: Finding) -> int:
    """Write the words and the columns of a batch, numbered by itself; its number."""
    output = Path(task.output)
    with _attempt(task.shared) as place:
        write_words(
            place, task.number, batch_of(task.parts), task.rule, task.steps, None,
            before=task.before, texts=task.texts, n_threads=_ONE,
        )  # fmt: skip
        _move(shard_file(place, task.number, ".parquet"), output)
        _move(words_file(place, task.number, ".json"), output)
        _move(words_file(place, task.number), output)
    return task.number


def count_batch_lines(task: Counting) -> Counted:
    """Hashes of the lines of a batch, and in how many documents each stands, as two files."""
    return Counted(_files(task, "lines", *count_lines(_raw(task))))


def count_batch_words(task: Counting) -> Counted:
    """Ids of the terms of a batch, their tokens and documents, as three files."""
    seen = count_words(_raw(task), _plan(task), _ONE)
    tokens, documents = seen.frequencies.tokens, seen.frequencies.documents
    ids = np.flatnonzero(tokens)
    files = _files(task, "words", ids, tokens[ids], documents[ids])
    return Counted(files, seen.n_tokens, seen.n_blank, seen.lines)


def write_batch(task: Counting) -> Written:
    """Write the shard of a batch."""
    columns = read_array(task.columns)
    with _attempt(task.shared) as place:
        written = write_counts(
            _raw(task), _plan(task), columns, task.n_terms, place, task.number, _ONE
        )
        _move(shard_file(place, task.number), Path(task.output))
    return written


def append_batch(task: Appending) -> Appended:
    """Write the shard of a batch of later documents, by the vocabulary of the corpus."""
    output = Path(task.output)
    index = read_index(output)
    options = {**task.options, "n_threads": _ONE}
    with _attempt(task.shared) as place:
        appended = write_later(
            place, task.number, batch_of(task.parts), index.vocabulary, options, texts=index.texts
        )
        for ending in (".parquet", ".safetensors"):
            _move(shard_file(place, task.number, ending), output)
    return appended


def _raw(task: Counting) -> RawTokens:
    file = words_file(Path(task.output), task.number)
    try:
        held = map_tensors(file)
        ids = read_array(task.ids)
        words = unpacked_table(held["words"])["words"].to_list()
        return raw_of(held, _Words(task.size, ids, words), ids)
    except (KeyError, ValueError, IndexError):
        raise CheckpointError(
            f"{file}: is damaged. Remove the folder, and make the shards again."
        ) from None


def _plan(task: Counting) -> Plan:
    return Plan(np.asarray(read_array(task.lines)), task.ngrams, task.names)


def _files(task: Counting, name: str, *arrays: NDArray[Any]) -> tuple[str, ...]:
    folder = Path(task.shared)
    return tuple(
        str(write_array(folder / f"{name}-{task.number}-{place}.npy", array))
        for place, array in enumerate(arrays)
    )


@contextmanager
def _attempt(shared: str) -> Iterator[Path]:
    """A folder for this attempt alone: another at the same task may be under way elsewhere."""
    place = Path(tempfile.mkdtemp(prefix="attempt-", dir=shared))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _move(file: Path, folder: Path) -> None:
    os.replace(file, folder / file.name)  # noqa: PTH105 (whatever another attempt has left there)
