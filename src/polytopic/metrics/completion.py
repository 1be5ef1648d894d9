"""Perplexity by document completion: infer from one half of a document, judge by the other."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import simplex
from polytopic.counts import document_lengths
from polytopic.errors import EmptyDocumentsWarning, InputError
from polytopic.metrics.inputs import counts_of

__all__ = [
    "completion_scores",
    "document_completion",
    "mixture_log_likelihood",
    "perplexity",
    "perplexity_of",
]

BLOCK = 1 << 22
"""Numbers held at once while observed pairs are scored."""


def document_completion(
    counts: Any, *, random_state: Any = 0
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Split the tokens of each document at random into two halves.

    As document completion asks for (Wallach, Murray, Salakhutdinov & Mimno, ICML 2009). Tokens are
    drawn without replacement, so the halves add up to ``counts``; of an odd number the one left
    over is observed. The split of a document depends on its counts and its row only.

    Parameters
    ----------
    counts : Corpus, or whole-number counts of shape (D, V), dense or CSR
    random_state : int or numpy Generator
        Seed of the split.

    Returns
    -------
    observed, held_out : CSR matrices of shape (D, V)
        Of the dtype of ``counts``.

    Raises
    ------
    InputError
        If counts are not whole numbers of at least zero.

    >>> observed, held_out = document_completion(np.array([[4, 0, 2], [0, 1, 0]]))
    >>> [int(row.sum()) for row in observed], [int(row.sum()) for row in held_out]
    ([3, 1], [3, 0])
    """
    from polytopic.metrics import splitting as _splitting

    csr = counts_of(counts)
    csr.sum_duplicates()
    whole = csr.data.astype(np.int64)
    if not np.array_equal(whole, csr.data):
        raise InputError("counts: hold fractions. Only whole tokens can be split into halves.")
    seed = np.random.default_rng(random_state).integers(1 << 63, dtype=np.uint64)
    held = _splitting.split_halves(csr.indptr.astype(np.int64), whole, seed)
    return _with_counts(csr, whole - held), _with_counts(csr, held)


def perplexity(model: Any, counts: Any, *, random_state: Any = 0) -> float:
    """Perplexity of held-out halves of documents: exp(-sum of log p / number of tokens).

    The model sees one half of each document, gives its theta, and is judged by the other half.
    A model that infers theta from the very tokens it is scored on has peeked: such figures are
    lower and say little.

    Parameters
    ----------
    model : fitted model
        ``transform(counts)`` gives theta, (D, K). The likelihood of the held-out half comes from
        ``model.log_likelihood(counts, doc_topic)``, shape (D,), if there is one (a product of
        experts needs it), else from the mixture theta @ topic_word_, at observed pairs only.
    counts : Corpus, or whole-number counts of shape (D, V)
        Documents the model was not trained on.
    random_state : int or numpy Generator
        Seed of the split.

    Returns
    -------
    float
        At least 1; infinite if the model gives a held-out token no probability at all.

    Raises
    ------
    InputError
        If no document has two tokens, or counts are not whole numbers.

    Notes
    -----
    Wallach, Murray, Salakhutdinov & Mimno (ICML 2009): document completion.
    """
    log_likelihood, tokens = completion_scores(model, counts, random_state=random_state)
    return perplexity_of(log_likelihood.sum(), tokens.sum())


def perplexity_of(log_likelihood: Any, tokens: Any) -> float:
    """exp(-sum of log p / tokens); infinite rather than an overflow."""
    with np.errstate(over="ignore"):
        return float(np.exp(-float(log_likelihood) / float(tokens)))


def completion_scores(
    model: Any, counts: Any, *, random_state: Any = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-likelihood and number of the held-out tokens of each document, shape (D,) each.

    Raises
    ------
    InputError
        As :func:`perplexity`.
    """
    observed, held_out = document_completion(counts, random_state=random_state)
    if held_out.sum() == 0:
        raise InputError(
            "counts: no document has two tokens, so none can be halved. Pass longer ones."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyDocumentsWarning)  # halves of no token weigh nothing
        theta = simplex.check_distribution(model.transform(observed), "doc_topic")
    if hasattr(model, "log_likelihood"):
        log_likelihood = np.asarray(model.log_likelihood(held_out, theta), dtype=np.float64)
    else:
        log_likelihood = mixture_log_likelihood(held_out, theta, model.topic_word_)
    if np.isnan(log_likelihood.sum()):
        raise InputError("model: its log_likelihood holds NaN. Fit it again; training diverged.")
    return log_likelihood, document_lengths(held_out)


def mixture_log_likelihood(
    counts: sparse.csr_matrix, doc_topic: NDArray[Any], topic_word: NDArray[Any]
) -> NDArray[np.float64]:
    """sum_w n_dw ln(theta_d . beta_w) of each document, shape (D,); nothing of size D x V is made.

    Raises
    ------
    InputError
        If doc_topic or topic_word is no distribution, or shapes disagree.
    """
    theta = simplex.check_distribution(doc_topic, "doc_topic")
    beta = simplex.check_distribution(topic_word, "topic_word")
    if theta.shape != (counts.shape[0], beta.shape[0]) or beta.shape[1] != counts.shape[1]:
        raise InputError(
            f"doc_topic: shape {theta.shape} does not fit counts {counts.shape} and topic_word "
            f"{beta.shape}. Pass all three from the same model."
        )
    by_term = np.ascontiguousarray(beta.T)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    log_p = np.empty(counts.nnz, dtype=np.float64)
    step = max(1, BLOCK // beta.shape[0])
    for start in range(0, counts.nnz, step):
        block = slice(start, start + step)
        p = np.einsum("ik,ik->i", theta[rows[block]], by_term[counts.indices[block]])
        with np.errstate(divide="ignore"):
            log_p[block] = np.log(p, dtype=np.float64)
    weighted: NDArray[np.float64] = np.zeros(counts.shape[0])
    np.add.at(weighted, rows, counts.data * log_p)
    return weighted


def _with_counts(csr: sparse.csr_matrix, data: NDArray[np.int64]) -> sparse.csr_matrix:
    matrix = sparse.csr_matrix(
        (data.astype(csr.dtype), csr.indices.copy(), csr.indptr.copy()), shape=csr.shape
    )
    matrix.eliminate_zeros()
    return matrix
