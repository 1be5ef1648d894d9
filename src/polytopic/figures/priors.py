"""Draws of priors over topics: Dirichlet distributions and Dirichlet processes."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import numpy as np
from numpy.typing import NDArray

from polytopic import simplex
from polytopic.figures.making import Drawing

__all__ = ["dirichlet_simplex", "stick_breaking"]

CONCENTRATIONS = ((0.01, 0.01, 0.01), (1.0, 1.0, 1.0), (100.0, 100.0, 100.0), (5.0, 50.0, 100.0))
"""Corners, all mixtures alike, the middle, and one that is not symmetric."""

ALPHAS = (1.0, 10.0, 100.0)
"""Of the processes: a few atoms, some dozens, hundreds."""

_DRAWN, _STICKS = 300, 200
"""Points of a panel, and sticks of which means are told."""

_COUNTED = 1_000_000
"""Draws of which shares are counted: they are known to .0003."""

_SEEN = 1e-3
"""Share of the stick of an atom that is drawn: less is under a pixel high."""

_LONG = 2000
"""Breaks of a stick, after which less than 1e-8 of it is left at alpha 100."""

_BARE = 0.99
"""Share above which a draw counts as one topic alone."""


def dirichlet_simplex(data: Path | None = None) -> Drawing:
    """Draws of three topics' shares, a panel a concentration; corners are topics."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])
    edge = alt.Data(
        values=[{"x": x, "y": y, "at": at} for at, (x, y) in enumerate(corners[[0, 1, 2, 0]])]
    )
    panels, told = [], []
    for concentration in CONCENTRATIONS:
        theta = _draws(concentration, _COUNTED)
        name = ", ".join(f"{value:g}" for value in concentration)
        share = float((theta.max(axis=1) > _BARE).mean())
        means = ", ".join(f"{value:.2f}" for value in theta.mean(axis=0))
        told.append(f"({name}): largest share above .99 in {share:.1%} of draws; means {means}")
        points = [{"x": float(x), "y": float(y)} for x, y in (theta[:_DRAWN] @ corners).round(4)]
        axes = {"x": alt.X("x:Q", axis=None), "y": alt.Y("y:Q", axis=None)}
        dots = alt.Chart(alt.Data(values=points)).mark_circle(size=14, opacity=0.35)
        line = alt.Chart(edge).mark_line(color="#999").encode(order="at:O", **axes)
        panels.append(
            alt.layer(line, dots.encode(**axes)).properties(width=190, height=165, title=name)
        )
    chart = alt.concat(*panels, columns=2).configure_view(stroke=None)
    return Drawing(chart.to_dict(), told)


def _draws(concentration: tuple[float, ...], n: int) -> NDArray[np.float64]:
    """Of a Dirichlet, (n, K), in logarithms: Gamma(a) is Gamma(a + 1) u^(1/a)."""
    rng, size = np.random.default_rng(0), (n, len(concentration))
    gammas = np.log(rng.standard_gamma(np.array(concentration) + 1.0, size))
    gammas += np.log(1.0 - rng.random(size)) / np.array(concentration)
    theta: NDArray[np.float64] = np.exp(gammas - gammas.max(axis=1, keepdims=True))
    return np.asarray(theta / theta.sum(axis=1, keepdims=True))


def stick_breaking(data: Path | None = None) -> Drawing:
    """A draw of DP(alpha, N(0, 1)) a panel: where its atoms lie, and their weights."""
    panels, told = [], []
    for alpha in ALPHAS:
        weights = simplex.stick_breaking(alpha, _LONG, _STICKS, random_state=0)
        above = float((weights > 0.01).sum(axis=1).mean())
        half = float(((-np.sort(-weights, axis=1)).cumsum(axis=1) < 0.5).sum(axis=1).mean()) + 1
        told.append(
            f"alpha {alpha:g}: {above:.1f} atoms above 1 %, {half:.1f} hold half (means of "
            f"{_STICKS} draws)"
        )
        places = np.random.default_rng(1).standard_normal(_LONG)
        seen = weights[0] > _SEEN
        rows = [
            {"place": float(x), "weight": float(w)}
            for x, w in zip(places[seen].round(4), weights[0][seen].round(6), strict=True)
        ]
        panels.append(
            alt.Chart(alt.Data(values=rows))
            .mark_rule(color="#4477aa", strokeWidth=1.2)
            .encode(
                x=alt.X("place:Q", title="atom", scale=alt.Scale(domain=[-3.5, 3.5])),
                y=alt.Y("weight:Q", title="share"),
            )
            .properties(width=190, height=165, title=f"alpha = {alpha:g}: {seen.sum()} atoms seen")
        )
    return Drawing(alt.hconcat(*panels).to_dict(), told)
