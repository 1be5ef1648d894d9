"""``polytopic documents`` and ``polytopic trends``: tables of a run in the terminal."""

from __future__ import annotations

from pathlib import Path

from cli_runs import Call

import polytopic as pt


def test_documents_of_a_topic_and_a_label(finished: Path, call: Call) -> None:
    result = pt.load_result(finished)
    topic = int(result.top_topic[1])
    answer = call("documents", finished, "--topic", topic, "--label", "cells", "-n", 5)
    assert answer.code == 0
    wanted = result.documents(topic=topic, label="cells")
    assert f"{min(5, wanted.height)} of {wanted.height} documents" in answer.err
    rows = [line.split()[1] for line in answer.out.splitlines()[1:]]
    assert rows == wanted["id"].to_list()[:5]
    answer = call("documents", finished, "--label", "nonsense")
    assert answer.code == 1 and "Labels are: cars, cells, money" in answer.err


def test_trends_have_the_riser_first(finished: Path, call: Call) -> None:
    answer = call("trends", finished, "--freq", "week")
    assert answer.code == 0
    table = pt.load_result(finished).trends(freq="week")
    shown = [int(line.split()[0]) for line in answer.out.splitlines()[1:]]
    assert shown == table["topic"].to_list()
    assert f"{table['change'][0]:+.1%}" in answer.out
    answer = call("trends", finished, "--freq", "fortnight")
    assert answer.code == 1 and answer.err.count("\n") == 1
