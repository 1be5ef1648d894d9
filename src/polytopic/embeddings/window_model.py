"""Models that predict within a window: what skip-gram and CBOW share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.base import Arrays, WordVectorModel
from polytopic.embeddings.checking import NS_EXPONENT
from polytopic.embeddings.kernels.arguments import Bag, Chosen, Windows
from polytopic.embeddings.kernels.deterministic.passes import Prediction
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, POOL, Round
from polytopic.embeddings.losses import LOSSES, Loss
from polytopic.embeddings.threads import FreeThreads, InRounds, Threads
from polytopic.embeddings.tokens import TokenStore
from polytopic.embeddings.training import Passes
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import FLAG, Choice, Integer, Real, parameter
from polytopic.text.vocabulary import Vocabulary

__all__ = ["WindowModel"]


class WindowModel(WordVectorModel):
    """Base of the models whose examples are a word and its neighbours within a window."""

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
    loss: str = parameter(
        Choice(tuple(LOSSES)),
        "The softmax costs V times as much a pair: for small vocabularies.",
        default="negative",
    )
    negatives: str = parameter(
        Choice(("shared", "separate")),
        "Whether the noise words use the rows of ``output``, or a third matrix, ``negative``.",
        default="shared",
    )

    _kernels: ClassVar[Mapping[str, Callable[..., None]]]
    """The kernel of each loss."""

    _may_change: ClassVar[frozenset[str]] = WordVectorModel._may_change | {
        "sample", "shrink_windows", "window",
    }  # fmt: skip
    """Also what chooses examples from a text, as another text does."""

    def _kernel_options(self) -> tuple[Any, ...]:
        """What the kernel takes at its end."""
        return ()

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        if self.min_learning_rate > self.learning_rate:
            raise InputError(
                f"min_learning_rate: {self.min_learning_rate:g} is above learning_rate "
                f"({self.learning_rate:g}). Give a lower one."
            )
        if self.negatives == "separate" and (self.tied or self.loss != "negative"):
            other = "tied=True" if self.tied else f'loss="{self.loss}"'
            raise InputError(
                f'negatives: "separate" keeps a matrix for the noise words, which {other} has no '
                'place for. Use negatives="shared".'
            )
        if self.tied and self.loss == "hierarchical":
            raise InputError(
                'tied: loss="hierarchical" predicts nodes of a tree, not words, so there is no '
                'second matrix to share. Use tied=False, or loss="negative".'
            )

    def _loss(self) -> Loss:
        common: dict[str, Any] = {"dim": self.dim, "tied": self.tied, "seed": self._seed}
        if self.loss == "negative":
            common |= {
                "negative": self.negative,
                "ns_exponent": self.ns_exponent,
                "separate": self.negatives == "separate",
            }
        return LOSSES[self.loss](**common)

    def _start(self, vocabulary: Vocabulary) -> Arrays:
        return self._loss().start(vocabulary.counts)

    def _grow(self, arrays: Arrays, vocabulary: Vocabulary) -> Arrays:
        return self._loss().grow(arrays, vocabulary.counts)

    def _train(
        self, material: TokenStore, arrays: Arrays, epochs: int
    ) -> tuple[list[dict[str, float]], bool]:
        loss, counts = self._loss(), material.vocabulary.counts
        passes = Passes(
            store=material,
            threads=self._threads(loss.arguments(arrays, counts)),
            matrices={n: arrays[n] for n in loss.trained if n in arrays},
            untrained=loss.untrained(arrays, counts),
            epochs=epochs,
            window=self.window,
            sample=self.sample,
            learning_rate=self.learning_rate,
            min_learning_rate=self.min_learning_rate,
            seed=self._seed,
            first_epoch=self.n_epochs_,
            checkpoint=None if self.checkpoint is None else Path(self.checkpoint),
            identity=self._identity(
                material.vocabulary, counts, f"{material.n_tokens} positions", epochs
            ),
            trackers=tuple(self.trackers or ()),
            description=type(self).__name__,
            verbose=self.verbose,
        )
        progress = passes.run()
        return progress.history, progress.interrupted

    def _threads(self, middle: tuple[Any, ...]) -> Threads:
        """Who trains which block; ``middle`` are the kernel's arguments for the loss."""
        kernel, options = self._kernels[self.loss], self._kernel_options()
        windows = Windows(self.window, self.shrink_windows, left=True, right=True)
        n_threads = resolve_threads(self.n_threads)

        def train(chosen: Chosen, key: np.uint64, rate: float, totals: NDArray[np.float64]) -> None:
            kernel(chosen, key, windows, *middle, np.float32(rate), totals, *options)

        if not self.deterministic:
            return FreeThreads(n_threads, train)
        if self.loss != "negative":
            return FreeThreads(1, train)
        noise, matrices = middle
        bag = options[0] if options else Bag(average=True, divide=False)
        prediction = Prediction(windows, bool(options), bag, noise.negative, POOL)
        in_round = Round(matrices, noise.table, BLOCK + 2 * self.window)
        return InRounds(n_threads, prediction, in_round)
