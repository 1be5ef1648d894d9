"""LDA on several processes and machines: the topics of one thread, to the last bit."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.cluster import crew
from polytopic.cluster.engines import Threads
from polytopic.errors import ClusterError, InputError
from polytopic.topics.lda import (
    cluster_inference,
    cluster_run,
    cluster_tasks,
    sampler_memory,
    shared_work,
)

from crews import Failing
from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore")  # what engines deprecate is their own business

LEARNED = {"n_topics": 50, "alpha": "asymmetric", "eta": "symmetric", "iterations": 12}
LOCKED = {"n_topics": 300, "iterations": 6, "term_weights": "idf", "background": 0.3}
CASES = {
    "50 topics, learned priors": LEARNED,
    "300 topics, weights of terms, a background, locked ones": LOCKED,
}


def documents() -> Any:
    return planted(n_documents=900, n_topics=8, per_topic=40, length=40)[0]


def model(case: str, **changes: Any) -> pt.LDA:
    settings = dict(CASES[case])
    if case.endswith("locked ones"):
        rows = np.random.default_rng(1).dirichlet(np.full(320, 0.1), 2).astype(np.float32)
        settings["locked_topics"] = rows
    return pt.LDA(samples=2, random_state=0, n_threads=1, **settings).set_params(**changes)


def timeless(fitted: pt.LDA) -> list[dict[str, float]]:
    return [{n: v for n, v in record.items() if n != "seconds"} for record in fitted.history_]


def same(one: pt.LDA, other: pt.LDA) -> None:
    np.testing.assert_array_equal(one.topic_word_, other.topic_word_)
    np.testing.assert_array_equal(one.alpha_, other.alpha_)
    np.testing.assert_array_equal(one.eta_, other.eta_)
    assert (one.background_ is None) == (other.background_ is None)
    if one.background_ is not None:
        np.testing.assert_array_equal(one.background_, other.background_)
    assert timeless(one) == timeless(other)


@pytest.fixture(scope="module")
def alone() -> Callable[[str], pt.LDA]:
    """The models of one thread, each fitted once."""
    found: dict[str, pt.LDA] = {}

    def fitted(case: str) -> pt.LDA:
        if case not in found:
            found[case] = model(case).fit(documents())
        return found[case]

    return fitted


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[crew.Crew], None]], list[int]]:
    """Has ``kill(crew)`` called once, right after a task in the middle of a run was given out."""

    def install(kill: Callable[[crew.Crew], None]) -> list[int]:
        submit, calls = crew.Crew._submit, []

        def counted(self: crew.Crew, function: Any, task: Any) -> Any:
            future = submit(self, function, task)
            calls.append(len(calls))
            if len(calls) == 30:
                kill(self)
            return future

        monkeypatch.setattr(crew.Crew, "_submit", counted)
        return calls

    return install


@pytest.mark.parametrize("case", CASES)
def test_two_threads(case: str, alone: Any) -> None:
    same(alone(case), model(case, n_threads=2).fit(documents()))


@pytest.mark.parametrize("case", CASES)
def test_two_processes_one_of_which_is_killed(case: str, alone: Any, killing: Any) -> None:
    def kill(found: crew.Crew) -> None:
        os.kill(next(iter(found.engine._pool._processes)), signal.SIGKILL)

    calls = killing(kill) if case.endswith("learned priors") else range(31)
    same(alone(case), model(case, cluster="processes:2").fit(documents()))
    assert len(calls) > 30


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="the dask extra is missing")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.mark.parametrize("case", CASES)
def test_a_dask_cluster_a_worker_of_which_is_killed(
    case: str, alone: Any, dask: Any, killing: Any
) -> None:
    place = "dask://" + dask.scheduler.address.removeprefix("tcp://")

    def kill(found: crew.Crew) -> None:
        os.kill(next(iter(dask.run(os.getpid).values())), signal.SIGKILL)

    if case.endswith("learned priors"):
        calls = killing(kill)
        same(alone(case), model(case, cluster=dask).fit(documents()))
        assert len(calls) > 30
    else:
        same(alone(case), model(case, cluster=place).fit(documents()))
        same(online().fit(documents()), online(cluster=dask).fit(documents()))


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    found = pytest.importorskip("ray", reason="the ray extra is missing")
    os.environ.update(RAY_worker_niceness="0", RAY_USAGE_STATS_ENABLED="0")
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80 << 20}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    cluster.add_node(**node)
    found.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    yield found
    found.shutdown()
    cluster.shutdown()


@pytest.mark.parametrize("case", CASES)
def test_a_ray_cluster_of_two_nodes_a_worker_of_which_is_killed(
    case: str, alone: Any, ray: Any, killing: Any
) -> None:
    psutil = pytest.importorskip("psutil", reason="processes cannot be listed")
    killed = []

    def kill(found: crew.Crew) -> None:
        for process in psutil.Process().children(recursive=True):
            if process.name().startswith(("ray::IDLE", "ray::draw_part")) and not killed:
                killed.append(process.pid)
                process.kill()

    killing(kill)
    same(alone(case), model(case, cluster="ray").fit(documents()))
    assert killed or not case.endswith("learned priors")


# ---- endings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [20, 41])
def test_three_failures_end_a_run_of_which_nothing_is_lost(
    after: int, alone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, kept = "50 topics, learned priors", tmp_path / "kept"
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(2))
    with monkeypatch.context() as patch:
        patch.setattr(
            cluster_run, "draw_part", Failing(cluster_tasks.draw_part, after, "the disk is full")
        )
        with pytest.raises(ClusterError, match="failed 3 times.*the disk is full.*start the same"):
            model(case, cluster="processes:2", checkpoint=kept).fit(documents())
    assert (kept / "about.json").exists()
    same(alone(case), model(case, cluster="processes:2", checkpoint=kept).fit(documents()))
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_a_failure_while_the_trace_is_written_leaves_no_gap_in_it(
    alone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, kept = "50 topics, learned priors", tmp_path / "kept"
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(2))

    def refuse(task: Any) -> Any:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(cluster_run, "judge_part", refuse)
        with pytest.raises(ClusterError, match="gone"):
            model(case, cluster="processes:2", checkpoint=kept).fit(documents())
    same(alone(case), model(case, checkpoint=kept).fit(documents()))  # on this machine alone


SCRIPT = """
    import polytopic as pt
    from polytopic.training import run
    from tests.topics.lda.test_cluster_run import documents, model

    run._SECONDS = 0.0
    model("50 topics, learned priors", cluster="processes:2", checkpoint="kept",
          iterations=30).fit(documents())
"""


def test_a_killed_driver_goes_on_and_leaves_no_process(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil", reason="processes cannot be listed")
    root = Path(__file__).parents[3]
    paths = os.pathsep.join([str(Path(pt.__file__).parents[1]), str(root), str(root / "tests")])
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(SCRIPT)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    about = tmp_path / "kept" / "about.json"
    while run.poll() is None and not about.exists():
        time.sleep(0.05)
    workers = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    run.wait()
    assert about.exists()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    case = "50 topics, learned priors"
    found = model(case, cluster="processes:1", checkpoint=tmp_path / "kept", iterations=30)
    same(model(case, iterations=30).fit(documents()), found.fit(documents()))
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_a_full_disk_is_told_in_one_line(
    threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expand = cluster_run.gibbs.expand_each

    def full(counts: Any, **options: Any) -> Iterator[Any]:
        yield next(expand(counts))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cluster_run.gibbs, "expand_each", full)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)"):
        model("50 topics, learned priors", cluster="processes:2", checkpoint=tmp_path / "c").fit(
            documents()
        )
    assert list(tmp_path.iterdir()) == []


# ---- online, and theta of documents -------------------------------------------------------------

ONLINE = {"method": "online", "alpha": "symmetric", "eta": "symmetric", "iterations": 2}


def online(**changes: Any) -> pt.LDA:
    settings = {"n_topics": 10, "batch_size": 200, "random_state": 0, "n_threads": 1}
    return pt.LDA(**{**settings, **ONLINE, **changes})


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are three threads of this process."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(3))


def test_online_learning_adds_up_in_the_order_of_documents(threads: None) -> None:
    same(online().fit(documents()), online(cluster="processes:3").fit(documents()))


def test_a_stream_in_pieces_too(threads: None) -> None:
    counts = documents()
    alone, shared = online(), online(cluster="processes:3")
    for part in (counts[:500], counts[500:]):
        alone.partial_fit(part)
        shared.partial_fit(part)
    same(alone, shared)


def test_a_failed_batch_is_gone_on_with(
    threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, calls = cluster_inference.settle_part, iter(range(100))

    def failing(task: Any) -> Any:
        if next(calls) > 10:
            raise OSError("the disk is full")
        return settle(task)

    with monkeypatch.context() as patch:
        patch.setattr(cluster_inference, "settle_part", failing)
        with pytest.raises(ClusterError, match="the disk is full"):
            online(cluster="processes:3", checkpoint=tmp_path / "kept").fit(documents())
    same(online().fit(documents()), online(checkpoint=tmp_path / "kept").fit(documents()))


def test_documents_are_answered_elsewhere_as_here(
    threads: None, monkeypatch: pytest.MonkeyPatch, alone: Any
) -> None:
    fitted = alone("50 topics, learned priors")
    counts = documents()
    here = fitted.transform(counts)
    asked = []
    infer = cluster_inference.infer_part
    monkeypatch.setattr(
        cluster_inference, "infer_part", lambda task: asked.append(task) or infer(task)
    )
    fitted.set_params(cluster="processes:3")
    try:
        fitted.transform(counts)
        assert not asked  # so few are answered here
        monkeypatch.setattr(shared_work, "WORTH", 10)
        np.testing.assert_array_equal(fitted.transform(counts), here)
    finally:
        fitted.set_params(cluster=None)
    assert [task.documents.first for task in asked] != [0]
    assert sum(task.documents.last - task.documents.first for task in asked) == len(here)


def test_shards_are_answered_and_learned_from_as_memory_is(threads: None, tmp_path: Path) -> None:
    words = [f"w{a}{b}" for a in "abcdefgh" for b in "abcdefghij"]
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(words, 12)) for _ in range(300)]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    options = {"min_df": 1, "max_df": 1.0, "stop_words": None}
    shards = pt.shard(tmp_path / "texts.txt", tmp_path / "shards", documents=70, **options)
    whole = pt.Corpus.from_texts(lines, **options)
    settings = {"n_topics": 5, "iterations": 8, "random_state": 0, "alpha": "symmetric"}
    one = pt.LDA(n_threads=1, **settings).fit(whole)
    same(one, pt.LDA(cluster="processes:3", n_threads=1, **settings).fit(shards))


@pytest.mark.parametrize("kind", ["hdp", "embedding"])
def test_the_kin_of_lda_too(kind: str, threads: None) -> None:
    counts = planted(n_documents=300)[0]

    def fitted(**changes: Any) -> Any:
        if kind == "hdp":
            return pt.HDP(n_topics=12, iterations=10, random_state=0, **changes).fit(counts)
        made = pt.EmbeddingLDA(n_topics=4, iterations=10, dim=5, random_state=0, **changes)
        return made.fit(counts)

    same(fitted(n_threads=1), fitted(n_threads=1, cluster="processes:3"))


def test_a_corpus_of_which_the_driver_cannot_hold_the_tables_is_refused(
    threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampler_memory, "free_memory", lambda: 200_000.0)
    counts = planted(n_documents=3000)[0]  # 90,000 tokens of 6 bytes
    with pytest.raises(InputError, match="the sampler keeps each of them"):
        pt.LDA(n_topics=2, iterations=2, n_threads=1).fit(counts)
    pt.LDA(n_topics=2, iterations=2, n_threads=1, cluster="processes:3").fit(counts)
