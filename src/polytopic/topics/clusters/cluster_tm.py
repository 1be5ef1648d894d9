"""ClusterTM: clusters of document embeddings, described by their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.io.schemas import NUMBER, Array
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    FLAG,
    NONE,
    AnyOf,
    Choice,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.topics.base import TopicModel
from polytopic.topics.clusters.clustering import Clusters, hdbscan_clusters, k_means_clusters
from polytopic.topics.clusters.distances import (
    Projection,
    cluster_means,
    row_products,
    shares,
    temperature_of,
)
from polytopic.topics.encoding.own_vectors import OwnVectors
from polytopic.topics.encoding.reading import ReadsEmbeddings
from polytopic.topics.tf_idf import at_sums_of, smoothed_rows

__all__ = ["ClusterTM"]

_MEMBERS = 0.95
"""Share of the documents of a cluster of k-means that lie within its radius."""

_ROUNDING = np.float32(1.001)
"""Of a radius, lest the document at its end be an outlier by the last bits."""


class ClusterTM(ReadsEmbeddings):
    """Clusters of document embeddings with their words (Grootendorst, arXiv:2203.05794, 2022).

    u_d: the embedding of document d, less the mean of all, at length one        (D, E)
    clusters of k-means (Sia, Dalmia & Mielke, EMNLP 2020) of all u, moved along their nearest ones,
    or of HDBSCAN of all u
    x_d = A u_d: where the spread within clusters is one all round (Fisher 1936) (D, L)
    theta_dk = softmax_k(-|x_d - c_k|^2 / 2 temperature)     c_k: means of clusters
    W_kv = q_kv max(0, ln(q_kv / q_v))     q_kv, q_v: shares of the documents nearest to c_k, and of
                                           all, that hold term v

    W is a class tf-idf by documents, so that no word that one document repeats leads a topic.
    ``topic_word_`` is each row at sum one, with a hundredth of the corpus's own weights. Each
    document has topics, however far it is; with ``outliers=True`` those far from all have none.

    Attributes
    ----------
    topic_word_ : float32 array of shape (K, V)
    centers_ : float32 array of shape (K, L)
    temperature_ : float
    radii_ : float32 array of shape (K,)
        Squared distances beyond which a document is an outlier.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters, counts or embeddings that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> embeddings = np.kron(np.eye(2), np.ones((10, 3)))
    >>> model = ClusterTM(n_topics=2, random_state=0)
    >>> model = model.fit(counts, terms=list("abcdwxyz"), embeddings=embeddings)
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts, embeddings=embeddings).shape
    (20, 2)
    """

    _left_out = ("trackers",)  # clusters are found at once

    n_topics: int = parameter(
        Integer(1), "K, at most the number of terms, and of documents.", default=50
    )
    clustering: str = parameter(
        Choice(("kmeans", "hdbscan")),
        "How documents are clustered. HDBSCAN's clusters are joined, or divided, to K.",
        default="kmeans",
    )
    reduce: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Principal components of the embeddings that are clustered; by default all of them.",
        default=None,
    )
    neighbours: int = parameter(
        Integer(1),
        "k-means: documents are first moved together along so many nearest ones; 1 leaves them.",
        default=15,
    )
    temperature: float | None = parameter(
        AnyOf(Real(0, open_low=True), NONE),
        "Small: a document has one topic; large: all alike. By default the one at which the mean "
        "entropy of theta is a quarter of log K.",
        default=None,
    )
    outliers: bool = parameter(
        FLAG,
        "Give documents that are far from all centres equal shares; see ``is_outlier``.",
        default=False,
    )
    min_cluster_size: int = parameter(
        Integer(2), "HDBSCAN: documents of the smallest cluster.", default=10
    )
    dim: int = parameter(Integer(1), "E of embeddings that are made of the counts.", default=300)
    iterations: int = parameter(Integer(1), "Most passes of k-means.", default=100)

    centers_: NDArray[np.float32] = attribute()
    radii_: NDArray[np.float32] = attribute()
    temperature_: float = attribute()
    _own: OwnVectors | None = attribute(default=None)
    _projection: Projection = attribute()
    _idf: NDArray[np.float64] = attribute()

    _of_empty: ClassVar[str] = "topics have equal shares"
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **TopicModel._saved_scalars, "temperature_": NUMBER,
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **TopicModel._saved_arrays,
        "centers": Array("K", "L"),
        "radii": Array("K", low=0),
        "mean": Array("E"),
        "idf": Array("V", low=0),
    }

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        seed = seed_from(self.random_state)
        embeddings = self._embeddings_of_fit(counts.shape[0])
        self._own = None
        if embeddings is None:
            self._own = OwnVectors.of(counts, self.dim, seed)
            embeddings = self._own.of_documents(counts)
        kept = np.flatnonzero(embeddings.any(axis=1))
        if not len(kept):
            raise InputError(
                f"embeddings: all {len(embeddings):,} are zero, so no document lies anywhere. Look "
                "at what the encoder answers, or leave it out."
            )
        n_threads = resolve_threads(self.n_threads)
        projection = Projection.of(embeddings[kept], self.reduce)
        directions = projection.directions(embeddings[kept], n_threads)
        found = self._clusters(directions, seed)
        self.history_ = found.history
        self._place(projection, directions, found.labels)
        points = self._projection.coordinates(directions, n_threads)
        closeness = self._closeness(points)
        self.temperature_ = (
            temperature_of(closeness) if self.temperature is None else float(self.temperature)
        )
        labels = closeness.argmax(axis=1)
        self.radii_ = self._radii(points, np.where(found.labels >= 0, labels, -1))
        self._describe(counts[kept], labels)

    def _place(
        self,
        projection: Projection,
        directions: NDArray[np.float32],
        labels: NDArray[np.int64],
    ) -> None:
        """Centres of the clusters, where they are told apart best."""
        known = labels >= 0
        seen, of = directions[known], labels[known]
        self._projection = projection.telling_apart(seen, of, self.n_topics)
        points = self._projection.coordinates(seen, resolve_threads(self.n_threads))
        self.centers_, present = cluster_means(points, of, self.n_topics)
        self.centers_[~present] = points.mean(axis=0)

    def _radii(self, points: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
        """Squared distances within which a cluster's own documents lie."""
        share = _MEMBERS if self.clustering == "kmeans" else 1.0
        squared = np.square(points - self.centers_[labels]).sum(axis=1)
        found = np.zeros(self.n_topics, dtype=np.float32)
        for topic in np.unique(labels[labels >= 0]):
            found[topic] = np.quantile(squared[labels == topic], share)
        return found

    def _clusters(self, points: NDArray[np.float32], seed: int) -> Clusters:
        if self.n_topics > len(points):
            raise InputError(
                f"n_topics: {self.n_topics} topics for {len(points)} documents with a vector. Ask "
                f"for at most {len(points)}: a cluster needs a document."
            )
        if self.clustering == "kmeans":
            return k_means_clusters(points, self.n_topics, self.neighbours, self.iterations, seed)
        return hdbscan_clusters(points, self.n_topics, self.min_cluster_size, self.iterations, seed)

    def _describe(self, counts: sparse.csr_matrix, labels: NDArray[np.int64]) -> None:
        """Class tf-idf of the documents of each cluster."""
        members = sparse.csr_matrix(
            (np.ones(len(labels)), labels, np.arange(len(labels) + 1)),
            shape=(len(labels), self.n_topics),
        )
        holding = np.asarray((members.T @ (counts > 0)).todense(), dtype=np.float64)
        sizes = np.bincount(labels, minlength=self.n_topics)[:, None]
        within, among = holding / np.maximum(sizes, 1), holding.sum(axis=0) / len(labels)
        lift = np.divide(within, among, out=np.ones_like(within), where=within > among)
        self._idf = np.log1p(1.0 / np.maximum(among, 1.0 / len(labels)))
        self.topic_word_ = smoothed_rows(within * np.log(lift), among * self._idf)

    # ---- judging ---------------------------------------------------------------------------

    def is_outlier(self, X: Any, *, embeddings: Any = None) -> NDArray[np.bool_]:
        """Which documents are farther from the nearest centre than its own are, shape (D,).

        Than 95 of 100 of the cluster's documents with k-means; than those that HDBSCAN left in it.
        Documents without a vector are outliers. Parameters as of :meth:`transform`.
        """
        self._require_fitted("topic_word_")
        reading = self._reading(X, embeddings)
        points, empty = reading._points(reading._checked(X, reset=False))
        return self._far(points, self._closeness(points)) | empty

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        points, empty = self._points(counts)
        closeness = self._closeness(points)
        theta = shares(closeness, self.temperature_)
        alike = empty | self._far(points, closeness) if self.outliers else empty
        theta[alike] = 1.0 / len(self.topic_word_)
        return theta

    def _points(self, counts: sparse.csr_matrix) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Coordinates of documents, and which have no vector."""
        embeddings = self._embeddings_now(counts.shape[0])
        if embeddings is None:
            assert self._own is not None
            embeddings = self._own.of_documents(counts)
        n_threads = resolve_threads(self.n_threads)
        directions = self._projection.directions(embeddings, n_threads)
        empty = np.asarray(~embeddings.any(axis=1))
        return self._projection.coordinates(directions, n_threads), empty

    def _closeness(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        half = 0.5 * np.square(self.centers_).sum(axis=1)
        products = row_products(points, self.centers_, resolve_threads(self.n_threads))
        return np.asarray(products - half)

    def _far(
        self, points: NDArray[np.float32], closeness: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        nearest = closeness.argmax(axis=1)
        squared = np.square(points - self.centers_[nearest]).sum(axis=1)
        return np.asarray(squared > _ROUNDING * self.radii_[nearest])

    def _width(self) -> int:
        return 0 if self._own is not None else len(self._projection.mean)

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        from polytopic.metrics.completion import mixture_log_likelihood

        return mixture_log_likelihood(counts, theta, self.topic_word_)

    def _components(self) -> NDArray[np.float32]:
        return self.topic_word_

    def _evidence(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Terms once a document by ln(1 + D / D_v), as much in all as it has tokens."""
        weighted = sparse.csr_matrix(
            (self._idf[counts.indices], counts.indices, counts.indptr),
            shape=counts.shape,
        )
        return at_sums_of(weighted, counts)

    # ---- saving ----------------------------------------------------------------------------

    def _state(self) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {
            "centers": self.centers_, "radii": self.radii_, "mean": self._projection.mean,
            "axes": self._projection.axes, "discriminant": self._projection.discriminant,
            "idf": self._idf,
        }  # fmt: skip
        if self._own is not None:
            arrays |= {"own/vectors": self._own.vectors, "own/weights": self._own.weights}
        return arrays

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        n_terms, width = self.topic_word_.shape[1], len(arrays["mean"])
        self.centers_, self.radii_, self._idf = arrays["centers"], arrays["radii"], arrays["idf"]
        axes, discriminant = arrays["axes"], arrays["discriminant"]
        dim = len(axes) or width
        if axes.shape[1:] != (width,) or discriminant.shape[1:] != (dim,):
            raise InputError(f"axes of shapes {axes.shape} and {discriminant.shape} for {width}")
        if self.centers_.shape[1] != (len(discriminant) or dim):
            raise InputError(f"centres of shape {self.centers_.shape}")
        self._projection = Projection(arrays["mean"], axes, discriminant)
        self._own = OwnVectors.restored(arrays, n_terms, width)
