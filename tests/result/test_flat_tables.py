"""The flat tables of a result, from Python and as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from result_examples import EMPTY, small

from polytopic.errors import InputError, MissingExtraError, ReadingWarning
from polytopic.result import TopicResult
from polytopic.result.tables import TABLES

SHARES = [f"topic_{k}" for k in range(4)]


def tables_of(result: TopicResult) -> dict[str, pl.DataFrame]:
    return {name: getattr(result, name)() for name in TABLES}


def test_every_table_of_every_model_is_flat_and_true(result: TopicResult) -> None:
    made = tables_of(result)
    for name, table in made.items():
        assert not any(kind.is_nested() for kind in table.dtypes), name
    topics, documents = made["topics"], made["documents"]
    assert topics["topic"].to_list() == [0, 1, 2, 3]
    np.testing.assert_allclose(topics["share"].sum(), 1.0)
    assert topics["documents"].sum() == result.has_topic.sum()
    assert topics["words"][0].split()[:3] == result.top_words(3)[0]
    np.testing.assert_array_equal(documents.select(SHARES).to_numpy(), result.doc_topic)
    assert documents["text"].to_list() == list(result.texts)
    assert documents["id"][7] == "d7" and documents["label"][3] is None
    assert (documents["topic"][EMPTY] is None) == (not result.has_topic[EMPTY])
    for name, key in (("over_time", "period"), ("by_label", "label")):
        sums = made[name].select(SHARES).sum_horizontal()
        np.testing.assert_allclose(sums.drop_nulls(), 1.0, atol=1e-6)
        assert made[name][key].is_unique().all()
    assert made["by_label"]["label"].to_list() == ["b", "c", "a"]  # one "a" has no label
    probabilities = made["terms"].select(SHARES).to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=0), 1.0, atol=1e-5)
    alike = made["similarity"].select(SHARES).to_numpy()
    np.testing.assert_allclose(alike, alike.T)
    assert (np.diag(alike) == 1).all() and alike.min() >= 0


def test_shares_are_of_tokens() -> None:
    made = small(labels=["x", "x", "y", "y"])
    table = made.by_label()
    assert table.rows() == [("x", 2, (2 * 0.75 + 4 * 0.5) / 6, (2 * 0.25 + 4 * 0.5) / 6),
                            ("y", 2, 0.25, 0.75)]  # fmt: skip
    fewer = made.by_label(min_documents=3)
    assert fewer.select("label", "documents").rows() == [("x", 2), ("y", 2)]
    assert fewer.select("topic_0", "topic_1").null_count().row(0) == (2, 2)


@pytest.mark.parametrize(
    ("freq", "names", "first"),
    [
        ("day", ["2019-12-31", "2020-01-01"], "2019-12-31"),
        ("week", ["2020-W01", "2020-W02"], "2019-12-30"),
        ("m", ["2019-12", "2020-01"], "2019-12-01"),
        ("quarter", ["2019 Q4", "2020 Q1"], "2019-10-01"),
        ("Year", ["2019", "2020"], "2019-01-01"),
        ("decade", ["2010–2019", "2020–2029"], "2010-01-01"),
    ],
)
def test_periods_are_those_of_the_calendar(freq: str, names: list[str], first: str) -> None:
    days = ["2019-12-31", "2020-01-01", "2020-01-01", "2020-01-06"]  # a Tuesday, the next Monday
    if freq == "day":
        days[3] = "2020-01-01"
    table = small(dates=np.array(days, dtype="M8[D]")).over_time(freq=freq)
    assert table["period"].to_list() == names
    assert str(table["start"][0]) == first
    assert table["documents"].sum() == 4


def test_several_columns_of_labels_are_there_by_name() -> None:
    cities = np.array(["x", "y", None, "x"], dtype=object)
    made = small(labels=list("aabb"), metadata={"stars": list("aabb"), "city": cities})
    assert made.by_label("city").select("label", "documents").rows() == [("x", 2), ("y", 1)]
    assert made.by_label().equals(made.by_label("stars"))
    assert made.documents()["label_city"].to_list() == cities.tolist()
    with pytest.raises(InputError, match='^column: there is no "town". Columns of labels: "stars"'):
        made.by_label("town")


def test_periods_without_documents_are_there_and_empty() -> None:
    dates = np.array(["2019-01", "2019-03", "2019-03", "2019-03"], dtype="M8[M]")
    table = small(dates=dates).over_time(freq="month", min_documents=0)
    assert table["documents"].to_list() == [1, 0, 3]
    assert table["topic_0"].is_null().to_list() == [False, True, False]


def test_dates_that_are_numbers_have_steps() -> None:
    table = small(dates=[1, 3, 12, 13]).over_time(freq=10)
    assert table["period"].to_list() == ["1 to 10", "11 to 20"] and "start" not in table.columns
    with pytest.raises(InputError, match="^freq: is 'month', and these dates are numbers"):
        small(dates=[1, 3, 12, 13]).over_time(freq="month")


def test_what_is_in_no_period_is_told() -> None:
    dates = np.array(["2019-01-01", "NaT", "2020-01-01", "2021-01-01"], dtype="M8[D]")
    with pytest.warns(ReadingWarning, match="1 documents without a readable date are left out"):
        small(dates=dates).over_time(freq="year")


@pytest.mark.parametrize(
    ("changes", "call", "match"),
    [
        ({}, lambda r: r.over_time(), "^dates: the result has none"),
        ({"dates": ["x"] * 4}, lambda r: r.over_time(), "^dates: no entry could be read"),
        ({}, lambda r: r.by_label(), "^labels: the result has none"),
        ({"labels": [None] * 4}, lambda r: r.by_label(), "^labels: the result has none"),
        ({"labels": list("abcd")}, lambda r: r.by_label(min_documents=-1), "^min_documents: is -1"),
        ({"dates": ["2019", "2020"] * 2}, lambda r: r.over_time(freq="day"), "name a year only"),
        ({"dates": ["2019", "2020"] * 2}, lambda r: r.over_time(freq="fortnight"), "^freq: there"),
        ({"dates": ["0001-01-01", "2020-01-01"] * 2}, lambda r: r.over_time(freq="day"), "gives"),
        ({}, lambda r: r.terms(0), "^n: is 0"),
        ({}, lambda r: r.topics(backend="arrow"), "^backend: there is no"),
        ({}, lambda r: r.write_tables("x", format="ods"), "^format: "),
        ({}, lambda r: r.write_tables("x.xlsx", format="csv"), "^format: "),
        ({}, lambda r: r.write_tables("x", only=["words"]), "^tables: there is no"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(
    changes: dict[str, Any], call: Any, match: str
) -> None:
    with pytest.raises(InputError, match=match) as caught:
        call(small(**changes))
    assert "\n" not in str(caught.value)


def test_a_result_of_no_documents_has_no_tables_of_them() -> None:
    made = small()
    empty = TopicResult(
        topic_word=made.topic_word, doc_topic=made.doc_topic[:0], vocabulary=made.vocabulary,
        counts=made.counts[:0],
    )  # fmt: skip
    for call in (empty.topics, empty.documents, empty.terms):
        with pytest.raises(InputError, match="^doc_topic: the result has no documents"):
            call()


def test_pandas_comes_when_asked_for(
    kept_lda: TopicResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    pandas = pytest.importorskip("pandas")
    table = kept_lda.documents(backend="pandas")
    assert isinstance(table, pandas.DataFrame) and len(table) == kept_lda.n_documents
    np.testing.assert_array_equal(table[SHARES].to_numpy(), kept_lda.doc_topic)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        kept_lda.documents(backend="pandas")


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_folder_of_tables_is_what_the_tables_are(
    kept_lda: TopicResult, tmp_path: Path, format: str
) -> None:
    folder = tmp_path / "tables"
    kept_lda.write_tables(folder, format="parquet" if format == "csv" else "csv")
    written = kept_lda.write_tables(folder, format=format)
    assert sorted(folder.iterdir()) == sorted(written)  # those of the other format are gone
    assert [path.stem for path in written] == list(TABLES)
    read = pl.read_csv if format == "csv" else pl.read_parquet
    for path in written:
        table = getattr(kept_lda, path.stem)()
        assert read(path).columns == table.columns and read(path).height == table.height
    assert read(folder / f"documents.{format}")["text"].to_list() == list(kept_lda.texts)


def test_formulas_are_no_formulas_and_excel_holds_what_it_can(tmp_path: Path) -> None:
    pytest.importorskip("fastexcel")
    pytest.importorskip("xlsxwriter")
    long, spoilt = "x" * 40_000, "a\x01b\ud7ff\ufffe"
    made = small(
        texts=["=1+1", long, "http://a.b", spoilt], ids=[2**60 + 1, 2, 3, 4], labels=list("@bcd"),
        dates=np.array(["1850-02-03", "2020-01-01", "2021-01-01", "NaT"], dtype="M8[D]"),
        names=["+name", ""],
    )  # fmt: skip
    with pytest.warns(ReadingWarning) as told:
        made.write_tables(tmp_path / "book.xlsx")
    assert any("1 texts are cut to 32,767 characters" in str(w.message) for w in told)
    sheets = pl.read_excel(tmp_path / "book.xlsx", sheet_id=0)
    assert list(sheets) == list(TABLES)
    documents = sheets["documents"]
    assert documents["text"][0] == "'=1+1" and documents["text"][1] == long[:32_767]
    assert documents["id"][0] == str(2**60 + 1) and documents["label"][0] == "'@"
    assert documents["date"][0] == "1850-02-03"
    assert sheets["topics"]["name"][0] == "'+name"
    with pytest.warns(ReadingWarning):
        made.write_tables(tmp_path / "csv")
    assert "'=1+1" in (tmp_path / "csv" / "documents.csv").read_text()


def test_only_those_asked_for_are_written_and_others_stay(tmp_path: Path) -> None:
    made = small(texts=["secret"] * 4)
    written = made.write_tables(tmp_path / "some", only=["documents"], texts=False)
    assert [path.name for path in written] == ["documents.csv"]
    assert "secret" not in written[0].read_text()
    names = {path.stem for path in made.write_tables(tmp_path / "all")}
    assert names == {"topics", "documents", "terms", "similarity"}
    (tmp_path / "all" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds other files"):
        made.write_tables(tmp_path / "all")
    with pytest.raises(InputError, match="is a file"):
        made.write_tables(tmp_path / "all" / "mine.txt")
