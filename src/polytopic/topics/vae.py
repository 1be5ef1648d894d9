"""Topic models that are variational autoencoders: a named model is a row of choices on the axes."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import NONE, SEED, AnyOf, Choice, Constraint, Custom, Integer, Real, seed_from
from polytopic.errors import InterruptedFitWarning
from polytopic.latent import Family, Prior
from polytopic.nets import DECODERS, CountsEncoder, SparseCounts
from polytopic.topics.base import TopicModel
from polytopic.topics.elbo import TopicVAE
from polytopic.topics.start import START, Start, make_start
from polytopic.training import Outcome, Trainer
from polytopic.training.processes import Processes

__all__ = ["VAETopicModel"]

_INFERENCE_BATCH = 512
_MOST_HELD_OUT = 2_000

_VISITS = 400_000
"""Documents seen in training, all passes together, beyond which more of them bring little."""

_STEPS = 200
"""Steps below which a run has not arrived."""

_REFERENCE_TOPICS = 50
"""The number of topics for which rates and weights are stated; other numbers scale them."""

_ENCODER_RATE = 1.4
"""Peak learning rate of the encoder in terms of the decoder's; with many topics it is lowered,
since a quick encoder moves all documents of a small topic to its neighbours."""


class VAETopicModel(TopicModel):
    """Base of the variational autoencoders over bags of words.

    A subclass names its posterior family, prior and decoder, its gradient and its defaults; the
    encoder, the bound (:class:`~polytopic.topics.elbo.TopicVAE`) and the training loop are shared.
    """

    posterior: ClassVar[type[Family]]
    decoder: str = "product"
    prior: ClassVar[Callable[[float], Prior]]
    gradient: str = "pathwise"
    _scale: ClassVar[float] = 3.0
    _concentration: ClassVar[float]
    _offsets: ClassVar[tuple[float, ...]] = ()

    module_: TopicVAE
    interrupted_: bool

    _constraints: ClassVar[Mapping[str, Constraint]] = {
        "n_topics": Integer(2),
        "dim": Integer(1),
        "hidden": Integer(1),
        "prior_concentration": AnyOf(Real(0, open_low=True), NONE),
        "dropout": Real(0, 1, open_high=True),
        "diversity": Real(0),
        "usage_floor": Real(0, 1, open_high=True),
        "epochs": AnyOf(Integer(1), NONE),
        "batch_size": Integer(2),
        "learning_rate": Real(0, open_low=True),
        "kl_warm_up": Real(0, 1),
        "held_out": Real(0, 0.5),
        "patience": AnyOf(Integer(1), NONE),
        "start": START,
        "device": Custom(
            'a device name such as "auto", "cpu" or "cuda"', lambda value: isinstance(value, str)
        ),
        "n_threads": AnyOf(Integer(1), NONE),
        "checkpoint": Custom(
            "a folder or None", lambda value: value is None or isinstance(value, (str, Path))
        ),
        "verbose": Choice((False, True)),
        "random_state": SEED,
    }

    def __init__(
        self,
        *,
        n_topics: int = 50,
        dim: int = 300,
        hidden: int = 100,
        prior_concentration: float | None = None,
        dropout: float = 0.3,
        diversity: float = 1.0,
        usage_floor: float = 0.2,
        epochs: int | None = None,
        batch_size: int = 500,
        learning_rate: float = 0.014,
        kl_warm_up: float = 0.0,
        held_out: float = 0.0,
        patience: int | None = None,
        start: Any = "vectors",
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.n_topics = n_topics
        self.dim = dim
        self.hidden = hidden
        self.prior_concentration = prior_concentration
        self.dropout = dropout
        self.diversity = diversity
        self.usage_floor = usage_floor
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.kl_warm_up = kl_warm_up
        self.held_out = held_out
        self.patience = patience
        self.start = start
        self.device = device
        self.n_threads = n_threads
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.random_state = random_state
        self.verbose = verbose

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
        """The axes' parts wired into a module with its initial values."""
        encoder = CountsEncoder(
            vectors=torch.from_numpy(start.vectors),
            centers=torch.from_numpy(start.centers),
            term_weight=torch.from_numpy(start.term_weight),
            hidden=self.hidden,
            n_heads=self.posterior.n_heads,
            scale=self._scale,
            offsets=self._offsets,
            dropout_rate=self.dropout,
            generator=torch.Generator().manual_seed(seed),
        )
        decoder = DECODERS[self.decoder](
            torch.from_numpy(start.weight),
            torch.from_numpy(start.log_frequency),
            torch.from_numpy(start.trust),
        )
        return TopicVAE(
            encoder=encoder,
            posterior=self.posterior,
            gradient=self.gradient,
            prior=self._prior(),
            decoder=decoder,
            n_topics=self.n_topics,
            diversity=self.diversity * _REFERENCE_TOPICS / self.n_topics,
            usage_floor=self.usage_floor,
            encoder_rate=_ENCODER_RATE * min(1.0, (_REFERENCE_TOPICS / self.n_topics) ** 2),
        )

    def _prior(self) -> Prior:
        """p(theta); by default its concentrations sum to the same for every K from 50 on."""
        if self.prior_concentration is not None:
            return type(self).prior(self.prior_concentration)
        many = min(1.0, _REFERENCE_TOPICS / self.n_topics)
        return type(self).prior(self._concentration * many)

    def _epochs(self, n_documents: int) -> int:
        """Passes over the corpus, as asked for.

        By default ten; on large corpora fewer (two or more), on small ones enough for the steps
        that ten passes over 10,000 documents make.
        """
        if self.epochs is not None:
            return self.epochs
        steps_a_pass = max(1, n_documents // self.batch_size)
        return max(2, min(10, round(_VISITS / n_documents)), math.ceil(_STEPS / steps_a_pass))

    def _trainer(self, counts: sparse.csr_matrix, seed: int, processes: Processes) -> Trainer:
        return Trainer(
            epochs=self._epochs(counts.shape[0]),
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
            warnings.warn(
                f"{type(self).__name__}: interrupted after {len(outcome.history)} of "
                f"{outcome.epochs} epochs; the best weights so far are in place. Fit again with "
                "the same checkpoint to go on.",
                InterruptedFitWarning,
                stacklevel=2,
            )

    # ---- inference -------------------------------------------------------------------------

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """The posterior mean, in blocks of one fixed size: no answer depends on the batch."""
        documents = SparseCounts(_with_empty_row(counts), torch.device("cpu"))
        n_documents = counts.shape[0]
        theta = np.empty((n_documents, self.n_topics), dtype=np.float32)
        with torch.no_grad(), _threads(self.n_threads):
            for first in range(0, n_documents, _INFERENCE_BATCH):
                rows = np.minimum(np.arange(first, first + _INFERENCE_BATCH), n_documents)
                block = self.module_.theta(documents.batch(rows)).numpy()
                last = min(first + _INFERENCE_BATCH, n_documents)
                theta[first:last] = block[: last - first]
        return _on_simplex(theta)

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        documents = SparseCounts(counts, torch.device("cpu"))
        out = np.empty(counts.shape[0])
        with torch.no_grad(), _threads(self.n_threads):
            for first in range(0, counts.shape[0], _INFERENCE_BATCH):
                rows = np.arange(first, min(first + _INFERENCE_BATCH, counts.shape[0]))
                batch = documents.batch(rows)
                given = torch.from_numpy(theta[rows])
                out[rows] = self.module_.decoder.log_likelihood(given, batch).double().numpy()
        return out

    # ---- saving ----------------------------------------------------------------------------

    _saved_scalars: ClassVar[tuple[str, ...]] = (*TopicModel._saved_scalars, "interrupted_")

    def _state(self) -> dict[str, NDArray[Any]]:
        return {f"module/{n}": t.cpu().numpy() for n, t in self.module_.state_dict().items()}

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        state = {
            name.removeprefix("module/"): torch.from_numpy(value)
            for name, value in arrays.items()
            if name.startswith("module/")
        }
        vectors, centers = state["encoder.vectors"], state["encoder.centers"]
        n_topics, n_terms = self.topic_word_.shape
        blank = Start(
            vectors=vectors.numpy(),
            centers=centers.t().numpy(),
            weight=np.zeros((n_topics, n_terms), np.float32),
            term_weight=state["encoder.term_weight"].numpy(),
            log_frequency=np.zeros(n_terms, np.float32),
            trust=np.zeros(n_terms, np.float32),
        )
        self.module_ = self._build(blank, 0)
        self.module_.load_state_dict(state)
        self.module_.eval()


@contextmanager
def _threads(n_threads: int | None) -> Iterator[None]:
    """torch with ``n_threads`` threads inside, as before outside."""
    before = torch.get_num_threads()
    if n_threads is not None:
        torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _with_empty_row(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """The same matrix with an empty document at its end, sharing the arrays."""
    indptr = np.append(counts.indptr, counts.indptr[-1])
    shape = (counts.shape[0] + 1, counts.shape[1])
    return sparse.csr_matrix((counts.data, counts.indices, indptr), shape=shape)


def _on_simplex(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows that sum to one up to rounding, divided by their float64 sums."""
    return np.asarray(rows / rows.sum(axis=1, keepdims=True, dtype=np.float64), dtype=np.float32)


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that JSON and trackers hold."""
    return {n: v for n, v in parameters.items() if v is None or isinstance(v, (int, float, str))}
