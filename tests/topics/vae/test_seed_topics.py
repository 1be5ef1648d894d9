"""Guided topics of autoencoders: where they begin, what holds them, and their names."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

pytest.importorskip("torch", reason="the neural extra is not installed")

import torch

import polytopic as pt
from polytopic import registry
from polytopic.errors import InputError
from polytopic.nets import Mixture
from polytopic.topics.vae.initial_values import make_start
from polytopic.topics.vae.seed_topics import SeedPrior, seeded_start

from planting import planted

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]

COUNTS = planted()[0]
"""Documents of four blocks of eight terms each."""

TERMS = [f"w{column}" for column in range(COUNTS.shape[1])]
SEEDS = {"third": ["w17", "w18"], "first": ["w1"]}
SMALL: dict[str, Any] = {
    "n_topics": 4, "dim": 16, "hidden": 8, "epochs": 15, "batch_size": 50, "n_threads": 1,
    "random_state": 0, "device": "cpu",
}  # fmt: skip
AUTOENCODERS = [
    entry.class_name
    for entry in registry.MODELS
    if entry.family == "topics" and "topics.vae" in entry.module
]


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_every_autoencoder_puts_seeds_first_and_names_them(name: str, tmp_path: Path) -> None:
    model = getattr(pt, name)(seed_words=SEEDS, **SMALL).fit(COUNTS, terms=TERMS)
    assert model.topic_names_ == ["third", "first", "", ""]
    for topic, block in ((0, 2), (1, 0)):
        assert {int(word[1:]) // 8 for word in model.top_words(5)[topic]} == {block}
    assert set(SEEDS["third"]) <= set(model.top_words(4)[0])
    loaded = pt.load(model.save(tmp_path / "model"))
    assert loaded.topic_names_ == model.topic_names_ and loaded.seed_words == SEEDS
    assert model.result(COUNTS).names == ("third", "first", "", "")


def test_a_prior_holds_what_documents_would_drive_apart() -> None:
    """w1 and w17 never share a document: only a strong prior keeps both in one topic."""
    both = {"odd": ["w1", "w17"]}
    weak, strong = (
        pt.ProdLDA(seed_words=both, seed_strength=strength, **SMALL).fit(COUNTS, terms=TERMS)
        for strength in (1e-6, 30.0)
    )
    columns = [1, 17]
    lesser = [model.topic_word_[0, columns].min() for model in (weak, strong)]
    assert lesser[1] > 3 * lesser[0]


def test_without_seeds_nothing_changes() -> None:
    plain = pt.ProdLDA(**SMALL).fit(COUNTS, terms=TERMS)
    empty = pt.ProdLDA(seed_words={}, seed_strength=9.0, **SMALL).fit(COUNTS, terms=TERMS)
    np.testing.assert_array_equal(plain.topic_word_, empty.topic_word_)
    assert plain.topic_names_ == [""] * 4


def test_the_prior_is_that_of_pseudo_counts() -> None:
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.integers(0, 3, (7, 5)))
    seeds = [("a", np.array([0, 3])), ("b", np.array([4]))]
    weight = torch.tensor(rng.standard_normal((3, 5)), dtype=torch.float32)
    decoder = Mixture(weight, torch.zeros(5), torch.ones(5))
    found = SeedPrior.of(seeds, counts, 2.0)(decoder).item()
    beta = torch.softmax(weight, 1).detach().numpy()
    totals = counts.toarray().sum(axis=0)
    pairs = [(0, 0), (0, 3), (1, 4)]
    wanted = -sum(2.0 * totals[v] * math.log(beta[k, v]) for k, v in pairs) / 7
    assert found == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("kind", ["vectors", "random"])
def test_the_start_takes_the_place_of_the_nearest_centre(kind: str) -> None:
    counts = sparse.csr_matrix(COUNTS)
    start = make_start(kind, counts, 4, 16, 0)
    columns = [np.array([17, 18]), np.array([1])]
    seeded = seeded_start(start, counts, [("third", columns[0]), ("first", columns[1])])
    for topic, own in enumerate(columns):
        assert (seeded.weight[topic, own] == seeded.weight[topic].max()).all()
    np.testing.assert_allclose(np.linalg.norm(seeded.centers, axis=1), 1, rtol=1e-5)
    kept = {tuple(row) for row in start.centers.round(5).tolist()}
    left = {tuple(row) for row in seeded.centers[2:].round(5).tolist()}
    assert left < kept and len(left) == 2
    assert np.isfinite(seeded.weight).all() and seeded.weight.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed_words": {"a": ["w1", "zebra"]}}, r"not in the vocabulary: zebra \(a\)"),
        ({"seed_words": {"a": []}}, '"a" has no words'),
        ({"seed_words": {str(n): ["w1"] for n in range(5)}}, "5 seeded topics and room for 4"),
        ({"seed_words": ["w1"]}, "a dict of topic names to lists of words"),
        ({"seed_words": SEEDS, "seed_strength": 0}, "seed_strength: 0 cannot be used"),
    ],
)
def test_seeds_that_cannot_be_used(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        pt.DirichletVAE(**(SMALL | changes)).fit(COUNTS, terms=TERMS)
    assert "\n" not in str(told.value)


def test_a_checkpoint_goes_on_with_the_same_seeds_only(tmp_path: Path) -> None:
    options = {**SMALL, "epochs": 2, "checkpoint": tmp_path / "run"}
    pt.ProdLDA(seed_words=SEEDS, **options).fit(COUNTS, terms=TERMS)
    with pytest.raises(pt.CheckpointError):
        pt.ProdLDA(seed_words={"x": ["w1"]}, **options).fit(COUNTS, terms=TERMS)
