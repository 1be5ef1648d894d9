"""Tables whose quotes are single ones, and separators told by the usual record."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import read_documents

TEXTS = ["It's here; now", 'A "good" year, and a long one', "plain words", "two\nlines; it''s", ""]
ROWS = [(f"L{n}", text) for n, text in enumerate(TEXTS * 3)]


def written(path: Path, separator: str, quoting: int, header: bool) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator, quotechar="'", quoting=quoting)
        writer.writerows([("label", "text")] * header + ROWS)
    return path


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_tables_in_single_quotes_are_read_and_told(
    tmp_path: Path, separator: str, quoting: int, header: bool
) -> None:
    path = written(tmp_path / "a.csv", separator, quoting, header)
    names = {"text": "text", "label": "label"} if header else {"text": "column_2"}
    for given in (None, separator):
        found = read_documents(path, **names, header=header, separator=given)
        assert found.texts.to_list() == [text for _, text in ROWS]
        assert any("with single quotes around them" in note for note in found.notes)


@pytest.mark.parametrize(
    "rows",
    [
        ["a,'twas the night", "b,plain words", "c,the boys'"],
        ["a,'quoted' at its start", "b,plain words", "c,'whole'"],
        ["a,'whole'", "b,plain words", "c,more"],
        ["a,'one'", "b,'two' and", "c,'three'"],
        ["a,it's", "b,it's", "c,it's"],
    ],
)
def test_apostrophes_are_no_quotes(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "\n".join(rows * 3))
    found = read_documents(path, text="text")
    assert found.texts.to_list() == [row[2:] for row in rows] * 3 and found.notes == ()


def test_the_usual_record_tells_the_separator_where_the_first_is_odd(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Sport;one, two; three, four\n" + "Web;some words\nArt;more, words\n" * 9)
    with pytest.raises(InputError, match=r"line 1 has 3 fields, those after have 2.*that hold \";"):
        read_documents(path, text="column_2", header=False)
    path.write_text("Sport;one, two;;;\n" + "Web;some words;x\nArt;more, words;y\n" * 9)
    found = read_documents(path, text="column_2", header=False)
    assert found.texts.to_list() == ["one, two", *["some words", "more, words"] * 9]
