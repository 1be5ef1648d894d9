"""Shards hold what a corpus in memory holds, to the last bit, however the work was cut."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import polytopic as pt
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.mapping import map_tensors
from polytopic.text import Corpus, ShardedCorpus
from polytopic.text.shards import appending, sharding, spool
from polytopic.text.shards.layout import INDEX, PLAN, shard_file

WORDS = [f"{a}{b}word" for a in "abcdefgh" for b in "klmnopqr"]
COLUMNS: dict[str, Any] = {"text": "body", "label": "kind", "id": "name", "date": "day"}
LINE = "All rights reserved by the wise owners"


def rows(n: int = 230, seed: int = 0) -> list[dict[str, Any]]:
    """Documents with codes for labels, empty ones, repeated lines, markup and cut letters."""
    rng = np.random.default_rng(seed)
    made = []
    for row in range(n):
        words = rng.choice(WORDS, rng.integers(3, 30), p=(p := 1 / np.arange(1, 65)) / p.sum())
        body = " ".join(words)
        if row % 7 == 0:
            body += f"\n{LINE}\nthe end"
        if row % 11 == 0:
            body = f"<p>{body}</p>"
        if row % 29 == 3:
            body = " "
        if row == 100:
            body += " café ﬁne"
        kind = f"{row % 5:02d}" if seed == 0 else str(row % 5)
        made.append(
            {"body": body, "kind": kind, "name": f"n{row}", "day": f"2020-01-{row % 28 + 1}"}
        )
    return made


def write(path: Path, documents: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pl.DataFrame(documents).write_parquet(path)
    elif path.suffix == ".csv":
        pl.DataFrame(documents).write_csv(path)
    else:
        path.write_text("\n".join(map(json.dumps, documents)) + "\n", encoding="utf-8")
    return path


def same(sharded: ShardedCorpus, corpus: Corpus) -> None:
    counts = sharded.counts.tocsr()
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(counts, name), getattr(corpus.counts, name)), name
    for name in ("tokens", "offsets", "labels", "ids", "dates"):
        found, expected = getattr(sharded, name), getattr(corpus, name)
        assert found.dtype == expected.dtype and np.array_equal(found, expected), name
    for name in ("terms", "rules"):
        assert getattr(sharded.vocabulary, name) == getattr(corpus.vocabulary, name)
    for name in ("counts", "document_counts"):
        expected = getattr(corpus.vocabulary, name)
        assert np.array_equal(getattr(sharded.vocabulary, name), expected)
    assert sharded.metadata.keys() == corpus.metadata.keys()
    for name in ("documents", "empty_documents", "documents_without_terms", "tokens",
                 "tokens_kept", "stop_words", "below_min_df", "above_max_df", "beyond_max_terms",
                 "emptied", "rules"):  # fmt: skip
        assert getattr(sharded.dropped, name) == getattr(corpus.dropped, name), name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("whole") / "whole.jsonl", rows())


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same documents in three files of three formats, in the order of their names."""
    folder = tmp_path_factory.mktemp("parts")
    made = rows()
    write(folder / "a.jsonl", made[:90])
    write(folder / "b.parquet", made[90:150])
    write(folder / "c.csv", made[150:])
    return folder


@pytest.mark.parametrize("documents", [7, 64, 1000])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_df": 3, "max_df": 0.4, "max_terms": 20},
        {"stop_words": ["akword", "alword amword"], "clean": None},
        {"lowercase": False, "token_pattern": pt.text.SKLEARN_PATTERN, "n_threads": 1},
    ],
    ids=["as by default", "limits", "stop phrases", "as scikit-learn"],
)
def test_shards_are_the_corpus(
    documents: int, options: dict[str, Any], parts: Path, whole: Path, tmp_path: Path
) -> None:
    corpus = pt.read(whole, **COLUMNS, **options)
    pattern = str(parts / "*")
    made = pt.shard(pattern, tmp_path / "s", documents=documents, **COLUMNS, **options)
    same(made, corpus)
    same(ShardedCorpus(tmp_path / "s"), corpus)
    assert made.n_shards == -(-len(corpus) // documents)
    left = [file.name for file in (tmp_path / "s").iterdir() if file.name.startswith(".")]
    assert left == [], "nothing that is not part of it stays"


def test_repeated_lines_of_all_shards_are_counted_together(whole: Path, tmp_path: Path) -> None:
    made = pt.shard(whole, tmp_path / "s", documents=20, **COLUMNS)
    assert made.vocabulary.rules is not None
    assert made.vocabulary.rules.repeated_lines == (LINE.lower(),), "in no shard ten times"


def test_documents_are_chosen_in_any_order(whole: Path, tmp_path: Path) -> None:
    corpus = pt.read(whole, **COLUMNS)
    made = pt.shard(whole, tmp_path / "s", documents=40, keep_texts=True, **COLUMNS)
    chosen = np.random.default_rng(1).permutation(len(corpus))[:77]
    for rows_ in (chosen, [5], slice(10, 200, 9), [], 3):
        found, expected = made[rows_], corpus[rows_]
        assert np.array_equal(found.counts.toarray(), expected.counts.toarray())
        assert np.array_equal(found.tokens, expected.tokens)
        assert np.array_equal(found.offsets, expected.offsets)
        assert list(found.texts) == list(expected.texts)  # type: ignore[arg-type]
        assert np.array_equal(found.labels, expected.labels)
    assert list(made.token_lists()) == list(corpus.token_lists())
    assert made.texts == list(corpus.texts)  # type: ignore[arg-type]
    assert [len(part) for part in made.shards()] == [40, 40, 40, 40, 40, 30]
    with pytest.raises(InputError, match="beyond the last of 230"):
        made[[230]]


# ---- going on --------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [0, 2, 5, 8])
def test_it_goes_on_where_it_was_stopped(
    stop: int, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the first pass, or among the shards of the second."""
    left = iter(range(stop + 1))
    begun: list[int] = []

    def counted(function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(left, None) is None:
                raise KeyboardInterrupt
            begun.append(1)
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(spool.Spool, "add", counted(spool.Spool.add))
        patch.setattr("polytopic.text.shards.choosing.write_shard",
                      counted(appending.write_shard))  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS)
    with pytest.raises(CheckpointError, match="is half written. Start the same"):
        ShardedCorpus(tmp_path / "s")
    again: list[int] = []
    monkeypatch.setattr(spool.Spool, "add", lambda *a, add=spool.Spool.add, **o:
                        (again.append(1), add(*a, **o))[1])  # fmt: skip
    same(pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS), pt.read(whole, **COLUMNS))
    assert len(again) == max(0, 5 - (stop + 1)), "no batch is read for words twice"


def test_half_written_of_something_else_is_told(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sharding, "Chosen", never)
        with pytest.raises(KeyboardInterrupt):
            pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS)
    with pytest.raises(InputError, match="half written, from other files or with other options"):
        pt.shard(whole, tmp_path / "s", documents=50, min_df=2, **COLUMNS)
    spoiled = next((tmp_path / "s").glob(".partial-words-*.safetensors"))
    spoiled.write_bytes(spoiled.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match=f"{spoiled.name}"):
        pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS)


@pytest.mark.parametrize("cluster", [None, "processes:2"])
def test_a_column_that_is_mistyped_leaves_nothing_behind(
    cluster: str | None, whole: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match='no column "bodi"'):
        pt.shard(whole, tmp_path / "s", text="bodi", cluster=cluster)
    assert not (tmp_path / "s").exists()


def test_a_full_disk_is_one_line_and_the_rest_goes_on(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, os.strerror(28))

    for target in ("polytopic.text.shards.spool.write_arrays",
                   "polytopic.text.shards.choosing.write_shard"):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(target, full)
            with pytest.raises(InputError, match=r"No space left.*it goes on from here"):
                pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS)
    same(pt.shard(whole, tmp_path / "s", documents=50, **COLUMNS), pt.read(whole, **COLUMNS))


# ---- more documents --------------------------------------------------------------------------


def test_next_months_documents_keep_the_vocabulary(whole: Path, tmp_path: Path) -> None:
    new = rows(60, seed=3)
    new[5]["body"] += " neverseen neverseen"
    later = write(tmp_path / "later.jsonl", new)
    made = pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    before, vocabulary = made.in_memory(), made.vocabulary
    told = made.append(later, documents=25)
    expected = Corpus.from_texts([row["body"] for row in new], vocabulary=vocabulary)
    assert told.documents == 60 and ("neverseen", 2) in told.unseen_examples
    assert told.unseen.tokens == expected.dropped.unseen.tokens
    again = ShardedCorpus(tmp_path / "s")
    assert len(again) == 290 and again.n_shards == 6
    assert again.vocabulary.terms == vocabulary.terms
    whole_counts = again.counts.tocsr()
    assert (whole_counts[:230] != before.counts).nnz == 0
    assert (whole_counts[230:] != expected.counts).nnz == 0
    assert again.dropped.documents == 290


def test_an_append_that_fails_leaves_the_corpus_as_it_was(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    calls = iter(range(1))

    def full(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise OSError(28, os.strerror(28))
        return write_shard(*arguments)

    write_shard = appending.write_shard
    with monkeypatch.context() as patch:
        patch.setattr(appending, "write_shard", full)
        with pytest.raises(InputError, match="No space left.*the corpus is as it was"):
            made.append(whole, documents=50)
    same(ShardedCorpus(tmp_path / "s"), pt.read(whole, **COLUMNS))
    assert made.append(whole, documents=50).documents == 230


# ---- what cannot be used ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ngrams": 2}, "ngrams: is not for shards"),
        ({"tokenizer": str.split}, "tokenizer: is not for shards"),
        ({"token_pattern": "[a-z]+"}, "token_pattern: is not for shards"),
        ({"vocabulary": ["one"]}, "vocabulary: is not for shards"),
        ({"clean": ["drop_duplicates"]}, 'clean="drop_duplicates": is not for shards'),
        ({"documents": 0}, "documents: is 0"),
        ({"min_df": 10**6, "max_df": 1.0}, "is more than max_df"),
        ({"min_df": 225, "max_df": 1.0}, "no term is left"),
    ],
)
def test_options_that_cannot_be_kept(
    options: dict[str, Any], told: str, whole: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=told):
        pt.shard(whole, tmp_path / "s", **COLUMNS, **options)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 2", "no words were found in 60 documents.*tokenizer=.*--clean none"),
        (" ", "all 60 documents are empty"),
    ],
)
def test_texts_without_words(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("body\n" + f'"{text}"\n' * 60)
    with pytest.raises(InputError, match=told):
        pt.shard(file, tmp_path / "s", text="body")


def test_places_that_cannot_be_used(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"\*.parquet: matches no file"):
        pt.shard(str(tmp_path / "*.parquet"), tmp_path / "s")
    assert not (tmp_path / "s").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds other files"):
        pt.shard(whole, tmp_path / "full", **COLUMNS)
    pt.shard(whole, tmp_path / "s", **COLUMNS)
    with pytest.raises(InputError, match="holds a sharded corpus"):
        pt.shard(whole, tmp_path / "s", **COLUMNS)
    with pytest.raises(FileMissingError, match="no such folder"):
        ShardedCorpus(tmp_path / "none")
    with pytest.raises(CheckpointError, match="is no sharded corpus"):
        ShardedCorpus(tmp_path / "full")


@pytest.mark.parametrize("what", ["cut", "missing", "ids", "other", "columns"])
def test_a_damaged_shard_is_named(what: str, whole: Path, tmp_path: Path) -> None:
    made = pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    file = shard_file(tmp_path / "s", 1)
    content = file.read_bytes()
    if what == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif what == "missing":
        file.unlink()
    elif what == "ids":
        file.write_bytes(content[:-8] + b"\xff\xff\xff\x7f" * 2)
    elif what == "other":
        file.write_bytes(shard_file(tmp_path / "s", 2).read_bytes())
    else:
        shard_file(tmp_path / "s", 1, ".parquet").write_bytes(b"PAR1")
    again = ShardedCorpus(tmp_path / "s")
    with pytest.raises(CheckpointError, match="shard-00001") as error:
        _ = again.labels if what == "columns" else again.counts
    assert "\n" not in str(error.value) and len(made) == 230


def test_shards_of_another_vocabulary_are_told(whole: Path, tmp_path: Path) -> None:
    pt.shard(whole, tmp_path / "a", documents=100, **COLUMNS)
    pt.shard(whole, tmp_path / "b", documents=100, max_terms=10, **COLUMNS)
    taken = shard_file(tmp_path / "a", 0)
    shard_file(tmp_path / "b", 0).write_bytes(taken.read_bytes())
    with pytest.raises(CheckpointError, match="shard-00000.safetensors"):
        _ = ShardedCorpus(tmp_path / "b").counts


def test_what_the_index_does_not_name_is_no_part(whole: Path, tmp_path: Path) -> None:
    pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    (tmp_path / "s" / PLAN).write_text("{}")  # killed between the index and the end
    assert len(ShardedCorpus(tmp_path / "s")) == 230
    assert (tmp_path / "s" / INDEX).is_dir()


def test_a_count_that_was_altered_is_found(whole: Path, tmp_path: Path) -> None:
    """A number that could stand there: only the checksum tells."""
    pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    file = shard_file(tmp_path / "s", 2)
    counts = map_tensors(file)["data"]
    place = file.read_bytes().index(np.asarray(counts[:20]).tobytes())
    content = bytearray(file.read_bytes())
    content[place] += 1
    file.write_bytes(bytes(content))
    with pytest.raises(CheckpointError, match=r"shard-00002.*its checksum differs") as error:
        _ = ShardedCorpus(tmp_path / "s").counts
    assert "\n" not in str(error.value)


def test_tokens_and_sums_are_read_a_shard_at_a_time(whole: Path, tmp_path: Path) -> None:
    made = pt.shard(whole, tmp_path / "s", documents=100, **COLUMNS)
    parts = list(made.token_parts())
    assert [len(offsets) - 1 for _, offsets in parts] == [100, 100, 30]
    assert np.array_equal(np.concatenate([tokens for tokens, _ in parts]), made.tokens)
