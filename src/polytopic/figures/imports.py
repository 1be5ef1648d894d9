"""The picture of the package: which part imports which, as the files have it now."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from textwrap import wrap

from polytopic.figures.making import Drawing

__all__ = ["arrows", "imports", "levels", "needed", "picture", "rooms"]

SOURCE = Path(__file__).parent.parent

WIDTH, ROW, MARGIN, BOX = 900.0, 92.0, 54.0, 30.0
"""Pixels: of the picture, between two rows, at its edges, and the height of a box."""

LETTERS, LINE = 130, 18.0
"""Of the words at its foot: as many as fit into a line, and pixels between two lines."""

STYLE = """
text { font: 14px sans-serif; fill: #1c2733; text-anchor: middle; }
.ground { font-size: 12px; fill: #5b6773; }
rect { fill: #eef3f7; stroke: #7c8fa0; }
path { fill: none; stroke: #b9c6d1; stroke-width: 1; }
path.needed { stroke: #2f6690; stroke-width: 1.6; }
"""

Arrows = dict[str, frozenset[str]]


def imports(data: Path | None = None) -> Drawing:
    """The picture of the package that is installed."""
    return Drawing(picture())


def arrows() -> Arrows:
    """Part to the parts that it imports, inside functions too; without the files of the ground."""
    own = set(rooms())
    return {part: frozenset(set(imported(part)) & own - {part}) for part in sorted(own)}


def rooms() -> list[str]:
    """The packages, and the files beside them that stand above some of them."""
    packages = [path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()]
    return [*packages, "demo", "exploring"]


def ground() -> list[str]:
    """The files that any part may import."""
    files = [path.stem for path in SOURCE.glob("*.py") if not path.stem.startswith("__")]
    return sorted(set(files) - set(rooms()))


def imported(part: str) -> Iterator[str]:
    """The parts whose names stand in a part's imports."""
    folder = SOURCE / part
    files = folder.rglob("*.py") if folder.is_dir() else [SOURCE / f"{part}.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "polytopic":
                names = [f"polytopic.{alias.name}" for alias in node.names]
            else:
                names = [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            yield from (name.split(".")[1] for name in names if name.startswith("polytopic."))


def levels(found: Arrows) -> list[list[str]]:
    """Rows of parts, the highest first: each stands above all that it imports."""

    @cache
    def height(part: str) -> int:
        return 1 + max(map(height, found[part]), default=-1)

    rows: list[list[str]] = [[] for _ in range(1 + max(map(height, found)))]
    for part in found:
        rows[height(part)].append(part)
    return _in_order(found, rows)[::-1]


def _in_order(found: Arrows, rows: list[list[str]]) -> list[list[str]]:
    """Each row from the lowest on ordered by where what its parts import stands."""
    place: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda part: (_mean([place[o] for o in found[part] if o in place]), part))
        place |= {part: (n + 0.5) / len(row) for n, part in enumerate(row)}
    return rows


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.5


def needed(found: Arrows) -> set[tuple[str, str]]:
    """Arrows that no longer way stands for."""

    @cache
    def below(part: str) -> frozenset[str]:
        return found[part].union(*map(below, found[part]))

    return {
        (part, other)
        for part in found
        for other in found[part]
        if not any(other in below(third) for third in found[part] - {other})
    }


def picture() -> str:
    """The picture as the imports are now."""
    found = arrows()
    rows, dark = levels(found), needed(found)
    below = wrap(f"below all: {', '.join(ground())}", LETTERS)
    foot = MARGIN + ROW * (len(rows) - 1) + 72
    height = foot + LINE * (len(below) - 1) + 22
    place = {
        part: (WIDTH * (n + 0.5) / len(row), MARGIN + ROW * number)
        for number, row in enumerate(rows)
        for n, part in enumerate(row)
    }
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {WIDTH:.0f} {height:.0f}">',
        "<title>Which part imports which</title>",
        f"<style>{STYLE}</style>",
    ]
    edges = sorted((part, other) for part in found for other in found[part])
    lines += [_arrow(a, b, place, (a, b) in dark) for a, b in sorted(edges, key=dark.__contains__)]
    lines += [_box(part, *place[part]) for part in sorted(place)]
    lines += [_words(WIDTH / 2, foot + LINE * n, text) for n, text in enumerate(below)]
    lines += ["</svg>", ""]
    return "\n".join(lines)


def _arrow(part: str, other: str, place: dict[str, tuple[float, float]], dark: bool) -> str:
    (x, y), (to_x, to_y) = place[part], place[other]
    start, end = y + BOX / 2, to_y - BOX / 2
    bend = (end - start) / 2
    way = f"M{x:.0f} {start:.0f} C{x:.0f} {start + bend:.0f} {to_x:.0f} {end - bend:.0f}"
    kind = ' class="needed"' if dark else ""
    return f'<path data-from="{part}" data-to="{other}"{kind} d="{way} {to_x:.0f} {end:.0f}"/>'


def _box(part: str, x: float, y: float) -> str:
    width = 9.0 * len(part) + 22
    box = f'<rect x="{x - width / 2:.0f}" y="{y - BOX / 2:.0f}" width="{width:.0f}"'
    return f'{box} height="{BOX:.0f}" rx="5"/><text x="{x:.0f}" y="{y + 5:.0f}">{part}</text>'


def _words(x: float, y: float, text: str) -> str:
    return f'<text class="ground" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'
