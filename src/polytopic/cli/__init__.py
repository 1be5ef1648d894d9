"""The command ``polytopic``: one file a command, with the heavy imports inside the commands."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from polytopic import __version__
from polytopic.cli._ending import ends_in_one_line
from polytopic.cli._once import each_option_once
from polytopic.errors import EmptyDocumentsWarning, PolytopicError, TextWarning

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = (
    "demo",
    "topics",
    "shard",
    "embed",
    "infer",
    "report",
    "view",
    "tables",
    "documents",
    "trends",
    "edit",
    "refit",
    "find",
    "explain",
    "name",
    "update",
    "evaluate",
    "judge",
    "compare",
    "similar",
    "vectors",
    "classify",
    "sentences",
    "models",
    "curves",
    "figures",
    "doctor",
)
"""The commands, in the order of the help: each is a function, or an ``app`` of several, of the file
of its name."""

app = typer.Typer(
    name="polytopic",
    help="Topics from text that can be trusted, and a report to read them in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name in COMMANDS:
    _module = importlib.import_module(f"polytopic.cli.{_name}")
    if hasattr(_module, "app"):
        app.add_typer(_module.app, name=_name)
    else:
        app.command(_name)(getattr(_module, _name))
each_option_once(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"polytopic {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Topics from text that can be trusted, and a report to read them in."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error raised on purpose is one line on stderr.

    Exit codes: 0 done, 1 an input or a file could not be used, 2 the command was not understood,
    130 interrupted by Ctrl-C, 128 + n ended by signal n (143: SIGTERM).
    """
    # Threads that wait by spinning stall each other on a busy machine; read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from polytopic.cli._terminal import one_line, prepare_streams, tell_warnings

    prepare_streams()
    with ends_in_one_line():
        try:
            with warnings.catch_warnings():
                tell_warnings()
                warnings.simplefilter("ignore", EmptyDocumentsWarning)  # the commands count them
                warnings.simplefilter("ignore", TextWarning)  # told with what was dropped
                app(args=None if arguments is None else list(arguments), prog_name="polytopic")
        except PolytopicError as error:
            print(f"polytopic: {one_line(error)}", file=sys.stderr)
            sys.exit(1)
