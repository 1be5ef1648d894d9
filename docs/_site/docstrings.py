"""Docstrings as Markdown: what is set line by line in them stays so on the pages of the API.

An extension of griffe, which reads them for mkdocstrings (mkdocs.yml names it).
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

__all__ = ["LineByLine", "as_markdown"]

_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
_OF_TEXT = {"Notes", "References"}
"""Sections that hold text; the others hold names with what they are, indented."""

_ROLE = re.compile(r":(?:class|func|meth|mod|attr|data|exc|ref):`~?([^`]+)`")
_LITERAL = re.compile(r"::$", re.MULTILINE)
_COLUMNS = re.compile(r"\S {3,}\S")
"""What stands to the right of a formula in a column of its own."""


class LineByLine(Extension):
    """Every docstring that a page shows, as soon as it has been read."""

    def on_object(self, *, obj: Object, **ignored: Any) -> None:
        """Rewrite its docstring, if it has one."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """Formulas as blocks of code; roles of reStructuredText as plain code.

    A paragraph is a formula where its lines hold columns, or where some hang under the first:
    Markdown would join its lines. What is indented as a whole is code already.
    """
    text = _LITERAL.sub(":", _ROLE.sub(r"`\1`", text))
    parts = _HEADING.split(text)  # text, then a heading and its text in turn
    made = [_formulas(parts[0])]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        ruled = f"{heading}\n{'-' * len(heading)}"
        made.append(ruled + (_formulas(body) if heading in _OF_TEXT else body))
    return "".join(made)


def _formulas(text: str) -> str:
    pieces = re.split(r"(\n[ \t]*\n)", text)
    return "".join(_fenced(piece) if _is_formula(piece) else piece for piece in pieces)


def _is_formula(piece: str) -> bool:
    lines = piece.strip("\n").split("\n")
    plain = not lines[0].startswith((" ", ">>>", "-", "*", "```", "|"))
    hang = any(line.startswith("  ") for line in lines[1:])
    return plain and (hang or any(_COLUMNS.search(line) for line in lines))


def _fenced(piece: str) -> str:
    kept = piece.strip("\n").replace("``", "")
    before, after = piece[: len(piece) - len(piece.lstrip("\n"))], piece[len(piece.rstrip("\n")) :]
    return f"{before}```text\n{kept}\n```{after}"
