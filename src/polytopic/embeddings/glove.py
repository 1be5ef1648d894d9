"""GloVe: word vectors whose dot products are logarithms of co-occurrence counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from polytopic.base import Choice, Constraint, Integer, Real
from polytopic.embeddings.base import Arrays, WordVectorModel
from polytopic.embeddings.cooccurrence import MEMORY, Cooccurrence
from polytopic.embeddings.cooccurrence_counting import WEIGHTINGS
from polytopic.embeddings.glove_training import Run, Tiles, n_stripes
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.text import Vocabulary

__all__ = ["GloVe"]


class GloVe(WordVectorModel):
    """Word vectors from co-occurrence counts (Pennington, Socher & Manning, EMNLP 2014).

    With X the matrix of :class:`Cooccurrence`, w_i a row of ``input`` and c_j a row of ``output``,
    both in R^E, and two biases (equation 8)::

        J = sum_{ij: X_ij > 0} f(X_ij) (w_i . c_j + b_i + d_j - log X_ij)^2 / 2
        f(x) = min(1, (x / x_max)^alpha)

    is lowered by AdaGrad (Duchi, Hazan & Singer, JMLR 2011) as in the authors' program: each
    parameter steps by r g / sqrt(h), with h = 1 + sum (r g)^2 over its earlier gradients g, r the
    learning rate for vectors and 1 for biases. Records are visited in shuffled tiles of rows and
    columns, those of a round by several threads; as they share no parameter, the result has the
    same bits for any number of threads. The vectors to use are the sum of both:
    ``vectors_.combine("sum")``.

    Parameters
    ----------
    dim : int
        E.
    window : int
        Words on each side, at most.
    weighting : "harmonic" or "flat"
        A neighbour d words away counts 1/d, or 1.
    symmetric : bool
        False: contexts on the left only, the words before.
    min_count : int, optional
        Rarer words are left out. By default every term of a Corpus stays, of other sources words
        that occur 5 times (every word, in texts under 10,000 words).
    epochs : int
        Passes over the records.
    learning_rate : float
        Of the vectors.
    x_max, alpha : float
        Of the weighting function f.
    tied : bool
        One matrix and one bias for both roles: ``output`` is ``input``. It suits a symmetric X:
        what differs between X_ij and X_ji cannot be learned.
    memory : float
        GB for counting, as in :meth:`Cooccurrence.count`, and for the records, of which those
        beyond half of it are kept in a temporary file.
    n_threads : int, optional
        By default one a processor.
    random_state : int, RandomState, Generator or None
    deterministic : bool
        Holds either way: the same bits for any number of threads.
    checkpoint : path, optional
        A folder to write to every five minutes, after each epoch and at an interruption; ``fit``
        with the same settings and text goes on from it.
    trackers : list of objects with ``log(values, step=...)``, optional
        Each gets the record of each epoch.
    verbose : bool
        Show a progress bar with records a second.

    Attributes
    ----------
    vectors_ : WordVectors
        ``input`` and ``output``, float32, shape (V, E).
    input_bias_, output_bias_ : float32 arrays of shape (V,)
        b and d.
    vocabulary_ : Vocabulary
    history_ : list of dict
        For each epoch the mean ``loss`` a record (its term of J before its step, summed in
        float64), ``records``, ``seconds`` and ``records_per_second``.
    n_epochs_ : int

    Raises
    ------
    InputError
        From ``fit``, if a parameter or the text cannot be used, no words are neighbours, or the
        loss diverges.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 20
    >>> model = GloVe(dim=4, epochs=50, x_max=10, random_state=0).fit(sentences)
    >>> model.vectors_.combine("sum").shape
    (5, 4)
    >>> model.history_[-1]["loss"] < model.history_[0]["loss"] / 10
    True
    """

    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **WordVectorModel._constraints,
        "window": Integer(1),
        "weighting": Choice(WEIGHTINGS),
        "symmetric": Choice((False, True)),
        "x_max": Real(0, open_low=True),
        "alpha": Real(0),
        "memory": MEMORY,
    }

    def __init__(
        self,
        *,
        dim: int = 100,
        window: int = 10,
        weighting: str = "harmonic",
        symmetric: bool = True,
        min_count: int | None = None,
        epochs: int = 25,
        learning_rate: float = 0.05,
        x_max: float = 100.0,
        alpha: float = 0.75,
        tied: bool = False,
        memory: float = 4.0,
        n_threads: int | None = None,
        random_state: Any = None,
        deterministic: bool = True,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        verbose: bool = False,
    ) -> None:
        self.dim = dim
        self.window = window
        self.weighting = weighting
        self.symmetric = symmetric
        self.min_count = min_count
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.x_max = x_max
        self.alpha = alpha
        self.tied = tied
        self.memory = memory
        self.n_threads = n_threads
        self.random_state = random_state
        self.deterministic = deterministic
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.verbose = verbose

    @property
    def input_bias_(self) -> NDArray[np.float32]:
        """b, shape (V,)."""
        self._require_fitted("vectors_")
        return self._arrays["input_bias"]

    @property
    def output_bias_(self) -> NDArray[np.float32]:
        """d, shape (V,); b again if tied."""
        self._require_fitted("vectors_")
        return self._arrays["input_bias" if self.tied else "output_bias"]

    def _open(self, source: Any, known: Vocabulary | None) -> Cooccurrence:
        if isinstance(source, Cooccurrence):
            pairs = source if known is None else source._aligned(known)
        else:
            pairs = Cooccurrence.count(
                source,
                window=self.window,
                weighting=self.weighting,
                symmetric=self.symmetric,
                min_count=self.min_count,
                memory=self.memory,
                n_threads=self.n_threads,
                known=known,
                verbose=self.verbose,
            )
        if pairs.matrix.nnz == 0:
            raise InputError(
                "source: no two words of the vocabulary are neighbours, so there is nothing to "
                "learn from. Pass longer sentences, or lower min_count."
            )
        return pairs

    def _start(self, vocabulary: Vocabulary) -> Arrays:
        return self._fresh_rows(0, len(vocabulary))

    def _grow(self, arrays: Arrays, vocabulary: Vocabulary) -> Arrays:
        fresh = self._fresh_rows(len(arrays["input"]), len(vocabulary))
        return {name: np.concatenate([array, fresh[name]]) for name, array in arrays.items()}

    def _fresh_rows(self, first: int, last: int) -> Arrays:
        """Rows of new words: uniform in (-1/2, 1/2) / E, as in the authors' program; sums of 1."""
        arrays: Arrays = {}
        for number, role in enumerate(("input",) if self.tied else ("input", "output")):
            rng = np.random.default_rng([self._seed, 2, number, first])
            drawn = (rng.random((last - first, self.dim + 1), np.float32) - 0.5) / self.dim
            arrays[role], arrays[f"{role}_bias"] = drawn[:, :-1].copy(), drawn[:, -1].copy()
            arrays[f"{role}_squares"] = np.ones((last - first, self.dim), np.float32)
            arrays[f"{role}_bias_squares"] = np.ones(last - first, np.float32)
        return arrays

    def _train(
        self, material: Cooccurrence, arrays: Arrays, epochs: int
    ) -> tuple[list[dict[str, float]], bool]:
        n_threads = resolve_threads(self.n_threads)
        stripes = n_stripes(len(material), self.dim)
        run = Run(
            tiles=Tiles.of(material.matrix, stripes, self._seed, self.memory, n_threads),
            arrays=arrays,
            tied=self.tied,
            epochs=epochs,
            learning_rate=self.learning_rate,
            x_max=self.x_max,
            alpha=self.alpha,
            seed=self._seed,
            first_epoch=self.n_epochs_,
            n_threads=n_threads,
            checkpoint=None if self.checkpoint is None else Path(self.checkpoint),
            identity=self._identity(
                material.vocabulary, material.totals, f"{material.matrix.nnz} records", epochs
            ),
            trackers=tuple(self.trackers or ()),
            verbose=self.verbose,
        )
        return run.run()
