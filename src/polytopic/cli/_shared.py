"""Options and output that the commands share; nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from polytopic.errors import FileMissingError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from polytopic.embeddings.vectors import WordVectors

__all__ = [
    "Force",
    "Naming",
    "Quiet",
    "Voice",
    "as_cell",
    "chosen",
    "clean_option",
    "degree_limit",
    "naming_option",
    "show_neighbours",
    "stop_word_option",
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an earlier output.")]

Naming = Literal["words", "c-tf-idf", "vectors"]
"""Ways to name topics that need no function of the user's."""

PIPED_WIDTH = 120
"""Columns of a table that is not printed to a terminal."""


class Voice:
    """Where a command speaks: results on stdout, all else on stderr; silent if ``quiet``."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    @property
    def out(self) -> Console:
        """The console on stdout."""
        from polytopic.cli._terminal import Terminal

        console = Terminal(quiet=self.quiet)
        return console if console.is_terminal else Terminal(quiet=self.quiet, width=PIPED_WIDTH)

    @property
    def err(self) -> Console:
        """The console on stderr."""
        from polytopic.cli._terminal import Terminal

        return Terminal(stderr=True, quiet=self.quiet)

    def say(self, text: str) -> None:
        """A line on stderr; markup in it is not interpreted."""
        self.err.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Say what goes on while it does: a spinner in a terminal, else nothing."""
        from rich.text import Text

        from polytopic.io.leaving import visible

        with self.err.status(Text(visible(text))):
            yield


def chosen(**options: Any) -> dict[str, Any]:
    """Those options that were chosen; None leaves one to its default.

    >>> chosen(dim=100, window=None)
    {'dim': 100}
    """
    return {name: value for name, value in options.items() if value is not None}


def degree_limit(value: str | None, name: str) -> int | float | None:
    """A number of documents ("5") or a share of them ("0.01").

    Raises
    ------
    InputError
        If it is neither.

    >>> degree_limit("5", "--min-df"), degree_limit("0.5", "--max-df")
    (5, 0.5)
    """
    if value is None:
        return None
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        raise InputError(
            f'{name}: "{value}" is no number. Give a number of documents (5) or a share of them '
            "(0.01)."
        ) from None


def naming_option(value: str | None, option: str = "--name-topics") -> Naming | None:
    """How topics get names: "words", "c-tf-idf" or "vectors"; None if they get none.

    Raises
    ------
    InputError
        If it is none of them.
    """
    if value is None:
        return None
    ways: tuple[Naming, ...] = get_args(Naming)
    for way in ways:
        if value == way:
            return way
    raise InputError(f'{option}: is "{value:.40}". Give one of: {", ".join(ways)}.')


def clean_option(value: str) -> str | list[str]:
    """ "auto", "none", or steps of cleaning with commas between them.

    Raises
    ------
    InputError
        If a step is unknown.
    """
    from polytopic.text.cleaning import clean_steps

    if value in ("auto", "none"):
        return value
    steps = [name.strip() for name in value.split(",") if name.strip()]
    clean_steps(steps)
    return steps


def stop_word_option(value: str, voice: Voice) -> str | list[str] | None:
    """``none``, a language, or a file with an entry a line; what is to be told of it is told.

    Raises
    ------
    FileMissingError, InputError
        If it looks like a file and is none, cannot be read or holds no word.
    """
    if value.lower() == "none":
        return None
    path = Path(value)
    if not path.is_file():
        if path.suffix or len(path.parts) > 1:
            raise FileMissingError(
                f'--stop-words: there is no file "{value}". Name a file with a word a line, a '
                'language such as "en", or "none".'
            )
        return value
    from polytopic.text.stopfiles import read_stop_file

    read = read_stop_file(path)
    for note in read.notes:
        voice.say(note)
    return read.words


def show_neighbours(vectors: WordVectors, voice: Voice, n: int = 8) -> None:
    """Neighbours of a few frequent words; the most frequent of all are mostly function words."""
    from rich.table import Table

    counts = vectors.vocabulary.counts
    skipped = min(40, len(vectors) // 10)
    table = Table("word", "count", "neighbours", box=None, pad_edge=False)
    order = (-counts).argsort(kind="stable")[skipped:]
    order = order[vectors.input[order].any(axis=1)]  # nothing is near to zero
    for row in order[:n].tolist():
        word = vectors.vocabulary.terms[row]
        near = (name for name, _ in vectors.most_similar(word, n=6))
        table.add_row(as_cell(word), f"{counts[row]:,}", as_cell(*near))
    voice.out.print(table)


def as_cell(*texts: str) -> str:
    """Words or names for a cell: nothing in them counts as markup, and long ones are cut."""
    from rich.markup import escape

    from polytopic.io.leaving import LONGEST_SHOWN, visible

    return escape(", ".join(visible(text, LONGEST_SHOWN) for text in texts))


def show_metric(value: Any) -> str:
    """A metric as the tables show it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
