"""HDP: LDA that finds its number of topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.io.schemas import NUMBER, WHOLE
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    AnyOf,
    Choice,
    Constraint,
    Custom,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.topics.documents import as_path
from polytopic.topics.lda.cluster_run import chain_of
from polytopic.topics.lda.gibbs_run import Chain
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.lda import LDA
from polytopic.topics.lda.prior_rules import eta_rule
from polytopic.topics.lda.process import ProcessRule
from polytopic.tracking import Tracking

__all__ = ["HDP"]

_ONE_A_TERM = Custom(
    "one number a term", lambda value: not isinstance(value, str) and np.ndim(value) == 1
)
_LEARNED = AnyOf(Real(0, open_low=True), Choice(("learned",)))


class HDP(LDA):
    """A hierarchical Dirichlet process (Teh, Jordan, Beal & Blei, JASA 101, 2006).

    weights ~ GEM(gamma)                       shares of topics in the corpus, without end
    phi_k ~ Dirichlet(eta)                     (K, V)
    theta_d ~ Dirichlet process(concentration, weights)
    z_di ~ theta_d,  w_di ~ phi_z              each token of document d

    The sampler of :class:`LDA` with weights and concentrations drawn after each pass: exact for a
    process cut off after ``n_topics``. Topics without a token at the end are left out; the others
    come by size. Any number of threads gives the same bits.

    Attributes
    ----------
    n_topics_ : int
        Topics found, K of all arrays.
    topic_word_ : float32 array of shape (K, V)
    alpha_ : float64 array of shape (K,)
        concentration * weights of the topics found.
    concentration_, gamma_ : float
        As drawn last, or as given.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((30, 4), 3))
    >>> model = HDP(n_topics=8, alpha=1.0, gamma=0.5, iterations=100, random_state=0)
    >>> model = model.fit(counts, terms=list("abcdwxyz"))
    >>> model.n_topics_
    2
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    """

    _left_out: ClassVar[tuple[str, ...]] = (
        "seed_words",
        "seed_strength",
        "seeds_exclusive",
        "background",
        "locked_topics",
        "start",
        "samples",  # topics may die and be born between two states: the last one is kept
        "batch_size",
        "learning_offset",
        "learning_decay",
    )

    n_topics: int = parameter(
        Integer(1),
        "Topics at most, where the process is cut off; fewer where there are fewer terms.",
        default=150,
    )
    alpha: Any = parameter(
        _LEARNED,
        "Concentration of documents: how many topics one has.",
        default="learned",
        kind='float or "learned"',
    )
    gamma: Any = parameter(
        _LEARNED,
        "Concentration of the corpus: how many topics there are.",
        default="learned",
        kind='float or "learned"',
    )
    eta: Any = parameter(
        AnyOf(Real(0, open_low=True), Choice(("symmetric",)), _ONE_A_TERM),
        "Pseudo-counts of topics.",
        default=0.01,
        kind='float, array of shape (V,) or "symmetric"',
    )
    method: str = parameter(
        Custom(
            '"gibbs": the tables are drawn from the whole counts that the sampler keeps',
            lambda value: isinstance(value, str) and value == "gibbs",
        ),
        "A sampler, exact, or online variational Bayes, which also learns from a stream.",
        default="gibbs",
        kind='"gibbs"',
    )
    iterations: int | None = parameter(
        text="Passes over the documents, 200 by default.", default=None
    )

    n_topics_: int = attribute()
    concentration_: float = attribute()
    gamma_: float = attribute()

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        self._stream, self._documents_seen = None, counts.shape[0]
        self._weigh(counts)
        chain = self._process(counts, seed_from(self.random_state))
        outcome = chain.run()
        sizes = gibbs.topic_word_counts(chain.state).sum(axis=1)
        found = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
        assert isinstance(chain.alpha, ProcessRule)
        self.concentration_, self.gamma_ = chain.alpha.concentration, chain.alpha.gamma
        self.n_topics_, self.topic_names_ = len(found), [""] * len(found)
        self.topic_word_, self.alpha_ = outcome.topic_word[found], outcome.alpha[found]
        self.eta_ = outcome.eta
        self._finish(outcome.history, outcome.interrupted)
        self._tell_unsettled(outcome.interrupted)
        persistence.remember_parameters(self)

    def _process(self, counts: sparse.csr_matrix, seed: int) -> Chain:
        most, iterations = min(self.n_topics, counts.shape[1]), self._iterations()
        alpha, gamma = (None if v == "learned" else float(v) for v in (self.alpha, self.gamma))
        return chain_of(
            self.cluster, counts, most, ProcessRule(most, alpha, gamma, seed),
            eta_rule(self.eta, most, counts.shape[1]), iterations,
            start_passes=0, samples=1, seed=seed, weights=self.term_weights_,
            n_threads=resolve_threads(self.n_threads), checkpoint=as_path(self.checkpoint),
            identity=self._identity(counts, seed), description=type(self).__name__,
            verbose=self.verbose, tracking=Tracking.of(self),
        )  # fmt: skip

    def _topics_needed(self) -> int:
        return 1

    def _topics_kept(self, fitted: Mapping[str, Any]) -> int:
        return int(fitted["n_topics_"])

    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **LDA._saved_scalars, "n_topics_": WHOLE, "concentration_": NUMBER, "gamma_": NUMBER,
    }  # fmt: skip
