"""Mixtures with a background beside their topics, which words of no subject go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError
from polytopic.io.schemas import Array
from polytopic.parameters import NONE, AnyOf, Real, attribute, parameter
from polytopic.topics.documents import each_part
from polytopic.topics.lda.gibbs_run import Outcome
from polytopic.topics.lda.kernels import gibbs
from polytopic.topics.lda.prior_rules import PriorRule, Symmetric
from polytopic.topics.lda.weighing import WeighsTerms

__all__ = ["HasBackground"]


class HasBackground(WeighsTerms):
    """Base of mixtures that may hold a distribution all documents share (Chemudugunta, Smyth &
    Steyvers, NIPS 2006, without words special to a document).

    lambda_d ~ Beta(alpha_b, sum_k alpha_k),  theta_d ~ Dirichlet(alpha)
    w_di ~ the background with lambda_d, else of a topic of theta_d

    (theta_d (1 - lambda_d), lambda_d) is then a draw of Dirichlet(alpha_1 ... alpha_K, alpha_b): to
    the sampler the background is one topic more, with a concentration of its own. What models say
    of documents are the shares of the topics among themselves, theta.
    """

    background: float | None = parameter(
        AnyOf(NONE, Real(0, 1, open_low=True, open_high=True)),
        "Share of a document's tokens that is expected of a background beside the topics, such as "
        ".3: words of no subject go there. It is learned if alpha is.",
        default=None,
    )

    method: str
    background_: NDArray[np.float32] | None = attribute(default=None)
    background_alpha_: float = attribute(default=0.0)
    background_share_: float = attribute(default=0.0)

    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **WeighsTerms._saved_arrays,
        "background": Array("V", kind="float32", low=0.0, optional=True),
        "background_beside": Array(2, kind="float64", low=0.0, optional=True),
    }

    # ---- what the sampler gets -------------------------------------------------------------

    def _weigh(self, counts: Any) -> None:
        super()._weigh(counts)
        self.background_ = None

    def _beside(self) -> int:
        """Topics of the sampler beside those that are asked for."""
        return 0 if self.background is None else 1

    def _with_background(
        self,
        counts: Any,
        alpha: PriorRule,
        eta: PriorRule,
        start: NDArray[np.float32] | None,
    ) -> tuple[PriorRule, PriorRule, NDArray[np.float32] | None]:
        """Both priors and where to begin, with the background as the last topic."""
        if self.background is None:
            return alpha, eta, start
        if self.method == "online":
            raise InputError('background: needs the sampler. Use method="gibbs".')
        if isinstance(alpha, Symmetric):
            raise InputError(
                'alpha: "symmetric" learns one number for topics and background alike. Give a '
                'number, or "asymmetric".'
            )
        own = np.broadcast_to(alpha.values, (self.n_topics,))
        alpha.values = np.append(own, own.sum() * self.background / (1.0 - self.background))
        if eta.values.ndim == 2:  # what is kept out of a topic is kept out of the background
            eta.values = np.vstack([eta.values, eta.values.min(axis=0)])
        if start is not None:
            whole = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
            start = np.vstack([start, whole / whole.sum()]).astype(np.float32)
        return alpha, eta, start

    def _take_found(self, found: Outcome, state: gibbs.GibbsState) -> None:
        """Take what the sampler found, the background apart; ``state`` after the last pass."""
        k, eta = self.n_topics, found.eta
        self.topic_word_, self.alpha_ = found.topic_word[:k], found.alpha[:k]
        self.eta_ = eta[:k] if eta.ndim == 2 else eta
        if self._beside():
            self.background_, self.background_alpha_ = found.topic_word[k].copy(), found.alpha[k]
            tokens = gibbs.topic_word_counts(state).sum(axis=1, dtype=np.float64)
            self.background_share_ = float(tokens[k] / max(1.0, tokens.sum()))

    # ---- what documents are read by --------------------------------------------------------

    def mixture_prior(self) -> NDArray[np.float64] | None:
        """alpha (K,): proportions of new documents are CVB0's, with the topics held; None with a
        background, beside which they are not of the topics alone."""
        return super().mixture_prior() if self.background_ is None else None

    def posterior(
        self, X: Any, *, samples: int = 100, burn_in: int = 20
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Posterior mean and standard deviation of theta; see :meth:`MixtureTopicModel.posterior`.

        With a background both are those of the topics' shares of all tokens, divided by what the
        background leaves in the mean.
        """
        mean, deviation = super().posterior(X, samples=samples, burn_in=burn_in)
        if self.background_ is None:
            return mean, deviation
        left = mean[:, :-1].sum(axis=1, keepdims=True)
        return mean[:, :-1] / left, deviation[:, :-1] / left

    def _read_by(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        topics, alpha = super()._read_by()
        if self.background_ is None:
            return topics, alpha
        return np.vstack([topics, self.background_]), np.append(alpha, self.background_alpha_)

    def _infer(self, counts: Any) -> NDArray[np.float32]:
        theta = self._infer_all(counts)
        if self.background_ is None:
            return theta
        own = theta[:, :-1]
        return np.asarray(own / own.sum(axis=1, keepdims=True))

    def _infer_all(self, counts: Any) -> NDArray[np.float32]:
        return super()._infer(counts)

    def _log_likelihood(self, counts: Any, theta: NDArray[np.float32]) -> NDArray[np.float64]:
        """The background has the share that it had of the documents of the fit."""
        if self.background_ is None:
            return super()._log_likelihood(counts, theta)
        share = self.background_share_

        def answer(part: sparse.csr_matrix, own: NDArray[np.float32]) -> NDArray[np.float64]:
            beside = np.full((len(own), 1), share, np.float32)
            whole = np.hstack([own * np.float32(1.0 - share), beside])
            return super(HasBackground, self)._log_likelihood(part, whole)

        return each_part(answer, counts, theta)

    # ---- learning on, saving ---------------------------------------------------------------

    def _everyones(self) -> tuple[float, NDArray[Any] | None]:
        return (
            (0.0, None) if self.background_ is None else (self.background_share_, self.background_)
        )

    def _takes_on_words(self) -> bool:
        return self.background_ is None and super()._takes_on_words()

    def _beside_state(self) -> dict[str, NDArray[Any]]:
        """Arrays of weights and background, where there are any."""
        found = self._weights_state()
        if self.background_ is not None:
            found["background"] = self.background_
            found["background_beside"] = np.array([self.background_alpha_, self.background_share_])
        return found

    def _restore_beside(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what ``_beside_state`` gave."""
        self.term_weights_ = arrays.get("term_weights")
        self.background_ = arrays.get("background")
        if (self.background_ is None) != ("background_beside" not in arrays):
            raise InputError("background: is there without its alpha, or the other way round")
        if self.background_ is not None:
            numbers = arrays["background_beside"].tolist()
            self.background_alpha_, self.background_share_ = numbers
