"""``polytopic demo``: topics and word vectors of the docstrings of this Python installation."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._page_options import PageLanguage, Title, page_settings
from polytopic.cli._shared import Force, Quiet, Voice

if TYPE_CHECKING:
    from polytopic.runs import RunFolder
    from polytopic.text import Corpus

__all__ = ["demo"]

_LIGHT_MODEL = "lda"
"""What the demo takes where the default model's extra is not installed."""

_FIRST_VECTORS = """
import polytopic as pt
texts = [["one", "two", "three"] * 4] * 4
pt.SkipGram(dim=4, epochs=1, min_count=1, sample=0, n_threads=1, random_state=0).fit(texts)
"""
"""Vectors that come to nothing: their kernels are compiled and kept, ten seconds the first time."""


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the run.")] = Path(
        "polytopic-demo"
    ),
    n_topics: Annotated[int, typer.Option("--topics", "-k", help="Number of topics.")] = 30,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help='Name; "polytopic models" lists them. Without torch: lda.',
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of all randomness.")] = 0,
    epochs: Annotated[int | None, typer.Option("--epochs", help="Passes over the texts.")] = None,
    title: Title = None,
    page_language: PageLanguage = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show what there is without any data: topics and words of the installed packages' docstrings.

    Their source files are read, nothing is imported or fetched.
    """
    from polytopic.cli._run import Job, carry_out

    voice = Voice(quiet=quiet)
    model = model or _at_hand(voice)
    parameters: dict[str, Any] = {"n_topics": n_topics, "random_state": seed}
    if epochs is not None:
        parameters["epochs"] = epochs

    def read() -> Any:
        from polytopic.demo import docstrings
        from polytopic.text import Corpus

        found = docstrings()
        return Corpus.from_texts(found.texts, labels=found.labels, ids=found.ids)

    with _compiling_beside() as compiled:
        job = Job(
            read=read,
            source="docstrings of the installed Python packages",
            output=output,
            model=model,
            parameters=parameters,
            settings={"demo": True, "model": model, **parameters}
            | page_settings(title, page_language),
            force=force,
            also=partial(_word_vectors, seed, compiled),
        )
        raise typer.Exit(carry_out(job, voice))


@contextmanager
def _compiling_beside() -> Iterator[Callable[[], object]]:
    """Compile what word vectors need on a second processor while topics are learned on the first.

    What is given waits for the end of it. Where nothing can be kept on the disk, nothing is done.
    """
    from polytopic.kernels.compiling import kept_in

    if kept_in() is None or (os.cpu_count() or 1) < 2 or not sys.executable:
        yield lambda: None
        return
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-P", "-c", _FIRST_VECTORS]
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as beside:
        try:
            yield beside.wait
        finally:
            beside.terminate()


def _at_hand(voice: Voice) -> str | None:
    """None, the package's own choice, where its extra is installed; else one that needs none."""
    from importlib.util import find_spec

    from polytopic import registry

    usual = registry.find(registry.DEFAULT_TOPIC_MODEL, "topics")
    if usual.extra is None or find_spec(usual.extra) is not None:
        return None
    voice.say(
        f"Without {usual.extra}, so {_LIGHT_MODEL} stands in for {usual.name}. "
        "To have that: pip install 'polytopic[neural]'"
    )
    return _LIGHT_MODEL


def _word_vectors(
    seed: int, compiled: Callable[[], object], corpus: Corpus, folder: RunFolder, voice: Voice
) -> None:
    """Skip-gram vectors of the same text, written to the run, and neighbours of a few words."""
    from polytopic.cli._shared import show_neighbours
    from polytopic.embeddings.skipgram import SkipGram

    with voice.busy("learning word vectors"):
        compiled()
        model = SkipGram(random_state=seed).fit(corpus)
        if model.interrupted_:  # the same command goes on, and makes them anew
            raise KeyboardInterrupt
        model.vectors_.write(folder.vectors)
    voice.say(
        f"Word vectors: {len(model.vectors_):,} words x {model.dim}, "
        f"{model.history_[-1]['words_per_second']:,.0f} words/s. "
        f"Neighbours of any word: polytopic similar {folder.place / folder.vectors.name} WORD"
    )
    show_neighbours(model.vectors_, voice)
