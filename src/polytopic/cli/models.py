"""``polytopic models``: what there is, with its source, and the parameters of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from polytopic.cli._shared import Voice

if TYPE_CHECKING:
    from polytopic.registry import Entry

__all__ = ["models"]

Name = Annotated[
    str | None, typer.Argument(help="A model, to see its parameters.", show_default=False)
]


def models(name: Name = None) -> None:
    """List the models: name, class, what it is, where it comes from, which extra it needs.

    With a name: the parameters of that model, what each accepts and is by default.
    """
    from polytopic import registry

    if name is None:
        _list()
    else:
        _show(registry.find(name))


def _list() -> None:
    from rich.table import Table

    from polytopic import registry
    from polytopic.extras import EXTRAS

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "class", "summary", "source", "needs"):
        table.add_column(heading, overflow="fold")
    for entry in registry.models():
        default = " (default)" if entry.name == registry.DEFAULT_TOPIC_MODEL else ""
        needs = f"polytopic\\[{EXTRAS.get(entry.extra, entry.extra)}]" if entry.extra else ""
        table.add_row(entry.name + default, entry.class_name, entry.summary, entry.source, needs)
    Voice().out.print(table)


def _show(entry: Entry) -> None:
    from rich.markup import escape
    from rich.table import Table

    from polytopic import registry
    from polytopic.cli._setting import OWN_OPTIONS

    voice = Voice()
    voice.out.print(escape(f"{entry.class_name}: {entry.summary} ({entry.source})"))
    table = Table(box=None, pad_edge=False)
    for heading in ("parameter", "default", "must be", "what it is"):
        table.add_column(heading, overflow="fold")
    for name, declared in registry.parameters_of(entry).items():
        option = f" ({OWN_OPTIONS[name]})" if name in OWN_OPTIONS else ""
        accepts = "" if declared.accepts is None else declared.accepts.describe()
        table.add_row(*map(escape, (name + option, repr(declared.default), accepts, declared.text)))
    voice.out.print(table)
    if entry.family == "topics":
        voice.say("Set one by: polytopic topics ... --set NAME=VALUE")
