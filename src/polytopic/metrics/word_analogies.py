"""Analogies: a is to b as c is to what?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.metrics.word_files import (
    Quadruple,
    Vectors,
    frequent_first,
    read_analogies,
    word_rows,
)

__all__ = ["AnalogySection", "WordAnalogies", "word_analogies"]

_SYNTACTIC = "gram"
"""How the names of the syntactic categories of the Google test begin."""

_BLOCK_BYTES = 1 << 25
"""Of scores held at a time: bounds memory, changes no number."""


@dataclass(frozen=True)
class AnalogySection:
    """One category: its questions, those whose words all have vectors, those answered right."""

    name: str
    n_questions: int
    n_found: int
    n_correct: int

    @property
    def accuracy(self) -> float | None:
        """Share of the questions found that were answered right; None if none was found."""
        return self.n_correct / self.n_found if self.n_found else None

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON holds it."""
        counts = {"n_questions": self.n_questions, "n_found": self.n_found}
        return {
            "name": self.name,
            "accuracy": self.accuracy,
            **counts,
            "n_correct": self.n_correct,
        }


@dataclass(frozen=True)
class WordAnalogies:
    """Answers to a file of analogies.

    Attributes
    ----------
    name : str
        Of the file.
    sections : tuple of AnalogySection
        The categories in their order.
    """

    name: str
    sections: tuple[AnalogySection, ...]

    @property
    def total(self) -> AnalogySection:
        """All categories together."""
        return _sum("total", self.sections)

    @property
    def semantic(self) -> AnalogySection:
        """The categories whose names do not begin with "gram"."""
        return _sum("semantic", [s for s in self.sections if not s.name.startswith(_SYNTACTIC)])

    @property
    def syntactic(self) -> AnalogySection:
        """The categories whose names begin with "gram"."""
        return _sum("syntactic", [s for s in self.sections if s.name.startswith(_SYNTACTIC)])

    @property
    def accuracy(self) -> float | None:
        """Share of all questions found that were answered right."""
        return self.total.accuracy

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON holds it."""
        parts = (self.total, self.semantic, self.syntactic)
        return {
            **{part.name: part.to_dict() for part in parts},
            "name": self.name,
            "sections": [section.to_dict() for section in self.sections],
        }


def word_analogies(
    vectors: Vectors,
    path: str | Path,
    *,
    which: str = "input",
    fold_case: bool = True,
    restrict: int | None = 300_000,
) -> WordAnalogies:
    """Answer analogies by 3CosAdd: the word nearest to b - a + c that is none of the three.

    Unit vectors are added (Mikolov, Yih & Zweig, NAACL 2013); the questions of the Google test
    (Mikolov et al. 2013, arXiv:1301.3781) come in categories.

    Parameters
    ----------
    vectors : WordVectors
    path : str or Path
        ``: category`` rows, each followed by rows of four words.
    which : str
        The vectors to compare: a name of ``WordVectors.combine``.
    fold_case : bool
        Take words that differ in case for the same; the more frequent one's vector counts.
    restrict : int, optional
        Ask and answer among that many of the most frequent words (the first ones, where counts are
        unknown); None for all. Questions with other words are not found.

    Returns
    -------
    WordAnalogies

    Raises
    ------
    FileMissingError, InputError
        If the file is missing or a row has not four words; the message names the row.

    >>> import tempfile, pathlib, polytopic as pt
    >>> points = [[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]]
    >>> vectors = pt.WordVectors(["man", "king", "woman", "queen"], points)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "questions.txt")
    ...     _ = file.write_text(": family\\nman king woman queen\\n")
    ...     word_analogies(vectors, file).accuracy
    1.0
    """
    questions = read_analogies(path)
    terms = vectors.vocabulary.terms
    order = frequent_first(vectors.vocabulary, restrict)
    in_order = order == list(range(len(order)))
    unit = vectors.unit(which)[: len(order)] if in_order else vectors.unit(which)[order]
    names = [terms[row].casefold() if fold_case else terms[row] for row in order]
    rows = word_rows(names, range(len(names)), fold_case=False)
    sections = []
    for name, asked in questions.items():
        folded = [tuple(w.casefold() if fold_case else w for w in words) for words in asked]
        found = [words for words in folded if all(word in rows for word in words)]
        answers = _answers(unit, rows, found)  # type: ignore[arg-type]
        right = sum(names[a] == words[3] for a, words in zip(answers, found, strict=True))
        sections.append(AnalogySection(name, len(asked), len(found), right))
    return WordAnalogies(Path(path).name, tuple(sections))


def _answers(
    unit: NDArray[np.float32], rows: dict[str, list[int]], questions: Sequence[Quadruple]
) -> list[int]:
    """The row that answers each question, by products of blocks."""
    if not questions:
        return []
    asked = np.array([[rows[word][0] for word in words[:3]] for words in questions])
    step = max(1, _BLOCK_BYTES // (4 * len(unit)))
    answers: list[int] = []
    for start in range(0, len(questions), step):
        a, b, c = asked[start : start + step].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        for place, words in enumerate(questions[start : start + step]):
            scores[place, [row for word in words[:3] for row in rows[word]]] = -np.inf
        answers += scores.argmax(axis=1).tolist()
    return answers


def _sum(name: str, sections: Sequence[AnalogySection]) -> AnalogySection:
    return AnalogySection(
        name,
        sum(s.n_questions for s in sections),
        sum(s.n_found for s in sections),
        sum(s.n_correct for s in sections),
    )
