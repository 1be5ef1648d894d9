"""CBOW: the neighbours of a word, taken together, predict it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from polytopic.base import Choice, Constraint
from polytopic.embeddings.kernels.cbow import cbow_negative
from polytopic.embeddings.kernels.hierarchical import cbow_hierarchical
from polytopic.embeddings.kernels.softmax import cbow_softmax
from polytopic.embeddings.window_model import WindowModel

__all__ = ["CBOW"]


class CBOW(WindowModel):
    """Word vectors by the continuous bag of words (Mikolov et al., ICLR 2013, arXiv:1301.3781).

    For each centre w with neighbours C, h = mean (or sum) of the rows x_c of ``input``, c in C, and
    the mean over all centres of

    - ``loss="negative"``: -log s(h . u_w) - sum_{i=1..n} log s(-h . u_{w_i}), w_i ~ counts^a;
    - ``loss="softmax"``: -log softmax(U h)_w, exact over all V words;
    - ``loss="hierarchical"``: minus the log-probability of w's path in a Huffman tree

    is lowered, with u_w a row of ``output``.

    Parameters
    ----------
    context : "mean" or "sum"
        What h is of its neighbours.
    divide_gradient : bool
        Whether the gradient of h that goes back to each neighbour is divided by their number: with
        the mean, that is the derivative; word2vec.c and fastText leave it undivided, which is as if
        the neighbours' learning rate were higher (Irsoy et al., "Corrected CBOW performs as well
        as skip-gram", 2021).

    The other parameters, attributes and errors are those of :class:`~polytopic.SkipGram`, with a
    ``learning_rate`` of .075; a "pair" of ``history_`` is a centre with its
    neighbours.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 200
    >>> model = CBOW(dim=8, epochs=5, sample=0, n_threads=1, random_state=0).fit(sentences)
    >>> model.vectors_.output.shape
    (5, 8)
    """

    context: str
    divide_gradient: bool

    _kernels: ClassVar[Mapping[str, Callable[..., None]]] = {
        "negative": cbow_negative,
        "softmax": cbow_softmax,
        "hierarchical": cbow_hierarchical,
    }
    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **WindowModel._constraints,
        "context": Choice(("mean", "sum")),
        "divide_gradient": Choice((False, True)),
    }

    def __init__(
        self,
        *,
        dim: int = 100,
        window: int = 5,
        shrink_windows: bool = True,
        min_count: int | None = None,
        sample: float = 1e-3,
        negative: int = 5,
        ns_exponent: float = 0.75,
        epochs: int = 5,
        learning_rate: float = 0.075,
        min_learning_rate: float = 1e-4,
        n_threads: int | None = None,
        random_state: Any = None,
        loss: str = "negative",
        context: str = "mean",
        divide_gradient: bool = False,
        tied: bool = False,
        negatives: str = "shared",
        deterministic: bool = True,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        verbose: bool = False,
    ) -> None:
        self.dim = dim
        self.window = window
        self.shrink_windows = shrink_windows
        self.min_count = min_count
        self.sample = sample
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.min_learning_rate = min_learning_rate
        self.n_threads = n_threads
        self.random_state = random_state
        self.loss = loss
        self.context = context
        self.divide_gradient = divide_gradient
        self.tied = tied
        self.negatives = negatives
        self.deterministic = deterministic
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.verbose = verbose

    def _kernel_options(self) -> tuple[Any, ...]:
        return self.context == "mean", self.divide_gradient
