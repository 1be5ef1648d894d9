"""LDA whose topics know which words are alike: their prior is log-linear in word vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.embeddings import ppmi_vectors
from polytopic.io.schemas import Array
from polytopic.parameters import (
    NONE,
    VECTORS,
    AnyOf,
    Choice,
    Custom,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.topics.from_vectors.aligning import align
from polytopic.topics.from_vectors.vectors import from_vectors
from polytopic.topics.lda.lda import LDA
from polytopic.topics.lda.prior_rules import PriorRule
from polytopic.topics.lda.weighing import NUMBERS
from polytopic.topics.lda.word_features import FeaturePrior, fit_prior, word_features

__all__ = ["EmbeddingLDA", "FeatureRule"]

_STEPS = 5
"""Iterations of L-BFGS at a time: the counts of a sampler change before it settles."""


class FeatureRule(PriorRule):
    """eta_kv = exp(rho_v . lambda_k + b_k), learned by MAP from whole counts.

    ``features``: rho, (V, E). ``scale``: deviation of the weights. ``base``: pseudo-count that the
    biases are drawn to. It learns in the passes before the chain proper too: they are where topics
    find their place.
    """

    from_start = True

    def __init__(
        self, features: NDArray[np.float64], n_topics: int, *, scale: float, base: float
    ) -> None:
        self.prior = FeaturePrior.flat(n_topics, features.shape[1], base)
        super().__init__(self.prior.eta(features))
        self.features, self.scale, self.base = features, scale, base

    def fit_counts(self, counts: Any) -> None:
        found = fit_prior(
            self.prior, counts, self.features, scale=self.scale, base=self.base, iterations=_STEPS
        )
        self._take(found)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"weights": self.prior.weights, "bias": self.prior.bias}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._take(FeaturePrior(arrays["weights"], arrays["bias"]))

    def _take(self, prior: FeaturePrior) -> None:
        self.prior, self.values = prior, prior.eta(self.features)


class EmbeddingLDA(LDA):
    """LDA with a topic-word prior that is log-linear in word vectors.

    eta_kv = exp(rho_v . lambda_k + b_k)     lambda ~ N(0, scale^2), b ~ N(log eta, 1)
    phi_k ~ Dirichlet(eta_k)                 (K, V)
    theta_d ~ Dirichlet(alpha)               (D, K)
    z_di ~ theta_d,  w_di ~ phi_z

    rho_v is the vector of term v, less the mean of all, at length one. Words whose vectors are
    alike share their pseudo-counts, so that a topic knows of words it has hardly seen; the counts
    still have the last word. lambda and b are learned by L-BFGS between passes of the sampler.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
    feature_weights_ : float64 array of shape (K, E)
        lambda.
    feature_bias_ : float64 array of shape (K,)
        b.
    eta_ : float64 array of shape (K, V)
        The pseudo-counts that they give.
    alpha_ : float64 array of shape (K,)
    interrupted_ : bool

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, vectors or counts that cannot be used.

    References
    ----------
    Mimno & McCallum, UAI 2008 (log-linear Dirichlet priors, there of documents); Petterson, Smola,
    Caetano, Buntine & Narayanamurthy, NeurIPS 2010 (of words).

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> vectors = np.repeat([[1.0, 0.2], [-1.0, 0.2]], 4, axis=0)
    >>> model = EmbeddingLDA(n_topics=2, vectors=vectors, iterations=20, random_state=0)
    >>> model.fit(counts, terms=list("abcdwxyz")).feature_weights_.shape
    (2, 2)
    """

    _left_out: ClassVar[tuple[str, ...]] = (
        "seed_words",
        "seed_strength",
        "seeds_exclusive",
        "background",
        "batch_size",
        "learning_offset",
        "learning_decay",
    )

    vectors: Any = parameter(
        AnyOf(NONE, VECTORS),
        "A WordVectors is matched to the vocabulary by term, the rows of an array are its "
        "terms in their order. By default vectors of ``dim`` dimensions are made of the "
        "documents themselves.",
        default=None,
        kind="WordVectors or array of shape (V, E), optional",
    )
    missing: str = parameter(
        Choice(("error", "uniform")),
        "What to do with terms that have no vector: refuse, or give each the topic's average "
        "pseudo-count, exp(b_k).",
        default="error",
    )
    dim: int = parameter(
        Integer(1), "Dimensions of the vectors made of the documents.", default=100
    )
    scale: float = parameter(
        Real(0, open_low=True),
        "Deviation of a weight, and so of rho_v . lambda_k. Smaller: closer to plain LDA.",
        default=1.0,
    )
    alpha: Any = parameter(
        AnyOf(Real(0, open_low=True), Choice(("symmetric", "asymmetric")), NUMBERS),
        "Concentrations of documents; the two words learn one number, or one a topic.",
        default=0.1,
        kind='float, array of shape (K,), "symmetric" or "asymmetric"',
    )
    eta: float = parameter(
        Real(0, open_low=True),
        "Pseudo-count of a term that the biases are drawn to.",
        default=0.01,
        kind="float",
    )
    method: str = parameter(
        Custom(
            '"gibbs": the weights are learned from the whole counts that the sampler keeps',
            lambda value: isinstance(value, str) and value == "gibbs",
        ),
        "A sampler, exact, or online variational Bayes, which also learns from a stream.",
        default="gibbs",
        kind='"gibbs"',
    )
    iterations: int | None = parameter(
        text="Passes over the documents, 200 by default.", default=None
    )
    start: Any = parameter(
        text="Topics to begin from, rows on the simplex. By default those that "
        "``simplex.from_vectors`` makes of the vectors.",
        default=None,
    )

    feature_weights_: NDArray[np.float64] = attribute()
    feature_bias_: NDArray[np.float64] = attribute()
    _rule: FeatureRule = attribute()

    # ---- parts -----------------------------------------------------------------------------

    def _eta_rule(
        self, counts: sparse.csr_matrix, n_locked: int
    ) -> tuple[PriorRule, NDArray[np.float32] | None]:
        """The prior, flat at first, and the clusters of the vectors as topics to begin from."""
        self.topic_names_ = [""] * self.n_topics
        own = self.vectors is None
        vectors = ppmi_vectors(counts, self.dim) if own else self.vectors
        words = align(vectors, self.vocabulary_, None, "input", self.missing)
        features = np.zeros((len(words.found), words.vectors.shape[1]))
        features[words.found] = word_features(words.vectors)
        self._rule = FeatureRule(features, self.n_topics, scale=self.scale, base=self.eta)
        told_apart = features.any(axis=1) & (words.share > 0)
        if self.start is not None or int(told_apart.sum()) < self.n_topics:
            return self._rule, None
        begun = from_vectors(
            vectors, self.n_topics, vocabulary=self.vocabulary_, missing="uniform",
            counts=counts, random_state=self._fixed_state(),
        )  # fmt: skip
        return self._rule, begun.astype(np.float32)

    def _identity(self, counts: sparse.csr_matrix, seed: int) -> dict[str, Any]:
        about = super()._identity(counts, seed)
        if self.vectors is not None:  # else they follow from the counts
            about["vectors"] = hashlib.sha256(self._rule.features.tobytes()).hexdigest()[:16]
        return about

    def _finish(self, history: list[dict[str, float]], interrupted: bool) -> None:
        self.feature_weights_, self.feature_bias_ = self._rule.prior.weights, self._rule.prior.bias
        del self._rule
        super()._finish(history, interrupted)

    _reads_mapped = False
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **LDA._saved_arrays,
        "feature_weights": Array("K", "E", kind="float64"),
        "feature_bias": Array("K", kind="float64"),
    }

    def _state(self) -> dict[str, NDArray[Any]]:
        learned = {"feature_weights": self.feature_weights_, "feature_bias": self.feature_bias_}
        return super()._state() | learned

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._restore(arrays)
        self.feature_weights_ = arrays["feature_weights"]
        self.feature_bias_ = arrays["feature_bias"]
