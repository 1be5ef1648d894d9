"""``polytopic sentences``: train a sentence VAE, walk between sentences, make new ones."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._ending import INTERRUPTED
from polytopic.cli._shared import Force, Quiet, Voice, chosen
from polytopic.cli._tracking import Tracker
from polytopic.errors import CheckpointError, InputError, InterruptedFitWarning

if TYPE_CHECKING:
    from polytopic import runs
    from polytopic.autoencoders.sentences.sentence_vae import SentenceVAE

__all__ = ["app"]

app = typer.Typer(
    help="Sentences as points of a space: train, interpolate, sample.", no_args_is_help=True
)

Run = Annotated[
    Path, typer.Argument(help="Folder that `sentences train` wrote.", show_default=False)
]
Method = Annotated[
    str | None, typer.Option("--method", help="greedy, sample or beam.", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of all randomness.")]
File = Annotated[
    Path,
    typer.Argument(
        help="A sentence a line, words divided by white space (.gz and .zst too); or .csv, "
        ".tsv, .jsonl, .parquet.",
        show_default=False,
    ),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder to write.", show_default=False)
]
Dim = Annotated[int | None, typer.Option("--dim", "-d", help="Dimensions of the code.")]
Hidden = Annotated[int | None, typer.Option("--hidden", help="Units of the LSTMs.")]
WordDim = Annotated[int | None, typer.Option("--word-dim", help="Length of a word's vector.")]
Epochs = Annotated[int | None, typer.Option("--epochs", help="Passes over the text.")]
MaxWords = Annotated[int | None, typer.Option("--max-words", help="Size of the vocabulary.")]
MaxLength = Annotated[int | None, typer.Option("--max-length", help="Words of a sentence.")]
Long = Annotated[str | None, typer.Option("--long", help="Longer ones: cut, drop or error.")]
HeldOut = Annotated[
    float | None, typer.Option("--held-out", help="Share that decides which epoch is kept.")
]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads.")]


@app.command()
def train(
    file: File,
    output: Output,
    dim: Dim = None,
    hidden: Hidden = None,
    word_dim: WordDim = None,
    epochs: Epochs = None,
    max_words: MaxWords = None,
    max_length: MaxLength = None,
    long: Long = None,
    held_out: HeldOut = None,
    threads: Threads = None,
    tracker: Tracker = None,
    seed: Seed = 0,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Learn a sentence VAE; the same command goes on after an interruption."""
    from polytopic import runs
    from polytopic.cli._run import tell_begin
    from polytopic.cli.outputs import Outputs

    parameters = {"random_state": seed} | chosen(
        dim=dim, hidden=hidden, word_dim=word_dim, epochs=epochs, max_words=max_words,
        max_length=max_length, long=long, held_out=held_out,
    )  # fmt: skip
    settings = {"command": "sentences", "file": str(file), **parameters}
    voice = Voice(quiet=quiet)
    Outputs((file,)).run(output)
    with runs.reserved(output, settings, force=force) as folder:
        runs.begin(folder)
        tell_begin(folder, voice)
        parameters |= chosen(n_threads=threads, trackers=tracker)
        model = _fit(file, parameters, folder, voice)
        model.save(folder.model)
        if not model.interrupted_:
            runs.finish(folder)
        _tell(model, folder, voice)
        if model.interrupted_:
            raise typer.Exit(INTERRUPTED)


def _fit(
    file: Path, parameters: dict[str, Any], folder: runs.RunFolder, voice: Voice
) -> SentenceVAE:
    """Train, and tell what the model warned of."""
    from polytopic import SentenceVAE
    from polytopic.cli._run import how_to_begin_anew

    model = SentenceVAE(verbose=not voice.quiet, checkpoint=folder.checkpoint, **parameters)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", InterruptedFitWarning)
        try:
            model.fit(file)
        except CheckpointError as error:
            raise CheckpointError(f"{error} {how_to_begin_anew(folder)}") from None
    for warning in told:
        voice.say(str(warning.message))
    return model.set_params(checkpoint=None, trackers=None, verbose=False)


@app.command()
def interpolate(
    run: Run,
    a: Annotated[str, typer.Argument(help="The sentence to begin from.", show_default=False)],
    b: Annotated[str, typer.Argument(help="The sentence to arrive at.", show_default=False)],
    steps: Annotated[int, typer.Option("--steps", help="Sentences, both ends included.")] = 5,
    method: Method = None,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Print the sentences on the way from one to the other, a line each."""
    voice = Voice(quiet=quiet)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = _load(run).interpolate(
            a, b, steps, method=method or "beam", unknown=False, random_state=seed
        )
    for warning in told:
        voice.say(str(warning.message))
    _print(found)


@app.command()
def sample(
    run: Run,
    n: Annotated[int, typer.Option("-n", "--number", help="How many.")] = 5,
    temperature: Annotated[
        float, typer.Option("--temperature", help="Below 1 keeps to likely words.")
    ] = 1.0,
    method: Method = None,
    seed: Seed = 0,
) -> None:
    """Print new sentences, a line each."""
    _print(
        _load(run).sample(
            n, method=method or "sample", temperature=temperature, unknown=False, random_state=seed
        )
    )


def _load(run: Path) -> SentenceVAE:
    from polytopic import SentenceVAE, load

    model: Any = load(run / "model" if (run / "model").exists() else run)
    if not isinstance(model, SentenceVAE):
        raise InputError(
            f"{run}: holds a {type(model).__name__}, not a sentence VAE. Name a folder of "
            "`polytopic sentences train`."
        )
    return model


def _print(sentences: list[str]) -> None:
    from polytopic.io.leaving import visible

    for sentence in sentences:
        print(visible(sentence))


def _tell(model: SentenceVAE, folder: runs.RunFolder, voice: Voice) -> None:
    notes, last = model.notes_, model.history_[-1] if model.history_ else {}
    voice.say(
        f"{notes['sentences']:,} sentences, {notes['words']:,} words with the end, "
        f"{notes['unknown_words']:,} occurrences read as <unk>; {notes['seconds']:.0f} s."
    )
    if last:
        voice.say(
            f"Bound {last['bound']:.2f} nats a sentence, KL {last['kl']:.2f}, "
            f"{last['active']:.0f} of {model.dim} dimensions in use."
        )
    if model.interrupted_:
        voice.say("Interrupted: this is the model so far. The same command goes on.")
    voice.say(
        f'Written to {folder.path}. Next: polytopic sentences interpolate {folder.path} "a" "b"'
    )
