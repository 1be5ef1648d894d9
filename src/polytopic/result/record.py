"""The frozen record of a finished topic model: checked once, with its plain facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import simplex
from polytopic.counts import told_without_terms, whole_counts
from polytopic.errors import InputError
from polytopic.metrics import Collapse
from polytopic.metrics.verdict_record import TopicVerdict
from polytopic.metrics.verdicts import verdicts as judge
from polytopic.result.quality import Quality
from polytopic.text import Vocabulary
from polytopic.text.columns import as_list, checked_texts
from polytopic.text.roles import URL
from polytopic.text.values import as_column

__all__ = ["Base", "Record", "called", "source_of", "top_words"]

SOURCES = ("author", "authors", "byline", "sender", "from", "user", "source", "publication")
"""Names of columns that tell where a document comes from; the first that is there counts."""


HANDFUL = 5
"""Documents below which how much oftener a topic has a word says nothing."""


def top_words(
    topic_word: NDArray[Any], vocabulary: Vocabulary, n: int, relevance: float | None = None
) -> list[list[str]]:
    """The ``n`` most probable, or most relevant, terms of each topic, in order: K lists of str.

    ``topic_word``: shape (K, V), columns in the order of ``vocabulary``. With ``relevance`` l terms
    are ranked by l log p(w | k) + (1 - l) log(p(w | k) / p(w)) (Sievert & Shirley 2014, eq. 1), and
    those of a handful of documents come last: their ratio is noise.

    Raises
    ------
    InputError
        If ``relevance`` is no share, or the vocabulary does not know how often its terms occur.
    """
    ranked = topic_word
    if relevance is not None:
        if isinstance(relevance, bool) or not 0 <= relevance <= 1:
            raise InputError(f"relevance: is {relevance!r:.40}. Pass a share, such as 0.6.")
        uses = np.asarray(vocabulary.counts, dtype=np.float64)
        if not uses.any():
            raise InputError("relevance: the vocabulary has no counts to compare with. Leave it.")
        tiny = np.finfo(np.float64).tiny
        log_share = np.log(np.maximum(uses / uses.sum(), tiny))
        logs = np.log(np.maximum(topic_word.astype(np.float64), tiny))
        held = np.asarray(vocabulary.document_counts)
        rare = (held < HANDFUL) & bool((held >= HANDFUL).sum() >= n)
        ranked = np.where(rare, -np.inf, logs - (1.0 - relevance) * log_share)
    order = np.argsort(-ranked, axis=1, kind="stable")[:, :n]
    return [[vocabulary.terms[term] for term in row] for row in order]


def called(names: Sequence[str], words: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The name of each topic, or its ``words`` with commas where it has none."""
    given = names or ("",) * len(words)
    return tuple(n or ", ".join(listed) for n, listed in zip(given, words, strict=True))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Base:
    """A result's topics as the model gave them, from which its edits are made again.

    Attributes are those of :class:`Record`; ``metrics`` are of these topics.
    """

    topic_word: NDArray[np.float32]
    doc_topic: NDArray[np.float32]
    names: tuple[str, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Record:
    """What readers of a topic model's result ask; :class:`TopicResult` says what it holds."""

    topic_word: NDArray[np.float32]
    doc_topic: NDArray[np.float32]
    vocabulary: Vocabulary
    counts: sparse.csr_matrix
    texts: Sequence[str] | None = None
    labels: NDArray[Any] | None = None
    ids: NDArray[Any] | None = None
    dates: NDArray[Any] | None = None
    metadata: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    names: Sequence[str] = ()
    remarks: Sequence[str] = ()
    hidden: Sequence[int] = ()
    edits: Sequence[Mapping[str, Any]] = ()
    base: Base | None = None
    beside_counts: bool = False
    history: Sequence[Mapping[str, float]] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)
    fitted: Any = None
    quality: Quality | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.quality is None or not self.quality.is_of(self):
            self._check_topics()
        n_topics, n_documents = self.n_topics, self.n_documents
        held: dict[str, Any] = {"texts": checked_texts(self.texts, n_documents)}
        for name in ("names", "remarks"):
            given = tuple(as_list(getattr(self, name), name))
            held[name] = given if any(given) else ("",) * n_topics
            if len(held[name]) != n_topics:
                raise InputError(
                    f"{name}: {len(held[name])} for {n_topics} topics. Give one a topic."
                )
        held["hidden"] = _hidden(self.hidden, n_topics)
        held["edits"] = tuple(self.edits)
        for name in ("labels", "ids", "dates"):
            held[name] = as_column(getattr(self, name), name, n_documents)
        held["metadata"] = {
            str(name): as_column(values, f'metadata "{name}"', n_documents)
            for name, values in self.metadata.items()
        }
        for name, values in held.items():
            object.__setattr__(self, name, values)

    def _check_topics(self) -> None:
        """Check what the topics are made of, and begin anew with what is known of them."""
        simplex.check_distribution(self.topic_word, "topic_word")
        simplex.check_distribution(self.doc_topic, "doc_topic")
        n_topics, n_terms = self.topic_word.shape
        n_documents = self.doc_topic.shape[0]
        if self.doc_topic.shape[1] != n_topics:
            raise InputError(
                f"doc_topic: has {self.doc_topic.shape[1]} topics, topic_word has {n_topics}. "
                "Pass both from the same model."
            )
        if len(self.vocabulary) != n_terms:
            raise InputError(
                f"vocabulary: has {len(self.vocabulary)} terms, topic_word has {n_terms} columns. "
                "Pass the vocabulary the model was fitted with."
            )
        if self.counts.shape != (n_documents, n_terms):
            raise InputError(
                f"counts: shape {self.counts.shape}, expected {(n_documents, n_terms)}. "
                "Pass the counts that doc_topic was computed from."
            )
        object.__setattr__(self, "counts", whole_counts(self.counts))
        topics = {name: getattr(self, name) for name in Quality.OF}
        object.__setattr__(self, "quality", Quality(**topics))

    @property
    def n_topics(self) -> int:
        """K, the number of topics."""
        return int(self.topic_word.shape[0])

    @property
    def n_documents(self) -> int:
        """D, the number of documents."""
        return int(self.doc_topic.shape[0])

    @property
    def label_columns(self) -> dict[str, NDArray[Any]]:
        """The columns of ``metadata`` that are labels: all but the addresses."""
        return {name: values for name, values in self.metadata.items() if name != URL}

    @property
    def urls(self) -> NDArray[Any] | None:
        """The address of each document, ``metadata["url"]``, shape (D,); None without any."""
        return self.metadata.get(URL)

    @property
    def topic_sizes(self) -> NDArray[np.float64]:
        """Share of all tokens that each topic accounts for, shape (K,), summing to one."""
        return self._quality.sizes

    @property
    def coherence(self) -> NDArray[np.float64] | None:
        """NPMI of each topic's first ten words in the documents, shape (K,); None if undefined."""
        return self._quality.coherence

    @property
    def diagnosis(self) -> Collapse:
        """Dead, duplicate and stop-word topics; see :func:`polytopic.metrics.collapse`."""
        return self._quality.diagnosis

    @cached_property
    def verdicts(self) -> tuple[TopicVerdict, ...]:
        """A verdict on each topic, good, fair or junk, with a sentence that says why.

        By its documents alone; of fewer than a hundred there are none. :meth:`TopicResult.diagnose`
        judges by other texts and vectors too.
        """
        sources = source_of(self.metadata)
        if sources is None:
            return self._quality.verdicts
        terms = self.vocabulary.terms
        return judge(self.topic_word, self.doc_topic, self.counts, terms, sources=sources)

    @property
    def _quality(self) -> Quality:
        assert self.quality is not None
        return self.quality

    @property
    def has_topic(self) -> NDArray[np.bool_]:
        """Which documents have a topic, shape (D,): those that hold a term of the vocabulary.

        ``doc_topic`` has a row on the simplex for the others too, which says nothing of them.
        """
        return self._quality.has_topic

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        """The topics that are not hidden, in their order."""
        return np.setdiff1d(np.arange(self.n_topics), np.array(self.hidden, dtype=np.int64))

    @cached_property
    def top_topic(self) -> NDArray[np.int64]:
        """The largest topic of each document, the first of equals; -1 for none; shape (D,).

        Hidden topics are nobody's largest.
        """
        if not self.hidden:
            return self._quality.top_topic
        largest = self.shown[self.doc_topic[:, self.shown].argmax(axis=1)]
        return np.where(self.has_topic, largest, -1)

    @property
    def without_topic(self) -> str:
        """One sentence on the documents that have no topic; empty if all have one."""
        return told_without_terms(int((~self.has_topic).sum()), self.n_documents)

    def model_at_hand(self) -> Any:
        """The fitted model whose topics these are, None where it is not at hand."""
        model = self.fitted
        if isinstance(model, str | Path):
            from polytopic.persistence import load

            model = load(model)
            object.__setattr__(self, "fitted", model)
        same = model is not None and np.array_equal(model.topic_word_, self.topic_word)
        return model if same else None

    def top_words(self, n: int = 10, *, relevance: float | None = None) -> list[list[str]]:
        """The ``n`` most probable terms of each topic, most probable first: K lists of str.

        With ``relevance`` (.6 reads best) the most relevant: terms that the topic has oftener than
        the corpus come first (Sievert & Shirley 2014), those of fewer than five documents last.
        """
        return top_words(self.topic_word, self.vocabulary, n, relevance)

    def labels_of_topics(self, n: int = 3) -> tuple[str, ...]:
        """What topics are called, K str: their names, or the first ``n`` words of those without."""
        return called(self.names, self.top_words(n))

    def top_documents(self, topic: int, n: int = 5) -> NDArray[np.int64]:
        """Rows of the ``n`` documents with the largest share of ``topic``, largest first.

        Documents that have no topic are left out.
        """
        rows = np.flatnonzero(self.has_topic)
        return rows[np.argsort(-self.doc_topic[rows, topic], kind="stable")[:n]]


def source_of(metadata: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    """The column that says who wrote or published a document, by its name, if there is one."""
    named = {name.lower(): values for name, values in metadata.items()}
    return next((named[name] for name in SOURCES if name in named), None)


def _hidden(given: Sequence[int], n_topics: int) -> tuple[int, ...]:
    """The numbers of hidden topics, ascending, checked."""
    hidden = sorted({int(topic) for topic in as_list(given, "hidden")})
    if hidden and not (hidden[0] >= 0 and hidden[-1] < n_topics):
        wrong = hidden[0] if hidden[0] < 0 else hidden[-1]
        raise InputError(f"hidden: there is no topic {wrong}. Topics are 0 to {n_topics - 1}.")
    if len(hidden) == n_topics:
        raise InputError("hidden: all topics are, and nothing is left to show. Leave one.")
    return tuple(hidden)
