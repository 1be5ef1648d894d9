"""Encoders of counts, of document embeddings and of both; what a batch carries beside counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from making import B, E, K, V, as_batch, random, some_counts
from scipy import sparse

from polytopic.errors import InputError
from polytopic.nets import (
    UNKNOWN,
    CombinedEncoder,
    CountsBatch,
    CountsEncoder,
    EmbeddingsEncoder,
    MetadataEncoder,
    SparseCounts,
)

M = 6
SIDE = np.random.default_rng(1).normal(size=(B, M))
WORDS = {"vectors": random(V, E).float(), "term_weight": torch.ones(V)}
ENCODERS: dict[type, dict[str, Any]] = {
    CountsEncoder: WORDS | {"centers": random(K, E, seed=2).float()},
    EmbeddingsEncoder: {"centers": random(K, M, seed=3).float()},
    CombinedEncoder: WORDS
    | {"centers": random(K, E, seed=2).float(), "side_centers": random(K, M, seed=3).float()},
}


def make(kind: type, **changes: Any) -> Any:
    settings: dict[str, Any] = {"hidden": 5, "n_heads": 2, "scale": 3.0, "offsets": (-1.0,)}
    settings |= {"dropout_rate": 0.3, "generator": torch.Generator().manual_seed(0)}
    return kind(**settings | ENCODERS[kind] | changes)


def batch_of(counts: np.ndarray, side: np.ndarray | None = SIDE) -> CountsBatch:
    whole = SparseCounts(sparse.csr_matrix(counts), torch.device("cpu"), side=side)
    return whole.batch(np.arange(len(counts)))


@pytest.mark.parametrize("kind", ENCODERS)
def test_heads_have_one_number_a_topic_and_no_nan(kind: type) -> None:
    counts, side = some_counts(), SIDE.copy()
    side[2] = 0  # an empty document whose embedding is the zero vector
    first, second = make(kind).train()(batch_of(counts, side), torch.Generator().manual_seed(1))
    assert first.shape == second.shape == (B, K)
    assert torch.isfinite(first).all() and torch.isfinite(second).all()
    assert torch.allclose(second, torch.full((B, K), -1.0))


@pytest.mark.parametrize("kind", ENCODERS)
def test_the_first_head_starts_as_the_cosine_of_document_and_topic(kind: type) -> None:
    encoder, batch = make(kind).eval(), batch_of(some_counts())
    counts = torch.from_numpy(some_counts()).float().log1p() @ WORDS["vectors"]
    counts = torch.nn.functional.normalize(counts, dim=1)
    side = torch.nn.functional.normalize(torch.from_numpy(SIDE).float(), dim=1)
    features = {
        CountsEncoder: counts,
        EmbeddingsEncoder: side,
        CombinedEncoder: torch.cat([counts, side], 1) / 2**0.5,
    }[kind]
    expected = encoder.norm(4.0 * features @ encoder.centers) * 3.0
    assert torch.allclose(encoder(batch, None)[0], expected, atol=1e-5)


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_document_s_heads_do_not_depend_on_its_company(kind: type) -> None:
    encoder, counts = make(kind).eval(), some_counts()
    together = encoder(batch_of(counts), None)[0]
    alone = torch.cat(
        [encoder(batch_of(counts[d : d + 1], SIDE[d : d + 1]), None)[0] for d in range(B)]
    )
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("kind", ENCODERS)
def test_gradients_reach_every_parameter(kind: type) -> None:
    encoder = make(kind)
    heads = encoder(batch_of(some_counts()), torch.Generator().manual_seed(1))
    weights = [random(B, K, seed=seed).float() for seed in (7, 8)]
    sum((head * weight).sum() for head, weight in zip(heads, weights, strict=True)).backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_the_shift_is_taken_from_the_embeddings() -> None:
    mean = torch.from_numpy(SIDE.mean(0)).float()
    shifted = make(EmbeddingsEncoder, shift=mean).eval()
    plain = make(EmbeddingsEncoder).eval()
    one, other = batch_of(some_counts()), batch_of(some_counts(), SIDE - SIDE.mean(0))
    assert torch.allclose(shifted(one, None)[0], plain(other, None)[0], atol=1e-5)


def test_known_labels_are_shown_while_training() -> None:
    """As one-hot columns; an unknown one, and every label in evaluation, as zeros."""
    encoder = MetadataEncoder(
        mean=torch.zeros(0), spread=torch.ones(0), n_classes=2, label_dropout=0.0,
        centers=random(K, E, seed=2).float(), hidden=5, n_heads=2, scale=3.0, offsets=(-1.0,),
        dropout_rate=0.0, generator=torch.Generator().manual_seed(0), **WORDS,
    )  # fmt: skip
    labels = np.array([0, UNKNOWN, 1, 1, UNKNOWN])
    batch = as_batch(some_counts(), labels=labels)
    generator = torch.Generator().manual_seed(1)
    shown = encoder.train().features(batch, generator)[:, -2:]
    assert shown.tolist() == [[1, 0], [0, 0], [0, 1], [0, 1], [0, 0]]
    assert not encoder.eval().features(batch, None)[:, -2:].any()


@pytest.mark.parametrize("kind", [EmbeddingsEncoder, CombinedEncoder])
def test_missing_or_other_embeddings_are_told(kind: type) -> None:
    with pytest.raises(InputError, match="side: this encoder reads document embeddings"):
        make(kind)(batch_of(some_counts(), None), None)
    with pytest.raises(InputError, match="side: document embeddings of 2 numbers .* for 6"):
        make(kind)(batch_of(some_counts(), SIDE[:, :2]), None)


def test_a_batch_carries_side_and_covariates() -> None:
    covariates = np.eye(B)[:, :2]
    counts = sparse.csr_matrix(some_counts())
    whole = SparseCounts(counts, torch.device("cpu"), side=SIDE, covariates=covariates)
    batch = whole.batch(np.array([4, 0]))
    assert batch.side is not None and batch.covariates is not None
    assert batch.side.dtype == batch.covariates.dtype == torch.float32
    assert np.allclose(batch.side, SIDE[[4, 0]])
    assert np.allclose(batch.covariates, covariates[[4, 0]])
    bare = as_batch(some_counts())
    assert bare.side is None and bare.covariates is None


def test_unusable_side_and_covariates_are_told() -> None:
    counts, cpu = sparse.csr_matrix(some_counts()), torch.device("cpu")
    with pytest.raises(InputError, match=r"side: an array of shape \(2, 6\) beside 5 documents"):
        SparseCounts(counts, cpu, side=SIDE[:2])
    with pytest.raises(InputError, match=r"covariates: an array of shape \(5,\) beside 5"):
        SparseCounts(counts, cpu, covariates=np.zeros(5))
    broken = SIDE.copy()
    broken[3, 1] = np.nan
    with pytest.raises(InputError, match="side: row 3 holds NaN"):
        SparseCounts(counts, cpu, side=broken)
