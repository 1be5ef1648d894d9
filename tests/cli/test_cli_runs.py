"""The run folder: replacing, going on after an interruption, a full disk."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_runs import Call, arguments_of

import polytopic as pt

pytest.importorskip("torch", reason="the neural extra is not installed")

LONG = 120
"""Epochs of a run that is interrupted."""


def long_run(documents: Path, output: Path) -> list[str]:
    words = arguments_of(documents, output)
    words[words.index("--epochs") + 1] = str(LONG)
    return words


def start(arguments: list[str]) -> subprocess.Popen[str]:
    program = "from polytopic.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def epochs_done(output: Path) -> int:
    """Epochs in the checkpoint."""
    about = output / "checkpoint" / "about.json"
    if not about.exists():
        return 0
    return int(json.loads(about.read_text(encoding="utf-8"))["about"]["epoch"])


def wait_for_epochs(output: Path, process: subprocess.Popen[str], before: int = 0) -> None:
    """Until the checkpoint has more epochs than ``before``."""
    limit = time.monotonic() + 120
    while epochs_done(output) <= before and time.monotonic() < limit:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)


def test_a_finished_run_is_replaced_by_force_only(
    documents: Path, finished: Path, tmp_path: Path, call: Call
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = (run / "run.json").stat().st_mtime_ns
    refused = call(*arguments_of(documents, run))
    assert refused.code == 1
    assert "finished run" in refused.err
    assert "--force" in refused.err
    assert (run / "run.json").stat().st_mtime_ns == before
    words = arguments_of(documents, run)
    words[words.index("-k") + 1] = "4"
    assert call(*words, "--force").code == 0
    assert pt.load(run / "model").n_topics == 4


def test_interrupted_and_killed_runs_go_on_to_the_same_topics(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    run = tmp_path / "run"
    words = long_run(documents, run)

    process = start(words)
    wait_for_epochs(run, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Start the same command again" in err
    assert "top words" in out
    assert (run / "report.html").exists()
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["state"] == "unfinished"
    done = len(pt.load(run / "model").history_)
    assert 0 < done < LONG

    other = call(*words, "--seed", "7")
    assert other.code == 1
    assert "other settings (random_state differ)" in other.err.replace("\n", " ")

    process = start(words)
    wait_for_epochs(run, process, before=done)
    process.kill()
    process.communicate()

    finally_done = call(*words)
    assert finally_done.code == 0, finally_done.err
    assert "Going on" in finally_done.err
    assert not (run / "checkpoint").exists()
    assert call(*long_run(documents, tmp_path / "whole")).code == 0
    for name in ("topics.csv", "documents.parquet"):
        assert (run / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_full_disk_keeps_the_model_and_the_same_command_goes_on(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    run, room = tmp_path / "run", 100_000
    words = f"topics {documents} --text body --model lda -k 3 --epochs 3 -o {run}".split()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))  # the report is larger
    try:
        done = call(*words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    lines = [line for line in done.err.splitlines() if line.startswith("polytopic: ")]
    assert done.code == 1
    assert len(lines) == 1, done.err
    assert "report.html: cannot be written" in lines[0]
    assert "The model is saved" in lines[0]
    assert "Traceback" not in done.err
    assert pt.load(run / "model").n_topics == 3
    assert not [e.name for e in run.iterdir() if e.name.startswith(".")]
    assert call(*words).code == 0
    assert (run / "report.html").stat().st_size > room


def test_a_disk_full_from_the_start_is_told_before_training(
    documents: Path, tmp_path: Path, call: Call
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        done = call(*arguments_of(documents, tmp_path / "run"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.code == 1
    assert "cannot be written" in done.err
    assert not (tmp_path / "run" / "checkpoint").exists()
