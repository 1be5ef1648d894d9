"""What an epoch of NTM looks like from outside, and whether its documents or terms have faded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["WATCHED", "EVEN", "faded", "watched"]

Floats = NDArray[np.float32]

_ROWS = 10_000
"""Documents that are looked at: shares of them are off by at most .005 (one deviation)."""

EVEN = 0.98
"""Share of ln K that the entropy of an even document exceeds; as in the metrics' collapse."""
_MOST_EVEN = 0.5
"""Share of even documents above which the rows have faded: in the collapse it ends at 1, in sound
runs it stays near 0 (`benchmarks/ntm_collapse.py`)."""

_LEAST_SPREAD = 0.01
"""Deviation of lt over terms below which terms are alike: lt lies from 0 to 1."""


def watched(
    weights: Floats, term_topics: Floats, term_weights: Floats, filled: NDArray[np.bool_]
) -> dict[str, float]:
    """A record of W1, lt and W2.

    Parameters
    ----------
    weights : array of shape (D, K)
        W1; at most 10,000 rows, evenly spaced, are read.
    term_topics : array of shape (V, K)
        lt of the terms that are trained.
    term_weights : array of shape (E, K)
        W2.
    filled : array of shape (D,)
        Documents with terms; others are left aside.

    Returns
    -------
    dict
        ``document_norm``: root of the mean square of a row of W1 less its mean over topics, of
        which alone ld depends. ``term_norm``: mean length of W2's columns. ``term_spread``:
        deviation of lt over terms, mean over topics. ``document_spread``: deviation of ld over
        documents, times K, mean over topics. ``largest``: mean of a document's largest ld.
        ``evenness``: entropy of ld over ln K, mean over documents. ``even_documents``: share of
        documents in which it exceeds .98. ``winning``: topics that are the largest of a document.
    """
    rows = np.flatnonzero(filled)
    rows = rows[:: max(1, -(-len(rows) // _ROWS))]
    n_topics = weights.shape[1]
    own = np.asarray(weights[rows], dtype=np.float64)
    own -= own.mean(axis=1, keepdims=True)
    theta = np.exp(own - own.max(axis=1, keepdims=True))
    theta /= theta.sum(axis=1, keepdims=True)
    entropy = -(theta * np.log(np.maximum(theta, 1e-300))).sum(axis=1)
    evenness = entropy / np.log(n_topics) if n_topics > 1 else np.zeros(len(rows))
    spread = term_topics.std(axis=0, dtype=np.float64) if len(term_topics) else np.zeros(1)
    found = {
        "document_norm": np.sqrt((own**2).sum(axis=1).mean()),
        "term_norm": np.linalg.norm(term_weights, axis=0).mean(),
        "term_spread": spread.mean(),
        "document_spread": n_topics * theta.std(axis=0).mean(),
        "largest": theta.max(axis=1).mean(),
        "evenness": evenness.mean(),
        "even_documents": (evenness > EVEN).mean(),
        "winning": len(np.unique(theta.argmax(axis=1))),
    }
    return {name: float(value) for name, value in found.items()}


WATCHED = ("epoch", "loss", "term_spread", "even_documents", "document_norm")
"""What the records of every epoch hold, for :func:`faded` to read."""


def faded(history: Sequence[Mapping[str, float]]) -> str | None:
    """What has gone wrong by the last epoch, and what to do; None if nothing.

    >>> first = {"epoch": 1, "even_documents": 0.1, "term_spread": 0.1, "document_norm": 3.0}
    >>> last = first | {"epoch": 5, "even_documents": 1.0, "document_norm": 0.05}
    >>> faded([first]) is None
    True
    >>> print(faded([first, last]))
    W1 has faded: 100 % of the documents belong to all topics equally since epoch 5; the length of \
a row went from 3 to 0.05. Use recipe="cured", or changes={"decay": 0}.
    """
    if not history or "even_documents" not in history[-1]:
        return None
    even = _since(history, [record["even_documents"] > _MOST_EVEN for record in history])
    if even is not None:
        return _told(even, history[0]["document_norm"], history[-1])
    alike = _since(history, [record["term_spread"] < _LEAST_SPREAD for record in history])
    if alike is not None:
        return (
            f"W2 has faded: all terms score alike since epoch {alike:.0f} (lt deviates by "
            f'{history[-1]["term_spread"]:.2g}). Use recipe="cured", or changes={{"decay": 0}}.'
        )
    return None


def _told(since: float, first: float, record: Mapping[str, float]) -> str:
    share, last = 100 * record["even_documents"], record["document_norm"]
    found = f"{share:.0f} % of the documents belong to all topics equally since epoch {since:.0f}"
    if last < 0.5 * first:
        return (
            f"W1 has faded: {found}; the length of a row went from {first:.3g} to {last:.3g}. "
            'Use recipe="cured", or changes={"decay": 0}.'
        )
    return (
        f"W1 tells no documents apart: {found}; a row is {last:.3g} long. Train longer, or start "
        'it from what tells terms apart: recipe="cured".'
    )


def _since(history: Sequence[Mapping[str, float]], wrong: Sequence[bool]) -> float | None:
    """The epoch since which all records are wrong; None if the last is not."""
    if not wrong[-1]:
        return None
    right = [place for place, value in enumerate(wrong) if not value]
    return float(history[right[-1] + 1 if right else 0]["epoch"])
