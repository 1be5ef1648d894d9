"""Text that leaves the program: terminals are not steered, cells are no formulas."""

from __future__ import annotations

import io
import json
import unicodedata

import polars as pl
import pytest

from polytopic.io.leaving import cells, printable_json, visible

HOSTILE = "a\x1b]0;title\x07b\r\x9b31mc\u202ed\u2066e\ufefff\x00g\ud83d\U000e0041h\x7f"


def test_visible_text_steers_nothing() -> None:
    shown = visible(HOSTILE)
    assert shown == (
        "a\\x1b]0;title\\x07b\\x0d\\x9b31mc\\u202ed\\u2066e\\ufefff\\x00g\\ud83d\\U000e0041h\\x7f"
    )
    every = visible("".join(map(chr, range(0x110000))))
    assert not {c for c in every if unicodedata.category(c) in ("Cc", "Cs")} - {"\n", "\t"}
    assert not {c for c in every if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLI", "PDF")}
    every.encode()


def test_visible_text_keeps_what_people_write() -> None:
    written = "naïve 漢字 🙂 👩‍👩‍👧 می‌خواهم עברית\n\tend"
    assert visible(written) == written
    assert visible("x" * 10**7, 5) == "xxxxx…"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_json_is_equal_when_parsed_and_harmless_when_shown(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    record = {"wörter": [HOSTILE.replace("\ud83d", ""), "🙂"]}
    text = printable_json(record, stream)
    assert json.loads(text) == record
    text.encode(encoding)
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(text)


def test_no_text_in_a_cell_is_a_formula() -> None:
    texts = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1",
             "-5", "+4.5e3", ".5", "b", "a=1", "", None, "a\0b"]  # fmt: skip
    table = cells(pl.DataFrame({"id": texts, "n": range(-8, 9)}))
    assert table["id"].to_list() == [
        "'=1+1", "'+cmd|' /C calc'!A0", "'-2+3", "'@SUM(A1)", "'\t=1", "'\r=1", "'\n=1", "' =1",
        "'＝1", "-5", "+4.5e3", ".5", "b", "a=1", "", None, "a\\x00b",
    ]  # fmt: skip
    assert table["n"].to_list() == list(range(-8, 9))
