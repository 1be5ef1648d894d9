"""Options of the page of a run, shared by the commands that write one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from polytopic.cli._shared import chosen

__all__ = ["PageLanguage", "Title", "page_settings"]

_PANEL = "The page"

Title = Annotated[
    str | None,
    typer.Option(
        "--title", help="Heading of the page.", show_default=False, rich_help_panel=_PANEL
    ),
]
PageLanguage = Annotated[
    str | None,
    typer.Option(
        "--page-language",
        help="Of the page's words: en, de, es, fr or zh.",
        show_default="en",
        rich_help_panel=_PANEL,
    ),
]


def page_settings(title: str | None, language: str | None) -> dict[str, Any]:
    """What a run remembers of its page: the options that were given.

    Raises
    ------
    InputError
        If the page has no words in the language.

    >>> page_settings("Letters", None), page_settings(None, None)
    ({'page': {'title': 'Letters'}}, {})
    """
    if language is not None:
        from polytopic.report.wording import Wording

        Wording(language)
    given = chosen(title=title, language=language)
    return {"page": given} if given else {}
