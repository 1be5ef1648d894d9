"""The algebra of the latent variables: posterior families, gradients, priors, divergences.

Nothing here knows of text or of networks: a family is a few tensors of shape (B, K).
"""

from polytopic.latent.families import Dirichlet, Family, LogisticNormal
from polytopic.latent.gradients import GRADIENTS, sample
from polytopic.latent.kl import kl
from polytopic.latent.priors import DirichletPrior, LaplaceDirichlet, Prior

__all__ = [
    "GRADIENTS",
    "Dirichlet",
    "DirichletPrior",
    "Family",
    "LaplaceDirichlet",
    "LogisticNormal",
    "Prior",
    "kl",
    "sample",
]
