"""What models of the LDA family that share their work among workers have in common."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.cluster import CLUSTER
from polytopic.errors import InterruptedFitWarning
from polytopic.parameters import parameter
from polytopic.topics.documents import as_path
from polytopic.topics.lda.cluster_inference import WORTH, infer_on
from polytopic.topics.mixture import MixtureTopicModel

__all__ = ["SharedWork", "tell_interrupted"]


class SharedWork(MixtureTopicModel):
    """Mixtures whose documents may be drawn, and their topics found, by a cluster."""

    cluster: Any = parameter(
        CLUSTER,
        "Where documents are worked on: the topics are those of threads (None), to the last bit.",
        default=None,
        kind='None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client',
    )

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        if self.cluster is None or counts.shape[0] < WORTH:
            return super()._infer(counts)
        near = as_path(getattr(self, "checkpoint", None))
        return infer_on(self.cluster, near, counts, *self._read_by())


def tell_interrupted(model: Any, iterations: int, *, stacklevel: int) -> None:
    """Warn that a run ended before its last pass; ``stacklevel`` as in the caller's own warning."""
    again = "" if model.checkpoint is None else " Fit again with the same checkpoint to go on."
    warnings.warn(
        f"{type(model).__name__}: interrupted before the last of {iterations} passes; the topics "
        f"are those of that moment.{again}",
        InterruptedFitWarning,
        stacklevel=stacklevel + 1,
    )
