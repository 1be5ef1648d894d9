"""Word vectors on several processes and machines: the same bits for any number of workers."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.cluster import crew
from polytopic.cluster.engines import Threads
from polytopic.embeddings import cluster_passes, cluster_slices
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, ROUND
from polytopic.embeddings.tokens import open_tokens
from polytopic.errors import CheckpointError, ClusterError, InputError, InterruptedFitWarning

from crews import Failing, Twice

pytestmark = pytest.mark.filterwarnings("ignore")  # what engines deprecate is their own business

SIZE = 2048
"""Positions of a slice in these tests."""


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_passes, "cut", lambda n_tokens: (3, SIZE))


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are three threads of this process."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(3))


def planted(n: int = 3000, groups: int = 12) -> list[list[str]]:
    """Sentences about one group of words each; of two words, ``a`` and ``b``, one comes at random
    with words of the group, so that they are synonyms."""
    rng = np.random.default_rng(0)
    found = []
    for group in rng.integers(groups, size=n):
        middle = f"{'ab'[rng.integers(2)]}{group}"
        around = [f"w{group}-{i}" for i in rng.integers(6, size=6)]
        found.append([*around[:3], middle, *around[3:]])
    return found


def model(kind: str = "skipgram", **changes: Any) -> Any:
    cls: dict[str, Any] = {"skipgram": pt.SkipGram, "cbow": pt.CBOW, "fasttext": pt.FastText}
    settings: dict[str, Any] = {
        "dim": 8, "epochs": 2, "window": 3, "sample": 0.02, "n_threads": 1, "random_state": 0,
    }  # fmt: skip
    if kind == "fasttext":
        settings |= {"bucket": 500}
    return cls[kind](**{**settings, **changes})


def same(one: Any, other: Any) -> None:
    assert one._arrays.keys() == other._arrays.keys()
    for name, array in one._arrays.items():
        np.testing.assert_array_equal(array, other._arrays[name])
    told = ("epoch", "loss", "pairs", "learning_rate")
    assert [[r[n] for n in told] for r in one.history_] == [
        [r[n] for n in told] for r in other.history_
    ]


@pytest.fixture(scope="module")
def alone() -> Any:
    """Skip-gram of one worker that is a thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(1))
        patch.setattr(cluster_passes, "cut", lambda n_tokens: (3, SIZE))
        return model(cluster="processes:1").fit(planted())


# ---- the same bits -----------------------------------------------------------------------------

VARIANTS: dict[str, dict[str, Any]] = {
    "cbow": {"kind": "cbow", "context": "sum"},
    "tied": {"tied": True},
    "noise of its own": {"negatives": "both", "exclude": "block"},
    "inputs alone": {"train": "input"},
    "n-grams": {"kind": "fasttext"},
    "n-grams in bags": {"kind": "fasttext", "model": "cbow"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_any_number_of_workers_learns_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for workers in (1, 3):
        monkeypatch.setattr(crew, "engine_of", lambda cluster, n, k=workers: Threads(k))
        found.append(model(cluster="processes:2", **VARIANTS[name]).fit(planted()))
    same(*found)
    assert found[0].history_[-1]["loss"] < found[0].history_[0]["loss"]


def test_two_processes_one_of_which_is_killed(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    submit, killed = crew.Crew._submit, []

    def killing(self: crew.Crew, function: Any, task: Any) -> Any:
        future = submit(self, function, task)
        if not killed and task.number > 6:
            killed.append(next(iter(self.engine._pool._processes)))  # type: ignore[attr-defined]
            os.kill(killed[0], signal.SIGKILL)
        return future

    monkeypatch.setattr(crew.Crew, "_submit", killing)
    same(alone, model(cluster="processes:2").fit(planted()))
    assert killed


def test_a_dask_cluster(alone: Any) -> None:
    distributed = pytest.importorskip("distributed", reason="the dask extra is missing")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        same(alone, model(cluster=client).fit(planted()))


def test_a_ray_cluster(alone: Any) -> None:
    ray = pytest.importorskip("ray", reason="the ray extra is missing")
    os.environ.update(RAY_worker_niceness="0", RAY_USAGE_STATS_ENABLED="0")
    ray.init(
        num_cpus=1, include_dashboard=False, object_store_memory=80 << 20, log_to_driver=False,
        logging_level="ERROR", _node_ip_address="127.0.0.1",
    )  # fmt: skip
    try:
        same(alone, model(cluster="ray").fit(planted()))
    finally:
        ray.shutdown()


@pytest.mark.parametrize("n", [2, 5000, 40_000, 4_000_000, 10**8, 10**10])
def test_a_text_is_cut_by_its_length_alone(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    slices, positions = cluster_passes.cut(n)
    assert positions % (ROUND * BLOCK) == 0 and slices >= cluster_passes.SLICES
    rounds = -(-n // (slices * positions))
    assert rounds <= cluster_passes.ROUNDS
    if n > 10**6:  # no round is much longer than the others: so many there are
        assert rounds > 0.9 * cluster_passes.ROUNDS - 1


def test_a_slice_that_was_given_up_may_end_late(
    alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two attempts at each slice, both of which are done."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Twice(4))
    same(alone, model(cluster="processes:3").fit(planted()))


def test_shards_are_learned_from_as_memory_is(threads: None, tmp_path: Path) -> None:
    lines = [" ".join(f"x{word.replace('-', 'q')}" for word in s) for s in planted(900)]
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    options: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "stop_words": None}
    shards = pt.shard(tmp_path / "texts.txt", tmp_path / "shards", documents=70, **options)
    whole = pt.Corpus.from_texts(lines, **options)
    same(model(cluster="processes:3").fit(whole), model(cluster="processes:3").fit(shards))


def test_the_text_in_files_is_that_of_the_store(
    threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pieces of any size, sentences begin where they began; also where some are empty."""
    sentences = [s if number % 7 else [] for number, s in enumerate(planted(300))]
    store, seen = open_tokens(sentences, min_count=30), []

    def looking(task: Any) -> Any:
        folder = Path(task.folder)
        seen.append((np.load(folder / "tokens.npy"), np.load(folder / "starts.npy")))
        return cluster_slices.train_slice(task)

    monkeypatch.setattr(cluster_passes, "train_slice", looking)
    for size in (1 << 22, 97, 8):
        monkeypatch.setattr(cluster_passes, "_WRITTEN", size)
        model(cluster="processes:3", epochs=1).fit(store)
        ids, bounds = store.read(0, store.n_tokens)
        np.testing.assert_array_equal(seen[-1][0], ids)
        np.testing.assert_array_equal(seen[-1][1], bounds[:-1])


# ---- quality -----------------------------------------------------------------------------------


def found_synonyms(fitted: Any, groups: int = 12) -> float:
    """Share of synonyms that are nearer to one another than to any other synonym."""
    names = [f"{letter}{group}" for letter in "ab" for group in range(groups)]
    rows = fitted.vectors_.input[[fitted.vocabulary_.index(name) for name in names]]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T - 2.0 * np.eye(2 * groups)
    nearest = cosines.argmax(axis=1)
    return float(np.mean(nearest == (np.arange(2 * groups) + groups) % (2 * groups)))


@pytest.mark.parametrize("kind", ["skipgram", "cbow", "fasttext"])
def test_synonyms_are_found_as_by_one_machine(kind: str, threads: None) -> None:
    changes: dict[str, Any] = {"epochs": 6, "sample": 0, "learning_rate": 0.05}
    if kind == "fasttext":  # n-grams are whole words: names tell nothing of their groups
        changes |= {"min_n": 9, "max_n": 9}
    sentences = planted(4000)
    one = found_synonyms(model(kind, **changes).fit(sentences))
    assert one > 0.9
    several = found_synonyms(model(kind, cluster="processes:3", **changes).fit(sentences))
    assert several > one - 0.05


def test_a_round_of_one_slice_is_what_one_machine_does(
    threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positions, keys and rates of a slice are those of the blocks of one machine."""
    monkeypatch.setattr(cluster_passes, "cut", lambda n_tokens: (1, 2 * ROUND * BLOCK))
    one, several = model().fit(planted()), model(cluster="processes:3").fit(planted())
    assert [r["pairs"] for r in one.history_] == [r["pairs"] for r in several.history_]
    np.testing.assert_allclose(one.vectors_.input, several.vectors_.input, atol=2e-5)
    np.testing.assert_allclose(one.vectors_.output, several.vectors_.output, atol=2e-5)


# ---- endings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 8, 16])
def test_three_failures_end_a_run_of_which_nothing_is_lost(
    after: int, alone: Any, threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    with monkeypatch.context() as patch:
        patch.setattr(
            cluster_passes,
            "train_slice",
            Failing(cluster_slices.train_slice, after, "the disk is full"),
        )
        with pytest.raises(ClusterError, match="failed 3 times.*the disk is full.*start the same"):
            model(cluster="processes:2", checkpoint=kept).fit(planted())
    again = Failing(cluster_slices.train_slice, 1000, "the disk is full")
    monkeypatch.setattr(cluster_passes, "train_slice", again)
    same(alone, model(cluster="processes:3", checkpoint=kept).fit(planted()))
    n_slices = 2 * -(-open_tokens(planted()).n_tokens // SIZE)
    assert 1000 - again.left <= n_slices - after // 3 * 3 + 3, "whole rounds are not done again"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


SCRIPT = """
    import polytopic as pt
    from polytopic.embeddings import cluster_passes
    from polytopic.training import run
    from tests.embeddings.test_cluster_passes import SIZE, model, planted

    cluster_passes.cut, run._SECONDS = (lambda n_tokens: (3, SIZE)), 0.0
    model(cluster="processes:2", checkpoint="kept", epochs=40).fit(planted())
"""


def test_a_killed_driver_goes_on(threads: None, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(Path(pt.__file__).parents[1]), str(root), str(root / "tests")])
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(SCRIPT)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    about = tmp_path / "kept" / "about.json"
    while run.poll() is None and not about.exists():
        time.sleep(0.05)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    assert list(tmp_path.glob(".partial-cluster-*")), "nobody was left to remove it"
    found = model(cluster="processes:1", checkpoint=tmp_path / "kept", epochs=40).fit(planted())
    same(model(cluster="processes:1", epochs=40).fit(planted()), found)
    deadline = time.monotonic() + 20
    while len(list(tmp_path.iterdir())) > 1 and time.monotonic() < deadline:
        time.sleep(0.1)  # a worker that outlived its driver may still write
        crew.remove_left(tmp_path / "kept")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_ctrl_c_ends_after_a_round_and_the_same_fit_goes_on(
    alone: Any, threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def interrupted(task: Any) -> Any:
        calls.append(task.number)
        if len(calls) == 5:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)
        return cluster_slices.train_slice(task)

    with monkeypatch.context() as patch:
        patch.setattr(cluster_passes, "train_slice", interrupted)
        with pytest.warns(InterruptedFitWarning, match="interrupted after 0 of 2 epochs"):
            model(cluster="processes:3", checkpoint=tmp_path / "kept").fit(planted())
    assert len(calls) == 6
    same(alone, model(cluster="processes:3", checkpoint=tmp_path / "kept").fit(planted()))


def test_a_checkpoint_of_threads_is_not_gone_on_with_in_slices(
    threads: None, tmp_path: Path
) -> None:
    kept = {"checkpoint": tmp_path / "kept"}
    model(epochs=1, **kept).fit(planted())
    with pytest.raises(CheckpointError, match=r"other settings \(cluster differ\)"):
        model(epochs=1, cluster="processes:3", **kept).fit(planted())
    model(epochs=1, cluster="processes:3", checkpoint=tmp_path / "c").fit(planted())
    with pytest.raises(CheckpointError, match=r"other settings \(cluster differ\)"):
        model(epochs=1, checkpoint=tmp_path / "c").fit(planted())


def test_more_epochs_and_new_words_go_on_from_what_was_learned(threads: None) -> None:
    fitted = model(cluster="processes:3").fit(planted(600))
    before = fitted.vectors_.input.copy()
    fitted.partial_fit([["new", "words", *s] for s in planted(600)], frozen=True)
    assert fitted.n_epochs_ == 4
    np.testing.assert_array_equal(fitted.vectors_.input[: len(before)], before)
    assert "new" in fitted.vocabulary_


def test_a_full_disk_is_told_in_one_line(
    threads: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, starts: Any) -> Iterator[Any]:
        yield np.zeros(3, np.int32)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cluster_passes.ClusterPasses, "_tokens", full)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)"):
        model(cluster="processes:2", checkpoint=tmp_path / "c").fit(planted(50))
    assert not list(tmp_path.glob(".partial-*"))


def test_a_rate_that_diverges_is_refused(threads: None) -> None:
    with pytest.raises(InputError, match="learning_rate: training diverged"):
        model(cluster="processes:3", learning_rate=500.0).fit(planted())


@pytest.mark.parametrize(
    "changes", [{"loss": "softmax"}, {"loss": "hierarchical"}, {"deterministic": False}], ids=str
)
def test_what_slices_cannot_do_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="^cluster: slices are trained where loss="):
        model(cluster="processes:2", **changes).fit(planted(50))


def test_an_engine_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="^cluster: 'spark' cannot be used by SkipGram"):
        model(cluster="spark").fit(planted(50))
