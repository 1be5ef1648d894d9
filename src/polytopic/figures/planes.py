"""Documents in the planes of three autoencoders, and paths through one of them."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt

from polytopic.autoencoders.rows.ae import Autoencoder, DenoisingAutoencoder
from polytopic.autoencoders.rows.vae import VAE
from polytopic.figures.making import Drawing
from polytopic.figures.stand_in import themed
from polytopic.report.latent import latent_map
from polytopic.report.latent import latent_traversal as traversal

__all__ = ["latent_planes", "latent_traversal"]

_SETTINGS: dict[str, Any] = {
    "dim": 2, "hidden": 50, "epochs": 60, "batch_size": 50, "random_state": 0,
}  # fmt: skip


@cache
def _fitted(kind: type[Any]) -> Any:
    return kind(**_SETTINGS).fit(themed())


def latent_planes(data: Path | None = None) -> Drawing:
    """The same documents in the latent planes of the three autoencoders."""
    panels = [
        latent_map(_fitted(kind), themed())
        .figure(width=230, height=230)
        .properties(title=kind.__name__)
        for kind in (Autoencoder, DenoisingAutoencoder, VAE)
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Automatically deduplicated", UserWarning)
        return Drawing(alt.hconcat(*panels).to_dict())  # each panel zooms by itself


def latent_traversal(data: Path | None = None) -> Drawing:
    """What the VAE's decoder says along each dimension."""
    return Drawing(traversal(_fitted(VAE), n_terms=12).figure().to_dict())
