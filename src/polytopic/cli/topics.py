"""``polytopic topics``: from a file of texts to a run folder with a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from polytopic.cli._beside import Embeddings, Encoder, Seeds, read_seeds
from polytopic.cli._columns import (
    Date,
    Encoding,
    Id,
    Label,
    NoHeader,
    Separator,
    Sheet,
    Text,
    Url,
    reading_options,
)
from polytopic.cli._memory import Memory, called, named, reader
from polytopic.cli._page_options import PageLanguage, Title, page_settings
from polytopic.cli._setting import Setting, read_settings
from polytopic.cli._shared import (
    Force,
    Quiet,
    Voice,
    chosen,
    clean_option,
    degree_limit,
    naming_option,
    stop_word_option,
)
from polytopic.cli._topics_options import (
    AUTO,
    Clean,
    Cluster,
    Device,
    Epochs,
    Files,
    Language,
    MaxDf,
    MaxTerms,
    MinDf,
    Model,
    Naming,
    Ngrams,
    Output,
    Seed,
    StopWords,
    Threads,
    Topics,
    TopTopics,
)
from polytopic.cli._tracking import Film, Tracker, filmed
from polytopic.exploring import MAX_TERMS

__all__ = ["topics"]

Chooser = Callable[[Any], tuple[dict[str, Any], dict[str, Any]]]
"""From a corpus to parameters of the model, and notes of the result."""

_OF_THE_MACHINE = ("cluster", "device", "n_threads", "trackers")
"""Parameters that may change when an unfinished run is gone on with."""


def topics(
    files: Files,
    output: Output,
    text: Text = None,
    label: Label = None,
    id: Id = None,
    date: Date = None,
    url: Url = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    embeddings: Embeddings = None,
    encoder: Encoder = None,
    seeds: Seeds = None,
    n_topics: Topics = 50,
    model: Model = None,
    seed: Seed = 0,
    epochs: Epochs = None,
    device: Device = None,
    settings: Setting = None,
    tracker: Tracker = None,
    film: Film = None,
    threads: Threads = None,
    cluster: Cluster = None,
    memory: Memory = None,
    top_topics: TopTopics = None,
    language: Language = "en",
    stop_words: StopWords = "language",
    min_df: MinDf = None,
    max_df: MaxDf = None,
    max_terms: MaxTerms = MAX_TERMS,
    ngrams: Ngrams = None,
    clean: Clean = "auto",
    name_topics: Naming = None,
    title: Title = None,
    page_language: PageLanguage = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Find topics in texts and write a report, tables and the model to a folder.

    Started again after an interruption, the same command goes on from its checkpoint.
    """
    from polytopic.cli._run import Job, carry_out

    inputs = _inputs(output, *files, embeddings, seeds)
    voice, kinds = Voice(quiet=quiet), dict[str, Any](label=label, id=id, date=date, url=url)
    columns = reading_options(text, encoding, separator, no_header, sheet, **kinds)
    terms = _terms(voice, language, stop_words, min_df, max_df, max_terms, ngrams, clean)
    with filmed(film, tracker, inputs, force, voice) as trackers, reader(files, output,
        {**columns, **terms, "n_threads": threads}, memory, voice) as read:  # fmt: skip
        own = read_settings(settings, model)
        parameters = {"n_topics": n_topics, "random_state": seed} | own | chosen(
            epochs=epochs, device=device, n_threads=threads, cluster=cluster, encoder=encoder,
            trackers=trackers, seed_words=read_seeds(seeds))  # fmt: skip
        beside = chosen(set=own or None, memory=memory, top_topics=top_topics,
                        embeddings=embeddings and str(embeddings))  # fmt: skip
        raise typer.Exit(carry_out(Job(
            read=read, source=called(files), naming=naming_option(name_topics), model=model,
            choose=_number_chosen(seed, voice) if n_topics == AUTO else None,
            force=force, embeddings=embeddings, parameters=parameters, output=output,
            settings={"file": named(files), "columns": columns, "terms": terms, "model": model}
            | beside | _own(parameters) | page_settings(title, page_language)), voice))  # fmt: skip


def _inputs(output: Path, *inputs: Path | None) -> tuple[Path | None, ...]:
    """What is read, once it is known that the run may be written."""
    from polytopic.cli.outputs import Outputs

    Outputs(inputs).run(output)
    return inputs


def _terms(
    voice: Voice,
    language: str,
    stop_words: str,
    low: str | None,
    high: str | None,
    max_terms: int,
    ngrams: int | None,
    clean: str,
) -> dict[str, Any]:
    """What counts as a term, as :func:`polytopic.read` takes it."""
    return {
        "language": language, "stop_words": stop_word_option(stop_words, voice),
        "min_df": degree_limit(low, "--min-df"), "max_df": degree_limit(high, "--max-df"),
        "max_terms": max_terms, "ngrams": ngrams, "clean": clean_option(clean),
    }  # fmt: skip


def _own(parameters: dict[str, Any]) -> dict[str, Any]:
    """Those that say which run it is."""
    return {n: v for n, v in parameters.items() if n not in _OF_THE_MACHINE}


def _number_chosen(seed: int, voice: Voice) -> Chooser:
    """What finds the number of topics of a corpus, the most stable of the range that LDA finds,
    and says it; and the note of it."""
    from polytopic.ensembles import choose_topics
    from polytopic.metrics.topic_numbers import HOW_MANY

    def choose(corpus: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        with voice.busy("trying numbers of topics"):
            found = choose_topics(corpus, random_state=seed)
        voice.say(f"{found.sentence} Taken: {found.best}.")
        return {"n_topics": found.best}, {HOW_MANY: found.to_dict()}

    return choose
