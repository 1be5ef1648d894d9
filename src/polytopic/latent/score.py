"""The score-function gradient: unbiased for every family, of high variance, for comparison."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Generator, Tensor

from polytopic.latent.families import Dirichlet, Family, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.gradients import Draw, register
from polytopic.latent.sticks import Kumaraswamy
from polytopic.latent.weibull import Weibull
from polytopic.whole_batch import summed

__all__ = ["Score", "score_term"]


@dataclass(frozen=True)
class Score:
    """grad E[f] = E[f grad log q(theta)] (Williams 1992; Ranganath, Gerrish & Blei 2014)."""

    def draw(self, posterior: Family, generator: Generator) -> Draw:
        """theta without a gradient, and log q of its h."""
        h = posterior.draw(generator).detach()
        return Draw(posterior.proportions(h), posterior.log_density(h))


def score_term(score: Tensor, signal: Tensor, size: Tensor) -> Tensor:
    """A term of value 0 whose gradient is that of E[signal] through the draw's density, shape (B,).

    The gradient is (signal - baseline) grad(score). The baseline of a document is its size times
    the signal a unit of size of the *other* documents: free of its own draw, hence unbiased.

    Parameters
    ----------
    score : Tensor of shape (B,)
        From a :class:`~polytopic.latent.Draw`.
    signal : Tensor of shape (B,)
        What is maximised, one value a document.
    size : Tensor of shape (B,)
        What a signal grows with: the tokens of each document.
    """
    signal = signal.detach()
    others = (summed(signal.sum()) - signal) / (summed(size.sum()) - size).clamp_min(1e-6)
    advantage = signal - size * others
    return advantage * (score - score.detach())


for _family in (LogisticNormal, Gaussian, GaussianSoftmax, Dirichlet, Weibull, Kumaraswamy):
    # Not FullNormal: log q solves for eps by L, whose rows can be all but alike.
    register(_family, "score", Score())
