"""Workbooks: what is read, and what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from polytopic.errors import InputError, MissingExtraError
from polytopic.text import read_documents

TEXTS = [f"engine fuel brake number {n}" for n in range(12)]


def texts_of(path: Path, **options: object) -> list[str]:
    return read_documents(path, **options).texts.to_list()


def workbook(path: Path, *, corner: str = "A1") -> Path:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("fastexcel")
    import datetime

    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Reviews")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(1, 1, ["id", "Text", "stars", "day"])
    for n, text in enumerate(TEXTS):
        sheet.write_row(n + 2, 1, [f"00{n}", f"{text}\nÄ", n % 3])
        sheet.write_datetime(n + 2, 4, datetime.datetime(2020, 1, n + 1), day)
    book.add_worksheet("Third").write(corner, "text")
    book.close()
    return path


def test_workbooks(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    documents = read_documents(path, text="text", id="id", label="stars", date="day")
    assert documents.texts.to_list() == [f"{text}\nÄ" for text in TEXTS]
    assert documents.ids[3] == "003" and documents.labels[:4].to_list() == [0, 1, 2, 0]
    assert str(documents.dates[11])[:10] == "2020-01-12"
    told = " ".join(documents.notes)
    assert 'sheet "Reviews" was read; there are also: Empty, Third' in told
    for sheet in ("Reviews", 2, "2"):
        chosen = read_documents(path, text="Text", sheet=sheet)
        assert len(chosen) == 12 and chosen.notes == ()
    assert len(texts_of(path, sheet=2, header=False, text="column_2")) == 13
    with pytest.raises(InputError, match='no sheet "x". Sheets are: Empty, Reviews, Third'):
        texts_of(path, sheet="x")
    with pytest.raises(InputError, match='no column "body"'):
        texts_of(path, text="body")
    with pytest.raises(InputError, match="holds no documents"):
        texts_of(path, sheet="Empty")


def test_workbooks_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", corner="XFD1048576")
    assert len(texts_of(path, text="text", sheet="Reviews")) == 12
    whole = path.read_bytes()
    for content, message in (
        (whole[:900], "cannot be read as excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password"),
        (b"text\nplain", "cannot be read as excel"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=message) as told:
            texts_of(path)
        assert "\n" not in str(told.value)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InputError, match="excel"):
        texts_of(path)
    monkeypatch.setitem(__import__("sys").modules, "fastexcel", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'polytopic\[excel\]'"):
        texts_of(path)
