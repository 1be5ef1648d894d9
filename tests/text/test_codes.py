"""Labels and ids that are codes keep their spelling, from files of every kind and from Python."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from polytopic.text import Corpus, read
from polytopic.text.codes import as_codes, as_ids, as_numbers, numbered, one_kind
from polytopic.text.roles import role_columns
from polytopic.text.values import as_column

TEXT = "cells divide and cells grow"

KEPT = [
    ["07", "7", "007"], ["1e2", "100"], ["1.0", "1"], ["1.50", "1.5"], ["+5", "5"], [" 5", "5"],
    ["1_000", "1000"], ["nan", "1.5"], ["inf", "1.5"], ["-0", "1"], ["NaN"], ["1e400", "2"],
    ["99999999999999999999", "1"], ["0.1234567890123456789", "0.5"], ["True", "1"], ["0x10", "16"],
    ["1", "2.5"],
]  # fmt: skip


@pytest.mark.parametrize("texts", KEPT)
def test_a_column_with_another_spelling_stays_text(texts: list[str]) -> None:
    assert as_numbers(pl.Series(texts)).to_list() == texts


def test_numbers_that_keep_their_spelling_are_numbers() -> None:
    long = ["1234567890123456789", "1234567890123456788"]
    assert as_numbers(pl.Series(long)).to_list() == [int(text) for text in long]
    assert as_numbers(pl.Series(["-3", "0", "12"])).to_list() == [-3, 0, 12]
    assert as_numbers(pl.Series(["2.5", "-0.25", "3.0"])).to_list() == [2.5, -0.25, 3.0]


@pytest.mark.parametrize("keep_texts", [True, False])
@pytest.mark.parametrize("labels", [*KEPT, ["1234567890123456789", "1234567890123456788"]])
def test_csv_and_json_lines_keep_every_label_and_id(
    tmp_path: Path, labels: list[str], keep_texts: bool
) -> None:
    rows = [{"text": TEXT, "label": label} for label in labels]
    pl.DataFrame(rows).write_csv(tmp_path / "a.csv")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("a.csv", "a.jsonl"):
        corpus = read(tmp_path / name, label="label", id="label", keep_texts=keep_texts, min_df=1)
        assert [str(label) for label in corpus.labels] == labels
        assert corpus.ids.tolist() == labels


def test_json_numbers_keep_the_spelling_of_the_file(tmp_path: Path) -> None:
    written = ["9007199254740993", "9007199254740992", "1", "1.0", '"1"', "1.00", "1e0", "true",
               '"True"', "null", "NaN", "123456789012345678901234567890"]  # fmt: skip
    lines = "".join(f'{{"text": "{TEXT}", "label": {value}}}\n' for value in written)
    (tmp_path / "a.jsonl").write_text(lines)
    corpus = read(tmp_path / "a.jsonl", label="label", id="label", min_df=1)
    expected = ["9007199254740993", "9007199254740992", "1", "1.0", "1", "1.00", "1e0", "true",
                "True", None, None, "123456789012345678901234567890"]  # fmt: skip
    assert corpus.labels.tolist() == expected
    assert corpus.ids.tolist() == expected


def test_blank_labels_are_missing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'text,label\n{TEXT},a\n{TEXT},\n{TEXT},""\n{TEXT},  \n')
    assert read(tmp_path / "a.csv", label="label", min_df=1).labels.tolist() == [
        "a",
        None,
        None,
        None,
    ]


def test_parquet_columns_keep_their_values(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "text": [TEXT] * 3,
            "decimal": pl.Series([Decimal("1.50"), Decimal("2.00"), Decimal("2.25")]),
            "category": pl.Series(["07", "7", "07"], dtype=pl.Categorical),
            "long": [2**60 + 1, None, 2**60],
            "float": [1.0, None, 3.0],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")

    def column(name: str, role: str) -> list[Any]:
        corpus = read(tmp_path / "a.parquet", text="text", min_df=1, **{role: name})
        return getattr(corpus, f"{role}s").tolist()

    assert column("decimal", "label") == column("decimal", "id") == ["1.50", "2.00", "2.25"]
    assert column("category", "label") == ["07", "7", "07"]
    assert column("long", "label") == column("long", "id") == [2**60 + 1, None, 2**60]
    assert column("float", "id") == [1, None, 3]


def test_ids_are_never_floats() -> None:
    assert as_ids(pl.Series([1.0, 2.0])).to_list() == [1, 2]
    assert as_ids(pl.Series([1.5, None, 2.0])).to_list() == ["1.5", None, "2.0"]
    assert as_ids(pl.Series([2.0**60, 1.0])).to_list() == ["1.152921504606847e+18", "1.0"]
    assert as_codes(pl.Series([1.5, 2.0])).to_list() == [1.5, 2.0]


def test_text_beside_numbers_is_told() -> None:
    corpus = Corpus.from_texts([TEXT] * 5, labels=[1, "1", "07", True, None], min_df=1)
    assert corpus.labels.tolist() == ["1", "1", "07", "True", None]
    assert list(corpus.dropped.notes) == [
        'labels: text and numbers stand side by side: "1" and 1 are taken for the same.'
    ]
    assert one_kind([1, 2.5, None], "labels") == ([1, 2.5, None], ())
    long = Corpus.from_texts([TEXT] * 2, labels=[2**70, 5], ids=[2**60 + 1, None], min_df=1)
    assert [int(label) for label in long.labels] == [2**70, 5]
    assert long.ids.tolist() == [2**60 + 1, None]


def test_half_a_character_is_replaced_and_told(tmp_path: Path) -> None:
    given = ["a\ud83d", "b🙂", "c"]
    corpus = Corpus.from_tokens([["a"], ["b"], ["c"]], labels=given, ids=given, dates=given)
    assert corpus.labels.tolist() == ["a\ufffd", "b🙂", "c"]
    assert "labels: half a character in 1 document: replaced by \ufffd." in corpus.dropped.notes
    back = Corpus.load(corpus.save(tmp_path / "corpus"))
    assert back.ids.tolist() == ["a\ufffd", "b🙂", "c"]


def test_labels_are_compared_by_their_whole_spelling(tmp_path: Path) -> None:
    names, codes = numbered(["b", "a\0", "a", "b"])
    assert names == ["a", "a\0", "b"] and codes.tolist() == [2, 1, 0, 2]
    labels = ["7"] * 10 + ["07"] * 10 + ["7\0"] * 10
    corpus = Corpus.from_texts([TEXT] * 30, labels=labels, min_df=1, max_df=1.0)
    train, test = corpus.split(0.2, stratify=True)
    assert sorted(test.labels.tolist()) == ["07"] * 2 + ["7"] * 2 + ["7\0"] * 2
    assert len(train) == 24


@pytest.mark.parametrize("unit", ["Y", "3M", "M", "W", "D", "s", "us"])
def test_columns_are_saved_and_read_back_as_they_were(tmp_path: Path, unit: str) -> None:
    dates = np.array(["2019-03-01", "2020-01-01", "NaT"], "M8[us]").astype(f"M8[{unit}]")
    corpus = Corpus.from_texts(
        [TEXT] * 3, labels=["07", "7", None], ids=[2**60 + 1, 3, None], dates=dates, min_df=1
    )
    corpus.save(tmp_path / "corpus")
    back = Corpus.load(tmp_path / "corpus")
    assert back.labels.tolist() == ["07", "7", None]
    assert back.ids.tolist() == [2**60 + 1, 3, None]
    assert back.dates.dtype == dates.dtype
    np.testing.assert_array_equal(back.dates, dates)
    assert back.dropped == corpus.dropped
    assert back[:2].dates.dtype == dates.dtype


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_a_name_is_a_name_and_no_pattern(tmp_path: Path, suffix: str) -> None:
    for name, n in (("a[1]", 2), ("a*", 3), ("a?", 4), ("abc", 5)):
        frame = pl.DataFrame({"text": [TEXT] * n})
        writers = {".parquet": frame.write_parquet, ".csv": frame.write_csv}
        writers.get(suffix, frame.write_ndjson)(tmp_path / f"{name}{suffix}")
    for name, n in (("a[1]", 2), ("a*", 3), ("a?", 4)):
        assert len(read(tmp_path / f"{name}{suffix}", min_df=1, max_df=1.0)) == n


def test_columns_for_files_keep_every_value() -> None:
    def column(values: Any) -> list[Any]:
        return role_columns(ids=as_column(values, "ids", len(values)))["id"].to_list()

    for values in ([2**60 + 1, None], ["07", None], [1, 2], [1.5, 2.5], [None, None], [True, None]):
        assert column(values) == values
    assert column([2**70, 5]) == [str(2**70), "5"]
    assert column(["1", 1, None]) == ["1", "1", None]
    dates = role_columns(dates=np.array(["2019-08", "NaT"], "M8[3M]"))["date"]
    assert dates.to_list() == ["2019-Q3", None]
