"""Two collapses of autoencoder topic models, made on purpose, and what cures them.

    python benchmarks/collapse.py --out collapse.json          # both corpora, 50 and 20 topics
    python benchmarks/collapse.py --corpora yelp --seeds 3 --out collapse.json

Collapses, both of GSM as its paper has it: no normalisation, random start, no usage floor, no
diversity, no background, the map L of its softmax learning as fast as the rest:

- ``component`` at a learning rate of .4: a few topics take all documents, the others are copies of
  one another (what Srivastava & Sutton, ICLR 2017, section 3.3, and Burkhardt & Kramer, JMLR 2019,
  fight);
- ``extreme`` with a KL that weighs 4 from the first step: the posterior is the prior.

Each remedy changes one thing of a collapse (those with a comma two) and leaves the rest as it is;
``as built in`` is the model with its defaults. The normalisations (ShiftBatchNorm in the encoder,
that of a product decoder) and the rate of L (``slow map``: a tenth) are no parameters: they are
changed here.

Corpora: 20ng-5k, topics over its training documents, purity over its test documents; Yelp reviews
of ``--data``, purity over their stars. Columns: ``winning``, ``kl``, ``active`` and ``evenness`` of
the last epoch's record in ``history_``; ``dead``, ``copies`` (share of near-duplicates) and
``even`` (share of documents that belong to all topics alike) of ``diagnose()``; NPMI of the top 10
words on the training documents, TD of the top 25, purity. Medians of the seeds, and what symptoms
are left: ``dead`` above a tenth of the topics, ``copies`` above a tenth, ``silent`` with a KL below
one nat, ``even`` above half of the documents. Records already in ``--out`` are not measured again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from _corpora import DATA, load_split

BARE: dict[str, Any] = {
    "start": "random", "usage_floor": 0.0, "diversity": 0.0, "background": False,
}  # fmt: skip
COLUMNS = (
    "winning", "kl", "active", "evenness", "dead", "copies", "even", "npmi", "td", "purity",
    "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """A model, its parameters, which parts keep their normalisation, GSM's rate of L."""

    model: str
    parameters: dict[str, Any]
    normalised: tuple[str, ...] = ()
    link_rate: float = 1.0

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


def load(name: str, data: Path) -> Texts:
    import polytopic as pt

    if name == "yelp":
        corpus = pt.read(data / "yelp" / "reviews.csv", text="text", label="stars")
        terms = list(corpus.vocabulary.terms)
        return Texts(corpus.counts, terms, corpus.counts, np.asarray(corpus.labels), 20)
    split = load_split(name, data)
    return Texts(split.train, split.terms, split.test, split.test_labels, 50)


@contextlib.contextmanager
def changed(parts: tuple[str, ...], link_rate: float) -> Iterator[None]:
    """Models have the normalisation of ``parts`` alone; GSM's L learns at ``link_rate`` of all."""
    import torch
    from torch import nn

    from polytopic.topics.vae import elbo
    from polytopic.topics.vae import model as vae

    class Shift(nn.Module):
        """What is left of ShiftBatchNorm without statistics of the batch."""

        def __init__(self, size: int) -> None:
            super().__init__()
            self.shift = nn.Parameter(torch.zeros(size))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.shift

    build = vae.build_module

    def plain(model: Any, *arguments: Any) -> Any:
        module = build(model, *arguments)
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
    import polytopic as pt
    from polytopic import metrics

    model = getattr(pt, setting.model)(
        n_topics=texts.n_topics, n_threads=1, random_state=seed, **setting.parameters
    )
    started = time.perf_counter()
    with warnings.catch_warnings(), changed(setting.normalised, setting.link_rate):
        warnings.simplefilter("ignore")
        try:
            model.fit(texts.train, terms=texts.terms)
        except pt.errors.InputError as error:
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


def symptoms(found: dict[str, Any], n_topics: int) -> str:
    """What is left of a collapse."""
    left = {
        "dead": found["dead"] > 0.1 * n_topics,
        "copies": found["copies"] > 0.1,
        "silent": found["kl"] < 1.0,
        "even": found["even"] > 0.5,
    }
    return ", ".join(name for name, there in left.items() if there) or "-"


def medians(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each column over the seeds that did not diverge."""
    kept = [record["found"] for record in records if "diverged" not in record["found"]]
    rows = {c: [f[c] for f in kept if f[c] is not None] for c in COLUMNS}
    return {c: statistics.median(values) for c, values in rows.items() if values}


def table(records: list[dict[str, Any]]) -> None:
    """Medians, one line a setting."""
    cases = dict.fromkeys((r["corpus"], r["collapse"], r["remedy"]) for r in records)
    shown = ("", "")
    for corpus, collapse, remedy in cases:
        here = [r for r in records if (r["corpus"], r["collapse"], r["remedy"])
                == (corpus, collapse, remedy)]  # fmt: skip
        n_topics, found = here[0]["n_topics"], medians(here)
        if (corpus, collapse) != shown:
            print(f"\n{corpus}, K = {n_topics}, {collapse} collapse, {len(here)} seed(s)")
            print(f"{'remedy':24}" + "".join(f"{c:>9}" for c in COLUMNS) + "  left")
            shown = corpus, collapse
        if not found:
            print(f"{remedy:24}  training diverged")
            continue
        line = "".join(f"{found[c]:9.3g}" if c in found else f"{'':>9}" for c in COLUMNS)
        print(f"{remedy:24}{line}  {symptoms(found, n_topics)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--corpora", nargs="+", default=["20ng-5k", "yelp"])
    parser.add_argument("--collapses", nargs="+", default=list(COLLAPSES))
    parser.add_argument("--remedies", nargs="+", help="these alone")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=Path("collapse.json"))
    arguments = parser.parse_args()
    out: Path = arguments.out
    records = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    keys = ("corpus", "collapse", "remedy", "seed")
    done = {tuple(record[key] for key in keys) for record in records}
    for seed in range(arguments.seeds):
        for corpus in arguments.corpora:
            texts = load(corpus, arguments.data)
            for collapse in arguments.collapses:
                for remedy, setting in remedies(collapse).items():
                    case = (corpus, collapse, remedy, seed)
                    if case in done or remedy not in (arguments.remedies or [remedy]):
                        continue
                    found = measure(setting, texts, seed)
                    record = dict(zip(keys, case, strict=True))
                    records.append(record | {"n_topics": texts.n_topics, "found": found})
                    out.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    table(records)


if __name__ == "__main__":
    main()
