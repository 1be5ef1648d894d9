"""Where a neural topic model starts: from word vectors of its own corpus, given ones, or noise.

Documents are embedded as idf-weighted sums of their terms' vectors and clustered; the K centres,
moved towards the words around them, give the decoder's weights, and the centres
themselves the linear part of the encoder. Training then begins from topics that already mean
something, instead of having to break the symmetry of noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import documents_holding, in_memory
from polytopic.embeddings import ppmi_vectors
from polytopic.errors import InputError
from polytopic.mapped_counts import rows_taken
from polytopic.nets.decoders import BACKGROUND
from polytopic.parameters import VECTORS, AnyOf, Choice
from polytopic.topics.encoding.own_vectors import document_vectors, term_weights, unit_rows
from polytopic.topics.vae.start_candidates import merit, ward_merged

__all__ = [
    "START",
    "Start",
    "blank_start",
    "make_start",
    "spherical_k_means",
]

_SETTLED = 1e-4
"""The largest move of a centre, of length one, at which k-means has settled."""

_SAMPLE = 20_000
"""Documents that are clustered."""

_FREQUENT = 3_000
"""Terms towards which centres are moved: rarer ones' vectors are noise."""

_RUNS = 3
"""Of k-means, the best is kept; scikit-learn takes one with k-means++, ten without."""

_PSEUDO_MEMBERS = 10.0
"""Words that a centre counts as when it is moved towards the words around it: one with few stays in
place."""

_TWIN_ROUNDS = 10
"""Moves of twins at most; the round with the fewest is kept."""

_TWIN_WORDS = 6
"""Of their ten first words, from which on two topics read alike."""

_CANDIDATES = 8
"""Clusterings of which the one is taken whose topics' first words stand together best; more of them
were not compared (`benchmarks/start_candidates.py`)."""

_SMALL_CLUSTERS = 4
"""Small clusters a topic, of which the topics are merged. Chosen beside two and eight on nyt-10k
(`benchmarks/start_candidates.py --starts`)."""

_MOST_SMALL = 400
"""Small clusters at most, or one a topic: merging n visits n^2 pairs again and again."""

_FEWEST = 3
"""Documents of a small cluster on the average, at least."""

_SMALL_ITERATIONS, _MERGED_ITERATIONS = 10, 5
"""Of k-means before and after merging; both need not settle, since the best of several is kept."""

_STEEPNESS = 3.0
"""Of the topics of a start where their first words are read: the decoder's weights begin with
deviation one, and training makes them steeper."""

_HALF_TRUST = 30.0
"""Documents at which a term's weight is .71 of a common one's. Chosen with the defaults, on 20ng-5k
(`benchmarks/topics.py`)."""

START = AnyOf(Choice(("vectors", "chosen", "random")), VECTORS)
"""What the parameter ``start`` accepts."""


@dataclass(frozen=True)
class Start:
    """Initial values of a topic model.

    Attributes
    ----------
    vectors : float32 array of shape (V, E)
        First layer of the encoder.
    centers : float32 array of shape (K, E)
        Linear part of the encoder, rows of length one.
    weight : float32 array of shape (K, V)
        Decoder: cosine of topic and term, centred over topics, with deviation one.
    term_weight : float32 array of shape (V,)
        Weight of each term in the encoder's input: log(D / document count) ** 2.
    log_frequency : float32 array of shape (V,)
        Log share of each term among all tokens, centred.
    trust : float32 array of shape (V,)
        sqrt(n / (n + m)), n the documents that hold the term, m the smaller of 30 and a 300th of
        all documents.
    """

    vectors: NDArray[np.float32]
    centers: NDArray[np.float32]
    weight: NDArray[np.float32]
    term_weight: NDArray[np.float32]
    log_frequency: NDArray[np.float32]
    trust: NDArray[np.float32]


def make_start(
    start: Any,
    counts: sparse.csr_matrix,
    n_topics: int,
    dim: int,
    random_state: int,
    *,
    name: str = "start",
) -> Start:
    """The initial values that ``start`` asks for.

    Parameters
    ----------
    start : {"vectors", "chosen", "random"}, array of shape (V, E) or WordVectors
        ``"vectors"`` trains vectors on the counts and clusters documents by k-means; ``"chosen"``
        takes the best of eight clusterings by merging; ``"random"`` is noise.
    counts : CSR matrix of shape (D, V)
    n_topics, dim, random_state : int
        K, E and the seed.
    name : str
        What an error calls ``start``.

    Raises
    ------
    InputError
        If given vectors have another number of rows than there are terms, or hold NaN.
    """
    rng = np.random.default_rng([random_state, 2])
    terms = _Terms.of(counts)
    if isinstance(start, str) and start == "random":
        vectors = unit_rows(rng.standard_normal((counts.shape[1], dim), dtype=np.float32))
        centers = unit_rows(rng.standard_normal((n_topics, dim), dtype=np.float32))
        weight = rng.standard_normal((n_topics, counts.shape[1]), dtype=np.float32)
        return Start(vectors, centers, weight, terms.weight, terms.log_frequency, terms.trust)
    if isinstance(start, str):
        vectors = ppmi_vectors(counts, dim, random_state=random_state)
    else:
        vectors = _given(start, counts.shape[1], name)
    sample = _sample(counts, rng)
    documents = document_vectors(sample, vectors, terms.weight)
    documents = documents[np.linalg.norm(documents, axis=1) > 0.5]
    if len(documents) < n_topics:  # terms that tell documents apart are missing: noise helps out
        noise = rng.standard_normal((n_topics, vectors.shape[1]), dtype=np.float32)
        documents = np.vstack([documents, unit_rows(noise)])
    if isinstance(start, str) and start == "chosen":
        found = [_merged_clusters(documents, n_topics, rng) for _ in range(_CANDIDATES)]
        centers = max(found, key=lambda own: _merit(terms, vectors, own, sample))
    else:
        centers = spherical_k_means(documents, n_topics, rng)
    centers, weight = _without_twins(terms, vectors, documents, centers, rng)
    return Start(vectors, centers, weight, terms.weight, terms.log_frequency, terms.trust)


def _sample(counts: sparse.csr_matrix, rng: np.random.Generator) -> sparse.csr_matrix:
    """The documents that are clustered."""
    rows = np.arange(counts.shape[0])
    if len(rows) > _SAMPLE:
        rows = np.sort(rng.choice(len(rows), _SAMPLE, replace=False))
    return in_memory(rows_taken(counts, rows))


def _merged_clusters(
    points: NDArray[np.float32], n_clusters: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Centres of small clusters of unit rows that Ward's criterion merges, shape (K, E)."""
    many = min(_SMALL_CLUSTERS * n_clusters, _MOST_SMALL, len(points) // _FEWEST)
    many = max(n_clusters, many)
    small = _settle(points, _spread(points, many, rng), _SMALL_ITERATIONS)
    members = sparse.csr_matrix(
        (np.ones(len(points)), (points @ small.T).argmax(axis=1), np.arange(len(points) + 1)),
        shape=(len(points), many),
    )
    sizes = np.asarray(members.sum(axis=0), dtype=np.float64).ravel()
    means = np.asarray(members.T @ points) / np.maximum(sizes, 1.0)[:, None]
    merged = unit_rows(ward_merged(means, sizes, n_clusters).astype(np.float32))
    missing = n_clusters - len(merged)
    if missing > 0:  # equal documents leave small clusters empty
        merged = np.vstack([merged, points[rng.choice(len(points), missing)]])
    return _settle(points, merged, _MERGED_ITERATIONS)


def _merit(
    terms: _Terms,
    vectors: NDArray[np.float32],
    centers: NDArray[np.float32],
    documents: sparse.csr_matrix,
) -> float:
    """How well a start's topics stand together in the documents (D, V), and apart."""
    departure = terms.trust * _decoder_weight(terms, vectors, centers)
    read = _STEEPNESS * departure + BACKGROUND * terms.log_frequency
    return merit(np.argsort(-read, axis=1, kind="stable"), documents)


def blank_start(n_topics: int, n_terms: int, dim: int) -> Start:
    """Zeros, for a module whose values are read from a file."""
    terms = np.zeros(n_terms, np.float32)
    return Start(
        vectors=np.zeros((n_terms, dim), np.float32),
        centers=np.zeros((n_topics, dim), np.float32),
        weight=np.zeros((n_topics, n_terms), np.float32),
        term_weight=terms,
        log_frequency=terms,
        trust=terms,
    )


def spherical_k_means(
    points: NDArray[np.float32],
    n_clusters: int,
    rng: np.random.Generator,
    *,
    n_runs: int = _RUNS,
    n_iterations: int = 25,
) -> NDArray[np.float32]:
    """Centres of unit rows by cosine, shape (K, E) (Dhillon & Modha 2001); the best of a few runs.

    Each run starts by k-means++ on a sample with distance 1 - cosine; a cluster left empty moves
    to the point worst served.
    """
    best, best_score = np.zeros((n_clusters, points.shape[1]), np.float32), -np.inf
    for _ in range(n_runs):
        centers = _settle(points, _spread(points, n_clusters, rng), n_iterations)
        score = float((points @ centers.T).max(axis=1).sum())
        if score > best_score:
            best, best_score = centers, score
    return best


def _settle(
    points: NDArray[np.float32], centers: NDArray[np.float32], n_iterations: int
) -> NDArray[np.float32]:
    for _ in range(n_iterations):
        moved = _k_means_step(points, centers)
        settled = float(np.abs(moved - centers).max()) < _SETTLED
        centers = moved
        if settled:
            break
    return centers


def _k_means_step(
    points: NDArray[np.float32], centers: NDArray[np.float32], pseudo_members: float = 0.0
) -> NDArray[np.float32]:
    """Centres of the points nearest to each centre, which counts as so many points itself."""
    similarity = points @ centers.T
    nearest = similarity.argmax(axis=1)
    members = sparse.csr_matrix(
        (np.ones(len(points), np.float32), nearest, np.arange(len(points) + 1)),
        shape=(len(points), len(centers)),
    )
    sums = np.asarray(members.T @ points) + np.float32(pseudo_members) * centers
    empty = np.flatnonzero(np.linalg.norm(sums, axis=1) < 1e-6)
    if len(empty):
        worst = similarity.max(axis=1).argsort(kind="stable")[: len(empty)]
        sums[empty[: len(worst)]] = points[worst]
    return unit_rows(sums)


def _spread(
    points: NDArray[np.float32], n_clusters: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """k-means++ (Arthur & Vassilvitskii 2007), the best of four candidates a step."""
    size = min(len(points), max(20 * n_clusters, 4000))
    sample = points[rng.choice(len(points), size, replace=False)]
    chosen = [int(rng.integers(size))]
    distance = np.maximum(1.0 - sample @ sample[chosen[0]], 1e-9).astype(np.float64)
    while len(chosen) < n_clusters:
        candidates = rng.choice(size, 4, p=distance / distance.sum())
        reach = np.minimum(distance[:, None], 1.0 - sample @ sample[candidates].T)
        pick = int(reach.sum(axis=0).argmin())
        distance = np.maximum(reach[:, pick], 1e-9)
        chosen.append(int(candidates[pick]))
    return sample[chosen].copy()


def _without_twins(
    terms: _Terms,
    vectors: NDArray[np.float32],
    documents: NDArray[np.float32],
    centers: NDArray[np.float32],
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centres and decoder weights after moving centres that read like another one.

    Two topics whose ten first words share six or more would stay near-duplicates through the
    training. Of such a pair the centre with fewer documents moves to a document far from all
    centres, and k-means goes on from there, which may make new pairs: the centres with the fewest
    are kept.
    """
    best, fewest = centers, len(centers) + 1
    for last in (*[False] * _TWIN_ROUNDS, True):
        twins = _twins(_decoder_weight(terms, vectors, centers), terms, documents, centers)
        if len(twins) < fewest:
            best, fewest = centers, len(twins)
        if not len(twins) or last:
            break
        kept = np.delete(centers, twins, axis=0)
        distance = np.maximum(1.0 - (documents @ kept.T).max(axis=1), 1e-9).astype(np.float64)
        moved = centers.copy()
        moved[twins] = documents[
            rng.choice(len(documents), len(twins), p=distance / distance.sum())
        ]
        centers = _settle(documents, moved, 5)
    return best, _decoder_weight(terms, vectors, best)


def _twins(
    weight: NDArray[np.float32],
    terms: _Terms,
    documents: NDArray[np.float32],
    centers: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Of each pair of topics that share six of their ten first words, the smaller one."""
    first = np.argsort(-weight * terms.trust, axis=1, kind="stable")[:, :10]
    rows = np.repeat(np.arange(len(weight)), first.shape[1])
    ones = np.ones(first.size, dtype=np.int32)
    lists = sparse.csr_matrix((ones, (rows, first.ravel())), shape=weight.shape)
    shared = sparse.coo_matrix(sparse.triu(lists @ lists.T, k=1))
    sizes = np.bincount((documents @ centers.T).argmax(axis=1), minlength=len(weight))
    pairs = zip(shared.row, shared.col, shared.data, strict=True)
    smaller = {
        int(a if sizes[a] < sizes[b] else b) for a, b, common in pairs if common >= _TWIN_WORDS
    }
    return np.array(sorted(smaller), dtype=np.int64)


def _decoder_weight(
    terms: _Terms, vectors: NDArray[np.float32], centers: NDArray[np.float32]
) -> NDArray[np.float32]:
    frequent = vectors[terms.frequent]
    weight = _k_means_step(frequent, centers, _PSEUDO_MEMBERS) @ vectors.T
    weight -= weight.mean(axis=0)
    return np.asarray(weight / max(float(weight.std()), 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class _Terms:
    """What the counts say of each term: see :class:`Start`; ``frequent``: the rows of the most
    frequent ones."""

    weight: NDArray[np.float32]
    log_frequency: NDArray[np.float32]
    trust: NDArray[np.float32]
    frequent: NDArray[np.int64]

    @classmethod
    def of(cls, counts: sparse.csr_matrix) -> _Terms:
        document_counts = documents_holding(counts)
        tokens = np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel() + 0.5
        log_frequency = np.log(tokens / tokens.sum())
        centred = log_frequency - log_frequency.mean()
        half = min(_HALF_TRUST, counts.shape[0] / 300)
        trust = np.sqrt(document_counts / (document_counts + half))
        return cls(
            term_weights(counts),
            centred.astype(np.float32),
            trust.astype(np.float32),
            np.argsort(-document_counts, kind="stable")[:_FREQUENT],
        )


def _given(start: Any, n_terms: int, name: str) -> NDArray[np.float32]:
    vectors = np.asarray(getattr(start, "input", start), dtype=np.float32)
    if vectors.ndim != 2 or vectors.shape[0] != n_terms:
        raise InputError(
            f"{name}: vectors of shape {vectors.shape} for {n_terms} terms. Pass one row a term of "
            f'the vocabulary, in its order, or {name}="vectors" to train them on the corpus.'
        )
    if not np.isfinite(vectors).all():
        row = int((~np.isfinite(vectors).all(axis=1)).argmax())
        raise InputError(f"{name}: row {row} holds NaN or infinity. Remove or fill that vector.")
    return unit_rows(vectors)
