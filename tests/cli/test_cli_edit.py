"""``polytopic edit``: the run, its report, its tables and new documents follow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_runs import Call

import polytopic as pt


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be written into."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_edits_are_seen_everywhere(run: Path, documents: Path, tmp_path: Path, call: Call) -> None:
    before = pt.load_result(run)
    answer = call(
        "edit", run, "--rename", "0=Cars & <b>bikes</b>", "--merge", "1,2", "--note", "0=ok"
    )
    assert answer.code == 0 and "Cars & <b>bikes</b>" in answer.out
    after = pt.load_result(run)
    assert after.n_topics == 2 and after.names[0] == "Cars & <b>bikes</b>"
    np.testing.assert_allclose(
        after.doc_topic[:, 1], before.doc_topic[:, 1:].sum(axis=1), atol=1e-6
    )
    topics = pl.read_csv(run / "topics.csv")
    assert topics["name"][0] == "Cars & <b>bikes</b>" and topics["note"][0] == "ok"
    flat = pl.read_parquet(run / "tables" / "documents.parquet")
    assert "topic_2" not in flat.columns and set(flat["topic"]) <= {0, 1}
    metrics = json.loads((run / "metrics.json").read_text())["metrics"]
    assert metrics["n_topics"] == 2 == after.metrics["n_topics"]
    page = (run / "report.html").read_text()
    assert "Cars &amp; &lt;b&gt;bikes" in page and "<b>bikes" not in page
    out = tmp_path / "new.csv"
    assert call("infer", run, documents, "-o", out).code == 0
    new = pl.read_csv(out)
    assert "topic_2" not in new.columns
    np.testing.assert_allclose(new["topic_1"].to_numpy(), after.doc_topic[:, 1], atol=1e-5)
    told = call("infer", run, "--text", "engine motor wheel brake")
    assert told.code == 0 and ("bikes" in told.out or "1 " in told.out)
    assert call("edit", run, "--undo").code == 0
    undone = pt.load_result(run)
    assert undone.n_topics == 3 and not any(undone.names)
    assert json.loads((run / "metrics.json").read_text())["metrics"] == before.metrics


def test_hidden_topics_are_in_no_list(run: Path, call: Call) -> None:
    answer = call("edit", run, "--hide", "1")
    assert answer.code == 0
    assert not any(line.split()[:1] == ["1"] for line in answer.out.splitlines())
    assert pl.read_csv(run / "topics.csv")["topic"].to_list() == [0, 2]
    page = (run / "report.html").read_text()
    assert 'data-topic="0"' in page and 'data-topic="1"' not in page
    assert call("edit", run, "--show", "1", "--order", "size").code == 0
    sizes = pl.read_csv(run / "topics.csv")["share"].to_list()
    assert len(sizes) == 3 and sizes == sorted(sizes, reverse=True)


def test_a_file_of_edits_and_its_split_reach_new_documents(
    run: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"edits": [{"split": {"0": 2}}, {"rename": {"3": "second part"}}]}')
    assert call("edit", run, file).code == 0
    kept = json.loads((run / "edits.json").read_text())
    assert len(kept["edits"]) == 2 and len(kept["edits"][0]["parts"]["0"]) == 2
    out = tmp_path / "new.parquet"
    assert call("infer", run, documents, "-o", out).code == 0
    new = pl.read_parquet(out).select(f"topic_{k}" for k in range(4)).to_numpy()
    np.testing.assert_allclose(new, pt.load_result(run).doc_topic, atol=1e-5)
    assert call("edit", run, "--reduce", "2").code == 0
    assert pt.load_result(run).n_topics == 2
    again = (run / "topics.csv").read_bytes()
    assert call("edit", run).code == 0 and (run / "topics.csv").read_bytes() == again


def test_edits_in_the_run_that_were_not_made_are_made_by_the_command(
    run: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    (run / "edits.json").write_text('{"edits": [{"merge": [[0, 2]]}]}')
    answer = call("infer", run, documents, "-o", tmp_path / "new.csv")
    assert answer.code == 1 and "were not made on a result yet" in answer.err
    assert call("edit", run).code == 0
    assert call("infer", run, documents, "-o", tmp_path / "new.csv").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rename", "9=x"), "there is no topic 9"),
        (("--rename", "x"), 'has no "="'),
        (("--rename", "0=a", "--rename", "0=b"), "topic 0 stands twice"),
        (("--rename", "0=" + "x" * 10_000), "10,000 letters"),
        (("--merge", "0,1,2"), "all topics would become one"),
        (("--merge", "0,x"), "is no number"),
        (("--hide", "0,1,2"), "all topics would be hidden"),
        (("--split", "0=1"), "expected"),
        (("--undo",), "none to undo"),
        (("--reduce", "7"), "there are 3 topics"),
        (("nowhere.json",), "no such file"),
        (("--undo", "2"), "--undo: takes no number, and there is no file 2"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    words: tuple[str, ...], told: str, run: Path, call: Call
) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    answer = call("edit", run, *words)
    assert answer.code == 1 and told in answer.err and answer.err.count("\n") == 1
    after = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert after == before


def test_edits_of_another_run_are_refused(run: Path, tmp_path: Path, call: Call) -> None:
    for content, told in (
        ('{"topics": "0123456789abcdef", "edits": []}', "of other topics"),
        ('{"edits": [{"merge": [[0', "cut short or altered"),
    ):
        (run / "edits.json").write_text(content)
        for words in (("edit", run), ("tables", run)):
            answer = call(*words)
            assert answer.code == 1 and told in answer.err and answer.err.count("\n") == 1


def test_a_run_keeps_what_is_good_and_learns_the_rest(
    run: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    assert call("edit", run, "--rename", "0=Cars", "--hide", "2", "--quiet").code == 0
    before, new = pt.load_result(run), tmp_path / "refitted"
    done = call("refit", run, "-o", new, "-k", "4", "--model", "lda", "--seed", "3")
    assert done.code == 0, done.err
    assert "Cars:" in done.out and (new / "report.html").is_file()
    found = pt.load_result(new)
    assert found.n_topics == 4 and list(found.names) == ["Cars", "", "", ""]
    assert np.array_equal(found.topic_word[:2], before.topic_word[:2])
    assert found.n_documents == before.n_documents
    again = before.refit(n_topics=4, model="lda", random_state=3)
    assert np.array_equal(found.topic_word, again.topic_word)
    assert call("infer", new, documents, "-o", tmp_path / "new.csv").code == 0
    for words, told in (
        (("--keep", "a"), '--keep: "a" is no number'),
        (("--keep", "9"), "keep: there is no topic 9"),
        (("-k", "2"), "none is left to learn"),
        (("--model", "prodlda"), "can keep none. Models that can: lda, embedding-lda"),
    ):
        refused = call("refit", new, "-o", tmp_path / "no", *words)
        assert not (tmp_path / "no" / "model").exists()
        assert refused.code == 1 and told in refused.err
        assert refused.err.count("\n") == 1


def test_edits_are_seen_in_what_explains_a_text(run: Path, call: Call) -> None:
    assert call("edit", run, "--merge", "0,1", "--rename", "0=Both of them", "--quiet").code == 0
    done = call("explain", run, "--text", "engine bank gene")
    assert done.code == 0 and "Both of them" in done.out
