"""TopicResult: the record of a topic model, with what one does with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polytopic.late import late
from polytopic.result.asked import AskedRecord

__all__ = ["TopicResult"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TopicResult(AskedRecord):
    """What a topic model found in a corpus.

    Attributes
    ----------
    topic_word : float32 array of shape (K, V)
        Rows on the simplex: p(term | topic).
    doc_topic : float32 array of shape (D, K)
        Rows on the simplex: theta, the topic proportions of each document.
    vocabulary : Vocabulary
        The V terms in column order, with their counts.
    counts : CSR matrix of shape (D, V)
        The counts the model read.
    texts : sequence of D str, or None
        The raw documents, for the report's examples.
    labels, ids, dates : arrays of D entries, or None
        What the reader took from the file. Any column is read, by position.
    metadata : dict of str to arrays of D entries
        Columns of the documents by their names, as the corpus has them.
    names : tuple of K str
        Names of the topics, "" for those that have none.
    beside_counts : bool
        Whether the model read something beside the counts (embeddings of the documents), so that a
        document without terms has a topic too.
    history : list of dict
        One record an epoch: loss, held-out objective, seconds and so on.
    parameters : dict
        The parameters of the model, JSON-ready.
    metrics : dict
        Name to value; values JSON-ready.
    model : str
        Class name of the model.
    notes : dict
        How it was run: seconds, versions, what was dropped from the text and why.
    fitted : topic model, path of a saved one, or None
        The model, which reads new texts for ``find``, ``explain`` and ``update``. It is used as
        long as its topics are these: edits that change topics set it aside.
    quality : Quality, or None
        What is known of the topics; :func:`dataclasses.replace` hands it on, and where topics,
        documents or terms are others it is made anew. Leave it out.

    Raises
    ------
    InputError
        If topic_word or doc_topic leave the simplex, shapes disagree, or a column does not fit.
    """

    @late
    def report(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write the report, one self-contained HTML file, and return its path."""
        raise NotImplementedError

    def to_pyldavis(self) -> dict[str, Any]:
        """The arguments of ``pyLDAvis.prepare``, which this package does not need.

        ``pyLDAvis.prepare(**result.to_pyldavis())``: topic_term_dists (K, V) and doc_topic_dists
        (D, K), float64, rows summing to one; doc_lengths (D,), vocab and term_frequency (V,).
        Documents that have no topic are left out.
        """
        from polytopic.result.pyldavis import pyldavis_arguments

        return pyldavis_arguments(self)
