"""``polytopic find`` and ``explain``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
from cli_runs import Call, write_documents

import polytopic as pt


def test_find_shows_topics_and_documents(finished: Path, call: Call) -> None:
    done = call("find", finished, "bank and xylophone", "-n", "3")
    assert done.code == 0, done.err
    assert "xylophone" in done.err
    leading = int(pt.load(finished / "model").transform(["bank"])[0].argmax())
    assert done.out.splitlines()[1].split()[0] == str(leading)
    assert "bank" in done.out.split("document")[1]


def test_find_prints_json(finished: Path, documents: Path, call: Call) -> None:
    found = json.loads(call("find", finished, "bank, zither", "--json", "-n", "4").out)
    assert found["by"] == "theta"
    assert found["unknown"] == ["zither"]
    bodies = pl.read_csv(documents)["body"].to_list()
    assert len(found["documents"]) == 4
    assert all("bank" in bodies[document["row"]] for document in found["documents"])


def test_find_by_word_vectors(finished: Path, tmp_path: Path, call: Call) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("3 2\nbank 1 0\nengine 0 1\ndollar 1 0\n", encoding="utf-8")
    found = json.loads(call("find", finished, "dollar", "--vectors", vectors, "--json").out)
    assert found["by"] == "vectors"
    assert found["topics"][0]["score"] > 0.9


def test_questions_say_what_is_wrong(finished: Path, tmp_path: Path, call: Call) -> None:
    for arguments, message in (
        (("find", finished, "zither"), "none of its words is in the vocabulary: zither"),
        (("find", finished, ""), "query: is empty"),
        (("find", tmp_path, "bank"), "holds no "),
        (("explain", finished), "--document, --text: give one of them"),
        (("explain", finished, "--document", "1", "--text", "a"), "give one of them"),
        (("explain", finished, "--document", "90"), "90 is none of the 90 documents"),
        (("explain", finished, "--text", "zither"), "holds no word of the vocabulary"),
    ):
        done = call(*arguments)
        assert done.code == 1
        assert message in done.err
        assert "Traceback" not in done.err


def test_explain_shows_a_document_and_a_text(
    finished: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    body = pl.read_csv(documents)["body"].to_list()[4]
    done = call("explain", finished, "--document", "4")
    assert done.code == 0, done.err
    assert body in " ".join(done.out.split())
    page = tmp_path / "page.html"
    done = call("explain", finished, "--text", "An engine <b> zither", "--html", page)
    assert "Not in the vocabulary: zither" in " ".join(done.out.split())
    written = page.read_text(encoding="utf-8")
    assert ">engine</span> &lt;b&gt; zither" in written
    assert "is there already" in call("explain", finished, "--text", "engine", "--html", page).err


def test_names_are_written_into_the_run(finished: Path, tmp_path: Path, call: Call) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    shown = call("name", run, "--show")
    assert shown.code == 0, shown.err
    assert pt.load_result(run).names == ("", "", "")
    done = call("name", run)
    names = pt.load_result(run).names
    assert names == pt.load_result(finished).name_topics().names
    assert all(name in done.out for name in names)
    assert names[0] in (run / "report.html").read_text(encoding="utf-8")
    assert pl.read_csv(run / "topics.csv")["name"].to_list() == list(names)
    call("name", run, "--by", "c-tf-idf")
    assert pt.load_result(run).names == names
    call("name", run, "--by", "c-tf-idf", "--anew")
    assert pt.load_result(run).names == pt.load_result(finished).name_topics("c-tf-idf").names
    assert "--by: is" in call("name", run, "--by", "magic").err


def test_topics_are_named_as_they_are_found(documents: Path, tmp_path: Path, call: Call) -> None:
    words = f"topics {documents} --text body -k 3 --model lda --epochs 30 --name-topics words"
    done = call(*words.split(), "-o", tmp_path / "run", "--quiet")
    assert done.code == 0, done.err
    assert all(pt.load_result(tmp_path / "run").names)
    other = tmp_path / "b"
    refused = call(*f"topics {documents} --text body --name-topics magic -o {other}".split())
    assert "--name-topics: is" in refused.err
    assert not other.exists()


def test_a_run_is_updated(finished: Path, tmp_path: Path, call: Call) -> None:
    new = write_documents(tmp_path / "new.csv", n=30, seed=7)
    named, run = tmp_path / "named", tmp_path / "run"
    shutil.copytree(finished, named)
    call("name", named)
    assert call("edit", named, "--note", "1=seen", "--hide", "0", "--quiet").code == 0
    done = call("update", named, new, "-o", run, "--label", "theme")
    assert done.code == 0, done.err
    before, after = pt.load_result(named), pt.load_result(run)
    assert after.n_documents == 30
    assert after.names == before.names
    assert after.remarks == before.remarks and after.hidden == before.hidden == (0,)
    found = pt.update(before, pt.read(new, text="body", vocabulary=before.vocabulary))
    assert np.array_equal(pt.load(run / "model").topic_word_, found.model.topic_word_)
    assert "old documents changed topic" in done.err
    assert "30 new documents; topics keep a cosine of" in done.err
    assert after.labels is not None and after.metrics["purity"] is not None
    assert call("update", run, new, "-o", tmp_path / "third", "--quiet").code == 0
    assert "holds a finished run" in call("update", named, new, "-o", run).err
    assert "what is read" in call("update", named, new, "-o", named).err
