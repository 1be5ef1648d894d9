"""``polytopic refit``: what is good of a run stays, the other topics are learned anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polytopic.cli._results import write_run
from polytopic.cli._shared import Force, Quiet, Voice
from polytopic.errors import InputError

__all__ = ["refit"]


def refit(
    run: Annotated[
        Path, typer.Argument(help="Folder that polytopic topics wrote.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the new run.", show_default=False)
    ],
    keep: Annotated[
        str | None,
        typer.Option("--keep", help="3,9: topics that stay; by default all that are shown."),
    ] = None,
    n_topics: Annotated[
        int | None,
        typer.Option("--topics", "-k", help="Topics in all; by default as the model had."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A model that can hold topics, such as lda.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of all randomness.")] = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Keep topics of a run as they are, with their names, and learn the others anew.

    What was hidden or merged makes room for new topics. The documents are the run's own.
    """
    from polytopic import runs
    from polytopic.cli._run import show_topics
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    Outputs((run,)).run(output)
    earlier = runs.open_run(run)
    with voice.busy("reading the run"):
        result = runs.load_result(run)
    kept = None if keep is None else _numbers(keep)
    settings = {
        **earlier.settings, "keep": kept, "n_topics": n_topics, "model": model or result.model,
        "random_state": seed, "refit_from": str(run),
    }  # fmt: skip
    with runs.reserved(output, settings, force=force) as folder:
        runs.begin(folder)
        with voice.busy("learning"):
            found = result.refit(keep=kept, n_topics=n_topics, model=model, random_state=seed)
        with voice.busy("measuring, writing the report"):
            told = {name: result.notes[name] for name in ("dropped",) if name in result.notes}
            write_run(folder, found.fitted, found, **told, source=str(run))
        runs.finish(folder)
    show_topics(found, voice)
    voice.say(f"Report: {folder.report}")


def _numbers(given: str) -> list[int]:
    parts = [part.strip() for part in given.split(",")]
    wrong = next((p for p in parts if not (p.isascii() and p.isdecimal() and len(p) < 10)), None)
    if wrong is not None:
        raise InputError(f'--keep: "{wrong:.40}" is no number. Give numbers such as 4,7.')
    return [int(part) for part in parts]
