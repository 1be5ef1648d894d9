"""The likelihoods of rows against NumPy and SciPy, and their gradients by finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse, stats

from polytopic.autoencoders.rows.decoders import LIKELIHOODS, Gaussian, RowDecoder, SquaredError
from polytopic.autoencoders.rows.encoder import Reading, RowEncoder
from polytopic.autoencoders.rows.noise import AddedNoise, Mask
from polytopic.autoencoders.rows.reading import Rows
from polytopic.nets import CountsBatch

B, V, E = 5, 12, 3


def table(kind: str, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    there = rng.random((B, V)) < 0.4
    if kind == "categorical":
        return rng.poisson(2.0, (B, V)) * there
    values = rng.random((B, V)) if kind == "bernoulli" else rng.normal(size=(B, V))
    return values * there


def batch_of(rows: np.ndarray) -> CountsBatch:
    """All rows as one batch of float64."""
    made = Rows(sparse.csr_matrix(rows), torch.device("cpu"), counts=True)
    made._values = torch.from_numpy(sparse.csr_matrix(rows).data.astype(float))
    made._totals = made._totals.double()
    return made.batch(np.arange(len(rows)))


def decoder_of(kind: str, widths: tuple[int, ...] = (E, 4), **options: Any) -> RowDecoder:
    generator = torch.Generator().manual_seed(1)
    if kind == "gaussian":
        shift = torch.linspace(-1, 1, V)
        options = {"shift": shift, "variance": 0.7} | options
    made = LIKELIHOODS[kind](widths, torch.linspace(-0.5, 0.8, V), generator, **options)
    return made.double()


def codes() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(2).normal(size=(B, E)))


def expected(kind: str, rows: np.ndarray, decoder: Any, h: torch.Tensor) -> np.ndarray:
    mean = decoder.mean(h).detach().numpy()
    if kind == "categorical":
        pairs = zip(rows, mean, strict=True)
        constant = [stats.multinomial.logpmf(x, x.sum(), p / p.sum()) for x, p in pairs]
        ways = [stats.multinomial.logpmf(x, x.sum(), np.full(V, 1 / V)) for x in rows]
        return np.array(constant) - np.array(ways) - rows.sum(1) * np.log(V)
    if kind == "bernoulli":
        return (rows * np.log(mean) + (1 - rows) * np.log1p(-mean)).sum(1)
    return stats.norm.logpdf(rows, mean, 0.7**0.5).sum(1)


@pytest.mark.parametrize("kind", list(LIKELIHOODS))
@pytest.mark.parametrize("widths", [(E,), (E, 4)])
def test_log_likelihood_is_scipy_s(kind: str, widths: tuple[int, ...]) -> None:
    rows, decoder, h = table(kind), decoder_of(kind, widths), codes()
    found = decoder.log_likelihood(h, batch_of(rows)).detach().numpy()
    np.testing.assert_allclose(found, expected(kind, rows, decoder, h), rtol=1e-6)


@pytest.mark.parametrize("kind", list(LIKELIHOODS))
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    batch, decoder = batch_of(table(kind)), decoder_of(kind)
    h = codes().requires_grad_()

    def value(h: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            decoder.weight.copy_(weight)
            decoder.bias.copy_(bias)
        parameters = {"weight": weight, "bias": bias}
        called = torch.func.functional_call(_Likelihood(decoder, batch), {
            f"decoder.{name}": tensor for name, tensor in parameters.items()
        }, (h,))  # fmt: skip
        return called

    weight = decoder.weight.detach().clone().requires_grad_()
    bias = decoder.bias.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(value, (h, weight, bias))


class _Likelihood(torch.nn.Module):
    def __init__(self, decoder: RowDecoder, batch: CountsBatch) -> None:
        super().__init__()
        self.decoder, self.batch = decoder, batch

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        return self.decoder.log_likelihood(h, self.batch)


def test_a_learned_variance_has_its_gradient() -> None:
    batch, decoder = batch_of(table("gaussian")), decoder_of("gaussian", variance=None)
    assert isinstance(decoder, Gaussian)
    value = decoder.log_likelihood(codes(), batch).sum()
    (found,) = torch.autograd.grad(value, decoder.log_variance)
    error = decoder.squared_error(codes(), batch).sum().item()
    assert found.item() == pytest.approx(0.5 * error - 0.5 * B * V)


def test_squared_error_is_that_of_dense_rows() -> None:
    rows = table("gaussian")
    generator = torch.Generator().manual_seed(1)
    shift = torch.linspace(-1, 1, V)
    decoder = SquaredError((E, 4), torch.zeros(V), generator, shift=shift).double()
    found = -decoder.log_likelihood(codes(), batch_of(rows)).detach().numpy()
    whole = np.square(rows - decoder.mean(codes()).detach().numpy()).sum(1)
    np.testing.assert_allclose(found, whole, rtol=1e-9)


@pytest.mark.parametrize("hidden", [(), (4,), (6, 4)])
@pytest.mark.parametrize("counts", [True, False])
def test_the_encoder_is_its_dense_formula(hidden: tuple[int, ...], counts: bool) -> None:
    rows = table("categorical" if counts else "gaussian")
    rng = np.random.default_rng(3)
    weight, center = rng.random(V) + 0.5, rng.normal(size=V) * (not counts)
    reading = Reading(torch.from_numpy(weight), torch.from_numpy(center), counts)
    generator = torch.Generator().manual_seed(0)
    encoder = RowEncoder(
        reading, hidden, dim=E, n_heads=2, noise=Mask(0.5), normalized=False, generator=generator
    ).double()
    found = torch.cat(encoder(batch_of(rows), None), 1).detach().numpy()
    u = np.log1p(rows) * weight if counts else rows * weight - center
    u = u / np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-12) if counts else u
    state = {name: value.numpy() for name, value in encoder.state_dict().items()}
    z = u @ state["first"] + state["first_bias"]
    if hidden:
        z = np.logaddexp(z, 0)
        for n in range(len(hidden) - 1):
            z = np.logaddexp(z @ state[f"layers.weights.{n}"] + state[f"layers.biases.{n}"], 0)
        z = np.hstack([z @ state[f"heads.{n}"] + state[f"head_biases.{n}"] for n in range(2)])
    np.testing.assert_allclose(found, z, atol=1e-10)


def test_encoder_gradients_are_those_of_finite_differences() -> None:
    rows = table("gaussian")
    ones = torch.ones(V, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    encoder = RowEncoder(
        Reading(ones, 0.1 * ones, False), (4,), dim=E, n_heads=1, noise=AddedNoise(0.3),
        normalized=False, generator=generator,
    ).double()  # fmt: skip
    batch, names = batch_of(rows), [name for name, _ in encoder.named_parameters()]

    def value(*tensors: torch.Tensor) -> torch.Tensor:
        noise = torch.Generator().manual_seed(7)
        given = dict(zip(names, tensors, strict=True))
        return torch.func.functional_call(encoder, given, (batch, noise))[0]

    tensors = [value.detach().clone().requires_grad_() for value in encoder.parameters()]
    assert torch.autograd.gradcheck(value, tensors)
