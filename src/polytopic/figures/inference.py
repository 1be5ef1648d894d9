"""Figures of variational inference: directions of the KL, and two gradients."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import numpy as np
import torch
from numpy.typing import NDArray

from polytopic import latent
from polytopic.figures.making import Drawing

__all__ = ["gradient_variance", "kl_directions"]

TARGET = (-2.0, 2.0), 0.6
"""Centres and deviation of the two bumps."""

_STEPS = 2000
"""Of Adam, after which location and deviation stand still to the third decimal."""

_DIMENSIONS = (1, 2, 4, 8, 16, 32, 64)
"""At which gradients are compared."""

_DRAWS = 4000
"""Of a gradient: its variance is known to three per cent."""

Floats = NDArray[np.float64]


def kl_directions(data: Path | None = None) -> Drawing:
    """The two-bump target and the Gaussians nearest to it in either direction of the KL."""
    x = np.linspace(-7, 7, 561)
    (left, right), deviation = TARGET
    stretched = (left + right) / 2, float(np.hypot(deviation, (right - left) / 2))
    found = {"KL(p || q): stretches": stretched, "KL(q || p): squeezes": squeezed(x)}
    told = [f"{name}: location {at:.2f}, deviation {s:.2f}" for name, (at, s) in found.items()]
    curves = {"p, the target": bumps(x)}
    for name, (location, deviation) in found.items():
        q = latent.Gaussian(torch.tensor([location]), torch.tensor([2 * np.log(deviation)]))
        curves[name] = q.log_density(torch.from_numpy(x)[:, None]).exp().numpy()
    rows = [
        {"x": round(float(place), 3), "density": round(float(value), 5), "curve": name}
        for name, curve in curves.items()
        for place, value in zip(x, curve, strict=True)
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line()
        .encode(
            x=alt.X("x:Q", title="h"),
            y="density:Q",
            color=alt.Color("curve:N", sort=None, title=None),
        )
        .properties(width=420, height=220)
    )
    return Drawing(chart.to_dict(), told)


def bumps(x: Floats) -> Floats:
    """Density of the target."""
    centres, deviation = TARGET
    z = (x[:, None] - np.array(centres)) / deviation
    density: Floats = np.exp(-0.5 * z**2).mean(1) / (deviation * np.sqrt(2 * np.pi))
    return density


def squeezed(x: Floats, start: float = 0.5) -> tuple[float, float]:
    """Location and deviation of the Gaussian q with the least KL(q || p), on a grid."""
    parameters = torch.tensor([start, 0.0], dtype=torch.float64, requires_grad=True)
    log_p, grid = torch.from_numpy(np.log(bumps(x))), torch.from_numpy(x)
    optimizer = torch.optim.Adam([parameters], lr=0.02)
    for _ in range(_STEPS):
        q = latent.Gaussian(parameters[:1], parameters[1:])
        log_q = q.log_density(grid[:, None])
        loss = (log_q.exp() * (log_q - log_p)).sum() * (x[1] - x[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    location, log_variance = parameters.tolist()
    return location, float(np.exp(log_variance / 2))


def gradient_variance(data: Path | None = None) -> Drawing:
    """Variance of one draw's gradient of E_q[-|h - 1|^2] on q's locations, mean a dimension."""
    rows, told = [], []
    for dim in _DIMENSIONS:
        variances = {name: _variance(name, dim) for name in ("pathwise", "score")}
        rows += [
            {"dimensions": dim, "gradient": name, "variance": value}
            for name, value in variances.items()
        ]
        told.append(f"{dim} dimensions: " + ", ".join(f"{n} {v:.3g}" for n, v in variances.items()))
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("dimensions:Q", scale=alt.Scale(type="log", base=2)),
            y=alt.Y("variance:Q", scale=alt.Scale(type="log"), title="variance of a draw"),
            color=alt.Color("gradient:N", title=None),
        )
        .properties(width=320, height=220)
    )
    return Drawing(chart.to_dict(), told)


def _variance(name: str, dim: int) -> float:
    location = torch.zeros(_DRAWS, dim, requires_grad=True)
    q = latent.Gaussian(location, torch.zeros(1, dim))
    draw = latent.sample(q, name, torch.Generator().manual_seed(0))
    signal = -(draw.theta - 1).square().sum(1)
    if draw.score is not None:
        signal = latent.score_term(draw.score, signal, torch.ones(_DRAWS))
    (gradient,) = torch.autograd.grad(signal.sum(), location)
    return float(gradient.var(0).mean())
