"""Passes over documents in rounds of blocks: the same bits for any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.documents.blocks import Documents
from polytopic.embeddings.kernels.arguments import Chosen, Found, Matrices, Noise, Windows
from polytopic.embeddings.kernels.deterministic.rounds import (
    BLOCK,
    POOL,
    ROUND,
    STRENGTH,
    Round,
)
from polytopic.embeddings.kernels.paragraphs import Paragraph, paragraph_negative
from polytopic.embeddings.kernels.subsampling import select

__all__ = ["ParagraphRounds"]

Floats = NDArray[np.float32]

_PARTS = 4
"""Parts of the rows that threads add to at the same time: as many as :class:`Round` knows."""


class ParagraphRounds:
    """Blocks of whole documents, in rounds from the same rows of words.

    A document is of one block alone, so that its row is trained where it stands; rows of words are
    trained as copies, whose changes are then added (:mod:`~.kernels.deterministic.rounds`).
    """

    def __init__(
        self,
        documents: Documents,
        matrices: Matrices,
        noise: Noise,
        windows: Windows,
        keep: NDArray[np.uint64],
        *,
        neighbours: bool,
    ) -> None:
        self.documents, self.noise, self.windows, self.keep = documents, noise, windows, keep
        self.how = Paragraph(neighbours, learns=True)
        self.blocks = documents.blocks(BLOCK)
        bounds = documents.bounds
        longest = max(int(bounds[last] - bounds[first]) for first, last in self.blocks)
        most = max(last - first for first, last in self.blocks)
        self._found = [Found.of(longest, most + 1) for _ in range(ROUND)]
        self._round = Round(matrices, noise.table, longest)

    @property
    def n_rounds(self) -> int:
        """Of a pass."""
        return -(-len(self.blocks) // ROUND)

    def run(
        self,
        pool: Executor,
        keys: NDArray[np.uint64],
        begin: float,
        end: float,
        rows: Floats,
        tell: Callable[[float, int], None],
    ) -> tuple[float, float]:
        """One pass; ``rows`` (D, E) of the documents are changed. The loss and the pairs.

        ``tell`` gets the mean loss of each round, and its number from 1 on.
        """
        totals = np.zeros((len(self.blocks), 2))
        n = max(int(self.documents.bounds[-1]), 1)
        for begun in range(0, len(self.blocks), ROUND):
            here = range(begun, min(begun + ROUND, len(self.blocks)))
            rates = [
                begin + (end - begin) * self.documents.bounds[self.blocks[b][0]] / n for b in here
            ]

            def train(slot: int, here: range = here, rates: list[Any] = rates) -> None:
                number = here[slot]
                self._block(number, slot, keys, rates[slot], rows, totals[number])

            def add(part: int, here: range = here, rates: list[Any] = rates) -> None:
                self._round.add(len(here), STRENGTH * rates[0], part, _PARTS)

            list(pool.map(train, range(len(here))))
            list(pool.map(add, range(_PARTS)))
            loss, pairs = totals[here.start : here.stop].sum(axis=0)
            tell(float(loss) / max(float(pairs), 1.0), begun // ROUND + 1)
        return float(totals[:, 0].sum()), float(totals[:, 1].sum())

    def _block(
        self,
        number: int,
        slot: int,
        keys: NDArray[np.uint64],
        rate: float,
        rows: Floats,
        totals: NDArray[np.float64],
    ) -> None:
        first, last = self.blocks[number]
        bounds, found = self.documents.bounds, self._found[slot]
        start, stop = int(bounds[first]), int(bounds[last])
        inside = bounds[first : last + 1] - start
        kept, n, low, high = select(
            self.documents.tokens[start:stop], inside, 0, stop - start, start, self.keep, keys[0],
            found.ids, found.where, found.sentences,
        )  # fmt: skip
        copies = self._round.blocks[slot]
        n_draws = self.noise.negative * kept
        local = copies.take(found.ids[:kept], int(kept * POOL), n_draws, keys[1], number)
        width = local.matrices.outputs.shape[1]
        own = np.zeros((last - first, width), dtype=np.float32)
        own[:, : rows.shape[1]] = rows[first:last]
        chosen = Chosen(local.ids, found.where[:kept], found.sentences[: n + 1], n, low, high)
        paragraph_negative(
            chosen, keys[1], self.windows, Noise(self.noise.negative, local.table),
            local.matrices, np.float32(rate), totals, own, self.how,
        )  # fmt: skip
        rows[first:last] = own[:, : rows.shape[1]]
