"""Shards made by several workers: the folder that one process makes, byte for byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from test_sharding import COLUMNS, rows, write

import polytopic as pt
from polytopic.cluster import crew
from polytopic.cluster.engines import Threads
from polytopic.errors import CheckpointError, ClusterError, InputError
from polytopic.text.shards import cluster_reading, cluster_sharding, cluster_tasks, source
from polytopic.text.shards.cluster_reading import Cutter
from polytopic.text.shards.spool import Spool

from crews import Failing, Twice

Folder = dict[str, bytes]


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are three threads of this process."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Threads(3))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Documents in four files of three formats, one of which has labels of another type."""
    folder = tmp_path_factory.mktemp("parts")
    made = rows()
    write(folder / "a.jsonl", made[:90])
    write(folder / "b.parquet", [{**row, "kind": int(row["kind"])} for row in made[90:140]])
    write(folder / "c.csv", made[140:150])
    write(folder / "d.jsonl", made[150:])
    return str(folder / "*")


def content(folder: Path) -> Folder:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def made(parts: str, output: Path, cluster: str | None, **options: Any) -> Folder:
    pt.shard(parts, output, cluster=cluster, **{**COLUMNS, **options})
    return content(output)


@pytest.mark.parametrize("documents", [33, 64, 1000])
@pytest.mark.parametrize(
    "options",
    [
        {"keep_texts": True},
        {"min_df": 3, "max_df": 0.4, "max_terms": 20},
        {"stop_words": ["akword", "alword amword", "dnword dkword"], "clean": None},
        {"lowercase": False, "token_pattern": pt.text.SKLEARN_PATTERN, "n_threads": 1},
    ],
    ids=["texts kept", "limits", "stop phrases", "as scikit-learn"],
)
def test_the_folder_is_the_same_to_the_last_byte(
    documents: int, options: dict[str, Any], parts: str, tmp_path: Path
) -> None:
    alone = made(parts, tmp_path / "alone", None, documents=documents, **options)
    assert made(parts, tmp_path / "s", "processes:3", documents=documents, **options) == alone


@pytest.mark.parametrize("characters", [900, 5000])
def test_long_documents_are_cut_alike(
    characters: int, parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHARACTERS", characters)
    alone = made(parts, tmp_path / "alone", None, documents=50)
    assert made(parts, tmp_path / "s", "processes:3", documents=50) == alone
    assert len(alone) > 2 * 230 // 50


def test_pieces_are_read_while_anything_of_them_is_left(tmp_path: Path) -> None:
    table = cluster_reading.pl.DataFrame({"text": [c * n for n, c in enumerate("abcdefg", 1)]})
    piece = cluster_reading._written(table, tmp_path)
    cutter = Cutter(3)
    cuts = list(cutter.add(piece))
    assert [(part.first, part.last) for parts in cuts for part in parts] == [(0, 3), (3, 6)]
    cluster_sharding._remove({piece}, cutter)
    assert Path(piece.table).exists(), "its last document is in no batch yet"
    assert cluster_reading.batch_of(cutter.rest()).texts == ["ggggggg"]
    cluster_sharding._remove({piece}, cutter)
    assert not any(Path(name).exists() for name in piece)


def test_a_killed_worker_costs_nothing_but_time(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    submit, killed = crew.Crew._submit, []

    def killing(self: crew.Crew, function: Any, task: Any) -> Any:
        future = submit(self, function, task)
        if not killed and function is cluster_tasks.find_words and task.number == 2:
            killed.append(next(iter(self.engine._pool._processes)))  # type: ignore[attr-defined]
            os.kill(killed[0], signal.SIGKILL)
        return future

    monkeypatch.setattr(crew.Crew, "_submit", killing)
    found = made(parts, tmp_path / "s", "processes:2", documents=30)
    assert killed and found == made(parts, tmp_path / "alone", None, documents=30)


def test_a_worker_that_was_given_up_may_end_late(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two attempts at each task, both of which are done."""
    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Twice(4))
    found = made(parts, tmp_path / "s", "processes:3", documents=30)
    assert found == made(parts, tmp_path / "alone", None, documents=30)


# ---- going on --------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["processes:3", None])
@pytest.mark.parametrize(
    ("name", "after"),
    [("read_file", 1), ("find_words", 3), ("count_batch_words", 2), ("write_batch", 4)],
)
def test_the_same_command_goes_on_with_workers_or_without(
    name: str,
    after: int,
    then: str | None,
    parts: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        task = getattr(cluster_sharding, name)
        patch.setattr(cluster_sharding, name, Failing(task, after, "gone"))
        with pytest.raises(ClusterError, match="gone"):
            made(parts, tmp_path / "s", "processes:3", documents=30)
    done = {file.name for file in (tmp_path / "s").glob(".partial-words-*.safetensors")}
    again: list[int] = []
    find, add = cluster_sharding.find_words, Spool.add
    monkeypatch.setattr(
        cluster_sharding, "find_words", lambda task: (again.append(task.number), find(task))[1]
    )
    monkeypatch.setattr(Spool, "add", lambda *a, **o: (again.append(0), add(*a, **o))[1])
    assert made(parts, tmp_path / "s", then, documents=30) == made(
        parts, tmp_path / "alone", None, documents=30
    )
    if then is not None:  # alone finds the words of all eight
        assert len(again) - 8 == 8 - len(done), "what was found is not looked for again"


def test_a_killed_driver_goes_on(parts: str, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; import polytopic as pt\n"
        "from polytopic.text.shards import cluster_sharding\n"
        "class Dying(cluster_sharding.ClusterChosen):\n"
        "    def _writing(self, folder):\n"
        "        for number, written in enumerate(super()._writing(folder)):\n"
        "            if number == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "            yield written\n"
        "from polytopic.text.shards import sharding; sharding.ClusterChosen = Dying\n"
        f"pt.shard({parts!r}, {str(tmp_path / 's')!r}, documents=30, cluster='processes:2', "
        f"**{COLUMNS!r})"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert list((tmp_path / "s").glob(".partial-cluster-*")), "nobody was left to remove it"
    with pytest.raises(CheckpointError, match="is half written"):
        pt.ShardedCorpus(tmp_path / "s")
    assert made(parts, tmp_path / "s", None, documents=30) == made(
        parts, tmp_path / "alone", None, documents=30
    )


def test_workers_go_on_with_what_threads_began(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        calls, add = iter(range(3)), Spool.add

        def some(*given: Any, **options: Any) -> None:
            if next(calls, None) is None:
                raise KeyboardInterrupt
            add(*given, **options)

        patch.setattr(Spool, "add", some)
        with pytest.raises(KeyboardInterrupt):
            made(parts, tmp_path / "s", None, documents=30)
    assert made(parts, tmp_path / "s", "processes:3", documents=30) == made(
        parts, tmp_path / "alone", None, documents=30
    )


def test_three_failures_lose_nothing(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(task: Any) -> Any:
        raise OSError(28, os.strerror(28))

    for name in ("find_words", "write_batch"):
        with monkeypatch.context() as patch:
            patch.setattr(cluster_sharding, name, full)
            with pytest.raises(ClusterError, match=r"No space left.*\. Nothing is lost: mend"):
                made(parts, tmp_path / "s", "processes:3", documents=30)
    assert made(parts, tmp_path / "s", "processes:3", documents=30) == made(
        parts, tmp_path / "alone", None, documents=30
    )


# ---- later documents -------------------------------------------------------------------------


@pytest.fixture
def later(tmp_path: Path) -> str:
    """Later documents in two files, with a word that the vocabulary lacks and an empty one."""
    made = rows(75, seed=5)
    made[3]["body"] += " neverseen neverseen"
    made[40]["body"] = ""
    (tmp_path / "later").mkdir()
    write(tmp_path / "later" / "a.jsonl", made[:50])
    write(tmp_path / "later" / "b.parquet", made[50:])
    return str(tmp_path / "later" / "*")


def grown(parts: str, output: Path, later: str, cluster: str | None, **options: Any) -> Any:
    """The files of a corpus to which documents were added, and what of these was left out."""
    corpus = pt.shard(parts, output, documents=100, **{**COLUMNS, "keep_texts": True})
    told = corpus.append(later, documents=20, cluster=cluster, **options)
    assert len(corpus) == 230 + 75
    return content(output), told


@pytest.mark.parametrize("options", [{}, {"stop_words": ["akword"]}], ids=str)
def test_later_documents_are_added_to_the_last_byte(
    options: dict[str, Any], parts: str, later: str, tmp_path: Path
) -> None:
    alone = grown(parts, tmp_path / "alone", later, None, **options)
    assert grown(parts, tmp_path / "s", later, "processes:3", **options) == alone
    assert ("neverseen", 2) in alone[1].unseen_examples


def test_processes_add_documents_though_one_is_killed(
    parts: str, later: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    submit, killed = crew.Crew._submit, []

    def killing(self: crew.Crew, function: Any, task: Any) -> Any:
        future = submit(self, function, task)
        if not killed and function is cluster_tasks.append_batch:
            killed.append(next(iter(self.engine._pool._processes)))  # type: ignore[attr-defined]
            os.kill(killed[0], signal.SIGKILL)
        return future

    monkeypatch.setattr(crew.Crew, "_submit", killing)
    found = grown(parts, tmp_path / "s", later, "processes:2")
    assert killed and found == grown(parts, tmp_path / "alone", later, None)


def test_documents_that_cannot_be_added_leave_the_corpus_as_it_was(
    parts: str, later: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(parts, tmp_path / "s", None, documents=100, keep_texts=True)
    corpus = pt.ShardedCorpus(tmp_path / "s")
    with monkeypatch.context() as patch:
        failing = Failing(cluster_tasks.append_batch, 2, "gone")
        patch.setattr(cluster_sharding, "append_batch", failing)
        with pytest.raises(ClusterError, match=r"gone\. Nothing is lost: mend"):
            corpus.append(later, documents=20, cluster="processes:3")
    assert len(pt.ShardedCorpus(tmp_path / "s")) == 230
    with pytest.raises(InputError, match=r"^cluster: 'spark' cannot be used"):
        monkeypatch.undo()
        corpus.append(later, cluster="spark")
    corpus.append(later, documents=20)
    assert content(tmp_path / "s") == grown(parts, tmp_path / "alone", later, None)[0]


def test_a_driver_that_is_killed_while_it_adds_leaves_the_corpus_as_it_was(
    parts: str, later: str, tmp_path: Path
) -> None:
    made(parts, tmp_path / "s", None, documents=100, keep_texts=True)
    script = (
        "import os, signal; import polytopic as pt\n"
        "from polytopic.text.shards import sharding\n"
        "sharding.write_index = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"pt.ShardedCorpus({str(tmp_path / 's')!r}).append({later!r}, documents=20, "
        "cluster='processes:2')"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    corpus = pt.ShardedCorpus(tmp_path / "s")
    assert len(corpus) == 230
    corpus.append(later, documents=20, cluster="processes:3")
    assert content(tmp_path / "s") == grown(parts, tmp_path / "alone", later, None)[0]


# ---- what cannot be used ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["cut", "ids"])
def test_a_damaged_part_is_named_in_one_line(
    how: str, parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = cluster_tasks.count_batch_words

    def spoiling(task: Any) -> Any:
        file = next((tmp_path / "s").glob(".partial-words-00003.safetensors"))
        if how == "cut":
            file.write_bytes(file.read_bytes()[:-200])
        else:
            at = Path(task.ids)
            cluster_tasks.write_array(at, cluster_tasks.read_array(at)[:3].copy())
        return count(task)

    monkeypatch.setattr(cluster_sharding, "count_batch_words", spoiling)
    with pytest.raises(CheckpointError, match=r"\.partial-words-0000\d.*(cut|damaged)") as caught:
        made(parts, tmp_path / "s", "processes:3", documents=30)
    assert len(str(caught.value).splitlines()) == 1


def test_a_worker_that_may_not_write_is_told_of(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forbidden(Threads):
        def everywhere(self, function: Any, *args: Any) -> list[Future[Any]]:
            future: Future[Any] = Future()
            future.set_result({**function(*args), "trouble": "Permission denied"})
            return [future]

    monkeypatch.setattr(crew, "engine_of", lambda cluster, n_threads: Forbidden(1))
    with pytest.raises(ClusterError, match=r"Permission denied.*or name another folder\.$"):
        made(parts, tmp_path / "s", "processes:3")
    assert not (tmp_path / "s").exists()


def test_an_engine_that_is_none_leaves_nothing_behind(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"^cluster: 'spark' cannot be used"):
        made(parts, tmp_path / "s", "spark")
    assert not (tmp_path / "s").exists()


def test_a_file_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("a.jsonl"), rows(20))
    Path("b.jsonl").write_text('{"body": "one two"}\n{"body": \n')
    told = []
    for cluster in (None, "processes:3"):
        with pytest.raises(InputError, match=r"^b\.jsonl: ") as caught:
            pt.shard(["a.jsonl", "b.jsonl"], f"s-{cluster}"[:4], text="body", cluster=cluster)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_a_file_that_a_worker_does_not_see_is_told(
    parts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = cluster_sharding.read_file
    monkeypatch.setattr(
        cluster_sharding, "read_file",
        lambda task: read(cluster_reading.Reading(**{**task.__dict__, "path": "/none/c.csv"})),
    )  # fmt: skip
    with pytest.raises(
        InputError, match=r"[a-d]\.[a-z]+: a worker does not see it at /none/c\.csv"
    ):
        made(parts, tmp_path / "s", "processes:3")
