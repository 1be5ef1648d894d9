"""A small example of every estimator of the registry: how it is made, fitted and asked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from polytopic import registry

from planting import planted

QUICK: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "word_dim": 4, "epochs": 1, "iterations": 4,
    "batch_size": 200, "bucket": 500, "min_count": 1, "device": "cpu", "random_state": 0,
}  # fmt: skip
"""Parameters of those that have them."""


@dataclass(frozen=True)
class Example:
    """An estimator of the registry with input that it takes.

    The input is large enough that libraries would divide the sums over it among threads.
    """

    entry: registry.Entry

    def make(self, **changes: Any) -> Any:
        """The estimator, not fitted."""
        kind = registry.load_class(self.entry)
        known = kind().get_params()
        own = {"n_threads": 1} if self.entry.family == "nodes" else {}
        return kind(**{n: v for n, v in (QUICK | own | changes).items() if n in known})

    def input(self) -> Any:
        """Counts, sentences or a graph."""
        if self.entry.family in ("topics", "autoencoders"):
            return COUNTS
        if self.entry.family == "nodes":
            return GRAPH
        if self.entry.family == "classifiers":
            return TEXTS
        return SENTENCES

    def fit(self, **changes: Any) -> Any:
        """The estimator, fitted in silence."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.entry.family == "classifiers":
                return self.make(**changes).fit(TEXTS, LABELS)
            return self.make(**changes).fit(self.input())

    def answer(self, model: Any) -> np.ndarray:
        """What a fitted one says of its input."""
        if hasattr(model, "transform"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return np.asarray(model.transform(self.input()))
        if hasattr(model, "predict_proba"):
            return np.asarray(model.predict_proba(self.input()))
        vectors = model.vectors_
        found = [s for t in vectors.vocabulary.terms[:20] for _, s in vectors.most_similar(t, n=5)]
        return np.array(found)

    def state(self, model: Any) -> list[np.ndarray]:
        """The numbers that a fitted one holds."""
        if hasattr(model, "module_"):
            return [tensor.numpy() for tensor in model.module_.state_dict().values()]
        if hasattr(model, "topic_word_"):
            return [model.topic_word_]
        if hasattr(model, "document_vectors_"):
            return [model.document_vectors_, np.asarray(model.vectors_.input)]
        if hasattr(model, "classes_") and not hasattr(model, "vectors_"):
            return [model._input, model._output]
        return [np.asarray(model.vectors_.input), np.asarray(model.vectors_.output)]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    """Whether the bits are the same."""
    return len(first) == len(second) and all(map(np.array_equal, first, second))


COUNTS: sparse.csr_matrix = planted(n_documents=600, n_topics=8, per_topic=64)[0]
GRAPH = sparse.random(60, 60, density=0.1, format="csr", random_state=0)
SENTENCES = [[f"w{term}" for term in COUNTS[row].indices] for row in range(200)]
TEXTS = [" ".join(sentence) for sentence in SENTENCES]
LABELS = ["even" if len(sentence) % 2 == 0 else "odd" for sentence in SENTENCES]
EXAMPLES = [Example(entry) for entry in registry.MODELS]
NAMES = [entry.name for entry in registry.MODELS]
