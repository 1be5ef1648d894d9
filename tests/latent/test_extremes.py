"""float32 at the ends of the range: no NaN and no infinity in draws, gradients and divergences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rows import KINDS
from scipy import stats

from polytopic import latent
from polytopic.latent import (
    GRADIENTS,
    Dirichlet,
    Rejection,
)

SIZES = [1e-3, 1e-2, 0.1, 1.0, 30.0, 1e3]
NAMES = [name for family, name in GRADIENTS if family is Dirichlet]
MIXED = "mixed"
KIND_OF = {kind.family: kind for kind in KINDS}


def check(q: object, gradient: str, leaves: list[torch.Tensor]) -> None:
    """Draw, objective, score and divergence with their gradients."""
    draw = latent.sample(q, gradient, torch.Generator().manual_seed(0))
    rows, n_topics = draw.theta.shape
    fit = (draw.theta * torch.linspace(-300.0, 0.0, n_topics)).sum(1)
    divergence = latent.kl(q, KIND_OF[type(q)].prior.family(n_topics))
    loss = (divergence - fit).mean()
    if draw.score is not None:
        assert torch.isfinite(draw.score).all()
        loss = loss - latent.score_term(draw.score, fit, torch.ones(rows)).mean()
    loss.backward()
    for value in (draw.theta, divergence, q.mean(), q.center(), *(leaf.grad for leaf in leaves)):
        assert torch.isfinite(value).all()
    if KIND_OF[type(q)].shares:
        assert draw.theta.sum(1).detach().numpy() == pytest.approx(np.ones(rows), abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [*SIZES, MIXED])
def test_dirichlet_is_finite(name: str, size: float | str) -> None:
    if size == MIXED:
        concentration = torch.logspace(-3, 3, 20).repeat(64, 1)
    else:
        concentration = torch.full((64, 20), size)
    concentration.requires_grad_()
    check(Dirichlet(concentration), name, [concentration])


@pytest.mark.parametrize("name", [n for n in NAMES if n != "laplace"])
def test_tiny_concentrations_choose_one_topic(name: str) -> None:
    """E[max theta] of Dirichlet(.001, .001) by SciPy's Beta; even draws would pull it down."""
    concentration = torch.full((20_000, 2), 1e-3, requires_grad=True)
    theta = latent.sample(Dirichlet(concentration), name, torch.Generator().manual_seed(0)).theta
    half = stats.beta(1.001, 1e-3).sf(0.5)  # E[max] = 2 E[theta; theta > 1/2]
    found = theta.max(1).values.detach().double()
    error = 4.5 * float(found.std()) / len(found) ** 0.5
    assert float(found.mean()) == pytest.approx(half, abs=error)
    if theta.requires_grad:
        theta[:, 0].sum().backward()
        assert torch.isfinite(concentration.grad).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("augmentation", [1, 3])
def test_rejection_with_little_augmentation_is_finite(size: float, augmentation: int) -> None:
    concentration = torch.full((64, 20), size, requires_grad=True)
    gradient = Rejection(augmentation, corrected=True)
    draw = latent.sample(Dirichlet(concentration), gradient, torch.Generator().manual_seed(1))
    (draw.theta[:, 0].sum() + draw.score.sum()).backward()
    assert torch.isfinite(draw.theta).all()
    assert torch.isfinite(concentration.grad).all()


@pytest.mark.parametrize(("family", "name"), [*GRADIENTS], ids=lambda part: str(part))
@pytest.mark.parametrize("size", [-30.0, -8.0, 0.0, 8.0])
def test_heads_of_any_size_make_a_finite_posterior(family: type, name: str, size: float) -> None:
    heads = [
        (size + torch.randn(64, 20, generator=torch.Generator().manual_seed(i))).requires_grad_()
        for i in range(family.n_heads or 1 + 20)  # none said: the location and a row a topic
    ]
    check(family.from_heads(*heads), name, heads)


def test_dirichlet_divergence_in_float32_errs_by_rounding_alone() -> None:
    """Its largest terms set the scale: lgamma of the total, and the sums that cancel it."""
    rng = np.random.default_rng(0)
    a = torch.tensor(np.exp(rng.uniform(np.log(1e-3), np.log(1e3), (200, 50))))
    b = torch.full((1, 50), 0.02, dtype=torch.float64)
    exact = latent.kl(Dirichlet(a), Dirichlet(b))
    single = latent.kl(Dirichlet(a.float()), Dirichlet(b.float())).double()
    total = a.sum(1, keepdim=True)
    digammas = torch.digamma(a).abs() + torch.digamma(total).abs()
    largest = torch.lgamma(total[:, 0]) + (a * digammas).sum(1)
    assert ((single - exact).abs() < torch.finfo(torch.float32).eps * largest).all()
