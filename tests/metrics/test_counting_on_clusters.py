"""Pairs of a topic's words counted by workers: the figures of threads, to the last bit."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.cluster import crew
from polytopic.cluster.engines import Threads
from polytopic.errors import CheckpointError, ClusterError, InputError
from polytopic.metrics import cluster_counting
from polytopic.text import Corpus, ShardedCorpus

WORDS = [f"{a}{b}word" for a in "abcdefgh" for b in "klmnopqr"]


def texts(n: int = 200) -> list[str]:
    rng = np.random.default_rng(0)
    share = (1 / np.arange(1, 65)) / (1 / np.arange(1, 65)).sum()
    return [" ".join(rng.choice(WORDS, rng.integers(0, 40), p=share)) for _ in range(n)]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> ShardedCorpus:
    folder = tmp_path_factory.mktemp("shards")
    (folder / "texts.txt").write_text("\n".join(text or "-" for text in texts()))
    return pt.shard(
        folder / "texts.txt", folder / "s", documents=30, min_df=1, max_df=1.0, stop_words=None
    )


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Workers that are three threads; how often they were started."""
    started: list[int] = []

    def engine(cluster: Any, n_threads: Any) -> Threads:
        started.append(1)
        return Threads(3)

    monkeypatch.setattr(crew, "engine_of", engine)
    return started


@pytest.fixture(scope="module")
def topics(shards: ShardedCorpus) -> list[list[str]]:
    rng = np.random.default_rng(1)
    return [rng.permutation(shards.vocabulary.terms)[:10].tolist() for _ in range(7)]


MEASURES: dict[str, Any] = {
    "npmi": lambda *a, **o: pt.metrics.npmi(*a, per_topic=True, **o).tolist(),
    "npmi in windows": lambda *a, **o: pt.metrics.npmi(*a, window=5, **o),
    "exact windows": lambda *a, **o: pt.metrics.npmi(*a, window=5, exact=True, **o),
    "uci": pt.metrics.uci,
    "umass": pt.metrics.umass,
    "c_v": pt.metrics.c_v,
    "unseen_pairs": pt.metrics.unseen_pairs,
}


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("kind", ["shards", "corpus", "lists"])
def test_the_figures_are_those_of_threads(
    name: str, kind: str, threads: Any, shards: ShardedCorpus, topics: Any
) -> None:
    held: dict[str, Any] = {
        "shards": shards,
        "corpus": shards.in_memory(),
        "lists": list(shards.token_lists()),
    }
    measure = MEASURES[name]
    assert measure(topics, held[kind], cluster="processes:3") == measure(topics, held[kind])
    assert threads == [1]


def test_topics_by_their_columns(threads: Any, shards: ShardedCorpus) -> None:
    columns = np.random.default_rng(2).dirichlet(np.full(len(shards.vocabulary), 0.1), 4)
    for reference in (shards, shards.counts, shards.counts.tocsr()):
        alone = pt.metrics.npmi(columns, reference)
        assert pt.metrics.npmi(columns, reference, cluster="processes:3") == alone


def test_real_processes_one_of_which_is_killed(
    shards: ShardedCorpus, topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, killed = crew.Crew._submit, []

    def killing(self: crew.Crew, function: Any, task: Any) -> Any:
        future = submit(self, function, task)
        if not killed and task.place.number == 3:
            killed.append(next(iter(self.engine._pool._processes)))  # type: ignore[attr-defined]
            os.kill(killed[0], signal.SIGKILL)
        return future

    monkeypatch.setattr(crew.Crew, "_submit", killing)
    found = pt.metrics.npmi(topics, shards, window=4, cluster="processes:2")
    assert killed and found == pt.metrics.npmi(topics, shards, window=4)
    assert not list(shards.path.glob(".partial-*")), "nothing of the work stays"


def test_sent_documents_are_counted_again_where_a_worker_fails(
    threads: Any, shards: ShardedCorpus, topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, calls = cluster_counting.count_sent, []

    def failing(task: Any) -> Any:
        found = count(task)
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the answer was lost")
        return found

    monkeypatch.setattr(cluster_counting, "count_sent", failing)
    corpus = shards.in_memory()
    found = pt.metrics.npmi(topics, corpus, cluster="processes:3")
    assert len(calls) == 2 and found == pt.metrics.npmi(topics, corpus)


def test_a_damaged_shard_is_named_in_one_line(
    threads: Any, shards: ShardedCorpus, topics: Any, tmp_path: Path
) -> None:
    shutil.copytree(shards.path, tmp_path / "s")
    broken = ShardedCorpus(tmp_path / "s")
    file = tmp_path / "s" / "shard-00004.safetensors"
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(CheckpointError, match="shard-00004") as caught:
        pt.metrics.npmi(topics, broken, cluster="processes:3")
    assert len(str(caught.value).splitlines()) == 1


def test_a_shard_that_cannot_be_read_ends_the_work(
    threads: Any, shards: ShardedCorpus, topics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(task: Any) -> Any:
        raise OSError("stale handle")

    monkeypatch.setattr(cluster_counting, "count_shard", gone)
    with pytest.raises(ClusterError, match=r"stale handle\. Nothing is lost: mend it"):
        pt.metrics.npmi(topics, shards, cluster="processes:3")


def test_an_engine_that_is_none_is_refused(shards: ShardedCorpus, topics: Any) -> None:
    with pytest.raises(InputError, match=r"^cluster: 'spark' cannot be used"):
        pt.metrics.npmi(topics, shards, cluster="spark")


@pytest.mark.filterwarnings("ignore")  # documents without words
def test_evaluate_starts_its_workers_once(
    threads: list[int], shards: ShardedCorpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic.topics.lda import shared_work

    corpus = shards.in_memory()
    model = pt.LDA(n_topics=3, iterations=5, random_state=0).fit(corpus)
    held_out = Corpus.from_texts(texts(260)[200:], vocabulary=shards.vocabulary)
    options: dict[str, Any] = {"held_out": held_out, "reference": shards}
    alone = pt.metrics.evaluate(model, shards, **options)
    threads.clear()
    assert pt.metrics.evaluate(model, shards, cluster="processes:3", **options) == alone
    assert threads == [1] and model.cluster is None
    monkeypatch.setattr(shared_work, "WORTH", 10)
    assert pt.metrics.evaluate(model, shards, cluster="processes:3", **options) == alone
    assert len(threads) > 2, "theta is found by workers too"
