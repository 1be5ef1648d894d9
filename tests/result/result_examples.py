"""Results to try things on: one of every topic model, made once, and one made by hand."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
from scipy import sparse

from polytopic import registry
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

from planting import planted

QUICK = {
    "n_topics": 4, "hidden": 8, "word_dim": 4, "epochs": 2, "iterations": 20, "batch_size": 60,
    "device": "cpu", "random_state": 0,
}  # fmt: skip
TOPIC_MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]
N_DOCUMENTS = 120
COUNTS = planted(n_documents=N_DOCUMENTS, n_topics=4, per_topic=8)[0]
EMPTY = 5
"""A document without terms."""
_made: dict[str, TopicResult] = {}


def counts_with_an_empty_document() -> sparse.csr_matrix:
    counts = COUNTS.tolil()
    counts[EMPTY] = 0
    return sparse.csr_matrix(counts)


def fitted_result(entry: registry.Entry) -> TopicResult:
    """Its result, with texts, labels, ids and dates, of which some are missing."""
    if entry.extra is not None:
        pytest.importorskip(entry.extra, reason="the extra is not installed")
    if entry.name not in _made:
        kind = registry.load_class(entry)
        known = kind().get_params()
        counts = counts_with_an_empty_document()
        terms = [f"w{term}" for term in range(counts.shape[1])]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = kind(**{n: v for n, v in QUICK.items() if n in known}).fit(counts, terms=terms)
            plain = model.result(counts)
        rows = np.arange(N_DOCUMENTS)
        _made[entry.name] = dataclasses.replace(
            plain,
            texts=[f"text {row} = <b>{row}</b>" for row in rows],
            labels=[None if row == 3 else "abc"[row % 3] for row in rows],
            metadata={"where": [None if row == 3 else "abc"[row % 3] for row in rows]},
            ids=[f"d{row}" for row in rows],
            dates=np.datetime64("2020-01-06") + (7 * rows).astype("m8[D]"),
            metrics={"npmi": 0.25, "c_v": None},
        )
    return _made[entry.name]


def small(**changes: object) -> TopicResult:
    """Two topics, three terms and four documents, made by hand."""
    plain = TopicResult(
        topic_word=np.array([[0.6, 0.2, 0.2], [0.1, 0.4, 0.5]], dtype=np.float32),
        doc_topic=np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [1, 0]], dtype=np.float32),
        vocabulary=Vocabulary(["a", "b", "c"]),
        counts=sparse.csr_matrix([[2, 0, 0], [0, 3, 1], [0, 0, 4], [0, 0, 0]]),
    )
    return dataclasses.replace(plain, **changes)
