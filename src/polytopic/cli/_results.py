"""The result of a run, for commands that ask it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from polytopic.cli._shared import Voice

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["opened"]


def opened(run: Path, voice: Voice) -> TopicResult:
    """The result of a run, with its model at hand."""
    from polytopic import load, runs
    from polytopic.cli.infer import read_like
    from polytopic.errors import FileMissingError

    folder = runs.open_run(run)
    file = Path(str(folder.settings.get("file", "")))
    if not file.exists():
        raise FileMissingError(f"{run}: {file}, which it read, is not there. Bring it back.")
    with voice.busy("reading"):
        model = load(folder.model)
        result: TopicResult = model.result(
            read_like(folder, model, file, dict(folder.settings.get("columns", {})))
        )
    return replace(result, fitted=folder.model)
