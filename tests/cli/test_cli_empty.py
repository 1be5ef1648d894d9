"""Documents without terms on the command line: no topic in any table, one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from cli_runs import Call, write_documents

SENTENCE = "3 of 43 documents hold no term of the vocabulary and have no topic."


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty documents of three themes, and three without a word that is counted."""
    file = tmp_path_factory.mktemp("texts") / "texts.csv"
    table = pl.read_csv(write_documents(file, n=40))
    odd = table.head(3).with_columns(pl.Series("body", ["", "xyzzy", "1 2 3"]))
    pl.concat([odd, table]).write_csv(file)
    return file


def test_no_table_gives_them_a_topic(texts: Path, tmp_path: Path, call: Call) -> None:
    run = tmp_path / "run"
    done = call(
        "topics", texts, "--text", "body", "--label", "theme", "--model", "lda", "-k", 3,
        "--epochs", 20, "-o", run,
    )  # fmt: skip
    assert done.code == 0 and SENTENCE in done.err
    assert pl.read_csv(run / "topics.csv")["documents"].sum() == 40
    documents = pl.read_parquet(run / "documents.parquet")
    for name in ("topic", "share"):
        assert documents[name].is_null().to_list() == [True] * 3 + [False] * 40
    assert documents["theta"].null_count() == 0 and documents["terms"][:3].to_list() == [0, 0, 0]
    record = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert record["notes"]["without_topic"] == SENTENCE
    assert record["metrics"]["purity"] == 1.0
    assert SENTENCE in (run / "report.html").read_text(encoding="utf-8")

    new = tmp_path / "new.csv"
    inferred = call("infer", run, texts, "--text", "body", "-o", new)
    assert inferred.code == 0 and SENTENCE in inferred.err
    table = pl.read_csv(new)
    for name in ("topic", "share"):
        assert table[name].is_null().to_list() == [True] * 3 + [False] * 40
    assert table["topic_0"].null_count() == 0
