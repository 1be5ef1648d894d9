"""Word clouds of topics on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.report.writing import write_figure
from polytopic.result.record import Record

__all__ = ["place_cloud", "write_word_clouds"]

_CELL = (320.0, 210.0)
"""Width and height of a topic's place, in pixels: three beside each other fill a page."""

_ACROSS = 3
"""Topics in a row of the sheet."""

_LARGEST, _SMALLEST = 34.0, 9.0
"""Sizes of letters, in pixels: of a topic's first word, and the least that can be read."""

_LETTER = 0.6
"""Width of a letter of a sans-serif in terms of its size: none of the usual ones is wider in the
mean of English words."""

_TURN, _STEP = 0.35, 1.6
"""Of the spiral along which a place is sought: radians and pixels a try."""

_TRIES = 900
"""After which a word is left out: the spiral has then left the cell."""

_COLORS = ("#4477aa", "#ee6677", "#228833", "#aa7700", "#66aacc", "#aa3377")
"""Of topics, one after the other (Tol's bright scheme, darkened)."""

Box = tuple[float, float, float, float]


def write_word_clouds(
    result: Record,
    path: str | Path,
    *,
    topics: Sequence[int] | None = None,
    n_words: int = 30,
) -> Path:
    """Write the clouds of some topics on one sheet, .svg, .png or .html; return its path.

    A word's letters are as large as the root of its p(term | topic), so that areas compare; words
    that find no place in their cell are left out.

    Parameters
    ----------
    path : str or Path
    topics : sequence of int, optional
        By default all that are shown, largest first.
    n_words : int
        Words of a topic at most.

    Raises
    ------
    InputError, FileMissingError
        If there is no such topic, or the file cannot be written.
    MissingExtraError
        For .png and .svg without vl-convert.
    """
    if isinstance(n_words, bool) or not isinstance(n_words, (int, np.integer)) or n_words < 1:
        raise InputError(f"n_words: {n_words!r} given. Give a whole number from 1 on.")
    shown = result.shown.tolist()
    if topics is None:
        sizes = result.topic_sizes
        topics = sorted(shown, key=lambda k: (-sizes[k], k))
    for topic in topics:
        if isinstance(topic, bool) or topic not in shown:
            raise InputError(f"topics: there is no topic {topic!r:.40}. Name some of those shown.")
    if not len(topics):
        raise InputError("topics: none is named. Leave it out for all.")
    return write_figure(_sheet(result, list(topics), int(n_words)), path, "Word clouds")


def _sheet(result: Record, topics: list[int], n_words: int) -> dict[str, Any]:
    """A Vega-Lite spec: text at places in pixels."""
    marks = []
    for number, topic in enumerate(topics):
        left, top = _CELL[0] * (number % _ACROSS), _CELL[1] * (number // _ACROSS)
        row = result.topic_word[topic]
        best = np.argsort(-row, kind="stable")[:n_words]
        words = [(result.vocabulary.terms[v], float(row[v])) for v in best if row[v] > 0]
        color = _COLORS[number % len(_COLORS)]
        title = f"{topic} {result.names[topic]}".strip()
        marks.append({"x": left + _CELL[0] / 2, "y": top + 10, "text": title, "size": 11,
                      "color": "#666666"})  # fmt: skip
        for word, size, x, y in place_cloud(words):
            marks.append({"x": left + x, "y": top + y, "text": word, "size": size, "color": color})
    width = _CELL[0] * min(_ACROSS, len(topics))
    height = _CELL[1] * -(-len(topics) // _ACROSS)

    def along(field: str, length: float, *, down: bool) -> dict[str, Any]:
        scale = {"domain": [0, length], "nice": False, "reverse": down}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": None}

    return {
        "data": {"values": marks},
        "width": width,
        "height": height,
        "mark": {"type": "text", "font": "sans-serif"},
        "encoding": {
            "x": along("x", width, down=False),
            "y": along("y", height, down=True),
            "text": {"field": "text", "type": "nominal"},
            "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
            "color": {"field": "color", "type": "nominal", "scale": None, "legend": None},
        },
        "config": {"view": {"stroke": None}},
    }


def place_cloud(words: Sequence[tuple[str, float]]) -> list[tuple[str, float, float, float]]:
    """Words with their sizes of letters and centres, none over another, from the middle outwards.

    Parameters
    ----------
    words : sequence of (str, float)
        Words and weights above 0, the heaviest first.

    Returns
    -------
    list of (word, size, x, y)
        In pixels within a cell, below its title.

    >>> [word for word, *_ in place_cloud([("cell", 0.5), ("gene", 0.3)])]
    ['cell', 'gene']
    """
    placed: list[tuple[str, float, float, float]] = []
    boxes: list[Box] = []
    for word, weight in words:
        size = max(_SMALLEST, _LARGEST * float(np.sqrt(weight / words[0][1])))
        wide = _LETTER * size * len(word) / 2
        if 2 * wide > _CELL[0]:
            size = max(_SMALLEST, size * _CELL[0] / (2 * wide))
            wide = _LETTER * size * len(word) / 2
        found = _free_place(wide, 0.55 * size, boxes)
        if found is not None:
            boxes.append((found[0] - wide, found[1] - 0.55 * size, found[0] + wide,
                          found[1] + 0.55 * size))  # fmt: skip
            placed.append((word, round(size, 2), round(found[0], 2), round(found[1], 2)))
    return placed


def _free_place(wide: float, high: float, boxes: Sequence[Box]) -> tuple[float, float] | None:
    """The first free centre along a spiral, of a box of half-widths ``wide`` and ``high``."""
    middle, top = (_CELL[0] / 2, _CELL[1] / 2 + 8), 20.0
    for number in range(_TRIES):
        angle, away = _TURN * number, _STEP * _TURN * number / 2
        x, y = middle[0] + 1.5 * away * np.cos(angle), middle[1] + away * np.sin(angle)
        if x < wide or x > _CELL[0] - wide or y < top + high or y > _CELL[1] - high:
            continue
        clear = (
            x + wide <= left or x - wide >= right or y + high <= upper or y - high >= lower
            for left, upper, right, lower in boxes
        )
        if all(clear):
            return float(x), float(y)
    return None
