"""The ways to make a corpus, of the same documents: each says in its own words which it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import polytopic as pt

THEMES = {
    "cars": ["engine", "motor", "wheel", "brake", "fuel", "road", "driver", "gear"],
    "cells": ["cell", "gene", "protein", "tissue", "enzyme", "organ", "blood", "tumour"],
    "money": ["bank", "loan", "market", "price", "stock", "bond", "trade", "profit"],
}
N = 36
EMPTY = (7, 20)
"""Documents without a word of the vocabulary."""

ALL_TERMS: dict[str, Any] = {"min_df": 2, "max_df": 1.0, "stop_words": None}


def theme(row: int) -> str:
    return list(THEMES)[row % 3]


def text(row: int) -> str:
    """Twelve words of the row's theme, and its number; the number alone where there is none."""
    if row in EMPTY:
        return f"{row:03}"
    rng = np.random.default_rng(row)
    return f"{row:03} " + " ".join(rng.choice(THEMES[theme(row)], 12))


TEXTS = [text(row) for row in range(N)]
TOKENS = [document.split()[1:] for document in TEXTS]
COLUMNS: dict[str, Any] = {
    "labels": [theme(row) for row in range(N)],
    "ids": [f"id{row:03}" for row in range(N)],
    "dates": [f"2019-01-{row % 28 + 1:02}" for row in range(N)],
}
TERMS = sorted({word for words in THEMES.values() for word in words})
COUNTS = sparse.csr_matrix(np.array([[words.count(term) for term in TERMS] for words in TOKENS]))
TABLE = pl.DataFrame({"body": TEXTS, **COLUMNS})
NAMES = {"text": "body", "label": "labels", "id": "ids", "date": "dates"}

Make = Callable[[dict[str, Any], Path], pt.Corpus]


def of_file(name: str, write: Callable[[pl.DataFrame, Path], object]) -> Make:
    def make(columns: dict[str, Any], folder: Path) -> pt.Corpus:
        file = folder / name
        write(TABLE, file)
        wanted = NAMES if columns else {"text": "body"}
        return pt.read(file, **wanted, **ALL_TERMS)

    return make


def of_lines(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    file = folder / "texts.txt"
    file.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return pt.read(file, **ALL_TERMS).with_columns(**columns)


def of_folder(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    for row, document in enumerate(TEXTS):
        place = folder / "texts" / f"{row:03}.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(document, encoding="utf-8")
    return pt.read(folder / "texts", **ALL_TERMS).with_columns(**columns)


def reversed_series(values: list[Any]) -> Any:
    return pytest.importorskip("pandas").Series(values, index=range(len(values) - 1, -1, -1))


def of_pandas(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    given = {name: reversed_series(values) for name, values in columns.items()}
    return pt.Corpus.from_texts(reversed_series(TEXTS), **given, **ALL_TERMS)


def of_arrow(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    arrow = pytest.importorskip("pyarrow")
    given = {name: arrow.array(values) for name, values in columns.items()}
    texts = arrow.chunked_array([TEXTS[:5], TEXTS[5:]])
    return pt.Corpus.from_texts(texts, **given, **ALL_TERMS)


def of_frame(make: Callable[[pl.DataFrame], Any]) -> Make:
    """A frame with the columns, under their names."""

    def read(columns: dict[str, Any], folder: Path) -> pt.Corpus:
        wanted = NAMES if columns else {"text": "body"}
        return pt.Corpus.from_frame(make(TABLE), **wanted, **ALL_TERMS)

    return read


def pandas_backwards(table: pl.DataFrame) -> Any:
    frame = pytest.importorskip("pandas").DataFrame(table.to_dict(as_series=False))
    return frame.set_index(frame.index[::-1])


def of_gensim(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    lines = [[(TERMS.index(word), 1) for word in words] for words in TOKENS]
    return pt.Corpus.from_gensim(lines, dict(enumerate(TERMS)), **columns)


def of_octis(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    rows = [f"{text}\ttrain\t{theme(row)}" for row, text in enumerate(TEXTS)]
    (folder / "corpus.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "vocabulary.txt").write_text("\n".join(TERMS) + "\n", encoding="utf-8")
    return pt.read(folder).with_columns(ids=columns["ids"], dates=columns["dates"])


def of_topmost(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    sparse.save_npz(folder / "train_bow.npz", COUNTS)
    (folder / "vocab.txt").write_text("\n".join(TERMS) + "\n", encoding="utf-8")
    (folder / "train_texts.txt").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return pt.read(folder).with_columns(**columns)


def of_bunch(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    names = list(THEMES)
    bunch = {"data": TEXTS, "target_names": names}
    bunch["target"] = [names.index(theme(row)) for row in range(N)]  # type: ignore[assignment]
    corpus = pt.Corpus.from_bunch(bunch, **ALL_TERMS)
    return corpus.with_columns(ids=columns["ids"], dates=columns["dates"])


def from_texts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_texts(TEXTS, **columns, **ALL_TERMS)


def streamed(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_texts(iter(TEXTS), keep_texts=False, **columns, **ALL_TERMS)


def from_counts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_counts(COUNTS, TERMS, texts=TEXTS, **columns)


def bare_counts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_counts(COUNTS.toarray(), np.array(TERMS), **columns)


def changed(make: Make, change: Callable[[pt.Corpus, Path], pt.Corpus]) -> Make:
    return lambda columns, folder: change(make(columns, folder), folder)


def loaded(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return pt.Corpus.load(corpus.save(folder / "corpus"))


def given_anew(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    columns = {name: getattr(corpus, name) for name in ("labels", "ids", "dates", "texts")}
    return corpus.with_columns(**columns)


def part(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return corpus.subset(np.arange(N) % 5 != 1)


def backwards(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return corpus[::-1]


def training_part(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    stratify = True if corpus.labels is not None else None
    return corpus.split(0.25, stratify=stratify)[0]


WAYS: dict[str, Make] = {
    "from_texts": from_texts,
    "from_texts streamed": streamed,
    "from_texts pandas": of_pandas,
    "from_texts arrow": of_arrow,
    "frame pandas": of_frame(pandas_backwards),
    "frame polars": of_frame(lambda table: table),
    "frame arrow": of_frame(lambda table: table.to_arrow()),
    "from_tokens": lambda columns, folder: pt.Corpus.from_tokens(TOKENS, **columns),
    "from_counts": from_counts,
    "from_counts bare": bare_counts,
    "read csv": of_file("a.csv", lambda table, path: table.write_csv(path)),
    "read tsv": of_file("a.tsv", lambda table, path: table.write_csv(path, separator="\t")),
    "read jsonl": of_file("a.jsonl", lambda table, path: table.write_ndjson(path)),
    "read parquet": of_file("a.parquet", lambda table, path: table.write_parquet(path)),
    "read txt": of_lines,
    "read folder": of_folder,
    "bunch": of_bunch,
    "gensim counts": of_gensim,
    "octis": of_octis,
    "topmost counts": of_topmost,
    "load": changed(from_texts, loaded),
    "load counts": changed(from_counts, loaded),
    "with_columns": changed(from_texts, given_anew),
    "subset": changed(from_texts, part),
    "subset of counts": changed(bare_counts, part),
    "backwards": changed(of_pandas, backwards),
    "split": changed(from_texts, training_part),
    "split of counts": changed(from_counts, training_part),
}

BARE = ("from_texts", "from_counts bare", "read csv", "load counts")
"""Ways that are also gone without labels, ids and dates."""
