"""``polytopic classify``: learn labels of texts, and give labels to new ones."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polytopic.cli._columns import (
    Encoding,
    NoHeader,
    Separator,
    Sheet,
    Text,
    reading_options,
)
from polytopic.cli._frames import write_frame
from polytopic.cli._shared import Force, Quiet, Voice, chosen
from polytopic.cli._tracking import Tracker
from polytopic.errors import CheckpointError, InputError

if TYPE_CHECKING:
    from polytopic.text.reading import Documents

__all__ = ["app"]

app = typer.Typer(help="Labels of texts: learn them, give them to new ones.", no_args_is_help=True)

File = Annotated[
    Path,
    typer.Argument(
        help="A table of texts: .csv, .tsv, .jsonl, .parquet, .xlsx.", show_default=False
    ),
]
Several = Annotated[
    str | None,
    typer.Option(
        "--label-separator",
        metavar="SEP",
        help='What stands between the labels of a text that has several, like ";".',
        show_default=False,
    ),
]
_HELD_OUT = 0.1
"""Share of the texts that judge the labels: the error of an accuracy is below .03 from 3,000
texts."""


@app.command()
def train(
    file: File,
    label: Annotated[str, typer.Option("--label", help="Column of labels.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the classifier.", show_default=False)
    ],
    text: Text = None,
    label_separator: Several = None,
    loss: Annotated[
        str | None, typer.Option("--loss", help="softmax, ova or hierarchical.")
    ] = None,
    dim: Annotated[int | None, typer.Option("--dim", "-d", help="Length of a row.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="Passes over the texts.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", help="At the first text.")
    ] = None,
    word_ngrams: Annotated[
        int | None, typer.Option("--word-ngrams", help="Words of the longest n-grams.")
    ] = None,
    min_n: Annotated[
        int | None, typer.Option("--min-n", help="Characters of the shortest n-grams.")
    ] = None,
    max_n: Annotated[
        int | None, typer.Option("--max-n", help="Of the longest; 0 for none.")
    ] = None,
    bucket: Annotated[int | None, typer.Option("--bucket", help="Rows of n-grams.")] = None,
    tracker: Tracker = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of all randomness.")] = 0,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Learn labels from a table; a tenth of its texts judges them first.

    The classifier that is written has learned from all. With --label-separator a text may have
    several labels, or none (an empty cell); each is learned against the rest (--loss ova).
    """
    from polytopic import registry
    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    outputs = Outputs((file,), force)
    if (output / "about.json").exists() and not force:
        raise InputError(f"{output}: is there already. Replace it with --force, or name another.")
    outputs.folder(output, "model", "-o")
    if label_separator is not None:
        loss = _loss_of_several(label_separator, loss)
    given = chosen(
        loss=loss, dim=dim, epochs=epochs, learning_rate=learning_rate, word_ngrams=word_ngrams,
        min_n=min_n, max_n=max_n, bucket=bucket, trackers=tracker,
    )  # fmt: skip
    model: Any = registry.load_class(registry.find("fasttext-classifier"))()
    model.set_params(random_state=seed, **given).check_parameters()
    columns = reading_options(text, encoding, separator, no_header, sheet, label=[label])
    with outputs.reserved():
        texts, names = _labelled(file, columns, label_separator, voice)
        _judge(model, texts, names, seed, voice)
        model.fit(texts, names)
        model.set_params(trackers=None).save(output)
    shown = ", ".join(str(name) for name in model.classes_[:10])
    voice.say(f"{len(texts):,} texts, {len(model.classes_)} labels ({shown}). Written to {output}.")


@app.command()
def predict(
    classifier: Annotated[
        Path, typer.Argument(help="Folder that classify train wrote, or fastText's .bin or .ftz.")
    ],
    file: File,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A .csv or .parquet file.", show_default=False),
    ],
    text: Text = None,
    label_separator: Several = None,
    encoding: Encoding = "utf-8",
    separator: Separator = None,
    no_header: NoHeader = False,
    sheet: Sheet = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the likeliest label of each text and its chance, a row a text in their order.

    With --label-separator also a column "labels": all that are likelier than not, likeliest first.
    """
    import polars as pl

    from polytopic.cli.outputs import Outputs

    voice = Voice(quiet=quiet)
    outputs = Outputs((file, classifier), force)
    outputs.file(output, (".csv", ".parquet"))
    with outputs.reserved():
        model = _load(classifier)
        options = reading_options(text, encoding, separator, no_header, sheet)
        with voice.busy("reading"):
            documents = _read(file, options, voice)
        chances = model.predict_proba(documents.texts.to_list())
        columns: dict[str, Any] = {
            "label": model.classes_[chances.argmax(axis=1)],
            "chance": chances.max(axis=1),
        }
        if label_separator is not None:
            columns["labels"] = _joined(chances, model.classes_, label_separator)
        write_frame(pl.DataFrame(columns), output)
    voice.say(f"Labels of {len(documents):,} texts: {output}")


def _read(file: Path, columns: dict[str, Any], voice: Voice) -> Documents:
    from polytopic.text import read_documents
    from polytopic.text.streams import existing

    documents = read_documents(existing(file), **columns)
    for note in documents.notes:
        voice.say(note)
    return documents


def _labelled(
    file: Path, columns: dict[str, Any], separator: str | None, voice: Voice
) -> tuple[list[str], list[Any]]:
    """The texts and their labels, lists of labels where a separator is given."""
    with voice.busy("reading"):
        documents = _read(file, columns, voice)
    assert documents.labels is not None
    names = documents.labels.to_list()
    if separator is not None:
        names = [_split(cell, separator) for cell in names]
    return documents.texts.to_list(), names


def _loss_of_several(separator: str, loss: str | None) -> str:
    if not separator:
        raise InputError('--label-separator: is empty. Say what stands between labels, like ";".')
    if loss not in (None, "ova"):
        raise InputError(
            f"--loss {loss}: learns one label a text. Use --loss ova, or leave it out."
        )
    return "ova"


def _split(cell: Any, separator: str) -> list[str]:
    """The labels of a cell, each once: none of an empty one, the entries of a list in JSON."""
    parts = [] if cell is None else str(cell).split(separator)
    if str(cell).startswith("["):
        with suppress(ValueError):
            parts = [str(entry) for entry in json.loads(str(cell))]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _joined(chances: Any, names: Any, separator: str) -> list[str]:
    """A cell a text: its labels that are likelier than not."""
    from polytopic.embeddings.subwords.text_labels import likeliest

    for name in names:
        if separator in str(name):
            raise InputError(
                f'--label-separator: {separator!r} stands in the label "{name}". Choose another.'
            )
    found = likeliest(chances, names, None, None)
    return [separator.join(map(str, labels)) for labels in found]


def _judge(model: Any, texts: list[str], labels: list[Any], seed: int, voice: Voice) -> None:
    """Say the accuracy of a classifier of nine tenths on the last one, if both have labels."""
    import numpy as np
    from sklearn.base import clone

    order = np.random.default_rng([seed, len(texts)]).permutation(len(texts)).tolist()
    n = int(_HELD_OUT * len(texts))
    known, held = order[n:], order[:n]
    if n < 1 or any(labels[row] is None for row in order):
        return
    several = isinstance(labels[0], list)
    if len({label for row in known for label in (labels[row] if several else [labels[row]])}) < 2:
        return
    model = clone(model).set_params(trackers=None)
    model.fit([texts[row] for row in known], [labels[row] for row in known])
    right = model.score([texts[row] for row in held], [labels[row] for row in held])
    told = "all of their labels and no other" if several else "their label"
    voice.say(f"Of {n:,} texts kept apart {right:.1%} get {told}.")


def _load(path: Path) -> Any:
    from polytopic import FastTextClassifier, load
    from polytopic.io.packed import kind_of_path

    if kind_of_path(path) == "a file":
        return FastTextClassifier.read_binary(path)
    model = load(path)
    if not hasattr(model, "predict_proba") or not hasattr(model, "classes_"):
        raise CheckpointError(f"{path}: holds no classifier. Name a folder of classify train.")
    return model
