"""Word vectors of a folder of shards: its words in their order, as they were divided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_runs import Call

import polytopic as pt


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
