"""``polytopic view``: it starts, answers, and ends by Ctrl-C; what it cannot do is one line."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from polytopic import runs
from polytopic.cli import main
from polytopic.result import TopicResult
from polytopic.text import Vocabulary


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run of four documents."""
    result = TopicResult(
        topic_word=np.array([[0.9, 0.1], [0.1, 0.9]], dtype=np.float32),
        doc_topic=np.array([[0.9, 0.1], [0.1, 0.9]] * 2, dtype=np.float32),
        vocabulary=Vocabulary(["cells", "stars"]),
        counts=sparse.csr_matrix([[3, 0], [0, 3]] * 2),
        texts=[f"text number {row}" for row in range(4)],
    )
    with runs.reserved(tmp_path / "run", {"file": "texts.csv"}) as folder:
        runs.begin(folder)
        (folder.path / "model").mkdir()
        folder.write_result(result)
        runs.finish(folder)
    return tmp_path / "run"


def test_it_serves_until_it_is_interrupted(run: Path) -> None:
    pytest.importorskip("uvicorn", reason="needs polytopic[view]")
    command = [sys.executable, "-m", "polytopic", "view", str(run)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert serving.stderr is not None
    try:
        line = serving.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address is not None, line
        with urllib.request.urlopen(f"{address[0]}document?row=2", timeout=30) as answer:
            assert "text number 2" in answer.read().decode()
    finally:
        serving.send_signal(signal.SIGINT)
        rest = serving.communicate(timeout=60)[1]
    assert serving.returncode == 0
    assert rest.strip() == "Closed."


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(["view", *arguments])
    assert stop.value.code == 1
    told = capsys.readouterr().err.strip()
    assert "\n" not in told
    return told


def test_a_port_in_use_is_one_line(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("uvicorn", reason="needs polytopic[view]")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = failed(capsys, str(run), "--port", port)
    assert told == (
        f"polytopic: port {port}: is in use. Name another with --port, or none and a free one is "
        "taken."
    )


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(
    run: Path, missing: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert failed(capsys, str(run)).endswith("Run: pip install 'polytopic[view]'")


def damaged(run: Path, name: str) -> None:
    (run / name).write_bytes(b"PAR1 is no table")


def taken_away(run: Path, name: str) -> None:
    (run / name).unlink()


@pytest.mark.parametrize("name", ["report.html", "documents.parquet", "run.json"])
@pytest.mark.parametrize("spoil", [damaged, taken_away])
def test_a_run_that_cannot_be_viewed_is_one_line(
    run: Path, name: str, spoil: Callable[[Path, str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("uvicorn", reason="needs polytopic[view]")
    spoil(run, name)
    assert str(run) in failed(capsys, str(run))
