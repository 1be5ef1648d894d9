"""``polytopic similar``: the nearest words of words, and analogies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._shared import Quiet, Voice, as_cell
from polytopic.cli._vectors import (
    Errors,
    Format,
    GloveVocabulary,
    HowToRead,
    Which,
    read_word_vectors,
)
from polytopic.errors import InputError

__all__ = ["show_found", "similar"]

Neighbours = list[tuple[str, float]]


def similar(
    vectors: Annotated[
        Path, typer.Argument(help="Word vectors, of any format.", show_default=False)
    ],
    words: Annotated[
        list[str] | None, typer.Argument(help="Words, each asked for.", show_default=False)
    ] = None,
    analogy: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--analogy", help="man king woman: man is to king as woman is to what?"),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--number", help="How many words to show.")] = 10,
    which: Which = "input",
    format: Format = None,
    vocabulary: GloveVocabulary = None,
    errors: Errors = "replace",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    quiet: Quiet = False,
) -> None:
    """Print the words nearest by cosine."""
    voice = Voice(quiet=quiet)
    if not words and analogy is None:
        raise InputError("words: none given. Name words, or give --analogy man king woman.")
    if n < 1:
        raise InputError(f"-n: is {n}. Ask for one word or more.")
    with voice.busy(f"reading {vectors}"):
        read = read_word_vectors(vectors, HowToRead(format, vocabulary, errors), voice)
    found: dict[str, Neighbours] = {}
    for word in dict.fromkeys(words or ()):
        found[word] = read.most_similar(word, n, which=which)
    if analogy is not None:
        a, b, c = analogy
        answers = read.analogy(a, b, c, n, which=which)
        found[f"{a} : {b} = {c} : ?"] = answers
    show_found(found, voice, as_json=as_json)


def show_found(found: dict[str, Neighbours], voice: Voice, *, as_json: bool) -> None:
    """A column of words and one of cosines for each question, or JSON."""
    if as_json:
        from polytopic.io.leaving import printable_json

        print(printable_json(found, sys.stdout))
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for question in found:
        table.add_column(as_cell(question), no_wrap=True)
        table.add_column("cosine", justify="right", no_wrap=True)
    for place in range(max(len(near) for near in found.values())):
        cells: list[str] = []
        for near in found.values():
            word, cosine = near[place] if place < len(near) else ("", None)
            cells += [as_cell(word), "" if cosine is None else f"{cosine:.3f}"]
        table.add_row(*cells)
    voice.out.print(table)
