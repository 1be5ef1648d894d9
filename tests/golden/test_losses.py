"""Losses of each model on a planted corpus, as they were when last looked at.

A change of a formula, a default or an order of random numbers shows here.
``python tests/golden/test_losses.py`` writes the figures of models that have none, and leaves those
of others as they are: their last digits differ from machine to machine. If a change was meant, name
the models whose figures are to be written anew: ``python tests/golden/test_losses.py prodlda``.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from polytopic import registry

from planting import planted

FILE = Path(__file__).with_name("losses.json")
MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]


VARIANTS: dict[str, dict[str, dict[str, Any]]] = {
    "recipe": {recipe: {"recipe": recipe, "epochs": 4} for recipe in ("cured", "paper")},
    "method": {
        method: {"method": method, "iterations": passes}
        for method, passes in (("gibbs", 8), ("online", 4))
    },
    "start": {start: {"start": start, "epochs": 4} for start in ("vectors", "random")},
    "vectors": {start: {"vectors": start, "epochs": 4} for start in ("vectors", "random")},
    "n_topics": {"plain": {"epochs": 4, "iterations": 8}},
}
"""What is fitted of a model of the registry that has the parameter; the first of these decides."""

REFUSED = {("embedding-lda", "online"), ("hdp", "online")}
"""What a model inherits the parameter for, and refuses."""


def variants(entry: registry.Entry) -> dict[str, dict[str, Any]]:
    """The variants of a model, by name."""
    known = registry.load_class(entry)().get_params()
    found = next(found for name, found in VARIANTS.items() if name in known)
    return {name: given for name, given in found.items() if (entry.name, name) not in REFUSED}


CASES = [(entry, variant) for entry in MODELS for variant in variants(entry)]


def losses(entry: registry.Entry, variant: str) -> list[float]:
    settings: dict[str, Any] = {"n_topics": 4, "dim": 16, "hidden": 8, "batch_size": 50}
    settings |= {"n_threads": 1, "random_state": 0} | variants(entry)[variant]
    kind = registry.load_class(entry)
    known = kind().get_params()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = kind(**{n: v for n, v in settings.items() if n in known}).fit(planted()[0])
    names = ("loss", "log_likelihood", "bound")
    name = next(name for name in names if name in model.history_[0])
    return [record[name] for record in model.history_]


def completed(
    golden: dict[str, dict[str, list[float]]], anew: Collection[str] = ()
) -> dict[str, dict[str, list[float]]]:
    """The figures with those that are missing, and those of the models named anew."""
    found: dict[str, dict[str, list[float]]] = {}
    for entry, variant in CASES:
        known = golden.get(entry.name, {}).get(variant)
        keep = known is not None and entry.name not in anew
        found.setdefault(entry.name, {})[variant] = known if keep else losses(entry, variant)
    return found


@pytest.mark.parametrize(("entry", "variant"), CASES, ids=lambda part: getattr(part, "name", part))
def test_losses_are_as_they_were(entry: registry.Entry, variant: str) -> None:
    golden = json.loads(FILE.read_text())[entry.name][variant]
    assert losses(entry, variant) == pytest.approx(golden, rel=2e-3)


def test_the_script_writes_what_is_missing_and_leaves_the_rest() -> None:
    golden = json.loads(FILE.read_text())
    other = {name: {run: [1.0] for run in runs} for name, runs in golden.items()}
    assert completed(other) == other
    left_out = other | {"gone": {"plain": [1.0]}}
    del left_out["lda"]["gibbs"]
    found = completed(left_out)
    assert found["lda"]["gibbs"] == pytest.approx(golden["lda"]["gibbs"], rel=2e-3)
    assert found["lda"]["online"] == [1.0] and "gone" not in found
    anew = completed(other | {"lda": golden["lda"]}, ["lda"])["lda"]
    assert anew["online"] == pytest.approx(golden["lda"]["online"], rel=2e-3)


if __name__ == "__main__":
    written = completed(json.loads(FILE.read_text()), sys.argv[1:])
    FILE.write_text(json.dumps(written, indent=1) + "\n")
