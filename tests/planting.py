"""Small planted corpora whose topics are known."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def planted(
    n_documents: int = 200, n_topics: int = 4, per_topic: int = 8, length: int = 30, seed: int = 0
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Documents of one topic each, drawn from disjoint term blocks with a little noise."""
    rng = np.random.default_rng(seed)
    n_terms = n_topics * per_topic
    labels = rng.integers(n_topics, size=n_documents)
    beta = np.full((n_topics, n_terms), 0.1 / n_terms)
    for topic in range(n_topics):
        beta[topic, topic * per_topic : (topic + 1) * per_topic] += 0.9 / per_topic
    counts = np.stack([rng.multinomial(length, beta[label]) for label in labels])
    return sparse.csr_matrix(counts), labels
