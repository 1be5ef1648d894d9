"""LDA interrupted and gone on with: the same bits as a run that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import CheckpointError, InterruptedFitWarning
from polytopic.topics.lda import gibbs_run as chain
from polytopic.topics.lda import online_run as stream

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

GIBBS = {"alpha": "asymmetric", "eta": "symmetric", "iterations": 30, "samples": 4}
ONLINE = {"method": "online", "alpha": "symmetric", "iterations": 3, "batch_size": 50}


def model(**changes: Any) -> pt.LDA:
    return pt.LDA(n_topics=4, random_state=0, n_threads=1).set_params(**changes)


def same(one: pt.LDA, other: pt.LDA) -> None:
    np.testing.assert_array_equal(one.topic_word_, other.topic_word_)
    np.testing.assert_array_equal(one.alpha_, other.alpha_)
    np.testing.assert_array_equal(one.eta_, other.eta_)
    timeless = [
        [{n: v for n, v in record.items() if n != "seconds"} for record in fit.history_]
        for fit in (one, other)
    ]
    assert timeless[0] == timeless[1]


@pytest.mark.parametrize("stop", [1, 11, 22, 28])
def test_the_sampler_goes_on(stop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, _ = planted()
    whole = model(**GIBBS).fit(counts)
    with monkeypatch.context() as patch:
        patch.setattr(chain.Chain, "_tell", _interrupt_after(stop))
        with pytest.warns(InterruptedFitWarning, match="Fit again with the same checkpoint"):
            stopped = model(**GIBBS, checkpoint=tmp_path / "c").fit(counts)
    assert stopped.interrupted_
    pt.simplex.check_distribution(stopped.topic_word_)
    resumed = model(**GIBBS, checkpoint=tmp_path / "c").fit(counts)
    same(whole, resumed)
    assert not resumed.interrupted_


def _interrupt_after(stop: int) -> Any:
    def tell(run: chain.Chain, advance: Any) -> None:
        if run.iteration == stop:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("stop", [2, 7])
def test_the_stream_goes_on(stop: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, _ = planted()
    whole = model(**ONLINE).fit(counts)
    step, calls = stream.Stream._step, iter(range(100))

    def interrupted(run: stream.Stream, rows: Any) -> None:
        step(run, rows)
        if next(calls) == stop:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stream.Stream, "_step", interrupted)
        with pytest.warns(InterruptedFitWarning):
            model(**ONLINE, checkpoint=tmp_path / "c").fit(counts)
    same(whole, model(**ONLINE, checkpoint=tmp_path / "c").fit(counts))


def test_a_finished_run_is_there_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, _ = planted()
    first = model(**GIBBS, checkpoint=tmp_path / "c").fit(counts)

    def never(run: chain.Chain) -> None:
        raise AssertionError("no pass is left")

    monkeypatch.setattr(chain.Chain, "_pass", never)
    same(first, model(**GIBBS, checkpoint=tmp_path / "c").fit(counts))


def test_checkpoints_of_other_runs_are_refused(tmp_path: Path) -> None:
    counts, _ = planted()
    model(**GIBBS, checkpoint=tmp_path / "c").fit(counts)
    for other in ({"samples": 3}, {"random_state": 1}, {"alpha": 0.2}):
        with pytest.raises(CheckpointError, match="other settings"):
            model(**GIBBS, checkpoint=tmp_path / "c").set_params(**other).fit(counts)
    with pytest.raises(CheckpointError, match="corpus differ"):
        model(**GIBBS, checkpoint=tmp_path / "c").fit(counts[1:])
    arrays = next((tmp_path / "c").glob("*.safetensors"))
    arrays.write_bytes(arrays.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        model(**GIBBS, checkpoint=tmp_path / "c").fit(counts)


PROGRAM = textwrap.dedent(
    """
    import sys
    import numpy as np
    import polytopic as pt
    from polytopic.training import run
    sys.path.insert(0, sys.argv[3])
    from planting import planted

    run._SECONDS = 0.0
    model = pt.LDA(n_topics=4, random_state=0, n_threads=2, iterations=400, checkpoint=sys.argv[1])
    print("begun", flush=True)
    np.save(sys.argv[2], model.fit(planted(300)[0]).topic_word_)
    """
)


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_signals_and_on_from_the_checkpoint(sent: signal.Signals, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    tests = str(Path(__file__).parents[2])

    def start(name: str, checkpoint: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(program), str(tmp_path / checkpoint), str(tmp_path / name)]
        return subprocess.Popen(
            [*command, tests], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def restore_interrupts() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    restore_interrupts()
    stopped = start("none.npy", "checkpoint")
    deadline = time.monotonic() + 60
    while not (tmp_path / "checkpoint" / "about.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(stopped.pid, sent)
    stopped.communicate(timeout=60)
    killed_early = not (tmp_path / "none.npy").exists() or sent == signal.SIGINT
    assert killed_early
    for name, checkpoint in (("resumed.npy", "checkpoint"), ("whole.npy", "other")):
        process = start(name, checkpoint)
        process.communicate(timeout=120)
        assert process.returncode == 0
    resumed, whole = np.load(tmp_path / "resumed.npy"), np.load(tmp_path / "whole.npy")
    np.testing.assert_array_equal(resumed, whole)
