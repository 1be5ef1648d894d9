"""Draws what docs/from-autoencoder-to-topic-model.md shows, and prints the numbers it names.

python docs/make_autoencoder_figures.py                    # needs polytopic[all]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import torch
from numpy.typing import NDArray

import polytopic as pt
from polytopic import latent

IMAGES = Path(__file__).parent / "images"
THEMES = {
    "kitchen": "pizza cheese bread oven salt soup olive waiter wine dough",
    "road": "engine car brake tyre road clutch wheel fuel motor lights",
    "cells": "cell gene protein enzyme tissue membrane virus nucleus mutation blood",
    "court": "judge law court jury trial witness verdict lawyer appeal crime",
}
COMMON = "day time people work place year hand good small long"
TARGET = (-2.0, 2.0), 0.6
"""Centres and deviation of the two bumps."""


def documents(n: int = 300, seed: int = 0) -> tuple[list[str], list[str]]:
    """Texts of 6 to 24 words, seven in ten from one theme, the others from all; and themes."""
    rng = np.random.default_rng(seed)
    words = {theme: text.split() for theme, text in THEMES.items()}
    rest = [*COMMON.split() * 3, *(word for own in words.values() for word in own)]
    labels = [str(theme) for theme in rng.choice(list(words), n)]
    texts = []
    for theme in labels:
        own = rng.random(int(rng.integers(6, 25))) < 0.7
        texts.append(" ".join(rng.choice(words[theme] if from_own else rest) for from_own in own))
    return texts, labels


def planes() -> Any:
    """The same documents in the latent planes of the three autoencoders."""
    texts, labels = documents()
    corpus = pt.Corpus.from_texts(texts, labels=labels, min_df=1, max_df=1.0, stop_words=None)
    panels = []
    for model in (
        pt.Autoencoder(dim=2, hidden=50, epochs=60, batch_size=50, random_state=0),
        pt.DenoisingAutoencoder(dim=2, hidden=50, epochs=60, batch_size=50, random_state=0),
        pt.VAE(dim=2, hidden=50, epochs=60, batch_size=50, random_state=0),
    ):
        found = pt.report.latent_map(model.fit(corpus), corpus)
        panels.append(found.figure(width=230, height=230).properties(title=type(model).__name__))
        if isinstance(model, pt.VAE):
            traversal = pt.report.latent_traversal(model, n_terms=12)
            traversal.write(IMAGES / "latent-traversal.svg")
    return alt.hconcat(*panels)


def bumps(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of the target."""
    centres, deviation = TARGET
    z = (x[:, None] - np.array(centres)) / deviation
    density: NDArray[np.float64] = np.exp(-0.5 * z**2).mean(1) / (deviation * np.sqrt(2 * np.pi))
    return density


def squeezed(x: NDArray[np.float64], start: float = 0.5) -> tuple[float, float]:
    """Location and deviation of the Gaussian q with the least KL(q || p), on a grid."""
    parameters = torch.tensor([start, 0.0], dtype=torch.float64, requires_grad=True)
    log_p, grid = torch.from_numpy(np.log(bumps(x))), torch.from_numpy(x)
    optimizer = torch.optim.Adam([parameters], lr=0.02)
    for _ in range(2000):
        q = latent.Gaussian(parameters[:1], parameters[1:])
        log_q = q.log_density(grid[:, None])
        loss = (log_q.exp() * (log_q - log_p)).sum() * (x[1] - x[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    location, log_variance = parameters.tolist()
    return location, float(np.exp(log_variance / 2))


def directions() -> Any:
    """The two-bump target and the Gaussians nearest to it in either direction of the KL."""
    x = np.linspace(-7, 7, 561)
    (left, right), deviation = TARGET
    stretched = (left + right) / 2, float(np.hypot(deviation, (right - left) / 2))
    found = {"KL(p || q): stretches": stretched, "KL(q || p): squeezes": squeezed(x)}
    print({name: tuple(round(value, 2) for value in pair) for name, pair in found.items()})
    curves = {"p, the target": bumps(x)}
    for name, (location, deviation) in found.items():
        q = latent.Gaussian(torch.tensor([location]), torch.tensor([2 * np.log(deviation)]))
        curves[name] = q.log_density(torch.from_numpy(x)[:, None]).exp().numpy()
    rows = [
        {"x": round(float(place), 3), "density": round(float(value), 5), "curve": name}
        for name, curve in curves.items()
        for place, value in zip(x, curve, strict=True)
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line()
        .encode(
            x=alt.X("x:Q", title="h"),
            y="density:Q",
            color=alt.Color("curve:N", sort=None, title=None),
        )
        .properties(width=420, height=220)
    )


def gradient_variances(dims: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)) -> Any:
    """Variance of one draw's gradient of E_q[-|h - 1|^2] on q's locations, mean a dimension."""
    rows = []
    for dim in dims:
        variances = {}
        for name in ("pathwise", "score"):
            location = torch.zeros(4000, dim, requires_grad=True)
            q = latent.Gaussian(location, torch.zeros(1, dim))
            draw = latent.sample(q, name, torch.Generator().manual_seed(0))
            signal = -(draw.theta - 1).square().sum(1)
            if draw.score is not None:
                signal = latent.score_term(draw.score, signal, torch.ones(4000))
            (gradient,) = torch.autograd.grad(signal.sum(), location)
            variances[name] = float(gradient.var(0).mean())
            rows.append({"dimensions": dim, "gradient": name, "variance": variances[name]})
        print(dim, {name: round(value, 2) for name, value in variances.items()})
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("dimensions:Q", scale=alt.Scale(type="log", base=2)),
            y=alt.Y("variance:Q", scale=alt.Scale(type="log"), title="variance of a draw"),
            color=alt.Color("gradient:N", title=None),
        )
        .properties(width=320, height=220)
    )


def simplexes(n: int = 300) -> Any:
    """Draws of a Dirichlet on three topics, at three concentrations."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])
    edge = alt.Data(
        values=[{"x": x, "y": y, "at": at} for at, (x, y) in enumerate(corners[[0, 1, 2, 0]])]
    )
    panels = []
    for alpha in (0.01, 1.0, 100.0):
        q = latent.Dirichlet(torch.full((n, 3), alpha))
        theta = q.proportions(q.draw(torch.Generator().manual_seed(0))).numpy()
        print(alpha, "largest share above .99:", round(float((theta.max(1) > 0.99).mean()), 3))
        points = [{"x": float(x), "y": float(y)} for x, y in (theta @ corners).round(4)]
        axes = {"x": alt.X("x:Q", axis=None), "y": alt.Y("y:Q", axis=None)}
        dots = alt.Chart(alt.Data(values=points)).mark_circle(size=14, opacity=0.35)
        line = alt.Chart(edge).mark_line(color="#999").encode(order="at:O", **axes)
        title = f"concentration {alpha:g}"
        panels.append(
            alt.layer(line, dots.encode(**axes)).properties(width=190, height=165, title=title)
        )
    return alt.hconcat(*panels)


def main() -> None:
    charts = {
        "latent-planes": planes,
        "kl-directions": directions,
        "gradient-variance": gradient_variances,
        "dirichlet-simplex": simplexes,
    }
    for name, draw in charts.items():
        draw().save(str(IMAGES / f"{name}.svg"))


if __name__ == "__main__":
    main()
