"""What hangs on the clock is written apart from what does not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from polytopic import io
from polytopic.io.times import join, split

ARRAYS = {"a": np.zeros(2)}
RECORD = {
    "seconds": 4.5,
    "history": [{"loss": 2.0, "seconds": 1.5}, {"loss": 1.0}, {"words_per_second": 9.0}],
    "terms": ["seconds", "b"],
    "named": {"seconds": "a column"},
}


def test_split_and_join_are_inverse() -> None:
    rest, times = split(RECORD)
    assert rest == {
        "history": [{"loss": 2.0}, {"loss": 1.0}, {}],
        "terms": ["seconds", "b"],
        "named": {"seconds": "a column"},
    }
    assert join(rest, times) == RECORD
    assert split(rest) == (rest, None)


@pytest.mark.parametrize(
    "times", [None, [], {"history": [{}]}, {"history": [{}] * 4}, {"terms": {"a": 1}}, {"x": 1}]
)
def test_times_that_do_not_fit_change_nothing(times: object) -> None:
    rest, _ = split(RECORD)
    assert join(rest, times) == rest


def files_of(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_equal_objects_leave_equal_files_but_for_the_times(tmp_path: Path) -> None:
    slower = RECORD | {"seconds": 99.0}
    for name, record in (("one", RECORD), ("two", slower)):
        io.write_folder(tmp_path / name, "thing", ARRAYS, record)
        assert io.read_folder(tmp_path / name, "thing")[1] == record
    one, two = files_of(tmp_path / "one"), files_of(tmp_path / "two")
    assert set(one) == set(two)
    differing = [name for name in one if one[name] != two[name]]
    assert [name.startswith("times-") for name in differing] == [True]


def test_without_the_times_the_rest_is_read(tmp_path: Path) -> None:
    io.write_folder(tmp_path / "a", "thing", ARRAYS, RECORD)
    (file,) = (tmp_path / "a").glob("times-*")
    for content in ("{", json.dumps([1]), None):
        if content is None:
            file.unlink()
        else:
            file.write_text(content)
        assert io.read_folder(tmp_path / "a", "thing")[1] == split(RECORD)[0]


def test_a_record_of_before_with_its_times_inside_is_read(tmp_path: Path) -> None:
    io.write_folder(tmp_path / "a", "thing", ARRAYS, {})
    about = tmp_path / "a" / "about.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"about": RECORD}))
    assert io.read_folder(tmp_path / "a", "thing")[1] == RECORD
