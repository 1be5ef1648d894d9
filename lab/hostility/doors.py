"""The doors that text leaves by, each with what must hold behind it; no browser needed."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from polytopic.cli import main
from polytopic.cli._shared import Voice, as_cell
from polytopic.io.leaving import cells, printable_json
from polytopic.result import TopicResult
from polytopic.text import Corpus, Vocabulary, read
from polytopic.text.dates import read_dates
from polytopic.text.halves import mended
from polytopic.text.roles import role_columns

__all__ = ["DOORS", "make_result", "run_named"]

Found = Iterator[tuple[bool, str, str]]
"""Whether it is right, the kind of failure, a detail."""

_STEERING = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", *map(chr, range(0x2066, 0x206A))}
_ENCODINGS = ("utf-8", "ascii", "cp1252")


def make_result(text: str) -> TopicResult:
    """A result in which every text, name, label, id, date and note is the hostile one."""
    n_terms, n_docs = 6, 12
    word = mended(text)[0]  # terms of half a letter are refused
    terms = [word, f"{word} {word}", f"{word}_{word}_x", "gene", "star", "goal"]
    counts = np.zeros((n_docs, n_terms), dtype=np.int32)
    counts[np.arange(n_docs), np.arange(n_docs) % n_terms] = 3
    counts[:, 0] += 1
    topic_word = np.full((3, n_terms), 0.1, dtype=np.float32)
    for topic in range(3):
        topic_word[topic, [topic, topic + 3]] += 0.2
    doc_topic = np.full((n_docs, 3), 0.1, dtype=np.float32)
    doc_topic[np.arange(n_docs), np.arange(n_docs) % 3] = 0.8
    names = np.empty(n_docs, dtype=object)
    names[:] = [text if row % 2 else f"{text} other" for row in range(n_docs)]
    return TopicResult(
        topic_word=topic_word / topic_word.sum(axis=1, keepdims=True),
        doc_topic=doc_topic,
        vocabulary=Vocabulary(terms),
        counts=sparse.csr_matrix(counts),
        texts=[f"gene {text} star" for _ in range(n_docs)],
        labels=names,
        ids=names,
        dates=np.array([f"20{10 + row}-03-01" for row in range(n_docs)]),
        history=[{"epoch": e + 1.0, "loss": 9.0 - e} for e in range(3)],
        parameters={"n_topics": 3, "stop_words": text},
        metrics={"diversity": 1.0},
        model=text[:1000],
        notes={"corpus": text, "dropped": f"{text}\n{text}", "source": text},
    )


class _Elements(HTMLParser):
    """Names and attributes of a page's elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def report(text: str, folder: Path) -> Found:
    """The page is written, holds three scripts and no handler, address, form or frame of others."""
    page = folder / "report.html"
    make_result(text).report(page, title=text)
    content = page.read_text(encoding="utf-8")
    reader = _Elements()
    reader.feed(content)
    tags = [tag for tag, _ in reader.found]
    yield tags.count("script") == 2, "another script in the page", str(tags.count("script"))
    foreign = {"img", "iframe", "object", "embed", "base", "form", "dialog"} & set(tags)
    yield not foreign, "foreign elements in the page", ", ".join(foreign)
    attributes = [(n, v or "") for _, given in reader.found for n, v in given.items()]
    handlers = [name for name, _ in attributes if name.startswith("on")]
    yield not handlers, "handlers in the page", ", ".join(handlers)
    links = [v for n, v in attributes if n in ("href", "src") and v[:1] != "#" and v != "data:,"]
    yield not links, "addresses in the page", ", ".join(links)[:80]
    policy = [
        given.get("content") or ""
        for tag, given in reader.found
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
    ]
    yield policy[0].startswith("default-src 'none'; script-src 'sha256-"), "no policy", ""
    data = re.search(r'id="data">(.*?)</script>', content, re.DOTALL)
    yield bool(data and json.loads(data[1])["topics"]), "the data of the page is broken", ""
    yield len(content) < 6_000_000, "the page grows with a word", f"{len(content) >> 10} kB"
    yield not _STEERING & set(content), "marks of direction in the page", ""


def terminal(text: str, folder: Path) -> Found:
    """Lines, tables and JSON steer nothing in any encoding, and are not endless."""
    from rich.table import Table

    for encoding in _ENCODINGS:
        with _streams(encoding) as (out, err):
            voice = Voice()
            table = Table(as_cell(text), "share", box=None)
            table.add_row(as_cell(text, text), as_cell(text))
            voice.out.print(table)
            voice.say(f"{text[:3000]}: read.")
            with voice.busy(f"reading {text[:3000]}"):
                pass
            voice.out.print(text[:1000], markup=False)
        yield _harmless(out()), f"steers a terminal of {encoding}", repr(out())[:80]
        yield _harmless(err()), f"steers a terminal of {encoding}", repr(err())[:80]
        yield len(out()) < 100_000, "endless in a terminal", str(len(out()))
    record = {text: [text, 1.5]}
    for encoding in _ENCODINGS:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        shown = printable_json(record, stream)
        yield _harmless(shown), "steers as JSON", repr(shown)[:80]
        yield json.loads(shown) == record, "is another as JSON", ""
        shown.encode(encoding)


def errors(text: str, folder: Path) -> Found:
    """A refusal that names the text is one harmless line."""
    for arguments in (
        ["topics", str(folder / "none.csv"), "--text", text[:2000], "-o", str(folder / "run")],
        ["similar", str(folder / "none.txt"), text[:2000]],
        ["infer", text[:200].replace("\0", ""), "x.csv", "-o", "y.csv"],
    ):
        with _streams("ascii") as (_, err):
            code = _call(arguments)
        yield code in (1, 2), "a refusal that is none", str(code)
        yield _harmless(err()), "an error steers a terminal", repr(err())[:100]
        yield "Traceback" not in err(), "a traceback", err()[-200:]
        if code == 1:
            yield err().count("\n") == 1, "an error of several lines", repr(err())[:100]


def tables(text: str, folder: Path) -> Found:
    """Cells of CSV are no formulas and come back; numbers stay; Parquet is exact."""
    text = text.encode("utf-8", "replace").decode()
    frame = pl.DataFrame({"id": [text, "b"], "n": [-1, 2], "label": ["x", text]})
    cells(frame).write_csv(folder / "a.csv")
    with (folder / "a.csv").open(newline="", encoding="utf-8") as file:
        limit = csv.field_size_limit(1 << 30)
        rows = list(csv.reader(file))
        csv.field_size_limit(limit)
    yield len(rows) == 3, "other rows in CSV", str(len(rows))
    cell = rows[1][0]
    number = re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", cell)
    yield bool(number) or cell.lstrip()[:1] not in tuple("=+-@＝＋－＠"), "a formula", cell[:40]
    back = cell.removeprefix("'") if cell != text.replace("\0", "\\x00") else cell
    yield back == text.replace("\0", "\\x00"), "another text in CSV", cell[:40]
    yield [row[1] for row in rows[1:]] == ["-1", "2"], "other numbers in CSV", ""
    array = np.empty(2, dtype=object)
    array[:] = [text, "07"]
    kept = pl.DataFrame(role_columns(ids=array, labels=array))
    kept.write_parquet(folder / "a.parquet")
    yield pl.read_parquet(folder / "a.parquet").equals(kept), "another text in Parquet", ""
    yield kept["id"].to_list() == [text, "07"], "another id in Parquet", ""


def readers(text: str, folder: Path) -> Found:
    """Labels and ids come from CSV, JSON lines and Parquet as they stand in them."""
    text = text.encode("utf-8", "replace").decode()
    rows = [{"text": f"gene cell {text}", "name": name} for name in (text, "07", "7")]
    frame = pl.DataFrame(rows)
    frame.write_csv(folder / "a.csv")
    frame.write_parquet(folder / "a.parquet")
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "a.jsonl").write_text(lines, encoding="utf-8")
    for ending in ("csv", "jsonl", "parquet"):
        if ending == "csv" and ("\0" in text or "\r" in text.replace("\r\n", "")):
            continue  # told apart by no reader of CSV
        options: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "stop_words": None}
        corpus = read(folder / f"a.{ending}", text="text", label="name", id="name", **options)
        wanted = [text.replace("\r\n", "\n") if ending == "csv" else text, "07", "7"]
        found = [str(id_).replace("\r\n", "\n") if ending == "csv" else id_ for id_ in corpus.ids]
        yield found == wanted, f"another id from {ending}", repr(found[0])[:60]
        labels = [None if not text.strip() else wanted[0], "07", "7"]
        kept = [None if label is None else str(label) for label in corpus.labels]
        if ending == "csv":
            kept = [None if label is None else label.replace("\r\n", "\n") for label in kept]
        yield kept == labels, f"another label from {ending}", repr(kept[0])[:60]


def corpora(text: str, folder: Path) -> Found:
    """Terms, texts, labels, ids and dates are the same after saving; what is no date is told."""
    clean = text.encode("utf-8", "replace").decode()
    tokens = [["gene", "cell"], ["star", "gene"], ["goal"]]
    columns: dict[str, Any] = {"labels": [clean, "07", "7"], "ids": [clean, "7", "07"]}
    corpus = Corpus.from_tokens(tokens, **columns, dates=[clean, "2019-03-01", "2020-03-01"])
    back = Corpus.load(corpus.save(folder / "corpus"))
    for name, wanted in columns.items():
        yield getattr(back, name).tolist() == wanted, f"other {name} after saving", ""
    yield back.dates.dtype == corpus.dates.dtype, "other dates after saving", ""
    yield back.dropped == corpus.dropped, "another account after saving", ""
    dates, notes = read_dates([text] * 4 + ["2019"])
    yield len(dates) == 5 and all(len(note) < 500 for note in notes), "endless notes", ""
    counted = Corpus.from_counts([[1, 2], [0, 1]], [clean, "b"])
    again = Corpus.load(counted.save(folder / "counted"))
    yield again.vocabulary.terms == [clean, "b"], "other terms after saving", ""


DOORS = {
    "report": report,
    "terminal": terminal,
    "errors": errors,
    "tables": tables,
    "readers": readers,
    "corpora": corpora,
}
"""A door is a function of the text and an empty folder."""


def run_named(name: str, folder: Path) -> Found:
    """A whole run of a file of that name, and of a folder of that name."""
    name = name.replace("/", "\N{FRACTION SLASH}")
    path = folder / f"{name}.csv"
    themes = ("engine motor wheel", "gene cell tissue", "bank loan market")
    rows = "".join(f'"{themes[row % 3]}",{row}\n' for row in range(60))
    path.write_text(f"text,id\n{rows}", encoding="utf-8")
    output = folder / f"{name} run"
    options = ["--model", "lda", "-k", "3", "--epochs", "5", "--text", "text", "--id", "id"]
    with _streams("ascii") as (out, err):
        code = _call(["topics", *options, "-o", str(output), "--", str(path)])
    yield code == 0, "a run that fails", err()[-200:]
    yield _harmless(out()) and _harmless(err()), "a file's name steers a terminal", repr(err())[:90]
    with _streams("ascii") as (out, err):
        code = _call(["infer", "-o", str(folder / "new.csv"), "--", str(output), str(path)])
    yield code == 0, "an inference that fails", err()[-200:]
    yield _harmless(out()) and _harmless(err()), "a file's name steers a terminal", repr(err())[:90]


def _call(arguments: list[str]) -> int | str | None:
    try:
        main(arguments)
    except SystemExit as stopped:
        return stopped.code
    return 0


@contextlib.contextmanager
def _streams(encoding: str) -> Iterator[tuple[Any, Any]]:
    """stdout and stderr of an encoding; what they hold is asked for by a call."""
    made = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]

    def content(stream: io.TextIOWrapper) -> str:
        stream.flush()
        return stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined,no-any-return]

    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = made
    from polytopic.cli._terminal import prepare_streams

    prepare_streams()
    try:
        yield (lambda: content(made[0])), (lambda: content(made[1]))
    finally:
        sys.stdout, sys.stderr = kept


def _harmless(shown: str) -> bool:
    controls = {c for c in set(shown) if unicodedata.category(c) in ("Cc", "Cs")}
    return not (controls - {"\n", "\t"} or _STEERING & set(shown))
