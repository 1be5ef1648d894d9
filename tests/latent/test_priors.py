"""Priors: their members, their errors, and concentrations learned with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from polytopic import latent
from polytopic.errors import InputError
from polytopic.latent import Dirichlet, DirichletPrior, GammaPrior, LaplaceDirichlet, StandardNormal
from polytopic.topics.vae.dirichlet_vae import DirichletVAE
from polytopic.topics.vae.elbo import TopicVAE

from planting import planted

QUICK: dict[str, Any] = {
    "n_topics": 4, "dim": 16, "hidden": 8, "epochs": 3, "batch_size": 50, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip


def test_standard_normal() -> None:
    member = StandardNormal().family(3)
    assert member.location.tolist() == member.log_variance.tolist() == [[0.0, 0.0, 0.0]]


def test_laplace_is_the_paper_s_formula() -> None:
    a = np.array([0.2, 1.0, 3.0])
    member = LaplaceDirichlet(tuple(a)).family(3)
    assert member.location.numpy()[0] == pytest.approx(np.log(a) - np.log(a).mean(), rel=1e-6)
    variance = (1 / a) * (1 - 2 / 3) + (1 / 9) * (1 / a).sum()
    assert member.log_variance.exp().numpy()[0] == pytest.approx(variance, rel=1e-6)


def test_one_number_serves_every_topic() -> None:
    assert DirichletPrior(0.02).family(4).concentration.tolist() == [[pytest.approx(0.02)] * 4]
    member = GammaPrior(2, (1.0, 0.5)).family(2)
    assert (member.shape.tolist(), member.rate.tolist()) == ([[2.0, 2.0]], [[1.0, 0.5]])


def test_another_number_of_values_than_topics_is_refused() -> None:
    with pytest.raises(InputError, match="2 values for 3 topics"):
        DirichletPrior((0.1, 0.2)).family(3)
    with pytest.raises(InputError, match="rate: 1 values for 3 topics"):
        GammaPrior(1.0, (0.1,)).family(3)


@pytest.mark.parametrize("value", [0.0, -1.0, (0.1, float("nan")), float("inf")])
def test_numbers_that_are_not_positive_are_refused(value: Any) -> None:
    for prior in (DirichletPrior(value), LaplaceDirichlet(value), GammaPrior(value)):
        with pytest.raises(InputError, match="Give positive, finite numbers"):
            prior.family(2)


# ---- learned with the model ----------------------------------------------------------------------


class Learned(DirichletVAE):
    prior = staticmethod(lambda concentration: DirichletPrior(concentration, learned=True))


def module_of(kind: type[DirichletVAE], **changes: Any) -> TopicVAE:
    return kind(**QUICK | changes).fit(planted()[0]).module_


@pytest.fixture(scope="module")
def learned() -> TopicVAE:
    return module_of(Learned)


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_learned_concentrations_move_and_stay_positive(learned: TopicVAE) -> None:
    concentration = learned.prior.concentration
    assert concentration.shape == (1, 4)
    assert (concentration > 0).all()
    assert not torch.allclose(concentration, torch.tensor(0.1), rtol=0.01)


def test_learned_prior_is_a_parameter_with_a_rate_of_its_own(learned: TopicVAE) -> None:
    assert "log_prior_concentration" in dict(learned.named_parameters())
    assert "prior_concentration" not in dict(learned.named_buffers())
    *_, group = learned.groups(0.01)
    assert [tuple(p.shape) for p in group["params"]] == [(1, 4)]
    fixed = module_of(DirichletVAE, epochs=1)
    assert len(fixed.groups(0.01)) == 2
    assert "prior_concentration" in dict(fixed.named_buffers())


def test_learned_prior_comes_back_from_the_state(learned: TopicVAE, tmp_path: Path) -> None:
    other = module_of(Learned, epochs=1)
    assert not torch.equal(other.prior.concentration, learned.prior.concentration)
    other.load_state_dict(learned.state_dict())
    assert torch.equal(other.prior.concentration, learned.prior.concentration)


def test_prior_fitted_by_the_divergence_alone_is_the_posterior() -> None:
    target = torch.tensor([[0.05, 0.3, 2.0]])
    log = torch.full((1, 3), 0.1).log().requires_grad_()
    optimizer = torch.optim.Adam([log], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        latent.kl(Dirichlet(target), Dirichlet(log.exp())).sum().backward()
        optimizer.step()
    assert log.exp().detach().numpy() == pytest.approx(target.numpy(), rel=1e-2)


@pytest.mark.parametrize("gradient", [n for family, n in latent.GRADIENTS if family is Dirichlet])
@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_every_gradient_trains_a_model(gradient: str) -> None:
    """The bound falls; the loss is the bound and the regularisers, whatever the gradient adds."""
    model = DirichletVAE(**QUICK | {"gradient": gradient, "epochs": 6, "diversity": 0.0})
    history = model.fit(planted()[0]).history_
    assert history[-1]["bound"] < history[0]["bound"]
    assert history[-1]["loss"] == pytest.approx(history[-1]["bound"], rel=1e-6)
