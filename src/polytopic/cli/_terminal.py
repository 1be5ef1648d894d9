"""The one door to a terminal: consoles that no text can steer, streams that no letter can stop."""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.text import Text

from polytopic.io.leaving import visible

__all__ = ["Terminal", "one_line", "prepare_streams", "tell_warnings"]

_LONGEST_LINE = 4000
"""Characters of an error or a warning."""


class Terminal(Console):
    """A console that shows control characters and marks of direction instead of obeying them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """The text of a line or a cell: all that is printed as a str comes through here."""
        return super().render_str(visible(text), **options)


def one_line(message: object) -> str:
    """An error or a warning on one line, whatever its text holds."""
    return visible(" ".join(str(message).split()), _LONGEST_LINE)


def prepare_streams() -> None:
    """Let what the encoding of stdout or stderr lacks be replaced, so that it never ends a run."""
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        with suppress(AttributeError, ValueError, OSError):  # not every stream can be changed
            stream.reconfigure(errors=errors)  # type: ignore[union-attr]


def tell_warnings() -> None:
    """Let warnings be one line on stderr, until the filters of warnings are restored."""

    def show(message: Any, *where: Any, **more: Any) -> None:
        print(f"polytopic: {one_line(message)}", file=sys.stderr)

    warnings.showwarning = show
