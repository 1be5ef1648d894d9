"""``--tracker``, ``--film``: who is told the loss, and sees the topics, while a command trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Voice

__all__ = ["Film", "Tracker", "filmed"]

Tracker = Annotated[
    list[str] | None,
    typer.Option(
        "--tracker",
        help="Is told the loss of steps and epochs: tensorboard (in ./runs), wandb, mlflow, ...; "
        "several times.",
        rich_help_panel="The model",
        show_default=False,
    ),
]

Film = Annotated[
    Path | None,
    typer.Option(
        "--film",
        help="Write how the words of each topic change, epoch by epoch: a page, .html, or .txt.",
        rich_help_panel="The model",
        show_default=False,
    ),
]


@contextmanager
def filmed(
    film: Path | None,
    trackers: list[str] | None,
    inputs: Sequence[Path | None],
    force: bool,
    voice: Voice,
) -> Iterator[list[Any] | None]:
    """The trackers, with one that films the topics if wanted; the film is written at the end.

    Raises
    ------
    InputError
        If the film may not be written there; that is told before the work begins.
    """
    if film is None:
        yield trackers
        return
    from polytopic.cli.outputs import Outputs
    from polytopic.report import WordFilm

    outputs = Outputs(inputs, force)
    outputs.file(film, (".html", ".txt"), "--film")
    camera = WordFilm()
    with outputs.reserved():
        try:
            yield [*(trackers or ()), camera]
        except typer.Exit:
            if not camera.pictures:
                voice.say(f"No picture was taken, so {film} was not written.")
            raise
        finally:
            if camera.pictures:
                camera.write(film)
                voice.say(f"Film of {len(camera.pictures)} pictures: {film}")
