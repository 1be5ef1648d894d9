"""Words in the colours of their topics: escaped HTML for notebooks, styled text for terminals."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polytopic.io.leaving import visible

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["Piece", "as_html", "as_text"]

_COLORS = (
    "#4477aa", "#ee6677", "#228833", "#aa7700", "#66aacc", "#aa3377", "#997700", "#666666",
)  # fmt: skip
"""By place in the legend (Tol's bright scheme, darkened); the last is for all further ones."""

_STYLES = ("blue", "red", "green", "yellow", "cyan", "magenta", "bright_yellow", "white")

_UNSURE = 0.5
"""Certainty below which a word is pale: all other topics together have more of it."""

_LONGEST = 20_000
"""Characters of a text that are shown."""

Legend = Sequence[tuple[str, float]]
"""What topics are called, and their shares of the document."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text: plain (``place`` -1), or a word of the topic at a place of the legend."""

    text: str
    place: int = -1
    certainty: float = 0.0


def as_html(legend: Legend, pieces: Iterable[Piece], notes: Iterable[str]) -> str:
    """A ``<div>`` that needs nothing from elsewhere; every text in it is escaped."""
    parts = ['<div style="max-width:46em;line-height:1.6"><p>']
    for place, (label, share) in enumerate(legend):
        parts.append(
            f'<span style="color:{_of(_COLORS, place)};margin-right:1em">&#9632; '
            f"{html.escape(label)} {share:.0%}</span>"
        )
    parts.append("</p><p>")
    for piece in _shortened(pieces):
        shown = html.escape(piece.text).replace("\n", "<br>")
        if piece.place < 0:
            parts.append(shown)
            continue
        weight = "normal" if piece.certainty < _UNSURE else "bold"
        title = html.escape(f"{legend[piece.place][0]}: {piece.certainty:.0%}", quote=True)
        style = f"color:{_of(_COLORS, piece.place)};font-weight:{weight}"
        parts.append(f'<span style="{style}" title="{title}">{shown}</span>')
    parts.append("</p>")
    parts += [f'<p style="color:#666;font-size:85%">{html.escape(note)}</p>' for note in notes]
    return "".join([*parts, "</div>"])


def as_text(legend: Legend, pieces: Iterable[Piece], notes: Iterable[str]) -> Text:
    """A text of rich: control characters are shown instead of obeyed, markup has no meaning."""
    from rich.text import Text

    text = Text()
    for place, (label, share) in enumerate(legend):
        text.append(visible(f"■ {label} {share:.0%}\n"), style=_of(_STYLES, place))
    text.append("\n")
    for piece in _shortened(pieces):
        paleness = "dim" if piece.certainty < _UNSURE else "bold"
        style = f"{paleness} {_of(_STYLES, piece.place)}" if piece.place >= 0 else ""
        text.append(visible(piece.text), style=style)
    for note in notes:
        text.append(visible(f"\n{note}"), style="dim")
    return text


def _of(colors: Sequence[str], place: int) -> str:
    return colors[min(place, len(colors) - 1)]


def _shortened(pieces: Iterable[Piece]) -> list[Piece]:
    shown, used = list[Piece](), 0
    for piece in pieces:
        if used + len(piece.text) > _LONGEST:
            cut = Piece(piece.text[: _LONGEST - used], piece.place, piece.certainty)
            return [*shown, cut, Piece(" …")]
        shown.append(piece)
        used += len(piece.text)
    return shown
