"""Models that predict within a window: what skip-gram and CBOW share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.base import Arrays
from polytopic.embeddings.kernels.arguments import Bag, Chosen, Sampling, Windows
from polytopic.embeddings.kernels.deterministic.passes import Prediction
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, POOL, Round
from polytopic.embeddings.losses import LOSSES, Loss
from polytopic.embeddings.pretrained import Beginning
from polytopic.embeddings.threads import FreeThreads, InRounds, Threads
from polytopic.embeddings.tokens import TokenStore
from polytopic.embeddings.vectors import WordVectors
from polytopic.embeddings.windowed import WindowedModel
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import Choice, parameter
from polytopic.text.vocabulary import Vocabulary

__all__ = ["WindowModel"]


class WindowModel(WindowedModel):
    """Base of the models whose examples are a word and its neighbours within a window."""

    loss: str = parameter(
        Choice(tuple(LOSSES)),
        "The softmax costs V times as much a pair: for small vocabularies.",
        default="negative",
    )
    negatives: str = parameter(
        Choice(("shared", "separate", "both")),
        "Whether the noise words use the rows of ``output``, or a third matrix, ``negative``; or "
        "``both``: as many stand in place of the neighbours too, with rows of a fourth matrix.",
        default="shared",
    )
    exclude: str = parameter(
        Choice(("center", "window", "block")),
        "Noise words that are left out: those that equal the centre, as in word2vec.c; any word of "
        "the window; or ``block``: they are drawn from the words that do not stand within 1,024 "
        "words of the text, nor next to them.",
        default="center",
    )
    train: str = parameter(
        Choice(("both", "input")),
        "``input`` moves the input rows alone: with ``tied`` one word of each pair, else towards "
        "output rows that stay as they were drawn, of length one.",
        default="both",
    )

    _kernels: ClassVar[Mapping[str, Callable[..., None]]]
    """The kernel of each loss."""

    _may_change: ClassVar[frozenset[str]] = WindowedModel._may_change | {"exclude"}

    _begin = Beginning()
    """Where the fit that is running begins."""

    def _kernel_options(self) -> tuple[Any, ...]:
        """What the kernel takes at its end."""
        return ()

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        if self.negatives != "shared" and (self.tied or self.loss != "negative"):
            other = "tied=True" if self.tied else f'loss="{self.loss}"'
            raise InputError(
                f'negatives: "{self.negatives}" keeps a matrix for the noise words, which {other} '
                'has no place for. Use negatives="shared".'
            )
        if self.exclude != "center" and self.loss != "negative":
            raise InputError(
                f'exclude: "{self.exclude}" is about noise words, of which loss="{self.loss}" has '
                'none. Use exclude="center", or loss="negative".'
            )
        if self.exclude == "block" and not self.deterministic:
            raise InputError(
                'exclude: "block" needs the blocks of deterministic=True, and deterministic=False '
                'has none. Use exclude="window", or deterministic=True.'
            )
        if self.cluster is not None and (self.loss != "negative" or not self.deterministic):
            raise InputError(
                'cluster: slices are trained where loss="negative" and deterministic=True. Set '
                "them so, or cluster=None."
            )
        if self.train == "input" and self.loss != "negative":
            raise InputError(
                f'train: "input" is for negative sampling, and not for loss="{self.loss}". Use '
                'train="both", or loss="negative".'
            )
        if self.train == "input" and self.negatives != "shared":
            raise InputError(
                f'train: "input" leaves the rows that negatives="{self.negatives}" would learn '
                'where they began. Use train="both", or negatives="shared".'
            )
        if self.tied and self.loss == "hierarchical":
            raise InputError(
                'tied: loss="hierarchical" predicts nodes of a tree, not words, so there is no '
                'second matrix to share. Use tied=False, or loss="negative".'
            )

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        vectors: WordVectors | None = None,
        frozen: bool | Sequence[str] = False,
    ) -> Self:
        """Learn word vectors.

        Parameters
        ----------
        X : Corpus, iterable of token lists, or path of a text file
            As for every model of word vectors.
        y : ignored
        vectors : WordVectors, optional
            Begin from their rows, for the words of the text that have them; others begin at random.
        frozen : bool or sequence of str
            Words whose input rows stay as they are, or True: all that had ``vectors``. What a block
            of 1,024 words does to its copy of such a row is dropped.

        Raises
        ------
        FileMissingError, InputError
            As from any fit; also if ``vectors`` are of another length or have no word of the text,
            or rows are frozen where threads run free or the loss is not "negative".
        """
        self.check_parameters()
        with self._beginning(Beginning(vectors, frozen)):
            return super().fit(X)

    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        *,
        epochs: int | None = None,
        frozen: bool | Sequence[str] = False,
    ) -> Self:
        """Go on learning, on the same text or new text; ``frozen=True``: the words so far stay.

        Else as for every model of word vectors.

        Raises
        ------
        FileMissingError, InputError
            As :meth:`fit`; also if a parameter has changed that what was learned depends on.
        """
        known = getattr(self, "vocabulary_", None)
        with self._beginning(Beginning(None, frozen, known)):
            return super().partial_fit(X, epochs=epochs)

    @contextmanager
    def _beginning(self, beginning: Beginning) -> Iterator[None]:
        beginning.check(self.dim)
        if beginning.frozen is not False and (not self.deterministic or self.loss != "negative"):
            raise InputError(
                'frozen: rows stay where loss="negative" and deterministic=True. Set them so.'
            )
        before, self._begin = self._begin, beginning
        try:
            yield
        finally:
            self._begin = before

    def _loss(self) -> Loss:
        common: dict[str, Any] = {"dim": self.dim, "tied": self.tied, "seed": self._seed}
        if self.loss == "negative":
            common |= {
                "negative": self.negative,
                "ns_exponent": self.ns_exponent,
                "negatives": self.negatives,
                "learns": self.train == "both",
            }
        return LOSSES[self.loss](**common)

    def _start(self, vocabulary: Vocabulary) -> Arrays:
        arrays = self._loss().start(vocabulary.counts)
        self._begin.put(arrays, vocabulary)
        return arrays

    def _grow(self, arrays: Arrays, vocabulary: Vocabulary) -> Arrays:
        return self._loss().grow(arrays, vocabulary.counts)

    def _train(
        self, material: TokenStore, arrays: Arrays, epochs: int
    ) -> tuple[list[dict[str, float]], bool]:
        loss, counts = self._loss(), material.vocabulary.counts
        threads = self._threads(
            loss.arguments(arrays, counts), self._begin.mask(material.vocabulary)
        )
        matrices = {n: arrays[n] for n in loss.trained if n in arrays}
        identity = self._begin.identity(material.vocabulary)
        untrained = loss.untrained(arrays, counts)
        return self._run(material, threads, matrices, untrained, epochs, identity)

    @property
    def noise_inputs_(self) -> NDArray[np.float32] | None:
        """With ``negatives="both"``, the rows of noise words in place of neighbours, (V, E)."""
        self._require_fitted("vectors_")
        return self._arrays.get("noise_input")

    def _threads(self, middle: tuple[Any, ...], frozen: NDArray[np.bool_] | None = None) -> Threads:
        """Who trains which block; ``middle`` are the kernel's arguments for the loss."""
        kernel, options = self._kernels[self.loss], self._kernel_options()
        windows = Windows(self.window, self.shrink_windows, left=True, right=True)
        n_threads = resolve_threads(self.n_threads)
        outside, apart = self.exclude == "window", self.exclude == "block"
        learns = self.train == "both"
        extra: tuple[Any, ...] = ()
        if self.loss == "negative":
            middle, others = middle[:2], middle[2]
            none = np.zeros((0, self.dim), dtype=np.float32)
            extra = (Sampling(outside, learns, none if others is None else others),)

        def train(chosen: Chosen, key: np.uint64, rate: float, totals: NDArray[np.float64]) -> None:
            kernel(chosen, key, windows, *middle, np.float32(rate), totals, *options, *extra)

        if not self.deterministic:
            return FreeThreads(n_threads, train)
        if self.loss != "negative":
            return FreeThreads(1, train)
        noise, matrices = middle
        bag = options[0] if options else Bag(average=True, divide=False)
        prediction = Prediction(
            windows, bool(options), bag, noise.negative, POOL, outside, learns, apart
        )
        in_round = Round(
            matrices, noise.table, BLOCK + 2 * self.window, frozen=frozen, noise_inputs=others,
            apart=apart,
        )  # fmt: skip
        return InRounds(n_threads, prediction, in_round)
