"""Is the model healthy: the diagnosis of the metrics, put in words for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.metrics import Collapse
from polytopic.metrics.convergence import Verdict, judge_history
from polytopic.metrics.verdict_record import TopicVerdict
from polytopic.report.wording import Wording

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["Health", "Sentence", "judge"]

NAMED = 6
"""More topics than this are counted in a sentence, not all named."""

FEWEST_DOCUMENTS = 100
"""With fewer documents a low coherence says little."""


@dataclass(frozen=True)
class Sentence:
    """One finding: ``state`` is good, warn or note."""

    text: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """The verdict on a model, as the page shows it.

    Attributes
    ----------
    state : str
        good, warn or bad.
    verdict, summary : str
        A few words, and a sentence or two.
    sentences : list of Sentence
        Every finding, and every check that was passed.
    flags : dict
        Topic to what is wrong with it, in a word or two; that it is like others comes last.
    like : dict
        Topic to the topics that share most of its words.
    coherence : array of shape (K,), or None
        NPMI of the ten most probable words of each topic.
    effective : float
        Effective number of topics.
    convergence : Verdict, or None
        Whether training had settled; None for models whose history does not tell.
    """

    state: str
    verdict: str
    summary: str
    sentences: list[Sentence]
    flags: dict[int, list[str]] = field(default_factory=dict)
    like: dict[int, list[int]] = field(default_factory=dict)
    coherence: NDArray[np.float64] | None = None
    effective: float = float("nan")
    convergence: Verdict | None = None
    effective_meaning: str = "How many equally large topics would be as uneven as these"


def judge(result: TopicResult, words: Wording | None = None) -> Health:
    """Judge a result by its diagnosis, the coherence of its topics and its history.

    ``words``: the language of the flags.
    """
    found, coherence = result.diagnosis, result.coherence
    flags = _flags(found, result.verdicts, words or Wording())
    convergence = judge_history(result.history)
    problems = [] if found.ok else [Sentence(text, "warn") for text in found.sentences()]
    state, verdict = _verdict(found, len(flags), bool(problems))
    told_coherence = _coherence_sentence(coherence, result.n_documents)
    if told_coherence.state == "warn":
        problems.append(told_coherence)
        if state == "good":
            state, verdict = "warn", "The topics hold together badly"
    unsettled = convergence is not None and not convergence.settled
    if unsettled and state == "good":
        state, verdict = "warn", "Not settled"
    sentences = [*problems, *_settling(convergence), *_passed(found)]
    if told_coherence not in sentences:
        sentences.append(told_coherence)
    told = [*problems, *(_settling(convergence) if unsettled else ())]
    told = told or [Sentence(found.sentences()[0], "good")]
    summary = " ".join(sentence.text for sentence in told[:2])
    if len(told) > 2:
        summary += f" And {len(told) - 2} more below."
    return Health(
        state=state,
        verdict=verdict,
        summary=summary,
        sentences=sentences,
        flags=flags,
        like={
            topic: [other for other in group if other != topic]
            for group in found.duplicate_groups
            for topic in group
        },
        coherence=coherence,
        effective=found.effective_topics or float("nan"),
        convergence=convergence,
    )


def _settling(convergence: Verdict | None) -> list[Sentence]:
    """What the trace of the likelihood says of the length of the training."""
    if convergence is None:
        return []
    return [Sentence(convergence.sentence, "good" if convergence.settled else "warn")]


def _flags(
    found: Collapse, verdicts: Sequence[TopicVerdict], words: Wording
) -> dict[int, list[str]]:
    """What is wrong with each topic; that it is like others stands last, as the page expects."""
    flags: dict[int, list[str]] = {}
    for topics, key in (
        (found.dead, "flag_dead"),
        (found.stop_word_topics, "flag_stop_words"),
        (found.background_topics, "flag_background"),
    ):
        for topic in topics or ():
            flags.setdefault(topic, []).append(words.say(key))
    for judged in verdicts:
        if judged.rating == "junk":
            flags.setdefault(judged.topic, []).append(judged.sentence.rstrip("."))
    for group in found.duplicate_groups:
        for topic in group:
            others = [str(other) for other in group if other != topic]
            listed = ", ".join(others[:3])
            if len(others) > 3:
                listed += f" {words.say('and_more', len(others) - 3)}"
            flags.setdefault(topic, []).append(words.say("flag_like", topics=listed))
    return flags


def _verdict(found: Collapse, touched: int, problems: bool) -> tuple[str, str]:
    n_topics = found.n_topics
    if not problems:
        return "good", "Healthy"
    if touched > n_topics / 2 or not touched:
        return "bad", "Collapsed" if touched else "The topics say little of the documents"
    topics = "1 topic needs" if touched == 1 else f"{touched} of {n_topics} topics need"
    return "warn", f"{topics} a look"


def _passed(found: Collapse) -> list[Sentence]:
    limits: Mapping[str, Any] = found.thresholds
    checks = (
        (found.dead, "No dead topics: each is the largest of some document."),
        (
            found.duplicate_groups,
            "No near-duplicates: no two topics share "
            f"{100 * limits.get('overlap', 0.7):.0f} % of their first words.",
        ),
        (found.stop_word_topics, "No topics of stop words."),
        (found.background_topics, "No topic merely repeats the word frequencies of the corpus."),
    )
    passed = [Sentence(text, "good") for topics, text in checks if topics == ()]
    if found.effective_topics is not None:
        passed.append(
            Sentence(
                f"Sizes: as uneven as {found.effective_topics:.1f} equally large topics "
                f"of {found.n_topics}.",
                "note",
            )
        )
    return passed


def _coherence_sentence(coherence: NDArray[np.float64] | None, n_documents: int) -> Sentence:
    """What the coherence says: a warning if most topics of a fair number of documents lack it."""
    if coherence is None or not np.isfinite(coherence).any():
        return Sentence("Coherence could not be computed from these counts.", "note")
    low = [int(topic) for topic in np.argsort(coherence) if coherence[topic] < 0]
    if not low:
        least = int(np.nanargmin(coherence))
        value = f"{coherence[least]:.2f}"
        return Sentence(f"Least coherent: topic {least}, NPMI {value}.", "note")
    names = ", ".join(map(str, low[:NAMED])) + (" and others" if len(low) > NAMED else "")
    subject = "1 topic has" if len(low) == 1 else f"{len(low)} topics have"
    bad = n_documents >= FEWEST_DOCUMENTS and len(low) > len(coherence) / 2
    return Sentence(
        f"{subject} words that seldom stand in one document (NPMI below 0): {names}.",
        "warn" if bad else "note",
    )
