"""The variational autoencoder: each row a Gaussian over vectors, with a standard normal prior."""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.autoencoders.rows.base import BaseAutoencoder
from polytopic.autoencoders.rows.decoders import LIKELIHOODS, Gaussian
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.autoencoders.rows.modules import VariationalCode
from polytopic.autoencoders.rows.noise import Mask, Noise
from polytopic.autoencoders.rows.reading import Preparation
from polytopic.base import seed_from
from polytopic.errors import InputError, MethodMissingError
from polytopic.nets import Objective
from polytopic.nets.threads import one_thread
from polytopic.parameters import NONE, AnyOf, Choice, Integer, Real, attribute, parameter
from polytopic.training.loop import Outcome

__all__ = ["VAE"]

_HIDDEN = 0.3
"""Share of a row of counts that is hidden, as by the topic models."""

_BLOCK = 512
"""Samples decoded at once: bounds what is held, changes no number."""


class VAE(BaseAutoencoder):
    """Auto-encoding variational Bayes (Kingma & Welling, ICLR 2014, arXiv:1312.6114).

    h ~ N(0, I)                                     (D, E)
    x | h ~ the likelihood of decoder(h)
    q(h | x) = N(location(x), diag(exp(log_variance(x))))
    bound = E_q[log p(x | h)] - KL(q(h | x) || N(0, I))     the KL in closed form

    Attributes
    ----------
    variance_ : float
        Of the Gaussian likelihood, in squared units of the data.

    Examples
    --------
    >>> import numpy as np, polytopic as pt
    >>> counts = np.random.default_rng(0).poisson(1.0, size=(60, 12))
    >>> model = pt.VAE(dim=3, epochs=2, random_state=0).fit(counts)
    >>> model.transform(counts).shape, model.sample(5, random_state=0).shape
    ((60, 3), (5, 12))
    """

    likelihood: str = parameter(
        text="Counts (a softmax over the terms), real numbers, or entries in [0, 1].",
        default="categorical",
    )
    variance: float | None = parameter(
        AnyOf(NONE, Real(0, open_low=True)),
        "Of an entry under the Gaussian likelihood, in squared units of the data; by default "
        "learned, one for all entries. ``variance_`` holds it. Other likelihoods have none.",
        default=None,
    )
    beta: float = parameter(
        Real(0),
        "Weight of the KL in the loss (Higgins et al., ICLR 2017); 1 is the bound.",
        default=1.0,
    )
    gradient: str = parameter(
        Choice(("pathwise", "score")),
        "How a draw of h is differentiated: through it, or by the score function (of high "
        "variance, for comparison).",
        default="pathwise",
    )
    kl_warm_up: float = parameter(
        Real(0, 1), "Share of the training over which the KL weight rises to one.", default=0.0
    )
    free_bits: float = parameter(
        Real(0),
        "Nats of KL a dimension that cost the same whether used or not (Kingma et al. 2016).",
        default=0.0,
    )
    dropout: float | None = parameter(
        AnyOf(NONE, Real(0, 1, open_high=True)),
        "Share of a row's entries hidden from the encoder at each step; the bound stays one. By "
        "default .3, and 0 of real numbers, each of which says what no other does.",
        default=None,
    )

    _n_heads: ClassVar[int] = 2
    """Location and log-variance."""
    module_: VariationalCode = attribute()

    def _noise(self) -> Noise:
        usual = 0.0 if self.likelihood == "gaussian" else _HIDDEN
        return Mask(usual if self.dropout is None else self.dropout)

    def _units(self, prepared: Preparation) -> dict[str, float]:
        """Nats of the data as given, as :meth:`score`: a density knows its units."""
        if self.likelihood != "gaussian":
            return {}
        entry = math.log(prepared.scale)
        row = entry * self.n_features_in_
        return {"loss": row, "bound": row, "held_out": entry}

    def _finish(self, outcome: Outcome) -> None:
        units = self._units(self._prepared)
        if units:
            outcome.history = [
                {name: value + units.get(name, 0.0) for name, value in record.items()}
                for record in outcome.history
            ]
        super()._finish(outcome)

    def _module(
        self, encoder: RowEncoder, prepared: Preparation, widths: list[int],
        generator: torch.Generator,
    ) -> VariationalCode:  # fmt: skip
        options: dict[str, Any] = {}
        if self.likelihood == "gaussian":
            given = self.variance
            options["shift"] = torch.from_numpy(prepared.shift).float()
            options["variance"] = None if given is None else given / prepared.scale**2
        return VariationalCode(
            encoder,
            self._decoder(LIKELIHOODS[self.likelihood], prepared, widths, generator, **options),
            gradient=self.gradient,
            objective=Objective(beta=self.beta, free_bits=self.free_bits),
        )

    @property
    def variance_(self) -> float:
        """Of an entry under the Gaussian likelihood, in squared units of the data."""
        self._require_fitted("module_")
        decoder = self.module_.decoder
        if not isinstance(decoder, Gaussian):
            raise MethodMissingError(f'variance_: likelihood="{self.likelihood}" has no variance.')
        return math.exp(float(decoder.log_variance.detach())) * self._prepared.scale**2

    def posterior(self, X: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and deviation of q(h | x) of each row, two arrays of shape (D, E)."""
        self._require_fitted("module_")

        def both(batch: Any) -> torch.Tensor:
            q = self.module_.moments(batch)
            return torch.cat([q.location, torch.exp(0.5 * q.log_variance)], 1)

        found = self._by_block(X, both, 2 * self.dim, tell=True)
        return found[:, : self.dim], found[:, self.dim :]

    def score_samples(self, X: Any, *, samples: int = 64) -> NDArray[np.float64]:
        """The importance-weighted bound on log p(x) of each row in nats, shape (D,).

        log of the mean over S draws of p(x | h) p(h) / q(h | x) (Burda, Grosse & Salakhutdinov,
        ICLR 2016, eq. 8), which rises to log p(x) with S; for counts without the multinomial's
        constant. The draws' noise is the same for every row and every call.
        """
        self._require_fitted("module_")
        _at_least_one(samples=samples)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(samples, self.dim, generator=generator)
        bound = self._by_block(X, lambda batch: self.module_.weighted_bound(batch, noise), 1)
        jacobian = self.n_features_in_ * math.log(self._prepared.scale)
        return np.asarray(bound[:, 0] - np.float64(jacobian))

    def score(self, X: Any, y: Any = None, *, samples: int = 64) -> float:
        """The mean of :meth:`score_samples`; more is better."""
        return float(self.score_samples(X, samples=samples).mean())

    def sample(
        self, n_samples: int = 1, *, n_tokens: int = 100, random_state: Any = None
    ) -> NDArray[np.float32] | sparse.csr_matrix:
        """Rows from the model: h from the prior, then x given h.

        Returns
        -------
        array of shape (n_samples, V), or a CSR matrix of counts
            Each row of counts adds up to ``n_tokens``.
        """
        self._require_fitted("module_")
        _at_least_one(n_samples=n_samples, n_tokens=n_tokens)
        generator = torch.Generator().manual_seed(seed_from(random_state))
        decoder = self.module_.decoder
        blocks: list[Any] = []
        with torch.no_grad(), one_thread():
            for first in range(0, n_samples, _BLOCK):
                n = min(_BLOCK, n_samples - first)
                h = torch.randn(n, self.dim, generator=generator)
                drawn = decoder.draw(h, generator, n_tokens).numpy()
                if self.likelihood == "categorical":
                    blocks.append(sparse.csr_matrix(drawn))
                else:
                    blocks.append(self._prepared.outputs(drawn))
        if self.likelihood == "categorical":
            return cast(sparse.csr_matrix, sparse.vstack(blocks, format="csr"))
        return np.concatenate(blocks)


def _at_least_one(**given: Any) -> None:
    for name, value in given.items():
        if not Integer(1).accepts(value):
            raise InputError(f"{name}: {value!r} given. It must be {Integer(1).describe()}.")
