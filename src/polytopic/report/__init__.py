"""The report of a result, one self-contained HTML file, and figures of latent spaces."""

from __future__ import annotations

from polytopic.report.latent import LatentMap, LatentTraversal, latent_map, latent_traversal
from polytopic.report.page import render, write_report

__all__ = [
    "LatentMap",
    "LatentTraversal",
    "latent_map",
    "latent_traversal",
    "render",
    "write_report",
]
