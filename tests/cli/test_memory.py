"""``topics --memory``: what does not fit is counted in shards, to the same topics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from cli_runs import Call

from polytopic.cli import _memory
from polytopic.cli._memory import memory_in_bytes
from polytopic.errors import InputError

SHARDS = ".partial-shards"
PLAIN = ["--text", "body", "--label", "theme", "-k", "3", "--model", "lda", "--epochs", "3"]


@pytest.fixture
def nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "TIMES", 10**9)


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4 * 10**9), ("800 mb", 8 * 10**8), ("2GiB", 2**31), ("1.5g", 15 * 10**8)],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert memory_in_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("much", '"much" is no size. Give one such as 4GB'),
        ("-4GB", "is no size"),
        ("4", "is no size"),
        ("nanGB", "is no size"),
        ("499MB", "less than one batch of documents takes. Give 500MB or more"),
        ("0GB", "less than one batch"),
    ],
)
def test_what_is_no_size_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"^--memory: ") as error:
        memory_in_bytes(text)
    assert told in str(error.value) and "\n" not in str(error.value)


def test_topics_are_the_same_from_shards(
    call: Call, documents: Path, tmp_path: Path, nothing_fits: None
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert call("topics", documents, *PLAIN, "-o", whole).code == 0
    answer = call("topics", documents, *PLAIN, "-o", parts, "--memory", "1GB")
    assert answer.code == 0
    assert "counted in 1 shards on the disk" in answer.err
    assert (whole / "topics.csv").read_bytes() == (parts / "topics.csv").read_bytes()
    found: list[dict[str, Any]] = [
        json.loads((run / "metrics.json").read_text())["metrics"] for run in (whole, parts)
    ]
    assert found[0] == found[1]
    assert not (parts / SHARDS).exists()
    again = call("topics", documents, *PLAIN, "-o", parts, "--memory", "1GB", "--force")
    assert again.code == 0
    assert call("infer", parts, documents, "-o", tmp_path / "new.csv").code == 0


def test_what_fits_stays_in_memory(call: Call, documents: Path, tmp_path: Path) -> None:
    answer = call("topics", documents, *PLAIN, "-o", tmp_path / "run", "--memory", "1GB")
    assert answer.code == 0 and "shards" not in answer.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--ngrams", "2"], "ngrams: is not for shards"),
        (["--clean", "drop_duplicates"], 'clean="drop_duplicates": is not for shards'),
        (["--url", "name"], "--url: is not kept in shards"),
        (["--text", "nobody"], 'no column "nobody"'),
        (["-k", "5000"], "Ask for at most"),
    ],
)
def test_what_is_not_for_shards_is_one_line_and_leaves_nothing(
    words: list[str], told: str, call: Call, documents: Path, tmp_path: Path, nothing_fits: None
) -> None:
    pairs = zip(PLAIN[::2], PLAIN[1::2], strict=True)
    plain = [word for pair in pairs if pair[0] not in words for word in pair]
    run = tmp_path / "run"
    answer = call("topics", documents, *plain, *words, "-o", run, "--memory", "1GB", "--quiet")
    assert answer.code == 1
    assert told in answer.err and answer.err.count("\n") == 1, answer.err
    assert not run.exists()


def test_shards_of_a_killed_run_are_made_anew(
    call: Call, documents: Path, tmp_path: Path, nothing_fits: None
) -> None:
    run = tmp_path / "run"
    (run / SHARDS).mkdir(parents=True)
    (run / SHARDS / "shard-00000.parquet").write_bytes(b"half")
    assert call("topics", documents, *PLAIN, "-o", run, "--memory", "1GB").code == 0
    assert not (run / SHARDS).exists()


def test_a_failure_leaves_an_empty_folder_that_was_there(
    call: Call, documents: Path, tmp_path: Path, nothing_fits: None
) -> None:
    words = ["--ngrams", "2", "-o", tmp_path, "--memory", "1GB"]
    assert call("topics", documents, *PLAIN, *words).code == 1
    assert tmp_path.is_dir() and not list(tmp_path.iterdir())


def test_several_files_are_one_corpus(call: Call, documents: Path, tmp_path: Path) -> None:
    """In their order, with their texts where these fit, and as a pattern too."""
    lines = documents.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [tmp_path / f"{n}{documents.suffix}" for n in range(2)]
    head = lines[:1] if documents.suffix == ".csv" else []
    parts[0].write_text("".join(lines[:9]), encoding="utf-8")
    parts[1].write_text("".join([*head, *lines[9:]]), encoding="utf-8")
    whole, several, pattern = (tmp_path / name for name in ("whole", "several", "pattern"))
    assert call("topics", documents, *PLAIN, "-o", whole).code == 0
    assert call("topics", *parts, *PLAIN, "-o", several).code == 0
    assert call("topics", tmp_path / f"?{documents.suffix}", *PLAIN, "-o", pattern).code == 0
    for run in (several, pattern):
        assert (run / "topics.csv").read_bytes() == (whole / "topics.csv").read_bytes()
        found = [pl.read_parquet(one / "documents.parquet") for one in (whole, run)]
        assert found[0].equals(found[1]), "texts too"
    answer = call("topics", tmp_path / "no*.csv", *PLAIN, "-o", tmp_path / "none", "--quiet")
    assert answer.code == 1 and answer.err.count("\n") == 1
    assert "matches no file. Check the pattern." in answer.err


def test_shards_stand_alone(call: Call, documents: Path, tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    assert call("shard", documents, "--text", "body", "-o", shards).code == 0
    answer = call("topics", shards, documents, *PLAIN, "-o", tmp_path / "run")
    assert answer.code == 1 and "is a corpus in shards. Name it alone." in answer.err


def test_the_largest_topics_of_each_document_are_kept(
    call: Call, documents: Path, tmp_path: Path
) -> None:
    whole, few = tmp_path / "whole", tmp_path / "few"
    assert call("topics", documents, *PLAIN, "-o", whole).code == 0
    assert call("topics", documents, *PLAIN, "-o", few, "--top-topics", "2").code == 0
    theta = pl.read_parquet(whole / "documents.parquet")["theta"].to_numpy()
    order = np.argsort(-theta, axis=1, kind="stable")[:, :2]
    table = pl.read_parquet(few / "documents.parquet")
    assert "theta" not in table.columns
    assert np.array_equal(table["top_topics"].to_numpy(), order)
    shares = np.take_along_axis(theta, order, axis=1)
    assert np.array_equal(table["top_shares"].to_numpy(), shares)
    flat = pl.read_parquet(few / "tables" / "documents.parquet")
    assert not [name for name in flat.columns if name.startswith("topic_")]
    assert np.array_equal(flat.select("top_1", "top_2").to_numpy(), order)
    assert np.array_equal(flat.select("top_1_share", "top_2_share").to_numpy(), shares)
    assert call("edit", few, "--rename", "0=engines").code == 0
    edited = pl.read_parquet(few / "documents.parquet")
    assert "theta" not in edited.columns and "engines" in edited["name"].to_list()
    assert call("topics", documents, *PLAIN, "-o", few, "--top-topics", "0").code == 2
