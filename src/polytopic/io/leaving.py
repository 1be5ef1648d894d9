"""Text that leaves the program: made harmless for terminals, for JSON on them, and for cells."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import polars as pl

__all__ = ["LONGEST_SHOWN", "cells", "printable_json", "quoted", "visible"]

LONGEST_SHOWN = 200
"""Characters of one word or name that a table in a terminal is given."""

_LONGEST_QUOTED = 40
"""Characters of a word that a message quotes."""

_KEPT = {"\n", "\t"}
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks, embeddings, overrides and isolates of direction (Unicode UAX 9): they reorder a line."""

_UNSEEN = "\u2028\u2029\ufeff"
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _escape(point: int) -> str:
    return f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}"


_CONTROLS = [
    *(n for n in range(0xA0) if unicodedata.category(chr(n)) == "Cc" and chr(n) not in _KEPT),
    *map(ord, _BIDI + _UNSEEN),
]
_VISIBLE = {
    **{point: _escape(point) for point in _CONTROLS},
    **{point: f"\\U{point:08x}" for point in range(0xE0000, 0xE0080)},  # tags: unseen letters
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON = {
    **{point: f"\\u{point:04x}" for point in _CONTROLS if point >= 0x7F},
    **{point: f"\\udb40\\u{0xDC00 + point - 0xE0000:04x}" for point in range(0xE0000, 0xE0080)},
}


def visible(text: str, limit: int | None = None) -> str:
    r"""Text for a terminal: what would steer it or reorder a line is written out.

    Control characters but line feed and tab, escape, marks of direction, unseen letters and half
    surrogates become ``\x1b`` and the like; beyond ``limit`` characters the rest is left out.

    >>> visible("a\x1b[31mred\u202e")
    'a\\x1b[31mred\\u202e'
    """
    if limit is not None and len(text) > limit:
        text = text[:limit] + "…"
    return _SURROGATE.sub(lambda half: _escape(ord(half[0])), text.translate(_VISIBLE))


def quoted(word: str) -> str:
    r"""A word as messages name it: in quotes, in one line, its beginning if it is long.

    >>> print(quoted("caf\u00e9"), quoted("two\nlines"))
    "café" "two\nlines"
    """
    shown = visible(word, _LONGEST_QUOTED).replace("\n", "\\n").replace("\t", "\\t")
    return f'"{shown}"'


def printable_json(record: Any, stream: TextIO) -> str:
    r"""JSON for a stream that may be a terminal: equal when parsed, harmless when shown.

    Letters beyond ASCII stand as they are where the stream's encoding is one of Unicode.
    """
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    text = json.dumps(record, indent=1, ensure_ascii=not encoding.startswith("utf"))
    return _SURROGATE.sub(lambda half: _escape(ord(half[0])), text.translate(_JSON))


def cells(table: pl.DataFrame) -> pl.DataFrame:
    r"""A table for CSV or Excel in which no text is a formula: ``=1+1`` becomes ``'=1+1``.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or an end of line gets an apostrophe
    before it (OWASP, CSV Injection), unless it is nothing but a number, ``-5``. NUL, which ends
    the file for many readers, is written out. Numbers, dates and Parquet files stay as they are.

    >>> import polars as pl
    >>> cells(pl.DataFrame({"id": ["=1+1", "-5", "b"], "n": [-1, 2, 3]}))["id"].to_list()
    ["'=1+1", '-5', 'b']
    """
    import polars as pl

    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    number, formula = f"^(?:{_NUMBER.pattern})$", rf"^\s*{_FORMULA.pattern}"
    return table.with_columns(
        pl.when(pl.col(name).str.contains(formula) & ~pl.col(name).str.contains(number))
        .then("'" + pl.col(name).str.replace_all("\0", "\\x00", literal=True))
        .otherwise(pl.col(name).str.replace_all("\0", "\\x00", literal=True))
        .alias(name)
        for name in texts
    )
