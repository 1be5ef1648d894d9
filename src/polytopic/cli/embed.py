"""``polytopic embed``: from a file of texts to word vectors."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from polytopic.cli._columns import (
    Encoding,
    NoHeader,
    Separator,
    Sheet,
    Text,
    reading_options,
)
from polytopic.cli._embed_options import (
    Bucket,
    Checkpoint,
    Cluster,
    Combine,
    Dim,
    Epochs,
    File,
    Free,
    FromModel,
    Language,
    LearningRate,
    Loss,
    MaxN,
    Method,
    MinCount,
    MinN,
    Negative,
    Output,
    Sample,
    SaveModel,
    Seed,
    Spaces,
    Threads,
    Window,
)
from polytopic.cli._ending import INTERRUPTED
from polytopic.cli._shared import (
    Force,
    Quiet,
    Voice,
    chosen,
    show_neighbours,
)
from polytopic.cli._tracking import Tracker
from polytopic.cli._vectors import reserve_vectors, write_vectors
from polytopic.errors import InputError, InterruptedFitWarning, TextWarning

if TYPE_CHECKING:
    from polytopic.cli.outputs import Outputs
    from polytopic.text.tokens import WordRule

__all__ = ["embed"]

_FLAGS = {"n_threads": "threads", "random_state": "seed", "trackers": "tracker"}


def embed(
    context: typer.Context,
    file: File,
    output: Output,
    method: Method = "skipgram",
    dim: Dim = 100,
    window: Window = None,
    epochs: Epochs = None,
    negative: Negative = None,
    sample: Sample = None,
    loss: Loss = None,
    min_n: MinN = None,
    max_n: MaxN = None,
    bucket: Bucket = None,
    learning_rate: LearningRate = None,
    combine: Combine = None,
    free: Free = False,
    threads: Threads = None,
    cluster: Cluster = None,
    seed: Seed = 0,
    text: Text = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    min_count: MinCount = None,
    spaces: Spaces = False,
    language: Language = None,
    model: SaveModel = None,
    go_on: FromModel = None,
    checkpoint: Checkpoint = None,
    tracker: Tracker = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Learn word vectors from text and write them to a file."""
    given = chosen(
        window=window, epochs=epochs, negative=negative, loss=loss, sample=sample,
        learning_rate=learning_rate, n_threads=threads, min_count=min_count,
        checkpoint=checkpoint, deterministic=False if free else None, min_n=min_n, max_n=max_n,
        bucket=bucket, trackers=tracker, cluster=cluster,
    )  # fmt: skip
    asked = {"method": method, "dim": dim, "random_state": seed}
    outputs, voice = _outputs(output, model, checkpoint, file, force=force), Voice(quiet=quiet)
    estimator = _estimator(context, asked, given, go_on).set_params(verbose=not quiet)
    columns = reading_options(text, encoding, separator, no_header, sheet)
    which = combine or ("sum" if type(estimator).__name__ == "GloVe" else "input")
    with outputs.reserved():
        _train(estimator, _source(file, columns, voice, _rule(spaces=spaces, language=language)))
        if estimator.interrupted_ and checkpoint is not None:
            voice.say(
                f"Interrupted: start the same command again to go on from {checkpoint}. "
                f"{output} is written when it is done."
            )
            raise typer.Exit(INTERRUPTED)
        if model is not None:
            estimator.save(model)
        write_vectors(estimator.vectors_, output, which)
    _tell(estimator, output, voice)


def _estimator(
    context: typer.Context, asked: dict[str, Any], given: dict[str, Any], saved: Path | None
) -> Any:
    """The model to train: a new one, or a saved one to go on with.

    ``asked``: options that have defaults; ``given``: those that were typed.
    """
    from polytopic import registry

    entry = registry.find(asked["method"], "vectors")
    asked["method"] = entry.class_name
    if saved is not None:
        return _model_to_go_on(saved, given | _typed(context, asked))
    estimator = registry.load_class(entry)()
    del asked["method"]
    _set(estimator, asked | given, entry.name)
    return estimator


def _train(estimator: Any, source: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterruptedFitWarning)  # told by the command
        warnings.simplefilter("always", TextWarning)
        estimator.partial_fit(source)


def _typed(context: typer.Context, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that were typed; the others are defaults, which a model overrules."""
    found = {}
    for name, value in values.items():
        source = context.get_parameter_source(_FLAGS.get(name, name))
        if source is not None and source.name == "COMMANDLINE":
            found[name] = value
    return found


def _model_to_go_on(path: Path, given: dict[str, Any]) -> Any:
    """A saved model with the options that were typed, if it can go on with them.

    Raises
    ------
    FileMissingError, CheckpointError, InputError
        If there is none, or an option is not what the model was trained with.
    """
    from polytopic import load, persistence

    estimator = load(path)
    name = type(estimator).__name__
    if not (hasattr(estimator, "vectors_") and hasattr(estimator, "partial_fit")):
        raise InputError(f"{path}: holds no model of word vectors. Name one of --save-model.")
    wanted = given.pop("method", name)
    if wanted != name:
        raise InputError(f"--method: is {wanted}, and {path} holds a {name}. Leave --method out.")
    _set(estimator, given, name)
    try:
        persistence.refuse_changed_parameters(estimator)
    except InputError as error:
        parameter, _, rest = str(error).partition(": ")
        raise InputError(f"--{_flag(parameter)}: {rest}") from None
    return estimator


def _flag(option: str) -> str:
    return _FLAGS.get(option, option.replace("_", "-"))


def _set(estimator: Any, values: dict[str, Any], name: str) -> None:
    known = estimator.get_params()
    for option in values:
        if option not in known:
            raise InputError(f"--{_flag(option)}: is nothing that {name} has. Leave it out.")
    estimator.set_params(**values)


def _rule(*, spaces: bool, language: str | None) -> WordRule:
    """What divides text into words."""
    from polytopic.embeddings.raw_text import SPACES, WORDS
    from polytopic.text.stopwords import language_code

    if language is None:
        return SPACES if spaces else WORDS
    if spaces:
        raise InputError("--language: means nothing beside --spaces. Leave one of them out.")
    try:
        return replace(WORDS, language=language_code(language))
    except InputError:
        raise InputError(
            f'--language: nothing is known of "{language}" that words depend on. Leave it out, or '
            "give zh, ja or th, whose texts are segmented."
        ) from None


def _source(file: Path, columns: dict[str, Any], voice: Voice, rule: WordRule) -> Any:
    """Text to be divided into words: a file that is streamed, or the column of a table; or shards,
    whose words are divided already.
    """
    from polytopic.embeddings.raw_text import WORDS, RawText
    from polytopic.text import read_documents
    from polytopic.text.formats import is_table
    from polytopic.text.shards.layout import is_sharded
    from polytopic.text.streams import existing

    found = existing(file)
    if is_sharded(found):
        return _shards(found, columns, divides=rule is not WORDS)
    if found.is_dir() or is_table(found) or "separator" in columns:
        documents = read_documents(found, **columns)
        for note in documents.notes:
            voice.say(note)
        return RawText(documents.texts, rule)
    for option in ("text", "header", "sheet"):
        if columns.get(option) is not None:
            flag = "no-header" if option == "header" else option
            raise InputError(f"--{flag}: {file} has no columns. Leave --{flag} out.")
    return RawText(found, rule, columns["encoding"])


def _shards(folder: Path, columns: dict[str, Any], *, divides: bool) -> Any:
    """The corpus in a folder of shards; refuses options that say how text is read."""
    from polytopic.text import ShardedCorpus

    asked = [name for name, value in columns.items() if (name, value) != ("encoding", "utf-8")]
    if divides or any(columns[name] is not None for name in asked):
        raise InputError(
            f"{folder}: holds words that are divided already. Leave out the options for columns "
            "and files, --spaces and --language."
        )
    return ShardedCorpus(folder)


def _outputs(
    output: Path, model: Path | None, checkpoint: Path | None, source: Path, *, force: bool
) -> Outputs:
    """All that is written, checked before the work begins."""
    from polytopic.cli.outputs import Outputs

    outputs = Outputs((source,), force)
    reserve_vectors(outputs, output, force=force)
    outputs.folder(model, "model", "--save-model")
    outputs.folder(checkpoint, "", "--checkpoint")
    return outputs


def _tell(estimator: Any, output: Path, voice: Voice) -> None:
    vectors = estimator.vectors_
    last = estimator.history_[-1] if estimator.history_ else {}
    speed = f", {last['words_per_second']:,.0f} words/s" if "words_per_second" in last else ""
    loss = f", loss {last['loss']:.4f}" if last else ""
    voice.say(f"{len(vectors):,} words x {vectors.dim}, {estimator.n_epochs_} epochs{loss}{speed}")
    show_neighbours(vectors, voice)
    voice.say(f"Written to {output}. Neighbours: polytopic similar {output} WORD")
    if estimator.interrupted_:
        voice.say("Interrupted: these are the vectors of that moment.")
        raise typer.Exit(INTERRUPTED)
