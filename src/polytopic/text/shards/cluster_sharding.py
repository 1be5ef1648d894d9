"""Both passes of ``shard`` on several processes or machines: the folder of one, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster import Advice, Crew
from polytopic.cluster.folders import read_array, write_array
from polytopic.io.mapping import map_tensors
from polytopic.text.options import TextOptions
from polytopic.text.selection import Frequencies
from polytopic.text.shards.appending import Appended
from polytopic.text.shards.choosing import Chosen, Seen, Written
from polytopic.text.shards.cluster_reading import Cutter, Part, Piece, Reading, read_file
from polytopic.text.shards.cluster_tasks import (
    Appending,
    Counted,
    Counting,
    Finding,
    append_batch,
    count_batch_lines,
    count_batch_words,
    find_words,
    write_batch,
)
from polytopic.text.shards.source import Job
from polytopic.text.shards.spool import LOCAL, Spool, number_apart, words_file
from polytopic.text.tables import Account

__all__ = ["ADVICE", "WORK", "ClusterChosen", "append_batches", "spool_words"]

WORK = "work"
"""What the folder of the workers is called by, within that of the corpus."""

ADVICE = Advice("another folder", "Nothing is lost: ")

_FILES = 2
"""Files for each worker that are read before the words of any are looked for: their texts are on
the disk meanwhile."""


def spool_words(
    crew: Crew, shared: Path, job: Job, spool: Spool, account: Account
) -> Iterator[int]:
    """Have the words of all batches written beside those that ``spool`` has; the number of each.

    What readers tell goes to ``account``.
    """
    for number in range(len(spool)):
        if LOCAL not in map_tensors(words_file(spool.folder, number)):
            number_apart(spool, number)
    number, before = 0, 0
    for cuts in _batches(crew, shared, job, account):
        tasks: list[Finding] = []
        for parts in cuts:
            if not words_file(spool.folder, number).is_file():
                tasks.append(_finding(number, before, parts, job, spool, shared))
            number += 1
            before += sum(part.last - part.first for part in parts)
        yield from crew.each(find_words, tasks)


def append_batches(
    crew: Crew,
    shared: Path,
    job: Job,
    first: int,
    options: Mapping[str, Any],
    account: Account,
) -> Iterator[Appended]:
    """Have later documents written as shards from the number ``first`` on, in any order."""
    output = str(job.output.absolute())
    for cuts in _batches(crew, shared, job, account):
        tasks = [
            Appending(number, parts, dict(options), output, str(shared))
            for number, parts in enumerate(cuts, first)
        ]
        yield from crew.each(append_batch, tasks)
        first += len(cuts)


def _batches(
    crew: Crew, shared: Path, job: Job, account: Account
) -> Iterator[list[tuple[Part, ...]]]:
    """The batches that one reader of all files would have gathered, those of some files at a time;
    their texts are removed when the next are asked for."""
    cutter = Cutter(job.documents)
    files, step = list(enumerate(job.files)), _FILES * crew.slots
    for first in range(0, len(files), step):
        wave = files[first : first + step]
        cuts: list[tuple[Part, ...]] = []
        for piece in _read(crew, shared, job, wave, account):
            cuts += cutter.add(piece)
        if first + step >= len(files) and cutter.parts:
            cuts.append(cutter.rest())
        yield cuts
        _remove({part.piece for parts in cuts for part in parts}, cutter)


def _read(
    crew: Crew,
    shared: Path,
    job: Job,
    wave: Sequence[tuple[int, Path]],
    account: Account,
) -> Iterator[Piece]:
    """The pieces of some files, in the order of the files."""
    tasks = [
        Reading(place, str(file.absolute()), str(file), job.wanted, job.reading, str(shared))
        for place, file in wave
    ]
    for read in sorted(crew.each(read_file, tasks), key=lambda read: read.number):
        account.notes += read.account.notes
        account.halves += read.account.halves
        yield from read.pieces


def _finding(
    number: int, before: int, parts: tuple[Part, ...], job: Job, spool: Spool, shared: Path
) -> Finding:
    output = str(spool.folder.absolute())
    return Finding(number, before, parts, spool.rule, spool.steps, job.texts, output, str(shared))


def _remove(pieces: set[Piece], cutter: Cutter) -> None:
    """Remove the files of pieces of which nothing is left to be looked at."""
    for piece in pieces - {part.piece for part in cutter.parts}:
        for name in piece:
            Path(name).unlink(missing_ok=True)


class ClusterChosen(Chosen):
    """What is decided of a spool's words, counted and written by workers."""

    def __init__(self, spool: Spool, options: TextOptions, crew: Crew, shared: Path) -> None:
        self.crew, self.shared = crew, shared
        super().__init__(spool, options, n_threads=1)

    def _lines(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
        for found in self._each(count_batch_lines):
            hashes, counts = _taken(found)
            yield hashes, counts

    def _seen(self) -> Iterator[Seen]:
        for found in self._each(count_batch_words):
            ids, tokens, documents = _taken(found)
            yield Seen(
                ids, Frequencies(tokens, documents), found.n_tokens, found.n_blank, found.lines
            )

    def _writing(self, folder: Path) -> Iterator[Written]:
        columns = write_array(self.shared / "columns.npy", self.selection.columns)
        n_terms = len(self.selection.vocabulary)
        yield from self._each(write_batch, columns=str(columns), n_terms=n_terms)

    def _each(self, function: Callable[[Counting], Any], **more: Any) -> Iterator[Any]:
        """``function`` of every batch, as they are done."""
        lines = str(write_array(self.shared / "lines.npy", self.plan.lines))
        output, shared = str(self.spool.folder.absolute()), str(self.shared)
        tasks = (
            Counting(
                number, output, shared, self._ids(number), self.stops.table.size, lines,
                self.plan.ngrams, self.plan.names, **more,
            )
            for number in range(len(self.spool))
        )  # fmt: skip
        yield from self.crew.each(function, tasks)

    def _ids(self, number: int) -> str:
        """The file of the ids in the whole of a batch's own words."""
        file = self.shared / f"ids-{number}.npy"
        if not file.is_file():
            ids = self.spool.ids_of(map_tensors(words_file(self.spool.folder, number)))
            assert ids is not None, "all batches number their own words"
            write_array(file, ids)
        return str(file)


def _taken(found: Counted) -> list[NDArray[Any]]:
    """The arrays of an answer; their files are removed."""
    arrays = [np.array(read_array(name)) for name in found.files]
    for name in found.files:
        Path(name).unlink(missing_ok=True)
    return arrays
