"""The algebra of the latent variables: posterior families, gradients, priors, divergences.

Nothing here knows of text or of networks: a family is a few tensors of shape (B, K).
"""

from polytopic.latent.approximate import InverseCDF, Laplace
from polytopic.latent.families import Dirichlet, Family, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.gamma import Gamma
from polytopic.latent.gradients import GRADIENTS, Draw, Gradient, Implicit, Pathwise, sample
from polytopic.latent.kl import kl
from polytopic.latent.priors import (
    DirichletPrior,
    GammaPrior,
    LaplaceDirichlet,
    Member,
    Prior,
    StandardNormal,
)
from polytopic.latent.rejection import Rejection
from polytopic.latent.score import Score, score_term
from polytopic.latent.weibull import Weibull

__all__ = [
    "GRADIENTS",
    "Dirichlet",
    "DirichletPrior",
    "Draw",
    "Family",
    "Gamma",
    "GammaPrior",
    "Gaussian",
    "GaussianSoftmax",
    "Gradient",
    "Implicit",
    "InverseCDF",
    "Laplace",
    "LaplaceDirichlet",
    "LogisticNormal",
    "Member",
    "Pathwise",
    "Prior",
    "Rejection",
    "Score",
    "StandardNormal",
    "Weibull",
    "kl",
    "sample",
    "score_term",
]
