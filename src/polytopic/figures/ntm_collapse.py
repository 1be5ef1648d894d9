"""What was ever tried against the collapse of NTM, each put into the paper's recipe, and run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from polytopic.errors import InputError
from polytopic.figures.making import Table
from polytopic.figures.stand_in import corpus_of
from polytopic.topics.ntm.ntm import NTM

__all__ = ["REMEDIES", "ntm_collapse"]

COST = {"margin": 1.0, "cost": "log-margin"}
BATCH = {"averaged": 20_000}
NOTEBOOK = {
    **BATCH, "optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0, "tied": True,
    "start": "autoencoder",
}  # fmt: skip
KEPT = {"decay": 0.0}
REMEDIES: dict[str, dict[str, Any]] = {
    "as published": {},
    "no decay": KEPT,
    "decay on W1 alone": {"decay_on": "documents"},
    "decay on W2 alone": {"decay_on": "terms"},
    "cross-entropy": {"cost": "cross-entropy"},
    "binary cross-entropy": {"cost": "binary-cross-entropy"},
    "cross-entropy, no decay": {"cost": "cross-entropy", **KEPT},
    "binary cross-entropy, no decay": {"cost": "binary-cross-entropy", **KEPT},
    "cost times 100": {"scale": 100.0},
    "cost times the documents": {"scale": "n_docs"},
    "cost times 10^epoch": {"scale": "10**epoch"},
    "cost times 100, no decay": {"scale": 100.0, **KEPT},
    "softmax of softplus": {"activation": "softmax-softplus"},
    "softmax of softplus, no decay": {"activation": "softmax-softplus", **KEPT},
    "rows of length one": {"unit_rows": True},
    "rows of length one, no decay": {"unit_rows": True, **KEPT},
    "adagrad": {"optimiser": "adagrad"},
    "adam": {"optimiser": "adam"},
    "adadelta": {"optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0},
    "adagrad, no decay": {"optimiser": "adagrad", **KEPT},
    "adam, no decay": {"optimiser": "adam", **KEPT},
    "adadelta, no decay": {
        "optimiser": "adadelta", "document_rate": 1.0, "term_rate": 1.0, **KEPT
    },
    "means of 20,000 pairs": BATCH,
    "means, rates times 20,000": {**BATCH, "document_rate": 200.0, "term_rate": 200.0},
    "means, rates times 20,000, no decay": {
        **BATCH, "document_rate": 200.0, "term_rate": 200.0, **KEPT
    },
    "means, adagrad": {**BATCH, "optimiser": "adagrad"},
    "means, adam": {**BATCH, "optimiser": "adam"},
    "means, adam, no decay": {**BATCH, "optimiser": "adam", **KEPT},
    "means, adam, log-margin, no decay": {**BATCH, "optimiser": "adam", **COST, **KEPT},
    "tied auto-encoder": {"tied": True},
    "notebook: means, adadelta, tied": NOTEBOOK,
    "notebook, no decay": {**NOTEBOOK, **KEPT},
    "notebook, cost times 10^epoch": {**NOTEBOOK, "scale": "10**epoch"},
    "notebook, cost times the documents": {**NOTEBOOK, "scale": "n_docs"},
    "notebook, cross-entropy": {**NOTEBOOK, "cost": "cross-entropy"},
    "cost as printed, no decay": {"turned": True, **KEPT},
    "cost as printed, no decay, adagrad": {"turned": True, "optimiser": "adagrad", **KEPT},
}  # fmt: skip
"""What was tried against the collapse, each put into the paper's recipe."""

_DOCUMENTS, _SMALL_TOPICS, _SMALL_DIM = 4000, 4, 16
"""Of the stand-in: the fewest on which the paper's recipe fades within a few epochs."""

_EPOCHS, _TOPICS = 5, 50
"""As in the docs, on 20 Newsgroups."""

_JUDGED = 20_000
"""Pairs that are ranked: their share is then known to .004."""

COLUMNS = (
    "remedy", "length of a row", "length in W2", "evenness", "largest", "ranking", "topics alive",
)  # fmt: skip


def ntm_collapse(data: Path | None = None) -> Table:
    """A row a remedy, last the recipe of this package: what is left of W1 and W2 at the end.

    ``ranking``: share of a document's terms that score higher in it than in a random document
    without them (ties: one half).
    """
    corpus = corpus_of(data, _DOCUMENTS)
    counts = sparse.csr_matrix(corpus.counts)
    if data is None:
        how: dict[str, Any] = {"n_topics": _SMALL_TOPICS, "dim": _SMALL_DIM, "epochs": 8}
    else:
        how = {"n_topics": min(_TOPICS, len(corpus.vocabulary) // 2), "epochs": _EPOCHS}
    rows: list[tuple[Any, ...]] = []
    for name, changes in [*REMEDIES.items(), ("cured", None)]:
        recipe = {"recipe": "cured"} if changes is None else {"recipe": "paper", "changes": changes}
        model = NTM(**how, **recipe, n_threads=1, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                model.fit(counts, terms=list(corpus.vocabulary.terms))
            except InputError as error:
                rows.append((name, f"{error}", *[""] * (len(COLUMNS) - 2)))
                continue
        if model.interrupted_:
            raise KeyboardInterrupt
        last = model.history_[-1]
        alive = model.n_topics - len(model.diagnose().dead or ())
        rows.append((
            name, last["document_norm"], last["term_norm"], last["evenness"], last["largest"],
            _ranking(model, counts), f"{alive} of {model.n_topics}",
        ))  # fmt: skip
    size = f"{counts.shape[0]:,} documents, {counts.shape[1]:,} terms, {counts.nnz:,} pairs"
    return Table(COLUMNS, rows, [f"{size}; K = {how['n_topics']}, {how['epochs']} epochs"])


def _ranking(model: NTM, counts: sparse.csr_matrix) -> float:
    rng = np.random.default_rng(0)
    pairs = rng.choice(counts.nnz, min(_JUDGED, counts.nnz), replace=False)
    documents = np.searchsorted(counts.indptr, pairs, side="right") - 1
    terms = counts.indices[pairs]
    others = rng.integers(counts.shape[0], size=len(pairs))
    without = np.asarray(counts[others, terms]).ravel() == 0
    own = model.score_pairs(terms[without], documents[without])
    other = model.score_pairs(terms[without], others[without])
    return float((own > other).mean() + 0.5 * (own == other).mean())
