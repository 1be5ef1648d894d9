"""Topics over labels and dates, against sums done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polytopic.report.breakdown import Breakdown, by_date, by_label, diagonal_order

THETA = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.4, 0.6]])
LENGTHS = np.array([10.0, 30.0, 5.0, 0.0])


def broken_down(found: Breakdown | str | None) -> Breakdown:
    """The breakdown, which must be one."""
    assert isinstance(found, Breakdown)
    return found


def test_shares_weigh_documents_by_their_tokens() -> None:
    found = broken_down(by_label(["a", "a", "b", "b"], THETA, LENGTHS))
    assert found.groups == ["a", "b"]
    np.testing.assert_allclose(found.shares, [[0.6, 0.4], [0.2, 0.8]])
    assert found.documents.tolist() == [2, 2]


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_missing_labels_are_left_out(missing: Any) -> None:
    labels = np.array(["a", missing, "b", "b"], dtype=object)
    found = broken_down(by_label(labels, THETA, LENGTHS))
    assert dict(zip(found.groups, found.documents.tolist(), strict=True)) == {"a": 1, "b": 2}
    assert by_label([missing] * 4, THETA, LENGTHS) is None


def test_many_labels() -> None:
    labels = [f"l{row % 40:02d}" for row in range(400)] + ["l07"]
    found = broken_down(by_label(labels, np.full((401, 2), 0.5), np.ones(401)))
    assert len(found.groups) == 30
    assert found.groups[0] == "l07"
    assert "30 labels" in found.note and "40" in found.note
    told = by_label([str(row) for row in range(401)], np.full((401, 2), 0.5), np.ones(401))
    assert isinstance(told, str) and "401" in told


def test_one_label_is_told() -> None:
    assert by_label(["x"] * 4, THETA, LENGTHS) == (
        "All documents bear the same label, x: nothing to compare."
    )


@pytest.mark.parametrize(
    ("dates", "names"),
    [
        (["2020-01-31", "2020-02-01", "2020-02-29", "soon"], ["2020-01-31", "2020-02-29", 30]),
        (["2019-01", "2020-02", "2021-12", None], ["2019-01", "2021-12", 36]),
        ([1901, 1999, 2004, 2005], ["1900–1904", "2005–2009", 22]),
        ([3, 4, 9, 5], ["3", "9", 7]),
        (np.array(["1969-12-01", "1971-03-01", "NaT", "1970-06-01"], "M8[ns]"),
         ["1969-12", "1971-03", 16]),
        (["1985-05-05T10:00", "1999-02-01", "2007-01-01", "1986"], ["1985", "2007", 23]),
    ],
)  # fmt: skip
def test_periods(dates: Any, names: list[Any]) -> None:
    found = broken_down(by_date(dates, THETA, LENGTHS))
    assert [found.groups[0], found.groups[-1], len(found.groups)] == names
    filled = found.shares[found.shares.sum(axis=1) > 0]
    np.testing.assert_allclose(filled.sum(axis=1), 1.0)


def test_unreadable_dates_are_counted() -> None:
    found = broken_down(by_date(["2001", "2002", "soon", None], THETA, LENGTHS))
    assert found.note == "2 documents without a readable date are left out."
    told = by_date(["x", "y", "z", "2001-99-99"], THETA, LENGTHS)
    assert isinstance(told, str) and "2007-05-23" in told


@pytest.mark.parametrize(
    ("dates", "names"),
    [
        (["2019-Q3", "2020-Q1", "2019-Q4", "2020-Q2"], ["2019 Q3", "2020 Q2", 4]),
        (["2019-W40", "2020-W01", "2019-W52", "2019-W41"], ["2019-W40", "2020-W01", 14]),
        (["2019", "2020", "2020", "2021"], ["2019", "2021", 3]),
        (["2019-03", "2019-04", "2019-06", "2019-05"], ["2019-03", "2019-06", 4]),
        (["March 1, 2019", "March 3, 2019", "March 2, 2019", "March 4, 2019"],
         ["2019-03-01", "2019-03-04", 4]),
        ([20190301, 20190302, 20190303, 20190304], ["2019-03-01", "2019-03-04", 4]),
        ([0.0, 1.0, float("nan"), 3.0], ["0", "3", 4]),
    ],
)  # fmt: skip
def test_periods_are_no_finer_than_the_dates(dates: Any, names: list[Any]) -> None:
    found = broken_down(by_date(dates, THETA, LENGTHS))
    assert [found.groups[0], found.groups[-1], len(found.groups)] == names


def test_a_date_far_from_the_others_is_left_out_and_told() -> None:
    dates = [f"20{year}-05-01" for year in range(15, 21)] * 4 + ["9999-12-31", "1900-01-01"]
    found = broken_down(by_date(dates, np.full((26, 2), 0.5), np.ones(26)))
    assert found.groups[0] == "2015 Q2" and found.groups[-1] == "2020 Q2"
    assert found.documents.sum() == 24
    assert found.note == (
        "2 documents far from the others in time (1900-01-01, 9999-12-31) left out."
    )


def test_labels_that_are_codes_are_groups_of_their_own() -> None:
    labels = np.array(["07", "7", "007", "7\0"], dtype=object)
    assert broken_down(by_label(labels, THETA, LENGTHS)).groups == ["007", "07", "7", "7\\x00"]


def test_names_that_are_cut_stay_apart() -> None:
    labels = np.array(["x" * 10**5 + end for end in "aabb"], dtype=object)
    groups = broken_down(by_label(labels, THETA, LENGTHS)).groups
    assert groups == ["x" * 200 + "…", "x" * 200 + "… (2)"]


def test_diagonal_order_finds_the_diagonal() -> None:
    rng = np.random.default_rng(0)
    table = np.eye(6)[rng.permutation(6)] + 0.01
    rows, columns = diagonal_order(table)
    assert np.allclose(np.diag(table[np.ix_(rows, columns)]), 1.01)
