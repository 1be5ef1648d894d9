"""Topic models of polytopic and of its peers, fitted to the same counts."""

from __future__ import annotations

import sys
import time
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from _corpora import Split
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["PEERS", "RUNNERS", "VARIANTS", "Counts", "Fitted", "Runner"]

Counts = sparse.csr_matrix
_BLOCK = 512


@dataclass(frozen=True)
class Fitted:
    """A fitted model: ``topic_word`` (K, V), weights or distributions; ``seconds`` of the fit.

    ``infer`` gives theta (D, K) of counts; ``log_likelihood`` sum_v n_dv ln p(v | theta_d), shape
    (D,), by the model's own decoder (None: a mixture of the topics); ``train`` theta of the
    training documents where the fit leaves it behind.
    """

    topic_word: NDArray[Any]
    infer: Callable[[Counts], NDArray[Any]]
    log_likelihood: Callable[[Counts, NDArray[Any]], NDArray[Any]] | None
    seconds: float
    train: NDArray[Any] | None = None


Runner = Callable[[str, Split, int, int], Fitted]


VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "lda-asymmetric": ("lda", {"eta": 0.01}),
    "lda-held": ("lda", {"alpha": 0.1, "eta": 0.01}),
    "dirichlet-vae-chosen": ("dirichlet-vae", {"start": "chosen"}),
    "nmf-divergence": ("nmf", {"loss": "kullback-leibler"}),
}
"""Models of the package with other choices than its defaults; tomotopy's LDA learns its alphas, at
eta .01."""


def run_polytopic(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    from polytopic import registry

    model_name, options = VARIANTS.get(name, (name, {}))
    kind: Any = registry.load_class(registry.find(model_name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        model = kind(n_topics=n_topics, random_state=seed, **options)
        model.fit(split.train, terms=split.terms)
        seconds = time.perf_counter() - started
    return Fitted(model.topic_word_, model.transform, model.log_likelihood, seconds)


def run_topmost(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    """A model of TopMost with its defaults, 200 epochs, batches of 200."""
    import sentence_transformers  # noqa: F401  (looks for torchvision: before the stand-in)
    import torch

    stand_in = types.ModuleType("torchvision.datasets.utils")
    stand_in.download_url = None  # type: ignore[attr-defined]
    for parent in ("torchvision", "torchvision.datasets"):
        sys.modules.setdefault(parent, types.ModuleType(parent))
    sys.modules.setdefault("torchvision.datasets.utils", stand_in)
    import topmost

    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    train = torch.from_numpy(split.train.toarray()).float()
    loader = torch.utils.data.DataLoader(train, batch_size=200, shuffle=True)
    dataset = types.SimpleNamespace(train_data=train, train_dataloader=loader, vocab=split.terms)
    model = getattr(topmost, name)(vocab_size=train.shape[1], num_topics=n_topics)
    trainer = topmost.BasicTrainer(model, dataset, epochs=200)
    started = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - started

    def infer(counts: Counts) -> NDArray[Any]:
        theta = trainer.test(torch.from_numpy(counts.toarray()).float())
        return np.where(np.isfinite(theta), theta, 1.0 / n_topics)  # ETM divides by the length

    def log_likelihood(counts: Counts, theta: NDArray[Any]) -> NDArray[Any]:
        model.eval()
        out = np.zeros(counts.shape[0])
        with torch.no_grad():
            for first in range(0, counts.shape[0], _BLOCK):
                part = counts[first : first + _BLOCK].tocoo()
                given = torch.from_numpy(np.asarray(theta[first : first + _BLOCK])).float()
                log_p = np.log(_terms_of_topmost(model, given).double().numpy())
                np.add.at(out, first + part.row, part.data * log_p[part.row, part.col])
        return out

    return Fitted(trainer.get_beta(), infer, log_likelihood, seconds)


def _terms_of_topmost(model: Any, theta: Any) -> Any:
    """p(v | theta) of a model of TopMost as its loss has it, shape (D, V)."""
    import torch

    if hasattr(model, "decode"):  # ProdLDA
        return model.decode(theta)
    mixed = theta @ model.get_beta()
    if hasattr(model, "decoder_bn"):  # ECRTM
        return torch.softmax(model.decoder_bn(mixed), dim=1)
    return mixed  # ETM


def run_tomotopy(name: str, split: Split, n_topics: int, seed: int) -> Fitted:
    """LDA of tomotopy, 200 passes, its default of learned alphas; it knows training terms only."""
    import tomotopy

    model = tomotopy.LDAModel(k=n_topics, alpha=0.1, eta=0.01, seed=seed)
    documents = [_words(split, split.train, row) for row in range(split.train.shape[0])]
    kept = [row for row, words in enumerate(documents) if words]
    started = time.perf_counter()
    for row in kept:
        model.add_doc(documents[row])
    model.train(200, workers=0)
    seconds = time.perf_counter() - started
    column = {word: index for index, word in enumerate(model.used_vocabs)}
    order = np.array([column.get(term, -1) for term in split.terms])
    phi = np.array([model.get_topic_word_dist(k) for k in range(n_topics)])
    train = np.full((split.train.shape[0], n_topics), 1.0 / n_topics)
    train[kept] = [document.get_topic_dist() for document in model.docs]

    def infer(counts: Counts) -> NDArray[Any]:
        known = sparse.csr_matrix(counts @ sparse.diags_array((order >= 0) * 1)).astype(np.int64)
        known.eliminate_zeros()
        filled = np.flatnonzero(np.diff(known.indptr))
        theta = np.full((counts.shape[0], n_topics), 1.0 / n_topics)
        fresh = [model.make_doc(_words(split, known, row)) for row in filled]
        theta[filled] = model.infer(fresh)[0]
        return theta

    topic_word = np.where(order >= 0, phi[:, order], 0.0)
    return Fitted(topic_word, infer, None, seconds, train)


def _words(split: Split, counts: Any, row: int) -> list[str]:
    part = slice(counts.indptr[row], counts.indptr[row + 1])
    repeated = np.repeat(counts.indices[part], counts.data[part])
    return [split.terms[index] for index in repeated]


PEERS: dict[str, tuple[Runner, str]] = {
    "topmost-prodlda": (run_topmost, "ProdLDA"),
    "topmost-ecrtm": (run_topmost, "ECRTM"),
    "topmost-etm": (run_topmost, "ETM"),
    "tomotopy-lda": (run_tomotopy, "LDA"),
}


def _runners() -> dict[str, tuple[Runner, str]]:
    from polytopic.registry import MODELS

    own = [entry.name for entry in MODELS if entry.family == "topics"]
    return {**{name: (run_polytopic, name) for name in [*own, *VARIANTS]}, **PEERS}


RUNNERS = _runners()
"""All topic models of the package and the peers: how each is run, and what it is called there."""
