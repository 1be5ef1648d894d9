"""The autoencoder: principal components as its closed form, sparse input, checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

import polytopic as pt
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.training import loop

QUICK: dict[str, Any] = {"hidden": 8, "batch_size": 50, "n_threads": 1, "random_state": 0}


def low_rank(seed: int = 0, sparsely: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(300, 3)) @ rng.normal(size=(3, 15)) + 0.3 * rng.normal(size=(300, 15))
    return rows * (rng.random(rows.shape) < 0.3) if sparsely else 40.0 + 5.0 * rows


@pytest.mark.parametrize("sparsely", [False, True])
def test_the_linear_one_finds_the_principal_components(sparsely: bool) -> None:
    """Squared error, no hidden layers: the optimum is the SVD's (Baldi & Hornik 1989)."""
    rows = low_rank(sparsely=sparsely)
    model = pt.Autoencoder(
        dim=3, likelihood="gaussian", epochs=120, learning_rate=0.15, **QUICK | {"hidden": 0}
    ).fit(sparse.csr_matrix(rows) if sparsely else rows)
    singular = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)
    best = np.square(singular[3:]).sum() / len(rows)
    assert best <= -model.score(rows) * (1 + 1e-4)
    assert -model.score(rows) < 1.02 * best
    restored = model.inverse_transform(model.transform(rows))
    error = np.square(restored - rows).sum(1)
    np.testing.assert_allclose(error, -model.score_samples(rows), rtol=2e-3)


@pytest.mark.parametrize("likelihood", ["categorical", "gaussian"])
def test_sparse_rows_are_never_made_dense(
    likelihood: str, corpus_counts: sparse.csr_matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **keywords: Any) -> None:
        raise AssertionError("a sparse matrix was made dense")

    rows = corpus_counts.astype(float)
    for name in ("toarray", "todense"):
        monkeypatch.setattr(sparse.csr_matrix, name, refuse)
    model = pt.Autoencoder(dim=3, likelihood=likelihood, epochs=1, **QUICK).fit(rows)
    model.score(rows)


def test_units_do_not_matter() -> None:
    """Rows in other units: other numbers come back, the codes stay."""
    rows = low_rank()
    small, large = (
        pt.Autoencoder(dim=3, likelihood="gaussian", epochs=5, **QUICK).fit(rows * unit)
        for unit in (1.0, 1024.0)
    )
    codes = small.transform(rows)
    np.testing.assert_allclose(large.transform(rows * 1024.0), codes, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        large.inverse_transform(codes), 1024.0 * small.inverse_transform(codes), rtol=1e-4
    )
    assert large.score(rows * 1024.0) == pytest.approx(1024.0**2 * small.score(rows), rel=1e-4)


def test_constant_columns_and_constant_rows_are_restored() -> None:
    rows = low_rank()
    rows[:, 4] = 7.0
    model = pt.Autoencoder(dim=3, likelihood="gaussian", epochs=3, **QUICK)
    assert np.isfinite(model.fit(rows).transform(rows)).all()
    still = np.full((20, 5), 3.0)
    model.fit(still)
    assert np.isfinite(model.transform(still)).all()
    assert model.inverse_transform(model.transform(still)).mean() == pytest.approx(3.0, abs=0.5)


def test_layers_may_be_listed(corpus_counts: sparse.csr_matrix, tmp_path: Path) -> None:
    model = pt.Autoencoder(
        dim=3, epochs=2, **QUICK | {"hidden": [12, 6], "decoder_hidden": [6, 12]}
    ).fit(corpus_counts)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.transform(corpus_counts), model.transform(corpus_counts))


def test_the_held_out_rows_decide(corpus_counts: sparse.csr_matrix) -> None:
    model = pt.Autoencoder(
        dim=8, epochs=60, held_out=0.3, patience=3, learning_rate=0.1, **QUICK
    ).fit(corpus_counts)
    held_out = [record["held_out"] for record in model.history_]
    assert len(held_out) < 60
    assert held_out.index(min(held_out)) == len(held_out) - 4


@pytest.mark.parametrize("name", ["Autoencoder", "DenoisingAutoencoder", "VAE"])
def test_an_interrupted_run_goes_on_to_the_same_bits(
    name: str, corpus_counts: sparse.csr_matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"dim": 3, "epochs": 4, **QUICK}
    whole = getattr(pt, name)(**settings).fit(corpus_counts)
    model = getattr(pt, name)(checkpoint=tmp_path / "checkpoint", **settings)
    real = loop._Run._train_epoch

    def interrupted(self: Any, advance: Any) -> Any:
        if self.epoch == 2:
            raise KeyboardInterrupt
        return real(self, advance)

    with monkeypatch.context() as patch:
        patch.setattr(loop._Run, "_train_epoch", interrupted)
        with pytest.warns(InterruptedFitWarning, match="interrupted after 2 of 4 epochs"):
            model.fit(corpus_counts)
    assert model.interrupted_
    model.fit(corpus_counts)
    assert not model.interrupted_
    for key, value in whole.module_.state_dict().items():
        assert torch.equal(value, model.module_.state_dict()[key])
    with pytest.raises(pt.PolytopicError, match="other settings|another"):
        model.set_params(dim=2).fit(corpus_counts)


def test_divergence_is_told(corpus_counts: sparse.csr_matrix) -> None:
    model = pt.Autoencoder(dim=3, epochs=3, learning_rate=1e30, **QUICK)
    with pytest.raises(InputError, match="learning_rate: training diverged"):
        model.fit(corpus_counts)
