"""Topic models whose documents are mixtures: inference and likelihood given the topics."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import attribute, parameter
from polytopic.topics.base import TopicModel
from polytopic.topics.documents import each_part
from polytopic.topics.few_terms import infer_mixture
from polytopic.topics.lda import held_out
from polytopic.topics.lda.kernels.inference import csr_arrays, term_rows
from polytopic.topics.lda.kernels.posterior import sample_documents

__all__ = ["MixtureTopicModel"]

_ESTIMATES: dict[str, Any] = {
    "left-to-right": held_out.left_to_right,
    "annealed": held_out.annealed,
}


class MixtureTopicModel(TopicModel):
    """Base of models with w ~ sum_k theta_k phi_k and theta ~ Dirichlet(alpha).

    Attributes
    ----------
    alpha_ : float64 array of shape (K,)
    """

    alpha_: NDArray[np.float64] = attribute()
    eta_: NDArray[np.float64] = attribute()
    n_threads: int | None = parameter(
        text="Threads; by default one a processor. Any number gives the same bits.",
        default=None,
    )

    _of_empty: ClassVar[str] = "topic proportions are the prior's"

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Posterior mean of topic proportions theta, shape (D, K), rows on the simplex.

        By CVB0 with the topics held (Asuncion, Welling, Smyth & Teh, UAI 2009): deterministic, each
        document for itself. A document without terms gets the prior's mean, alpha / sum alpha,
        and an :class:`~polytopic.EmptyDocumentsWarning` says how many there were. A Corpus with
        another vocabulary is matched by term.

        Raises
        ------
        InputError
            If the counts cannot be used or have another number of columns.
        """
        return super().transform(X)

    def mixture_prior(self) -> NDArray[np.float64] | None:
        """alpha (K,): proportions of new documents are CVB0's, with the topics held."""
        return self.alpha_

    def posterior(
        self, X: Any, *, samples: int = 100, burn_in: int = 20
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Posterior mean and standard deviation of theta, by Gibbs sampling with the topics held.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        samples, burn_in : int
            Sweeps counted, and sweeps before them.

        Returns
        -------
        mean, deviation : float32 arrays of shape (D, K)
            The rows of ``mean`` lie on the simplex.

        Raises
        ------
        InputError
            If the counts cannot be used, or ``samples`` is below 1 or ``burn_in`` below 0.
        """
        self._require_fitted("topic_word_")
        if samples < 1 or burn_in < 0:
            raise InputError(
                f"samples: {samples} with burn_in {burn_in}. Give at least 1 sample, burn_in >= 0."
            )
        counts = self._checked(X, reset=False)
        indptr, indices, data = csr_arrays(self._whole(counts))
        topics, alpha = self._read_by()
        return sample_documents(
            indptr, indices, data, term_rows(topics), alpha, self._infer_all(counts),
            samples=samples, burn_in=burn_in, key=seed_from(self._fixed_state()),
            n_threads=resolve_threads(self.n_threads),
        )  # fmt: skip

    def posterior_of(
        self, X: Any, *, samples: int = 100
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """:meth:`posterior`, by the name that it has in the autoencoders."""
        return self.posterior(X, samples=samples)

    def perplexity(
        self,
        X: Any,
        *,
        method: Literal["completion", "left-to-right", "annealed"] = "completion",
        random_state: int = 0,
        **options: Any,
    ) -> float:
        """Perplexity of documents the model was not trained on: exp(-log p(w) / tokens).

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        method : {"completion", "left-to-right", "annealed"}
            Halves of documents judged by their other halves (quick, and another quantity than the
            other two), or estimates of p(w | phi, alpha) of whole documents by particles or by
            annealed importance sampling (Wallach et al., ICML 2009; see
            :mod:`polytopic.topics.lda.held_out`).
        random_state : int
        **options
            ``particles``, ``moves``; ``temperatures``, ``chains``.

        Raises
        ------
        InputError
            If the method is unknown or the counts cannot be used.
        """
        self._require_fitted("topic_word_")
        counts = self._checked(X, reset=False)
        if method == "completion":
            from polytopic.metrics import perplexity

            return perplexity(self, counts, random_state=random_state)
        if method not in _ESTIMATES:
            raise InputError(
                f'method: there is no "{method}". Choose one of: completion, left-to-right, '
                "annealed."
            )
        scores = _ESTIMATES[method](
            counts, *self._of_tokens(), random_state=random_state,
            n_threads=resolve_threads(self.n_threads), **options,
        )  # fmt: skip
        tokens = float(counts.sum(dtype=np.float64))
        if tokens == 0:
            raise InputError("counts: every document is empty. Pass documents with known terms.")
        return float(np.exp(-scores.sum() / tokens))

    def score(self, X: Any, y: Any = None) -> float:
        """Log-likelihood a token of held-out halves of documents: higher is better.

        The logarithm of 1 / ``perplexity(X)``, for scikit-learn's searches.
        """
        return -float(np.log(self.perplexity(X)))

    # ---- parts -----------------------------------------------------------------------------

    def _takes_on_words(self) -> bool:
        return getattr(self, "locked_topics", None) is None and np.ndim(self.eta_) == 0

    def _whole(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """The tokens that topics are sampled of."""
        return counts

    def _read_by(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Topics (K, V) and alpha (K,) of the mixture that evidence is read by, with whatever
        stands beside the topics."""
        return self.topic_word_, self.alpha_

    def _of_tokens(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Topics (K, V) and alpha (K,) of the mixture that documents' tokens are drawn of."""
        return self._read_by()

    def _held_topics(self) -> int:
        locked = getattr(self, "locked_topics", None)
        return 0 if locked is None else len(locked)

    def _components(self) -> NDArray[np.float32]:
        return self.topic_word_

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        n_threads = resolve_threads(self.n_threads)
        return infer_mixture(counts, *self._read_by(), n_threads=n_threads)

    def _infer_all(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """theta of the mixture of ``_read_by``."""
        return self._infer(counts)

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        from polytopic.metrics.completion import mixture_log_likelihood

        topics, _ = self._read_by()

        def answer(part: Any, own: Any) -> NDArray[np.float64]:
            return mixture_log_likelihood(part, own, topics)

        return each_part(answer, counts, theta)

    def _fixed_state(self) -> Any:
        """The seed as given, where it is a number: asking twice gives the same answer."""
        return self.random_state if isinstance(self.random_state, (int, np.integer)) else 0
