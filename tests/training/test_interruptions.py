"""Ctrl-C between any two lines of a loop: what is saved is whole, and goes on to the same bits."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import polytopic as pt

from planting import planted

TEXT = [[f"w{(7 * i + j * j) % 23}" for j in range(12)] for i in range(40)]
SMALL: dict[str, Any] = {"n_threads": 1, "random_state": 0}

LOOPS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "gibbs": (pt.LDA, {"n_topics": 3, "iterations": 6}, "lda/gibbs_run.py"),
    "online": (
        pt.LDA,
        {"n_topics": 3, "iterations": 2, "method": "online", "batch_size": 40},
        "lda/online_run.py",
    ),
    "ntm": (pt.NTM, {"n_topics": 3, "dim": 4, "epochs": 2}, "ntm/ranking_run.py"),
    "skipgram": (pt.SkipGram, {"dim": 4, "epochs": 2, "min_count": 1}, "embeddings/training.py"),
    "glove": (pt.GloVe, {"dim": 4, "epochs": 2, "min_count": 1}, "embeddings/glove_training.py"),
}
_MOMENTS = 12
"""At which each loop is interrupted, spread over all its lines."""


class Interrupting:
    """Raises Ctrl-C at one of the lines that the main thread does in a file, and counts them."""

    def __init__(self, file: str, at: int | None = None) -> None:
        self.file, self.at, self.lines = file, at, 0

    def __enter__(self) -> Interrupting:
        self.before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.replace("\\", "/").endswith(self.file):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                signal.raise_signal(signal.SIGINT)
        return self._trace


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def fit(name: str, folder: Path | None) -> Any:
    kind, settings, _ = LOOPS[name]
    model = kind(**settings, **SMALL, checkpoint=folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(planted(120)[0] if hasattr(model, "n_topics") else TEXT)


def arrays(model: Any) -> list[np.ndarray[Any, Any]]:
    if hasattr(model, "vectors_"):
        return [model.vectors_.input, model.vectors_.output]
    return [model.topic_word_]


@pytest.mark.parametrize("name", LOOPS)
def test_between_any_two_lines(name: str, tmp_path: Path) -> None:
    with Interrupting(LOOPS[name][2]) as counting:
        whole = fit(name, tmp_path / "whole")
    ended = 0
    for number, at in enumerate(np.linspace(1, counting.lines, _MOMENTS).astype(int).tolist()):
        folder = tmp_path / str(number)
        try:
            with Interrupting(LOOPS[name][2], at):
                fit(name, folder)
        except KeyboardInterrupt:  # before the run had begun, or after it
            ended += 1
        else:
            assert (folder / "about.json").exists()
        again = fit(name, folder)
        for found, wanted in zip(arrays(again), arrays(whole), strict=True):
            np.testing.assert_array_equal(found, wanted)
        assert len(again.history_) == len(whole.history_)
        assert [r.get("loss") for r in again.history_] == [r.get("loss") for r in whole.history_]
    assert ended < _MOMENTS // 2
