"""What the history says of the bound, and what is done after the last epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

import polytopic as pt
from polytopic import latent
from polytopic.base import seed_from
from polytopic.nets import SparseCounts
from polytopic.topics.vae.elbo import TopicVAE
from polytopic.training.estimators import split

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

PLAIN: dict[str, Any] = {"batch_size": 70, "device": "cpu", "hidden": 8, "random_state": 0}
TOPICS: dict[str, Any] = {
    **PLAIN, "n_topics": 4, "dim": 8, "diversity": 0.0, "usage_floor": 0.0,
}  # fmt: skip
"""Without anything in the loss but the bound's two terms."""

VARIATIONAL = {
    "prodlda": lambda **given: pt.ProdLDA(**TOPICS | given),
    "dirichlet-vae": lambda **given: pt.DirichletVAE(**TOPICS | given),
    "stick-breaking-vae": lambda **given: pt.StickBreakingVAE(**TOPICS | given),
    "weibull-vae": lambda **given: pt.WeibullVAE(**TOPICS | given),
    "vae": lambda **given: pt.VAE(dim=3, kl_warm_up=0.0, **PLAIN | given),
    "sentence-vae": lambda **given: pt.SentenceVAE(
        dim=3, word_dim=4, kl_warm_up=0.0, **PLAIN | given
    ),
}


@pytest.mark.parametrize("beta", [0.0, 3.0])
@pytest.mark.parametrize("name", VARIATIONAL)
def test_the_bound_has_the_whole_kl_whatever_its_weight_in_the_loss(
    name: str, beta: float, corpus_counts: sparse.csr_matrix
) -> None:
    """loss = beta KL - likelihood and bound = KL - likelihood, so they differ by beta - 1 KLs."""
    given: Any = corpus_counts
    if name == "sentence-vae":
        given = [[f"w{term}" for term in row.indices] for row in corpus_counts]
    model = VARIATIONAL[name](beta=beta, epochs=2).fit(given)
    for record in model.history_:
        assert record["kl"] > 0
        assert record["loss"] - record["bound"] == pytest.approx(
            (beta - 1.0) * record["kl"], rel=1e-3
        )


@pytest.mark.parametrize("name", ["prodlda", "dirichlet-vae", "weibull-vae"])
def test_the_held_out_bound_is_that_of_the_held_out_documents(
    name: str, corpus_counts: sparse.csr_matrix
) -> None:
    """KL less log-likelihood of one draw a document, over their tokens: what stops a run early."""
    model = VARIATIONAL[name](beta=0.5, epochs=1, held_out=0.2).fit(corpus_counts)
    seed = seed_from(0)
    rows = split(np.arange(corpus_counts.shape[0]), 0.2, seed)[1]
    documents = SparseCounts(corpus_counts[rows], torch.device("cpu"))
    batch, module = documents.batch(np.arange(len(rows))), model.module_
    with torch.no_grad():
        q = module.posterior(batch)
        theta = latent.sample(q, module.gradient, torch.Generator().manual_seed(seed)).theta
        fit = module.decoder.log_likelihood(theta, batch).double().sum()
        divergence = latent.kl(q, module.prior).double().sum()
    assert divergence > 0.01 * abs(fit)
    expected = float(divergence - fit) / corpus_counts[rows].sum()
    assert model.history_[0]["held_out"] == pytest.approx(expected, rel=1e-5)


def fewest_wins(counts: sparse.csr_matrix) -> tuple[int, int]:
    """Documents that the least topic wins, and what the floor promises it."""
    settings = TOPICS | {"n_topics": 6, "usage_floor": 0.5, "epochs": 1, "dropout": 0.6}
    model = pt.ProdLDA(**settings).fit(counts)
    wins = np.bincount(model.transform(counts).argmax(axis=1), minlength=6)
    return int(wins.min()), int(0.5 * counts.shape[0] / 6)


def test_every_topic_wins_its_least_share_of_whole_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Training, which sees documents with words hidden, does not see to it alone."""
    counts = planted(n_documents=400, n_topics=3)[0]
    least, promised = fewest_wins(counts)
    assert least >= promised > 0
    monkeypatch.setattr(TopicVAE, "settle", lambda self, documents: None)
    assert fewest_wins(counts)[0] < promised
