"""Two collapses of GSM, made on purpose, and what cures them: settings, and what is measured."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import torch
from torch import nn

from polytopic import metrics, registry
from polytopic.errors import InputError
from polytopic.topics.vae import elbo
from polytopic.topics.vae import model as vae

__all__ = ["COLLAPSES", "Setting", "Texts", "measure", "remedies"]

BARE: dict[str, Any] = {
    "start": "random", "usage_floor": 0.0, "diversity": 0.0, "background": False,
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """A model, its parameters, which parts keep their normalisation, GSM's rate of L."""

    model: str
    parameters: dict[str, Any]
    normalised: tuple[str, ...] = ()
    link_rate: float = 1.0
    """Of the map of its softmax, in rates of all else: as in the paper."""

    def but(self, *, model: str = "", normalised: tuple[str, ...] = (), **others: Any) -> Setting:
        """The same with one thing changed."""
        parameters = {n: v for n, v in (self.parameters | others).items() if v is not None}
        return replace(
            self,
            model=model or self.model,
            parameters=parameters,
            normalised=normalised or self.normalised,
        )


@dataclass(frozen=True)
class Texts:
    """What topics are learned from, and what purity is measured on."""

    train: Any
    terms: list[str]
    test: Any
    labels: Any
    n_topics: int


COLLAPSES = {
    "component": Setting("GSM", BARE | {"learning_rate": 0.4}),
    "extreme": Setting("GSM", BARE | {"beta": 4.0, "learning_rate": 0.014}),
}
RATES = {"component": (0.014, 0.001), "extreme": (0.1, 0.001)}
BETAS = {"component": (0.25,), "extreme": (1.0, 0.25)}


def pairs(name: str) -> dict[str, Setting]:
    """The remedy of the cause itself (the rate, beta) with another."""
    bad = COLLAPSES[name]
    mild = bad.but(learning_rate=0.014) if name == "component" else bad.but(beta=1.0)
    word = "rate 0.014" if name == "component" else "beta 1"
    return {
        f"{word}, normalised": mild.but(normalised=("encoder",)),
        f"{word}, warm-up": mild.but(kl_warm_up=0.5),
        f"{word}, floor": mild.but(usage_floor=0.2),
        f"{word}, vectors": mild.but(start="vectors"),
    }


def remedies(name: str) -> dict[str, Setting]:
    """The collapse, the same with one remedy, and the model as it is built in."""
    bad = COLLAPSES[name]
    both = ("encoder", "decoder")
    product = bad.but(decoder="product", normalised=("decoder",))
    return {
        "none": bad,
        **{f"learning rate {rate:g}": bad.but(learning_rate=rate) for rate in RATES[name]},
        "encoder normalised": bad.but(normalised=("encoder",)),
        "product decoder": bad.but(decoder="product"),
        "same, normalised": product,
        "both normalised": product.but(normalised=both),
        "KL warm-up": bad.but(kl_warm_up=0.5),
        "KL in 4 cycles": bad.but(kl_warm_up=0.5, kl_cycles=4),
        **{f"beta {beta:g}": bad.but(beta=beta) for beta in BETAS[name]},
        "free bits": bad.but(free_bits=0.1),
        "Laplace prior": bad.but(model="NeuralLDA"),
        "Dirichlet": bad.but(model="DirichletVAE", decoder="mixture"),
        "usage floor": bad.but(usage_floor=0.2),
        "diversity": bad.but(diversity=1.0),
        "start from vectors": bad.but(start="vectors"),
        "slow map": replace(bad, link_rate=0.1),
        **pairs(name),
        "as built in": Setting("GSM", {}, both, 0.1),
    }


class Shift(nn.Module):
    """What is left of ShiftBatchNorm without statistics of the batch."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x, shifted."""
        return x + self.shift


@contextlib.contextmanager
def changed(parts: tuple[str, ...], link_rate: float) -> Iterator[None]:
    """Models have the normalisation of ``parts`` alone; GSM's L learns at ``link_rate`` of all."""
    build: Any = getattr(vae, "build_module")  # noqa: B009 (what the model imports)

    def plain(model: Any, *arguments: Any) -> Any:
        module: Any = build(model, *arguments)
        if "encoder" not in parts:
            module.encoder.norm = Shift(model.n_topics)
        if "decoder" not in parts and hasattr(module.decoder, "power"):
            module.decoder.power = 0.0
        return module

    with (
        mock.patch.object(vae, "build_module", plain),
        mock.patch.object(elbo, "_LINK_RATE", link_rate),
    ):
        yield


def measure(setting: Setting, texts: Texts, seed: int) -> dict[str, Any]:
    """A model of a setting, fitted: its last record, its diagnosis, coherence and purity."""
    kind: Any = registry.load_class(registry.find(setting.model))
    model = kind(n_topics=texts.n_topics, n_threads=1, random_state=seed, **setting.parameters)
    started = time.perf_counter()
    with warnings.catch_warnings(), changed(setting.normalised, setting.link_rate):
        warnings.simplefilter("ignore")
        try:
            model.fit(texts.train, terms=texts.terms)
        except InputError as error:
            return {"diverged": str(error)}
    seconds = time.perf_counter() - started
    last, seen, topics = model.history_[-1], model.diagnose(), model.topic_word_
    return {
        **{name: last.get(name) for name in ("winning", "kl", "active", "evenness")},
        "dead": len(seen.dead or ()),
        "copies": seen.share_duplicates,
        "even": seen.share_uniform,
        "npmi": metrics.npmi(topics, texts.train, vocabulary=texts.terms),
        "td": metrics.diversity(topics, vocabulary=texts.terms),
        "purity": metrics.purity(model.transform(texts.test), texts.labels),
        "seconds": seconds,
        "epochs": [
            {n: r.get(n) for n in ("winning", "kl", "active", "evenness")} for r in model.history_
        ],
        "words": model.top_words(6)[:8],
        "sentences": seen.sentences(),
    }
