"""Columns of every kind: entries by position, or one line that says what is wrong."""

from __future__ import annotations

import datetime
import decimal
import json
import subprocess
import sys
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from polytopic.errors import InputError
from polytopic.text import Corpus, Vocabulary
from polytopic.text.columns import as_list, as_texts, checked_texts, each_list, each_text
from polytopic.text.values import as_column, as_series, missing

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")

TEXTS = ["red apple pie", "blue sea sky", "green tree leaf", "red wine"]
N = len(TEXTS)


def series(dtype: Any = None) -> Any:
    """The texts in their order under an index that runs the other way."""
    return pd.Series(TEXTS, index=range(N - 1, -1, -1), dtype=dtype)


KINDS: dict[str, Callable[[], Any]] = {
    "list": lambda: TEXTS,
    "tuple": lambda: tuple(TEXTS),
    "generator": lambda: (text for text in TEXTS),
    "map": lambda: map(str, TEXTS),
    "deque": lambda: deque(TEXTS),
    "dict values": lambda: dict(enumerate(TEXTS)).values(),
    "array of str": lambda: np.array(TEXTS),
    "array of objects": lambda: np.array(TEXTS, dtype=object),
    "array of strings": lambda: np.array(TEXTS, dtype=np.dtypes.StringDType()),
    "array backwards": lambda: np.array(TEXTS[::-1])[::-1],
    "masked array": lambda: np.ma.array(TEXTS, mask=[False] * N),
    "pandas": lambda: pd.Series(TEXTS),
    "pandas reversed index": series,
    "pandas shuffled": lambda: series().sample(frac=1, random_state=0).sort_index(ascending=False),
    "pandas filtered": lambda: pd.Series(["x", *TEXTS])[lambda s: s != "x"],
    "pandas repeated index": lambda: pd.Series(TEXTS, index=[7] * N),
    "pandas string index": lambda: pd.Series(TEXTS, index=["columns", "counts", "texts", "dtype"]),
    "pandas objects": lambda: series(object),
    "pandas string": lambda: series("string"),
    "pandas pyarrow": lambda: series("string[pyarrow]"),
    "pandas arrow dtype": lambda: series(pd.ArrowDtype(pa.string())),
    "pandas category": lambda: series("category"),
    "pandas Index": lambda: pd.Index(TEXTS),
    "pandas array": lambda: pd.array(TEXTS, dtype="string"),
    "pandas Categorical": lambda: pd.Categorical(TEXTS),
    "polars": lambda: pl.Series(TEXTS),
    "polars sliced": lambda: pl.Series(["x", *TEXTS, "y"]).slice(1, N),
    "polars category": lambda: pl.Series(TEXTS, dtype=pl.Categorical),
    "polars enum": lambda: pl.Series(TEXTS, dtype=pl.Enum(TEXTS)),
    "polars objects": lambda: pl.Series(TEXTS, dtype=pl.Object),
    "arrow": lambda: pa.array(TEXTS),
    "arrow large": lambda: pa.array(TEXTS, pa.large_string()),
    "arrow view": lambda: pa.array(TEXTS, pa.string_view()),
    "arrow chunks": lambda: pa.chunked_array([TEXTS[:1], [], TEXTS[1:]]),
    "arrow dictionary": lambda: pa.array(TEXTS).dictionary_encode(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_texts_of_every_kind_come_by_position(kind: str) -> None:
    make = KINDS[kind]
    assert list(each_text(as_texts(make()))) == TEXTS
    assert as_list(make(), "terms") == TEXTS
    kept = checked_texts(make(), N)
    assert kept is not None and [kept[row] for row in range(N)] == TEXTS


@pytest.mark.parametrize("kind", KINDS)
def test_a_corpus_of_every_kind_keeps_documents_together(kind: str) -> None:
    make = KINDS[kind]
    plain = Corpus.from_texts(TEXTS, labels=TEXTS, ids=range(N))
    corpus = Corpus.from_texts(make(), labels=make(), ids=make(), dates=make(), stop_words="en")
    assert (corpus.counts != plain.counts).nnz == 0
    for part in (corpus, *corpus.split(0.5, stratify=make()), corpus[[2, 0]], corpus[-1]):
        assert part.texts is not None and part.labels is not None and part.ids is not None
        assert list(part.texts) == part.labels.tolist() == part.ids.tolist()
        for text, words in zip(part.texts, part.token_lists(), strict=True):
            assert text.split() == words
    assert corpus.with_columns(labels=make()).labels.tolist() == TEXTS  # type: ignore[union-attr]
    streamed = Corpus.from_texts(make(), labels=make(), keep_texts=False)
    assert streamed.texts is None and streamed.labels.tolist() == TEXTS  # type: ignore[union-attr]
    counted = Corpus.from_counts(plain.counts, plain.vocabulary, texts=make(), labels=make())
    assert counted.texts is not None and list(counted.texts) == TEXTS


def test_a_list_is_kept_and_not_copied() -> None:
    assert Corpus.from_texts(TEXTS).texts is TEXTS
    column = pl.Series(TEXTS)
    assert Corpus.from_texts(column).texts is column


LISTS = [text.split() for text in TEXTS]
LIST_KINDS: dict[str, Callable[[], Any]] = {
    "lists": lambda: LISTS,
    "tuples": lambda: tuple(map(tuple, LISTS)),
    "generator": lambda: (iter(words) for words in LISTS),
    "array of objects": lambda: pd.Series(LISTS).to_numpy(),
    "array of two dimensions": lambda: np.array([["a", "b"], ["c", "a"]]),
    "pandas": lambda: pd.Series(LISTS, index=range(N - 1, -1, -1)),
    "pandas arrow dtype": lambda: pd.Series(LISTS, dtype=pd.ArrowDtype(pa.list_(pa.string()))),
    "polars": lambda: pl.Series(LISTS),
    "arrow": lambda: pa.array(LISTS),
    "arrow chunks": lambda: pa.chunked_array([LISTS[:1], LISTS[1:]]),
}


@pytest.mark.parametrize("kind", LIST_KINDS)
def test_token_lists_of_every_kind_come_by_position(kind: str) -> None:
    wanted = LISTS if "dimensions" not in kind else [["a", "b"], ["c", "a"]]
    found = [[str(word) for word in words] for words in each_list(LIST_KINDS[kind](), "source")]
    assert found == wanted
    assert list(Corpus.from_tokens(LIST_KINDS[kind]()).token_lists()) == wanted


DAY = datetime.date(2019, 3, 1)
BIG = 9007199254740993
"""Two to the 53, and one: no float is as large."""

COLUMNS: dict[str, tuple[Any, list[Any]]] = {
    "ints": ([3, 1], [3, 1]),
    "range": (range(2), [0, 1]),
    "arrow ints": (pa.array([3, 1]), [3, 1]),
    "pandas ints": (pd.Series([3, 1], index=[1, 0]), [3, 1]),
    "nullable ints": (pd.Series([BIG, None], dtype="Int64"), [BIG, None]),
    "polars ints with a gap": (pl.Series([BIG, None]), [BIG, None]),
    "arrow ints with a gap": (pa.array([BIG, None]), [BIG, None]),
    "long ints beside a fraction": ([BIG, 0.5], [BIG, 0.5]),
    "ints of 64 bits and signs": ([2**63, -1], [2**63, -1]),
    "bools": (pl.Series([True, None]), [True, None]),
    "floats": (pa.array([1.5, 2.0]), [1.5, 2.0]),
    "decimals": (pa.array([decimal.Decimal("1.5"), decimal.Decimal("2.0")]), [1.5, 2.0]),
    "strings with NA": (pd.Series(["a", pd.NA], dtype="string"), ["a", None]),
    "strings with NaN": (pd.Series(["a", np.nan], dtype=object), ["a", None]),
    "NaT among objects": ([DAY, pd.NaT], [DAY, None]),
    "masked": (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    "categories": (pd.Series(["b", "a"], dtype="category"), ["b", "a"]),
    "categories of ints": (pd.Series([2, 1], dtype="category"), [2, 1]),
    "days": (pl.Series([DAY, None]), [DAY, None]),
    "arrow days": (pa.array([DAY, None]), [DAY, None]),
    "periods": (pd.Series(pd.period_range("2019-03", periods=2, freq="M")), ["2019-03", "2019-04"]),
    "intervals": (pd.cut(pd.Series([1, 5]), [0, 3, 6]), ["(0, 3]", "(3, 6]"]),
    "uuids": ([uuid.UUID(int=1), uuid.UUID(int=2)], [str(uuid.UUID(int=n)) for n in (1, 2)]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_labels_of_every_kind(kind: str) -> None:
    given, wanted = COLUMNS[kind]
    array = as_column(given, "labels", 2)
    assert array is not None and array.shape == (2,)
    assert array.tolist() == wanted
    assert missing(array).tolist() == [value is None for value in wanted]


def test_times_of_a_zone_keep_their_clock() -> None:
    clock = datetime.datetime(2019, 3, 1, 0, 30)
    local = pd.Series([clock]).dt.tz_localize("Europe/Berlin")
    for given in (local, pd.DatetimeIndex(local), pl.Series(local.tolist()), pa.array(local)):
        array = as_column(given, "dates")
        assert array is not None and str(array.astype("datetime64[m]")[0]) == "2019-03-01T00:30"


@pytest.mark.parametrize("kind", [k for k, (_, wanted) in COLUMNS.items() if BIG not in wanted])
def test_labels_survive_saving(kind: str, tmp_path: Path) -> None:
    given, wanted = COLUMNS[kind]
    if 2**63 in wanted:
        return
    corpus = Corpus.from_tokens([["a"], ["b"]], labels=given, ids=given)
    loaded = Corpus.load(corpus.save(tmp_path / "corpus"))
    for name in ("labels", "ids"):
        assert getattr(loaded, name).tolist() == wanted


def test_days_of_any_unit_can_be_written() -> None:
    for unit, wanted in (("Y", "2019-01-01"), ("M", "2019-03-01"), ("W", "2019-02-28")):
        written = as_series(np.array(["2019-03-01"], f"M8[{unit}]"), "dates")
        assert str(written[0]) == wanted
    assert str(as_series(np.array(["2019-03-01T05"], "M8[h]"), "dates")[0]) == "2019-03-01 05:00:00"


TABLES: dict[str, Any] = {
    "pandas": pd.DataFrame({"id": [1, 2], "body": ["a", "b"]}),
    "polars": pl.DataFrame({"id": [1, 2], "body": ["a", "b"]}),
    "polars lazy": pl.LazyFrame({"id": [1, 2], "body": ["a", "b"]}),
    "arrow": pa.table({"id": [1, 2], "body": ["a", "b"]}),
    "arrow batch": pa.RecordBatch.from_pydict({"id": [1, 2], "body": ["a", "b"]}),
    "dict": {"id": [1, 2], "body": ["a", "b"]},
    "structured array": np.array([(1, "a")], dtype=[("id", int), ("body", "U1")]),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_told_with_its_columns(kind: str) -> None:
    table = TABLES[kind]
    counts = np.eye(2, dtype=int)
    calls: list[Callable[[], Any]] = [
        lambda: Corpus.from_texts(table),
        lambda: Corpus.from_texts(TEXTS, labels=table),
        lambda: Corpus.from_tokens(table),
        lambda: Corpus.from_counts(counts, ["a", "b"], texts=table),
        lambda: Corpus.from_counts(counts, table),
        lambda: Corpus.from_texts(TEXTS).with_columns(dates=table),
        lambda: Corpus.from_texts(TEXTS).split(0.5, stratify=table),
        lambda: Vocabulary(table),
    ]
    for call in calls:
        with pytest.raises(InputError, match='this is a table; pass one column.*"id", "body"') as e:
            call()
        assert "\n" not in str(e.value)


def test_a_dict_of_columns_by_term_is_no_list_of_terms() -> None:
    """``CountVectorizer.vocabulary_`` stands in the order of first mention, not of columns."""
    with pytest.raises(InputError, match="terms: this is a table"):
        Corpus.from_counts([[1, 2]], {"b": 1, "a": 0})


WRONG: dict[str, tuple[Any, str]] = {
    "NA": (pd.Series(["a", pd.NA], dtype="string"), "texts: row 1 is missing"),
    "NaN": (pd.Series(["a", np.nan], dtype=object), "texts: row 1 is missing"),
    "NaT": (["a", pd.NaT], "texts: row 1 is missing"),
    "polars null": (pl.Series(["a", None]), "texts: row 1 is missing"),
    "arrow null": (pa.array(["a", None]), "texts: row 1 is missing"),
    "all null": (pa.nulls(2), "texts: row 0 is missing"),
    "masked": (np.ma.array(["a", "b"], mask=[False, True]), "texts: row 1 is missing"),
    "pandas numbers": (pd.Series([1, 2]), "texts: row 0 is 1, of type int"),
    "numbers": (np.array([1.5]), "texts: row 0 is 1.5, of type float"),
    "polars numbers": (pl.Series([1]), "texts: are of type Int64, not str"),
    "arrow numbers": (pa.array([1]), "texts: are of type Int64, not str"),
    "polars lists": (pl.Series([["a"]]), r"texts: are of type List\(String\), not str"),
    "bytes": (np.array([b"a"]), "texts: row 0 is b'a', of type bytes"),
    "arrow bytes": (pa.array([b"a"]), "texts: are of type Binary, not str"),
    "single bytes": (b"abc", "texts: is a single bytes"),
    "two dimensions": (np.array([["a"], ["b"]]), "texts: has 2 dimensions"),
    "no dimension": (np.array("a"), "texts: is a single value"),
    "a number": (5, "texts: is of type int, which has no entries"),
    "None": (None, "texts: is of type NoneType"),
    "a set": ({"a", "b"}, "texts: is a set, which has no order"),
    "a path": (Path("a.txt"), r"texts: is of type \w*Path"),
    "arrow scalars": ([pa.scalar("a")], "texts: row 0 is .*of type StringScalar"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_text_is_told_in_one_line(kind: str) -> None:
    given, message = WRONG[kind]
    for keep in (True, False):
        with pytest.raises(InputError, match=message) as told:
            Corpus.from_texts(given, keep_texts=keep)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([["a"], ["b"]], "labels: row 0 is .*of type list, neither name nor number nor date"),
        ([("a", 1), ("b", 2)], "labels: row 0 is .*of type tuple"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "of type tuple"),
        (pl.Series([["a"], ["b"]]), "of type list"),
        (pl.Series([{"a": 1}, {"a": 2}]), "of type dict"),
        (
            ["a", b"b"],
            r'labels: row 1 is b.b., of type bytes, not str. Decode it: value.decode\("utf-8"\)',
        ),
        (np.array([b"a", b"b"]), "Decode it"),
        (np.array([["a"], ["b"]]), "labels: has 2 dimensions"),
        ({"a", "b"}, "labels: is a set"),
        ("ab", "labels: is a single str"),
        ((label for label in "abc"), "labels: 3 entries for 2 documents"),
        (5, "labels: is of type int"),
    ],
)
def test_what_is_no_label_is_told_in_one_line(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        Corpus.from_tokens([["a"], ["b"]], labels=given)
    assert "\n" not in str(told.value)


def test_rows_come_by_position_too() -> None:
    corpus = Corpus.from_texts(TEXTS)
    mask = [True, False, False, True]
    wanted = [TEXTS[0], TEXTS[3]]
    for rows in (
        pd.Series(mask, index=[3, 2, 1, 0]), pd.Series(mask, dtype="boolean"), pl.Series(mask),
        pa.array(mask), pa.array([0, 3]), pd.Index([0, 3]), (row for row in (0, 3)), (0, -1),
    ):  # fmt: skip
        assert list(corpus.subset(rows).texts or ()) == wanted
    with pytest.raises(InputError, match="rows: -9 is beyond"):
        corpus.subset([0, -9])
    with pytest.raises(InputError, match="rows: give a one-dimensional list"):
        corpus.subset(["a"])
    assert len(corpus.subset([])) == 0


def test_nothing_loads_pandas_or_arrow() -> None:
    program = (
        "import sys, polytopic as pt\n"
        "corpus = pt.Corpus.from_texts(['red apple', 'blue sea'], labels=['a', 'b'])\n"
        "print([name in sys.modules for name in ('pandas', 'pyarrow')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert json.loads(done.stdout.lower()) == [False, False]
