"""An option that holds one value is given once: the last of two would win in silence."""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand

__all__ = ["each_option_once"]


class _Once(TyperCommand):
    """A command that refuses an option of one value given twice; flags may be repeated."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for option, times in Counter(map(id, order)).items():
            found: Any = next(param for param in order if id(param) == option)
            single = found.param_type_name == "option" and not (
                found.multiple or found.is_flag or found.count
            )
            if times > 1 and single:
                ctx.fail(f"{found.opts[0]} is given {times} times and takes one value. Give one.")
        return super().parse_args(ctx, args)


def each_option_once(app: typer.Typer) -> None:
    """Make every command of an app, and of the groups in it, one that refuses repeated options."""
    for command in app.registered_commands:
        command.cls = _Once
    for group in app.registered_groups:
        if group.typer_instance is not None:
            each_option_once(group.typer_instance)
