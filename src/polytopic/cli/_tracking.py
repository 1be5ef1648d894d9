"""``--tracker``: who is told the loss while a command trains."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Tracker"]

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
