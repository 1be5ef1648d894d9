"""DirichletVAE: a Dirichlet posterior with implicit gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from polytopic.latent import Dirichlet, DirichletPrior, Prior
from polytopic.parameters import parameter
from polytopic.topics.vae.model import VAETopicModel

__all__ = ["DirichletVAE"]


class DirichletVAE(VAETopicModel):
    """A Dirichlet posterior in place of the logistic normal (Burkhardt & Kramer, JMLR 2019).

        theta ~ Dirichlet(concentration)          (D, K)
        w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained

    The posterior's concentrations are a softplus of the encoder's output. ``gradient`` says how a
    draw is differentiated: "implicit" (Figurnov, Mohamed & Mnih, NeurIPS 2018; the default),
    "rejection" and "rejection-corrected" (Naesseth et al., AISTATS 2017), "inverse-cdf" (Joo, Lee,
    Park & Moon, 2019), "laplace" or "score".

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = DirichletVAE(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    start: Any = parameter(default="chosen")

    posterior = Dirichlet
    prior: ClassVar[Callable[..., Prior]] = DirichletPrior
    _gradient = "implicit"
    # By the figures of benchmarks/topics.py, on 20ng-5k; see VAETopicModel for what each is.
    _concentration = 0.1

    _reading_power: ClassVar[float] = 0.15
    """Of the normalisation where topics are read, .25 in training: the lower, the commoner the
    words that lead and the more topics share them. Chosen on 20ng-5k, nyt-10k and snippets as the
    lowest that leaves nine of ten leading words different (`benchmarks/reading_power.py`)."""

    def _options_of(self, decoder: str) -> Mapping[str, Any]:
        return {"reading_power": self._reading_power} if decoder == "product" else {}
