"""Embeddings and seed words of the command line."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_runs import Call

pytest.importorskip("torch", reason="the neural extra is not installed")

N = 90


def options(documents: Path, output: Path) -> list[object]:
    words = f"topics {documents} --text body -k 3 --epochs 2 --device cpu -q -o {output}"
    return list(words.split())


def test_embeddings_reach_the_model_and_its_inference(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    vectors = np.eye(3)[np.arange(N) % 3] + 0.05 * np.random.default_rng(0).standard_normal((N, 3))
    np.save(tmp_path / "e.npy", vectors)
    run = tmp_path / "run"
    beside = ["--model", "zero-shot-tm", "--embeddings", tmp_path / "e.npy"]
    assert call(*options(documents, run), *beside).code == 0
    assert json.loads((run / "run.json").read_text())["settings"]["embeddings"].endswith("e.npy")
    new = tmp_path / "new.csv"
    answer = call("infer", run, documents, "--embeddings", tmp_path / "e.npy", "-o", new)
    assert answer.code == 0
    before = pl.read_parquet(run / "documents.parquet")["topic"].to_list()
    assert pl.read_csv(new)["topic"].to_list() == before
    answer = call("infer", run, documents, "-o", new, "--force")
    assert answer.code == 1 and "embeddings" in answer.err and answer.err.count("\n") == 1


def test_embeddings_that_cannot_be_used(documents: Path, tmp_path: Path, call: Call) -> None:
    np.save(tmp_path / "e.npy", np.zeros((N - 1, 3)))
    command = [*options(documents, tmp_path / "run"), "--embeddings", tmp_path / "e.npy"]
    answer = call(*command, "--model", "combined-tm")
    assert answer.code == 1 and f"shape ({N - 1}, 3) for {N} documents" in answer.err
    answer = call(*command)
    assert answer.code == 1
    assert "--embeddings: DirichletVAE does not read embeddings" in answer.err
    assert not (tmp_path / "run").exists()


def test_an_encoder_reads_the_texts(
    documents: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name; a run keeps that, and new texts need it given again."""
    loaded: list[str] = []

    class Sentences:
        def __init__(self, name: str) -> None:
            loaded.append(name)

        def encode(self, texts: list[str]) -> np.ndarray:
            return np.array([[t.count("engine"), t.count("gene"), len(t) / 99] for t in texts])

    library = types.ModuleType("sentence_transformers")
    library.SentenceTransformer = Sentences  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    run, new = tmp_path / "run", tmp_path / "new.csv"
    command = [*options(documents, run), "--model", "zero-shot-tm"]
    assert call(*command, "--encoder", "tiny").code == 0
    assert json.loads((run / "run.json").read_text())["settings"]["encoder"] == "tiny"
    assert call("infer", run, documents, "--encoder", "tiny", "-o", new).code == 0
    before = pl.read_parquet(run / "documents.parquet")["topic"].to_list()
    assert pl.read_csv(new)["topic"].to_list() == before
    shown = call("infer", run, "--text", "an engine", "--encoder", "tiny")
    assert shown.code == 0 and "an engine" in shown.out
    assert loaded == ["tiny"] * 3
    _ask_with_an_encoder(call, run, documents, tmp_path)
    answer = call("infer", run, "--text", "an engine")
    assert answer.code == 1 and 'fitted with embeddings by "tiny"' in answer.err
    assert answer.err.count("\n") == 1
    answer = call(*options(documents, tmp_path / "other"), "--encoder", "tiny")
    assert answer.code == 1 and "--encoder: DirichletVAE has no such parameter" in answer.err


def _ask_with_an_encoder(call: Call, run: Path, documents: Path, tmp_path: Path) -> None:
    """Every command that has the model read texts takes one; without it a line names it."""
    test = ["evaluate", run, "--test", documents, "--text", "body"]
    for command in (
        ["explain", run, "--text", "an engine"],
        ["update", run, documents, "--text", "body", "-o", tmp_path / "later"],
        test,
    ):
        without = call(*command)
        assert without.code == 1 and 'fitted with embeddings by "tiny"' in without.err
        assert without.err.rstrip().rpartition("\n")[2].startswith("polytopic: encoder:")
        answer = call(*command, "--encoder", "tiny")
        assert answer.code == 0, answer.err
    judged = json.loads(call(*test, "--encoder", "tiny", "--json").out)
    assert judged["npmi_held_out"] is not None and judged.get("perplexity") is None
    by = [
        json.loads(call("find", run, "engine", "--json", *more).out)["by"]
        for more in ([], ["--encoder", "tiny"])
    ]
    assert by == ["words", "theta"]


def test_embeddings_of_the_test_file(documents: Path, tmp_path: Path, call: Call) -> None:
    """A run fitted with embeddings is judged by documents that come with theirs."""
    vectors = np.eye(3)[np.arange(N) % 3] + 0.05 * np.random.default_rng(0).standard_normal((N, 3))
    np.save(tmp_path / "e.npy", vectors)
    np.save(tmp_path / "short.npy", vectors[:-1])
    run = tmp_path / "run"
    beside = ["--model", "cluster-tm", "--embeddings", tmp_path / "e.npy"]
    topics = f"topics {documents} --text body -k 3 -q -o {run}"
    assert call(*topics.split(), *beside).code == 0
    test = ["evaluate", run, "--test", documents, "--text", "body", "--json"]
    judged = json.loads(call(*test, "--test-embeddings", tmp_path / "e.npy").out)
    assert judged["npmi_held_out"] is not None and judged.get("perplexity") is None
    answer = call(*test, "--test-embeddings", tmp_path / "short.npy")
    assert answer.code == 1
    assert f"--test-embeddings: {tmp_path / 'short.npy'} has shape ({N - 1}, 3)" in answer.err
    answer = call("evaluate", run, "--test-embeddings", tmp_path / "e.npy")
    assert answer.code == 1 and "Give --test." in answer.err


def test_what_stands_beside_is_read_before_numbers_of_topics_are_tried(
    documents: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying takes minutes: an encoder that fails and a file that does not fit come first."""

    class Broken:
        def __init__(self, name: str) -> None:
            self.name = name

        def encode(self, texts: list[str]) -> np.ndarray:
            if self.name == "short":
                return np.ones((len(texts) - 1, 2))
            return np.full((len(texts), 2), np.nan)

    library = types.ModuleType("sentence_transformers")
    library.SentenceTransformer = Broken  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)

    def tried(*given: object, **more: object) -> None:
        raise AssertionError("numbers were tried")

    monkeypatch.setattr("polytopic.ensembles.choose_topics", tried)
    np.save(tmp_path / "e.npy", np.zeros((N - 1, 3)))
    topics = f"topics {documents} --text body -k auto --model cluster-tm -q".split()
    for more, told in (
        (["--encoder", "nan"], "NaN or infinity"),
        (["--encoder", "short"], f"an array of shape ({N - 1}, 2) beside {N} documents"),
        (["--embeddings", tmp_path / "e.npy"], f"shape ({N - 1}, 3) for {N} documents"),
    ):
        answer = call(*topics, *more, "-o", tmp_path / "run")
        assert answer.code == 1 and told in answer.err and answer.err.count("\n") == 1


def test_a_run_is_updated_with_embeddings(documents: Path, tmp_path: Path, call: Call) -> None:
    """New documents come with theirs; without, or with other rows, a line says so."""
    vectors = np.eye(3)[np.arange(N) % 3] + 0.05 * np.random.default_rng(0).standard_normal((N, 3))
    np.save(tmp_path / "e.npy", vectors)
    np.save(tmp_path / "short.npy", vectors[:-1])
    np.save(tmp_path / "wide.npy", np.hstack([vectors, vectors]))
    run, later = tmp_path / "run", tmp_path / "later"
    topics = f"topics {documents} --text body --model cluster-tm -k 3 -q -o {run}".split()
    assert call(*topics, "--embeddings", tmp_path / "e.npy").code == 0
    command = ["update", run, documents, "--text", "body", "-o", later]
    for file, told in (
        (None, "embeddings:"),
        ("short.npy", f"({N - 1}, 3)"),
        ("wide.npy", "6 num"),
    ):
        answer = call(*command, *([] if file is None else ["--embeddings", tmp_path / file]))
        assert answer.code == 1 and told in answer.err and "Traceback" not in answer.err
        assert not (later / "report.html").exists()
    answer = call(*command, "--embeddings", tmp_path / "e.npy")
    assert answer.code == 0, answer.err
    assert "it takes their embeddings" in answer.err
    assert json.loads((later / "run.json").read_text())["settings"]["embeddings"].endswith("e.npy")
    tables = [pl.read_parquet(r / "documents.parquet")["topic"].to_list() for r in (run, later)]
    assert tables[0] == tables[1], "centres stay, and so do the topics of the same documents"
    plain = tmp_path / "plain"
    assert call(*f"topics {documents} --text body --model nmf -k 3 -q -o {plain}".split()).code == 0
    command[1], command[-1] = plain, tmp_path / "other"
    answer = call(*command, "--embeddings", tmp_path / "e.npy")
    assert answer.code == 1 and "--embeddings: NMF does not read embeddings" in answer.err


@pytest.mark.parametrize("model", ["dirichlet-vae", "lda"])
def test_seeds_name_topics(documents: Path, tmp_path: Path, call: Call, model: str) -> None:
    seeds = tmp_path / "seeds.json"
    seeds.write_text(json.dumps({"Cars": ["engine", "fuel"], "Cells": "gene"}), encoding="utf-8")
    command = [*options(documents, tmp_path / "run"), "--seeds", seeds, "--model", model]
    if model == "lda":
        command.remove("--device")
        command.remove("cpu")
    assert call(*command).code == 0
    table = pl.read_csv(tmp_path / "run" / "topics.csv")
    assert table["name"].to_list() == ["Cars", "Cells", None]
    assert "engine" in table["words"][0].split()[:6]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": ["engine", "zebra"]}', "not in the vocabulary: zebra (a)"),
        ('{"a": 5}', 'the entry "a" is no list of words'),
        ('{"a": ["x", 5]}', 'the entry "a" is no list of words'),
        ("{}", "names no topic"),
        ("[1]", "no JSON object"),
        ('{"a": ["x"]', "cut short or altered"),
        (None, "is missing"),
    ],
)
def test_seeds_that_cannot_be_used(
    documents: Path, tmp_path: Path, call: Call, content: str | None, told: str
) -> None:
    seeds = tmp_path / "seeds.json"
    if content is not None:
        seeds.write_text(content, encoding="utf-8")
    answer = call(*options(documents, tmp_path / "run"), "--seeds", seeds)
    assert answer.code == 1 and told in answer.err and answer.err.count("\n") == 1


def test_seeds_of_a_model_that_has_none(documents: Path, tmp_path: Path, call: Call) -> None:
    seeds = tmp_path / "seeds.json"
    seeds.write_text('{"a": ["engine"]}', encoding="utf-8")
    command = f"topics {documents} --text body --model ntm -k 3 -q -o {tmp_path / 'run'}".split()
    answer = call(*command, "--seeds", seeds)
    assert answer.code == 1 and "--seeds: NTM has no such parameter" in answer.err


def test_several_labels_are_kept(documents: Path, tmp_path: Path, call: Call) -> None:
    command = f"topics {documents} --text body --label theme --label day --model lda -k 3".split()
    assert call(*command, "--epochs", 5, "-q", "-o", tmp_path / "run").code == 0
    settings = json.loads((tmp_path / "run" / "run.json").read_text())["settings"]
    assert settings["columns"]["label"] == ["theme", "day"]
