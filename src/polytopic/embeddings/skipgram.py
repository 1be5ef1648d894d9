"""Skip-gram: a word and each of its neighbours predict one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from polytopic.embeddings.kernels.hierarchical import skipgram_hierarchical
from polytopic.embeddings.kernels.skipgram import skipgram_negative
from polytopic.embeddings.kernels.softmax import skipgram_softmax
from polytopic.embeddings.window_model import WindowModel

__all__ = ["SkipGram"]


class SkipGram(WindowModel):
    """Word vectors by skip-gram (Mikolov et al., ICLR 2013, arXiv:1301.3781; NeurIPS 2013).

    For each centre w and each neighbour c within the window, with x_c a row of ``input`` and u_w a
    row of ``output``, both in R^E, the mean over all pairs of

    - ``loss="negative"``: -log s(x_c . u_w) - sum_{i=1..n} log s(-x_c . u_{w_i}), w_i ~ counts^a
      (NeurIPS 2013, equation 4; the n noise words of a centre serve all its neighbours);
    - ``loss="softmax"``: -log softmax(U x_c)_w, exact over all V words;
    - ``loss="hierarchical"``: minus the log-probability of w's path in a Huffman tree (equation 3)

    is lowered by plain stochastic gradient steps, with a learning rate that falls evenly.

    Parameters
    ----------
    dim : int
        E.
    window : int
        Neighbours on each side, at most.
    shrink_windows : bool
        Draw the reach of each window from 1 to ``window``, so that near words count more.
    min_count : int, optional
        Rarer words are left out. By default every term of a Corpus stays, of other sources words
        that occur 5 times (every word, in texts under 10,000 words).
    sample : float
        Words of a higher share of the text are thinned out at random (0: none).
    negative : int
        Noise words n of each centre.
    ns_exponent : float
        Exponent a of the noise distribution: 0 even, 1 as in the text.
    epochs : int
        Passes over the text.
    learning_rate, min_learning_rate : float
        At the first and at the last word.
    n_threads : int, optional
        By default one a processor.
    random_state : int, RandomState, Generator or None
    loss : "negative", "softmax" or "hierarchical"
        The softmax costs V times as much a pair: for small vocabularies.
    tied : bool
        One matrix for both roles: ``output`` is ``input``.
    negatives : "shared" or "separate"
        Whether the noise words use the rows of ``output``, or a third matrix, ``negative``.
    deterministic : bool
        The same bits for any number of threads, of which up to four have work. Otherwise all
        threads write to the same matrices without locks, and only one thread repeats itself.
    checkpoint : path, optional
        A folder to write to every five minutes, after each epoch and at an interruption; ``fit``
        with the same settings and text goes on from it.
    trackers : list of objects with ``log(values, step=...)``, optional
        Each gets the record of each epoch; the trackers of Accelerate fit.
    verbose : bool
        Show a progress bar with words a second.

    Attributes
    ----------
    vectors_ : WordVectors
        ``input`` and ``output``, float32, shape (V, E).
    vocabulary_ : Vocabulary
    history_ : list of dict
        For each epoch the mean ``loss`` a pair in nats (summed in float64), ``pairs``, ``seconds``
        and ``words_per_second``.
    n_epochs_ : int

    Raises
    ------
    InputError
        From ``fit``, if a parameter or the text cannot be used, or the loss diverges.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 200
    >>> model = SkipGram(dim=8, epochs=5, sample=0, n_threads=1, random_state=0).fit(sentences)
    >>> model.vectors_.input.shape
    (5, 8)
    """

    _kernels: ClassVar[Mapping[str, Callable[..., None]]] = {
        "negative": skipgram_negative,
        "softmax": skipgram_softmax,
        "hierarchical": skipgram_hierarchical,
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
        learning_rate: float = 0.025,
        min_learning_rate: float = 1e-4,
        n_threads: int | None = None,
        random_state: Any = None,
        loss: str = "negative",
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
        self.tied = tied
        self.negatives = negatives
        self.deterministic = deterministic
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.verbose = verbose
