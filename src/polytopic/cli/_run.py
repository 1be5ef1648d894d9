"""What ``topics`` and ``demo`` share: read, train, measure, write the run folder, tell."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic import runs
from polytopic.cli._beside import read_beside
from polytopic.cli._ending import INTERRUPTED
from polytopic.cli._shared import Naming, Voice, as_cell, show_metric
from polytopic.errors import (
    CheckpointError,
    CollapseWarning,
    ConvergenceWarning,
    InputError,
    InterruptedFitWarning,
)

if TYPE_CHECKING:
    from polytopic.result import TopicResult
    from polytopic.text import Corpus

__all__ = ["Job", "carry_out", "how_to_begin_anew", "show_topics", "tell_begin"]

WORDS_SHOWN = 8
_OPTIONS = {"seed_words": "--seeds", "trackers": "--tracker"}
"""Options that are not called as the parameter is."""

HEADLINE = ("npmi", "diversity", "diversity_once", "purity", "nmi", "ami")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run: where the documents come from, which model, where to write.

    ``read`` makes the corpus; ``settings`` are JSON-ready and say how the run was started, so that
    the same command goes on with an unfinished run; ``parameters`` go to the model; ``choose``
    gives more of them for the corpus, and what the result notes of that; ``also`` is done at the
    end of a run that was not interrupted.
    """

    read: Callable[[], Corpus]
    source: str
    output: Path
    model: str | None
    parameters: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    choose: Callable[[Corpus], tuple[dict[str, Any], dict[str, Any]]] | None = None
    embeddings: Path | None = None
    naming: Naming | None = None
    force: bool = False
    also: Callable[[Corpus, runs.RunFolder, Voice], None] | None = None


def carry_out(job: Job, voice: Voice) -> int:
    """Do the whole run and return the exit code."""
    started = time.perf_counter()
    with runs.reserved(job.output, job.settings, force=job.force) as folder:
        with voice.busy("loading"):
            model = _model(job)
        with voice.busy(f"reading {job.source}"):
            corpus = job.read()
        _tell_corpus(corpus, job, voice)
        beside = _beside(model, corpus, job, voice)
        chosen, notes = ({}, {}) if job.choose is None else job.choose(corpus)
        model.set_params(**chosen)
        model.check_size(corpus.counts)
        runs.begin(folder)
        tell_begin(folder, voice)
        fitted = _fit(model, corpus, beside, folder, voice)
        interrupted = bool(getattr(model, "interrupted_", False))
        with voice.busy("measuring, writing the report"):
            result = _write(model, fitted, corpus, job, folder, notes)
        show_topics(result, voice)
        if not interrupted:
            if job.also is not None:
                job.also(corpus, folder, voice)
            runs.finish(folder)
        _tell_end(result, folder, voice, interrupted, time.perf_counter() - started)
        return INTERRUPTED if interrupted else 0


def _beside(model: Any, corpus: Corpus, job: Job, voice: Voice) -> dict[str, Any]:
    """Embeddings, read or made before anything that takes long: encoders fail, files do not fit."""
    beside = read_beside(model, len(corpus), job.embeddings)
    if beside or getattr(model, "encoder", None) is None:
        return beside
    with voice.busy("encoding"):
        return {"embeddings": model.embeddings_of(corpus)}


def tell_begin(folder: runs.RunFolder, voice: Voice) -> None:
    """Say what is gone on with, and what an earlier run takes until it is replaced."""
    if folder.resumed:
        voice.say("Going on with the unfinished run in this folder.")
    if folder.staged_in is not None:
        earlier, free = runs.room(folder)
        voice.say(
            f"{folder.place} keeps the earlier run ({earlier / 1e6:,.1f} MB) until the new one, in "
            f"{folder.path}, is whole; {free / 1e6:,.0f} MB are free."
        )


def _model(job: Job) -> Any:
    """The model with its parameters, checked before anything is read."""
    from polytopic import registry

    entry = registry.find(job.model or registry.DEFAULT_TOPIC_MODEL, "topics")
    model = registry.load_class(entry)()
    known = model.get_params()
    parameters = dict(job.parameters)
    if job.choose is not None:
        del parameters["n_topics"]  # which the corpus is asked for, once all else is known to do
    if "iterations" in known and "epochs" in parameters:
        parameters["iterations"] = parameters.pop("epochs")
    for name in parameters:
        if name not in known:
            option = _OPTIONS.get(name, "--" + name.removeprefix("n_").replace("_", "-"))
            if name == "trackers" and not isinstance(parameters[name][0], str):
                option = "--film"
            others = registry.models_with(name)
            have = f" Models that have it: {', '.join(others)}." if others else ""
            raise InputError(
                f"{option}: {entry.class_name} has no such parameter. Leave it out.{have}"
            )
    model.set_params(**parameters)
    model.check_parameters()
    return model


def _fit(
    model: Any, corpus: Corpus, beside: dict[str, Any], folder: runs.RunFolder, voice: Voice
) -> TopicResult:
    """Train; the model is left without what only its training needs."""
    from polytopic.persistence import json_parameters

    known = model.get_params()
    live = {"checkpoint": folder.checkpoint, "verbose": not voice.quiet}
    model.set_params(**{name: value for name, value in live.items() if name in known})
    with warnings.catch_warnings():
        for printed in (CollapseWarning, ConvergenceWarning):  # with the diagnosis, below
            warnings.simplefilter("ignore", printed)
        warnings.simplefilter("ignore", InterruptedFitWarning)
        try:
            result: TopicResult = model.fit_result(corpus, **beside)
        except CheckpointError as error:
            raise CheckpointError(f"{error} {how_to_begin_anew(folder)}") from None
    dead = {"checkpoint": None, "cluster": None, "trackers": None, "verbose": False}
    model.set_params(**{name: value for name, value in dead.items() if name in known})
    return replace(result, parameters=json_parameters(model))


def how_to_begin_anew(folder: runs.RunFolder) -> str:
    """What to do where a checkpoint cannot be gone on with."""
    if folder.staged_in is not None:
        return f"To begin anew, remove the folder {folder.path}."
    return "To begin anew, start the command with --force."


def _write(
    model: Any,
    fitted: TopicResult,
    corpus: Corpus,
    job: Job,
    folder: runs.RunFolder,
    notes: dict[str, Any],
) -> TopicResult:
    """The model first: if the disk fills up later, the training is not lost."""
    from polytopic.exploring import measured

    try:
        model.save(folder.model)
    except InputError as error:
        raise runs.RunWriteError(str(error)) from None
    result = measured(fitted, corpus, source=job.source, **notes)
    if job.naming is not None:
        result = result.name_topics(job.naming)
    try:
        folder.write_result(result)
    except runs.RunWriteError as error:
        raise runs.RunWriteError(
            f"{error} The model is saved in {folder.model}. Free some space and start the same "
            "command again: it goes on from here."
        ) from None
    return result


# ---- telling -------------------------------------------------------------------------------------


def _tell_corpus(corpus: Corpus, job: Job, voice: Voice) -> None:
    voice.say(
        f"{job.source}: {len(corpus):,} documents, {len(corpus.vocabulary):,} terms, "
        f"{corpus.dropped.tokens_kept:,} of {corpus.dropped.tokens:,} words counted."
    )
    for line in corpus.dropped.describe().splitlines():
        plain = "kept." in line or line in corpus.dropped.notes
        voice.say(f"  {line}" if plain else f"  dropped: {line}")


def show_topics(result: TopicResult, voice: Voice) -> None:
    """The topics that are shown, the largest first, as a table on stdout."""
    from rich.table import Table

    coherence = result.coherence
    shares, words = result.topic_sizes, result.top_words(WORDS_SHOWN)
    table = Table(box=None, pad_edge=False)
    for heading in ("topic", "share", "npmi"):
        table.add_column(heading, justify="right", no_wrap=True)
    judged = result.verdicts
    if judged:
        table.add_column("verdict", no_wrap=True)
    table.add_column("top words", overflow="fold")
    for topic in sorted(result.shown.tolist(), key=lambda k: (-shares[k], k)):
        name = [f"{result.names[topic]}:"] if result.names[topic] else []
        listed = as_cell(*name, *words[topic])
        coherent = "" if coherence is None else f"{coherence[topic]:.2f}"
        rating = [judged[topic].rating] if judged else []
        table.add_row(str(topic), f"{shares[topic]:.1%}", coherent, *rating, listed)
    voice.out.print(table)


def _tell_end(
    result: TopicResult,
    folder: runs.RunFolder,
    voice: Voice,
    interrupted: bool,
    seconds: float,
) -> None:
    from polytopic.metrics.convergence import judge_history

    verdict = judge_history(result.history)
    unsettled = "" if verdict is None or verdict.settled else verdict.sentence
    found = replace(result.diagnosis, verdicts=result.verdicts)
    for sentence in (result.without_topic, *found.sentences(), unsettled):
        if sentence:
            voice.say(sentence)
    figures = [f"{n} {show_metric(result.metrics[n])}" for n in HEADLINE if result.metrics.get(n)]
    voice.say(f"{', '.join(figures)}; {seconds:.0f} s in all.")
    voice.say(f"Report: {folder.report}")
    if interrupted:
        done = len(result.history)
        voice.say(
            f"Interrupted after {done} epochs: these are the topics so far. "
            "Start the same command again to go on."
            + (f" {folder.place} holds the earlier run." if folder.staged_in else "")
        )
