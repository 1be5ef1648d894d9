"""Coherence of topics from sides other than their own counts: held out, outside, by vectors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Number
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.mapped_counts import documents_left, row_blocks, rows_taken
from polytopic.metrics.coherence import npmi, npmi_of_pairs
from polytopic.metrics.embedding import embedding_coherence
from polytopic.metrics.inputs import top_columns
from polytopic.metrics.probabilities import Probabilities, probabilities

__all__ = [
    "DOCUMENTS", "by_vectors", "held_out_side", "outside_side", "own_vectors_side", "present",
    "too_rare",
]  # fmt: skip

FOLDS = 10
"""Each tenth of the documents is left out once."""

DOCUMENTS = 1 << 16
"""Documents read at a time: what is made of them takes as much as they do."""

FEWEST_IN_A_FOLD = 20
"""In fewer documents two words meet too seldom for a coherence to say anything."""

CANDIDATES = 30
"""Words of a topic that can be among its first when a tenth of the documents is left out."""

SAMPLED = 20_000
"""Documents from which words' neighbours are counted: more change a cosine in the third decimal."""


def held_out_side(
    beta: NDArray[Any],
    theta: NDArray[Any],
    counts: sparse.csr_matrix,
    given: Any,
    words: list[list[str]],
    terms: Sequence[str],
) -> NDArray[np.float64] | None:
    """NPMI in documents held out: those given, or each tenth in turn.

    Without a tenth, a topic's words are ranked by beta times the share of its uses of the word that
    is left, sum_d theta_dk n_dw over the other nine tenths and over all: a word that stands there
    for that tenth's documents alone falls. Pairs that chance would bring together in less than one
    document of the tenth, and that do not meet there, count as independent.
    """
    if words and len(words[0]) < 2:
        return None
    if given is not None:
        try:
            return _npmi(words, given, terms)
        except InputError as error:
            raise InputError(str(error).replace("reference:", "held_out:", 1)) from None
    n_documents = counts.shape[0]
    if n_documents < FOLDS * FEWEST_IN_A_FOLD:
        return None
    candidates = np.array(top_columns(beta, min(CANDIDATES, beta.shape[1])), dtype=np.int64)
    columns = np.unique(candidates)
    places = np.searchsorted(columns, candidates)
    fold = np.random.default_rng(0).permutation(n_documents) % FOLDS
    uses = np.zeros((FOLDS, len(beta), len(columns)))
    for rows_of, block in row_blocks(counts, DOCUMENTS):
        chosen = sparse.csr_matrix(block[:, columns], dtype=np.float64)
        for f in range(FOLDS):
            own = fold[rows_of] == f
            uses[f] += (chosen[own].T @ theta[rows_of][own]).T
    every = np.maximum(uses.sum(axis=0), np.finfo(np.float64).tiny)
    rows = np.arange(len(beta))[:, None]
    weights = beta[rows, candidates].astype(np.float64)
    found = np.zeros((FOLDS, len(beta)))
    for f in range(FOLDS):
        left = weights * (1.0 - uses[f] / every)[rows, places]
        first = np.argsort(-left, axis=1, kind="stable")[:, : len(words[0])]
        listed = np.take_along_axis(candidates, first, axis=1)
        tenth = documents_left(counts, np.flatnonzero(fold == f))
        try:
            pairs = probabilities(
                listed.tolist(), tenth, listed.shape[1], None, None, False, told=False
            )
        except InputError:  # a tenth without a single one of the words
            return None
        rare = too_rare(pairs, int((fold == f).sum()))
        found[f] = pairs.mean(np.where(rare, 0.0, npmi_of_pairs(pairs)))
    return np.asarray(found.mean(axis=0))


def too_rare(pairs: Probabilities, n_documents: int) -> NDArray[np.bool_]:
    """Which pairs do not meet where chance would bring them together in less than one document."""
    return np.asarray((pairs.pairs == 0) & (pairs.product * n_documents < 1.0))


def present(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """1 where a document holds a term, float32."""
    data = (counts.data > 0).astype(np.float32)
    parts = data, counts.indices, counts.indptr
    if data.all():
        return sparse.csr_matrix(parts, shape=counts.shape, copy=False)
    found = sparse.csr_matrix(parts, shape=counts.shape, copy=True)
    found.eliminate_zeros()
    return found


def _npmi(words: list[list[str]], text: Any, terms: Sequence[str]) -> NDArray[np.float64]:
    """NPMI of the pairs a text knows both words of; NaN for topics of which it knows none."""
    has_terms = hasattr(text, "vocabulary") or not hasattr(text, "shape")
    vocabulary = None if has_terms else list(terms)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)
        found = npmi(
            words, text, n=len(words[0]), vocabulary=vocabulary, pairs="known", per_topic=True
        )
    return np.asarray(found)


def outside_side(words: list[list[str]], reference: Any) -> NDArray[np.float64] | None:
    """By another text where it is one, else by vectors of words."""
    if words and len(words[0]) < 2:
        return None
    texts = hasattr(reference, "counts") or (
        isinstance(reference, Sequence) and not isinstance(reference, str)
    )
    return _npmi(words, reference, ()) if texts else by_vectors(words, reference, "reference")


def by_vectors(words: list[list[str]], vectors: Any, name: str) -> NDArray[np.float64] | None:
    if words and len(words[0]) < 2:
        return None
    if isinstance(vectors, str | bytes | PathLike | Number):
        text = "a Corpus (pt.read(path)), lists of tokens, " if name == "reference" else ""
        raise InputError(
            f"{name}: is a {type(vectors).__name__}. Pass what it stands for: {text}"
            "pt.WordVectors.read(path), or a function from words to vectors."
        )
    try:
        return np.asarray(embedding_coherence(words, vectors, n=len(words[0]), per_topic=True))
    except InputError as error:
        raise InputError(str(error).replace("vectors:", f"{name}:", 1)) from None


def own_vectors_side(
    top: NDArray[np.int64], counts: sparse.csr_matrix
) -> NDArray[np.float64] | None:
    """How much more alike the words' neighbours are than those of other topics' words.

    A word's vector is its row of positive PMI with every other term (Bullinaria & Levy 2007), so
    that words are alike that stand beside the same words, though never together. Of the mean cosine
    within a topic the mean cosine with the words of other topics is taken: frequent words are alike
    all over.
    """
    n_topics, n = top.shape
    if n < 2:
        return None
    if counts.shape[0] > SAMPLED:
        rows = np.random.default_rng(0).choice(counts.shape[0], SAMPLED, replace=False)
        counts = rows_taken(counts, np.sort(rows))
    columns, places = np.unique(top, return_inverse=True)
    unit, filled = _neighbours(columns, present(counts))
    shape = (n_topics, len(columns))
    owners = np.repeat(np.arange(n_topics), n)
    member = sparse.csr_matrix((np.ones(top.size), (owners, places.ravel())), shape=shape)
    sums = sparse.csr_matrix(member @ unit)
    squares = np.asarray(sums.multiply(sums).sum(axis=1)).ravel()
    within = (squares - np.asarray(member @ filled).ravel()) / (n * (n - 1))
    if n_topics == 1:
        return np.asarray(within)
    every = np.asarray(sums.sum(axis=0)).ravel()
    across = (np.asarray(sums @ every).ravel() - squares) / (n * n * (n_topics - 1))
    return np.asarray(within - across)


def _neighbours(
    columns: NDArray[np.int64], presence: sparse.csr_matrix
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Rows of positive PMI of R terms at length one, (R, V), and which have any neighbour."""
    joint = sparse.csr_matrix(presence[:, columns].T @ presence)
    frequency = np.maximum(np.asarray(presence.sum(axis=0)).ravel(), 1.0)
    of_row = np.repeat(np.arange(len(columns)), np.diff(joint.indptr))
    expected = frequency[columns[of_row]] * frequency[joint.indices] / presence.shape[0]
    joint.data = np.log(np.maximum(joint.data / expected, 1.0)).astype(np.float32)
    joint.data[joint.indices == columns[of_row]] = 0.0
    lengths = np.sqrt(np.asarray(joint.multiply(joint).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ joint), (lengths > 0).astype(np.float64)
