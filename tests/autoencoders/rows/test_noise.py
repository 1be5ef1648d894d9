"""Each corruption has the moments it says, and none outside training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

import polytopic as pt
from polytopic.autoencoders.rows.encoder import Reading, RowEncoder
from polytopic.autoencoders.rows.noise import AddedNoise, Mask, WordDrop
from polytopic.autoencoders.rows.reading import Rows
from polytopic.errors import InputError

N = 40_000


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_mask_leaves_entries_out_at_its_rate() -> None:
    values = torch.full((N,), 3.0)
    left = Mask(0.3).values(values, generator())
    assert set(left.tolist()) == {0.0, 3.0}
    assert (left > 0).float().mean().item() == pytest.approx(0.7, abs=0.01)
    assert torch.equal(left, Mask(0.3).values(values, generator()))
    assert torch.equal(Mask(0.0).values(values, generator()), values)


def test_word_drop_is_binomial() -> None:
    left = WordDrop(0.25).values(torch.full((N,), 8.0), generator()).numpy()
    assert left.mean() == pytest.approx(6.0, abs=0.03)
    assert left.var() == pytest.approx(1.5, abs=0.05)
    assert np.array_equal(left, left.round())


def test_added_noise_is_as_long_as_said() -> None:
    """With the identity as the first layer and no bias, the head is the input itself."""
    n_columns = 50
    reading = Reading(torch.ones(n_columns), torch.zeros(n_columns), False)
    encoder = RowEncoder(
        reading, (), dim=n_columns, n_heads=1, noise=AddedNoise(0.5), normalized=False,
        generator=generator(),
    )  # fmt: skip
    with torch.no_grad():
        encoder.first.copy_(torch.eye(n_columns))
        rows = Rows(sparse.csr_matrix(np.eye(n_columns)[:1]), torch.device("cpu"), counts=False)
        batch = rows.batch(np.zeros(2000, np.int64))
        (clean,) = encoder(batch, None)
        (noisy,) = encoder(batch, generator())
    assert torch.equal(clean, torch.eye(n_columns)[:1].expand_as(clean))
    length = (noisy - clean).square().sum(1).mean().sqrt().item()
    assert length == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("noise", ["mask", "word-drop", "gaussian"])
def test_each_noise_trains_and_transform_has_none(
    noise: str, corpus_counts: sparse.csr_matrix
) -> None:
    model = pt.DenoisingAutoencoder(
        dim=3, hidden=8, epochs=15, batch_size=50, learning_rate=0.02, noise=noise, random_state=0
    ).fit(corpus_counts)
    losses = [record["loss"] for record in model.history_]
    assert losses[-1] < losses[0] - 5
    assert np.array_equal(model.transform(corpus_counts), model.transform(corpus_counts))


def test_word_drop_needs_counts() -> None:
    model = pt.DenoisingAutoencoder(dim=2, likelihood="gaussian", noise="word-drop")
    with pytest.raises(InputError, match='noise: "word-drop" leaves out tokens'):
        model.fit(np.random.default_rng(0).normal(size=(9, 4)))
