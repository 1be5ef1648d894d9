"""The common checks, run over every model of word vectors of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic import registry

from vector_checks import Check, Sentences, yield_checks

MODELS = [entry for entry in registry.MODELS if entry.family == "vectors"]
LOSSES = ("negative", "softmax", "hierarchical")
QUICK: dict[str, Any] = {"dim": 8, "epochs": 2, "n_threads": 1, "random_state": 0}


def cases() -> list[Any]:
    """Each model with each of its losses."""
    found = []
    for entry in MODELS:
        losses = LOSSES if "loss" in registry.load_class(entry)().get_params() else (None,)
        for loss in losses:
            found.append(pytest.param(entry, loss, id=f"{entry.name}-{loss}"))
    return found


def make(entry: registry.Entry, loss: str | None) -> Any:
    model = registry.load_class(entry)(**QUICK)
    known = model.get_params()
    wanted = {"loss": loss, "sample": 0.0, "learning_rate": 0.05, "bucket": 300, "min_n": 2}
    return model.set_params(**{n: v for n, v in wanted.items() if n in known and v is not None})


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    """Sentences of six words, four in five from one of four groups of five words: a0, a1, ..."""
    rng = np.random.default_rng(0)

    def word(group: int) -> str:
        chosen = group if rng.random() < 0.8 else int(rng.integers(4))
        return f"{'abcd'[chosen]}{rng.integers(5)}"

    return [[word(int(group)) for _ in range(6)] for group in rng.integers(4, size=500)]


@pytest.mark.parametrize("check", list(yield_checks()), ids=lambda check: check.__name__)
@pytest.mark.parametrize(("entry", "loss"), cases())
def test_common_checks(
    entry: registry.Entry, loss: str | None, check: Check, sentences: Sentences, tmp_path: Path
) -> None:
    check(make(entry, loss), sentences, tmp_path)
