"""Losses of each model on a planted corpus, as they were when last looked at.

A change of a formula, a default or an order of random numbers shows here. If it was meant, write
the new figures with ``python tests/golden/test_losses.py``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from polytopic import registry

from planting import planted

FILE = Path(__file__).with_name("losses.json")
MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]


VARIANTS: dict[bool, dict[str, dict[str, Any]]] = {
    True: {start: {"start": start, "epochs": 4} for start in ("vectors", "random")},
    False: {
        method: {"method": method, "iterations": passes}
        for method, passes in (("gibbs", 8), ("online", 4))
    },
}
"""What is fitted of a neural model, and of another."""

RANKED: dict[str, dict[str, Any]] = {
    recipe: {"recipe": recipe, "epochs": 4} for recipe in ("cured", "paper")
}
"""What is fitted of NTM, supervised or not."""


def variants(entry: registry.Entry) -> dict[str, dict[str, Any]]:
    """The variants of a model, by name."""
    if entry.name in ("ntm", "supervised-ntm"):
        return RANKED
    return VARIANTS[entry.extra == "torch"]


CASES = [
    (entry, variant)
    for entry in MODELS
    for variant in variants(entry)
    if (entry.name, variant) != ("embedding-lda", "online")
]


def losses(entry: registry.Entry, variant: str) -> list[float]:
    settings: dict[str, Any] = {"n_topics": 4, "dim": 16, "hidden": 8, "batch_size": 50}
    settings |= {"n_threads": 1, "random_state": 0}
    settings |= variants(entry)[variant]
    kind = registry.load_class(entry)
    known = kind().get_params()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "vectors" in known and "start" in settings:
            settings["vectors"] = settings["start"]
        model = kind(**{n: v for n, v in settings.items() if n in known}).fit(planted()[0])
    names = ("loss", "log_likelihood", "bound")
    name = next(name for name in names if name in model.history_[0])
    return [record[name] for record in model.history_]


@pytest.mark.parametrize(("entry", "variant"), CASES, ids=lambda part: getattr(part, "name", part))
def test_losses_are_as_they_were(entry: registry.Entry, variant: str) -> None:
    golden = json.loads(FILE.read_text())[entry.name][variant]
    assert losses(entry, variant) == pytest.approx(golden, rel=2e-3)


if __name__ == "__main__":
    found: dict[str, dict[str, list[float]]] = {}
    for entry, variant in CASES:
        found.setdefault(entry.name, {})[variant] = losses(entry, variant)
    FILE.write_text(json.dumps(found, indent=1) + "\n")
