"""``polytopic demo``: topics of the docstrings of this Python installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Force, Quiet, Voice

__all__ = ["demo"]


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the run.")] = Path(
        "polytopic-demo"
    ),
    n_topics: Annotated[int, typer.Option("--topics", "-k", help="Number of topics.")] = 30,
    model: Annotated[
        str | None, typer.Option("--model", help='Name; "polytopic models" lists them.')
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of all randomness.")] = 0,
    epochs: Annotated[int | None, typer.Option("--epochs", help="Passes over the texts.")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show what there is without any data: topics of the docstrings of the installed packages.

    Their source files are read, nothing is imported or fetched.
    """
    from polytopic.cli._run import Job, carry_out

    parameters: dict[str, Any] = {"n_topics": n_topics, "random_state": seed}
    if epochs is not None:
        parameters["epochs"] = epochs

    def read() -> Any:
        from polytopic.demo import docstrings
        from polytopic.text import Corpus

        found = docstrings()
        return Corpus.from_texts(found.texts, labels=found.labels, ids=found.ids)

    job = Job(
        read=read,
        source="docstrings of the installed Python packages",
        output=output,
        model=model,
        parameters=parameters,
        settings={"demo": True, "model": model, **parameters},
        force=force,
    )
    raise typer.Exit(carry_out(job, Voice(quiet=quiet)))
