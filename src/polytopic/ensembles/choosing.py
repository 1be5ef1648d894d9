"""How many topics? Held-out fit, stability, verdicts and labels over K, and a range."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.base import seed_from
from polytopic.ensembles.members import check_corpus, check_whole, in_order, member, prototype
from polytopic.errors import InputError
from polytopic.metrics.clusters import ami
from polytopic.metrics.completion import completion_scores
from polytopic.metrics.stability import stability
from polytopic.metrics.topic_numbers import told_numbers
from polytopic.text.values import missing

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CANDIDATES", "TopicNumbers", "choose_topics"]

CANDIDATES = (5, 10, 20, 30, 50, 75, 100)
"""Numbers of topics that people ask for."""

FIT = 0.15
"""Share of the gain in held-out fit, from the fewest topics to the best, that may be missing: fits
of the planted number, of which some end in a poor optimum, miss a tenth (seeds 0 to 2 of
``benchmarks/topic_numbers.py``)."""

STABLE = 0.1
"""How far below the highest a stability may lie: what halves of a corpus differ by."""

WIDE = 0.5
"""Share of the candidates above which a range is no answer."""

FEWER = (2, 3, 5)
"""What is tried of a small corpus."""

DOCUMENTS_A_TOPIC, TERMS_A_TOPIC = 10, 5
"""With fewer a topic is an accident."""

_ONE = "One topic has nothing beside it."

WORDS = 10
"""Words of a topic by which runs are compared."""


@dataclass(frozen=True)
class TopicNumbers:
    """What each number of topics is worth, and the range that is.

    Attributes
    ----------
    candidates : tuple of int
    fit : tuple of float
        Mean log-likelihood a token of halves of unseen documents, by the other halves.
    fit_error : tuple of float
        Standard error of its distance from the best, over the fits.
    stability : tuple of float
        Of the fits on halves of the documents; see :func:`polytopic.metrics.stability`.
    good : tuple of float or None
        Share of topics with the verdict good; None where documents are too few to judge.
    agreement : tuple of float or None
        Adjusted mutual information with the labels of unseen documents, if there are any.
    low, high : int
        The range; where fit and stability do not agree, the fewest and the most that one of them
        points to.
    best : int
        The number in it with the highest stability.
    clear : bool
        Whether there is an answer; ``sentence`` says why not.
    sentence : str
    agreed : bool
        Whether a number is among the best by held-out fit and by stability.
    """

    candidates: tuple[int, ...]
    fit: tuple[float, ...]
    fit_error: tuple[float, ...]
    stability: tuple[float, ...]
    good: tuple[float | None, ...]
    agreement: tuple[float | None, ...]
    low: int
    high: int
    best: int
    clear: bool
    sentence: str
    agreed: bool = True

    def to_dict(self) -> dict[str, Any]:
        """All of it as numbers, lists and text, ready for JSON: the note from which a result's
        report draws the figure (``notes["how_many"]``)."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def table(self) -> pl.DataFrame:
        """A row a number of topics, a column a measure, and whether it is in the range; none is
        where there is no clear answer."""
        import polars as pl

        columns = {
            "n_topics": self.candidates,
            "fit": self.fit,
            "fit_error": self.fit_error,
            "stability": self.stability,
            "good": pl.Series(self.good, dtype=pl.Float64),
            "agreement": pl.Series(self.agreement, dtype=pl.Float64),
            "in_range": [self.clear and self.low <= k <= self.high for k in self.candidates],
        }
        return pl.DataFrame(columns)

    def figure(self) -> Any:
        """An altair chart: a panel a measure over the number of topics, the range, if there is a
        clear one, shaded."""
        from polytopic.ensembles.figures import numbers_chart

        return numbers_chart(self.table(), self.sentence)

    def write(self, path: str | Path) -> Path:
        """Write the figure: .html (one page that works offline), .svg or .png.

        Raises
        ------
        InputError, FileMissingError
            If the name ends otherwise, or it cannot be written.
        MissingExtraError
            For .svg and .png without vl-convert.
        """
        from polytopic.report.writing import write_figure

        return write_figure(self.figure().to_dict(), path, "How many topics?")


def choose_topics(
    corpus: Any,
    candidates: Sequence[int] | None = None,
    *,
    model: Any = "lda",
    runs: int = 4,
    n_jobs: int = 1,
    random_state: Any = 0,
    **parameters: Any,
) -> TopicNumbers:
    """Fit a model with several numbers of topics, and say which the corpus bears out.

    The documents are cut in two at random, again and again; each fit, of another seed, learns from
    one half and is judged by the other. A number of topics is in the range if its held-out fit is
    within 15 % of the gain, or one standard error, of the best, and its fits agree nearly as well
    as those of the most stable number: fewer topics than there are fit worse, more are different
    every time.

    Parameters
    ----------
    corpus : Corpus
        At least 20 documents; labels, if there are any, are compared with.
    candidates : sequence of int, optional
        Numbers of topics, at least two, each 2 or more: one topic says nothing of documents. By
        default 5 to 100, as far as there are ten documents and five terms a topic, or 2 to 5.
    model : name or topic model
        The default is quick. What is right for it need not be for another.
    runs : int
        Fits of each number, at least 2.
    n_jobs : int
        Processes; any number gives the same answer.
    random_state : int, RandomState, Generator or None
    **parameters
        Of the model.

    Returns
    -------
    TopicNumbers
        ``print(found.sentence)``, ``found.table()``, ``found.write("topics.html")``.

    Raises
    ------
    InputError
        If the corpus, the candidates or a parameter cannot be used.

    Notes
    -----
    Greene, O'Callaghan & Cunningham (ECML PKDD 2014) for stability; Wallach et al. (ICML 2009) for
    document completion.
    """
    check_corpus(corpus)
    check_whole(runs, "runs", 2, "Fits are compared with each other.")
    check_whole(n_jobs, "n_jobs", 1, "It is the number of processes.")
    asked = _usual(corpus) if candidates is None else candidates
    numbers = sorted({check_whole(k, "candidates", 2, _ONE) for k in asked})
    if len(numbers) < 2:
        raise InputError("candidates: fewer than two numbers of topics leave nothing to choose.")
    filled = np.flatnonzero(np.asarray(corpus.counts.sum(axis=1)).ravel() > 0)
    if len(filled) < 20:
        raise InputError(
            f"corpus: {len(filled)} documents hold terms, too few to be cut in halves. Pass 20 or "
            "more."
        )
    seed = seed_from(random_state)
    tasks = []
    for k in numbers:
        made = prototype(model, n_topics=k, **parameters)
        tasks += [(made, seed, run, corpus) for run in range(runs)]
    found = dict(in_order(_judged, tasks, n_jobs))
    fits = [[found[place * runs + run] for run in range(runs)] for place in range(len(numbers))]
    return _answer(numbers, fits)


def _usual(corpus: Any) -> Sequence[int]:
    """The usual numbers that a corpus is large enough for."""
    n_documents, n_terms = corpus.counts.shape
    most = min(n_documents // DOCUMENTS_A_TOPIC, n_terms // TERMS_A_TOPIC)
    usual = [number for number in CANDIDATES if number <= most]
    return usual if len(usual) > 1 else FEWER


@dataclass(frozen=True)
class _Fit:
    words: list[list[str]]
    fit: float
    good: float | None
    agreement: float | None


def _judged(model: Any, seed: int, run: int, corpus: Any) -> _Fit:
    """One fit: the halves of an even run, exchanged, are those of the next."""
    from polytopic.text import Corpus

    counts, terms = corpus.counts, corpus.vocabulary.terms
    rng = np.random.default_rng([seed, run // 2])
    order = rng.permutation(np.flatnonzero(np.asarray(counts.sum(axis=1)).ravel() > 0))
    halves = (np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :]))
    train, test = halves if run % 2 == 0 else halves[::-1]
    read = Corpus.from_counts(counts[train], terms=terms)
    made = member(model, int(rng.integers(2**31 - 1)) + run, read)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log_likelihood, tokens = completion_scores(made, counts[test], random_state=0)
        judged = made.result(read).verdicts
        agreement = _with_labels(made, counts[test], corpus.labels, test)
    good = float(np.mean([verdict.rating == "good" for verdict in judged])) if judged else None
    words = made.top_words(min(WORDS, len(terms)))
    return _Fit(words, float(log_likelihood.sum() / tokens.sum()), good, agreement)


def _with_labels(model: Any, counts: Any, labels: Any, rows: NDArray[np.int64]) -> float | None:
    """AMI of the largest topics with the labels there are; None where fewer than two kinds are."""
    if labels is None:
        return None
    values = np.asarray(labels)[rows]
    known = ~missing(values)
    if len({str(value) for value in values[known]}) < 2:
        return None
    theta = model.transform(counts[np.flatnonzero(known)])
    return ami(theta.argmax(axis=1), values[known])


def _answer(numbers: list[int], fits: list[list[_Fit]]) -> TopicNumbers:
    table = np.array([[fit.fit for fit in row] for row in fits])
    means = table.mean(axis=1)
    best = int(means.argmax())
    apart = table[best] - table
    errors = apart.std(axis=1, ddof=1) / np.sqrt(table.shape[1])
    allowed = np.maximum(FIT * (means[best] - means.min()), errors)
    fitting = means[best] - means <= allowed + 1e-12
    steady = np.array([stability([f.words for f in row], n=len(row[0].words[0])) for row in fits])
    stable = steady >= steady.max() - STABLE
    both = fitting & stable
    inside = np.flatnonzero(both if both.any() else np.arange(len(numbers)) == best)
    if not both.any():
        inside = np.array(sorted({best, int(steady.argmax())}))
    low, high = numbers[inside[0]], numbers[inside[-1]]
    wide = (inside[-1] - inside[0] + 1) > max(WIDE * len(numbers), 1)
    clear = bool(both.any() and not wide)
    chosen = int(inside[steady[inside].argmax()])
    return TopicNumbers(
        tuple(numbers), tuple(means.tolist()), tuple(errors.tolist()), tuple(steady.tolist()),
        tuple(_mean([fit.good for fit in row]) for row in fits),
        tuple(_mean([fit.agreement for fit in row]) for row in fits),
        low, high, numbers[chosen], clear,
        told_numbers(numbers, low, high, numbers[chosen], clear=clear, agreed=bool(both.any())),
        bool(both.any()),
    )  # fmt: skip


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
