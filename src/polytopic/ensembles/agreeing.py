"""The consensus of several runs: topics matched over seeds, each with how often it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic import registry
from polytopic.base import seed_from
from polytopic.ensembles.members import check_corpus, check_whole, in_order, member, prototype
from polytopic.ensembles.refining import refined
from polytopic.errors import InputError
from polytopic.metrics.inputs import top_columns
from polytopic.metrics.stability import matched

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Consensus", "consensus"]

ROUNDS = 10
"""Alignments to the mean until none changes: a handful suffice, as in k-means."""

SAME = 0.5
"""Share of the ten first words from which a run has a topic of the consensus."""

WORDS = 10
"""Words of a topic by which runs are compared."""

FLOOR = 1e-5
"""Added to shares of terms before their logarithms are averaged: a term that one run gives nothing
falls, but is not lost."""

STRENGTH = 0.1
"""Mean of the Dirichlet's parameters that the consensus model infers documents with: that of the
usual sparse priors (alpha = .1)."""

_Z = 1.959964
"""Of a 95 % interval of a share (Wilson 1927)."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """Topics that several runs agree on.

    Attributes
    ----------
    model : LDA
        The consensus topics as a fitted mixture model: ``transform``, ``save`` and ``pt.load``
        work. Topics of autoencoders are no mixture: of those, ask :meth:`transform` for documents.
    topic_word : float32 array of shape (K, V)
        Geometric mean of the matched topics of the runs that have them; of LDA, fitted to the
        documents from there.
    doc_topic : float32 array of shape (D, K)
        Mean of the runs' matched theta of the documents: a vote on each.
    reproducibility : float64 array of shape (K,)
        Share of the runs that have the topic: at least half of its ten first words.
    interval : float64 array of shape (K, 2)
        Its 95 % interval, of so few runs a wide one (Wilson 1927).
    overlap : float64 array of shape (K,)
        Mean similarity of the topic in each two runs, sum_w sqrt(p_w q_w): a finer measure, which
        agrees better with readers' marks.
    runs : int
    members : tuple of fitted models
        The runs.
    order : tuple of int arrays of shape (K,)
        Of each run, which of its topics is the consensus's first, second, ...
    """

    model: Any
    topic_word: NDArray[np.float32]
    doc_topic: NDArray[np.float32]
    reproducibility: NDArray[np.float64]
    interval: NDArray[np.float64]
    overlap: NDArray[np.float64]
    runs: int
    members: tuple[Any, ...] = ()
    order: tuple[NDArray[np.int64], ...] = ()

    def transform(self, X: Any) -> NDArray[np.float32]:
        """The vote of all runs on documents, old or new: mean of their matched theta, (D, K).

        Raises
        ------
        InputError
            As the members' ``transform``; if only topics were given, and no models.
        """
        if not self.members:
            raise InputError("members: there are none to vote. Use model.transform.")
        votes = [
            np.asarray(one.transform(X), dtype=np.float64)[:, rows]
            for one, rows in zip(self.members, self.order, strict=True)
        ]
        return _rows_to_one(np.mean(votes, axis=0))

    def topics(self) -> pl.DataFrame:
        """A row a topic: its number, reproducibility with interval, overlap, and words."""
        import polars as pl

        columns = {
            "topic": np.arange(len(self.topic_word)),
            "reproducibility": self.reproducibility,
            "low": self.interval[:, 0],
            "high": self.interval[:, 1],
            "overlap": self.overlap,
            "words": [" ".join(words) for words in self.model.top_words(WORDS)],
        }
        return pl.DataFrame(columns)

    def __repr__(self) -> str:
        return (
            f"Consensus({len(self.topic_word)} topics of {self.runs} runs, mean reproducibility "
            f"{self.reproducibility.mean():.2f})"
        )


def consensus(
    model: Any,
    corpus: Any,
    *,
    runs: int = 8,
    n_topics: int | None = None,
    n_jobs: int = 1,
    random_state: Any = 0,
) -> Consensus:
    """Fit a model with several seeds, match the topics, and keep what they agree on.

    Topics of each run are paired one to one with those of the consensus so that the sum of their
    similarities (Bhattacharyya, sum_w sqrt(p_w q_w)) is largest, beginning with the run that is
    most like the others; both pairing and mean are repeated until no pair changes. The consensus
    is the geometric mean of what is paired, over the runs that have the topic: what they agree on
    (the arithmetic mean keeps the words of each). Topics of LDA are then fitted to the documents
    by some passes of EM from there.

    Parameters
    ----------
    model : name or topic model
        With its parameters; its ``random_state`` is that of each run.
    corpus : Corpus
    runs : int
        Fits, of seeds drawn from ``random_state``; at least 2.
    n_topics : int, optional
        K, if not the model's.
    n_jobs : int
        Processes. Each run has one thread unless the model says otherwise, so that any number of
        processes gives the same bits.
    random_state : int, RandomState, Generator or None

    Returns
    -------
    Consensus

    Raises
    ------
    InputError
        If the model, the corpus or a number cannot be used; what the fits raise.

    Notes
    -----
    Hoyle, Goel, Sarkar & Resnik (EMNLP Findings 2022) for ensembles of runs; the matching is
    Kuhn's (1955).
    """
    check_whole(runs, "runs", 2, "One run agrees with itself.")
    check_whole(n_jobs, "n_jobs", 1, "It is the number of processes.")
    check_corpus(corpus)
    made = prototype(model, n_topics=n_topics)
    seeds = np.random.default_rng(seed_from(random_state)).choice(2**31 - 1, runs, replace=False)
    tasks = [(made, int(seed), corpus) for seed in seeds]
    found = dict(in_order(_run, tasks, n_jobs))
    fitted = [found[number] for number in range(runs)]
    return agreed([topics for _, *topics in fitted], corpus, [one for one, *_ in fitted])


def agreed(
    members: Sequence[Sequence[NDArray[Any]]], corpus: Any, fitted: Sequence[Any] = ()
) -> Consensus:
    """The consensus of fits' (topic_word (K, V), doc_topic (D, K)) of one corpus.

    ``fitted``: the models that they are of, if they are to vote on other documents.

    Raises
    ------
    InputError
        If they have other numbers of topics.
    """
    if len({beta.shape for beta, _ in members}) > 1:
        raise InputError(
            "model: finds other numbers of topics with other seeds, which cannot be paired. Use a "
            "model with a fixed number."
        )
    order = order_of([beta for beta, _ in members])
    aligned = np.stack([beta[rows] for (beta, _), rows in zip(members, order, strict=True)])
    having, share = _having(aligned)
    theta = np.mean([t[:, rows] for (_, t), rows in zip(members, order, strict=True)], axis=0)
    beta = _geometric(aligned, having)
    if fitted and all(isinstance(one, _lda()) for one in fitted):
        beta = refined(beta, theta, corpus.counts)
    topics, vote = _rows_to_one(beta), _rows_to_one(np.asarray(theta))
    runs = len(members)
    return Consensus(
        _as_model(topics, vote, corpus), topics, vote, share, _wilson(share, runs),
        _overlap(aligned), runs, tuple(fitted), tuple(order),
    )  # fmt: skip


def _geometric(aligned: NDArray[Any], having: NDArray[np.bool_]) -> NDArray[np.float64]:
    """exp of the mean log of matched topics (R, K, V) over the runs that have them, (K, V)."""
    weights = having / having.sum(axis=0)
    logs = np.zeros(aligned.shape[1:])
    for weight, beta in zip(weights, aligned, strict=True):
        logs += weight[:, None] * np.log(np.asarray(beta, dtype=np.float64) + FLOOR)
    return np.asarray(np.exp(logs))


def _run(model: Any, seed: int, corpus: Any) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """One fitted model, its topics, and theta of the documents."""
    made = member(model, seed, corpus)
    return made, np.asarray(made.topic_word_), np.asarray(made.transform(corpus.counts))


def order_of(runs: Sequence[NDArray[Any]]) -> list[NDArray[np.int64]]:
    """For each run the order of its topics that fits the consensus."""
    roots = [np.sqrt(np.asarray(beta, dtype=np.float64)) for beta in runs]
    first = _most_like_others(roots)
    centre = roots[first]
    order: list[NDArray[np.int64]] = []
    for _ in range(ROUNDS):
        found = [matched(centre @ root.T)[1] for root in roots]
        if order and all(np.array_equal(a, b) for a, b in zip(order, found, strict=True)):
            break
        order = found
        mean = np.mean([(root[rows]) ** 2 for root, rows in zip(roots, order, strict=True)], axis=0)
        centre = np.sqrt(mean)
    return order


def _most_like_others(roots: Sequence[NDArray[np.float64]]) -> int:
    sums = np.zeros(len(roots))
    for one in range(len(roots)):
        for other in range(one + 1, len(roots)):
            similarity = roots[one] @ roots[other].T
            sums[[one, other]] += similarity[matched(similarity)].sum()
    return int(sums.argmax())


def _having(aligned: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which runs (R, K) have each topic, and what share; the mean is of all where none has."""
    n = min(WORDS, aligned.shape[2])
    centre = np.array(top_columns(aligned.mean(axis=0), n))
    having = np.zeros(aligned.shape[:2], dtype=np.bool_)
    for run, beta in enumerate(aligned):
        listed = np.array(top_columns(beta, n))
        pairs = zip(listed.tolist(), centre.tolist(), strict=True)
        having[run] = [len(set(one) & set(other)) >= SAME * n for one, other in pairs]
    share = having.mean(axis=0)
    having[:, share == 0] = True
    return having, np.asarray(share)


def _overlap(aligned: NDArray[Any]) -> NDArray[np.float64]:
    """Mean Bhattacharyya similarity of each two runs' matched topics (R, K, V), shape (K,)."""
    runs, found = len(aligned), []
    for topic in range(aligned.shape[1]):
        roots = np.sqrt(np.asarray(aligned[:, topic], dtype=np.float64))
        found.append(((roots @ roots.T).sum() - (roots**2).sum()) / (runs * (runs - 1)))
    return np.asarray(np.clip(np.array(found), 0.0, 1.0))


def _wilson(share: NDArray[np.float64], runs: int) -> NDArray[np.float64]:
    """The 95 % interval of a share of ``runs``, (K, 2)."""
    middle = (share + _Z**2 / (2 * runs)) / (1 + _Z**2 / runs)
    half = _Z / (1 + _Z**2 / runs) * np.sqrt(share * (1 - share) / runs + _Z**2 / (4 * runs**2))
    return np.asarray(np.clip(np.stack([middle - half, middle + half], axis=1), 0.0, 1.0))


def _rows_to_one(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(values / values.sum(axis=1, keepdims=True), dtype=np.float32)


def _lda() -> Any:
    return registry.load_class(registry.find("lda", "topics"))


def _as_model(beta: NDArray[np.float32], theta: NDArray[np.float32], corpus: Any) -> Any:
    """A mixture model whose topics are those, which knows the terms and how texts become them."""
    made = member(_lda()(n_topics=len(beta), iterations=1, n_threads=1), 0, corpus)
    made.topic_word_ = beta
    made.alpha_ = np.maximum(STRENGTH * len(beta) * theta.mean(axis=0, dtype=np.float64), 1e-3)
    made.history_ = []
    made.diagnosis_ = made.result(corpus).diagnosis
    made.set_params(n_threads=None, iterations=None)
    return made
