"""GloVe: word vectors whose dot products are logarithms of co-occurrence counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.cluster import CLUSTER
from polytopic.embeddings.base import Arrays, WordVectorModel
from polytopic.embeddings.cooccurrence import MEMORY, Cooccurrence
from polytopic.embeddings.cooccurrence_counting import WEIGHTINGS
from polytopic.embeddings.glove_records import Tiles
from polytopic.embeddings.glove_training import Run, n_stripes
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import FLAG, Choice, Integer, Real, parameter
from polytopic.text import Vocabulary
from polytopic.tracking import Tracking

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

    window: int = parameter(Integer(1), "Words on each side, at most.", default=10)
    weighting: str = parameter(
        Choice(WEIGHTINGS), "A neighbour d words away counts 1/d, or 1.", default="harmonic"
    )
    symmetric: bool = parameter(
        FLAG, "False: contexts on the left only, the words before.", default=True
    )
    epochs: int = parameter(text="Passes over the records.", default=25)
    learning_rate: float = parameter(text="Of the vectors.", default=0.05)
    x_max: float = parameter(Real(0, open_low=True), "Of the weighting function f.", default=100.0)
    alpha: float = parameter(Real(0), "Of the weighting function f.", default=0.75)
    target: str = parameter(
        Choice(("log", "log1p")),
        "What dot products learn: log X, the paper's, or log(1 + X) as in other programs, in which "
        "pairs seen less than once pull towards 0 and not far below it.",
        default="log",
    )
    tied: bool = parameter(
        text="One matrix and one bias for both roles: ``output`` is ``input``. It suits a "
        "symmetric X: what differs between X_ij and X_ji cannot be learned.",
        default=False,
    )
    memory: float = parameter(
        MEMORY,
        "GB for counting, as in :meth:`Cooccurrence.count`; records beyond half of it, or beyond "
        "64 MB, are read from a temporary file, tile by tile.",
        default=4.0,
    )
    cluster: Any = parameter(
        CLUSTER,
        "Who counts: the same pairs, to the last bit, as by threads (None).",
        default=None,
        kind='None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client',
    )
    deterministic: bool = parameter(
        text="Holds either way: the same bits for any number of threads.", default=True
    )
    verbose: bool = parameter(text="Show a progress bar with records a second.", default=False)

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
                cluster=self.cluster,
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
            shifted=self.target == "log1p",
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
            tracking=Tracking.of(self),
            verbose=self.verbose,
        )
        return run.run()
