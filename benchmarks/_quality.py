"""The figures of topic models, computed alike whoever made the model."""

from __future__ import annotations

import gzip
import tempfile
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import Split, corpus_file
from _peers import Fitted
from _wiki import peak_megabytes
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["COLUMNS", "figures", "first_words"]

COLUMNS = {
    "npmi": ".3f", "held_out": ".3f", "wiki": ".3f", "c_v": ".3f", "td": ".3f", "once": ".3f",
    "i_rbo": ".3f", "purity": ".3f", "nmi": ".3f", "perplexity": ",.0f", "dead": ".0f",
    "duplicates": ".3f", "seconds": ".1f", "peak_mb": ",.0f",
}  # fmt: skip
"""The figures in their order, and how each is shown."""

DOCUMENT_WORDS = 1_000
"""Words of a document of the outside reference, where whole documents are counted."""

_PIECE_WORDS = 10_000
_READ_CHARACTERS = 1 << 24


@dataclass(frozen=True)
class Reference:
    """An outside text as columns of a vocabulary, -1 for other words, in pieces that keep order."""

    vocabulary: list[str]
    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def counts(self, words: int) -> sparse.csr_matrix:
        """Documents of a fixed number of words, known or not: shape (D, V)."""
        known = np.flatnonzero(self.tokens >= 0)
        n_documents = len(self.tokens) // words + 1
        rows, columns = known // words, self.tokens[known]
        shape = (n_documents, len(self.vocabulary))
        return sparse.csr_matrix((np.ones(len(known), np.int32), (rows, columns)), shape=shape)


def wiki(data: Path, terms: list[str]) -> Reference:
    """wiki100m over the given terms; read once for each vocabulary, then kept in a file."""
    mark = zlib.crc32("\n".join(terms).encode())
    kept = Path(tempfile.gettempdir()) / f"polytopic-wiki-{len(terms)}-{mark:08x}.npy"
    if not kept.exists():
        parts = _read_columns(corpus_file(data, "wiki", "wiki100m.txt.gz"), terms)
        with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".npy", delete=False) as file:
            np.save(file, np.concatenate(parts))
        Path(file.name).replace(kept)
    tokens = np.load(kept)
    offsets = np.arange(0, len(tokens) + _PIECE_WORDS, _PIECE_WORDS).clip(max=len(tokens))
    return Reference(terms, tokens, np.unique(offsets).astype(np.int64))


def _read_columns(path: Path, terms: list[str]) -> list[NDArray[np.int32]]:
    column = {term: index for index, term in enumerate(terms)}
    parts = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rest = ""
        while block := file.read(_READ_CHARACTERS):
            whole, _, rest = (rest + block).rpartition(" ")
            parts.append(np.array([column.get(w, -1) for w in whole.split()], np.int32))
        parts.append(np.array([column.get(w, -1) for w in rest.split()], np.int32))
    return parts


def figures(fitted: Fitted, split: Split, data: Path) -> dict[str, float | None]:
    """All ``COLUMNS`` of a fitted model; what does not exist for it is None."""
    from polytopic import metrics

    train = _rows(fitted.infer(split.train) if fitted.train is None else fitted.train)
    test = _rows(fitted.infer(split.test))
    peak = peak_megabytes()
    words = first_words(fitted.topic_word, split.terms, 25)
    return {
        "npmi": metrics.npmi(words, split.train, vocabulary=split.terms),
        "held_out": metrics.npmi(words, split.test, vocabulary=split.terms),
        **_outside(words, wiki(data, split.terms)),
        "td": metrics.diversity(words, n=25),
        "once": metrics.diversity_once(words, n=25),
        "i_rbo": metrics.inverted_rbo(words, n=10),
        "purity": metrics.purity(test, split.test_labels),
        "nmi": metrics.nmi(test, split.test_labels),
        "perplexity": _perplexity(fitted, split),
        **_collapse(fitted.topic_word, train),
        "seconds": fitted.seconds,
        "peak_mb": peak,
    }


def first_words(topic_word: NDArray[Any], terms: list[str], n: int) -> list[list[str]]:
    """The ``n`` first words of each topic."""
    order = np.argsort(-np.asarray(topic_word), axis=1, kind="stable")
    return [[terms[term] for term in row[:n]] for row in order]


def _outside(words: list[list[str]], reference: Reference) -> dict[str, float | None]:
    from polytopic import metrics
    from polytopic.errors import UnseenTermsWarning

    counts = reference.counts(DOCUMENT_WORDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenTermsWarning)
        return {
            "wiki": metrics.npmi(words, counts, vocabulary=reference.vocabulary),
            "c_v": metrics.c_v(words, reference),
        }


def _perplexity(fitted: Fitted, split: Split) -> float | None:
    """Document completion over the terms that training has: exp(-log p / tokens)."""
    from polytopic import metrics

    observed, held_out = metrics.document_completion(split.test, random_state=0)
    in_training = np.asarray(split.train.sum(axis=0)).ravel() > 0
    known = sparse.csr_matrix(held_out @ sparse.diags_array(in_training * 1))
    theta = _rows(fitted.infer(observed))
    if fitted.log_likelihood is not None:
        scores = fitted.log_likelihood(known, theta)
    else:
        scores = metrics.mixture_log_likelihood(known, theta, _rows(fitted.topic_word))
    found = float(np.exp(-np.asarray(scores, dtype=np.float64).sum() / known.sum()))
    return found if np.isfinite(found) else None


def _collapse(topic_word: NDArray[Any], train: NDArray[np.float64]) -> dict[str, float | None]:
    """Dead topics, and the share of near-duplicates where the topics are distributions."""
    from polytopic import metrics

    beta = np.asarray(topic_word, dtype=np.float64)
    weights = not (beta >= 0).all()
    if weights:
        beta = np.exp(beta - beta.max(axis=1, keepdims=True))
    found = metrics.collapse(_rows(beta), train)
    return {
        "dead": float(len(found.dead)),
        "duplicates": None if weights else found.share_duplicates,
    }


def _rows(values: Any) -> NDArray[np.float64]:
    """Rows that sum to one in double precision."""
    rows = np.asarray(values, dtype=np.float64)
    scaled: NDArray[np.float64] = rows / rows.sum(axis=1, keepdims=True)
    return scaled
