"""Tasks are given out and given again, and what no attempt would change is said in one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.cluster import Crew, addresses, crew, looking, opened
from polytopic.cluster.engines import Engine, Threads
from polytopic.cluster.folders import Span, read_array, read_span, write_array
from polytopic.errors import ClusterError, InputError, MissingExtraError


def double(number: int) -> int:
    return 2 * number


def own_number(_: int) -> int:
    time.sleep(0.05)  # so that each worker gets some
    return os.getpid()


def dies_once(task: tuple[str, int]) -> int:
    """Kills its own process the first time; the mark is the folder's."""
    mark = Path(task[0]) / f"died-{task[1]}"
    if task[1] == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * task[1]


def fails(task: tuple[str, str]) -> None:
    """Counts its attempts, and fails in the way that is asked."""
    place, way = task
    (Path(place) / f"try-{time.monotonic_ns()}").touch()
    raise InputError("shard-00003: is damaged.") if way == "input" else OSError("disk is full")


@pytest.fixture(scope="module")
def processes() -> Iterator[Crew]:
    with opened("processes:2", None) as found:
        yield found


def test_threads_are_an_engine_too() -> None:
    with opened(None, None, n_threads=3) as found:
        assert found.slots == 3
        assert sorted(found.each(double, range(20))) == list(range(0, 40, 2))


def test_processes_do_all_tasks_in_any_order(processes: Crew) -> None:
    assert processes.slots == 2
    assert sorted(processes.each(double, range(20))) == list(range(0, 40, 2))


def test_a_killed_worker_costs_nothing_but_time(processes: Crew, tmp_path: Path) -> None:
    tasks = [(str(tmp_path), number) for number in range(6)]
    assert sorted(processes.each(dies_once, tasks)) == [0, 2, 4, 6, 8, 10]
    assert (tmp_path / "died-3").exists()
    assert sorted(processes.each(double, [1, 2])) == [2, 4]


def test_a_control_c_is_for_the_driver_to_answer(processes: Crew) -> None:
    before = set(processes.each(own_number, range(8)))
    for number in before:
        os.kill(number, signal.SIGINT)
    time.sleep(0.2)
    assert set(processes.each(own_number, range(8))) <= before


def test_a_task_that_fails_three_times_ends_the_work_in_one_line(
    processes: Crew, tmp_path: Path
) -> None:
    with pytest.raises(ClusterError, match="3 times, at last by OSError: disk is full") as caught:
        list(processes.each(fails, [(str(tmp_path), "disk")]))
    assert len(str(caught.value).splitlines()) == 1
    assert len(list(tmp_path.glob("try-*"))) == 3


def test_what_a_task_says_of_its_input_is_said_at_once(processes: Crew, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^shard-00003: is damaged\.$"):
        list(processes.each(fails, [(str(tmp_path), "input")]))
    assert len(list(tmp_path.glob("try-*"))) == 1


class Deserted(Threads):
    """An engine whose workers are gone: no task is ever done."""

    def submit(self, function: Any, *args: Any) -> Future[Any]:
        return Future()

    def workers(self) -> int:
        return 0


def test_without_any_worker_the_work_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_LOOK", 0.01)
    monkeypatch.setattr(crew, "_ALONE", 0.05)
    with pytest.raises(ClusterError, match="no worker was there"):
        list(Crew(Deserted(1), None).each(double, [1]))


# ---- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cluster",
    ["processes:0", "processes", "dask://", "dask://host", "http://host:1", "spark", 3, ["ray"]],
)
def test_what_names_no_engine_is_refused(cluster: Any) -> None:
    assert not addresses.CLUSTER.accepts(cluster)
    with pytest.raises(InputError, match=r"^cluster: .*\"processes:2\", \"dask://host:port\""):
        addresses.engine_of(cluster)
    with pytest.raises(InputError, match="^cluster: .* cannot be used by LDA"):
        pt.LDA(n_topics=2, cluster=cluster).fit(np.eye(4, dtype=int))


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_an_address_that_does_not_answer_is_said_in_one_line(engine: str) -> None:
    with socket.socket() as held:  # bound and not listening: nothing answers there
        held.bind(("127.0.0.1", 0))
        address = f"{engine}://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(InputError, match=f"^cluster: {address} does not answer") as caught:
            addresses.engine_of(address)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("engine", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_server_that_says_nothing_is_no_cluster(
    engine: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(module, reason=f"the {engine} extra is missing")
    monkeypatch.setattr(f"polytopic.cluster.{engine}_engine.PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match=f"^cluster: .*{engine}://{place}") as caught:
            addresses.engine_of(f"{engine}://{place}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("token", [False, True])
def test_a_ray_cluster_that_asks_for_a_token_says_so(
    token: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="the ray extra is missing")
    grpc = pytest.importorskip("grpc", reason="the ray extra is missing")

    def refuse(request: bytes, context: Any) -> None:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")

    handler = grpc.method_handlers_generic_handler(
        "ray.rpc.RayletDriver", {"ClusterInfo": grpc.unary_unary_rpc_method_handler(refuse)}
    )
    server = grpc.server(ThreadPoolExecutor(1), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    if token:  # Ray itself then says what it thinks of the server
        monkeypatch.setenv("RAY_AUTH_MODE", "token")
        monkeypatch.setattr("ray.init", lambda **_: pytest.fail("reached"))
    try:
        with pytest.raises(
            pytest.fail.Exception if token else InputError,
            match="reached" if token else r"^cluster: ray://.* asks for a token.*RAY_AUTH_TOKEN",
        ):
            addresses.engine_of(f"ray://127.0.0.1:{port}")
    finally:
        server.stop(None)


@pytest.mark.parametrize(("engine", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_an_absent_engine_is_answered_with_the_install_line(
    engine: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"{engine}://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(MissingExtraError, match=rf"pip install 'polytopic\[{engine}\]'"):
            addresses.engine_of(address)


# ---- the folder, and workers that are not alike ----------------------------------------------


class Strange(Threads):
    """Threads that describe themselves otherwise than they are."""

    def __init__(self, **otherwise: Any) -> None:
        super().__init__(1)
        self.otherwise = otherwise

    def everywhere(self, function: Any, *args: Any) -> list[Future[Any]]:
        future: Future[Any] = Future()
        future.set_result({**function(*args), **self.otherwise})
        return [future]


def _shared(engine: Engine, near: Path | None = None) -> None:
    with Crew(engine, near).sharing():
        pass


def test_a_worker_that_does_not_see_the_folder_is_told_of(tmp_path: Path) -> None:
    unseen = Strange(trouble="No such file or directory")
    with pytest.raises(ClusterError, match=r"cannot use .*No such file.* Give a checkpoint="):
        _shared(unseen)
    with pytest.raises(ClusterError, match="name another checkpoint"):
        _shared(unseen, tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


def test_a_worker_without_permission_says_so(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("here")
    assert looking.describe(str(tmp_path), "here")["trouble"] == ""
    assert list(tmp_path.iterdir()) == [tmp_path / "here"]
    assert looking.describe(str(tmp_path / "none"), "here")["trouble"] != ""


def test_workers_of_another_version_are_refused() -> None:
    with pytest.raises(ClusterError, match=r"a worker has polytopic 0\.0\.1, this is"):
        _shared(Strange(version="0.0.1"))


def test_other_processors_and_niced_workers_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="processor is weitek"):
        _shared(Strange(processor="weitek"))
    with pytest.warns(UserWarning, match="RAY_worker_niceness=0"):
        _shared(Strange(nice=99))


def test_the_folder_is_new_and_goes_with_the_block(tmp_path: Path) -> None:
    near = tmp_path / "checkpoint"
    left = tmp_path / ".partial-cluster-checkpoint-old"
    left.mkdir()
    (tmp_path / ".partial-cluster-checkpoint2-other").mkdir()
    with Crew(Threads(1), near).sharing() as folder:
        assert folder.parent == tmp_path
        assert not left.exists()
        (folder / "file").touch()
    assert [f.name for f in tmp_path.iterdir()] == [".partial-cluster-checkpoint2-other"]


def test_the_folder_of_a_run_that_lives_is_left_alone(tmp_path: Path) -> None:
    held = tmp_path / ".partial-cluster-kept-other"
    held.mkdir()
    script = (
        "import sys, time; from pathlib import Path; from polytopic.io import claimed\n"
        f"with claimed(Path({str(held)!r})): print(flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        _shared(Threads(1), tmp_path / "kept")
        assert held.exists()
    finally:
        other.kill()
        other.communicate()
    _shared(Threads(1), tmp_path / "kept")
    assert not held.exists()


def test_tasks_are_made_as_they_are_asked_for() -> None:
    made: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    with opened(None, None, n_threads=2) as found:
        answers = found.each(double, tasks())
        next(answers)
        assert len(made) == 6
        assert len(list(answers)) == 49


def test_a_place_where_no_folder_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="no folder can be made beside it"):
        _shared(Threads(1), tmp_path / "file" / "checkpoint")


# ---- files -----------------------------------------------------------------------------------


def test_a_file_is_written_whole_and_read_as_a_map(tmp_path: Path) -> None:
    for array in (np.arange(12, dtype=np.uint16), np.zeros((3, 0), np.float32)):
        path = write_array(tmp_path / "a.npy", array)
        found = read_array(path)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, array)
    found[...] = 0  # what is written to a map stays with who wrote it
    assert list(tmp_path.iterdir()) == [path]


def test_a_span_is_gathered_from_the_files_that_hold_it(tmp_path: Path) -> None:
    whole = np.arange(100, dtype=np.uint16)
    edges = [0, 10, 40, 41, 100]
    files = [
        Span(str(write_array(tmp_path / f"{a}.npy", whole[a:b])), a, b) for a, b in pairwise(edges)
    ]
    for first, last in [(0, 100), (5, 5), (9, 42), (41, 99)]:
        found = read_span(files[::-1], first, last, np.uint16)
        np.testing.assert_array_equal(found, whole[first:last])
    with pytest.raises(LookupError, match="only 59 are in the files"):
        read_span(files[3:], 40, 100, np.uint16)
