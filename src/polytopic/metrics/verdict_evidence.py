"""What speaks for and against each topic, measured: the evidence of its verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import holds_terms
from polytopic.errors import InputError
from polytopic.mapped_counts import row_blocks
from polytopic.metrics.coherence import npmi_of_pairs
from polytopic.metrics.inputs import top_columns
from polytopic.metrics.listed_words import first_names, tex_commands
from polytopic.metrics.probabilities import probabilities
from polytopic.metrics.verdict_sides import (
    DOCUMENTS,
    by_vectors,
    held_out_side,
    outside_side,
    own_vectors_side,
    present,
    too_rare,
)
from polytopic.text.values import missing

__all__ = ["FEW", "Evidence", "gather", "no_words"]

WORDS = 10
"""Words of a topic that are judged, as readers see them."""

CARRYING = 3
"""Of the judged words that a document must hold to carry the topic: two can meet by chance."""

MOST = 7
"""Of ten words that a document which recites them holds: a subject's documents seldom do."""

FEW = 5
"""Documents at most of which it is told that half of the uses of a topic's words are in them."""

PART = 3
"""Words of a part at least where a topic is said to have two subjects."""

RATED = 50
"""Topics of the models whose topics were rated: what the weight of a share was chosen on."""

_MIXED = re.compile(r"\d[^\W\d_]|[^\W\d_]\d")
_VOWELS = re.compile(r"[aeiouyáéíóúàèìòùâêîôûäëïöüãõåæøœý]")
_LATIN = re.compile(r"[a-zß-ÿ]+")
_RUN = re.compile(r"(.)\1\1")
_LONGEST = 22
"""Letters of a word: longer ones are addresses, or lines without blanks."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One entry a topic, shape (K,); None where it could not be measured.

    Attributes
    ----------
    words : tuple of tuples of int
        Columns of the judged words.
    corpus, held_out, reference, vectors : arrays or None
        NPMI in the documents, and in tenths of them that the words were not ranked by; NPMI (of
        pairs it knows) or mean cosine in what was given from outside; mean cosine of the words'
        vectors, those given or else their own neighbours in the corpus.
    allowed : float array or None
        NPMI in the documents where pairs that chance would bring together in less than one document
        and that do not meet count as independent: in few documents most words never meet.
    documents : int array
        Documents that hold at least three of the words.
    even : float
        Documents with terms, divided by the topics: what each would have of an even share.
    spread : float array
        Those, as a share of all documents with terms.
    sources : int array or None
        Different sources of those documents.
    of_one : float array or None
        Share of those documents that come from the commonest of their sources.
    recited : float array
        Share of those documents that hold at least seven of the words: near 1 for a block of text
        that is handed on whole, below a third for subjects.
    in_few : int array
        Fewest documents that hold half of the uses of the words that are the topic's; FEW + 1
        where more are needed.
    specific : float array
        Mean p(topic | word) of the words: near 0 where other topics hold them too. Of other than
        fifty topics it is what the same odds, beside those of a word that all topics use alike,
        would be among fifty: half of a word's uses say less of one in three than of one in fifty.
    artefacts : float array
        Share of the words that look like no word, or are commands of TeX.
    names : float array
        Share of the words that are first names.
    apart : float array
        How much less coherent the words are between the best two parts than inside them.
    parts : tuple of pairs of tuples of int
        Those two parts, columns of words.
    """

    words: tuple[tuple[int, ...], ...]
    corpus: NDArray[np.float64] | None
    held_out: NDArray[np.float64] | None
    reference: NDArray[np.float64] | None
    vectors: NDArray[np.float64] | None
    allowed: NDArray[np.float64] | None
    documents: NDArray[np.int64]
    even: float
    spread: NDArray[np.float64]
    sources: NDArray[np.int64] | None
    of_one: NDArray[np.float64] | None
    recited: NDArray[np.float64]
    in_few: NDArray[np.int64]
    specific: NDArray[np.float64]
    artefacts: NDArray[np.float64]
    names: NDArray[np.float64]
    apart: NDArray[np.float64]
    parts: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


def gather(
    beta: NDArray[Any],
    theta: NDArray[Any],
    counts: sparse.csr_matrix,
    terms: Sequence[str],
    *,
    held_out: Any = None,
    reference: Any = None,
    vectors: Any = None,
    sources: Any = None,
) -> Evidence:
    """Measure topics (K, V) with their documents: theta (D, K), counts (D, V).

    ``held_out``: documents never trained on, by the same terms; ``reference``: a Corpus or lists of
    tokens, or vectors; ``sources``: D entries.

    Raises
    ------
    InputError
        If something that was given cannot judge: no known pair of words, rows that do not fit.
    """
    n = min(WORDS, max(2, beta.shape[1] // 3))  # of few terms, the rest is shared by necessity
    top = np.array(top_columns(beta, n), dtype=np.int64)
    words = [[terms[column] for column in row] for row in top]
    matrix, lenient = _pair_matrices(top, counts)
    apart, parts = _two_parts(matrix, top)
    carrying, recited = _carrying(top, counts)
    n_documents = int(holds_terms(counts).sum())
    found, of_one = _sources_of(carrying, sources)
    return Evidence(
        words=tuple(tuple(row) for row in top.tolist()),
        corpus=None if matrix is None else _off_diagonal_mean(matrix),
        held_out=held_out_side(beta, theta, counts, held_out, words, terms),
        reference=None if reference is None else outside_side(words, reference),
        vectors=own_vectors_side(top, counts)
        if vectors is None
        else by_vectors(words, vectors, "vectors"),
        allowed=None if lenient is None else _off_diagonal_mean(lenient),
        documents=np.diff(carrying.indptr).astype(np.int64),
        even=n_documents / len(beta),
        spread=np.diff(carrying.indptr) / max(n_documents, 1),
        sources=found,
        of_one=of_one,
        recited=recited,
        in_few=_in_few(theta, counts, top),
        specific=_among_fifty(_specific(beta, theta, counts, top), len(beta)),
        artefacts=np.array([len(no_words(listed)) / n for listed in words]),
        names=np.array([len(first_names(listed)) / n for listed in words]),
        apart=apart,
        parts=parts,
    )


def no_word(term: str) -> bool:
    """Whether a term looks like no word: letters mixed with digits, Latin letters without a vowel,
    one letter three times in a row, or more letters than words have.

    >>> [no_word(term) for term in ("new_york", "b8f", "xww", "aaaah", "covid")]
    [False, True, True, True, False]
    """
    pieces = term.split("_")
    return any(
        bool(_MIXED.search(piece))
        or len(piece) > _LONGEST
        or bool(_RUN.search(piece))
        or (len(piece) > 1 and bool(_LATIN.fullmatch(piece)) and not _VOWELS.search(piece))
        for piece in pieces
    )


def no_words(words: Sequence[str]) -> list[str]:
    """Those of a topic's words that look like none, or are commands of TeX, in their order."""
    commands = tex_commands(words)
    return [word for word in words if word in commands or no_word(word)]


def _pair_matrices(
    top: NDArray[np.int64], counts: sparse.csr_matrix
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | tuple[None, None]:
    """NPMI of each two words of each topic, (K, n, n); None where the documents hold none.

    In the second, pairs too rare to meet that do not meet have 0 in place of -1.
    """
    if top.shape[1] < 2:
        return None, None
    try:
        found = probabilities(top.tolist(), counts, top.shape[1], None, None, False, told=False)
    except InputError:
        return None, None
    values = npmi_of_pairs(found)
    allowed = np.where(too_rare(found, int(holds_terms(counts).sum())), 0.0, values)
    places = np.arange(top.shape[1])
    matrices = [np.asarray(each[found.of_topics]) for each in (values, allowed)]
    for matrix in matrices:
        matrix[:, places, places] = 0.0
    return matrices[0], matrices[1]


def _off_diagonal_mean(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    n = matrix.shape[1]
    return np.asarray(matrix.sum(axis=(1, 2)) / (n * (n - 1)))


@cache
def _bipartitions(n: int) -> NDArray[np.bool_]:
    """All ways to divide n words in two parts of three at least, (M, n): whether in the first."""
    chosen = [
        [place in part for place in range(n)]
        for size in range(PART, n - PART + 1)
        for part in combinations(range(n), size)
        if 0 in part
    ]
    return np.array(chosen, dtype=np.bool_).reshape(len(chosen), n)


def _two_parts(
    matrix: NDArray[np.float64] | None, top: NDArray[np.int64]
) -> tuple[NDArray[np.float64], tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]]:
    """How far apart the best two parts of each topic's words are, and which words those are."""
    n = top.shape[1]
    divisions = _bipartitions(n)
    if matrix is None or not len(divisions):
        return np.zeros(len(top)), (((), ()),) * len(top)
    first = divisions.astype(np.float64)
    second = 1.0 - first
    sizes = first.sum(axis=1)
    inside_pairs = sizes * (sizes - 1) + (n - sizes) * (n - sizes - 1)
    between_pairs = 2 * sizes * (n - sizes)
    gaps, parts = np.zeros(len(top)), []
    for topic, pairs in enumerate(matrix):
        inside = ((first @ pairs) * first + (second @ pairs) * second).sum(axis=1)
        between = pairs.sum() - inside
        gap = inside / inside_pairs - between / between_pairs
        best = int(gap.argmax())
        gaps[topic] = gap[best]
        halves = (top[topic][divisions[best]], top[topic][~divisions[best]])
        parts.append((tuple(halves[0].tolist()), tuple(halves[1].tolist())))
    return gaps, tuple(parts)


def _lists(top: NDArray[np.int64], n_terms: int) -> sparse.csr_matrix:
    """1 where a topic's list has a term, shape (K, V)."""
    rows = np.repeat(np.arange(len(top)), top.shape[1])
    ones = np.ones(top.size, dtype=np.float32)
    return sparse.csr_matrix((ones, (rows, top.ravel())), shape=(len(top), n_terms))


def _carrying(
    top: NDArray[np.int64], counts: sparse.csr_matrix
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Which documents hold three of a topic's words (all of fewer), as CSR of shape (K, D); and the
    share of them that hold seven."""
    n_topics, n = top.shape
    listed = _lists(top, counts.shape[1])
    found: list[sparse.csr_matrix] = []
    many = np.zeros(n_topics)
    for _, block in row_blocks(counts, DOCUMENTS):
        held = sparse.csr_matrix(listed @ present(block).T)
        most = held.copy()
        most.data = (held.data >= min(MOST, n)).astype(np.float32)
        many += np.asarray(most.sum(axis=1), dtype=np.float64).ravel()
        held.data = (held.data >= min(CARRYING, n)).astype(np.float32)
        held.eliminate_zeros()
        found.append(held)
    carrying = sparse.csr_matrix(sparse.hstack(found, format="csr"))
    return carrying, many / np.maximum(np.diff(carrying.indptr), 1)


def _sources_of(
    carrying: sparse.csr_matrix, sources: Any
) -> tuple[NDArray[np.int64] | None, NDArray[np.float64] | None]:
    """Of the carrying documents: how many sources, and the share of the commonest."""
    if sources is None:
        return None, None
    values = np.asarray(sources)
    known = ~missing(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[known] = np.unique([str(value) for value in values[known]], return_inverse=True)[1]
    found, largest = np.zeros(carrying.shape[0], dtype=np.int64), np.zeros(carrying.shape[0])
    for topic in range(carrying.shape[0]):
        held = codes[carrying.indices[carrying.indptr[topic] : carrying.indptr[topic + 1]]]
        uses = np.bincount(held[held >= 0])
        found[topic] = int((uses > 0).sum())
        largest[topic] = uses.max() / uses.sum() if uses.sum() else 0.0
    return found, largest


def _in_few(
    theta: NDArray[Any], counts: sparse.csr_matrix, top: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Fewest documents that hold half of sum_d theta_dk n_dw, over the topic's words w; (K,)."""
    listed, totals = _lists(top, counts.shape[1]), np.zeros(len(top))
    largest = np.zeros((len(top), FEW))
    for rows, block in row_blocks(counts, DOCUMENTS):
        uses = sparse.csr_matrix(sparse.csr_matrix(listed @ block.T).multiply(theta[rows].T))
        totals += np.asarray(uses.sum(axis=1), dtype=np.float64).ravel()
        for topic, held in enumerate(np.split(uses.data, uses.indptr[1:-1])):
            largest[topic] = np.partition(np.append(largest[topic], held), -FEW)[-FEW:]
    most = np.cumsum(np.sort(largest, axis=1)[:, ::-1], axis=1)
    return np.asarray((most < 0.5 * totals[:, None]).sum(axis=1) + 1)


def _specific(
    beta: NDArray[Any], theta: NDArray[Any], counts: sparse.csr_matrix, top: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean over a topic's words of the share of the word's uses that documents give the topic:
    sum_d theta_dk n_dw / sum_d n_dw."""
    columns = np.unique(top)
    uses, every = np.zeros((len(top), len(columns))), np.zeros(len(columns))
    for rows, block in row_blocks(counts, DOCUMENTS):
        chosen = sparse.csr_matrix(block[:, columns], dtype=np.float64)
        uses += np.asarray((chosen.T @ theta[rows]).T, dtype=np.float64)
        every += np.asarray(chosen.sum(axis=0)).ravel()
    shares = uses / np.maximum(every, 1.0)
    places = np.searchsorted(columns, top)
    return np.asarray(shares[np.arange(len(top))[:, None], places].mean(axis=1))


def _among_fifty(shares: NDArray[np.float64], n_topics: int) -> NDArray[np.float64]:
    """Shares of one topic of ``n_topics`` as shares of one of fifty, of the same odds ratio to even
    use: odds times (K - 1) / 49. The only topic has no others to share with."""
    if n_topics == 1:
        return shares
    others = (n_topics - 1) / (RATED - 1)
    return np.asarray(shares * others / (shares * others + 1.0 - shares))
