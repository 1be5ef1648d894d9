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


def losses(entry: registry.Entry, start: str) -> list[float]:
    settings: dict[str, Any] = {"n_topics": 4, "dim": 16, "hidden": 8, "epochs": 4}
    settings |= {"batch_size": 50, "n_threads": 1, "random_state": 0, "start": start}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = registry.load_class(entry)(**settings).fit(planted()[0])
    return [record["loss"] for record in model.history_]


@pytest.mark.parametrize("start", ["vectors", "random"])
@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.name)
def test_losses_are_as_they_were(entry: registry.Entry, start: str) -> None:
    golden = json.loads(FILE.read_text())[entry.name][start]
    assert losses(entry, start) == pytest.approx(golden, rel=2e-3)


if __name__ == "__main__":
    found = {
        entry.name: {start: losses(entry, start) for start in ("vectors", "random")}
        for entry in MODELS
    }
    FILE.write_text(json.dumps(found, indent=1) + "\n")
