"""Online variational Bayes whose E steps are done by several processes or machines.

The statistics of a batch are added here, in the order of its documents: the same topics, to the
last bit, for any number of workers.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from scipy import sparse

from polytopic.cluster import opened
from polytopic.errors import ClusterError
from polytopic.topics.lda import online_bayes as online
from polytopic.topics.lda.cluster_inference import Desk, settle_on
from polytopic.topics.lda.online_run import Stream

__all__ = ["ClusterStream", "stream_of"]


@dataclass
class ClusterStream(Stream):
    """A stream whose documents are settled by the workers of ``cluster``."""

    cluster: Any = None

    def run(self) -> tuple[list[dict[str, float]], bool]:
        """As :meth:`Stream.run`.

        Raises
        ------
        ClusterError
            If a task failed three times; a checkpoint then holds all batches before.
        """
        with opened(self.cluster, self.checkpoint) as self._crew, ExitStack() as self._ending:
            return super().run()

    def _resume(self) -> None:
        super()._resume()
        self._desk = Desk(self._crew, self._ending.enter_context(self._crew.sharing()))

    def _settle(self, batch: sparse.csr_matrix) -> online.Posterior:
        online.refresh_rows(self.state, batch, n_threads=self.n_threads)
        try:
            return settle_on(
                self._desk, batch, self.state.rows, self.state.alpha,
                tolerance=online.TOLERANCE, max_sweeps=online.MAX_SWEEPS,
            )  # fmt: skip
        except ClusterError:
            self._save()
            raise


def stream_of(cluster: Any, *args: Any, **settings: Any) -> Stream:
    """A stream of this process, or of the workers that ``cluster`` names."""
    if cluster is None:
        return Stream(*args, **settings)
    return ClusterStream(*args, **{**settings, "cluster": cluster})
