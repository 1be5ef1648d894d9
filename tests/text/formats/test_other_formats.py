"""JSON, lines, folders, Parquet and workbooks: what is read, what is told, what is refused."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

import polytopic.text.formats.text_files as text_files
from polytopic.errors import InputError, MissingExtraError
from polytopic.text import read, read_documents
from polytopic.text.formats import probing

TEXTS = [f"engine fuel brake number {n}" for n in range(12)]


def texts_of(path: Path, **options: object) -> list[str]:
    return read_documents(path, **options).texts.to_list()


# ---- JSON ------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_lists_of_objects(tmp_path: Path, ending: str, indent: int | None) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text(
        json.dumps([{"text": text, "n": n} for n, text in enumerate(TEXTS)], indent=indent)
    )
    documents = read_documents(path, label="n")
    assert documents.texts.to_list() == TEXTS and documents.labels.to_list() == list(range(12))


def test_what_else_json_files_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    records = [{"text": text} for text in TEXTS]
    path.write_text("\n".join(map(json.dumps, records)))
    assert texts_of(path) == TEXTS
    path.write_text("\n".join(json.dumps(record, indent=2) for record in records))
    assert texts_of(path) == TEXTS
    path.write_text(json.dumps(TEXTS))
    assert texts_of(path) == TEXTS
    path.write_text(json.dumps({"meta": {"n": 1}, "reviews": records}))
    documents = read_documents(path)
    assert documents.texts.to_list() == TEXTS and 'those of "reviews"' in documents.notes[0]
    path.write_text(json.dumps({"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}}))
    with pytest.raises(InputError, match='which are the documents is not clear.*orient="records"'):
        texts_of(path)
    for content, message in (
        ('[{"text": "a"}, 5]', "document 2 is no JSON object"),
        ("5", "is no list of JSON objects"),
        ('[{"text": "a"},\n {"text": oops}]', r"no JSON from line 2 on \(character 27"),
        ("[" * 100_000, "nests too deeply"),
        ('[{"text": 5}]', "document 1 has 5 for a text"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=message):
            texts_of(path)


def test_lines_of_json_are_counted_through_the_file(tmp_path: Path) -> None:
    """Over more than is read at once."""
    lines = [json.dumps({"text": f"{text} {'word ' * 200}"}) for text in TEXTS * 25]
    lines[289] = "{"
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > 2 << 17
    with pytest.raises(InputError, match=r"line 290 is no JSON"):
        texts_of(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"text": "a"},{"text": "b"}', '{"text": "c"}'], "line 1 is no JSON: it goes on after"),
        (['{"text": "a"} {"text": "b"}'], r"line 1 is no JSON: it goes on .*\(character 15\)"),
        (['{"text": "a"},'], "line 1 is no JSON: it goes on after"),
        (['{"text": "x", "m": [{}', "{}]}", '{"text": "a"},{"text": "b"}'], "line 1 is no JSON"),
        (['{"text": "a"}', "{", '"text": "b"', "}"], "line 2 .* takes several lines.*\\.json"),
        (['{"text": "a", "n": ' + "[" * 99_999 + "}"], "line 1 nests too deeply"),
    ],
)
def test_a_line_holds_one_object(tmp_path: Path, lines: list[str], message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=message):
        texts_of(path)


def test_endless_integers_and_nan(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    digits = "9" * 5000
    path.write_text(
        f' {{"text": "a", "n": {digits}}} \n{{"text": NaN, "n": NaN}}\n{{"text": "b"}}\n'
    )
    documents = read_documents(path, label="n")
    assert documents.texts.to_list() == ["a", "", "b"] and documents.missing == 1
    assert documents.labels.to_list() == [digits, None, None]


def test_half_surrogates_are_replaced_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        r'{"text": "cut \ud83d", "n\udc00": "x\uD83D", "who": "a\ude00b"}',
        r'{"text": "whole \ud83d\ude00 emoji"}',
        r'{"text": "as written: \\ud83d"}',
    ]
    path.write_text("\n".join(rows * 4))
    documents = read_documents(path, id="who", label="n\ufffd")
    assert documents.texts.to_list()[:3] == ["cut \ufffd", "whole 😀 emoji", r"as written: \ud83d"]
    assert documents.ids[0] == "a\ufffdb" and documents.labels[0] == "x\ufffd"
    assert documents.notes == ("Half surrogates (letters cut in two) read as U+FFFD: 16.",)
    corpus = read(path, min_df=1, id="who")
    assert documents.notes[0] in corpus.dropped.notes
    corpus.save(tmp_path / "corpus")


def test_half_surrogates_in_utf_8_as_java_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(
        "가각 한글\n".encode() * 3 + b"cut \xed\xa0\xbd end\nwhole \xed\xa0\xbd\xed\xb8\x80\n"
    )
    for size in (1, 2, 3, 5, 1 << 17):
        monkeypatch.setattr("polytopic.text.streams._CHUNK", size)
        documents = read_documents(path)
        assert documents.texts.to_list() == ["가각 한글"] * 3 + ["cut \ufffd end", "whole 😀"]
        assert documents.notes == ("Half surrogates (letters cut in two) read as U+FFFD: 1.",)
    path.write_bytes(b"fine\n\xed\xa0 cut\n")
    with pytest.raises(InputError, match="line 2 is not utf-8"):
        read_documents(path)


# ---- text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 1 << 17])
def test_ends_of_lines(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polytopic.text.streams._CHUNK", size)
    path = tmp_path / "a.txt"
    for end in ("\r", "\n", "\r\n", "\r\r\n"):
        path.write_text(end.join(TEXTS), newline="")
        assert texts_of(path) == TEXTS
        path.write_text(end.join(TEXTS) + end, newline="")
        assert texts_of(path) == TEXTS
    path.write_text("a\u2028b\x85c\x0bd\x1ce\nnext\n", newline="")
    assert texts_of(path) == ["a\u2028b\x85c\x0bd\x1ce", "next"]
    path.write_text("first\n10%\r20%\rdone\n", newline="")
    assert texts_of(path) == ["first", "10%\r20%\rdone"]


def test_a_return_within_the_first_line_ends_none(tmp_path: Path) -> None:
    """Where line feeds are more, they end the lines."""
    path = tmp_path / "a.txt"
    path.write_text("10%\r20%\nsecond\nthird\n", newline="")
    assert texts_of(path) == ["10%\r20%", "second", "third"]


def test_json_lines_that_end_in_cr(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\r".join(json.dumps({"text": text}) for text in TEXTS), newline="")
    assert texts_of(path) == TEXTS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_wide_encodings_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    text = "id,text\r\n" + "".join(f"{n},Größe 漢字 🙂\r\n" for n in range(9))
    path.write_bytes(text.encode(encoding))
    general = encoding[:6]
    assert texts_of(path, encoding=general)[8] == "Größe 漢字 🙂"
    if encoding == general:  # it has a mark
        assert texts_of(path) == texts_of(path, encoding=general)
    else:
        with pytest.raises(InputError, match="holds a NUL byte.*--encoding"):
            texts_of(path)
    path.write_bytes(text.encode(encoding)[:-1])
    with pytest.raises(InputError, match=f"is not {general}"):
        texts_of(path, encoding=general)


@pytest.mark.parametrize(
    "encoding", ["base64", "rot13", "idna", "undefined", "a\0b", "", None, "zip"]
)
def test_what_is_no_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    with pytest.raises(InputError, match="encoding: .* is unknown"):
        texts_of(tmp_path / "a.txt", encoding=encoding)


def test_the_encoding_that_is_offered_fits_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("I don’t".encode("cp1252"))
    with pytest.raises(InputError, match="--encoding cp1252"):
        texts_of(path)
    assert texts_of(path, encoding="cp1252") == ["I don’t"]


def test_lines_that_look_like_a_table_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{n}\t{text}\n" for n, text in enumerate(TEXTS)))
    assert "holds 1 tab(s).*--separator tab" and "--separator tab" in read_documents(path).notes[0]
    assert texts_of(path, separator="tab", header=False, text="column_2") == TEXTS


def test_folders_miss_nothing_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z.txt", "A.TXT", "b/c.txt", "b/._c.txt", "b/d.pdf", "e", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "g.zip").write_bytes(b"no archive")
    documents = read_documents(tmp_path)
    assert documents.ids.to_list() == ["A.TXT", "b/c.txt", "z.txt"]
    assert "left out: 1 without ending, 1 .pdf, 1 .zip." in documents.notes[0]

    def closed(folder: Path, *, onerror: object, followlinks: bool) -> object:
        onerror(PermissionError(13, "Permission denied", str(folder / "b")))
        return iter([])

    monkeypatch.setattr(text_files.os, "walk", closed)
    with pytest.raises(InputError, match=r"b: the folder may not be read \(Permission denied\)"):
        read_documents(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom rights bind")
def test_closed_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/a.txt").write_text("a")
    (tmp_path / "c.txt").write_text("c")
    (tmp_path / "b").chmod(0)
    try:
        with pytest.raises(InputError, match="may not be read"):
            read_documents(tmp_path)
        with pytest.raises(InputError, match="cannot be looked at"):
            read_documents(tmp_path / "b/a.txt")
    finally:
        (tmp_path / "b").chmod(0o700)


def test_paths_that_are_none(tmp_path: Path) -> None:
    for name, message in (("x" * 300 + ".csv", "too long"), ("a\0b.csv", "null")):
        with pytest.raises(InputError, match=f"cannot be looked at .*{message}"):
            texts_of(tmp_path / name)
    (tmp_path / "file.txt").write_text("a")
    with pytest.raises(InputError, match="no such file"):
        texts_of(tmp_path / "file.txt" / "below.csv")
    with pytest.raises(InputError, match="no such file"):
        texts_of(tmp_path / "**[")


def test_pipes_are_read_as_their_name_says(tmp_path: Path) -> None:
    pipe = tmp_path / "a.csv"
    os.mkfifo(pipe)
    if os.fork() == 0:
        with pipe.open("w") as file:
            file.write("id;text\n1;a b\n")
        os._exit(0)
    assert texts_of(pipe) == ["a b"]
    os.wait()
    with pytest.raises(InputError, match="is a device, and a file is to be read|are not read"):
        texts_of(Path("/dev/null"))


def test_formats_that_are_not_read_name_the_way_out(tmp_path: Path) -> None:
    for name, way in (
        ("a.docx", "Save it as plain text"),
        ("a.pdf", "pdftotext"),
        ("a.xml", "read_xml"),
        ("a.pkl", "Write the texts as .csv"),
        ("noext", "no ending, which tells the format"),
    ):
        (tmp_path / name).write_text("x")
        with pytest.raises(InputError, match=f"are not read. Give one of .txt.*{way}"):
            texts_of(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.jsonl", {"separator": ";"}, "--separator means nothing there, only for .csv"),
        ("a.csv", {"sheet": "x"}, "--sheet means nothing there, only for .xlsx"),
        ("a.json", {"header": False}, "--no-header means nothing there, only for .csv"),
        ("a.txt", {"sheet": 1}, "--sheet means nothing there"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    tmp_path: Path, name: str, options: dict[str, object], message: str
) -> None:
    (tmp_path / name).write_text('{"text": "a"}\n')
    with pytest.raises(InputError, match=message):
        texts_of(tmp_path / name, **options)


def test_memory_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("a\n")

    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("polytopic.text.formats.text_files.line_chunks", full)
    with pytest.raises(InputError, match="does not fit into the memory"):
        texts_of(tmp_path / "a.txt")


# ---- Parquet ---------------------------------------------------------------------------------


def parquet(path: Path, n: int = 500) -> Path:
    columns = {"text": [f"text {i} of {n}" for i in range(n)], "label": ["a", "b"] * (n // 2)}
    pl.DataFrame(columns).write_parquet(path, compression="uncompressed")
    return path


def test_parquet_packed_and_categories(tmp_path: Path) -> None:
    plain = parquet(tmp_path / "a.parquet")
    import gzip

    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert texts_of(tmp_path / "a.parquet.gz", label="label") == texts_of(plain, text="text")
    frame = pl.DataFrame(
        {"text": pl.Series(["a", None, "b"], dtype=pl.Categorical), "n": [1, 2, 3]}
    )
    frame.write_parquet(plain)
    assert texts_of(plain) == ["a", "", "b"]


def test_damaged_parquet_ends_no_process(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", 100)
    whole = path.read_bytes()
    header = whole.index(b"text 0 of") - 40
    refused = 0
    for place in range(4, header + 36, 5):
        altered = bytearray(whole)
        altered[place] ^= 0xFF
        path.write_bytes(bytes(altered))
        try:
            assert len(texts_of(path, text="text")) == 100
        except InputError as error:
            refused += 1
            assert "\n" not in str(error) and str(error).startswith(str(path))
    assert refused


def test_a_process_that_dies_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "a.parquet", 4)
    child = tmp_path / "child.py"
    monkeypatch.setattr(probing, "_CHILD", child)
    child.write_text("import os; os.abort()")
    with pytest.raises(InputError, match="ends the process that does"):
        texts_of(path)
    child.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(probing, "LEAST_SECONDS", 0.2)
    with pytest.raises(InputError, match="takes more than 0 seconds"):
        texts_of(path)


def test_a_parquet_of_endless_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.select(pl.repeat("x", 3_000_000).alias("text")).write_parquet(path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="names 3,000,000 rows, too many for its size"):
        texts_of(path)


# ---- workbooks -------------------------------------------------------------------------------


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
