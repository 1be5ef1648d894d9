"""What judges answered, one or several: ratings, intruders found, fits, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.judging.questions import TASKS, Question
from polytopic.metrics.agreement import krippendorff_alpha
from polytopic.metrics.intervals import RESAMPLES

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Judgement", "joined"]

Answer = Any
"""A whole number (rating, intruder, fit), a text (label), or a list of places (rank)."""


@dataclass(frozen=True)
class Judgement:
    """Questions, and the answers of each judge by the id of the question.

    Attributes
    ----------
    questions : tuple of Question
    answers : dict
        Name of a judge to id of a question to answer; a question that is not there has none.
    """

    questions: tuple[Question, ...]
    answers: Mapping[str, Mapping[str, Answer]]

    def topics(self) -> pl.DataFrame:
        """A row a topic: mean rating, shares of intruders found, tau of fit and rank with theta,
        labels, and answers of all judges to its questions.

        ``fit_tau`` and ``rank_tau`` are Kendall's tau-b of the judges' mean fit, or mean place,
        with the shares that the model gives the documents; null where it says nothing.
        """
        import polars as pl

        rows = [self._of_topic(topic) for topic in sorted({q.topic for q in self.questions})]
        numbers = ("rating", "word_intrusion", "document_intrusion", "fit_tau", "rank_tau")
        schema = {"topic": pl.Int64, **dict.fromkeys(numbers, pl.Float64)}
        return pl.DataFrame(
            rows, schema={**schema, "labels": pl.String, "answers": pl.Int64}, orient="row"
        )

    def agreement(self, *, resamples: int = RESAMPLES, random_state: int = 0) -> pl.DataFrame:
        """A row a task: judges, answered questions, Krippendorff's alpha with a 95 % interval.

        Ratings and fits are ordinal, intruders nominal; the order of documents is compared by the
        place of each. Intervals are of questions drawn anew; alpha is null where fewer than two
        judges answered the same questions.
        """
        import polars as pl

        rows = []
        for task in TASKS:
            table = self._table(task)
            if table is None:
                continue
            level = "nominal" if task.endswith("intrusion") else "ordinal"
            alpha, low, high = _interval(table, level, resamples, random_state)
            judges = int((~np.isnan(table)).any(axis=1).sum())
            answered = int((~np.isnan(table)).any(axis=0).sum())
            rows.append((task, judges, answered, table.shape[1], alpha, low, high))
        names = ("alpha", "alpha_low", "alpha_high")
        schema: dict[str, Any] = {"task": pl.String}
        schema |= dict.fromkeys(("judges", "answered", "asked"), pl.Int64)
        schema |= dict.fromkeys(names, pl.Float64)
        return pl.DataFrame(rows, schema=schema, orient="row")

    def correlation(
        self, scores: Sequence[float], *, resamples: int = RESAMPLES, random_state: int = 0
    ) -> tuple[float, float, float]:
        """Kendall's tau-b of topics' scores (by their number) with mean ratings; low, high (95 %).

        Raises
        ------
        InputError
            If fewer than three topics were rated, or scores do not reach the last of them.
        """
        from scipy.stats import kendalltau

        rated = self.topics().drop_nulls("rating")
        if len(rated) < 3:
            raise InputError("scores: fewer than three topics were rated, so nothing can be told.")
        topics = rated["topic"].to_numpy()
        if len(scores) <= topics.max():
            raise InputError(
                f"scores: there are {len(scores)}, and topic {topics.max()} was rated. Pass one a "
                "topic, in their order."
            )
        pairs = np.stack([np.asarray(scores, dtype=np.float64)[topics], rated["rating"]], axis=1)
        tau = float(kendalltau(pairs[:, 0], pairs[:, 1])[0])
        rng = np.random.default_rng(random_state)
        drawn = [pairs[rng.integers(len(pairs), size=len(pairs))] for _ in range(resamples)]
        found = np.array([kendalltau(rows[:, 0], rows[:, 1])[0] for rows in drawn])
        known = found[~np.isnan(found)]
        if np.isnan(tau) or not len(known):
            raise InputError("scores: all are one, or all ratings are. Nothing can be told.")
        low, high = np.quantile(known, [0.025, 0.975])
        return tau, float(low), float(high)

    @property
    def unanswered(self) -> dict[str, int]:
        """How many of the questions each judge left out."""
        return {name: len(self.questions) - len(given) for name, given in self.answers.items()}

    def __repr__(self) -> str:
        answered = sum(len(given) for given in self.answers.values())
        asked = f"{len(self.questions)} questions, {len(self.answers)} judges"
        return f"Judgement({asked}, {answered} answers)"

    # ---- parts ---------------------------------------------------------------------------------

    def _given(self, question: Question) -> list[Answer]:
        return [given[question.id] for given in self.answers.values() if question.id in given]

    def _of_topic(self, topic: int) -> tuple[Any, ...]:
        mine = [question for question in self.questions if question.topic == topic]
        held = {task: [q for q in mine if q.task == task] for task in TASKS}
        ratings = [answer for q in held["rating"] for answer in self._given(q)]
        found = [
            _mean([float(answer == q.right[0]) for q in held[task] for answer in self._given(q)])
            for task in ("word-intrusion", "document-intrusion")
        ]
        fits = [(_mean(self._given(q)), q.right[0]) for q in held["fit"]]
        labels = [str(answer) for q in held["label"] for answer in self._given(q)]
        places = [
            (-float(np.mean([given.index(place) for given in self._given(q)])), share)
            for q in held["rank"]
            if self._given(q)
            for place, share in enumerate(q.right, 1)
        ]
        answers = sum(len(self._given(question)) for question in mine)
        known = [(fit, share) for fit, share in fits if fit is not None]
        return (
            topic, _mean(ratings), *found, _tau(known), _tau(places), "; ".join(labels), answers,
        )  # fmt: skip

    def _table(self, task: str) -> NDArray[np.float64] | None:
        """Answers of the judges to the questions of a task, a row a judge; None for labels."""
        mine = [question for question in self.questions if question.task == task]
        if not mine or task == "label":
            return None
        rows = []
        for given in self.answers.values():
            row: list[float] = []
            for question in mine:
                answer = given.get(question.id)
                if task != "rank":
                    row.append(np.nan if answer is None else float(answer))
                elif answer is None:
                    row += [np.nan] * len(question.choices)
                else:
                    row += [float(answer.index(p)) for p in range(1, len(question.choices) + 1)]
            rows.append(row)
        return np.array(rows)


def joined(judgements: Sequence[Judgement]) -> Judgement:
    """Several judges' answers to the same questions as one.

    Raises
    ------
    InputError
        If the questions are others, or two judges have one name.
    """
    first = judgements[0]
    answers: dict[str, Mapping[str, Answer]] = {}
    for judgement in judgements:
        if judgement.questions != first.questions:
            raise InputError(
                "judges: they were asked other questions. Join answers to one form: the same run "
                "and seed."
            )
        for name, given in judgement.answers.items():
            if name in answers:
                raise InputError(f'judges: two are called "{name:.40}". Give each a name.')
            answers[name] = given
    return Judgement(first.questions, answers)


def _interval(
    table: NDArray[np.float64], level: Any, resamples: int, random_state: int
) -> tuple[float | None, float | None, float | None]:
    try:
        alpha = krippendorff_alpha(table, level=level)
    except InputError:
        return None, None, None
    shared = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    rng = np.random.default_rng(random_state)
    found = []
    for _ in range(resamples):
        drawn = shared[:, rng.integers(shared.shape[1], size=shared.shape[1])]
        found.append(krippendorff_alpha(drawn, level=level))
    known = np.array(found)[~np.isnan(found)]
    if np.isnan(alpha) or not len(known):
        return None, None, None
    low, high = np.quantile(known, [0.025, 0.975])
    return alpha, float(low), float(high)


def _mean(values: Sequence[Any]) -> float | None:
    return float(np.mean(values)) if values else None


def _tau(pairs: Sequence[tuple[float, float]]) -> float | None:
    from scipy.stats import kendalltau

    if len(pairs) < 2:
        return None
    one, other = zip(*pairs, strict=True)
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return float(kendalltau(one, other)[0])
