"""Is the model healthy: the diagnosis of the metrics, put in words for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.metrics import Collapse
from polytopic.metrics.convergence import Verdict, judge_history
from polytopic.report.wording import Wording
from polytopic.told import Decimal, Percent

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
    suspects : list of int
        Topics that need a look: those with flags, and those whose verdict is "junk".
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
    suspects: list[int] = field(default_factory=list)
    like: dict[int, list[int]] = field(default_factory=dict)
    coherence: NDArray[np.float64] | None = None
    effective: float = float("nan")
    convergence: Verdict | None = None


def judge(result: TopicResult, words: Wording | None = None) -> Health:
    """Judge a result by its diagnosis, the coherence of its topics and its history.

    ``words``: the language of all that is said.
    """
    words = words or Wording()
    found, coherence = result.diagnosis, result.coherence
    flags = _flags(found, words)
    junk = {judged.topic for judged in result.verdicts if judged.rating == "junk"}
    suspects = sorted(junk | set(flags))
    convergence = judge_history(result.history)
    told_found = [words.tell(text) for text in found.sentences()]
    problems = [] if found.ok else [Sentence(text, "warn") for text in told_found]
    state, verdict = _verdict(found, len(suspects), bool(problems), words)
    told_coherence = _coherence_sentence(coherence, result.n_documents, words)
    if told_coherence.state == "warn":
        problems.append(told_coherence)
        if state == "good":
            state, verdict = "warn", words.say("health_incoherent")
    unsettled = convergence is not None and not convergence.settled
    if unsettled and state == "good":
        state, verdict = "warn", words.say("health_unsettled")
    settling = _settling(convergence, words)
    sentences = [*problems, *settling, *_passed(found, words)]
    if told_coherence not in sentences:
        sentences.append(told_coherence)
    told = [*problems, *(settling if unsettled else ())]
    told = told or [Sentence(told_found[0], "good")]
    summary = " ".join(sentence.text for sentence in told[:2])
    if len(told) > 2:
        summary += f" {words.say('health_more', len(told) - 2)}"
    return Health(
        state=state,
        verdict=verdict,
        summary=summary,
        sentences=sentences,
        flags=flags,
        suspects=suspects,
        like={
            topic: [other for other in group if other != topic]
            for group in found.duplicate_groups
            for topic in group
        },
        coherence=coherence,
        effective=found.effective_topics or float("nan"),
        convergence=convergence,
    )


def _settling(convergence: Verdict | None, words: Wording) -> list[Sentence]:
    """What the trace of the likelihood says of the length of the training."""
    if convergence is None:
        return []
    told = words.tell(convergence.sentence)
    return [Sentence(told, "good" if convergence.settled else "warn")]


def _flags(found: Collapse, words: Wording) -> dict[int, list[str]]:
    """What is wrong with each topic; that it is like others stands last, as the page expects."""
    flags: dict[int, list[str]] = {}
    for topics, key in (
        (found.dead, "flag_dead"),
        (found.stop_word_topics, "flag_stop_words"),
        (found.background_topics, "flag_background"),
        (found.placeholder_topics, "flag_placeholders"),
        (found.foreign_topics, "flag_foreign"),
    ):
        for topic in topics or ():
            flags.setdefault(topic, []).append(words.say(key))
    for group in found.duplicate_groups:
        for topic in group:
            others = [str(other) for other in group if other != topic]
            listed = ", ".join(others[:3])
            if len(others) > 3:
                listed += f" {words.say('and_more', len(others) - 3)}"
            flags.setdefault(topic, []).append(words.say("flag_like", topics=listed))
    return flags


def _verdict(found: Collapse, touched: int, problems: bool, words: Wording) -> tuple[str, str]:
    n_topics = found.n_topics
    if not problems:
        return "good", words.say("health_good")
    if touched > n_topics / 2 or not touched:
        return "bad", words.say("health_collapsed" if touched else "health_says_little")
    return "warn", words.say("health_look", touched, all=n_topics)


def _passed(found: Collapse, words: Wording) -> list[Sentence]:
    limits: Mapping[str, Any] = found.thresholds
    checks = (
        (found.dead, words.say("health_no_dead")),
        (
            found.duplicate_groups,
            words.say("health_no_duplicates", share=Percent(limits.get("overlap", 0.7))),
        ),
        (found.stop_word_topics, words.say("health_no_stop_words")),
        (found.background_topics, words.say("health_no_background")),
        (found.placeholder_topics, words.say("health_no_placeholders")),
        (found.foreign_topics, words.say("health_no_foreign")),
    )
    passed = [Sentence(text, "good") for topics, text in checks if topics == ()]
    if found.effective_topics is not None:
        effective = Decimal(found.effective_topics, 1)
        told = words.say("health_sizes", effective=effective, all=found.n_topics)
        passed.append(Sentence(told, "note"))
    return passed


def _coherence_sentence(
    coherence: NDArray[np.float64] | None, n_documents: int, words: Wording
) -> Sentence:
    """What the coherence says: a warning if most topics of a fair number of documents lack it."""
    if coherence is None or not np.isfinite(coherence).any():
        return Sentence(words.say("health_no_coherence"), "note")
    low = [int(topic) for topic in np.argsort(coherence) if coherence[topic] < 0]
    if not low:
        least = int(np.nanargmin(coherence))
        value = Decimal(float(coherence[least]), 2)
        told = words.say("health_least_coherent", topic=str(least), value=value)
        return Sentence(told, "note")
    names = ", ".join(map(str, low[:NAMED]))
    if len(low) > NAMED:
        names = words.say("and_others", topics=names)
    bad = n_documents >= FEWEST_DOCUMENTS and len(low) > len(coherence) / 2
    told = words.say("health_seldom_together", len(low), topics=names)
    return Sentence(told, "warn" if bad else "note")
