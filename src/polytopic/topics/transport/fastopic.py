"""FASTopic: transport among the embeddings of documents, topics and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.io.schemas import Array
from polytopic.machine import resolve_threads
from polytopic.nets import SparseCounts
from polytopic.nets.threads import one_thread
from polytopic.parameters import FLAG, Constraint, Integer, Real, attribute, parameter
from polytopic.topics.base import TopicModel
from polytopic.topics.clusters.distances import Projection, row_products, shares
from polytopic.topics.clusters.neighbourhoods import gathered
from polytopic.topics.documents import as_path
from polytopic.topics.encoding.own_vectors import OwnVectors, unit_rows
from polytopic.topics.encoding.reading import ReadsEmbeddings
from polytopic.topics.transport.relations import Relations
from polytopic.topics.vae.initial_values import spherical_k_means
from polytopic.topics.vae.parts import digest, on_simplex
from polytopic.tracking import Tracking
from polytopic.training.estimators import NOT_PART_OF_A_RUN, LoopEstimator, tell_interrupted
from polytopic.training.loop import Trainer
from polytopic.training.processes import Processes

__all__ = ["FASTopic"]

_NEIGHBOURS = 15
"""Along which documents are moved together before topics begin among them, as ClusterTM's are."""

_SAMPLE = 20_000
"""Documents among which topics begin: each is compared with all."""


class FASTopic(ReadsEmbeddings, LoopEstimator):
    """Dual semantic-relation reconstruction (Wu, Nguyen, Zhang, Wang & Luu, NeurIPS 2024).

    e_d: embedding of document d, less the mean of all, at length one            (D, E)
    theta_dk = softmax_k(g_k - alpha |e_d - t_k|^2)      t: topics               (K, E)
    beta_kv  = softmax_v(h_v - gamma |t_k - w_v|^2)      w: words                (V, E)

    theta and beta are the rows of two plans of entropic optimal transport, between documents and
    topics and between topics and words, whose other marginals are learned; g and h are their
    potentials. Learned is what makes the words of documents likely under theta beta, and both
    transports cheap. There is no encoder network: theta of a new document is where it lies.

    Topics begin at the centres of k-means of the embeddings, a word among its documents.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
        beta.
    topic_embeddings_ : float32 array of shape (K, E)
    interrupted_ : bool

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, counts or embeddings that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> embeddings = np.kron(np.eye(2), np.ones((10, 3)))
    >>> model = FASTopic(n_topics=2, random_state=0)
    >>> model = model.fit(counts, terms=list("abcdwxyz"), embeddings=embeddings)
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts, embeddings=embeddings).shape
    (20, 2)
    """

    _left_out = ("held_out", "patience")

    n_topics: int = parameter(
        Integer(1), "K, at least 1 and at most the number of terms.", default=50
    )
    alpha: float = parameter(
        Real(0, open_low=True),
        "Of documents and topics: how sharp their plan is.",
        default=3.0,
    )
    gamma: float = parameter(
        Real(0, open_low=True), "Of topics and words: how sharp their plan is.", default=10.0
    )
    dim: int = parameter(Integer(1), "E of embeddings that are made of the counts.", default=300)
    epochs: int = parameter(Integer(1), "Passes over the documents.", default=8)
    batch_size: int = parameter(Integer(2), "Documents a step.", default=500)
    learning_rate: float = parameter(
        Real(0, open_low=True), "Peak of Adam's one-cycle schedule.", default=0.002
    )

    topic_embeddings_: NDArray[np.float32] = attribute()
    interrupted_: bool = attribute()
    _own: OwnVectors | None = attribute(default=None)
    _projection: Projection = attribute()
    _potential: NDArray[np.float32] = attribute()

    _of_empty: ClassVar[str] = "topics have equal shares"
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **TopicModel._saved_scalars, "interrupted_": FLAG,
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **TopicModel._saved_arrays,
        "topics": Array("K", "E"),
        "potential": Array("K"),
        "mean": Array("E"),
    }

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        seed = seed_from(self.random_state)
        given = self._embeddings_of_fit(counts.shape[0])
        self._own = None
        if given is None:
            self._own = OwnVectors.of(counts, self.dim, seed)
        embeddings = given if self._own is None else self._own.of_documents(counts)
        assert embeddings is not None
        rows = np.flatnonzero((np.diff(counts.indptr) > 0) & embeddings.any(axis=1))
        if len(rows) < 2:
            raise InputError(
                f"embeddings: {len(rows)} documents have both words and a vector, and topics are "
                "what documents differ in. Pass more documents."
            )
        self._projection = Projection.of(embeddings[rows], None)
        points = self._projection.directions(embeddings[rows], resolve_threads(self.n_threads))
        with one_thread():
            processes = Processes(self.device)
            module = self._begin(counts[rows], points, seed).to(processes.device)
            documents = SparseCounts(counts[rows], processes.device, side=points)
            beside = [] if given is None else [given]
            outcome = self._trainer(counts, seed, beside).fit(module, documents, None, processes)
            module = module.cpu().eval()
            g, beta = module.settle(torch.from_numpy(points))
        self.topic_embeddings_ = module.topics.detach().numpy().copy()
        self._potential = g.numpy().copy()
        self.topic_word_ = on_simplex(beta.numpy())
        self.history_, self.interrupted_ = outcome.history, outcome.interrupted
        tell_interrupted(self, outcome, stacklevel=2)

    def _begin(
        self, counts: sparse.csr_matrix, points: NDArray[np.float32], seed: int
    ) -> Relations:
        """Topics at centres of documents moved together, words in the middle of theirs."""
        rng = np.random.default_rng([seed, 3])
        rows = np.arange(len(points))
        if len(points) > _SAMPLE:
            rows = np.sort(rng.choice(len(points), _SAMPLE, replace=False))
        among = gathered(points[rows], _NEIGHBOURS)
        if len(points) < self.n_topics:  # noise helps out
            noise = rng.standard_normal((self.n_topics, points.shape[1]), dtype=np.float32)
            among = np.vstack([among, unit_rows(noise)])
        topics = spherical_k_means(among, self.n_topics, rng)
        words = unit_rows(np.asarray((counts > 0).T.astype(np.float32) @ points))
        return Relations(
            torch.from_numpy(topics.astype(np.float32)), torch.from_numpy(words),
            self.alpha, self.gamma,
        )  # fmt: skip

    def _trainer(
        self, counts: sparse.csr_matrix, seed: int, beside: list[NDArray[np.float32]]
    ) -> Trainer:
        identity = persistence.run_identity(self, counts, seed, (*NOT_PART_OF_A_RUN, "encoder"))
        return Trainer(
            epochs=self.epochs, batch_size=self.batch_size, learning_rate=self.learning_rate,
            seed=seed, checkpoint=as_path(self.checkpoint), identity=identity | digest(beside),
            description="FASTopic", verbose=self.verbose, tracking=Tracking.of(self),
        )  # fmt: skip

    # ---- judging ---------------------------------------------------------------------------

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        embeddings = self._embeddings_now(counts.shape[0])
        if embeddings is None:
            assert self._own is not None
            embeddings = self._own.of_documents(counts)
        n_threads = resolve_threads(self.n_threads)
        points = self._projection.directions(embeddings, n_threads)
        squares = np.square(self.topic_embeddings_).sum(axis=1)
        products = row_products(points, self.topic_embeddings_, n_threads)
        theta = shares(self.alpha * (2.0 * products - squares) + self._potential, 1.0)
        theta[~embeddings.any(axis=1)] = 1.0 / len(self.topic_word_)
        return theta

    def _width(self) -> int:
        return 0 if self._own is not None else len(self._projection.mean)

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        from polytopic.metrics.completion import mixture_log_likelihood

        return mixture_log_likelihood(counts, theta, self.topic_word_)

    def _components(self) -> NDArray[np.float32]:
        return self.topic_word_

    # ---- saving ----------------------------------------------------------------------------

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {
            "topics": self.topic_embeddings_, "potential": self._potential,
            "mean": self._projection.mean,
        }  # fmt: skip
        if self._own is not None:
            arrays |= {"own/vectors": self._own.vectors, "own/weights": self._own.weights}
        return arrays

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.topic_embeddings_, self._potential = arrays["topics"], arrays["potential"]
        self._projection = Projection.centred(arrays["mean"])
        self._own = OwnVectors.restored(arrays, self.topic_word_.shape[1], len(arrays["mean"]))
