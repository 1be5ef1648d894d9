"""The algebra of the latent variables: posterior families, gradients, priors, divergences.

Nothing here knows of text or of networks: a family is a few tensors of shape (B, K).
"""

from polytopic.latent.approximate import InverseCDF, Laplace
from polytopic.latent.families import Dirichlet, Family, Gaussian, GaussianSoftmax, LogisticNormal
from polytopic.latent.full_normal import FullNormal
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
    StickBreaking,
)
from polytopic.latent.rejection import Rejection
from polytopic.latent.score import Score, score_term
from polytopic.latent.sticks import Beta, Kumaraswamy
from polytopic.latent.weibull import Weibull

__all__ = [
    "GRADIENTS",
    "Beta",
    "Dirichlet",
    "DirichletPrior",
    "Draw",
    "Family",
    "FullNormal",
    "Gamma",
    "GammaPrior",
    "Gaussian",
    "GaussianSoftmax",
    "Gradient",
    "Implicit",
    "InverseCDF",
    "Kumaraswamy",
    "Laplace",
    "LaplaceDirichlet",
    "LogisticNormal",
    "Member",
    "Pathwise",
    "Prior",
    "Rejection",
    "Score",
    "StandardNormal",
    "StickBreaking",
    "Weibull",
    "kl",
    "sample",
    "score_term",
]
