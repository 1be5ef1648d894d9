"""What all models of windows over text share: their parameters, and passes over the text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from polytopic.cluster import CLUSTER
from polytopic.embeddings.base import WordVectorModel
from polytopic.embeddings.checking import NS_EXPONENT
from polytopic.embeddings.cluster_passes import passes_of
from polytopic.embeddings.threads import Threads
from polytopic.embeddings.tokens import TokenStore
from polytopic.errors import InputError
from polytopic.parameters import FLAG, Integer, Real, parameter
from polytopic.tracking import Tracking

__all__ = ["WindowedModel"]


class WindowedModel(WordVectorModel):
    """Base of the models that go over a text window by window, with noise words."""

    window: int = parameter(Integer(1), "Neighbours on each side, at most.", default=5)
    shrink_windows: bool = parameter(
        FLAG,
        "Draw the reach of each window from 1 to ``window``, so that near words count more.",
        default=True,
    )
    sample: float = parameter(
        Real(0, 1),
        "Words of a higher share of the text are thinned out at random (0: none).",
        default=1e-3,
    )
    negative: int = parameter(Integer(1), "Noise words n of each centre.", default=5)
    ns_exponent: float = parameter(
        NS_EXPONENT, "Exponent a of the noise distribution: 0 even, 1 as in the text.", default=0.75
    )
    min_learning_rate: float = parameter(
        Real(0), "At the first and at the last word.", default=1e-4
    )
    cluster: Any = parameter(
        CLUSTER,
        "Who trains slices of the text; their means are taken several times an epoch: the same "
        "bits for any number of workers, and other vectors, as good, than those of threads (None).",
        default=None,
        kind='None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client',
    )
    _may_change: ClassVar[frozenset[str]] = WordVectorModel._may_change | {
        "sample", "shrink_windows", "window",
    }  # fmt: skip
    """Also what chooses examples from a text, as another text does."""

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        if self.min_learning_rate > self.learning_rate:
            raise InputError(
                f"min_learning_rate: {self.min_learning_rate:g} is above learning_rate "
                f"({self.learning_rate:g}). Give a lower one."
            )

    def _run(
        self,
        material: TokenStore,
        threads: Threads,
        matrices: Mapping[str, NDArray[Any]],
        untrained: float,
        epochs: int,
        identity: Mapping[str, Any],
    ) -> tuple[list[dict[str, float]], bool]:
        """All passes: the records of the epochs, and whether they were interrupted.

        ``matrices``: what is trained; ``untrained``: mean loss at zero scores; ``identity``: what a
        checkpoint must share besides parameters and text.
        """
        vocabulary = material.vocabulary
        text = f"{material.n_tokens} positions"
        passes = passes_of(
            self.cluster,
            self._identity(vocabulary, vocabulary.counts, text, epochs) | dict(identity),
            store=material,
            threads=threads,
            matrices=matrices,
            untrained=untrained,
            epochs=epochs,
            window=self.window,
            sample=self.sample,
            learning_rate=self.learning_rate,
            min_learning_rate=self.min_learning_rate,
            seed=self._seed,
            first_epoch=self.n_epochs_,
            checkpoint=None if self.checkpoint is None else Path(self.checkpoint),
            tracking=Tracking.of(self),
            description=type(self).__name__,
            verbose=self.verbose,
        )
        progress = passes.run()
        return progress.history, progress.interrupted
