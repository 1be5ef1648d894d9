"""Divergences: closed forms and estimates against SciPy, gradients against differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from rows import DRAWS, KINDS, SECONDS, SIGMAS, Array, Kind, Parameters

from polytopic import latent
from polytopic.errors import InputError
from polytopic.latent import Dirichlet, Gamma, Gaussian, Weibull
from polytopic.latent import monte_carlo as estimating

DOCUMENTS = 2_000


@dataclass(frozen=True)
class Pair:
    kind: Kind
    other: type
    parameters: Parameters
    density: Callable[[Parameters, Array], Array]
    shared: Parameters

    def __str__(self) -> str:
        return f"{self.kind}-{self.other.__name__}"

    @property
    def closed(self) -> bool:
        return (self.kind.family, self.other) in latent.kl.table

    def p(self, leaves: dict[str, torch.Tensor] | None = None) -> Any:
        """The member that is compared with, of shape (1, K)."""
        own = leaves or {n: torch.tensor(v[None]) for n, v in self.parameters.items()}
        return self.other(**own, **{n: torch.tensor(v) for n, v in self.shared.items()})


def n_topics(parameters: Parameters) -> int:
    return min(map(len, parameters.values()))


def cut(values: Parameters, size: int) -> Parameters:
    """Of as many topics; a factor's rows up to there, which follow each other, are its triangle."""
    lengths = {"factor": size * (size + 1) // 2}
    return {name: value[: lengths.get(name, size)] for name, value in values.items()}


PAIRS = [
    Pair(kind, other, cut(values, n_topics(kind.parameters)), *rest)
    for kind in KINDS
    for other, values, *rest in SECONDS
    if kind.family.space == other.space and n_topics(kind.parameters) <= n_topics(values)
]
CLOSED = [pair for pair in PAIRS if pair.closed]
EVERY = pytest.mark.parametrize("pair", PAIRS, ids=str)
EXACT = pytest.mark.parametrize("pair", CLOSED, ids=str)


def test_every_closed_form_is_tried() -> None:
    assert {(pair.kind.family, pair.other) for pair in CLOSED} == {*latent.kl.table}
    assert 0 < len(CLOSED) < len(PAIRS)


@EVERY
def test_closed_form_is_the_monte_carlo_average(pair: Pair) -> None:
    """And so is what is estimated where there is none."""
    h = pair.kind.posterior(DRAWS).draw(torch.Generator().manual_seed(2)).numpy()
    ratio = pair.kind.density(pair.kind.parameters, h) - pair.density(pair.parameters, h)
    found = latent.kl(pair.kind.posterior(DOCUMENTS), pair.p())
    assert found.shape == (DOCUMENTS,)
    error = 1 / DRAWS + (0 if pair.closed else 1 / (DOCUMENTS * estimating.DRAWS))
    slack = SIGMAS * ratio.std() * math.sqrt(error)
    assert slack < 0.1 * max(ratio.mean(), 0.1)
    assert abs(float(found.mean()) - ratio.mean()) < slack
    assert pair.closed == bool((found == found[0]).all())


@EXACT
def test_gradient_of_both_sides_is_that_of_differences(pair: Pair) -> None:
    """Of the posterior, and of a learned prior."""
    sides = pair.kind.leaves(1), {n: torch.tensor(v[None]) for n, v in pair.parameters.items()}

    def value(*leaves: torch.Tensor) -> torch.Tensor:
        own = dict(zip(sides[0], leaves, strict=False))
        others = dict(zip(sides[1], leaves[len(own) :], strict=True))
        return latent.kl(pair.kind.member(own), pair.p(others))

    leaves = tuple(v.clone().requires_grad_() for side in sides for v in side.values())
    assert torch.autograd.gradcheck(value, leaves, eps=1e-6, atol=1e-6)


@EXACT
def test_gradient_of_the_estimate_is_that_of_the_closed_form(pair: Pair) -> None:
    """Draws that can be differentiated, and those of the Dirichlet, which cannot."""
    found, exact = ({}, {})
    for gradients, divergence in (
        (found, lambda q, p: estimating.monte_carlo_kl(q, p, torch.Generator().manual_seed(5))),
        (exact, latent.kl),
    ):
        own = {n: v.requires_grad_() for n, v in pair.kind.leaves(DOCUMENTS).items()}
        # A prior of each document's own, so that its gradients can be told apart.
        others = {
            n: torch.tensor(v).repeat(DOCUMENTS, 1).requires_grad_()
            for n, v in pair.parameters.items()
        }
        divergence(pair.kind.member(own), pair.p(others)).sum().backward()
        gradients |= {f"q {n}": v.grad for n, v in own.items()}
        gradients |= {f"p {n}": v.grad for n, v in others.items()}
    for name, values in found.items():
        error = SIGMAS * values.std(0) / math.sqrt(DOCUMENTS)
        assert ((values.mean(0) - exact[name][0]).abs() <= error + 1e-9).all(), name
        assert (error < 0.3 + 0.1 * exact[name][0].abs()).all(), name


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.closed], ids=str)
def test_an_estimate_is_repeated_by_its_generator(pair: Pair) -> None:
    q, p = pair.kind.posterior(5), pair.p()

    def drawn(seed: int) -> torch.Tensor:
        return latent.kl(q, p, torch.Generator().manual_seed(seed))

    assert torch.equal(latent.kl(q, p), latent.kl(q, p))
    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nothing_diverges_from_itself(kind: Kind) -> None:
    q = kind.posterior()
    assert float(latent.kl(q, q)) == pytest.approx(0.0, abs=1e-12)


def test_an_exponential_is_a_weibull_and_a_gamma() -> None:
    one, rate = torch.ones(1, 2), torch.tensor([[0.5, 3.0]])
    exponential = latent.kl(Weibull(one, 1 / rate), Gamma(one, rate))
    assert float(exponential) == pytest.approx(0.0, abs=1e-6)


@EXACT
def test_documents_share_one_prior(pair: Pair) -> None:
    """A prior of shape (1, K) against B posteriors."""
    together = latent.kl(pair.kind.posterior(4), pair.p())
    alone = latent.kl(pair.kind.posterior(1), pair.p())
    assert together.shape == (4,)
    assert together.tolist() == pytest.approx([float(alone)] * 4)


def test_densities_over_different_spaces_are_refused() -> None:
    q, p = Dirichlet(torch.ones(1, 2)), Gaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    with pytest.raises(InputError, match=r"Dirichlet against Gaussian: .* simplex, .* the reals"):
        latent.kl(q, p)
