"""A verdict on every topic: good, fair or junk, by evidence from several sides, in a sentence.

What the score weighs was chosen on, and fitted to, blind ratings of ten-word lists of four corpora;
two more, which chose nothing, say what it is worth (``benchmarks/verdict_agreement.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import holds_terms
from polytopic.metrics.listed_words import first_names
from polytopic.metrics.verdict_evidence import FEW, Evidence, gather, no_words
from polytopic.metrics.verdict_record import Rating, TopicVerdict
from polytopic.told import Decimal, Percent, Told

__all__ = ["scores", "verdicts"]

INTERCEPT = -2.4
COHERENT = (17.8, 0.3)
"""Weight of NPMI in the documents, and its height above which readers see no difference."""

RECITED = (-28.6, 0.4)
"""Weight of the share of recited documents above a share that no subject reached."""

SPECIFIC = (2.3, 0.15, 0.01)
"""Weight of ln p(topic | word) in the mean of the words, the share above which it is a topic's own
words, and the least that is told apart. These are a logistic regression of "good" on 404 blind
ratings of four corpora, each with an intercept of its own, so that words are compared with words of
the same corpus; the intercept here is the mean of those."""

GOOD = 0.6
FAIR = 0.25
"""Scores from which a topic is good, or at least fair: of 506 rated ones, 6 of 19 junk, 24 of 100
fair and 329 of 387 good ones lie above the first; other rules take four of the six out."""

BY_CHANCE = 0.0
"""NPMI of words that are together no more than by chance. A topic of a lower score is junk only
where its words reach no more on any side, or its text is recited: in short texts of one kind, such
as reviews, words of a clear subject have an NPMI of .03 to .1."""

ARTEFACTS = 0.5
"""Share of words that look like no word from which a topic is of artefacts."""

NAMES = 0.6
"""Share of first names from which a topic is of names: not good, for they name no subject, and no
junk, for they may be whom the texts are about."""

FEW_DOCUMENTS = 20
"""A topic that fewer documents carry is those documents rather than a subject."""

FEW_OF_EVEN = 0.5
"""Share of an even part of all documents from which they are no few: ten subjects of 150 documents
have fifteen each."""

TOGETHER = 0.5
"""NPMI from which words stand together as those of one block of text do."""

BLOCK = 0.5
"""Share of the carrying documents with nearly all the words from which they hand on a text."""

UNLIKE = 0.1
"""NPMI in other documents, and likeness of the words' neighbours, below which the few documents
that carry a topic have brought its words together."""

ONE_SOURCE = 0.8
"""Share of the carrying documents from one source from which the topic is that source."""

TWO_SUBJECTS = 0.35
"""How much lower NPMI is between two parts than inside them, where they are two subjects."""

VAGUE = 0.06
"""Share of the uses of its words below which a topic has no words of its own."""

EVERYWHERE = 0.2
"""Share of all documents that hold three of the words from which they stand everywhere."""

LOW_OUTSIDE = 0.0
"""Coherence in an outside text at which words are no more together than by chance."""

HOLDS = 0.15
"""NPMI from which words are told to stand together."""

FALLS = 0.15
"""By how much NPMI falls where words are judged by documents they were not ranked by."""

FEWEST_DOCUMENTS = 100
"""In fewer documents ten words stand together, or do not, by chance: nothing is judged."""

RECITES = -1.0
"""Log odds lost to recited text from which a low score is laid to it."""

_SIGNATURE = (
    "Signature words: they stand together in {n} document{sources}. | "
    "Signature words: they stand together in {n} documents{sources}."
)
_LESS_IN_OTHERS = (
    "Its words stand together in the documents they were found in (NPMI {corpus}), less in others "
    "({held_out})."
)
_NOT_OUTSIDE = "Its words stand together here, not in the reference ({outside})."
_NAMES = "Names: {odd} of its {all} words are first names ({words})."
_IN_FEW = (
    "Half of the uses of its words are in {n} document. | "
    "Half of the uses of its words are in {n} documents."
)
_TOGETHER = "Its words stand together in {n} document. | Its words stand together in {n} documents."
_LOOSE = (
    "Its words are loosely joined: three or more stand in {n} document. | "
    "Its words are loosely joined: three or more stand in {n} documents."
)


def verdicts(
    beta: NDArray[Any],
    theta: NDArray[Any],
    counts: sparse.csr_matrix,
    terms: Sequence[str],
    **beside: Any,
) -> tuple[TopicVerdict, ...]:
    """The verdict on each topic of distributions that are checked already; none of a few documents.

    ``beside``: ``held_out``, ``reference``, ``vectors`` and ``sources`` of
    :func:`polytopic.metrics.verdict_evidence.gather`, which raises what this raises.
    """
    if beta.shape[1] < 2 or holds_terms(counts).sum() < FEWEST_DOCUMENTS:
        return ()
    found = gather(beta, theta, counts, terms, **beside)
    judged, recited = scores(found), _recital(found)
    return tuple(
        TopicVerdict(
            topic=topic,
            rating=(rating := _rating(found, topic, float(judged[topic]), float(recited[topic]))),
            score=float(judged[topic]),
            sentence=_sentence(found, topic, terms, rating),
            corpus=_at(found.corpus, topic),
            held_out=_at(found.held_out, topic),
            reference=_at(found.reference, topic),
            vectors=_at(found.vectors, topic),
            documents=int(found.documents[topic]),
            sources=None if found.sources is None else int(found.sources[topic]),
        )
        for topic in range(len(beta))
    )


def scores(found: Evidence) -> NDArray[np.float64]:
    """How sure a reader's "good" is of each topic, in (0, 1); shape (K,).

    ``1 / (1 + exp(-z))`` with z rising in the topic's NPMI up to .3, and falling where documents
    recite its words, holding nearly all of them, and where other topics use them more than it does.
    What is given from outside takes no part: it has a sentence of its own.
    """
    coherence = np.zeros(len(found.words)) if found.corpus is None else found.corpus
    z = INTERCEPT + COHERENT[0] * np.minimum(coherence, COHERENT[1]) + _recital(found)
    weight, own, least = SPECIFIC
    z += weight * np.log(np.clip(found.specific, least, own) / own)
    return np.asarray(1.0 / (1.0 + np.exp(-z)))


def _recital(found: Evidence) -> NDArray[np.float64]:
    """What the score loses where the words are recited, in log odds, at most 0; shape (K,)."""
    return np.asarray(RECITED[0] * np.maximum(found.recited - RECITED[1], 0.0))


def _rating(found: Evidence, topic: int, score: float, recital: float) -> Rating:
    """Good, fair or junk: by the score, and junk where it is plain what else the topic is."""
    if found.artefacts[topic] >= ARTEFACTS or _signature(found, topic):
        return "junk"
    if score >= FAIR:
        return "good" if score >= GOOD and found.names[topic] < NAMES else "fair"
    sides = (_at(found.allowed, topic), _at(found.held_out, topic))
    by_chance = all(side is None or side <= BY_CHANCE for side in sides)
    handed_on = recital <= RECITES and found.documents[topic] > 1  # one document hands on nothing
    return "junk" if by_chance or handed_on else "fair"


def _signature(found: Evidence, topic: int) -> bool:
    """Whether words stand together as a block, in a handful of documents, or in one source."""
    if found.recited[topic] >= BLOCK and found.documents[topic] > 1:
        return True
    together = found.corpus is not None and found.corpus[topic] >= TOGETHER
    few = found.documents[topic] < min(FEW_DOCUMENTS, FEW_OF_EVEN * found.even)
    several = found.documents[topic] > 1
    one = found.of_one is not None and several and found.of_one[topic] >= ONE_SOURCE
    return bool((few and (together or _by_few_alone(found, topic))) or one)


def _by_few_alone(found: Evidence, topic: int) -> bool:
    """Whether words that stand together do not in other documents, nor have like neighbours."""
    corpus, held_out = _at(found.corpus, topic), _at(found.held_out, topic)
    alike = _at(found.vectors, topic)
    if corpus is None or held_out is None or alike is None:
        return False
    return corpus - held_out > FALLS and held_out < UNLIKE and alike < UNLIKE


def _sentence(found: Evidence, topic: int, terms: Sequence[str], rating: str) -> str:
    """What is the matter, the plainest first; what holds, where nothing is."""
    words = [terms[column] for column in found.words[topic]]
    documents = int(found.documents[topic])
    if found.artefacts[topic] >= ARTEFACTS:
        odd = no_words(words)
        return Told(
            "Artefacts: {odd} of its {all} words look like none ({words}).",
            odd=len(odd), all=len(words), words=_some(odd),
        )  # fmt: skip
    if _signature(found, topic):
        return Told(_SIGNATURE, documents, sources=_of_sources(found, topic))
    if found.names[topic] >= NAMES:
        names = first_names(words)
        return Told(_NAMES, odd=len(names), all=len(words), words=_some(names))
    corpus, held_out = _at(found.corpus, topic), _at(found.held_out, topic)
    outside = _at(found.reference, topic)
    if rating != "good" and found.apart[topic] >= TWO_SUBJECTS:
        one, other = ([terms[column] for column in part] for part in found.parts[topic])
        return Told("Two subjects: {one} and {other}.", one=_some(one), other=_some(other))
    if rating != "good" and (found.specific[topic] < VAGUE or found.spread[topic] > EVERYWHERE):
        return Told("Vague: its words stand everywhere.")
    if found.in_few[topic] <= FEW:
        return Told(_IN_FEW, int(found.in_few[topic]))
    if corpus is not None and held_out is not None and corpus - held_out > FALLS:
        return Told(_LESS_IN_OTHERS, corpus=Decimal(corpus, 2), held_out=Decimal(held_out, 2))
    if outside is not None and outside <= LOW_OUTSIDE and (corpus or 0.0) >= HOLDS:
        return Told(_NOT_OUTSIDE, outside=Decimal(outside, 2))
    return Told(_TOGETHER if rating == "good" else _LOOSE, documents)


def _of_sources(found: Evidence, topic: int) -> str:
    if found.sources is None or found.of_one is None or not found.sources[topic]:
        block = found.recited[topic] >= BLOCK
        return Told(", nearly all of them each time" if block else " and hardly elsewhere")
    if found.sources[topic] == 1:
        return Told(" of one source")
    if found.of_one[topic] >= ONE_SOURCE:
        return Told(", {share} of them of one source", share=Percent(float(found.of_one[topic])))
    return Told(" of {sources} sources", sources=str(found.sources[topic]))


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:3])


def _at(values: NDArray[Any] | None, topic: int) -> float | None:
    if values is None or not np.isfinite(values[topic]):
        return None
    return float(values[topic])
