"""Cleaning: what the web and mail put into text, dropped step by step, each step counted.

Steps on the text of a document stand one family a file; ``repeated`` and ``duplicates`` look at the
words of all documents together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from polytopic.errors import InputError
from polytopic.forking import threads_are_lost
from polytopic.text.cleaning.encoded import ENCODED
from polytopic.text.cleaning.html import HTML
from polytopic.text.cleaning.links import ADDRESSES, RETWEETS, URLS
from polytopic.text.cleaning.mail import HEADERS, QUOTES, SIGNATURES
from polytopic.text.cleaning.steps import Removed, Step
from polytopic.text.dropped import Cleaned

__all__ = ["AUTO", "DROP_DUPLICATES", "DUPLICATES", "REPEATED_LINES", "Cleaner", "clean_steps"]

_TEXT_STEPS = (ENCODED, HTML, HEADERS, QUOTES, SIGNATURES, RETWEETS, URLS, ADDRESSES)
"""In the order they are applied: blocks of code look like anything, markup hides what comes after
it, lines go before what stands in them."""

REPEATED_LINES, DUPLICATES, DROP_DUPLICATES = "repeated_lines", "duplicates", "drop_duplicates"
_NAMES = (*(step.name for step in _TEXT_STEPS), REPEATED_LINES, DUPLICATES, DROP_DUPLICATES)

AUTO = tuple(name for name in _NAMES if name != DROP_DUPLICATES)
"""The steps of ``clean="auto"``."""

_GROUP, _GROUP_CHARACTERS = 1024, 1 << 20
"""Documents that are looked at together: at most so many, and about so many characters."""

_LITTLE = 10_000
"""Characters, all documents together, in which it takes longer to look for marks than to try every
step."""

_N_EXAMPLES = 3
"""Of each step, shown with what it did."""

_LONGEST_EXAMPLE = 60
"""Characters of one that are shown."""


def clean_steps(clean: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of the steps, in the order they are applied.

    Raises
    ------
    InputError
        If a step is unknown.

    >>> clean_steps(["urls", "html"]), clean_steps(None)
    (('html', 'urls'), ())
    """
    if clean is None or clean == "none":
        return ()
    if clean == "auto":
        return AUTO
    asked = [clean] if isinstance(clean, str) else list(clean)
    unknown = [name for name in asked if name not in _NAMES]
    if unknown:
        raise InputError(
            f'clean: there is no step "{unknown[0]}". Steps are {", ".join(_NAMES)}; or give '
            '"auto" or "none".'
        )
    return tuple(name for name in _NAMES if name in asked)


class Cleaner:
    """Steps on the text of documents, and the account of what they took.

    Documents pass by in groups, so that memory is bounded; polars looks for the marks of all steps
    first, and a step is done on those documents that hold its own.
    """

    def __init__(self, steps: Iterable[str]) -> None:
        names = set(steps)
        self._steps = [step for step in _TEXT_STEPS if step.name in names]
        self._marks = "|".join(f"(?:{step.marks})" for step in self._steps)
        self._tallies = {step.name: _Tally() for step in self._steps}
        self.emptied = 0

    def __call__(self, texts: Iterable[str]) -> Iterator[str]:
        """The documents, cleaned, in their order."""
        if not self._steps:
            yield from texts
            return
        for group in _groups(texts):
            yield from self._clean(group)

    def _clean(self, group: list[str]) -> list[str]:
        rows = _rows_with(self._marks, group)
        if not rows:
            return group
        before = [group[row] for row in rows]
        now = list(before)
        for step in self._steps:
            for place in _rows_with(step.marks, now):
                now[place] = self._apply(step, now[place])
        for row, old, new in zip(rows, before, now, strict=True):
            if old is not new:
                group[row] = new
                self.emptied += not new.strip() and bool(old.strip())
        return group

    def _apply(self, step: Step, text: str) -> str:
        removed: Removed = []
        cleaned = step.clean(text, removed)
        if not removed:
            return text
        self._tallies[step.name].add(removed)
        return cleaned

    def account(self) -> tuple[Cleaned, ...]:
        """What each step took, without the steps that took nothing."""
        return tuple(
            Cleaned(step.name, step.what, tally.documents, tally.pieces, tuple(tally.examples))
            for step in self._steps
            if (tally := self._tallies[step.name]).pieces
        )


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for text in texts:
        group.append(text)
        size += len(text)
        if len(group) == _GROUP or size >= _GROUP_CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _rows_with(marks: str, texts: list[str]) -> Sequence[int]:
    """Rows in which the marks are found; all of them where polars cannot look at the texts."""
    import polars as pl

    if sum(map(len, texts)) <= _LITTLE or threads_are_lost():
        return range(len(texts))
    try:
        found: list[int] = (
            pl.Series(texts, dtype=pl.String).str.contains(marks).arg_true().to_list()
        )
    except UnicodeEncodeError:  # half of a surrogate pair
        return range(len(texts))
    return found


class _Tally:
    def __init__(self) -> None:
        self.documents = self.pieces = 0
        self.examples: dict[str, None] = {}

    def add(self, removed: Removed) -> None:
        self.documents += 1
        self.pieces += len(removed)
        for piece in removed:
            if len(self.examples) == _N_EXAMPLES:
                break
            plain = " ".join(piece.split())
            shown = plain if len(plain) <= _LONGEST_EXAMPLE else f"{plain[:_LONGEST_EXAMPLE]}..."
            self.examples[shown] = None
