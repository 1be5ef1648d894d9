"""The common checks, run over every plain autoencoder of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from row_checks import Check, yield_checks
from scipy import sparse
from sklearn.utils.estimator_checks import check_estimator

from polytopic import registry

MODELS = [entry for entry in registry.MODELS if entry.family == "autoencoders"]
LIKELIHOODS = ("categorical", "gaussian", "bernoulli")
QUICK: dict[str, Any] = {
    "dim": 3, "hidden": 8, "epochs": 3, "batch_size": 50, "learning_rate": 0.02, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip

pytest.importorskip("torch", reason="the neural extra is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning")


def make(entry: registry.Entry, **changes: Any) -> Any:
    return registry.load_class(entry)(**QUICK | changes)


CASES = [
    pytest.param(entry, kind, check, id=f"{entry.name}-{kind}-{check.__name__}")
    for entry in MODELS
    for kind in LIKELIHOODS
    for check in yield_checks()
]


@pytest.mark.parametrize(("entry", "likelihood", "check"), CASES)
def test_common_checks(
    entry: registry.Entry,
    likelihood: str,
    check: Check,
    corpus_counts: sparse.csr_matrix,
    tmp_path: Path,
) -> None:
    check(make(entry, likelihood=likelihood), corpus_counts, tmp_path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("likelihood", ["categorical", "gaussian"])
@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.name)
def test_scikit_learn_s_own_checks(entry: registry.Entry, likelihood: str) -> None:
    check_estimator(make(entry, likelihood=likelihood, dim=2, epochs=2))
