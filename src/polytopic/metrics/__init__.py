"""Pure functions that judge topics (coherence, diversity, clusters, perplexity, collapse) and
word vectors (similarity, analogies)."""

from __future__ import annotations

from polytopic.metrics.agreement import krippendorff_alpha
from polytopic.metrics.clusters import ami, fowlkes_mallows, nmi, purity, v_measure
from polytopic.metrics.coherence import c_v, npmi, uci, umass, unseen_pairs
from polytopic.metrics.completion import document_completion, mixture_log_likelihood, perplexity
from polytopic.metrics.diagnosis import collapse
from polytopic.metrics.diagnosis_record import Collapse
from polytopic.metrics.embedding import embedding_coherence, embedding_diversity
from polytopic.metrics.evaluation import evaluate
from polytopic.metrics.intervals import bootstrap_interval
from polytopic.metrics.links import (
    EdgeSplit,
    LinkScores,
    degree_baseline,
    link_prediction,
    non_edges,
    split_edges,
)
from polytopic.metrics.stability import stability
from polytopic.metrics.topic_diversity import (
    diversity,
    diversity_once,
    inverted_rbo,
    topic_uniqueness,
)
from polytopic.metrics.word_analogies import AnalogySection, WordAnalogies, word_analogies
from polytopic.metrics.word_similarity import WordSimilarity, word_similarity

__all__ = [
    "AnalogySection",
    "Collapse",
    "EdgeSplit",
    "LinkScores",
    "WordAnalogies",
    "WordSimilarity",
    "ami",
    "bootstrap_interval",
    "c_v",
    "collapse",
    "degree_baseline",
    "diversity",
    "diversity_once",
    "document_completion",
    "embedding_coherence",
    "embedding_diversity",
    "evaluate",
    "fowlkes_mallows",
    "inverted_rbo",
    "krippendorff_alpha",
    "link_prediction",
    "mixture_log_likelihood",
    "nmi",
    "non_edges",
    "npmi",
    "perplexity",
    "purity",
    "split_edges",
    "stability",
    "topic_uniqueness",
    "uci",
    "umass",
    "unseen_pairs",
    "v_measure",
    "word_analogies",
    "word_similarity",
]
