"""One figure or table of the docs, made and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polytopic.errors import FileMissingError, InputError
from polytopic.extras import require
from polytopic.figures import Figure, find, maker_of
from polytopic.io import replacing
from polytopic.report.writing import write_figure

__all__ = ["ENDINGS", "Drawing", "Table", "in_short", "made", "make"]

ENDINGS = {"figure": (".svg", ".png", ".html"), "table": (".md", ".csv"), "picture": (".png",)}
"""What a name may end in, by kind; the first is taken where none is given."""


@dataclass(frozen=True)
class Drawing:
    """A figure: a Vega-Lite spec, an SVG's text or a PNG's bytes, and its numbers in words."""

    drawn: dict[str, Any] | str | bytes
    told: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """A table: names of the columns, rows of text and numbers, and remarks."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    told: Sequence[str] = ()

    def markdown(self) -> str:
        """As the docs have it."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def made(name: str, data: str | Path | None = None) -> Drawing | Table:
    """A figure or table of the docs.

    Parameters
    ----------
    name : str
        As ``polytopic figures`` lists it.
    data : path, optional
        What the figure of the docs was made of; by default a small stand-in that comes with the
        package.

    Raises
    ------
    InputError, FileMissingError
        If there is no such figure, or it takes no data, or other data.
    MissingExtraError
        If it needs a package that is not installed.
    """
    figure = find(name)
    source = _source(figure, data)
    if figure.needs is not None:
        require(figure.needs, figure.name)
    found: Drawing | Table = maker_of(figure)(source)
    return found


def make(
    name: str, path: str | Path | None = None, *, data: str | Path | None = None
) -> Drawing | Table:
    """Make a figure or table of the docs and write it.

    Parameters
    ----------
    name, data
        As of :func:`made`.
    path : path, optional
        By default the name, in the folder one is in: .svg of a figure (or .png, .html), .md of a
        table (or .csv), .png of a picture.

    Raises
    ------
    InputError, FileMissingError, MissingExtraError
        As :func:`made`, or if the file cannot be written.
    """
    figure = find(name)
    target = _target(figure, path)
    found = made(name, data)
    _write(figure, found, target)
    return found


def _target(figure: Figure, path: str | Path | None) -> Path:
    endings = ENDINGS[figure.kind]
    target = Path(f"{figure.name}{endings[0]}") if path is None else Path(path)
    if target.suffix not in endings or target.is_dir():
        raise InputError(
            f"{target}: cannot be written. {figure.name} is a {figure.kind}: give a name in "
            f"{' or '.join(endings)}."
        )
    if not target.parent.is_dir():
        raise FileMissingError(f"{target}: there is no folder {target.parent}. Make it first.")
    return target


def _source(figure: Figure, data: str | Path | None) -> Path | None:
    if data is None:
        return None
    if not figure.data:
        raise InputError(f"data: {figure.name} needs none. Leave it out.")
    source = Path(data)
    if not source.exists():
        raise FileMissingError(
            f"{source}: no such file or folder. {figure.name} takes {figure.data}."
        )
    return source


def _write(figure: Figure, found: Drawing | Table, target: Path) -> None:
    if isinstance(found, Drawing) and isinstance(found.drawn, dict):
        write_figure(found.drawn, target, figure.title)
        return
    if isinstance(found, Drawing):
        payload = _as_is(figure, found.drawn, target)
    elif target.suffix == ".csv":
        import polars as pl

        table = {name: [row[n] for row in found.rows] for n, name in enumerate(found.columns)}
        payload = pl.DataFrame(table, strict=False).write_csv().encode("utf-8")
    else:
        payload = found.markdown().encode("utf-8")
    try:
        with replacing(target) as partial:
            partial.write_bytes(payload)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error}).") from None


def _as_is(figure: Figure, drawn: str | bytes | dict[str, Any], target: Path) -> bytes:
    """What comes as a file already."""
    if isinstance(drawn, bytes):
        return drawn
    if target.suffix != ".svg":
        raise InputError(f"{target}: {figure.name} comes as .svg alone. Give a name in .svg.")
    return str(drawn).encode("utf-8")


def in_short(value: Any) -> str:
    """A number to three digits, anything else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _cell(value: Any) -> str:
    return in_short(value).replace("|", "\\|")
