"""The report of a result, one self-contained HTML file; figures of latent spaces, and losses."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polytopic.report.curves import LossCurves as LossCurves
    from polytopic.report.curves import loss_curves as loss_curves
    from polytopic.report.film import WordFilm as WordFilm
    from polytopic.report.latent import LatentMap as LatentMap
    from polytopic.report.latent import LatentTraversal as LatentTraversal
    from polytopic.report.latent import latent_map as latent_map
    from polytopic.report.latent import latent_traversal as latent_traversal
    from polytopic.report.page import render as render
    from polytopic.report.page import write_report as write_report

_LATER = {
    "LatentMap": "polytopic.report.latent",
    "LossCurves": "polytopic.report.curves",
    "LatentTraversal": "polytopic.report.latent",
    "WordFilm": "polytopic.report.film",
    "latent_map": "polytopic.report.latent",
    "loss_curves": "polytopic.report.curves",
    "latent_traversal": "polytopic.report.latent",
    "render": "polytopic.report.page",
    "write_report": "polytopic.report.page",
}
"""Loaded when first used: who serves pages that are written needs none of what writes them."""

__all__ = [*_LATER]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATER[name]), name)
