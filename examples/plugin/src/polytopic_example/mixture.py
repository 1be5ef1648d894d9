"""WordMixture: a mixture of unigrams, fitted by expectation-maximisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import logsumexp

from polytopic.base import seed_from
from polytopic.metrics import mixture_log_likelihood
from polytopic.parameters import Integer, Real, parameter
from polytopic.topics.base import TopicModel


class WordMixture(TopicModel):
    """Each document is of one topic (Nigam et al., Machine Learning 39, 2000, section 3).

    p(w_d) = sum_k pi_k prod_v beta_kv^n_dv; theta_dk = p(k | w_d)
    """

    n_topics: int = parameter(Integer(1), "K.", default=50)
    iterations: int = parameter(Integer(1), "Steps of expectation-maximisation.", default=50)
    smoothing: float = parameter(Real(0), "Added to each count of a topic's terms.", default=0.1)

    def _fit_counts(self, counts: Any) -> None:
        rng = np.random.default_rng(seed_from(self.random_state))
        theta = rng.dirichlet(np.ones(self.n_topics), counts.shape[0])
        self.history_ = []
        for number in range(self.iterations):
            self._log_shares = np.log(theta.mean(0) + 1e-12)
            beta = (counts.T @ theta).T + self.smoothing
            self.topic_word_ = (beta / beta.sum(1, keepdims=True)).astype(np.float32)
            joint = self._joint(counts)
            theta = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
            fit = logsumexp(joint, axis=1).sum() / counts.sum()
            self.history_.append({"iteration": float(number + 1), "log_likelihood": float(fit)})

    def _joint(self, counts: Any) -> Any:
        """log pi_k + log p(w_d | k), shape (D, K)."""
        return self._log_shares + counts @ np.log(self.topic_word_.astype(float) + 1e-30).T

    def _infer(self, counts: Any) -> Any:
        joint = self._joint(counts)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True)).astype(np.float32)

    def _log_likelihood(self, counts: Any, theta: Any) -> Any:
        return mixture_log_likelihood(counts, theta, self.topic_word_)

    def _state(self) -> dict[str, Any]:
        return {"log_shares": self._log_shares}

    def _restore(self, arrays: Mapping[str, Any]) -> None:
        self._log_shares = arrays["log_shares"]
