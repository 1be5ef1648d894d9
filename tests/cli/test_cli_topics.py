"""``polytopic topics``: what a run leaves and tells."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_runs import THEMES, Call, arguments_of, write_documents

import polytopic as pt

pytest.importorskip("torch", reason="the neural extra is not installed")


def test_the_run_folder_holds_what_it_should(finished: Path) -> None:
    names = {entry.name for entry in finished.iterdir()}
    files = {"report.html", "topics.csv", "documents.parquet", "metrics.json", "run.json"}
    own = {*files, "model", "result", "tables"}
    assert names == own


def test_topics_table_agrees_with_the_model(finished: Path, documents: Path) -> None:
    table = pl.read_csv(finished / "topics.csv")
    model = pt.load(finished / "model")
    corpus = pt.read(documents, text="body")
    assert table["topic"].to_list() == [0, 1, 2]
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["documents"].sum() == 90
    assert [words.split()[:10] for words in table["words"]] == model.top_words(10)
    expected = pt.metrics.npmi(model, corpus, n=10, per_topic=True)
    np.testing.assert_allclose(table["npmi"].to_numpy(), expected, rtol=1e-9)


def test_documents_table_holds_theta_and_columns(finished: Path, documents: Path) -> None:
    table = pl.read_parquet(finished / "documents.parquet")
    given = pl.read_csv(documents)
    theta = table["theta"].to_numpy()
    expected = pt.load(finished / "model").transform(pt.read(documents, text="body"))
    np.testing.assert_allclose(theta, expected, atol=1e-6)
    assert table["topic"].to_list() == theta.argmax(axis=1).tolist()
    np.testing.assert_allclose(table["share"].to_numpy(), theta.max(axis=1))
    assert table["label"].to_list() == given["theme"].to_list()
    assert table["id"].to_list() == given["name"].to_list()
    assert table["text"].to_list() == given["body"].str.slice(0, 200).to_list()
    assert table["date"].dt.day().to_list() == [row % 28 + 1 for row in range(90)]


def test_metrics_are_those_of_evaluate(finished: Path, documents: Path) -> None:
    record = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))
    model = pt.load(finished / "model")
    corpus = pt.read(documents, text="body", label="theme")
    expected = pt.metrics.evaluate(model, corpus)
    for name in ("npmi", "c_v", "diversity", "purity", "nmi"):
        assert record["metrics"][name] == pytest.approx(expected[name], rel=1e-6), name
    assert record["diagnosis"]["sentences"] == model.diagnose().sentences()
    assert record["parameters"]["n_topics"] == 3
    assert "stop words" in str(record["notes"]["dropped"])


def test_the_saved_model_knows_nothing_of_this_machine(finished: Path) -> None:
    for file in ("model/about.json", "metrics.json"):
        assert str(finished.parent) not in (finished / file).read_text(encoding="utf-8")


def test_the_report_shows_the_words(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert all(any(word in page for word in words.split()) for words in THEMES.values())


def test_what_was_found_and_dropped_is_told(documents: Path, tmp_path: Path, call: Call) -> None:
    done = call(*arguments_of(documents, tmp_path / "run"))
    assert done.code == 0
    assert "90 documents" in done.err
    assert "stop words (en)" in done.err
    assert str(tmp_path / "run" / "report.html") in done.err.replace("\n", "")
    assert "top words" in done.out
    assert sum(word in done.out for words in THEMES.values() for word in words.split()) > 12


def test_quiet_is_quiet_and_the_same(documents: Path, finished: Path, tmp_path: Path, call: Call):
    done = call(*arguments_of(documents, tmp_path / "again"), "--quiet")
    assert done == (0, "", "")
    for name in ("topics.csv", "documents.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (finished / name).read_bytes()


def test_word_options_reach_the_corpus(documents: Path, tmp_path: Path, call: Call) -> None:
    listed = tmp_path / "stop.txt"
    listed.write_text("engine\nbank\n", encoding="utf-8")
    words = arguments_of(documents, tmp_path / "run")
    done = call(*words, "--stop-words", listed, "--max-terms", "20", "--min-df", "0.02")
    assert done.code == 0
    terms = pt.load(tmp_path / "run" / "model").vocabulary_.terms
    assert len(terms) == 20
    assert not {"engine", "bank"} & set(terms)


@pytest.mark.parametrize("model", ["lda", "prodlda"])
def test_the_number_of_threads_changes_no_topic(
    model: str, documents: Path, tmp_path: Path, call: Call
) -> None:
    tables = []
    for threads in ("1", "3"):
        folder = tmp_path / threads
        words = f"--text body -k 3 --epochs 3 --model {model} --threads {threads} -o {folder}"
        answer = call("topics", documents, *words.split())
        assert answer.code == 0, answer.err
        assert pt.load(folder / "model").n_threads == int(threads)
        tables.append((folder / "topics.csv").read_bytes())
    assert tables[0] == tables[1]


def test_auto_chooses_the_number_of_topics(tmp_path: Path, call: Call) -> None:
    file = write_documents(tmp_path / "reviews.csv")
    run = tmp_path / "run"
    done = call("topics", file, "--text", "body", "-k", "auto", "--model", "lda", "-o", run)
    assert done.code == 0, done.err
    assert "Taken: " in done.err
    taken = int(done.err.split("Taken: ")[1].split(".")[0])
    assert pl.read_csv(run / "topics.csv").height == taken
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "<h3>How many topics?</h3>" in page and 'id="figure-numbers-0"' in page
    again = call("topics", file, "--text", "body", "-k", "auto", "--model", "lda", "-o", run)
    assert again.code != 0 and "Taken: " not in again.err  # refused before anything is tried
    refused = call("topics", file, "-k", "auto", "--set", "nothing=3", "-o", tmp_path / "other")
    assert refused.code != 0 and "Taken: " not in refused.err
    refused = call("topics", file, "-k", "many", "-o", tmp_path / "other")
    assert refused.code == 2
