"""What may be given beside the texts: embeddings of the documents, and seed words of topics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.errors import InputError

__all__ = ["Embeddings", "Encoder", "Seeds", "loaded", "read_beside", "read_seeds"]

Embeddings = Annotated[
    Path | None,
    typer.Option(
        "--embeddings",
        help="A .npy file with a row a document, for models that read embeddings (combined-tm, "
        "zero-shot-tm, cluster-tm, fastopic).",
        rich_help_panel="The model",
    ),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="Name or folder of a text encoder for such models: of sentence-transformers "
        "(all-MiniLM-L6-v2), or model2vec:minishlab/potion-base-8M.",
        rich_help_panel="The model",
    ),
]
Seeds = Annotated[
    Path | None,
    typer.Option(
        "--seeds",
        help='A JSON file of guided topics: {"sports": ["game", "team"], ...}.',
        rich_help_panel="The model",
    ),
]


def read_beside(
    model: Any, n_documents: int, path: Path | None, option: str = "--embeddings"
) -> dict[str, Any]:
    """Embeddings as the keywords of ``fit`` and ``result``; none without a file.

    Raises
    ------
    FileMissingError, InputError
        If the file cannot be used, has another number of rows, or the model reads none.
    """
    if path is None:
        return {}
    from polytopic.base import refuse_embeddings
    from polytopic.io.array_files import read_array

    refuse_embeddings(model, option)
    array = read_array(path)
    if array.ndim != 2 or array.shape[0] != n_documents:
        raise InputError(
            f"{option}: {path} has shape {array.shape} for {n_documents:,} documents. Write a "
            "row a document, in the order of the file of texts, empty texts too."
        )
    return {"embeddings": array}


def loaded(path: Path, encoder: str | None) -> Any:
    """A saved model, which reads texts by an encoder if there is one.

    Raises
    ------
    InputError
        If the model cannot be loaded, or reads no embeddings.
    """
    from polytopic import load

    model = load(path)
    if encoder is not None:
        from polytopic.base import refuse_embeddings

        refuse_embeddings(model, "--encoder")
        model.set_params(encoder=encoder)
    return model


def read_seeds(path: Path | None) -> dict[str, list[str]] | None:
    """Names of topics and their words.

    Raises
    ------
    InputError
        If the file is missing, no JSON, or holds something else.
    """
    if path is None:
        return None
    from polytopic.io.records import read_record

    remedy = 'Write an object such as {"sports": ["game", "team"]}.'
    seeds = read_record(path, remedy)
    for name, words in seeds.items():
        listed = [words] if isinstance(words, str) else words
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise InputError(f'{path}: the entry "{name:.60}" is no list of words. {remedy}')
        seeds[name] = listed
    if not seeds:
        raise InputError(f"{path}: names no topic. {remedy}")
    return seeds
