"""The result of a run, for commands that ask it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polytopic.cli._shared import Voice

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["opened"]


def opened(run: Path, voice: Voice) -> TopicResult:
    """The result of a run, with its model at hand."""
    from polytopic import runs

    with voice.busy("reading"):
        return runs.load_result(run)
