"""StickBreakingVAE: documents break a stick, as in a Dirichlet process."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import Kumaraswamy, Prior, StickBreaking
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["StickBreakingVAE"]


class StickBreakingVAE(VAETopicModel):
    """A stick-breaking posterior (Nalisnick & Smyth, ICLR 2017, arXiv:1605.06197).

        v_k ~ Beta(1, concentration)             k < K: a Dirichlet process, cut off
        theta_k = v_k prod_{j<k} (1 - v_j)       theta_K: what is left
        q(v_k) = Kumaraswamy(a_k, b_k)           v = (1 - u^(1/b))^(1/a), u uniform
        w_d ~ Multinomial(softmax(BN(theta W)))  W: (K, V), unconstrained

    The KL of Kumaraswamy and Beta is the paper's series, with its rest. The paper's decoder is a
    multilayer perceptron of pixels; here it is the one of the other models of text.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = StickBreakingVAE(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = Kumaraswamy
    prior: ClassVar[Callable[..., Prior]] = StickBreaking
    # After 49 breaks 1e-4 of the stick is left, (5/6)^49: K = 50 cuts nothing off.
    _concentration = 5.0
    # softplus(.5) is 1: q begins as Kumaraswamy(1, b), which is the Beta(1, b) of the prior's kind.
    _offsets = (0.5,)

    def _prior(self) -> Prior:
        """The same concentration for every K: K cuts the process off, and does not shape it."""
        if self.prior_concentration is None:
            return StickBreaking(self._concentration)
        return super()._prior()
