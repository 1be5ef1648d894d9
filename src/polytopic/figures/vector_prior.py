"""Word vectors as prior knowledge of LDA: what strength does to coherence and stability."""

from __future__ import annotations

import itertools
import statistics
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from polytopic import metrics, registry, simplex
from polytopic.embeddings.ppmi import ppmi_vectors
from polytopic.embeddings.vectors import WordVectors
from polytopic.figures.making import Drawing
from polytopic.figures.stand_in import corpus_of, kept_records

__all__ = ["COLUMNS", "Cut", "charts", "measured", "same_topics", "vector_prior"]

COLUMNS = ("npmi", "held_out", "td", "perplexity", "seconds")
DRAWN = {"held_out": "NPMI, test documents", "same": "same topics, two seeds"}

_STRENGTHS = (10.0, 30.0, 100.0, 300.0, 1000.0)
"""Pseudo-counts a topic: from a few words to more than a small corpus has."""

_SEEDS = 2
"""The fewest of which it can be said how alike their topics are."""

_FEW, _TOPICS, _DIM = 500, 20, 100
"""Training documents at most, topics, and dimensions of the vectors, as in the docs."""


@dataclass(frozen=True)
class Cut:
    """Training and test counts over the terms of the training documents."""

    train: Any
    test: Any
    terms: list[str]


def vector_prior(data: Path | None = None) -> Drawing:
    """Held-out NPMI and stability against strength: of records, or of a corpus measured now."""
    if data is not None and data.suffix == ".json":
        wanted = ("corpus", "way", "vectors", "strength", *DRAWN)
        kept = kept_records(data, wanted, "vector_prior.py", "its records.json")
        return Drawing(charts(kept).to_dict())
    return Drawing(charts(_records(data)).to_dict())


def _records(data: Path | None) -> list[dict[str, Any]]:
    """Records of a corpus: LDA without vectors, and with priors of its own vectors."""
    cut, name = _cut(data), "themes" if data is None else data.stem
    n_topics = min(_TOPICS, 4 if data is None else _TOPICS)
    vectors = WordVectors(cut.terms, ppmi_vectors(cut.train, min(_DIM, len(cut.terms) - 1)))
    kind: Any = registry.load_class(registry.find("lda"))
    records = []
    for way, strength in [("none", 0.0), *itertools.product(("cluster", "projection"), _STRENGTHS)]:
        runs = []
        for seed in range(_SEEDS):
            eta: Any = 0.01
            if way != "none":
                means = simplex.from_vectors(
                    vectors, n_topics, way, vocabulary=cut.terms, missing="uniform",
                    counts=cut.train, random_state=seed,
                )  # fmt: skip
                eta = simplex.prior(means, strength)
            model = kind(n_topics=n_topics, eta=eta, n_threads=1, random_state=seed)
            runs.append(measured(model, cut))
        record: dict[str, Any] = {c: statistics.median(r[c] for r in runs) for c in COLUMNS}
        record["same"] = same_topics(runs[0]["top"], runs[1]["top"])
        record |= {"corpus": name, "way": way, "vectors": "own", "strength": strength}
        records.append(record)
    return records


def _cut(data: Path | None) -> Cut:
    """A few training documents, the others to test; terms of three training documents and more."""
    corpus = corpus_of(data)
    counts, order = corpus.counts, np.random.default_rng(0).permutation(corpus.counts.shape[0])
    n = min(_FEW, len(order) // 3)
    train, test = counts[order[:n]], counts[order[n:]]
    kept = np.flatnonzero(np.bincount(train.indices, minlength=train.shape[1]) >= 3)
    cut = [sparse.csr_matrix(part[:, kept]) for part in (train, test)]
    return Cut(cut[0], cut[1], [corpus.vocabulary.terms[column] for column in kept])


def measured(model: Any, cut: Cut) -> dict[str, Any]:
    """A model fitted: coherence, diversity, perplexity, seconds, and each topic's ten words."""
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(cut.train, terms=cut.terms)
        seconds = time.perf_counter() - started
        perplexity = model.perplexity(cut.test)
    topics = model.topic_word_
    return {
        "npmi": metrics.npmi(topics, cut.train, vocabulary=cut.terms),
        "held_out": metrics.npmi(topics, cut.test, vocabulary=cut.terms),
        "td": metrics.diversity(topics, vocabulary=cut.terms),
        "perplexity": perplexity,
        "seconds": seconds,
        "top": np.argsort(-topics, axis=1, kind="stable")[:, :10].tolist(),
    }


def same_topics(one: list[list[int]], other: list[list[int]]) -> float:
    """Mean Jaccard index of topics, each of one run with its match in the other."""
    table = np.array([[len({*a} & {*b}) / len({*a} | {*b}) for b in other] for a in one])
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].mean())


def charts(records: Sequence[dict[str, Any]]) -> Any:
    """A panel a column and corpus; gray: LDA without vectors."""
    corpora = list(dict.fromkeys(record["corpus"] for record in records))
    panels = []
    for (column, title), corpus in itertools.product(DRAWN.items(), corpora):
        here = [record for record in records if record["corpus"] == corpus]
        curves = [record for record in here if record["way"] in ("cluster", "projection")]
        plain = [record for record in here if record["way"] == "none"]
        y = alt.Y(column, type="quantitative", title=title, scale=alt.Scale(zero=False))
        x = alt.X("strength:Q", scale=alt.Scale(type="log"), title="pseudo-counts a topic")
        lines = (
            alt.Chart(alt.Data(values=curves))
            .mark_line(point=True)
            .encode(x=x, y=y, color="vectors:N", strokeDash=alt.StrokeDash("way:N"))
        )
        rule = alt.Chart(alt.Data(values=plain)).mark_rule(color="gray").encode(y=y)
        panels.append(alt.layer(lines, rule).properties(width=230, height=170, title=corpus))
    return alt.concat(*panels, columns=len(corpora))
