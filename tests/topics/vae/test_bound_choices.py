"""Draws a document, turns of encoder and decoder, and full covariances, on the one bound."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the neural extra is not installed")

import torch

import polytopic as pt
from polytopic.errors import InputError
from polytopic.latent import FullNormal, LogisticNormal

from planting import planted

COUNTS, _ = planted(300)
SIZES: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "batch_size": 50, "epochs": 2, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip


def fitted(kind: Any = pt.ProdLDA, **choices: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**SIZES | choices).fit(COUNTS)


def test_more_draws_are_a_steadier_estimate_of_the_same_bound() -> None:
    model = fitted()
    batch = model._documents(COUNTS.tocsr(), np.arange(50), torch.device("cpu")).batch(
        np.arange(50)
    )
    module = model.module_.eval()
    found = {}
    for samples in (1, 30):
        module.objective = type(module.objective)(samples=samples)
        generator = torch.Generator().manual_seed(1)
        with torch.no_grad():
            found[samples] = np.array([float(module(batch, 1.0, generator)[1]) for _ in range(40)])
    error = found[1].std() / np.sqrt(40)
    assert found[30].std() < 0.4 * found[1].std()
    assert abs(found[30].mean() - found[1].mean()) < 4.5 * error


@pytest.mark.parametrize("gradient", ["pathwise", "score"])
def test_draws_change_a_fit_and_one_draw_does_not(gradient: str) -> None:
    plain, one, five = (
        fitted(gradient=gradient, **given) for given in ({}, {"samples": 1}, {"samples": 5})
    )
    assert np.array_equal(plain.topic_word_, one.topic_word_)
    assert not np.array_equal(plain.topic_word_, five.topic_word_)
    assert np.isfinite(five.history_[-1]["loss"])


def test_encoder_and_topics_move_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    step = torch.optim.Adam.step

    def watched(self: Any, closure: Any = None) -> Any:
        before = [group["params"][0].detach().clone() for group in self.param_groups[:2]]
        found = step(self, closure)
        after = [group["params"][0].detach() for group in self.param_groups[:2]]
        moved.append([not torch.equal(a, b) for a, b in zip(before, after, strict=True)])
        return found

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    model = fitted(alternate=True, start="random")
    assert len(moved) == 12
    assert moved[::2] == [[True, False]] * 6
    assert moved[1::2] == [[False, True]] * 6
    assert np.isfinite(model.history_[-1]["bound"])


@pytest.mark.parametrize("kind", [pt.ProdLDA, pt.NeuralLDA, pt.ETM])
def test_a_full_covariance_trains_is_saved_and_answers(kind: Any, tmp_path: Path) -> None:
    model = fitted(kind, covariance="full", epochs=3)
    assert model.module_.posterior_type is FullNormal
    model.save(tmp_path / "model")
    again = pt.load(tmp_path / "model")
    assert np.array_equal(again.transform(COUNTS[:9]), model.transform(COUNTS[:9]))


def test_a_full_covariance_that_is_diagonal_is_the_diagonal_one() -> None:
    rng = np.random.default_rng(0)
    location, spread = torch.tensor(rng.normal(size=(2, 5, 3)))
    lower = torch.diag_embed((0.5 * spread).exp())
    below = torch.tril_indices(3, 3)
    full = FullNormal(location, lower[..., below[0], below[1]])
    diagonal = LogisticNormal(location, spread)
    for one, other in zip(
        (full.mean(), full.draw(torch.Generator().manual_seed(3))),
        (diagonal.mean(), diagonal.draw(torch.Generator().manual_seed(3))),
        strict=True,
    ):
        assert torch.allclose(one, other)


def test_choices_that_exclude_each_other_are_told() -> None:
    with pytest.raises(InputError, match=r'covariance: "full" needs .* DirichletVAE has a Dirich'):
        fitted(pt.DirichletVAE, covariance="full")
    with pytest.raises(InputError, match=r"gradient: 'score'.*covariance=\"full\".*'pathwise'"):
        fitted(pt.ProdLDA, covariance="full", gradient="score")
    with pytest.raises(InputError, match="samples"):
        fitted(samples=0)


def test_the_default_model_reads_topics_with_less_normalisation() -> None:
    """Its likelihood is that of training, and a pass over more documents reads them alike."""
    model = fitted(pt.DirichletVAE)
    decoder = model.module_.decoder
    assert (decoder.power, decoder.reading_power) == (0.25, 0.15)
    theta = model.transform(COUNTS)
    before = model.log_likelihood(COUNTS, theta)
    with torch.no_grad():
        read = decoder.topic_word().numpy()
        decoder.reading_power = 0.25
        other = decoder.topic_word().numpy()
    np.testing.assert_allclose(model.topic_word_, read, rtol=1e-5)
    assert np.abs(read - other).max() > 1e-4
    np.testing.assert_array_equal(model.log_likelihood(COUNTS, theta), before)
    decoder.reading_power = 0.15
    model.partial_fit(COUNTS)
    with torch.no_grad():
        np.testing.assert_allclose(
            model.topic_word_, model.module_.decoder.topic_word().numpy(), rtol=1e-5
        )


def test_the_default_model_reads_alike_after_loading(tmp_path: Path) -> None:
    model = fitted(pt.DirichletVAE)
    loaded: Any = pt.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.topic_word_, model.topic_word_)
    with torch.no_grad():
        read = loaded.module_.decoder.topic_word().numpy()
    np.testing.assert_allclose(read, model.topic_word_, rtol=1e-5)
