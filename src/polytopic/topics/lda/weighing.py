"""Mixtures of topics over weighed terms: what they learn from, and what they say of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.io.schemas import Array
from polytopic.parameters import NONE, AnyOf, Choice, Custom, attribute, parameter
from polytopic.topics.documents import each_part
from polytopic.topics.lda.shared_work import SharedWork
from polytopic.topics.lda.term_weights import KINDS, weighed, weights_of, whole

__all__ = ["NUMBERS", "WeighsTerms"]

NUMBERS = Custom(
    "an array of such numbers",
    lambda value: not isinstance(value, (str, bool, int, float)) and value is not None,
)


class WeighsTerms(SharedWork):
    """Base of mixtures whose documents may be weighed, term by term, before they are learned from.

    Topics are then shares of weighed tokens. A token itself is drawn of the topics with the weights
    taken out, phi_kv / w_v at sum one, in shares theta_k sum_v phi_kv / w_v at sum one: the same
    mixture, which likelihood and perplexity are of.
    """

    term_weights: Any = parameter(
        AnyOf(NONE, Choice(KINDS), NUMBERS),
        'What a token counts for: "idf", ln(1 + D / D_v), "information", ln(1 + N / N_v) (Wilson & '
        'Chew, NAACL 2010), "tempered", its square root: words of no subject lead fewer topics.',
        default=None,
        kind='"idf", "information", "tempered" or array of shape (V,), optional',
    )

    term_weights_: NDArray[np.float32] | None = attribute(default=None)

    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **SharedWork._saved_arrays,
        "term_weights": Array("V", kind="float32", positive=True, optional=True),
    }

    def weights_of_terms(self) -> NDArray[np.float32] | None:
        """What a token of each term counts for where documents are read, (V,); None for one."""
        return self.term_weights_

    # ---- parts -----------------------------------------------------------------------------

    def _weights_state(self) -> dict[str, NDArray[Any]]:
        return {} if self.term_weights_ is None else {"term_weights": self.term_weights_}

    def _weigh(self, counts: Any) -> None:
        """Take the weights of the terms from the counts of a fit."""
        self.term_weights_ = weights_of(self.term_weights, counts)

    def _infer(self, counts: Any) -> NDArray[np.float32]:
        if self.term_weights_ is None:
            return super()._infer(counts)
        return each_part(lambda part: super(WeighsTerms, self)._infer(self._evidence(part)), counts)

    def _evidence(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        return counts if self.term_weights_ is None else weighed(counts, self.term_weights_)

    def _whole(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        return counts if self.term_weights_ is None else whole(counts, self.term_weights_)

    def _take_on_weights(self, n_terms: int) -> None:
        if self.term_weights_ is not None:
            new = np.ones(n_terms, np.float32)  # what a token weighs in the mean
            self.term_weights_ = np.concatenate([self.term_weights_, new])

    def _of_tokens(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Topics and alpha of the tokens themselves; alpha in the same sum, in the shares of its
        mean."""
        if self.term_weights_ is None:
            return super()._of_tokens()
        rows, factors = self._unweighed()
        given = self._read_by()[1]
        alpha = given * factors
        return rows, alpha * (given.sum() / alpha.sum())

    def _unweighed(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Topics with the weights taken out, (K, V), and how many tokens a weighed one is, (K,)."""
        rows = self._read_by()[0] / np.asarray(self.term_weights_, dtype=np.float64)
        factors = rows.sum(axis=1)
        return (rows / factors[:, None]).astype(np.float32), factors

    def _log_likelihood(self, counts: Any, theta: NDArray[np.float32]) -> NDArray[np.float64]:
        if self.term_weights_ is None:
            return super()._log_likelihood(counts, theta)
        from polytopic.metrics.completion import mixture_log_likelihood

        rows, factors = self._unweighed()
        shares = theta * factors
        shares = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
        return each_part(lambda part, own: mixture_log_likelihood(part, own, rows), counts, shares)
