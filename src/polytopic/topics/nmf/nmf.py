"""NMF: documents as sums of parts, by non-negative factors of tf-idf."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.errors import InterruptedFitWarning
from polytopic.io.schemas import Array
from polytopic.machine import one_blas_thread, resolve_threads
from polytopic.metrics.convergence import Verdict, judge_history, judge_trace
from polytopic.parameters import (
    FLAG,
    FOLDER,
    Choice,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.topics.base import TopicModel
from polytopic.topics.documents import as_path
from polytopic.topics.few_terms import rows_of_their_terms
from polytopic.topics.lda.kernels.inference import blocks_of
from polytopic.topics.lda.kernels.inference_sweeps import Until
from polytopic.topics.nmf.factoring import Factoring
from polytopic.topics.nmf.kernels import shares
from polytopic.topics.tf_idf import (
    at_sums_of,
    inverse_document_frequencies,
    smoothed_rows,
    tf_idf,
)
from polytopic.tracking import Tracking

__all__ = ["NMF"]

_NOT_PART_OF_A_RUN = ("checkpoint", "trackers", "verbose", "n_threads", "random_state")
_UNTIL = Until(np.float32(1e-3), 200)
"""A document is settled when a sweep moves a thousandth of its shares."""


class NMF(TopicModel):
    """Non-negative matrix factorisation of tf-idf (Lee & Seung, Nature 401, 1999).

    x_dv = (1 + ln c_dv) ln((1 + D) / (1 + D_v)), documents at length one       (D, V)
    X ~ H W with H >= 0, W >= 0                                     (D, K), (K, V)

    least in sum (x - hw)^2 / 2 ("frobenius") or in sum x ln(x / hw) - x + hw
    ("kullback-leibler", as in probabilistic latent semantic analysis). The steps are scikit-learn's
    ``non_negative_factorization``.

    ``topic_word_`` is each row of W at sum one, with a hundredth of the corpus's own weights: a
    topic's words are ranked by tf-idf, and it is p(term | topic) of such weights, not of counts.
    theta of a document is its best h with these topics held, at sum one.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
    idf_ : float64 array of shape (V,)
    interrupted_ : bool

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = NMF(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    n_topics: int = parameter(
        Integer(1), "K, at least 1 and at most the number of terms.", default=50
    )
    loss: str = parameter(
        Choice(("frobenius", "kullback-leibler")), "What the factors make small.",
        default="frobenius",
    )  # fmt: skip
    init: str = parameter(
        Choice(("nndsvd", "random")),
        "Where to begin: at the singular vectors' positive parts (Boutsidis & Gallopoulos 2008), "
        "which hardly differs from seed to seed, or anywhere.",
        default="nndsvd",
    )
    iterations: int = parameter(Integer(1), "Most passes over the documents.", default=200)
    tolerance: float = parameter(
        Real(0),
        "It ends when ten passes lower the loss by less than this share of the first one.",
        default=1e-4,
    )
    n_threads: int | None = parameter(
        text="Of ``transform``; by default one a processor. Any number gives the same bits.",
        default=None,
    )
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "Folder that a fit writes to, and goes on from after an interruption.",
        default=None,
        kind="path, optional",
    )

    idf_: NDArray[np.float64] = attribute()
    interrupted_: bool = attribute()

    _of_empty: ClassVar[str] = "topics have equal shares"
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **TopicModel._saved_scalars, "interrupted_": FLAG,
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **TopicModel._saved_arrays, "idf": Array("V", low=0),
    }  # fmt: skip

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        seed = seed_from(self.random_state)
        self.idf_ = inverse_document_frequencies(counts)
        weights = tf_idf(counts, self.idf_)
        run = Factoring(
            weights, self.n_topics, self.loss, self.init, self.iterations, self.tolerance, seed,
            checkpoint=as_path(self.checkpoint),
            identity=persistence.run_identity(self, counts, seed, _NOT_PART_OF_A_RUN),
            verbose=self.verbose, tracking=Tracking.of(self),
        )  # fmt: skip
        self.interrupted_ = run.run()
        self.history_ = run.history
        shared = np.asarray(weights.sum(axis=0, dtype=np.float64)).ravel()
        self.topic_word_ = smoothed_rows(run.topics, shared)
        if self.interrupted_:
            again = (
                "" if self.checkpoint is None else " Fit again with the same checkpoint to go on."
            )
            warnings.warn(
                f"NMF: interrupted before the last of {self.iterations} passes; the topics are "
                f"those of that moment.{again}",
                InterruptedFitWarning,
                stacklevel=4,
            )

    def convergence(self) -> Verdict:
        """Whether the loss had settled; see :class:`Verdict`."""
        self._require_fitted("topic_word_")
        return judge_history(self.history_) or judge_trace([])

    # ---- judging ---------------------------------------------------------------------------

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        documents, rows = rows_of_their_terms(tf_idf(counts, self.idf_), self.topic_word_)
        theta = np.empty((counts.shape[0], len(self.topic_word_)), dtype=np.float32)
        with one_blas_thread():
            gram = self.topic_word_ @ self.topic_word_.T

        def work(block: tuple[int, int]) -> None:
            if self.loss == "frobenius":
                shares.squares_block(documents, *block, rows, gram, _UNTIL, theta)
            else:
                shares.divergence_block(documents, *block, rows, _UNTIL, theta)

        with ThreadPoolExecutor(resolve_threads(self.n_threads)) as pool:
            list(pool.map(work, blocks_of(documents.indptr)))
        return theta

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        from polytopic.metrics.completion import mixture_log_likelihood

        return mixture_log_likelihood(counts, theta, self.topic_word_)

    def _components(self) -> NDArray[np.float32]:
        return self.topic_word_

    def _evidence(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """tf-idf, each document with as much in all as it has tokens."""
        return at_sums_of(tf_idf(counts, self.idf_), counts)

    def _state(self) -> dict[str, NDArray[Any]]:
        return {"idf": self.idf_}

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.idf_ = arrays["idf"]
