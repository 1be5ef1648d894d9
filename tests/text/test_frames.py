"""Data frames as documents, and columns that are kept by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from polytopic import explore
from polytopic.cli._columns import reading_options
from polytopic.errors import InputError
from polytopic.text import Corpus, read, read_documents

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")

COLUMNS: dict[str, list[Any]] = {
    "title": ["engine motor", None, "cell gene", "wheel road"] * 6,
    "body": ["fuel road motor", "gene cell tissue", "tissue cell", "engine wheel"] * 6,
    "stars": ["1", "02", None, "3"] * 6,
    "city": ["a", "b", "a", "c"] * 6,
    "n": list(range(24)),
}
OPTIONS: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "clean": None}
JOINED = ["engine motor\n\nfuel road motor", "gene cell tissue", "cell gene\n\ntissue cell"]

FRAMES: dict[str, Callable[[], Any]] = {
    "pandas backwards": lambda: pd.DataFrame(COLUMNS, index=range(24, 0, -1)),
    "pandas arrow": lambda: pl.DataFrame(COLUMNS).to_pandas(use_pyarrow_extension_array=True),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars lazy": lambda: pl.LazyFrame(COLUMNS),
    "arrow": lambda: pa.table(COLUMNS),
    "arrow batch": lambda: pa.RecordBatch.from_pydict(COLUMNS),
    "dict": lambda: COLUMNS,
    "dict of generators": lambda: {name: iter(values) for name, values in COLUMNS.items()},
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_every_kind(kind: str) -> None:
    corpus = Corpus.from_frame(
        FRAMES[kind](), text=["title", "body"], label=["stars", "city"], id="n", **OPTIONS
    )
    assert corpus.texts is not None and corpus.labels is not None and corpus.ids is not None
    assert list(corpus.texts[:3]) == JOINED
    assert corpus.labels.tolist() == COLUMNS["stars"]
    assert {n: v.tolist() for n, v in corpus.metadata.items()} == {
        name: COLUMNS[name] for name in ("stars", "city")
    }
    assert corpus.ids.tolist() == COLUMNS["n"]
    plain = Corpus.from_texts(JOINED, vocabulary=corpus.vocabulary)
    assert (corpus.counts[:3] != plain.counts).nnz == 0


@pytest.mark.parametrize("kind", FRAMES)
def test_the_text_of_a_frame_is_found_where_it_can_be(kind: str) -> None:
    corpus = Corpus.from_frame(FRAMES[kind](), **OPTIONS)
    assert corpus.texts is not None and list(corpus.texts) == COLUMNS["body"]
    assert corpus.labels is None and corpus.metadata == {}


def test_a_frame_goes_through_explore() -> None:
    frame = pd.DataFrame(COLUMNS)
    result = explore(
        frame, text="body", label=["city", "stars"], model="lda", n_topics=2, iterations=5,
        min_df=1, max_df=1.0, clean=None,
    )  # fmt: skip
    assert result.labels is not None and result.labels.tolist() == COLUMNS["city"]
    assert result.metadata["stars"].tolist() == COLUMNS["stars"]
    assert result.metrics["purity"] is not None


def test_columns_of_pandas_may_have_numbers_for_names() -> None:
    frame = pd.DataFrame({0: COLUMNS["body"], 1: COLUMNS["city"]})
    corpus = Corpus.from_frame(frame, text=0, label=1, **OPTIONS)  # type: ignore[arg-type]
    assert corpus.metadata["1"].tolist() == COLUMNS["city"]


@pytest.mark.parametrize(
    ("frame", "given", "message"),
    [
        (COLUMNS, {"text": "boby"}, 'frame: no column "boby".*mean "body".*with text='),
        (COLUMNS, {"text": "body", "label": ["city", "town"]}, 'no column "town".*with label='),
        (COLUMNS, {"text": "n"}, 'frame: column "n", row 0, is 0, of type int, not text'),
        ({"a": ["x"], "b": ["y"]}, {}, "none is named text.*Name one with text="),
        (["no frame"], {}, "frame: is of type list, which has no named columns"),
        (
            {"a": ["x"] * 3, "b": ["y"]},
            {"text": ["a", "b"]},
            'columns of text differ in length: "a" has 3, "b" has 1',
        ),
        (
            {"a": ["red sea"] * 3, "b": ["y"]},
            {"text": "a", "label": "b"},
            'metadata "b": 1 entries for 3 documents',
        ),
        (
            pd.DataFrame([["red sea", "x"]], columns=["a", "a"]),
            {"text": "a"},
            'frame: has two columns named "a"',
        ),
    ],
)
def test_frames_that_cannot_be_read(frame: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        Corpus.from_frame(frame, **given, **OPTIONS)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".tsv"])
@pytest.mark.parametrize("keep", [True, False])
def test_several_labels_of_a_file(tmp_path: Path, suffix: str, keep: bool) -> None:
    path = tmp_path / f"a{suffix}"
    table = pl.DataFrame(COLUMNS)
    write: dict[str, Callable[[], object]] = {
        ".csv": lambda: table.write_csv(path),
        ".tsv": lambda: table.write_csv(path, separator="\t"),
        ".jsonl": lambda: table.write_ndjson(path),
        ".parquet": lambda: table.write_parquet(path),
    }
    write[suffix]()
    corpus = read(path, text="body", label=["city", "n", "stars"], keep_texts=keep, **OPTIONS)
    assert corpus.labels is not None and corpus.labels.tolist() == COLUMNS["city"]
    assert list(corpus.metadata) == ["city", "n", "stars"]
    assert corpus.metadata["n"].tolist() == COLUMNS["n"]
    assert corpus.metadata["stars"].tolist() == COLUMNS["stars"]
    one = read_documents(path, text="body", label="n")
    assert list(one.metadata) == ["n"]


def test_columns_by_name_stay_with_their_documents(tmp_path: Path) -> None:
    days = np.array(["2019-03-01", "2019-03-02", "2019-03-03"], "M8[D]")
    corpus = Corpus.from_tokens([["a"], ["b"], ["c"]]).with_columns(
        metadata={"kind": ["x", None, "z"], "day": days}
    )
    assert corpus.labels is None
    again = Corpus.load(corpus.save(tmp_path / "corpus"))
    for held in (again, corpus.with_columns(ids=[1, 2, 3])):
        assert held.metadata["kind"].tolist() == ["x", None, "z"]
        assert (held.metadata["day"] == days).all() and held.metadata["day"].dtype == days.dtype
    for part in (again[[2, 0]], again[::-2]):
        assert part.metadata["kind"].tolist() == ["z", "x"]
        assert part.metadata["day"].tolist() == days[[2, 0]].tolist()
    kept = corpus.with_columns(labels=[1, 2, 3])
    assert kept.labels is not None and kept.labels.tolist() == [1, 2, 3]
    assert list(kept.metadata) == ["kind", "day"]


def test_rows_as_numpy_and_scikit_learn_write_them() -> None:
    corpus = Corpus.from_tokens([["a"], ["b"], ["b"]])
    assert corpus.shape == (3, 2)
    assert corpus[[2, 0], ...].counts.toarray().tolist() == [[1, 0], [0, 1]]


def test_several_labels_of_the_command_line() -> None:
    assert reading_options(None, "utf-8", label=["a", "b"])["label"] == ["a", "b"]
    assert reading_options(None, "utf-8", label=["a"])["label"] == "a"
