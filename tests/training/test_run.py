"""The frame of a run: what it saves and when, and what an interruption at any moment leaves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polytopic.errors import CheckpointError, InputError
from polytopic.io.schemas import WHOLE, Array, history_of
from polytopic.training import run
from polytopic.training.run import Checkpoint, Frame, running

RECORD = {"step": WHOLE, "history": history_of("step")}
TABLE = {"weights": Array(3)}


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Ctrl-C as Python answers it, and all handlers as they were before."""
    before = {number: signal.getsignal(number) for number in run._SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def checkpoint(path: Path | None, **identity: Any) -> Checkpoint:
    return Checkpoint(path, "test checkpoint", {"seed": 0, **identity})


def save(kept: Checkpoint, step: int) -> None:
    history = [{"step": float(i + 1)} for i in range(step)]
    kept.save({"weights": np.full(3, step, np.float32)}, {"step": step, "history": history})


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


class Counting:
    """A run of steps, each of two counters that must agree; ``at`` is called between the two."""

    def __init__(self, at: Callable[[], None], when: int) -> None:
        self.at, self.when = at, when
        self.first = self.second = 0
        self.saved: list[tuple[int, int]] = []

    def step(self) -> None:
        self.first += 1
        if self.first == self.when:
            self.at()
        self.second += 1

    def save(self) -> None:
        self.saved.append((self.first, self.second))

    def run(self, steps: int = 5) -> Frame:
        with running(checkpoint(None), "counting", steps, self.save, shown=False) as frame:
            frame.begin(lambda: None)
            while self.first < steps:
                with frame.whole():
                    self.step()
        return frame


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    kept = checkpoint(tmp_path / "run")
    assert kept.load(RECORD, TABLE) is None
    save(kept, 2)
    loaded = checkpoint(tmp_path / "run").load(RECORD, TABLE)
    assert loaded is not None
    assert loaded[0]["weights"].tolist() == [2.0, 2.0, 2.0]
    assert loaded[1]["step"] == 2
    assert loaded[1]["identity"] == {"seed": 0}
    with pytest.raises(CheckpointError, match=r"other settings \(seed differ\)"):
        checkpoint(tmp_path / "run", seed=1).load(RECORD, TABLE)


def test_without_a_folder_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_SECONDS", -1.0)
    monkeypatch.chdir(tmp_path)
    kept = checkpoint(None)
    assert not kept.due
    save(kept, 1)
    assert kept.load(RECORD, TABLE) is None
    assert list(tmp_path.iterdir()) == []


def test_one_process_of_several_writes(tmp_path: Path) -> None:
    other = Checkpoint(tmp_path / "run", "test checkpoint", {"seed": 0}, writes=False)
    with running(other, "test", 1, shown=False):
        assert not (tmp_path / "run").exists()
        save(other, 1)
    assert not (tmp_path / "run").exists()
    save(checkpoint(tmp_path / "run"), 3)
    loaded = other.load(RECORD, TABLE)
    assert loaded is not None
    assert loaded[1]["step"] == 3


def test_when_a_checkpoint_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after the last, and as much later as writing takes longer than is afforded."""
    now, writing = [100.0], [1.0]
    monkeypatch.setattr(run.time, "monotonic", lambda: now[0])

    def write(*_: Any) -> None:
        now[0] += writing[0]

    monkeypatch.setattr(run, "write_folder", write)
    kept = checkpoint(tmp_path / "run")
    for seconds, due in ((59.0, False), (61.0, True)):
        now[0] = 100.0 + seconds
        assert kept.due is due
    for writing[0], pause in ((1.0, 60.0), (3.0, 60.0), (30.0, 600.0), (1.0, 60.0)):
        save(kept, 1)
        saved = now[0]
        for seconds, due in ((pause - 1.0, False), (pause + 1.0, True)):
            now[0] = saved + seconds
            assert kept.due is due


@pytest.mark.parametrize("when", [1, 3, 5])
def test_ctrl_c_within_a_step_ends_the_run_after_it(when: int) -> None:
    counting = Counting(ctrl_c, when)
    assert counting.run().interrupted
    assert counting.saved == [(when, when)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_without_one_is_not_interrupted_and_saves_by_itself_alone() -> None:
    counting = Counting(ctrl_c, 9)
    assert not counting.run().interrupted
    assert counting.saved == []


def test_more_signals_within_a_step_are_one() -> None:
    counting = Counting(lambda: [ctrl_c() for _ in range(3)] and None, 2)
    assert counting.run().interrupted
    assert counting.saved == [(2, 2)]


def test_a_long_step_may_ask() -> None:
    seen = []
    with running(checkpoint(None), "test", 1, shown=False) as frame:
        frame.begin(lambda: None)
        with frame.whole() as signals:
            seen.append(bool(signals))
            ctrl_c()
            seen.append(bool(signals))
    assert seen == [False, True]
    assert frame.interrupted


def test_between_steps_it_ends_at_once() -> None:
    saved, after = [], []
    with running(checkpoint(None), "test", 1, lambda: saved.append(1), shown=False) as frame:
        frame.begin(lambda: None)
        ctrl_c()
        after.append(1)
    assert frame.interrupted
    assert (saved, after) == ([1], [])


def test_before_a_run_has_begun_there_is_nothing_to_save() -> None:
    saved = []
    with (
        pytest.raises(KeyboardInterrupt),
        running(checkpoint(None), "test", 1, lambda: saved.append(1), shown=False),
    ):
        ctrl_c()
    assert saved == []


def test_beginning_is_done_whole() -> None:
    done = []

    def begin() -> None:
        ctrl_c()
        done.append("begun")

    with running(checkpoint(None), "test", 1, lambda: done.append("saved"), shown=False) as frame:
        frame.begin(begin)
        done.append("trained")
    assert frame.interrupted
    assert done == ["begun", "saved"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs POSIX signals")
def test_signals_that_a_program_answers_alike_wait_alike() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    inside: list[Any] = []

    def at() -> None:
        inside.append(signal.getsignal(signal.SIGHUP))
        signal.raise_signal(signal.SIGTERM)

    counting = Counting(at, 4)
    assert counting.run().interrupted
    assert counting.saved == [(4, 4)]
    assert inside == [signal.SIG_IGN]
    assert signal.getsignal(signal.SIGTERM) is interrupt


def test_a_handler_that_does_not_end_the_run_is_called_after_the_step() -> None:
    called: list[int] = []
    counting = Counting(ctrl_c, 2)
    signal.signal(signal.SIGINT, lambda *_: called.append(counting.second))
    assert not counting.run().interrupted
    assert called == [2]
    assert counting.second == 5


def test_a_second_one_ends_the_saving() -> None:
    counting = Counting(ctrl_c, 2)
    counting.save = ctrl_c  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        counting.run()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_a_step_raises_is_told_first() -> None:
    def fail() -> None:
        ctrl_c()
        raise InputError("learning_rate: diverged")

    counting = Counting(fail, 2)
    with pytest.raises(InputError, match="diverged"):
        counting.run()
    assert counting.saved == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_a_thread_signals_are_left_to_the_main_one() -> None:
    counting, found = Counting(lambda: None, 2), []

    def work() -> None:
        found.append(counting.run())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not found[0].interrupted
    assert counting.second == 5
