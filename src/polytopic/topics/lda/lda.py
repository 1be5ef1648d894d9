"""LDA: topics as distributions over terms, documents as mixtures of topics."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import __version__, persistence
from polytopic.base import seed_from
from polytopic.errors import (
    ConvergenceWarning,
    InputError,
    MethodMissingError,
)
from polytopic.io.schemas import TEXTS, WHOLE, Array
from polytopic.machine import one_blas_thread, resolve_threads
from polytopic.metrics.convergence import Verdict, judge_history, judge_trace
from polytopic.parameters import (
    FLAG,
    FOLDER,
    NONE,
    AnyOf,
    Choice,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.topics.documents import as_path, vocabulary_of
from polytopic.topics.lda import online_bayes as online
from polytopic.topics.lda import seeded_topics as guiding
from polytopic.topics.lda.background import HasBackground
from polytopic.topics.lda.cluster_run import chain_of
from polytopic.topics.lda.cluster_stream import stream_of
from polytopic.topics.lda.gibbs_run import Chain
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.online_run import Stream, begin
from polytopic.topics.lda.prior_rules import (
    SAVED_PRIORS,
    PriorRule,
    alpha_rule,
    eta_rule,
    saved_eta,
)
from polytopic.topics.lda.shared_work import tell_interrupted
from polytopic.topics.lda.weighing import NUMBERS
from polytopic.topics.seed_words import SEED_WORDS, seed_columns, topic_names
from polytopic.tracking import Tracking

__all__ = ["LDA"]

_PASSES = {"gibbs": 200, "online": 10}
_NOT_PART_OF_A_RUN = ("checkpoint", "cluster", "trackers", "verbose", "n_threads", "random_state")


class LDA(HasBackground):
    """Latent Dirichlet allocation (Blei, Ng & Jordan, JMLR 3, 2003).

    phi_k ~ Dirichlet(eta_k)            (K, V), ``topic_word_`` is its posterior mean
    theta_d ~ Dirichlet(alpha)          (D, K)
    z_di ~ theta_d,  w_di ~ phi_z       each token of document d

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
    alpha_ : float64 array of shape (K,)
    eta_ : float64 array of shape (), (V,) or (K, V)
    term_weights_, background_ : float32 arrays of shape (V,) or None; background_share_ : float
    topic_names_ : list of K str
        Names of the seeded topics, "" for the others.
    interrupted_ : bool

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = LDA(n_topics=2, iterations=20, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    n_topics: int = parameter(
        Integer(1), "K, at least 1 and at most the number of terms.", default=50
    )
    alpha: Any = parameter(
        AnyOf(Real(0, open_low=True), Choice(("symmetric", "asymmetric")), NUMBERS),
        "Concentrations of documents; the two words learn one number, or one a topic.",
        default="asymmetric",
        kind='float, array of shape (K,), "symmetric" or "asymmetric"',
    )
    eta: Any = parameter(
        AnyOf(Real(0, open_low=True), Choice(("symmetric",)), NUMBERS),
        "Pseudo-counts of topics; a row a topic guides them. Zeros exclude a term from a topic.",
        default=0.02,
        kind='float, array of shape (V,) or (K, V), or "symmetric"',
    )
    method: str = parameter(
        Choice(("gibbs", "online")),
        "A sampler, exact, or online variational Bayes, which also learns from a stream.",
        default="gibbs",
    )
    iterations: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Passes over the documents: 200 by default, online 10.",
        default=None,
    )
    samples: int = parameter(
        Integer(1),
        "States of the sampler, from its last passes, whose topics are averaged.",
        default=10,
    )
    seed_words: Mapping[str, Sequence[str]] | None = parameter(
        SEED_WORDS,
        "Guided topics, by name: each is drawn to its words. They come after locked ones.",
        default=None,
        kind="dict of str to lists of str, optional",
    )
    seed_strength: float = parameter(
        Real(0, open_low=True),
        "Pseudo-counts of a seed in its topic, in terms of the word's own count.",
        default=1.0,
    )
    seeds_exclusive: bool = parameter(
        FLAG, "Seeds may occur in no topic but those they seed.", default=False
    )
    locked_topics: Any = parameter(
        AnyOf(NONE, NUMBERS),
        "Topics that are given, rows on the simplex: the first L topics stay as they are.",
        default=None,
        kind="array of shape (L, V), optional",
    )
    start: Any = parameter(
        AnyOf(NONE, NUMBERS),
        "Topics to begin from, rows on the simplex; ``simplex.from_vectors`` gives such.",
        default=None,
        kind="array of shape (K, V), optional",
    )
    batch_size: int = parameter(Integer(1), "Online: documents a step.", default=1024)
    learning_offset: float = parameter(
        Real(0),
        "Online: tau_0 and kappa of the rate (tau_0 + t)^-kappa; .5 < kappa <= 1.",
        default=10.0,
    )
    learning_decay: float = parameter(
        Real(0.5, 1, open_low=True),
        "Online: tau_0 and kappa of the rate (tau_0 + t)^-kappa; .5 < kappa <= 1.",
        default=0.7,
    )
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "Folder that a fit writes to, and goes on from after an interruption.",
        default=None,
        kind="path, optional",
    )

    eta_: NDArray[np.float64] = attribute()
    topic_names_: list[str] = attribute()
    interrupted_: bool = attribute()
    _stream: online.OnlineTopics | None = attribute(default=None)
    _documents_seen: int = attribute()

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        self._stream, self._documents_seen = None, counts.shape[0]
        seed = seed_from(self.random_state)
        self._weigh(counts)
        alpha, eta, fixed, start = self._parts(counts)
        if self.method == "online":
            self._begin_stream(counts, alpha, eta, start, seed)
            run = self._run_of(counts, seed)
            run.iterations, run.shuffled, run.verbose = self._iterations(), True, self.verbose
            run.checkpoint, run.identity = as_path(self.checkpoint), self._identity(counts, seed)
            run.tracking = Tracking.of(self)
            ended = run.run()
            self._take(run)
        else:
            chain = self._chain(counts, alpha, eta, fixed, start, seed)
            found = chain.run()
            self._take_found(found, chain.state)
            ended = found.history, found.interrupted
        self._finish(*ended)
        self._tell_unsettled(ended[1])
        persistence.remember_parameters(self)

    def _chain(
        self,
        counts: sparse.csr_matrix,
        alpha: PriorRule,
        eta: PriorRule,
        fixed: gibbs.Fixed | None,
        start: NDArray[np.float32] | None,
        seed: int,
    ) -> Chain:
        iterations = self._iterations()
        before = min(iterations // 2, gibbs.start_passes(self.n_topics))
        return chain_of(
            self.cluster, counts, self.n_topics + self._beside(), alpha, eta, iterations,
            start_passes=0 if self.start is not None else before,
            samples=self.samples, seed=seed, n_threads=resolve_threads(self.n_threads),
            weights=self.term_weights_, fixed=fixed, start=start, verbose=self.verbose,
            checkpoint=as_path(self.checkpoint), identity=self._identity(counts, seed),
            description=type(self).__name__, tracking=Tracking.of(self),
        )  # fmt: skip

    def _parts(
        self, counts: sparse.csr_matrix
    ) -> tuple[PriorRule, PriorRule, gibbs.Fixed | None, NDArray[np.float32] | None]:
        """Both priors, the locked topics and where to begin, checked against the vocabulary."""
        n_terms = counts.shape[1]
        alpha = alpha_rule(self.alpha, self.n_topics)
        fixed = None
        if self.locked_topics is not None:
            if self.method == "online":
                raise InputError('locked_topics: need the sampler. Use method="gibbs".')
            rows = guiding.locked_rows(self.locked_topics, self.n_topics, n_terms)
            fixed = gibbs.Fixed(np.arange(len(rows)), np.ascontiguousarray(rows.T))
        eta, start = self._eta_rule(counts, 0 if fixed is None else len(fixed.topics))
        if self.start is not None:
            start = guiding.start_rows(self.start, self.n_topics, n_terms)
        alpha, eta, start = self._with_background(counts, alpha, eta, start)
        return alpha, eta, fixed, start

    def _eta_rule(
        self, counts: sparse.csr_matrix, n_locked: int
    ) -> tuple[PriorRule, NDArray[np.float32] | None]:
        """The prior of topics, with the seeds in it, and their start; names the seeded topics."""
        self.topic_names_ = topic_names(self.seed_words, self.n_topics, n_locked)
        rule = eta_rule(self.eta, self.n_topics, counts.shape[1])
        if not self.seed_words:
            return rule, None
        if rule.learned:
            raise InputError('eta: "symmetric" cannot hold seed words. Give a number, such as .01.')
        seeds = seed_columns(self.seed_words, self.vocabulary_, self.n_topics - n_locked)
        rows = guiding.seeded_eta(
            seeds, n_locked, rule.values, self.n_topics, self.vocabulary_,
            strength=self.seed_strength, exclusive=self.seeds_exclusive,
            weights=self.term_weights_,
        )  # fmt: skip
        begun = guiding.seeded_start(seeds, n_locked, counts, self.n_topics)
        return eta_rule(rows, self.n_topics, counts.shape[1]), begun

    def _iterations(self) -> int:
        return self.iterations or _PASSES[self.method]

    def _identity(self, counts: sparse.csr_matrix, seed: int) -> dict[str, Any]:
        return persistence.run_identity(self, counts, seed, _NOT_PART_OF_A_RUN)

    def _finish(self, history: list[dict[str, float]], interrupted: bool) -> None:
        self.history_, self.interrupted_ = history, interrupted
        if interrupted:
            tell_interrupted(self, self._iterations(), stacklevel=4)

    def _tell_unsettled(self, interrupted: bool) -> None:
        verdict = self.convergence()
        if not interrupted and verdict.state in ("rising", "falling", "not finite"):
            message = f"{type(self).__name__}: {verdict.sentence}"
            warnings.warn(message, ConvergenceWarning, stacklevel=4)

    # ---- streams ---------------------------------------------------------------------------

    @property
    def partial_fit(self) -> Callable[..., Self]:
        """Go on learning from more documents of a stream: one pass of online variational Bayes.

        ``partial_fit(X, y=None, *, terms=None, n_documents=None)`` returns the model.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
            The first call fixes the vocabulary; later Corpora are matched by term.
        y : ignored
        terms : as in :meth:`fit`, in the first call
        n_documents : int, optional
            Documents that the whole stream will have; by default those seen so far.

        Raises
        ------
        MethodMissingError
            If the method is not "online".
        InputError
            If the counts cannot be used.
        """
        if self.method != "online":
            raise MethodMissingError(
                f'method: partial_fit needs "online", this is "{self.method}". The sampler reads '
                "all documents many times: call fit with all of them."
            )
        return self._partial_fit

    @one_blas_thread()
    def _partial_fit(
        self,
        X: Any,
        y: Any = None,
        *,
        terms: Sequence[str] | None = None,
        n_documents: int | None = None,
    ) -> Self:
        self.check_parameters()
        persistence.refuse_changed_parameters(self)
        first = self._stream is None
        counts = self._checked(X, reset=first, mapped=True)
        if first:
            self.check_size(counts)
            self.vocabulary_ = vocabulary_of(X, counts, terms)
            self._weigh(counts)
            alpha, eta, _, start = self._parts(counts)
            self._begin_stream(counts, alpha, eta, start, seed_from(self.random_state))
            persistence.remember_parameters(self)
            self.history_, self.notes_, self._documents_seen = [], {"version": __version__}, 0
        self._documents_seen += counts.shape[0]
        run = self._run_of(counts, 0)
        run.n_documents = float(max(n_documents or 0, self._documents_seen))
        run.verbose, run.tracking = self.verbose, Tracking.going_on(self)
        history, interrupted = run.run()
        self._take(run)
        for record in history:
            self.history_.append({**record, "iteration": len(self.history_) + 1.0})
        self._finish(self.history_, interrupted)
        self.diagnosis_ = self._quality(counts).diagnosis
        self.notes_["documents"] = self._documents_seen
        return self

    def _begin_stream(
        self,
        counts: sparse.csr_matrix,
        alpha: PriorRule,
        eta: PriorRule,
        start: NDArray[np.float32] | None,
        seed: int,
    ) -> None:
        tokens = float(counts.sum(dtype=np.float64))
        self._rules = alpha, eta
        self._stream = begin(
            counts.shape[1], self.n_topics, alpha, eta, n_tokens=tokens, start=start, seed=seed
        )

    def _run_of(self, counts: sparse.csr_matrix, seed: int) -> Stream:
        assert self._stream is not None
        return stream_of(
            self.cluster, counts, self._stream, *self._rules, iterations=1,
            batch_size=self.batch_size, tau0=self.learning_offset, kappa=self.learning_decay,
            n_documents=float(self._documents_seen), seed=seed, shuffled=False,
            n_threads=resolve_threads(self.n_threads), weights=self.term_weights_,
        )  # fmt: skip

    def _take(self, run: Stream) -> None:
        self.topic_word_ = run.state.topic_word()
        self.alpha_, self.eta_ = run.state.alpha.copy(), np.array(run.eta.values)

    # ---- judging and saving ----------------------------------------------------------------

    def convergence(self) -> Verdict:
        """Whether the log-likelihood (online: the bound) had settled; see :class:`Verdict`."""
        self._require_fitted("topic_word_")
        return judge_history(self.history_) or judge_trace([])

    _reads_mapped = True
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **HasBackground._saved_scalars, "interrupted_": FLAG, "topic_names_": TEXTS,
        "_documents_seen": WHOLE,
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {**HasBackground._saved_arrays, **SAVED_PRIORS}

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {"alpha": self.alpha_, "eta": np.atleast_1d(self.eta_)}
        if self._stream is not None:
            arrays["lambda"] = self._stream.parameters()
            arrays["updates"] = np.array([self._stream.updates])
        return arrays | self._beside_state()

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.alpha_ = arrays["alpha"]
        self._restore_beside(arrays)
        self.eta_ = saved_eta(arrays["eta"], self.topic_word_.shape)
        if "lambda" not in arrays:
            return
        n_terms = self.topic_word_.shape[1]
        alpha = alpha_rule(self.alpha, self.n_topics)
        alpha.values = self.alpha_ if alpha.values.ndim else np.asarray(self.alpha_[0])
        eta = self.eta if isinstance(self.eta, str) else self.eta_
        rule = eta_rule(eta, self.n_topics, n_terms)
        rule.values, self._rules = self.eta_, (alpha, rule)
        prior = self.eta_ if self.eta_.ndim == 2 else np.broadcast_to(self.eta_, (n_terms,))
        self._stream = online.start_topics(n_terms, self.alpha_, prior, topics=arrays["lambda"])
        self._stream.updates = int(arrays["updates"][0])
