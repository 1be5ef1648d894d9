"""Word vectors of a folder of shards: its words in their order, as they were divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_runs import Call

import polytopic as pt
from polytopic.cluster.engines import Threads
from polytopic.embeddings import cluster_passes


@pytest.fixture
def shards(tmp_path: Path, call: Call) -> Path:
    rng = np.random.default_rng(0)
    words = [" ".join(f"zq{'bcdfghjklm'[i]}x" for i in rng.integers(0, 10, 2)) for _ in range(90)]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["body", *words]), encoding="utf-8")
    folder = tmp_path / "shards"
    assert call("shard", table, "--text", "body", "-o", folder).code == 0
    return folder


def test_vectors_are_those_of_the_corpus_in_shards(
    shards: Path, call: Call, tmp_path: Path
) -> None:
    output = tmp_path / "v.txt"
    answer = call(
        "embed",
        shards,
        "-o",
        output,
        *["--dim", "6", "--epochs", "2", "--min-count", "2", "--sample", "0"],
    )
    assert answer.code == 0, answer.err
    model = pt.SkipGram(dim=6, epochs=2, min_count=2, sample=0, random_state=0)
    wanted = model.fit(pt.ShardedCorpus(shards)).vectors_
    found = pt.WordVectors.read(output)
    assert found.vocabulary.terms == wanted.vocabulary.terms and len(found) == 10
    np.testing.assert_allclose(found.input, wanted.input, atol=1e-5)


def test_workers_learn_in_slices_what_one_of_them_would(
    shards: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []

    def threads(cluster: Any, n_threads: int | None = None) -> Threads:
        begun.append(cluster)
        return Threads(2)

    monkeypatch.setattr("polytopic.cluster.crew.engine_of", threads)
    monkeypatch.setattr(cluster_passes, "cut", lambda n_tokens: (2, 50))
    output = tmp_path / "v.txt"
    options = ["--dim", "6", "--epochs", "2", "--min-count", "2", "--sample", "0"]
    answer = call("embed", shards, "-o", output, *options, "--cluster", "processes:2")
    assert answer.code == 0, answer.err
    settings = {"dim": 6, "epochs": 2, "min_count": 2, "sample": 0, "random_state": 0}
    corpus = pt.ShardedCorpus(shards)
    wanted = pt.SkipGram(**settings, cluster="processes:1").fit(corpus).vectors_.input
    assert begun == ["processes:2", "processes:1"]
    found = pt.WordVectors.read(output).input
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    other = pt.SkipGram(**settings).fit(corpus).vectors_.input
    assert np.abs(found - other).max() > 1e-4  # threads learn others


def test_a_cluster_that_is_none_is_refused(shards: Path, call: Call, tmp_path: Path) -> None:
    answer = call("embed", shards, "-o", tmp_path / "v.txt", "--cluster", "spark://here")
    assert answer.code != 0 and "processes:2" in answer.err and "Traceback" not in answer.err
    assert not (tmp_path / "v.txt").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--text", "body"], ["--spaces"], ["--language", "zh"], ["--encoding", "cp1252"],
        ["--separator", ";"], ["--no-header"],
    ],
)  # fmt: skip
def test_options_on_the_reading_of_text_are_refused(
    shards: Path, call: Call, tmp_path: Path, options: list[str]
) -> None:
    output = tmp_path / "v.txt"
    answer = call("embed", shards, "-o", output, *options)
    assert answer.code == 1 and answer.err.count("\n") == 1, answer.err
    assert "holds words that are divided already. Leave out the options" in answer.err
    assert not output.exists()
