"""What a worker does for LDA's sampler: from files to files, without a state of its own.

A task knows its documents by their numbers in the whole corpus, by which they draw: how documents
are divided among tasks, and how often one is done, changes no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.cluster.folders import Span, read_array, read_span, write_array
from polytopic.topics.lda.concentrations import CountHistogram
from polytopic.topics.lda.kernels.gibbs_likelihood import count_documents, documents_term
from polytopic.topics.lda.kernels.gibbs_passes import draw
from polytopic.topics.lda.kernels.gibbs_state import aligned, widths
from polytopic.topics.lda.kernels.gibbs_sweeps import Tokens

__all__ = ["Drawn", "Drawing", "Judging", "Part", "draw_part", "judge_part", "tally_part"]


@dataclass(frozen=True)
class Part:
    """Documents ``first`` to ``last`` of a corpus whose files lie in ``folder``.

    ``topics``: where the topics of their tokens are.
    """

    folder: str
    first: int
    last: int
    n_topics: int
    topics: tuple[Span, ...]

    def offsets(self) -> NDArray[np.int64]:
        """Where they begin among their own tokens, by their numbers in the whole.

        Entries before ``first`` are not written, and so take no memory.
        """
        whole = read_array(Path(self.folder) / "offsets.npy")
        found = np.empty(self.last + 1, np.int64)
        np.subtract(whole[self.first : self.last + 1], whole[self.first], out=found[self.first :])
        return found

    def tokens(self) -> tuple[int, int]:
        """Where their tokens begin and end among all."""
        whole = read_array(Path(self.folder) / "offsets.npy")
        return int(whole[self.first]), int(whole[self.last])

    def held(self) -> NDArray[Any]:
        """The topics of their tokens."""
        return read_span(self.topics, *self.tokens(), widths(self.n_topics)[2])


@dataclass(frozen=True)
class Drawing:
    """New topics of a part: ``tables`` are the files of phi, masses, alpha and scales."""

    part: Part
    number: int
    key: int
    initial: bool
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """What came of it: the file of new topics, and that of what changed in the counts (V, P)."""

    topics: Span
    change: str


@dataclass(frozen=True)
class Judging:
    """Blocks of a part between the documents ``edges``; ``first_block`` is the number of the first
    block among all."""

    part: Part
    edges: tuple[int, ...]
    first_block: int
    alpha: NDArray[np.float64]


def draw_part(task: Drawing) -> Drawn:
    """Draw the topics of a part's tokens anew, given phi."""
    part = task.part
    begin, end = part.tokens()
    folder = Path(part.folder)
    words = read_array(folder / "words.npy")[begin:end]
    topics = np.zeros(end - begin, widths(part.n_topics)[2]) if task.initial else part.held()
    phi, masses, weights, scales = (read_array(name) for name in task.tables)
    counts = aligned(phi.shape, np.int32)
    span = part.first, part.last
    draw(
        Tokens(words, part.offsets(), topics), phi, weights, masses, counts, task.key, span,
        task.initial, scales,
    )  # fmt: skip
    name = f"{task.number:06d}-{part.first}.npy"
    written = write_array(folder / f"topics-{name}", topics)
    change = write_array(folder / f"change-{name}", counts)
    return Drawn(Span(str(written), begin, end), str(change))


def tally_part(part: Part) -> CountHistogram:
    """How often each number of tokens of a topic stands in a document."""
    indptr, indices, data = count_documents(
        part.offsets(), part.held(), part.n_topics, part.first, part.last
    )
    shape = part.last - part.first, part.n_topics
    return CountHistogram.of(sparse.csr_matrix((data, indices, indptr), shape=shape))


def judge_part(task: Judging) -> tuple[int, list[float]]:
    """log p(z | alpha) of a part's blocks, and the number of the first."""
    offsets, topics, edges = task.part.offsets(), task.part.held(), task.edges
    found = [
        documents_term(offsets, topics, task.alpha, edges[i], edges[i + 1])
        for i in range(len(edges) - 1)
    ]
    return task.first_block, found
