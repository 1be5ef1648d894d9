"""What :func:`polytopic.metrics.collapse` found, in numbers and in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from polytopic.errors import InputError
from polytopic.io.schemas import NUMBER, TEXT, TEXTS, WHOLE, ListOf, MapOf, Record
from polytopic.metrics.verdict_record import TopicVerdict, told_verdicts
from polytopic.parameters import NONE, AnyOf, Integer
from polytopic.told import Decimal, Names, Percent, Told, together

__all__ = ["Collapse"]

LISTED = 12
"""More topics than this are counted in a sentence, not all named."""

_DEAD = (
    "{n} of {all} topics is the main topic of no document: {topics}. Lower n_topics. | "
    "{n} of {all} topics are the main topic of no document: {topics}. Lower n_topics."
)
_DUPLICATES = (
    "{n} topics share most of their words{shared}: {topics}. Lower n_topics, or read them as one."
)
_STOP_WORDS = (
    "{n} of {all} topics is made of words that stand everywhere: {topics}. Remove stop words and "
    "terms that most documents hold. | "
    "{n} of {all} topics are made of words that stand everywhere: {topics}. Remove stop words and "
    "terms that most documents hold."
)
_BACKGROUND = (
    "{n} of {all} topics is no different from the corpus as a whole: {topics}. Train longer, or "
    "lower n_topics. | "
    "{n} of {all} topics are no different from the corpus as a whole: {topics}. Train longer, or "
    "lower n_topics."
)
_PLACEHOLDERS = (
    "{n} of {all} topics is made of placeholders ({words}): {topics}. Leave these out "
    "as stop words. | "
    "{n} of {all} topics are made of placeholders ({words}): {topics}. Leave these "
    "out as stop words."
)
_FOREIGN = (
    "{n} of {all} topics is made of words of another language than the documents' own "
    "({words}): {topics}. Leave such documents out, or add the stop words of that "
    "language. | "
    "{n} of {all} topics are made of words of another language than the documents' "
    "own ({words}): {topics}. Leave such documents out, or add the stop words of that "
    "language."
)
_UNIFORM = (
    "{share} of the documents belong to all topics equally, so the topics say nothing of them. "
    "Lower n_topics. Or train longer, with a slower KL warm-up or a smaller prior concentration."
)
_HEALTHY = (
    "{n} topics: each is the main topic of some document, and no two share most of their words."
)
_APART = "{n} topics: no two share most of their words."
_EVEN = "Their sizes are as even as {effective} equal topics."

_LATER = (
    "n_documents", "dead", "duplicate_pairs", "duplicate_groups", "duplicate_words",
    "effective_topics", "stop_word_topics", "background_topics", "share_uniform", "training",
    "thresholds", "verdicts", "placeholder_topics", "placeholders", "foreign_topics",
    "foreign_languages",
)  # fmt: skip
"""Entries that have defaults."""
_TOPICS = AnyOf(ListOf(WHOLE), NONE)
COLLAPSE_RECORD = Record(
    {
        "n_topics": Integer(1),
        "n_documents": AnyOf(WHOLE, NONE),
        "dead": _TOPICS,
        "duplicate_pairs": ListOf(ListOf(WHOLE, 2)),
        "duplicate_groups": ListOf(ListOf(WHOLE)),
        "duplicate_words": ListOf(TEXTS),
        "effective_topics": AnyOf(NUMBER, NONE),
        "stop_word_topics": _TOPICS,
        "background_topics": _TOPICS,
        "share_uniform": AnyOf(NUMBER, NONE),
        "training": AnyOf(TEXT, NONE),
        "thresholds": MapOf(NUMBER),
        "verdicts": ListOf(MapOf(AnyOf(NUMBER, TEXT, NONE))),
        "placeholder_topics": _TOPICS,
        "placeholders": TEXTS,
        "foreign_topics": _TOPICS,
        "foreign_languages": TEXTS,
    },
    later=frozenset(_LATER),
)
"""What :meth:`Collapse.to_dict` writes."""


@dataclass(frozen=True, kw_only=True)
class Collapse:
    """The diagnosis of a topic model's topics; topics are numbered from 0.

    Attributes
    ----------
    n_topics : int
    n_documents : int or None
    dead : tuple of int, or None
        Topics that are the largest of no document. None, here and below: not computable from what
        was given.
    duplicate_pairs : tuple of (int, int)
        Near-duplicates, the first 10,000.
    duplicate_groups : tuple of tuple of int
        The same as groups: topics joined by a chain of pairs.
    duplicate_words : tuple of tuple of str
        For each group the words its topics share; empty without a vocabulary.
    effective_topics : float or None
        How many equally large topics would be as uneven as these, between 1 and K.
    stop_word_topics : tuple of int, or None
        Topics whose top words are largely stop words.
    background_topics : tuple of int, or None
        Topics that repeat the corpus's own term frequencies.
    share_uniform : float or None
        Share of the documents whose theta is nearly uniform.
    training : str or None
        A sentence on what the training itself saw go wrong.
    thresholds : dict
        Name to number: what each of the above was judged by; see :func:`collapse`.
    verdicts : tuple of TopicVerdict
        One a topic, where they were asked for with documents.
    placeholder_topics : tuple of int, or None
        Topics of what a preprocessor or tokenizer wrote for words it took away: ``[UNK]``,
        ``__num__``, ``<url>``.
    placeholders : tuple of str
        Which of these they list, commonest first.
    foreign_topics : tuple of int, or None
        Topics of another language or script than most documents have.
    foreign_languages : tuple of str
        The language or script of each, in that order.
    """

    n_topics: int
    n_documents: int | None = None
    dead: tuple[int, ...] | None = None
    duplicate_pairs: tuple[tuple[int, int], ...] = ()
    duplicate_groups: tuple[tuple[int, ...], ...] = ()
    duplicate_words: tuple[tuple[str, ...], ...] = ()
    effective_topics: float | None = None
    stop_word_topics: tuple[int, ...] | None = None
    background_topics: tuple[int, ...] | None = None
    share_uniform: float | None = None
    training: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    verdicts: tuple[TopicVerdict, ...] = ()
    placeholder_topics: tuple[int, ...] | None = None
    placeholders: tuple[str, ...] = ()
    foreign_topics: tuple[int, ...] | None = None
    foreign_languages: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found: no dead, duplicate, stop-word or background topic, none of
        placeholders or of another language, no more uniform documents than
        ``thresholds["uniform_documents"]``, nothing in training."""
        found = (
            self.dead,
            self.duplicate_pairs,
            self.stop_word_topics,
            self.background_topics,
            self.placeholder_topics,
            self.foreign_topics,
            self.training,
        )
        return not any(found) and not self._too_uniform

    @property
    def share_dead(self) -> float | None:
        """Dead topics as a share of all."""
        return None if self.dead is None else len(self.dead) / self.n_topics

    @property
    def share_duplicates(self) -> float:
        """Topics that are a near-duplicate of some other, as a share of all."""
        return sum(len(group) for group in self.duplicate_groups) / self.n_topics

    @property
    def _too_uniform(self) -> bool:
        return (self.share_uniform or 0.0) > self.thresholds.get("uniform_documents", 1.0)

    def sentences(self) -> list[str]:
        """The diagnosis in plain English, a sentence or two for each finding.

        >>> found = Collapse(n_topics=40, duplicate_groups=((4, 17, 31),), dead=(2,),
        ...                  duplicate_pairs=((4, 17), (17, 31)))
        >>> for sentence in found.sentences():
        ...     print(sentence)
        1 of 40 topics is the main topic of no document: 2. Lower n_topics.
        3 topics share most of their words: 4, 17 and 31. Lower n_topics, or read them as one.
        """
        found = [] if self.training is None else [self.training]
        if self.dead:
            found.append(_counted(_DEAD, self.dead, self.n_topics))
        for index, group in enumerate(self.duplicate_groups):
            words = self.duplicate_words[index] if index < len(self.duplicate_words) else ()
            shared = f" ({', '.join(words)})" if words else ""
            found.append(Told(_DUPLICATES, len(group), shared=shared, topics=_names(group)))
        if self.stop_word_topics:
            found.append(_counted(_STOP_WORDS, self.stop_word_topics, self.n_topics))
        found += self._strange()
        if self.background_topics:
            found.append(_counted(_BACKGROUND, self.background_topics, self.n_topics))
        if self._too_uniform:
            found.append(Told(_UNIFORM, share=Percent(self.share_uniform or 0, before_sign=" ")))
        found = found or [self._healthy()]
        if self.verdicts:
            junk = [verdict for verdict in self.verdicts if verdict.rating == "junk"]
            found.append(told_verdicts(self.verdicts))
            found += [
                Told("Topic {topic}: {sentence}", topic=str(v.topic), sentence=v.sentence)
                for v in junk[:LISTED]
            ]
        return found

    def _strange(self) -> list[Told]:
        """Sentences on topics of placeholders and of other languages."""
        found = []
        if self.placeholder_topics:
            words = ", ".join(self.placeholders[:LISTED])
            found.append(
                _counted(_PLACEHOLDERS, self.placeholder_topics, self.n_topics, words=words)
            )
        if self.foreign_topics:
            words = ", ".join(sorted(set(self.foreign_languages)))
            found.append(_counted(_FOREIGN, self.foreign_topics, self.n_topics, words=words))
        return found

    def _healthy(self) -> str:
        healthy = Told(_APART if self.dead is None else _HEALTHY, self.n_topics)
        if self.effective_topics is None:
            return healthy
        effective = Decimal(self.effective_topics, 1)
        return together([healthy, Told(_EVEN, effective=effective)])

    def to_dict(self) -> dict[str, Any]:
        """The record as dict, list, str, int and float, ready for JSON; with the derived shares."""
        record = {name: _plain(value) for name, value in asdict(self).items()}
        if not self.verdicts:
            del record["verdicts"]
        record |= {"ok": self.ok, "share_dead": self.share_dead}
        return record | {"share_duplicates": self.share_duplicates}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Collapse:
        """Read back what :meth:`to_dict` wrote.

        Raises
        ------
        InputError
            If ``n_topics`` is missing.

        >>> Collapse.from_dict(Collapse(n_topics=3, dead=(1,)).to_dict()).dead
        (1,)
        """
        if "n_topics" not in record:
            raise InputError(
                'diagnosis: the record has no "n_topics". '
                "Pass a record written by Collapse.to_dict."
            )
        names = {entry.name for entry in fields(cls)}
        held = {name: _frozen(value) for name, value in record.items() if name in names}
        given = record.get("verdicts", ())
        return cls(**{**held, "verdicts": tuple(TopicVerdict.from_dict(entry) for entry in given)})


def _counted(template: str, topics: tuple[int, ...], n_topics: int, **words: str) -> Told:
    return Told(template, len(topics), all=n_topics, topics=_names(topics), **words)


def _names(topics: tuple[int, ...]) -> str | Names:
    if len(topics) > LISTED:
        first = ", ".join(str(topic) for topic in topics[:LISTED])
        return Told("{topics} and {n} more", len(topics) - LISTED, topics=first)
    return Names(tuple(str(topic) for topic in topics))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list | tuple) else value
