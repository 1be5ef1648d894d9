"""``polytopic find``: topics and documents that go with a query."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._beside import Encoder
from polytopic.cli._shared import Quiet, Voice, as_cell

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["find"]

_WORDS_SHOWN = 8
_TEXT_SHOWN = 80
"""Words of a topic and characters of a document in the tables."""


def find(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    query: Annotated[str, typer.Argument(help="Words, or a text.", show_default=False)],
    topics: Annotated[int, typer.Option("--topics", "-k", help="Topics to show.")] = 5,
    documents: Annotated[int, typer.Option("--documents", "-n", help="Documents to show.")] = 10,
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors",
            help="Word vectors to compare by: they may know words that the run does not.",
            show_default=False,
        ),
    ] = None,
    encoder: Encoder = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Find the topics and documents that go with words or a text."""
    from polytopic.cli._results import opened

    voice = Voice(quiet=quiet)
    given = None
    if vectors is not None:
        from polytopic.cli._vectors import HowToRead, read_word_vectors

        with voice.busy(f"reading {vectors}"):
            given = read_word_vectors(vectors, HowToRead(), voice)
    result = opened(run, voice, encoder)
    found = result.find(query, n_topics=topics, n_documents=documents, vectors=given)
    if found.unknown:
        voice.say(f"Not known, and without a part in the answer: {', '.join(found.unknown)}.")
    if json:
        _print_json(found)
        return
    _show(result, found)


def _print_json(found: Any) -> None:
    import sys

    from polytopic.io.leaving import printable_json

    record = {
        "query": found.query,
        "by": found.by,
        "topics": [{"topic": k, "label": found.labels[k], "score": s} for k, s in found.topics],
        "documents": [{"row": row, "score": score} for row, score in found.documents],
        "unknown": list(found.unknown),
    }
    print(printable_json(record, sys.stdout))


def _show(result: TopicResult, found: Any) -> None:
    from rich.table import Table

    out, words = Voice().out, result.top_words(_WORDS_SHOWN)
    table = Table(box=None, pad_edge=False)
    for heading in ("topic", found.by):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("words", overflow="fold")
    for topic, score in found.topics:
        name = [f"{result.names[topic]}:"] if result.names[topic] else []
        table.add_row(str(topic), f"{score:.2f}", as_cell(*name, *words[topic]))
    out.print(table)
    if not found.documents:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("document", "topic"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("text" if result.texts is not None else "id", overflow="fold")
    for row, _ in found.documents:
        text = "" if result.texts is None else " ".join(result.texts[row].split())
        shown = text[:_TEXT_SHOWN] + ("…" if len(text) > _TEXT_SHOWN else "")
        if result.texts is None and result.ids is not None:
            shown = str(result.ids[row])
        table.add_row(str(row), str(result.top_topic[row]), as_cell(shown))
    out.print()
    out.print(table)
