"""NTM: terms and documents scored by topics, trained by ranking (Cao et al. 2015)."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.errors import (
    InputError,
    InterruptedFitWarning,
)
from polytopic.io.schemas import TEXTS, Array, history_of
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    FLAG,
    FOLDER,
    NONE,
    VECTORS,
    AnyOf,
    Choice,
    Constraint,
    Custom,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.text.columns import held
from polytopic.topics.base import TopicModel
from polytopic.topics.documents import as_path
from polytopic.topics.few_terms import infer_mixture
from polytopic.topics.ntm.going_on import GoesOn
from polytopic.topics.ntm.kernels import ranking as kernels
from polytopic.topics.ntm.monitor import WATCHED, faded
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import Recipe, recipe_from
from polytopic.topics.ntm.term_net import begin_net, features
from polytopic.topics.ntm.terms import corpus_vectors, term_vectors
from polytopic.topics.ntm.topics import topics_of
from polytopic.tracking import Tracking

__all__ = ["NTM"]

_NOT_PART_OF_A_RUN = (
    "checkpoint", "folder", "trackers", "verbose", "n_threads", "random_state", "alpha",
)  # fmt: skip
_VISITS = 10_000_000
"""Visits of documents that a run on a large corpus makes."""


class NTM(GoesOn):
    """Neural topic model (Cao, Li, Liu, Li & Ji, AAAI 2015), trained without its collapse.

    le(g) = sum of the word vectors of the grams of term g       (V, E)
    lt(g) = sigmoid(le(g) W2 + b)                                (V, K), ``term_topics_``
    ld(d) = softmax(W1[d])                                       (D, K), of ``document_weights_``
    ls(g, d) = lt(g) . ld(d)

    W1 and W2 are learned from pairs: a term should score higher in a document that holds it than
    in one that does not. ``recipe="cured"`` asks for a margin between the logarithms of both
    scores, and moves only what a pair touches; ``recipe="paper"`` is the paper's training, a
    margin between the scores themselves by plain gradient steps with decay.

    lt is no distribution. With n_gk = sum_d c_dg ld_dk lt_gk / ls(g, d), each topic's part of a
    term's scores, ``topic_word_`` is p(term | topic) of these counts less what all topics share:
    a topic's terms are drawn from (1 - w) phi_k + w p with p the corpus's frequencies and w the
    ``background`` (Hiemstra, Robertson & Zaragoza, SIGIR 2004). Likelihoods are of that mixture.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
    term_topics_ : float32 array of shape (V, K)
        lt; zero for terms that were left out.
    term_weights_, term_bias_ : float32 arrays of shape (E, K) and (K,)
        W2 and b.
    document_weights_ : float32 array of shape (D, K)
        W1 of the documents of the last ``fit`` or ``partial_fit``; not saved.
    left_out_ : list of str
        Terms that were not trained: in every document, or without a vector.
    interrupted_ : bool

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, vectors or counts that cannot be used.

    >>> counts = np.kron(np.eye(2, dtype=int), np.full((40, 4), 2))
    >>> vectors = np.repeat([[1.0, 0.2], [-1.0, 0.2]], 4, axis=0)
    >>> model = NTM(n_topics=2, vectors=vectors, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    """

    n_topics: int = parameter(
        Integer(1), "K, at least 1 and at most the number of terms.", default=50
    )
    vectors: Any = parameter(
        AnyOf(NONE, VECTORS),
        "Of the terms' grams, or a row a term. By default made of the corpus: by skip-gram "
        "where the order of its terms is known, else of which documents they share.",
        default=None,
        kind="WordVectors or array of shape (V, E), optional",
    )
    dim: int = parameter(Integer(1), "E of vectors made of the corpus.", default=300)
    missing: str = parameter(
        Choice(("error", "mean", "drop")),
        "What to do with terms whose grams have no vector: refuse, give them the mean of all "
        "others, or leave them out of the topics.",
        default="error",
    )
    recipe: str = parameter(
        Choice(("cured", "paper")), "The published training, or the cured one.", default="cured"
    )
    changes: Mapping[str, Any] | None = parameter(
        AnyOf(NONE, Custom("a dict", lambda value: isinstance(value, Mapping))),
        "Choices of the recipe to change, by name; see "
        ":class:`polytopic.topics.ntm.recipe.Recipe`.",
        default=None,
        kind="dict, optional",
    )
    epochs: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Passes over the documents; by default ten, fewer for more than a million.",
        default=None,
    )
    background: float = parameter(
        Real(0, 1, open_high=True), "w, at least 0 and below 1.", default=0.93
    )
    alpha: float = parameter(
        Real(0, open_low=True),
        "Pseudo-count of each topic in documents given to ``transform``.",
        default=0.1,
    )
    n_threads: int | None = parameter(
        text="By default one a processor. Any number gives the same bits; up to four have work.",
        default=None,
    )
    folder: str | Path | None = parameter(
        FOLDER,
        "Keep W1 in a file of this folder, mapped, and not in memory.",
        default=None,
        kind="path, optional",
    )
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "Folder that a fit writes to, and goes on from after an interruption.",
        default=None,
        kind="path, optional",
    )

    term_topics_: NDArray[np.float32] = attribute()
    term_weights_: NDArray[np.float32] = attribute()
    term_bias_: NDArray[np.float32] = attribute()
    document_weights_: NDArray[np.float32] = attribute()
    left_out_: list[str] = attribute()
    interrupted_: bool = attribute()
    _ordered: tuple[NDArray[np.int32], NDArray[np.int64]] | None = attribute(default=None)
    _ranking: ClassVar[type[Ranking]] = Ranking

    _of_empty: ClassVar[str] = "topics have equal shares"
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **TopicModel._saved_scalars, "left_out_": TEXTS, "interrupted_": FLAG,
        "history_": history_of(*WATCHED),
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **TopicModel._saved_arrays,
        "term_topics": Array("V", "K", low=0, high=1),
        "term_weights": Array("E", "K"),
        "term_bias": Array("K"),
        "features": Array("V", "E", kind="float32", optional=True),
        "frequency": Array("V", low=0, high=1),
    }

    # ---- fitting ---------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        """Learn topics; parameters as in :meth:`TopicModel.fit`.

        The order of a Corpus's terms is used for their vectors, if it is known and none are given.
        """
        tokens, offsets = held(X, "tokens"), held(X, "offsets")
        self._ordered = None if tokens is None or offsets is None else (tokens, offsets)
        try:
            return super().fit(X, y, terms=terms)
        finally:
            self._ordered = None

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        recipe = recipe_from(self.recipe, self.changes)
        seed = seed_from(self.random_state)
        le, kept = self._vectors(counts, seed)
        kept &= self._told_apart(counts)
        self.left_out_ = [self.vocabulary_.terms[row] for row in np.flatnonzero(~kept)]
        run = self._run_of(counts, le, kept, recipe, seed)
        self.history_, self.interrupted_ = run.run()
        self._take(run, counts)
        persistence.remember_parameters(self)
        if self.interrupted_:
            self._tell_interrupted()

    def _vectors(
        self, counts: sparse.csr_matrix, seed: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """le of the terms, (V, E), and which terms have one."""
        if self.vectors is not None:
            return term_vectors(self.vocabulary_.terms, self.vectors, self.missing)
        le = corpus_vectors(
            self.vocabulary_.terms, counts, self._ordered, self.dim, seed,
            resolve_threads(self.n_threads), verbose=self.verbose,
        )  # fmt: skip
        return le, np.ones(len(le), dtype=np.bool_)

    def _told_apart(self, counts: sparse.csr_matrix) -> NDArray[np.bool_]:
        """Terms that at least one document with terms lacks; the others are named."""
        documents = int((np.diff(counts.indptr) > 0).sum())
        everywhere = np.bincount(counts.indices, minlength=counts.shape[1]) >= documents
        if everywhere.any():
            lost = [self.vocabulary_.terms[row] for row in np.flatnonzero(everywhere)]
            named = ", ".join(f'"{t}"' for t in lost[:5]) + (", ..." * (len(lost) > 5))
            warnings.warn(
                f"counts: {len(lost)} of the {len(everywhere)} terms stand in every document "
                f"({named}); they tell none apart and are left out of the topics.",
                stacklevel=4,
            )
        return np.asarray(~everywhere)

    def _run_of(
        self,
        counts: sparse.csr_matrix,
        le: NDArray[np.float32],
        kept: NDArray[np.bool_],
        recipe: Recipe,
        seed: int,
    ) -> Ranking:
        share = np.bincount(counts.indices, minlength=counts.shape[1]) / max(1, counts.nnz)
        seen = features(le, share, recipe)
        self._features = seen if self._goes_on else None
        about = persistence.run_identity(self, counts, seed, _NOT_PART_OF_A_RUN)
        about["vectors"] = hashlib.sha256(le.tobytes()).hexdigest()[:16]
        net = begin_net(seen, np.where(kept, share, 0.0), self.n_topics, recipe, seed)
        epochs = _epochs(counts.shape[0]) if self.epochs is None else self.epochs
        return self._ranking(
            counts, seen, kept, net, recipe, epochs, seed, resolve_threads(self.n_threads),
            folder=as_path(self.folder), checkpoint=as_path(self.checkpoint), identity=about,
            verbose=self.verbose, tracking=Tracking.of(self),
        )  # fmt: skip

    def _take(self, run: Ranking, counts: sparse.csr_matrix) -> None:
        self._take_terms(run)
        tokens = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
        self._frequency = tokens / tokens.sum()
        self.topic_word_ = topics_of(run.shares, run.term_topics, self._frequency, self.background)

    def _tell_interrupted(self) -> None:
        again = "" if self.checkpoint is None else " Fit again with the same checkpoint to go on."
        warnings.warn(
            f"{type(self).__name__}: interrupted before its last epoch; the "
            f"topics are those of that moment.{again}",
            InterruptedFitWarning,
            stacklevel=4,
        )

    def _seen_in_training(self) -> str | None:
        return faded(self.history_)

    # ---- judging ---------------------------------------------------------------------------

    def transform(self, X: Any) -> NDArray[np.float32]:
        """ld of documents with lt held, shape (D, K), rows on the simplex.

        Deterministic, each document for itself. See :meth:`_infer` for what is optimised. A
        document without known terms gets equal shares, and an
        :class:`~polytopic.EmptyDocumentsWarning` says how many there were.

        Raises
        ------
        InputError
            If the counts cannot be used or have another number of columns.
        """
        return super().transform(X)

    def score_pairs(self, terms: Any, documents: Any) -> NDArray[np.float32]:
        """ls(g, d) of pairs of term numbers and training documents' numbers, shape (P,).

        Raises
        ------
        InputError
            If the model was loaded, which has no training documents.
        """
        self._require_fitted("topic_word_")
        if not hasattr(self, "document_weights_"):
            raise InputError("documents: those of training are not saved with a model. Fit again.")
        terms, documents = (np.asarray(values, dtype=np.int64) for values in (terms, documents))
        scores = np.empty(len(terms), dtype=np.float32)
        kernels.score_pairs(self.term_topics_, self.document_weights_, terms, documents, scores)
        return scores

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """ld given lt: the cost with all documents as negatives, settled by fixed point.

        Over a population of documents the logarithmic cost of a row is to first order
        -sum_g c_g log(lt_g . ld / c . ld) with c = sum_g p_g lt_g: that of a mixture whose topics
        have p(g | k) ~ p_g lt_gk / c_k. Its shares are found by CVB0 with ``alpha``.
        """
        alpha, n_threads = np.full(self.n_topics, self.alpha), resolve_threads(self.n_threads)
        return infer_mixture(counts, self._lifts(), alpha, n_threads=n_threads)

    def _everyones(self) -> tuple[float, NDArray[np.float64]]:
        return self.background, self._frequency

    def _components(self) -> NDArray[np.float32]:
        return self._lifts()

    def _lifts(self) -> NDArray[np.float32]:
        """lt over its mean, (K, V)."""
        means = self._frequency @ self.term_topics_
        return np.asarray(self.term_topics_ / np.maximum(means, 1e-12), dtype=np.float32).T

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        from polytopic.metrics.completion import mixture_log_likelihood

        weight = self.background
        smoothed = (1.0 - weight) * self.topic_word_ + weight * self._frequency
        return mixture_log_likelihood(counts, theta, smoothed.astype(np.float32))

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {
            "term_topics": self.term_topics_,
            "term_weights": self.term_weights_,
            "term_bias": self.term_bias_,
            "frequency": self._frequency,
        }
        return arrays if self._features is None else {**arrays, "features": self._features}

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.term_topics_, self._frequency = arrays["term_topics"], arrays["frequency"]
        self.term_weights_, self.term_bias_ = arrays["term_weights"], arrays["term_bias"]
        self._features = arrays.get("features")


def _epochs(n_documents: int) -> int:
    return max(2, min(10, round(_VISITS / n_documents)))
