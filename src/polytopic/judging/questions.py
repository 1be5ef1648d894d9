"""Questions on topics, for people and for language models alike; what is right is kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.counts import document_lengths
from polytopic.errors import InputError
from polytopic.io.leaving import visible
from polytopic.result import TopicResult

__all__ = ["TASKS", "Question", "questions"]

TASKS = ("rating", "word-intrusion", "document-intrusion", "label", "fit", "rank")
"""The kinds of questions, in the order they are asked."""

WORDS = 10
"""Words of a topic that are shown."""

SHOWN = 5
"""Words of a topic among which an intruder is hidden (Chang et al., NeurIPS 2009)."""

INTRUDERS_FROM = 20
"""First words of the nearest other topic that can be the intruder."""

FOREIGN = 50
"""First words of a topic none of which can be its intruder."""

READ = 3
"""Documents of a topic among which one of another is hidden."""

FITTED = 5
"""Documents whose fit is rated and that are ranked: a topic's first and last, and between."""

CHARACTERS = 300
"""Of a document that is shown."""


@dataclass(frozen=True)
class Question:
    """One question on one topic.

    ``id`` is the same whoever is asked; ``choices`` are what is chosen among, rated or ranked (none
    for a rating and a label); ``right`` is the place of the intruder, or the shares that the model
    gives the documents, and is never shown.
    """

    id: str
    task: str
    topic: int
    words: tuple[str, ...]
    choices: tuple[str, ...] = ()
    right: tuple[float, ...] = ()

    def prompt(self) -> str:
        """The question in words."""
        words = ", ".join(self.words)
        listed = "\n".join(f"{place}. {text}" for place, text in enumerate(self.choices, 1))
        numbers = f"Answer with a number from 1 to {len(self.choices)}."
        if self.task == "rating":
            return (
                f"Words of a topic: {words}\n\nDo they belong to one subject? 3: they do; 2: some "
                "do not, or the subject is vague; 1: they do not. Answer with 1, 2 or 3."
            )
        if self.task == "word-intrusion":
            return (
                f"All of these words but one belong together:\n{listed}\n\nWhich one does not? "
                f"{numbers}"
            )
        if self.task == "document-intrusion":
            return (
                f"All of these documents but one are about the topic of {words}:\n{listed}\n\n"
                f"Which one is not? {numbers}"
            )
        if self.task == "label":
            return (
                f"Words of a topic: {words}\nDocuments of it:\n{listed}\n\nName the topic in a few "
                "words. Answer with the name alone."
            )
        if self.task == "fit":
            return (
                f"A topic of the words: {words}\nA document:\n{self.choices[0]}\n\nHow well does "
                "it fit the topic? Answer with a number from 1 (not at all) to 5 (fully)."
            )
        return (
            f"A topic of the words: {words}\nDocuments:\n{listed}\n\nOrder them from the one that "
            "fits the topic best to the one that fits it least. Answer with their numbers."
        )


def questions(
    result: TopicResult,
    *,
    topics: Iterable[int] | None = None,
    tasks: Sequence[str] = TASKS,
    random_state: int = 0,
) -> tuple[Question, ...]:
    """The questions on topics of a result, the same for the same seed.

    Parameters
    ----------
    result : TopicResult
    topics : iterable of int, optional
        By default all that are shown.
    tasks : sequence of names out of ``TASKS``
        Word intrusion hides a *hard* intruder: a first word of the most similar other topic, about
        as frequent as the topic's own, that is far down in the topic itself. Document intrusion
        hides a document of that other topic. ``label``, ``fit`` and ``rank`` are ProxAnn's: name
        the topic, rate how well each of five documents fits it, and order them.
    random_state : int

    Raises
    ------
    InputError
        If there is no such task or topic.

    Notes
    -----
    Chang et al. (NeurIPS 2009); Hoyle et al., ProxAnn (ACL 2025).
    """
    if unknown := [task for task in tasks if task not in TASKS]:
        raise InputError(f'tasks: there is no "{unknown[0]:.40}". Tasks are: {", ".join(TASKS)}.')
    asked = result.shown.tolist() if topics is None else [int(topic) for topic in topics]
    for topic in asked:
        if not 0 <= topic < result.n_topics:
            raise InputError(f"topics: there is no topic {topic}. Pass 0 to {result.n_topics - 1}.")
    if not asked:
        raise InputError("topics: none is asked about. Name one at least.")
    near = _nearest(result.topic_word)
    frequency = np.log1p(np.asarray((result.counts > 0).sum(axis=0)).ravel())
    lengths = document_lengths(result.counts)
    made: list[Question] = []
    for topic in asked:
        rng = np.random.default_rng([random_state, topic])
        made += _of_topic(result, topic, int(near[topic]), frequency, lengths, rng)
    order = {task: place for place, task in enumerate(TASKS)}
    kept = [question for question in made if question.task in tasks]
    return tuple(sorted(kept, key=lambda q: (order[q.task], q.topic, q.id)))


def _nearest(beta: NDArray[Any]) -> NDArray[np.int64]:
    """The most similar other topic of each; itself where there is one only."""
    roots = np.sqrt(np.asarray(beta, dtype=np.float64))
    alike = roots @ roots.T
    np.fill_diagonal(alike, -1.0)
    return np.asarray(alike.argmax(axis=1))


def _of_topic(
    result: TopicResult,
    topic: int,
    other: int,
    frequency: NDArray[np.float64],
    lengths: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[Question]:
    order = np.argsort(-result.topic_word[topic], kind="stable")
    terms = result.vocabulary.terms
    words = tuple(visible(terms[column], CHARACTERS) for column in order[:WORDS])
    made = [Question(f"rating-{topic}", "rating", topic, words)]
    if other == topic:
        return made
    intruder = _intruder(result.topic_word[other], order, frequency)
    if intruder is not None:
        columns = np.append(order[:SHOWN], intruder)
        shuffled = rng.permutation(len(columns))
        shown = tuple(visible(terms[column], CHARACTERS) for column in columns[shuffled])
        place = float(np.flatnonzero(shuffled == len(columns) - 1)[0] + 1)
        name = f"word-intrusion-{topic}"
        made.append(Question(name, "word-intrusion", topic, (), shown, (place,)))
    rows = _documents(result, topic, lengths)
    foreign = _foreign(result, topic, other, lengths)
    if len(rows) >= READ and foreign is not None:
        chosen = np.append(rows[:READ], foreign)
        shuffled = rng.permutation(len(chosen))
        texts = tuple(_text(result, row) for row in chosen[shuffled])
        place = float(np.flatnonzero(shuffled == READ)[0] + 1)
        name = f"document-intrusion-{topic}"
        made.append(Question(name, "document-intrusion", topic, words, texts, (place,)))
    if len(rows) >= READ:
        shown = tuple(_text(result, row) for row in rows[:READ])
        made.append(Question(f"label-{topic}", "label", topic, words, shown))
    if len(rows) >= FITTED:
        spread = rows[np.linspace(0, len(rows) - 1, FITTED).astype(int)]
        spread = spread[rng.permutation(FITTED)]
        texts = tuple(_text(result, row) for row in spread)
        shares = tuple(float(share) for share in result.doc_topic[spread, topic])
        for place, (text, share) in enumerate(zip(texts, shares, strict=True)):
            made.append(Question(f"fit-{topic}-{place}", "fit", topic, words, (text,), (share,)))
        made.append(Question(f"rank-{topic}", "rank", topic, words, texts, shares))
    return made


def _intruder(
    row: NDArray[Any], order: NDArray[np.int64], frequency: NDArray[np.float64]
) -> int | None:
    """A first word of another topic, as frequent as this one's, that this one ranks low."""
    candidates = np.argsort(-row, kind="stable")[:INTRUDERS_FROM]
    foreign = order[: min(FOREIGN, len(order) // 2)]
    left = candidates[~np.isin(candidates, foreign)]
    if not len(left):
        return None
    usual = frequency[order[:SHOWN]].mean()
    return int(left[np.abs(frequency[left] - usual).argmin()])


def _documents(result: TopicResult, topic: int, lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """Documents by their share of the topic, the largest first; of the same text one."""
    rows = np.flatnonzero(result.has_topic & (lengths > 0))
    rows = rows[np.argsort(-result.doc_topic[rows, topic], kind="stable")]
    texts = result.texts
    if texts is None:
        return np.asarray(rows)
    _, first = np.unique([texts[int(row)][:CHARACTERS] for row in rows], return_index=True)
    return np.asarray(rows[np.sort(first)])


def _foreign(
    result: TopicResult, topic: int, other: int, lengths: NDArray[np.float64]
) -> int | None:
    """The document that leads the other topic most, of those that have less than usual of this."""
    rows = np.flatnonzero(result.has_topic & (lengths > 0))
    little = rows[result.doc_topic[rows, topic] <= np.median(result.doc_topic[rows, topic])]
    if not len(little):
        return None
    return int(little[result.doc_topic[little, other].argmax()])


def _text(result: TopicResult, row: int) -> str:
    """The beginning of a document, or its commonest terms where no texts are kept."""
    if result.texts is not None:
        return visible(" ".join(result.texts[int(row)].split())[:CHARACTERS], CHARACTERS)
    counted = result.counts[[int(row)]]
    order = np.argsort(-counted.data, kind="stable")[: 2 * WORDS]
    return ", ".join(result.vocabulary.terms[column] for column in counted.indices[order])
