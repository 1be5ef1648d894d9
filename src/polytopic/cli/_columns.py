"""Options that say how a file of documents is read, shared by the commands that read one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

__all__ = [
    "Date",
    "Encoding",
    "Id",
    "Label",
    "NoHeader",
    "Separator",
    "Sheet",
    "Text",
    "Url",
    "reading_options",
]

_PANEL = "Which columns hold what"
_FILE = "How the file is written"

Text = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        help="Column that holds the text; given several times, they are joined.",
        rich_help_panel=_PANEL,
    ),
]
Label = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        help="Column of labels to compare with; given several times, all are kept.",
        rich_help_panel=_PANEL,
    ),
]
Id = Annotated[
    str | None,
    typer.Option("--id", help="Column that names each document.", rich_help_panel=_PANEL),
]
Date = Annotated[
    str | None,
    typer.Option("--date", help="Column of dates.", rich_help_panel=_PANEL),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Column of addresses: the page links to them.", rich_help_panel=_PANEL
    ),
]
Encoding = Annotated[
    str, typer.Option("--encoding", help="Encoding of the file.", rich_help_panel=_FILE)
]
Separator = Annotated[
    str | None,
    typer.Option(
        "--separator",
        help='Between fields: one character, or "tab".',
        show_default="found out",
        rich_help_panel=_FILE,
    ),
]
NoHeader = Annotated[
    bool,
    typer.Option(
        "--no-header",
        help="The first record is a document; columns are column_1, column_2, ...",
        rich_help_panel=_FILE,
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet",
        help="Of a workbook: name, or number from 1.",
        show_default="the first with cells",
        rich_help_panel=_FILE,
    ),
]


def reading_options(
    text: list[str] | None,
    encoding: str,
    separator: str | None = None,
    no_header: bool = False,
    sheet: str | None = None,
    *,
    label: list[str] | None = None,
    **columns: str | None,
) -> dict[str, Any]:
    """What :func:`polytopic.read` takes, ready for JSON; the ways to read only where given.

    >>> reading_options(["title", "body"], "utf-8", no_header=True, label=None)
    {'text': ['title', 'body'], 'label': None, 'encoding': 'utf-8', 'header': False}
    """
    named: dict[str, Any] = {"text": _one_or_more(text), "label": _one_or_more(label)}
    named |= columns
    named["encoding"] = encoding
    ways = {"separator": separator, "header": False if no_header else None, "sheet": sheet}
    return named | {name: value for name, value in ways.items() if value is not None}


def _one_or_more(names: list[str] | None) -> str | list[str] | None:
    return names[0] if names and len(names) == 1 else names or None
