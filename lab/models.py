"""A small fitted example of every estimator, and what it answers: what bits and soak ask."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import registry

__all__ = ["EXAMPLES", "Example", "digest", "fitted"]

_DOCUMENTS, _TERMS, _TOPICS, _LENGTH = 240, 320, 8, 40
_QUICK: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "word_dim": 8, "epochs": 2, "iterations": 6,
    "batch_size": 100, "min_count": 1, "bucket": 500, "device": "cpu", "random_state": 0,
}  # fmt: skip


def _counts() -> sparse.csr_matrix:
    """Documents of one topic each, every topic a block of terms, with a little noise."""
    random = np.random.default_rng(0)
    share = np.full((_TOPICS, _TERMS), 0.2 / _TERMS)
    for topic, block in enumerate(np.split(np.arange(_TERMS), _TOPICS)):
        share[topic, block] += 0.8 / len(block)
    topics = random.integers(_TOPICS, size=_DOCUMENTS)
    return sparse.csr_matrix(np.stack([random.multinomial(_LENGTH, share[k]) for k in topics]))


COUNTS = _counts()
SENTENCES = [[f"w{term}" for term in row.indices[:20]] for row in COUNTS]
TEXTS = [" ".join(sentence) for sentence in SENTENCES]
LABELS = ["even" if place % 2 == 0 else "odd" for place in range(len(TEXTS))]
GRAPH = sparse.random(60, 60, density=0.1, format="csr", random_state=0)


@dataclass(frozen=True)
class Example:
    """An estimator of the registry, its input, and what a fitted one says of parts of it."""

    entry: registry.Entry

    @property
    def name(self) -> str:
        """Of the registry."""
        return self.entry.name

    @property
    def reads_rows(self) -> bool:
        """Whether it answers for documents that may be taken apart and put in another order."""
        return self.entry.family not in ("vectors", "nodes")

    @property
    def labelled(self) -> bool:
        """Whether it is fitted on labels too."""
        return self.entry.family == "classifiers"

    def input(self) -> Any:
        """Counts, sentences, texts or a graph."""
        rows_of = {
            "topics": COUNTS, "autoencoders": COUNTS, "nodes": GRAPH, "classifiers": TEXTS,
        }  # fmt: skip
        return rows_of.get(self.entry.family, SENTENCES)

    def make(self, **changes: Any) -> Any:
        """Not fitted."""
        kind = registry.load_class(self.entry)
        known = kind().get_params()
        own = {"n_threads": 1} if self.entry.family == "nodes" else {}  # as its page says
        return kind(**{n: v for n, v in (_QUICK | own | changes).items() if n in known})

    def answer(self, model: Any, rows: Any = None) -> NDArray[Any]:
        """Of documents (all, or those of ``rows``), or of each word's or node's neighbours."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.reads_rows:
                given = self.input()
                if rows is not None:
                    csr = sparse.issparse(given)
                    given = given[rows] if csr else [given[row] for row in rows]
                answers = model.predict_proba if self.labelled else model.transform
                return np.asarray(answers(given))
            vectors = model.vectors_
            terms = vectors.vocabulary.terms
            asked = range(40) if rows is None else rows
            near = (vectors.most_similar(terms[row % len(terms)], n=5) for row in asked)
            return np.array([[score for _, score in found] for found in near])

    def state(self, model: Any) -> list[NDArray[Any]]:
        """The numbers that a fitted one holds."""
        if hasattr(model, "module_"):
            return [tensor.numpy() for tensor in model.module_.state_dict().values()]
        if hasattr(model, "topic_word_"):
            return [model.topic_word_]
        if hasattr(model, "document_vectors_"):
            return [model.document_vectors_, np.asarray(model.vectors_.input)]
        if self.labelled:
            return [model._input, model._output]
        return [np.asarray(model.vectors_.input), np.asarray(model.vectors_.output)]

    def facts(self, model: Any) -> dict[str, str]:
        """Digests of what it holds and of what it answers."""
        return {"fit": digest(*self.state(model)), "answer": digest(self.answer(model))}


def fitted(example: Example, **changes: Any) -> Any:
    """The example's model, fitted in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = (example.input(), LABELS) if example.labelled else (example.input(),)
        return example.make(**changes).fit(*given)


def digest(*arrays: NDArray[Any]) -> str:
    """Of the bits of arrays, their shapes and their types."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


EXAMPLES = tuple(Example(entry) for entry in registry.MODELS)
