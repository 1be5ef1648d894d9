"""The verdict on a topic as it is handed out, and one sentence on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from polytopic.told import Told

__all__ = ["RATINGS", "Rating", "TopicVerdict", "told_verdicts"]

Rating = Literal["good", "fair", "junk"]
RATINGS: tuple[Rating, ...] = ("good", "fair", "junk")

_NAMED = 6
"""Junk topics that the sentence on all names."""


@dataclass(frozen=True, kw_only=True)
class TopicVerdict:
    """The verdict on one topic.

    Attributes
    ----------
    topic : int
    rating : "good", "fair" or "junk"
    score : float
        In (0, 1): how sure a reader's "good" is.
    sentence : str
        What is the matter where the sides disagree, or what holds; one sentence.
    corpus, held_out, reference, vectors : float or None
        Coherence of its ten first words: NPMI in the documents, in documents the words were not
        ranked by, in the reference (or cosine, if that is of vectors); mean cosine of vectors.
    documents : int
        Documents that hold at least three of the words.
    sources : int or None
        Of how many sources those are.
    """

    topic: int
    rating: Rating
    score: float
    sentence: str
    corpus: float | None = None
    held_out: float | None = None
    reference: float | None = None
    vectors: float | None = None
    documents: int = 0
    sources: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The verdict as str, int and float, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> TopicVerdict:
        """Read back what :meth:`to_dict` wrote."""
        names = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in record.items() if name in names})


def told_verdicts(judged: Sequence[TopicVerdict]) -> str:
    """One sentence on all topics: how many are good, fair and junk, and which are the worst."""
    ratings = [verdict.rating for verdict in judged]
    junk = sorted((v for v in judged if v.rating == "junk"), key=lambda v: v.score)
    counted = {name: ratings.count(name) for name in RATINGS}
    if not junk:
        return Told("Topics by their words: {good} good, {fair} fair, {junk} junk.", **counted)
    named: str = ", ".join(str(verdict.topic) for verdict in junk[:_NAMED])
    if len(junk) > _NAMED:
        named = Told("{topics} and {n} more", len(junk) - _NAMED, topics=named)
    return Told(
        "Topics by their words: {good} good, {fair} fair, {junk} junk ({topics}).",
        topics=named, **counted,
    )  # fmt: skip
