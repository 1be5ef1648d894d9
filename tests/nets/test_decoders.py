"""Decoders against dense formulas, finite differences and a corpus with planted stop words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from making import KINDS, B, E, K, Start, V, as_batch, make, random, some_counts, some_start

from polytopic.nets import DECODERS, CountsBatch, Distance, Embedding, Mixture, Product


@pytest.fixture
def batch() -> CountsBatch:
    return as_batch(some_counts())


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_decoders_give_distributions_and_agree_with_their_likelihood(
    kind: str, background: bool, batch: CountsBatch
) -> None:
    decoder = make(kind, background=background).eval()
    theta = random(B, K).softmax(1)
    probability = decoder.term_probability(theta)
    assert torch.allclose(probability.sum(1), torch.ones(B).double())
    topics = decoder.topic_word()
    assert topics.shape == (K, V)
    assert (topics >= 0).all()
    assert torch.allclose(topics.sum(1), torch.ones(K).double())
    expected = batch.sum_pairs(batch.values * probability.log()[batch.documents, batch.terms])
    assert torch.allclose(decoder.log_likelihood(theta, batch), expected)


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_every_parameter(kind: str, background: bool, batch: CountsBatch) -> None:
    decoder = make(kind, background=background).train()
    names = [name for name, value in decoder.named_parameters() if value.requires_grad]
    values = [dict(decoder.named_parameters())[name].detach().clone() for name in names]
    theta = random(B, K).softmax(1)

    def likelihood(theta: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        given = dict(zip(names, values, strict=True))
        return torch.func.functional_call(
            _Likelihood(decoder), {f"decoder.{n}": v for n, v in given.items()}, (theta, batch)
        )

    inputs = tuple(value.requires_grad_() for value in (theta, *values))
    assert torch.autograd.gradcheck(likelihood, inputs)
    fixed = make(kind, learn_background=False)
    assert not fixed.background.requires_grad


class _Likelihood(torch.nn.Module):
    def __init__(self, decoder: Any) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, theta: torch.Tensor, batch: CountsBatch) -> torch.Tensor:
        return self.decoder.log_likelihood(theta, batch)


def test_embedding_is_the_published_formula() -> None:
    rho, alpha, b = random(V, E, seed=5), random(K, E, seed=6), random(V, seed=3)
    plain = Embedding(alpha, rho, b, torch.ones(V)).double()
    assert torch.allclose(plain.topic_word(), (alpha @ rho.t()).softmax(1))
    beside = Embedding(alpha, rho, b, torch.ones(V), background=True).double()
    theta = random(B, K).softmax(1)
    assert torch.allclose(beside.term_probability(theta), theta @ (alpha @ rho.t() + b).softmax(1))


def test_embedding_starts_with_logits_of_deviation_one() -> None:
    decoder = make("embedding")
    logits = decoder.topic_vectors @ decoder.word_vectors.t()  # type: ignore[operator]
    assert (logits - logits.mean(0)).std().item() == pytest.approx(1.0)
    flat = some_start()
    flat.centers[:] = 0
    assert torch.isfinite(Embedding.build(flat).topic_word()).all()


def test_word_vectors_may_stay_as_given() -> None:
    for kind in ("embedding", "distance"):
        fixed = make(kind, learn_words=False)
        assert not fixed.word_vectors.requires_grad  # type: ignore[union-attr]


def test_distance_is_the_published_decoder(batch: CountsBatch) -> None:
    """softmax over topics of -d / .2, then torch's own batch norm and softmax."""
    rho, alpha = random(V, E, seed=5), random(K, E, seed=6)
    decoder = Distance(alpha, rho, random(V, seed=3), torch.ones(V)).double().train()
    beta = (-torch.cdist(alpha, rho).square() / 0.2).softmax(0)
    theta = random(B, K).softmax(1)
    norm = torch.nn.BatchNorm1d(V).double().train()
    expected = norm(theta @ beta).log_softmax(1)
    counts = torch.from_numpy(some_counts())
    assert torch.allclose(decoder.log_likelihood(theta, batch), (counts * expected).sum(1))
    assert torch.allclose(decoder.topic_word(), beta / beta.sum(1, keepdim=True))
    assert torch.equal(decoder.background, torch.zeros(V).double())


@pytest.mark.parametrize("power", [0.25, 0.5])
def test_experts_in_evaluation_use_the_averages(power: float) -> None:
    decoder = Product(random(K, V), random(V), torch.ones(V), power=power, momentum=0.5).double()
    theta = random(B, K, seed=4).softmax(1)
    batch = as_batch(some_counts())
    for _ in range(60):
        decoder.train().log_likelihood(theta, batch)
    trained = decoder.log_likelihood(theta, batch)
    assert torch.allclose(decoder.eval().log_likelihood(theta, batch), trained)


def test_topics_are_read_with_a_power_of_their_own() -> None:
    """topic_word alone follows it: W_v / (var_v + eps)^power, from the mean over topics."""
    parts = random(K, V), random(V, seed=1), random(V, seed=2).abs().clamp(max=1.0)
    usual, read = (Product(*parts, **own).double().eval() for own in ({}, {"reading_power": 0.0}))
    theta = random(B, K, seed=4).softmax(1)
    assert torch.equal(usual.term_probability(theta), read.term_probability(theta))
    centred = parts[0] - parts[0].mean(0)
    plain = (parts[2] * centred + 0.2 * parts[1]).softmax(1)
    assert torch.allclose(read.topic_word(), plain)
    assert not torch.allclose(usual.topic_word(), plain, atol=1e-3)
    assert torch.equal(
        usual.topic_word(), Product(*parts, reading_power=0.25).double().topic_word()
    )
    alone = Product(*parts, background=False, reading_power=0.0).double().eval()
    assert torch.allclose(alone.topic_word(), alone.term_probability(torch.eye(K).double()))


def test_without_a_background_topics_are_what_the_model_generates() -> None:
    theta = torch.eye(K).double()
    for kind in ("product", "mixture", "embedding"):
        plain = make(kind, background=False).eval()
        assert torch.allclose(plain.topic_word(), plain.term_probability(theta))


def test_the_three_tensors_still_make_a_decoder() -> None:
    tensors = random(K, V), random(V), torch.ones(V)
    for kind, built in (("mixture", Mixture), ("product", Product)):
        decoder = DECODERS[kind](*tensors)
        assert isinstance(decoder, built)
        assert decoder.stands_apart == (kind == "product")


# ---- stop words ----------------------------------------------------------------------------


def _with_stop_words(n_topics: int = 3, per_topic: int = 6, n_stop: int = 4) -> np.ndarray:
    """Documents of one topic each, half of whose tokens are stop words, the first columns."""
    rng = np.random.default_rng(3)
    n_terms = n_stop + n_topics * per_topic
    rows = []
    for document in range(90):
        share = np.zeros(n_terms)
        share[:n_stop] = 0.5 / n_stop
        first = n_stop + document % n_topics * per_topic
        share[first : first + per_topic] = 0.5 / per_topic
        rows.append(rng.multinomial(60, share))
    return np.array(rows)


def _stop_words_in_lists(kind: str, background: bool) -> list[int]:
    """How many of the four first words of each topic are stop words after a short training."""
    counts = _with_stop_words()
    n_terms = counts.shape[1]
    frequency = np.log(counts.sum(0) + 0.5)
    rng = np.random.default_rng(0)
    start = Start(
        rng.normal(size=(n_terms, 8)).astype(np.float32),
        rng.normal(size=(3, 8)).astype(np.float32),
        0.1 * rng.normal(size=(3, n_terms)).astype(np.float32),
        (frequency - frequency.mean()).astype(np.float32),
        np.ones(n_terms, np.float32),
    )
    decoder = DECODERS[kind].build(start, background=background).double().train()
    batch, known = as_batch(counts), torch.eye(3).double()[np.arange(90) % 3]
    theta = 0.9 * known + 0.1 / 3
    optimizer = torch.optim.Adam(decoder.parameters(), lr=0.05)
    for _ in range(120):
        optimizer.zero_grad()
        (-decoder.log_likelihood(theta, batch).mean()).backward()
        optimizer.step()
    first = decoder.eval().topic_word().argsort(1, descending=True)[:, :4]
    return (first < 4).sum(1).tolist()


@pytest.mark.parametrize("kind", ["mixture", "product", "embedding"])
def test_a_background_keeps_stop_words_out(kind: str) -> None:
    assert _stop_words_in_lists(kind, background=True) == [0, 0, 0]
    assert _stop_words_in_lists(kind, background=False) == [4, 4, 4]


@pytest.mark.parametrize("background", [True, False])
def test_distances_give_stop_words_to_the_nearest_topic(background: bool) -> None:
    """A limit that the docs state: a term of every topic leads one list, and no more than one."""
    inside = _stop_words_in_lists("distance", background=background)
    assert sum(n > 0 for n in inside) == 1
