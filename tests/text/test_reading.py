"""Readers: each format read right, and unusable files refused in one line."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from polytopic.errors import FileMissingError, InputError
from polytopic.io.packed import packed_writer
from polytopic.text import read, read_documents

ROWS = [
    {"text": "Cells divide, \"quietly\"\nand grow", "stars": 5, "key": "a", "day": "2020-01-02"},
    {"text": "Größe – naïve\ttab", "stars": 1, "key": "b", "day": "2021-12-31"},
    {"text": "", "stars": 3, "key": "c", "day": "2019-05-05"},
]  # fmt: skip
COLUMNS = {"text": "text", "label": "stars", "id": "key", "date": "day"}
FOLDER = Path(os.environ.get("POLYTOPIC_DATA", Path(__file__).parents[2].parent / "shared/data"))


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, packed_writer(raw, path) as stream:
        stream.write(content)
    return path


def table(suffix: str) -> bytes:
    if suffix in (".jsonl", ".ndjson"):
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
    lines: list[str] = []

    class Sink:
        write = lines.append

    writer = csv.DictWriter(Sink(), list(ROWS[0]), delimiter="\t" if suffix == ".tsv" else ",")
    writer.writeheader()
    writer.writerows(ROWS)
    return "".join(lines).encode()


@pytest.mark.parametrize("compression", ["", ".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".ndjson"])
def test_tables(tmp_path: Path, suffix: str, compression: str) -> None:
    path = write(tmp_path / f"data{suffix}{compression}", table(suffix))
    documents = read_documents(path, **COLUMNS)
    assert documents.texts.to_list() == [row["text"] for row in ROWS]
    assert documents.labels.to_list() == [5, 1, 3]
    assert documents.ids.to_list() == ["a", "b", "c"]
    corpus = read(path, **COLUMNS, min_df=1)
    assert corpus.dates.astype("datetime64[D]").tolist() == [
        np.datetime64(row["day"]).item() for row in ROWS
    ]
    assert corpus.labels.tolist() == [5, 1, 3] and list(corpus.texts) == documents.texts.to_list()
    lean = read(path, **COLUMNS, min_df=1, keep_texts=False)
    assert lean.texts is None and lean.labels.tolist() == [5, 1, 3]
    assert (lean.counts != corpus.counts).nnz == 0
    assert lean.dropped == corpus.dropped and corpus.dropped.empty_documents == 1


def test_parquet_with_nulls(tmp_path: Path) -> None:
    frame = pl.DataFrame(ROWS).with_columns(pl.Series("text", ["one word", None, "two"]))
    frame.write_parquet(tmp_path / "data.parquet")
    documents = read_documents(tmp_path / "data.parquet", label="stars")
    assert documents.texts.to_list() == ["one word", "", "two"] and documents.missing == 1
    corpus = read(tmp_path / "data.parquet", label="stars", min_df=1)
    assert corpus.dropped.empty_documents == 1 and len(corpus) == 3


@pytest.mark.parametrize("compression", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_lines(tmp_path: Path, compression: str) -> None:
    path = write(tmp_path / f"lines.txt{compression}", "one\n\nthree\u2028x\r\nvier ö".encode())
    assert read_documents(path).texts.to_list() == ["one", "", "three\u2028x", "vier ö"]


def test_byte_order_mark_and_other_encodings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "\ufefftext,n\nGröße,1\n".encode())
    assert read_documents(path).texts.to_list() == ["Größe"]
    path = write(tmp_path / "b.jsonl", '{"text": "Größe"}\n'.encode("utf-16"))
    assert read_documents(path, encoding="utf-16").texts.to_list() == ["Größe"]
    path = write(tmp_path / "c.txt.gz", "Größe\nzwei".encode("latin-1"))
    assert read_documents(path, encoding="latin-1").texts.to_list() == ["Größe", "zwei"]


def test_characters_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polytopic.text.streams._CHUNK", 3)
    lines = ["Größe – naïve", "", "漢字かな 🙂", "x" * 50, "end"]
    path = write(tmp_path / "a.txt", "\r\n".join(lines).encode())
    assert read_documents(path).texts.to_list() == lines
    path = write(tmp_path / "bad.txt", "\n".join(lines).encode() + b"\nab\xe9c\n")
    with pytest.raises(InputError, match=r"line 6 is not utf-8 \(byte 0xe9\)"):
        read_documents(path)


def test_folder(tmp_path: Path) -> None:
    write(tmp_path / "b/2.txt", b"second\nline")
    write(tmp_path / "a/1.txt.gz", b"first")
    write(tmp_path / "a/notes.md", b"no")
    documents = read_documents(tmp_path, label="folder")
    assert documents.texts.to_list() == ["first\n", "second\nline\n"]
    assert documents.ids.to_list() == ["a/1.txt.gz", "b/2.txt"]
    assert documents.labels.to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("body,stars", "body"),
        ("Abstract,title", "Abstract"),
        ("words", "words"),
        ("n,words", "words"),
    ],
)
def test_text_column_is_told_when_clear(tmp_path: Path, header: str, text: str) -> None:
    values = ["5" if name in ("stars", "n") else "some words" for name in header.split(",")]
    path = write(tmp_path / "a.csv", f"{header}\n{','.join(values)}\n".encode())
    assert read_documents(path).texts.to_list() == ["some words"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_several_columns_of_text(tmp_path: Path, suffix: str) -> None:
    rows = pl.DataFrame(
        {"title": ["One", "", "Three"], "n": ["1", "2", "3"], "body": ["x", "y", ""]}
    )
    path = tmp_path / f"a{suffix}"
    {".csv": rows.write_csv, ".jsonl": rows.write_ndjson, ".parquet": rows.write_parquet}[suffix](
        path
    )
    documents = read_documents(path, text=["title", "body"], label="n")
    assert documents.texts.to_list() == ["One\n\nx", "y", "Three"]
    assert documents.labels.to_list() == [1, 2, 3]
    with pytest.raises(InputError, match='no column "abstract".*with --text'):
        read_documents(path, text=["title", "abstract"])


def test_json_lines_with_odd_fields(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        b'{"text": "one", "k": [1], "m": {"x": 1}}\n\n{"text": null}\n{"k": true, "text": "x"}\n',
    )
    documents = read_documents(path, label="k")
    assert documents.texts.to_list() == ["one", "", "x"] and documents.missing == 1
    assert documents.labels.to_list() == ["[1]", None, "true"]


GOOD = "".join(json.dumps({"text": f"line {n}"}) + "\n" for n in range(9)).encode()
FILES = {
    "empty.txt": (b"", {}, "is an empty file"),
    "empty.txt.gz": (b"", {}, "holds no documents"),
    "header.csv": (b"text,label\n", {}, "holds no documents"),
    "binary.txt": (b"ab\ncd\x00\x01", {}, "line 2 holds a NUL byte.*binary or UTF-16"),
    "latin.txt": ("a\nb\nGröße".encode("latin-1"), {}, r"line 3 is not utf-8 .*--encoding latin-1"),
    "latin.csv": ("text\nGröße".encode("latin-1"), {}, "line 2 is not utf-8"),
    "latin.jsonl": (GOOD + b'{"text": "\xff"}\n', {}, "line 10 is not utf-8"),
    "coding.txt": (b"a", {"encoding": "utf-9"}, '"utf-9" is unknown'),
    "a.csv": (b"id,stars,words\n1,2,x\n", {"text": "body"},
              r'no column "body". Columns are: id, stars, words. Name one with --text\.'),
    "b.csv": (b"text,stars\nx,2\n", {"label": "rating"}, 'no column "rating".*--label'),
    "c.csv": (b"one,two\nx,y\n", {}, "none is named text. Columns are: one, two"),
    "commas.csv": (b'no.,"what, in full",when\nx,y,z\n', {},
                   'Columns are: no., "what, in full", when. Name one with'),
    "d.csv": (b"text,body\nx,y\n", {}, r"several could be the text \(text, body\)"),
    "twice.csv": (b"text,n,text\nx,1,y\n", {}, '2 columns named "text"'),
    "ragged.csv": (b"text,n\nx,1\ny,2,3\n", {}, "line 3 has 3 fields, the header has 2"),
    "short.csv": (b"n,text\n1,x\n2\n3,y\n", {}, "line 3 has 1 fields, the header has 2"),
    "quotes.csv": (b'text,n\nx,1\n"open,2\n', {}, "line 3 has 1 fields, the header has 2"),
    "bad.jsonl": (GOOD + b'{"text": "x" oops}\n', {}, "line 10 is no JSON"),
    "cut.jsonl": (GOOD + b'{"text": "x', {}, "line 10 is no JSON"),
    "list.jsonl": (GOOD + b'["x"]\n', {}, "line 10 is no JSON object"),
    "number.jsonl": (GOOD + b'{"text": 5}\n', {}, "line 10 has 5 for a text"),
    "field.jsonl": (GOOD, {"text": "body"}, 'no column "body". Columns are: text'),
    "bad.parquet": (b"PAR1 not really", {}, "cannot be read as parquet"),
    "what.docx": (b"x", {}, r'".docx" are not read. Give one of \.txt'),
    "plain.txt": (b"a\n", {"label": "stars"}, 'has no columns, so --label "stars"'),
    "plain.gz": (b"a\n", {}, "are not read"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_bad_files_get_one_line(tmp_path: Path, name: str) -> None:
    content, options, message = FILES[name]
    path = write(tmp_path / name, content)
    with pytest.raises(InputError, match=message) as caught:
        read(path, **options)
    assert name in str(caught.value) or "encoding: " in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["a.txt.gz", "a.jsonl.gz", "a.csv.gz", "a.txt.zst", "a.jsonl.xz"])
def test_truncated_compressed_files(tmp_path: Path, name: str) -> None:
    lines = [json.dumps({"text": str(n) * 50 + str(n * n)}) for n in range(5000)]
    path = write(tmp_path / name, "\n".join(lines).encode())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="is cut short"):
        read(path)
    path.write_bytes(b"no archive at all")
    with pytest.raises(InputError, match="damaged"):
        read(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    write(tmp_path / "reviews.csv", b"text\nx\n")
    with pytest.raises(FileMissingError, match=r"reviewz.csv: no such file.*reviews.csv"):
        read(tmp_path / "reviewz.csv")
    with pytest.raises(InputError, match=r"holds no .txt files"):
        read(tmp_path)
    with pytest.raises(InputError, match="not text.*Text columns are: none"):
        pl.DataFrame({"text": [1]}).write_parquet(tmp_path / "a.parquet")
        read(tmp_path / "a.parquet")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared corpora are not there")
@pytest.mark.parametrize(
    ("name", "options", "n_documents", "n_tokens", "empty"),
    [
        ("20newsgroups/20newsgroups.jsonl.gz", {"label": "group", "id": "id"}, 18846, 3.35e6, 515),
        ("yelp/reviews.csv", {"label": "stars", "date": "date"}, 1610, 2.0e5, 0),
        ("yelp/sentences.txt.gz", {}, 190153, 1.4e6, 0),
        ("wiki/wiki100m.txt.gz", {"keep_texts": False}, 1, 1.63e7, 0),
    ],
)
def test_real_corpora(
    name: str, options: dict, n_documents: int, n_tokens: float, empty: int
) -> None:
    corpus = read(FOLDER / name, clean=None, **options)
    assert len(corpus) == n_documents
    assert corpus.dropped.empty_documents == empty
    assert corpus.dropped.tokens == pytest.approx(n_tokens, rel=0.05)
    assert corpus.counts.sum() == len(corpus.tokens) == corpus.dropped.tokens_kept
