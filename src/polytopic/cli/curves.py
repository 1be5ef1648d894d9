"""``polytopic curves``: the loss curves of runs and models as one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Force, Quiet, Voice

__all__ = ["curves"]


def curves(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of runs, or of saved models (embed --save-model).", show_default=False
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A file: .html, .svg or .png.", show_default=False),
    ],
    numbers: Annotated[
        list[str] | None,
        typer.Option(
            "--number",
            help="An entry of the history, such as evenness; several times.",
            show_default="the losses",
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Draw the loss of runs and models by epoch, each a curve."""
    from polytopic.cli.outputs import Outputs
    from polytopic.report import loss_curves

    outputs = Outputs(runs, force)
    outputs.file(output, (".html", ".svg", ".png"))
    with outputs.reserved():
        found = loss_curves(*(_trained(path) for path in runs), names=_names(runs), numbers=numbers)
        found.write(output)
    Voice(quiet=quiet).say(f"Loss curves: {output}")


def _trained(path: Path) -> Any:
    from polytopic import load

    return load(path / "model" if (path / "model").is_dir() else path)


def _names(paths: list[Path]) -> list[str]:
    short = [path.name or str(path) for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]
