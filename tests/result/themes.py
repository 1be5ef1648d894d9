"""Texts of three plain themes, and models of the registry that are quick on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from polytopic import registry

THEMES = {
    "cars": "engine motor wheel brake fuel road driver gear",
    "cells": "cell gene protein tissue enzyme organ blood virus",
    "money": "bank loan market price stock bond trade profit",
}
MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]
QUICK: dict[str, Any] = {
    "n_topics": 3, "dim": 8, "hidden": 8, "epochs": 12, "iterations": 30, "batch_size": 30,
    "n_threads": 1, "device": "cpu", "random_state": 0,
}  # fmt: skip


def themed_texts(n: int = 90, seed: int = 0) -> list[str]:
    """Texts of three plain themes, in turns."""
    random = np.random.default_rng(seed)
    listed = [words.split() for words in THEMES.values()]
    return [f"The {' '.join(random.choice(listed[row % 3], 12))}!" for row in range(n)]


def made(entry: registry.Entry, **changes: Any) -> Any:
    """A model of the registry, not fitted."""
    kind = registry.load_class(entry)
    known = kind().get_params()
    return kind(**{n: v for n, v in (QUICK | changes).items() if n in known})
