"""The series of a Kumaraswamy's E[log(1 - v)] against integrals, and breaks at the edges."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import integrate

from polytopic import latent
from polytopic.latent import Beta, Kumaraswamy
from polytopic.latent.kl import mean_log_rest


def of(a: float, b: float) -> Kumaraswamy:
    return Kumaraswamy(*(torch.tensor([[v]], dtype=torch.float64) for v in (a, b)))


def integral(a: float, b: float) -> float:
    """Over t = log e, with u = exp(-e) and v = (1 - u^(1/b))^(1/a)."""

    def at(t: float) -> float:
        e = np.exp(t)
        log_v = np.log(-np.expm1(-e / b)) / a
        log_rest = np.log(-np.expm1(log_v)) if log_v < -1e-15 else -e / b - np.log(a)
        return float(log_rest * np.exp(t - e))

    with np.errstate(all="ignore"):
        return float(integrate.quad(at, -60, 6, limit=400)[0])


@pytest.mark.parametrize(("a", "off"), [(0.05, 0.002), (1.0, 0.002), (3.0, 0.002), (10.0, 0.02)])
@pytest.mark.parametrize("b", [0.05, 0.3, 1.0, 5.0, 50.0, 20_000.0])
@pytest.mark.filterwarnings("ignore")
def test_the_series_with_its_rest_is_the_integral(a: float, b: float, off: float) -> None:
    assert float(mean_log_rest(of(a, b))) == pytest.approx(integral(a, b), abs=off, rel=1e-6)


def test_a_beta_that_is_a_kumaraswamy_has_no_divergence() -> None:
    """Kumaraswamy(1, b) is Beta(1, b)."""
    for b in (0.3, 1.0, 7.0):
        one, value = torch.ones(1, 1, dtype=torch.float64), torch.full((1, 1), b).double()
        assert float(latent.kl(Kumaraswamy(one, value), Beta(one, value))) == pytest.approx(
            0.0, abs=1e-3
        )


def test_breaks_at_the_edges_stay_finite() -> None:
    heads = torch.tensor([[60.0, -60.0, 0.0, 5.0]]), torch.tensor([[-60.0, 60.0, 0.0, 5.0]])
    for head in heads:
        head.requires_grad_()
    q = Kumaraswamy.from_heads(*heads)
    prior = latent.StickBreaking(5.0).family(4)
    draw = latent.sample(q, "pathwise", torch.Generator().manual_seed(0))
    assert draw.theta.shape == (1, 4)
    assert float(draw.theta.detach().sum()) == pytest.approx(1.0, abs=1e-6)
    (latent.kl(q, prior).sum() + draw.theta[0, 1]).backward()
    assert all(torch.isfinite(head.grad).all() for head in heads if head.grad is not None)
