"""The table of the penalties: what each is of a decoder, reckoned from its numbers.

A new penalty is a new row: its name, a kind of decoder, and a function of that decoder.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from making import K, V, make, random

from polytopic.nets import REGULARIZERS, Decoder, MetadataProduct
from polytopic.nets.transport import sinkhorn_plan


def overlap(decoder: Decoder) -> float:
    rows = decoder.weight.detach().numpy()
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = np.maximum(unit @ unit.T, 0.0) ** 2
    return float(cosines.sum() - np.trace(cosines))


def clustering(decoder: Decoder) -> float:
    topics, words = decoder.weight.detach(), decoder.word_vectors.detach()
    cost = (topics[:, None] - words[None]).square().sum(-1)
    return float((sinkhorn_plan(cost, alpha=20.0) * cost).sum())


def shrinkage(decoder: MetadataProduct) -> float:
    parts = (decoder.deviations, decoder.interactions)
    return 0.5 * sum(float((part.detach() ** 2).sum()) for part in parts)


def metadata() -> MetadataProduct:
    rows = random(K, V, seed=2), random(V, seed=3), torch.ones(V)
    made = MetadataProduct(*rows, mean=torch.zeros(2), spread=torch.ones(2), interactions=True)
    for part in (made.deviations, made.interactions):
        torch.nn.init.normal_(part, generator=torch.Generator().manual_seed(len(part)))
    return made.double()


ROWS: dict[str, tuple[Callable[[], Decoder], Callable[..., float]]] = {
    "topic_overlap": (lambda: make("product"), overlap),
    "embedding_clustering": (lambda: make("embedding"), clustering),
    "shrinkage": (metadata, shrinkage),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_penalty_is_its_formula(name: str) -> None:
    decoder, formula = ROWS[name][0](), ROWS[name][1]
    found = REGULARIZERS[name](decoder)
    assert found.ndim == 0
    assert float(found.detach()) == pytest.approx(formula(decoder), rel=1e-5)
    assert float(found.detach()) > 0
    found.backward()
    grads = [p.grad for p in decoder.parameters() if p.grad is not None]
    assert any(bool(grad.abs().sum() > 0) for grad in grads)
