"""One command in a process of its own, forked from one that has loaded all it needs."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Ended", "load_everything", "run_child"]

SECONDS = 120.0
"""The longest a command on tiny data may take, on a machine with other work."""

_CRASHED = 99
_INTERRUPTED = 130
"""Of a command that was stopped before it began."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, negative for a signal, and what it said."""

    code: int
    said: str
    seconds: float

    @property
    def crashed(self) -> bool:
        """Whether it ended in a traceback, by a fault, or not at all."""
        return self.code == _CRASHED or self.code in (-6, -7, -11) or "Traceback" in self.said


def load_everything() -> None:
    """Import what commands import when they run, so that each fork has it; checkpoints often.

    Nothing that keeps threads (polars, OpenMP) may have run in this process.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import altair  # noqa: F401
    import torch

    from polytopic import registry
    from polytopic.training import run

    torch.set_num_threads(1)
    for name in ("lda", "dirichlet-vae", "ntm", "supervised-ntm", "sentence-vae"):
        registry.load_class(registry.find(name))
    run._SECONDS = 0.0
    _warm()


def _warm() -> None:
    """Load the kernels of every command, from counts and lists: the readers keep threads."""
    import numpy as np

    import polytopic as pt
    from polytopic import cli, exploring

    counts = np.random.default_rng(0).integers(0, 3, (30, 12))
    corpus = pt.Corpus.from_counts(counts, list("abcdefghijkl"), labels=["a", "b", "c"] * 10)
    lines = [["one", "two", "three"] * 4] * 40
    models = (
        pt.LDA(n_topics=3, iterations=3, n_threads=1),
        pt.LDA(n_topics=3, method="online", iterations=1, n_threads=1),
        pt.DirichletVAE(n_topics=3, epochs=1, device="cpu"),
        pt.NTM(n_topics=3, epochs=1, n_threads=1),
        pt.SupervisedNTM(n_topics=3, epochs=1, n_threads=1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for model in models:
            model.fit(corpus)
        exploring.measured(models[0].result(corpus), corpus)
        for words in (pt.SkipGram, pt.GloVe):
            words(dim=8, epochs=1, n_threads=1, min_count=1, random_state=0).fit(lines)
        pt.SentenceVAE(dim=2, hidden=4, word_dim=4, epochs=1, n_threads=1).fit(lines)
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        text.write_text("one two three four five six\n" * 40, encoding="utf-8")
        for command in (
            ["embed", text, "--dim", "4", "--epochs", "1"],
            ["sentences", "train", text],
        ):
            with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                cli.main([*map(str, command), "-o", f"{folder}/{command[0]}", "--quiet"])


def run_child(
    act: Callable[[], None],
    folder: Path,
    log: Path,
    prepare: Callable[[], Any] | None = None,
    kill_after: float | None = None,
    number: int = signal.SIGKILL,
) -> Ended:
    """Do ``act`` in ``folder``; ``prepare`` is called first, in the child.

    ``kill_after``: seconds after which the signal ``number`` is sent.
    """
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_child(act, folder, log, prepare)
    status = _wait(child, started, kill_after, number)
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    code = os.waitstatus_to_exitcode(status) if status is not None else _CRASHED
    said = said if status is not None else f"{said}\nhung: killed after {SECONDS:.0f} s"
    return Ended(code, said, time.monotonic() - started)


def _be_child(
    act: Callable[[], None], folder: Path, log: Path, prepare: Callable[[], Any] | None
) -> None:
    code, begun = _CRASHED, False
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(descriptor, stream)
        sys.stdout, sys.stderr = (open(stream, "w", closefd=False) for stream in (1, 2))  # noqa: SIM115
        os.chdir(folder)
        if prepare is not None:
            prepare()
        begun = True
        act()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except BaseException as error:  # noqa: BLE001
        code = _CRASHED if begun or not isinstance(error, KeyboardInterrupt) else _INTERRUPTED
        if code == _CRASHED:
            traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _wait(child: int, started: float, kill_after: float | None, number: int) -> int | None:
    """The status of the child; None if it had to be ended."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        seconds = time.monotonic() - started
        if kill_after is not None and seconds >= kill_after:
            os.kill(child, number)
            kill_after = None
        if seconds > SECONDS:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.002)
