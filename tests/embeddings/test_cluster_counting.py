"""Pairs counted by several workers: the matrix of one thread, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.cluster import crew
from polytopic.cluster.engines import Threads
from polytopic.embeddings import cluster_counting
from polytopic.errors import ClusterError, InputError


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are three threads of this process."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(3))


def sentences(n: int = 400) -> list[list[str]]:
    rng = np.random.default_rng(0)
    return [[f"w{i}" for i in rng.zipf(1.6, length) % 50] for length in rng.integers(0, 30, n)]


def same(one: pt.Cooccurrence, other: pt.Cooccurrence) -> None:
    for part in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(one.matrix, part), getattr(other.matrix, part))
    assert one.matrix.data.dtype == other.matrix.data.dtype == np.float32
    assert one.vocabulary.terms == other.vocabulary.terms


@pytest.mark.parametrize(
    "options",
    [{}, {"symmetric": False}, {"weighting": "flat", "window": 3}, {"window": 25}],
    ids=str,
)
def test_the_sums_are_those_of_one_thread(options: dict[str, Any]) -> None:
    text = sentences()
    alone = pt.Cooccurrence.count(text, n_threads=1, **options)
    same(alone, pt.Cooccurrence.count(text, cluster="processes:3", **options))


def test_real_processes_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    text = sentences()
    same(pt.Cooccurrence.count(text), pt.Cooccurrence.count(text, cluster="processes:2"))


def test_a_chunk_is_counted_again_where_a_worker_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count, numbers = cluster_counting.count_chunk, []

    def failing(task: Any) -> Any:
        numbers.append(task.number)
        if len(numbers) == 1:
            raise OSError("gone")
        return count(task)

    monkeypatch.setattr(cluster_counting, "count_chunk", failing)
    text = sentences()
    same(pt.Cooccurrence.count(text), pt.Cooccurrence.count(text, cluster="processes:3"))
    assert numbers.count(numbers[0]) == 2


def test_text_of_fewer_words_than_workers() -> None:
    text = [["a", "b"], ["b"]]
    same(pt.Cooccurrence.count(text), pt.Cooccurrence.count(text, cluster="processes:3"))


def test_glove_learns_the_same_vectors(tmp_path: Path) -> None:
    settings = {"dim": 5, "epochs": 2, "random_state": 0, "min_count": 1}
    alone = pt.GloVe(**settings).fit(sentences())
    shared = pt.GloVe(cluster="processes:3", checkpoint=tmp_path / "kept", **settings)
    shared.fit(sentences())
    np.testing.assert_array_equal(alone.vectors_.input, shared.vectors_.input)
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_what_fails_three_times_ends_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(task: Any) -> Any:
        raise OSError("the disk is full")

    monkeypatch.setattr(cluster_counting, "count_chunk", gone)
    with pytest.raises(ClusterError, match="the disk is full"):
        pt.Cooccurrence.count(sentences(), cluster="processes:3")


def test_an_engine_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"^cluster: 'spark' cannot be used"):
        pt.Cooccurrence.count(sentences(), cluster="spark")
    with pytest.raises(InputError, match="^cluster: 'spark' cannot be used by GloVe"):
        pt.GloVe(cluster="spark").fit(sentences())
