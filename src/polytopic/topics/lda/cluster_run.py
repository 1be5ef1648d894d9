"""LDA's sampler on several processes or machines: the same chain, to the last bit.

What the driver holds are the tables of terms and topics; tokens lie in files. phi is drawn here
from whole counts, workers draw documents by their numbers, and the changes of the counts are added
up: whole numbers, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster import opened
from polytopic.cluster.folders import Span, put, put_parts, read_array
from polytopic.errors import ClusterError
from polytopic.topics.lda.cluster_tasks import (
    Drawing,
    Judging,
    Part,
    draw_part,
    judge_part,
    tally_part,
)
from polytopic.topics.lda.concentrations import CountHistogram
from polytopic.topics.lda.gibbs_run import Chain, Outcome
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.kernels.gibbs_likelihood import count_words
from polytopic.topics.lda.kernels.gibbs_state import GibbsState
from polytopic.topics.lda.sampler_memory import refuse_too_many

__all__ = ["ClusterChain", "chain_of"]

_FEWEST = 256
"""Documents of a task, at least: fewer are drawn sooner than a task is handed over."""

_COUNTED = 1 << 24
"""Tokens whose topics are counted at a time, of a checkpoint: 100 MB of them."""


@dataclass
class ClusterChain(Chain):
    """A chain whose tokens are drawn by the workers of ``cluster``."""

    cluster: Any = None

    def run(self) -> Outcome:
        """As :meth:`Chain.run`.

        Raises
        ------
        ClusterError
            If a task failed three times; a checkpoint then holds the last whole pass.
        """
        with opened(self.cluster, self.checkpoint) as self._crew, ExitStack() as self._ending:
            return super().run()

    def _refuse(self) -> None:
        refuse_too_many(self.counts, self.n_topics, self.n_threads, self.weights, held=False)

    # ---- tokens in files -------------------------------------------------------------------

    def _lay_out(self) -> NDArray[Any] | None:
        topics = self._resume()
        self._folder = self._ending.enter_context(self._crew.sharing())
        offsets = self._write_tokens()
        self._files: tuple[Span, ...] = ()
        if topics is not None:
            path = self._write("topics-begun.npy", topics)
            self._files = (Span(path, 0, len(topics)),)
        nothing: NDArray[Any] = np.zeros(0, np.int32)
        self.state = gibbs.prepare(
            nothing, offsets, self.n_terms, self.n_topics, n_workers=self.n_threads
        )
        self.state.elsewhere = self._sweep
        self._next: list[Span] = []
        self._number = 0
        if topics is not None:
            words = read_array(self._folder / "words.npy")
            for first in range(0, len(words), _COUNTED):
                span = slice(first, first + _COUNTED)
                count_words(words[span], topics[span], self.state.counts)
        return topics

    def _write_tokens(self) -> NDArray[np.int64]:
        """The files of words and of where documents begin."""
        offsets = np.zeros(self.counts.shape[0] + 1, np.int64)

        def words_of_each() -> Iterator[NDArray[np.int32]]:
            used = documents = 0
            for words, bounds in gibbs.expand_each(self.counts, weights=self.weights):
                yield words
                offsets[documents + 1 : documents + len(bounds)] = used + bounds[1:]
                used, documents = used + len(words), documents + len(bounds) - 1

        put_parts(self._folder, "words.npy", words_of_each(), np.int32, self.n_tokens)
        self._write("offsets.npy", offsets)
        return offsets

    def _topics(self) -> NDArray[Any]:
        """Of all tokens, gathered in a file, which the system may take out of memory."""
        parts = (read_array(file.path) for file in sorted(self._files, key=lambda f: f.first))
        kind, size = self.state.topics.dtype, self.state.n_tokens
        return put_parts(self._folder, "whole.npy", parts, kind, size)

    # ---- passes ----------------------------------------------------------------------------

    def _grow(self) -> None:
        super()._grow()
        self._settle()

    def _pass(self) -> None:
        before = self.iteration
        try:
            super()._pass()
        except ClusterError:
            self.iteration, self._next = before, []
            self._save()
            raise
        self._settle()

    def _record_if_due(self) -> None:
        try:
            super()._record_if_due()
        except ClusterError:
            self._save()
            raise

    def _settle(self) -> None:
        """Take the new topics for those of now."""
        old, self._files, self._next = self._files, tuple(self._next), []
        for file in old:
            Path(file.path).unlink(missing_ok=True)

    def _sweep(
        self,
        state: GibbsState,
        weights: NDArray[np.float32],
        key: int,
        span: tuple[int, int],
        initial: bool,
        scales: NDArray[np.float32],
    ) -> None:
        self._number += 1
        arrays = {"phi": state.phi, "masses": state.masses, "weights": weights, "scales": scales}
        tables = tuple(
            self._write(f"{name}-{self._number:06d}.npy", array) for name, array in arrays.items()
        )
        tasks = [
            Drawing(part, self._number, key, initial, tables)
            for part in self._parts(*span, self._files)
        ]
        for drawn in self._crew.each(draw_part, tasks):
            np.add(state.counts, read_array(drawn.change), out=state.counts)
            Path(drawn.change).unlink(missing_ok=True)
            self._next.append(drawn.topics)
        for name in tables:
            Path(name).unlink(missing_ok=True)

    def _parts(self, first: int, last: int, files: Sequence[Span]) -> Iterator[Part]:
        """Documents ``first`` to ``last``, as many tokens for each worker."""
        offsets = self.state.offsets
        n = max(1, min(self._crew.slots, (last - first) // _FEWEST))
        aims = offsets[first] + (np.arange(n + 1) * (offsets[last] - offsets[first])) // n
        edges = np.clip(np.searchsorted(offsets, aims), first, last)
        edges[0], edges[-1] = first, last
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if begin < end:
                yield self._part(begin, end, files)

    def _part(self, first: int, last: int, files: Sequence[Span]) -> Part:
        begin, end = self.state.offsets[first], self.state.offsets[last]
        held = tuple(f for f in files if f.first < end and begin < f.last)
        return Part(str(self._folder), first, last, self.n_topics, held)

    # ---- what is learned and told ----------------------------------------------------------

    def _document_counts(self) -> CountHistogram:
        """Of the topics just drawn."""
        parts = self._parts(0, self._n_documents, self._next)
        found: CountHistogram = reduce(CountHistogram.join, self._crew.each(tally_part, parts))
        return found

    def _documents_terms(self) -> NDArray[np.float64]:
        edges = gibbs.judged_blocks(self._n_documents)
        shares = gibbs.divide(0, len(edges) - 1, self._crew.slots).tolist()
        alpha, found = self._alpha(), np.zeros(len(edges) - 1)
        tasks = []
        for first, last in pairwise(shares):
            own = tuple(edges[first : last + 1].tolist())
            part = self._part(own[0], own[-1], self._files)
            tasks.append(Judging(part, own, first, alpha))
        for first, terms in self._crew.each(judge_part, tasks):
            found[first : first + len(terms)] = terms
        return found

    @property
    def _n_documents(self) -> int:
        return len(self.state.offsets) - 1

    # ---- files -----------------------------------------------------------------------------

    def _save(self) -> None:
        if self.checkpoint is not None:
            super()._save()

    def _write(self, name: str, array: NDArray[Any]) -> str:
        """A file for the workers, of a name that no other table has had: a task that was given up
        and goes on nevertheless reads what it was given, or nothing."""
        return put(self._folder, name, array)


def chain_of(cluster: Any, *args: Any, **settings: Any) -> Chain:
    """A chain of this process, or of the workers that ``cluster`` names."""
    if cluster is None:
        return Chain(*args, **settings)
    return ClusterChain(*args, **{**settings, "cluster": cluster})
