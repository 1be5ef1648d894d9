"""Rounds of blocks of whole documents: the same bits for any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.documents.blocks import Documents
from polytopic.embeddings.kernels.arguments import Chosen, Found, Matrices, Noise, Windows
from polytopic.embeddings.kernels.deterministic.rounds import ROUND, STRENGTH, Round
from polytopic.embeddings.kernels.paragraphs import Paragraph, paragraph_negative
from polytopic.embeddings.kernels.subsampling import select

__all__ = ["ParagraphRounds"]

Floats = NDArray[np.float32]

_LEAST, _MOST = 1024, 4096
"""Tokens of the text a block: larger ones copy fewer rows a word."""

_BLOCKS = 200
"""Blocks of a pass, so that its rounds are many; a text of more than so many of _MOST has more."""

_POOL = 2048
"""Noise words in the pool of a block, but no more than its words, and no fewer than half of them.
A document meets those of its block alone: with half as many neighbours are worse."""


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
        size = int(np.clip(len(documents.tokens) // _BLOCKS, _LEAST, _MOST))
        self.blocks = documents.blocks(size)
        bounds = documents.bounds
        longest = max(int(bounds[last] - bounds[first]) for first, last in self.blocks)
        most = max(last - first for first, last in self.blocks)
        self._found = [Found.of(longest, most + 1) for _ in range(ROUND)]
        self._round = Round(matrices, noise.table, longest)

    def __len__(self) -> int:
        """Rounds of a pass."""
        return -(-len(self.blocks) // ROUND)

    def run(
        self,
        number: int,
        pool: Executor,
        n_threads: int,
        keys: NDArray[np.uint64],
        rate: Callable[[float], float],
        rows: Floats,
    ) -> tuple[float, float]:
        """One round: the loss and the pairs.

        Parameters
        ----------
        number : int
        pool : Executor
        n_threads : int
            Of the pool; any number gives the same bits.
        keys : uint64 array of shape (2,)
            For subsampling, and for windows and negatives.
        rate : callable
            The learning rate at a share of the pass.
        rows : float32 array of shape (D, E), changed
            Of the documents.
        """
        here = self.blocks[number * ROUND : (number + 1) * ROUND]
        totals = np.zeros((len(here), 2))
        n = max(int(self.documents.bounds[-1]), 1)
        parts = min(n_threads, ROUND)  # more have nothing to add
        rates = [rate(int(self.documents.bounds[first]) / n) for first, _ in here]

        def train(slot: int) -> None:
            self._block(number * ROUND + slot, slot, keys, rates[slot], rows, totals[slot])

        def add(part: int) -> None:
            self._round.add(len(here), STRENGTH * rates[0], part, parts)

        list(pool.map(train, range(len(here))))
        list(pool.map(add, range(parts)))
        loss, pairs = totals.sum(axis=0).tolist()
        return loss, pairs

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
        n_pool = max(min(kept, _POOL), kept // 2)
        local = copies.take(found.ids[:kept], n_pool, n_draws, keys[1], number)
        width = local.matrices.outputs.shape[1]
        own = np.zeros((last - first, width), dtype=np.float32)
        own[:, : rows.shape[1]] = rows[first:last]
        chosen = Chosen(local.ids, found.where[:kept], found.sentences[: n + 1], n, low, high)
        paragraph_negative(
            chosen, keys[1], self.windows, Noise(self.noise.negative, local.table),
            local.matrices, np.float32(rate), totals, own, self.how,
        )  # fmt: skip
        rows[first:last] = own[:, : rows.shape[1]]
