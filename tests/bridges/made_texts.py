"""Texts of three plain themes."""

from __future__ import annotations

import numpy as np

THEMES = (
    "engine motor wheel brake fuel road driver gear",
    "cell gene protein tissue enzyme organ blood tumour",
    "bank loan market price stock bond trade profit",
)


def texts(n: int = 60) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(THEMES[row % 3].split(), 12)) for row in range(n)]
