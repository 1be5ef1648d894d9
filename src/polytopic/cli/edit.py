"""``polytopic edit``: names, merged, split and hidden topics of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._shared import Quiet, Voice
from polytopic.cli.tables import Source
from polytopic.errors import InputError

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["edit"]


def edit(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    edits: Annotated[
        Path | None, typer.Argument(help="A file of edits (.json).", show_default=False)
    ] = None,
    rename: Annotated[
        list[str] | None, typer.Option("--rename", help="3=Pizza: a name for topic 3.")
    ] = None,
    note: Annotated[
        list[str] | None, typer.Option("--note", help='3="no pasta": something on topic 3.')
    ] = None,
    merge: Annotated[
        list[str] | None, typer.Option("--merge", help="4,7: one topic of these.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", help="2=3: topic 2 in three parts.")
    ] = None,
    hide: Annotated[str | None, typer.Option("--hide", help="9,11: leave these out.")] = None,
    show: Annotated[str | None, typer.Option("--show", help="9: show it again.")] = None,
    order: Annotated[str | None, typer.Option("--order", help="5,0: these first; or size.")] = None,
    reduce: Annotated[
        int | None, typer.Option("--reduce", help="Merge to so many, by the hierarchy.")
    ] = None,
    undo: Annotated[int, typer.Option("--undo", count=True, help="Take the last edit back.")] = 0,
    source: Source = None,
    quiet: Quiet = False,
) -> None:
    """Change the topics of a run: its report, tables and new documents follow.

    Numbers are those of the topics before the command. Without edits, all files are written anew.
    """
    from polytopic import runs
    from polytopic.cli._run import show_topics

    voice = Voice(quiet=quiet)
    given = _one_edit(rename, note, merge, split, hide, show, order)
    _refuse_a_count(edits, undo)
    with runs.changed(run) as folder:
        with voice.busy("reading the run"):
            result = runs.load_result(run, source=source)
        for _ in range(undo):
            result = result.undo()
        if edits is not None:
            result = result.edit(edits)
        if given:
            result = result.edit(given)
        if order == "size":
            result = result.order("size")
        if reduce is not None:
            result = result.reduce(reduce)
        with voice.busy("writing the report and tables"):
            runs.write_edited(folder, _measured(result))
    show_topics(result, voice)
    voice.say(f"{len(result.edits)} edits are kept in {folder.path / runs.EDITS}.")
    voice.say(f"Report: {folder.report}")


def _refuse_a_count(edits: Path | None, undo: int) -> None:
    """``--undo 2`` reads as a file of the name 2.

    Raises
    ------
    InputError
        If a number that is no file stands beside --undo.
    """
    if undo and edits is not None and edits.name.isdecimal() and not edits.exists():
        raise InputError(
            f"--undo: takes no number, and there is no file {edits}. It takes the last edit back; "
            "give it once for each."
        )


def _measured(result: TopicResult) -> TopicResult:
    """With the metrics of the topics as they are now."""
    from dataclasses import replace

    from polytopic import metrics

    return result if result.metrics else replace(result, metrics=metrics.evaluate(result))


def _one_edit(
    rename: list[str] | None,
    note: list[str] | None,
    merge: list[str] | None,
    split: list[str] | None,
    hide: str | None,
    show: str | None,
    order: str | None,
) -> dict[str, Any]:
    """The edit that the options are, as a file of edits would hold it."""
    found: dict[str, Any] = {
        "rename": _named(rename, "--rename"),
        "note": _named(note, "--note"),
        "split": {topic: _number(n, "--split") for topic, n in _named(split, "--split").items()},
        "merge": [_numbers(group, "--merge") for group in merge or ()],
        "hide": _numbers(hide, "--hide"),
        "show": _numbers(show, "--show"),
        "order": [] if order == "size" else _numbers(order, "--order"),
    }
    return {name: value for name, value in found.items() if value}


def _named(given: list[str] | None, option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in given or ():
        topic, sign, text = entry.partition("=")
        if not sign:
            raise InputError(f'{option}: "{entry:.40}" has no "=". Give 3=Pizza.')
        topic = str(_number(topic, option))
        if topic in found:
            raise InputError(f"{option}: topic {topic} stands twice. Name it once.")
        found[topic] = text
    return found


def _numbers(given: str | None, option: str) -> list[int]:
    return [] if given is None else [_number(part, option) for part in given.split(",")]


def _number(text: str, option: str) -> int:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) < 10):
        raise InputError(f'{option}: "{text:.40}" is no number. Give numbers such as 4,7.')
    return int(stripped)
