"""Readers of tables and of packed files: csv, tsv, JSON, Parquet, workbooks, folders."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target

ROWS = [
    ("001", "The engine burns fuel, oil and gas.", "car", "2020-01-02"),
    ("002", 'A 5" screen; "quoted" and plain', "tech", "2021-12-31"),
    ("003", "Größe und Maß\nzweite Zeile", "de", "2019-05-05"),
    ("004", "", "none", ""),
]
NAMES = ("id", "text", "label", "date")
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def _read(path: Path) -> Any:
    """Every column, as a caller would use it; files may name columns of any kind."""
    from polytopic.text import read_documents

    documents = read_documents(path)
    assert len(documents) and documents.texts.null_count() == 0
    "".join(documents.texts.to_list()).encode()
    return documents


def _with_columns(path: Path) -> Any:
    import polytopic as pt

    corpus = pt.read(path, text="text", label="label", id="id", date="date", min_df=1)
    assert corpus.counts.shape == (len(corpus), len(corpus.vocabulary))
    return corpus


def _warm() -> None:
    import polars  # noqa: F401

    import polytopic.text.building
    import polytopic.text.reading  # noqa: F401


def _csv(separator: str, end: str = "\n", *, quoted: bool = False) -> bytes:
    import csv

    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(NAMES)
    writer.writerows(ROWS)
    return out.getvalue().encode()


def _tables(ending: str, usual: str) -> Callable[[Path], list[Content]]:
    def seeds(folder: Path) -> list[Content]:
        return [
            {f"a{ending}": _csv(usual)},
            {f"a{ending}": _csv(";", "\r\n", quoted=True)},
            {f"a{ending}": b"sep=|\n" + _csv("|")},
            {f"a{ending}": _csv("\t", "\r", quoted=True).decode().encode("utf-16")},
        ]

    return seeds


def _json_lines(folder: Path) -> list[Content]:
    lines = "\n".join(map(json.dumps, [*RECORDS, {"text": "cut \ud83d", "n": [1.5, None, True]}]))
    return [{"a.jsonl": lines.encode()}, {"a.jsonl": json.dumps(RECORDS).encode()}]


def _json(folder: Path) -> list[Content]:
    return [
        {"a.json": json.dumps(RECORDS, indent=1, ensure_ascii=False).encode()},
        {"a.json": json.dumps({"meta": {"n": 4}, "rows": RECORDS}).encode()},
        {"a.json": "\n".join(map(json.dumps, RECORDS)).encode()},
    ]


def _parquet(folder: Path) -> list[Content]:
    import polars as pl

    seeds = []
    for compression in ("uncompressed", "snappy", "zstd"):
        pl.DataFrame(RECORDS * 5).write_parquet(folder / "a.parquet", compression=compression)
        seeds.append({"a.parquet": (folder / "a.parquet").read_bytes()})
    return seeds


def _packed(ending: str) -> Callable[[Path], list[Content]]:
    def seeds(folder: Path) -> list[Content]:
        from polytopic.io.packed import packed_writer

        found = []
        for name, content in (("a.csv", _csv(",")), ("b.txt", b"one line\nand another\n" * 20)):
            path = folder / f"{name}{ending}"
            if ending == ".zip":
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr(name, content)
            else:
                with path.open("wb") as raw, packed_writer(raw, path) as stream:
                    stream.write(content)
            found.append({path.name: path.read_bytes()})
        return found

    return seeds


def _folder(folder: Path) -> list[Content]:
    return [{"x/a.txt": b"one\ntwo", "x/y/b.txt": "zwei ö".encode(), "c.md": b"no", "d.TXT": b"D"}]


def _workbook(folder: Path) -> list[Content]:
    """The smallest workbook that spreadsheets open: what is read of it is text."""
    cells = "".join(
        f'<row r="{r}">'
        + "".join(
            f'<c r="{c}{r}" t="inlineStr"><is><t>{t}</t></is></c>'
            for c, t in zip("AB", row, strict=True)
        )
        + "</row>"
        for r, row in enumerate([("id", "text"), ("1", "engine fuel"), ("2", "cell gene")], 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return [{"a.xlsx": whole.getvalue()}]


_QUOTES = (b'"', b'""', b";", b"\t", b"|", b"\r", b"\n\n", b"sep=", b"\xef\xbb\xbf", b"\xff\xfe")
_JSON_WORDS = (b"\\ud83d", b"[[", b"{}", b"null", b"NaN", b"1e999", b"},{", b"9" * 4301)

TARGETS = [
    Target("csv", _tables(".csv", ","), _read, _warm, words=_QUOTES),
    Target("csv-columns", _tables(".csv", ","), _with_columns, _warm, words=_QUOTES),
    Target("tsv", _tables(".tsv", "\t"), _read, _warm, words=_QUOTES),
    Target("jsonl", _json_lines, _read, _warm, words=_JSON_WORDS),
    Target("json", _json, _read, _warm, words=_JSON_WORDS),
    Target("parquet", _parquet, _read, _warm, divided=20),
    Target("xlsx", _workbook, _read, _warm, words=(b"XFD1048576", b"<r", b"</r>"), divided=20),
    Target("folder", _folder, _read, _warm),
    *(
        Target(f"packed{ending}", _packed(ending), _read, _warm)
        for ending in (".gz", ".bz2", ".xz", ".zst", ".zip")
    ),
]
