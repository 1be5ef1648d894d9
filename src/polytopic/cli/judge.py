"""``polytopic judge``: a form on the topics of a run, and what those who filled it in say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._shared import Force, Quiet, Voice, as_cell, show_metric
from polytopic.errors import InputError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["judge"]


def judge(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The form, .html.", show_default="RUN/judge.html"),
    ] = None,
    answers: Annotated[
        list[Path] | None,
        typer.Option("--answers", help="Answers that a judge saved; one --answers a judge."),
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            help="rating, word-intrusion, document-intrusion, label, fit or rank; several times.",
            show_default="all",
        ),
    ] = None,
    topic: Annotated[
        list[int] | None,
        typer.Option("--topic", help="Only this topic; several times.", show_default="all"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Other documents and another order.")] = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write an offline form for people to judge topics by; with --answers, tell what they said."""
    from polytopic import judging, runs
    from polytopic.cli.outputs import Outputs
    from polytopic.runs.folder import JUDGE

    voice = Voice(quiet=quiet)
    if answers and output is not None:
        raise InputError("--answers, -o: one reads answers, the other writes the form. Give one.")
    with voice.busy("reading"):
        result = runs.load_result(run)
    tasks = tuple(task or judging.TASKS)
    if answers:
        found = judging.read_answers(result, answers, topics=topic, tasks=tasks, random_state=seed)
        _show(found.topics(), voice)
        voice.out.print()
        _show(found.agreement(), voice)
        for name, left_out in found.unanswered.items():
            if left_out:
                voice.say(f"{name}: {left_out} of {len(found.questions)} questions not answered.")
        return
    target = run / JUDGE if output is None else output
    outputs = Outputs([run], force)
    outputs.file(target, (".html",), own=output is None)
    asked = judging.questions(result, topics=topic, tasks=tasks, random_state=seed)
    with outputs.reserved():
        judging.write_form(asked, target)
    voice.say(f"{len(asked)} questions: {target}")


def _show(table: pl.DataFrame, voice: Voice) -> None:
    from rich.table import Table

    shown = Table(box=None, pad_edge=False)
    for name in table.columns:
        shown.add_column(name.replace("_", " "), overflow="fold")
    for row in table.iter_rows():
        shown.add_row(*(as_cell(v) if isinstance(v, str) else show_metric(v) for v in row))
    voice.out.print(shown)
