"""Topic models that are variational autoencoders: a named model is a row of choices on the axes."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import SEED, AnyOf, Choice, Constraint, Custom, Integer, Real, seed_from
from polytopic.errors import ConvergenceWarning, InterruptedFitWarning
from polytopic.latent import Family, Prior
from polytopic.nets import Decoder, SparseCounts
from polytopic.topics.base import TopicModel
from polytopic.topics.elbo import TopicVAE
from polytopic.topics.start import START, Start, make_start
from polytopic.training import Outcome, Trainer
from polytopic.training.processes import Processes

__all__ = ["VAETopicModel"]

_INFERENCE_BATCH = 1024


class VAETopicModel(TopicModel):
    """Base of the variational autoencoders over bags of words.

    A subclass names its posterior family, prior and decoder, its gradient and its defaults; the
    encoder, the bound (:class:`~polytopic.topics.elbo.TopicVAE`) and the training loop are shared.
    """

    posterior: ClassVar[type[Family]]
    decoder_type: ClassVar[type[Decoder]]
    gradient: str = "pathwise"

    dim: int
    hidden: int
    prior_concentration: float
    dropout: float
    epochs: int
    batch_size: int
    learning_rate: float
    kl_warm_up: float
    held_out: float
    patience: int | None
    start: Any
    device: str
    n_threads: int | None
    checkpoint: str | Path | None
    trackers: Any
    random_state: Any

    module_: TopicVAE
    interrupted_: bool

    _constraints: ClassVar[Mapping[str, Constraint]] = {
        "n_topics": Integer(2),
        "dim": Integer(1),
        "hidden": Integer(1),
        "prior_concentration": Real(0, open_low=True),
        "dropout": Real(0, 1, open_high=True),
        "epochs": Integer(1),
        "batch_size": Integer(2),
        "learning_rate": Real(0, open_low=True),
        "kl_warm_up": Real(0, 1),
        "held_out": Real(0, 0.5),
        "patience": AnyOf(Integer(1), Custom("None", lambda value: value is None)),
        "start": START,
        "device": Custom(
            'a device name such as "auto", "cpu" or "cuda"', lambda value: isinstance(value, str)
        ),
        "n_threads": AnyOf(Integer(1), Custom("None", lambda value: value is None)),
        "checkpoint": Custom(
            "a folder or None", lambda value: value is None or isinstance(value, (str, Path))
        ),
        "verbose": Choice((False, True)),
        "random_state": SEED,
    }

    def _prior(self) -> Prior:
        """p(theta) as the named model wants it."""
        raise NotImplementedError

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        seed = seed_from(self.random_state)
        with _threads(self.n_threads):
            processes = Processes(self.device, self.trackers, self.checkpoint)
            training, held_out = self._split(counts, seed)
            start = make_start(self.start, training, self.n_topics, self.dim, seed)
            module = self._build(start, seed).to(processes.device)
            processes.start_trackers({"model": type(self).__name__, **_plain(self.get_params())})
            outcome = self._trainer(counts, seed, processes).fit(
                module,
                SparseCounts(training, processes.device),
                SparseCounts(held_out, processes.device) if held_out is not None else None,
                processes,
            )
            processes.end_trackers()
            self._finish(module, outcome)

    def _split(
        self, counts: sparse.csr_matrix, seed: int
    ) -> tuple[sparse.csr_matrix, sparse.csr_matrix | None]:
        """Non-empty documents, a share of them held out for early stopping."""
        filled = np.flatnonzero(np.diff(counts.indptr) > 0)
        n_held_out = min(int(self.held_out * len(filled)), _MOST_HELD_OUT)
        if n_held_out == 0:
            return counts[filled], None
        order = np.random.default_rng([seed, 1]).permutation(filled)
        rest, held_out = np.sort(order[n_held_out:]), np.sort(order[:n_held_out])
        return counts[rest], counts[held_out]

    def _build(self, start: Start, seed: int) -> TopicVAE:
        raise NotImplementedError

    def _trainer(self, counts: sparse.csr_matrix, seed: int, processes: Processes) -> Trainer:
        return Trainer(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            kl_warm_up=self.kl_warm_up,
            patience=self.patience,
            seed=seed,
            checkpoint=Path(self.checkpoint) if self.checkpoint is not None else None,
            identity=self._identity(counts, seed),
            description=type(self).__name__,
            verbose=self.verbose and processes.is_main,
        )

    def _identity(self, counts: sparse.csr_matrix, seed: int) -> dict[str, Any]:
        """What a checkpoint must share with this run to be resumed."""
        skipped = ("checkpoint", "verbose", "trackers", "device", "random_state", "start")
        plain = _plain({n: v for n, v in self.get_params().items() if n not in skipped})
        digest = hashlib.sha256()
        for array in (counts.indptr, counts.indices, counts.data):
            digest.update(np.ascontiguousarray(array).tobytes())
        start = self.start if isinstance(self.start, str) else "given vectors"
        return {**plain, "start": start, "seed": seed, "corpus": digest.hexdigest()[:16]}

    def _finish(self, module: TopicVAE, outcome: Outcome) -> None:
        self.module_ = module.cpu().eval()
        with torch.no_grad():
            self.topic_word_ = _on_simplex(module.decoder.topic_word().numpy())
        self.history_ = outcome.history
        self.interrupted_ = outcome.interrupted
        if outcome.interrupted:
            done = len(outcome.history)
            warnings.warn(
                f"{type(self).__name__}: interrupted after {done} of {self.epochs} epochs; the "
                "best weights so far are in place. Fit again with the same checkpoint to go on.",
                InterruptedFitWarning,
                stacklevel=2,
            )

    # ---- inference -------------------------------------------------------------------------

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        documents = SparseCounts(counts, torch.device("cpu"))
        blocks = []
        with torch.no_grad(), _threads(self.n_threads):
            for start in range(0, counts.shape[0], _INFERENCE_BATCH):
                rows = np.arange(start, min(start + _INFERENCE_BATCH, counts.shape[0]))
                blocks.append(self.module_.theta(documents.batch(rows)).numpy())
        return _on_simplex(np.concatenate(blocks))
