"""Lines, folders and pipes: what is read, what is told, what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import polytopic.text.formats.text_files as text_files
from polytopic.errors import InputError
from polytopic.text import read_documents

TEXTS = [f"engine fuel brake number {n}" for n in range(12)]


def texts_of(path: Path, **options: object) -> list[str]:
    return read_documents(path, **options).texts.to_list()


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
