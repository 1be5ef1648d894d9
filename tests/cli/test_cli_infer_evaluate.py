"""``polytopic infer``, ``evaluate`` and ``models``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_runs import Call, write_documents

import polytopic as pt
from polytopic import registry


def thetas(table: pl.DataFrame) -> np.ndarray:
    return table.select([f"topic_{k}" for k in range(3)]).to_numpy()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_infer_writes_theta(finished: Path, tmp_path: Path, call: Call, ending: str) -> None:
    new = write_documents(tmp_path / "new.csv", n=12, seed=5)
    output = tmp_path / f"out.{ending}"
    done = call("infer", finished, new, "-o", output, "--label", "theme")
    assert done.code == 0, done.err
    table = pl.read_csv(output) if ending == "csv" else pl.read_parquet(output)
    model = pt.load(finished / "model")
    corpus = pt.read(new, text="body", vocabulary=model.vocabulary_)
    np.testing.assert_allclose(thetas(table), model.transform(corpus), atol=1e-6)
    assert table["topic"].to_list() == thetas(table).argmax(axis=1).tolist()
    assert table["terms"].to_list() == np.asarray(corpus.counts.sum(axis=1)).ravel().tolist()
    assert table["label"].to_list() == ["cars", "cells", "money"] * 4


def test_infer_tells_what_it_never_saw(finished: Path, tmp_path: Path, call: Call) -> None:
    new = tmp_path / "new.txt"
    new.write_text("engine brake wheel spacecraft spacecraft\nquark gluon\n\n", encoding="utf-8")
    done = call("infer", finished, new, "-o", tmp_path / "out.csv")
    told = " ".join(done.err.split())
    assert "3 terms (4 tokens): not in the given vocabulary" in told
    assert "spacecraft (2)" in told
    assert "2 of 3 documents hold no term of the vocabulary and have no topic" in told
    table = pl.read_csv(tmp_path / "out.csv")
    model = pt.load(finished / "model")
    with pytest.warns(pt.EmptyDocumentsWarning):
        empty = model.transform(np.zeros((1, model.n_features_in_), dtype=int))
    np.testing.assert_allclose(thetas(table)[1:], np.repeat(empty, 2, axis=0), atol=1e-6)
    assert table["terms"].to_list() == [3, 0, 0]


def test_evaluate_prints_the_metrics_of_the_run(finished: Path, call: Call) -> None:
    record = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))["metrics"]
    done = call("evaluate", finished, "--json")
    assert json.loads(done.out) == record
    table = call("evaluate", finished).out
    assert f"{record['npmi']:.3f}" in table
    assert "None" not in table


def test_evaluate_on_other_texts(finished: Path, tmp_path: Path, call: Call) -> None:
    test = write_documents(tmp_path / "test.csv", n=30, seed=9)
    words = pl.read_csv(test)["body"].to_list() * 40
    wiki = tmp_path / "wiki.txt"
    wiki.write_text(" ".join(words), encoding="utf-8")
    done = call(
        "evaluate", finished, "--test", test, "--label", "theme", "--reference", wiki, "--json"
    )
    found = json.loads(done.out)
    model = pt.load(finished / "model")
    held_out = pt.read(test, text="body", label="theme", vocabulary=model.vocabulary_)
    expected = pt.metrics.evaluate(model, held_out=held_out)
    for name in ("npmi_held_out", "perplexity", "purity_held_out", "nmi_held_out"):
        assert found[name] == pytest.approx(expected[name]), name
    before = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))["metrics"]
    assert found["npmi"] == before["npmi"]
    assert "passages of 200 words" in done.err
    passages = [wiki.read_text().split()[i : i + 200] for i in range(0, 10**6, 200)]
    texts = [" ".join(passage) for passage in passages if passage]
    reference = pt.Corpus.from_texts(texts, stop_words=None, min_df=1, max_df=1.0, max_terms=None)
    again = pt.metrics.evaluate(model, reference=reference)
    assert found["npmi_reference"] == pytest.approx(again["npmi_reference"])


def test_evaluate_refuses_columns_without_a_file(finished: Path, call: Call) -> None:
    done = call("evaluate", finished, "--label", "theme")
    assert done.code == 1
    assert "--test" in done.err


def without_torch(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; sys.modules['torch'] = None; from polytopic.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    )


def test_models_are_listed_without_torch() -> None:
    done = without_torch("models")
    assert done.returncode == 0
    for entry in registry.MODELS:
        assert entry.name in done.stdout
        assert entry.class_name in done.stdout
    assert "polytopic[neural]" in done.stdout


def test_topics_without_torch_says_what_to_install(documents: Path, tmp_path: Path) -> None:
    done = without_torch("topics", str(documents), "--text", "body", "-o", str(tmp_path / "run"))
    assert done.returncode == 1
    default = registry.find(registry.DEFAULT_TOPIC_MODEL).class_name
    assert done.stderr.splitlines()[-1].startswith(f"polytopic: {default} needs torch")
    assert "pip install 'polytopic[neural]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_version_and_help(call: Call) -> None:
    assert call("--version").out.split() == ["polytopic", pt.__version__]
    shown = call("--help")
    assert shown.code == 0
    for name in ("demo", "topics", "infer", "evaluate", "models"):
        assert name in shown.out


def test_infer_shows_the_topics_of_a_text(finished: Path, call: Call) -> None:
    done = call("infer", finished, "--text", "An engine, a brake", "--text", "[b]zebra")
    assert done.code == 0, done.err
    model = pt.load(finished / "model")
    first, *_, last = done.out.splitlines()[1:]
    leading = int(model.transform(["An engine, a brake"])[0].argmax())
    assert first.startswith("An engine, a brake")
    assert first.split()[4] == str(leading)
    assert last.startswith("[b]zebra")
    assert "no word of it is in the vocabulary" in last


def test_infer_says_what_is_missing(finished: Path, documents: Path, call: Call) -> None:
    assert "FILE: is missing" in call("infer", finished).err
    assert "--output: is missing" in call("infer", finished, documents).err
    assert "--output: is for a file" in call("infer", finished, "--text", "a", "-o", "x.csv").err


def test_evaluate_by_vectors_with_intervals(finished: Path, tmp_path: Path, call: Call) -> None:
    model = pt.load(finished / "model")
    terms = model.vocabulary_.terms
    rows = np.random.default_rng(0).normal(size=(len(terms), 4))
    file = tmp_path / "vectors.txt"
    lines = [f"{len(terms)} 4"]
    lines += [f"{term} {' '.join(map(str, row))}" for term, row in zip(terms, rows, strict=True)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = json.loads(call("evaluate", finished, "--vectors", file, "--intervals", "--json").out)
    expected = pt.metrics.embedding_coherence(model.topic_word_, rows, vocabulary=terms)
    assert found["embedding_coherence"] == pytest.approx(expected, abs=1e-5)
    for name in ("npmi", "diversity", "diversity_once", "embedding_diversity"):
        assert found[f"{name}_low"] <= found[f"{name}_high"]
    table = call("evaluate", finished, "--intervals").out
    assert f"({found['npmi_low']:.3f} to {found['npmi_high']:.3f})" in table
    assert "npmi_low" not in table
    refused = call("evaluate", file, "--intervals")
    assert refused.code == 1
    assert "--intervals" in refused.err


def test_a_reference_in_shards_is_counted_by_workers(
    finished: Path, documents: Path, tmp_path: Path, call: Call
) -> None:
    """In real processes; the figures are those of this one."""
    shards = tmp_path / "shards"
    assert call("shard", documents, "-o", shards, "--text", "body", "--quiet").code == 0
    asked = ("evaluate", finished, "--reference", shards, "--json", "--quiet")
    alone = call(*asked)
    assert alone.code == 0 and json.loads(alone.out)["npmi_reference"] is not None
    assert call(*asked, "--cluster", "processes:2").out == alone.out
    refused = call(*asked, "--cluster", "spark")
    assert refused.code == 1 and "cluster: 'spark' cannot be used" in refused.err
