"""Readers of text files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target


def _seeds(folder: Path) -> list[Content]:
    return [
        {"lines.txt": b"The engine burns fuel.\nCells divide and grow.\n\nA third one.\n"},
        {"lines.txt": "Größe und Maß\r\nça va\r\n日本語 の テキスト\r\n".encode()},
    ]


def _read(path: Path) -> Any:
    import polytopic as pt

    corpus = pt.read(path, min_df=1, stop_words=None)
    assert corpus.counts.shape == (len(corpus), len(corpus.vocabulary))
    return corpus


def _warm() -> None:
    import polytopic.text.building
    import polytopic.text.reading  # noqa: F401


TARGETS = [Target("txt", _seeds, _read, _warm)]
