"""Dates as people write them: what is read, at which unit, and what is told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from polytopic.errors import InputError
from polytopic.text import Corpus, read
from polytopic.text.dates import read_dates
from polytopic.text.periods import dates_as_series, outlying, restored, spelled, storable, unit_of

FORMS: dict[str, tuple[list[Any], str, list[str]]] = {
    "days": (["2019-03-01", "2019/12/31"], "D", ["2019-03-01", "2019-12-31"]),
    "without zeros": (["2019-3-1", "2019.12.31"], "D", ["2019-03-01", "2019-12-31"]),
    "spaces": ([" 2019-03-01", "2019-12-31\t"], "D", ["2019-03-01", "2019-12-31"]),
    "minutes": (["2019-03-01T10:15", "2019-03-01 23:59"], "us",
                ["2019-03-01T10:15:00.000000", "2019-03-01T23:59:00.000000"]),
    "fractions": (["2019-03-01T10:15:30.5", "2019-03-01T10:15:30,123456789"], "us",
                  ["2019-03-01T10:15:30.500000", "2019-03-01T10:15:30.123456"]),
    "midnight": (["2019-03-01 00:00:00", "2019-03-02 00:00:00.000"], "D",
                 ["2019-03-01", "2019-03-02"]),
    "compact": (["20190301T101500Z", "20190301T2359Z"], "us",
                ["2019-03-01T10:15:00.000000", "2019-03-01T23:59:00.000000"]),
    "ordinal days": (["2019-060", "2020-366"], "D", ["2019-03-01", "2020-12-31"]),
    "years": (["2019", "2020"], "Y", ["2019", "2020"]),
    "years that were floats": (["2019.0", "2020.0"], "Y", ["2019", "2020"]),
    "years as numbers": ([2019, 1066], "Y", ["2019", "1066"]),
    "years beside NaN": ([2019.0, 2020.0], "Y", ["2019", "2020"]),
    "months": (["2019-03", "2019/12"], "M", ["2019-03", "2019-12"]),
    "months first": (["03/2019", "12/2019"], "M", ["2019-03", "2019-12"]),
    "quarters": (["2019-Q3", "1969-Q2"], "3M", ["2019-Q3", "1969-Q2"]),
    "quarters, short": (["2019Q3", "2020q1"], "3M", ["2019-Q3", "2020-Q1"]),
    "quarters first": (["Q3 2019", "Q1/2020"], "3M", ["2019-Q3", "2020-Q1"]),
    "weeks": (["2019-W40", "2020-W53", "2019W01"], "W", ["2019-W40", "2020-W53", "2019-W01"]),
    "days of weeks": (["2019-W40-1", "2019-W01-1"], "D", ["2019-09-30", "2018-12-31"]),
    "days as numbers": ([20190301, 20191231], "D", ["2019-03-01", "2019-12-31"]),
    "days as digits": (["20190301", "20191231.0"], "D", ["2019-03-01", "2019-12-31"]),
    "months as numbers": ([201903, 201912], "M", ["2019-03", "2019-12"]),
    "times as numbers": ([20190301101500, 20190301101501], "us",
                         ["2019-03-01T10:15:00.000000", "2019-03-01T10:15:01.000000"]),
    "German": (["01.03.2019", "31.12.2019"], "D", ["2019-03-01", "2019-12-31"]),
    "British": (["01/03/2019", "31/12/2019"], "D", ["2019-03-01", "2019-12-31"]),
    "American": (["03/01/2019", "12/31/2019"], "D", ["2019-03-01", "2019-12-31"]),
    "halves of the day": (["3/31/2019 10:15 PM", "3/31/2019 12:30 a.m."], "us",
                          ["2019-03-31T22:15:00.000000", "2019-03-31T00:30:00.000000"]),
    "month, day, year": (["March 1, 2019", "Mar 31 2019"], "D", ["2019-03-01", "2019-03-31"]),
    "day, month, year": (["1 Mar 2019", "31st of December, 2019"], "D",
                         ["2019-03-01", "2019-12-31"]),
    "day-month-year": (["1-Mar-2019", "31-DEC-2019"], "D", ["2019-03-01", "2019-12-31"]),
    "a clock with dots": (["22-02-2015 14.22", "3-12-2015, 9.05.30 Uhr"], "us",
                          ["2015-02-22T14:22:00.000000", "2015-12-03T09:05:30.000000"]),
    "a clock with an h": (["22/02/2015 - 14h22", "22-02-2015 14:22 h"], "us",
                          ["2015-02-22T14:22:00.000000", "2015-02-22T14:22:00.000000"]),
    "Oracle": (["22-FEB-2015 02.22.05.500000 PM"], "us", ["2015-02-22T14:22:05.500000"]),
    "DB2": (["2015-02-22-14.22.05.123456"], "us", ["2015-02-22T14:22:05.123456"]),
    "month and year": (["March 2019", "Dec-2019"], "M", ["2019-03", "2019-12"]),
    "mail": (["Wed, 27 Aug 2008 13:08:45 +0000", "27 Aug 2008 13:08 GMT"], "us",
             ["2008-08-27T13:08:45.000000", "2008-08-27T13:08:00.000000"]),
    "tweets": (["Wed Aug 27 13:08:45 +0000 2008", "Thu Aug 28 01:02:03 +0000 2008"], "us",
               ["2008-08-27T13:08:45.000000", "2008-08-28T01:02:03.000000"]),
    "the C library": (["Wed Aug 27 13:08:45 2008", "Mon Sep  1 01:02:03 2008"], "us",
                      ["2008-08-27T13:08:45.000000", "2008-09-01T01:02:03.000000"]),
    "Chinese and Japanese": (["2019年3月1日", "2019 年 12 月 31 日"], "D",
                             ["2019-03-01", "2019-12-31"]),
    "digits of other scripts": (["٢٠١٩-٠٣-٠١", "２０１９/１２/３１"], "D",
                                ["2019-03-01", "2019-12-31"]),
    "dates of Python": ([datetime.date(2019, 3, 1), datetime.datetime(2019, 3, 2)], "D",
                        ["2019-03-01", "2019-03-02"]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    values, unit, expected = FORMS[form]
    dates, notes = read_dates(values)
    assert unit_of(dates) == unit
    assert spelled(dates) == expected
    assert [note for note in notes if "forms" not in note] == []
    beside, notes = read_dates([*values, None, "", float("nan")])
    assert spelled(beside) == [*expected, "", "", ""]
    assert notes[-1] == f"dates: missing in 3 of {len(beside)} documents."


@pytest.mark.parametrize(
    ("values", "first", "note"),
    [
        ([1566911325, 1566911326], "2019-08-27T13:08:45", "seconds since 1970"),
        ([1566911325.25, 1566911326.0], "2019-08-27T13:08:45.25", "seconds since 1970"),
        (["1566911325123", "1566911326000"], "2019-08-27T13:08:45.123", "milliseconds since 1970"),
        ([1566911325123456], "2019-08-27T13:08:45.123456", "microseconds"),
        ([1566911325123456789], "2019-08-27T13:08:45.123456", "nanoseconds"),
        (["2019-03-01T10:15:00+02:00"], "2019-03-01T08:15:00", "another time zone in 1 document"),
        (["Wed, 27 Aug 2008 13:08:45 EDT"], "2008-08-27T17:08:45", "another time zone"),
        (["1.3.19", "24.12.99"], "2019-03-01", '"1.3.19" is read as 2019-03-01'),
        (["03/04/2019"] * 3 + ["05/06/2019"], "2019-04-03",
         'the column cannot tell: read day first in 4 documents such as "03/04/2019"'),
        (["05/05/2019", "06/06/2019"], "2019-05-05", None),
        (["31/12/2019", "30/12/2019", "12/31/2019", "01/02/2019"], "2019-12-31",
         "both stand in the column: read day first"),
        (["2019-03-01T10:15Z", "2019-03-01T10:15"], "2019-03-01T10:15", "taken as UTC"),
        (["2019-03-01"] * 9 + ["soon"], "2019-03-01", 'read in 1 of 10 documents, such as "soon"'),
        (["2019-02-29", "2020-02-29"], "NaT", 'such as "2019-02-29"'),
        ([20190301] * 9 + [0], "2019-03-01", "0 or -1 in 1 document"),
        (["2019-03-01", "March 2, 2019"], "2019-03-01", '2 forms: 1 like "2019-03-01", 1 like'),
        (["2019-03-01"] * 30 + ["2019"], "2019-03-01", 'names less than the others in 1 document'),
        (["2019-03-01", "2019", "2018"], "2019", "all taken as years"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_told(values: list[Any], first: str, note: str | None) -> None:
    dates, notes = read_dates(values, "when")
    assert dates[0] == np.datetime64(first) or (first == "NaT" and np.isnat(dates[0]))
    if note is None:
        assert notes == ()
    else:
        assert any(note in told for told in notes), notes
        assert all(told.startswith("when: ") and "\n" not in told for told in notes)


def test_a_column_that_is_no_dates_stays_as_it_is() -> None:
    dates, notes = read_dates(["x", "y", "2001-99-99", None])
    assert dates.tolist() == ["x", "y", "2001-99-99", None]
    assert "none of 3 can be read" in notes[0]
    steps, notes = read_dates(["1", "2", "10"])
    assert steps.tolist() == [1, 2, 10] and "steps of time" in notes[0]
    odd, _ = read_dates([True, False])
    assert odd.tolist() == ["True", "False"]
    odd, _ = read_dates(pl.Series([datetime.timedelta(1), None]))
    assert odd.tolist() == ["1 day, 0:00:00", None]
    words, _ = read_dates(["2019-03-01 and more", "12:30", "1 Foo 2019", "2019-W54", "2019-Q5"])
    assert words.dtype == object


def test_numbers_are_dates_only_if_all_are() -> None:
    for values in ([2019, 20190301], [201913, 201901], [20190230, 20190301], [1566911325, 12],
                   [43500, 43501], [2019.5, 2020.0]):  # fmt: skip
        numbers, _ = read_dates(values)
        assert numbers.tolist() == values
    days, notes = read_dates([43500.0, 43501.0], excel=True)
    assert spelled(days) == ["2019-02-04", "2019-02-05"] and "Excel" in notes[0]
    times, _ = read_dates([43500.5], excel=True)
    assert times[0] == np.datetime64("2019-02-04T12:00")


def test_dates_of_libraries_stay_dates() -> None:
    given = np.array(["2019-03", "NaT"], "M8[M]")
    dates, notes = read_dates(given)
    assert dates is given and notes == ("dates: missing in 1 of 2 documents.",)
    assert unit_of(read_dates(pl.Series([datetime.date(2019, 3, 1)]))[0]) == "D"
    zone = pl.Series(["2019-03-01T10:00"]).str.to_datetime(time_zone="Europe/Berlin")
    moved, notes = read_dates(zone)
    assert moved[0] == np.datetime64("2019-03-01T09:00") and "Europe/Berlin" in notes[0]
    aware = datetime.datetime(2019, 3, 1, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert read_dates([aware])[0][0] == np.datetime64("2019-03-01T08:00")


def test_every_day_is_read_as_the_calendar_has_it() -> None:
    days = np.arange(np.datetime64("1895-12-20"), np.datetime64("2030-01-10"))
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%B %d, %Y", "%a, %d %b %Y", "%G-W%V-%u",
                 "%Y-%j"):  # fmt: skip
        read, _ = read_dates(pl.Series(days).dt.strftime(form))
        assert (read == days).all(), form
    weeks, _ = read_dates(pl.Series(days).dt.strftime("%G-W%V"))
    assert spelled(weeks) == pl.Series(days).dt.strftime("%G-W%V").to_list()


@pytest.mark.parametrize("unit", ["Y", "3M", "M", "W", "D", "ms", "us", "s"])
def test_every_unit_is_read_back_from_a_file(unit: str) -> None:
    dates = np.array(["1969-05-22T10:20:30", "2019-03-01T10:20:30", "NaT"], "M8[us]")
    dates = dates.astype(f"M8[{unit}]")
    column = dates_as_series("date", dates)
    assert column.null_count() == 1
    for written in (column, column.cast(pl.String)):
        back, _ = read_dates(written)
        np.testing.assert_array_equal(back[:2], dates[:2])
    np.testing.assert_array_equal(restored(pl.Series(storable(dates)), unit_of(dates)), dates)


def test_what_lies_far_off_is_found() -> None:
    years = [*range(2015, 2021), *range(2015, 2021)]
    days = np.array([f"{year}-06-01" for year in [*years, 9999]], "M8[D]")
    assert outlying(days).tolist() == [False] * 12 + [True]
    _, notes = read_dates([f"{year}-06-01" for year in [*years, 1900]], "date")
    assert notes == (
        "date: far from the others in 1 of 13 documents (1900-06-01): left out of the report's "
        "chart.",
    )
    long_tail = np.array([1600, *range(1900, 2000)], dtype=np.int64)
    assert not outlying(long_tail).any()
    two_ages = np.array([1800] * 10 + [2000] * 30, dtype=np.int64)
    assert not outlying(two_ages).any()


def test_columns_of_libraries_are_read_by_position() -> None:
    pd, pa = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    days = pd.Series(pd.to_datetime(["2019-03-01", "2019-03-02"]), index=[1, 0])
    local = pd.Series(pd.to_datetime(["2019-03-01 00:30", None])).dt.tz_localize("Europe/Berlin")
    quarters = pd.Series(pd.period_range("2019Q3", periods=2, freq="Q"))
    for given, wanted in (
        (days, ["2019-03-01", "2019-03-02"]),
        (local, ["2019-02-28T23:30:00.000000", ""]),
        (pa.array(local), ["2019-02-28T23:30:00.000000", ""]),
        (quarters, ["2019-Q3", "2019-Q4"]),
        (pd.Series(["1.3.2019", "2.3.2019"], index=[1, 0]), ["2019-03-01", "2019-03-02"]),
        (pa.array(["2019-03", None]), ["2019-03", ""]),
        ((text for text in ("2019", "2020")), ["2019", "2020"]),
    ):
        corpus = Corpus.from_tokens([["a"], ["b"]], dates=given)
        assert [text.split("T00:00:00.0")[0] for text in spelled(corpus.dates)] == wanted


def test_notes_of_dates_reach_the_corpus_and_go_with_new_ones() -> None:
    corpus = Corpus.from_tokens([["a"], ["b"], ["c"]], dates=["2019", "soon", "2020"])
    (note,) = corpus.dropped.notes
    assert note.startswith("dates: cannot be read in 1 of 3 documents")
    assert note in corpus.dropped.describe()
    again = corpus.with_columns(labels=[1, 2, 3])
    assert again.dropped.notes == (note,) and again.dates.dtype == corpus.dates.dtype
    assert corpus.with_columns(dates=["2019", "2021", "2020"]).dropped.notes == ()
    counted = Corpus.from_counts([[1], [2]], ["a"], dates=["2019-Q3", "2020-Q1"])
    assert spelled(counted.dates) == ["2019-Q3", "2020-Q1"]
    with pytest.raises(InputError, match="dates: 1 entries for 2 documents"):
        Corpus.from_tokens([["a"], ["b"]], dates=["2019"])


def test_days_of_workbooks(tmp_path: Path) -> None:
    pytest.importorskip("fastexcel")
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    shown = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["text", "code", "serial", "day", "year"])
    for row in range(1, 4):
        sheet.write_row(row, 0, ["cells divide and grow", f"0{row}", 43500 + row])
        sheet.write_datetime(row, 3, datetime.datetime(2019, 3, row), shown)
        sheet.write_number(row, 4, 2018 + row)
    book.close()

    def dates(column: str) -> list[str]:
        corpus = read(tmp_path / "a.xlsx", text="text", date=column, min_df=1, max_df=1.0)
        assert ("Excel's days" in corpus.dropped.describe()) == (column == "serial")
        return spelled(corpus.dates)

    assert dates("serial") == ["2019-02-05", "2019-02-06", "2019-02-07"]
    assert dates("day") == ["2019-03-01", "2019-03-02", "2019-03-03"]
    assert dates("year") == ["2019", "2020", "2021"]
    corpus = read(tmp_path / "a.xlsx", text="text", label="code", id="serial", min_df=1, max_df=1.0)
    assert corpus.labels.tolist() == ["01", "02", "03"]
    assert corpus.ids.tolist() == ["43501", "43502", "43503"]


def test_the_twelfth_may_be_a_month() -> None:
    """Only what is above twelve tells day and month apart."""
    dates, notes = read_dates(["12/05/2019", "03/04/2019"])
    assert dates.astype(str).tolist() == ["2019-05-12", "2019-04-03"]
    assert len(notes) == 1 and "the column cannot tell: read day first in 2 documents" in notes[0]
    dates, notes = read_dates(["12/05/2019", "13/04/2019"])
    assert dates.astype(str).tolist() == ["2019-05-12", "2019-04-13"] and not notes


@pytest.mark.parametrize(("n_dates", "kind"), [(5, "M"), (4, "O")])
def test_a_column_of_dates_is_one_of_which_half_can_be_read(n_dates: int, kind: str) -> None:
    given = [f"2019-03-{day:02d}" for day in range(1, n_dates + 1)]
    given += [f"no date {n}" for n in range(10 - n_dates)]
    dates, notes = read_dates(given)
    assert dates.dtype.kind == kind
    assert ("the column stays text" in notes[-1]) is (kind == "O")


@pytest.mark.parametrize(("n_years", "unit"), [(1, "D"), (2, "Y")])
def test_a_twentieth_may_name_less_and_is_left_without_a_date(n_years: int, unit: str) -> None:
    """Where more name only the year, the year is taken of all."""
    given = ["2017"] * n_years + [f"2019-03-{day:02d}" for day in range(1, 21 - n_years)]
    dates, _ = read_dates(given)
    assert np.datetime_data(dates.dtype)[0] == unit
    assert np.isnat(dates).sum() == (n_years if unit == "D" else 0)
