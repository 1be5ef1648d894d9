"""The result of a run, for commands that ask it, and for those that write another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.cli._beside import loaded
from polytopic.cli._shared import Voice

if TYPE_CHECKING:
    from polytopic.result import TopicResult
    from polytopic.runs import RunFolder

__all__ = ["opened", "write_run"]


def opened(run: Path, voice: Voice, encoder: str | None = None) -> TopicResult:
    """The result of a run, with its model at hand, which reads texts by an encoder if one is given.

    Raises
    ------
    InputError
        If the run cannot be read, or its model reads no embeddings.
    """
    from dataclasses import replace

    from polytopic import runs

    with voice.busy("reading"):
        result = runs.load_result(run)
        if encoder is None:
            return result
        return replace(result, fitted=loaded(runs.open_run(run).model, encoder))


def write_run(folder: RunFolder, model: Any, result: TopicResult, **notes: Any) -> None:
    """A model and its result, measured, into the folder of a run; ``notes`` join the result's.

    The model first: if the disk fills up later, what was learned is not lost.

    Raises
    ------
    RunWriteError
        If the system refuses.
    """
    from polytopic import runs
    from polytopic.errors import InputError
    from polytopic.exploring import measured
    from polytopic.text import Corpus

    try:
        model.save(folder.model)
    except InputError as error:
        raise runs.RunWriteError(str(error)) from None
    corpus = Corpus(result.counts, result.vocabulary, labels=result.labels)
    folder.write_result(measured(result, corpus, **notes))
