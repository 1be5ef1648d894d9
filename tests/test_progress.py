"""A long job's progress: a bar on stderr, records of the logger, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import pytest

import polytopic as pt
from polytopic import progress


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    yield


def test_records_of_a_fit(caplog: pytest.LogCaptureFixture, no_pause: None) -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    with caplog.at_level(logging.INFO, logger="polytopic"):
        pt.LDA(n_topics=2, iterations=20, random_state=0).fit(counts)
    records = [record for record in caplog.records if record.name == "polytopic"]
    assert records[0].getMessage() == "LDA: begins, 20 in all"
    assert records[-1].getMessage().startswith("LDA: ends at 20 of 20 after ")
    done = [vars(record)["done"] for record in records]
    assert done == sorted(done) and len(done) > 3
    assert {vars(record)["total"] for record in records} == {20}


def test_records_come_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="polytopic")
    with progress.progress_bar("job", 100, shown=False) as advance:
        for done in range(100):
            advance(done, "well")
    assert caplog.records[0].getMessage() == "job: begins, 100 in all"
    assert len(caplog.records) == 2
    assert caplog.records[-1].getMessage().endswith(", well")


def test_an_end_that_fails_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="polytopic")
    with pytest.raises(KeyError), progress.progress_bar("job", 10, shown=False) as advance:
        advance(3, "")
        raise KeyError
    assert "ends at 3 of 10" in caplog.records[-1].getMessage()


def test_nothing_is_said_unless_asked(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], no_pause: None
) -> None:
    caplog.set_level(logging.WARNING, logger="polytopic")
    with progress.progress_bar("job", 2, shown=False) as advance:
        advance(1, "half")
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


def test_a_bar_and_records_stand_beside_each_other(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO, logger="polytopic")
    with progress.progress_bar("job", 2, shown=True) as advance:
        advance(2, "done")
    assert len(caplog.records) == 2
    assert "job" in capsys.readouterr().err
