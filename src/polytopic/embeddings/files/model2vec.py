"""Folders of model2vec, static embeddings: ``model.safetensors`` and ``tokenizer.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from polytopic.embeddings.files.words import encodable
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.atomic import make_folder, remove_empty, replacing
from polytopic.io.locking import PARTIAL, claimed
from polytopic.io.mapping import map_tensors
from polytopic.io.opening import refuse_not_finite
from polytopic.io.ownership import refuse_foreign
from polytopic.io.records import read_record
from polytopic.io.schemas import ANYTHING, Record, check_record

__all__ = ["is_model2vec", "read_encoder", "read_model2vec", "write_model2vec"]

Floats = NDArray[np.float32]

UNKNOWN = "[UNK]"
"""The word that stands for words without a vector; model2vec leaves it out of a text's mean."""

_ADDED = "polytopic_unknown_added"
"""In config.json: whether the last row is none of the words that were written."""

_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_TOKENIZER = Record({"model": Record({"vocab": ANYTHING})})
_WORDS = r"[\w_]+(?:['’.\-][\w_]+)*|[^\w\s]"


def write_model2vec(
    path: str | Path, terms: Sequence[str], vectors: Floats, *, normalize: bool = False
) -> Path:
    """Write a folder that ``model2vec.StaticModel.from_pretrained`` loads.

    The tokenizer cuts a text at white space and punctuation, and lower-cases it if no word has a
    capital. A row of zeros is added for unknown words. ``normalize``: whether texts' vectors are to
    be scaled to length one.

    Raises
    ------
    InputError
        If the folder holds other files or cannot be written.
    """
    folder = Path(path)
    refuse_foreign(folder, _is_own, "Name a new folder.")
    listed = list(terms)
    for row, term in enumerate(listed):
        if not encodable(term):
            raise InputError(
                f"{folder}: the word {term[:40]!a} (row {row + 1}) is no Unicode text and "
                "cannot be written. Correct it."
            )
    added = UNKNOWN not in listed
    if added:
        listed.append(UNKNOWN)
        vectors = np.concatenate([vectors, np.zeros((1, vectors.shape[1]), np.float32)])
    tensors = {"embeddings": np.ascontiguousarray(vectors, dtype=np.float32)}
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": int(vectors.shape[1]),
        "normalize": normalize,
        "embedding_dtype": "float32",
        _ADDED: added,
    }
    made: list[Path] = []
    try:
        made = make_folder(folder)
        with claimed(folder), ExitStack() as files:  # all are whole before the first takes its name
            config_file, tokenizer_file, tensor_file = (
                files.enter_context(replacing(folder / name)) for name in _FILES
            )
            save_file(tensors, tensor_file)
            for file, record in ((tokenizer_file, _tokenizer(listed)), (config_file, config)):
                file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    except (OSError, SafetensorError, UnicodeEncodeError) as error:
        if made:
            for name in _FILES:
                (folder / name).unlink(missing_ok=True)
            remove_empty(made)
        raise InputError(f"{folder}: cannot be written ({error}). Name another folder.") from None
    return folder


def is_model2vec(path: Path) -> bool:
    """Whether the folder has the files of model2vec."""
    return all((path / name).is_file() for name in _FILES[1:])


def read_model2vec(path: str | Path) -> tuple[list[str], Floats]:
    """Read a folder of model2vec: its tokens and their vectors.

    Returns
    -------
    terms : list of V str
    vectors : float32 array of shape (V, E)

    Raises
    ------
    FileMissingError, CheckpointError, InputError
        If a file is missing, damaged or of another form; tokens that share rows are refused.

    Notes
    -----
    A last token ``[UNK]`` whose vector is zero is left out, unless it was among the words written.
    """
    folder = Path(path)
    for name in _FILES[1:]:
        if not (folder / name).is_file():
            raise FileMissingError(f"{folder}: has no {name}. Name a folder of model2vec.")
    tensors = map_tensors(folder / "model.safetensors")
    matrix = tensors.get("embeddings")
    if matrix is None or matrix.ndim != 2 or 0 in matrix.shape or "mapping" in tensors:
        raise CheckpointError(f'{folder}: holds no matrix "embeddings" with a row a token.')
    if matrix.dtype.kind != "f":
        raise CheckpointError(f"{folder}: its embeddings are of type {matrix.dtype}. Use float32.")
    terms = _tokens(folder / "tokenizer.json", len(matrix))
    vectors = np.array(matrix, dtype=np.float32)
    refuse_not_finite(folder, terms, vectors)
    own = _config(folder).get(_ADDED) is False
    if terms[-1] == UNKNOWN and not vectors[-1].any() and len(terms) > 1 and not own:
        return terms[:-1], vectors[:-1]
    return terms, vectors


def read_encoder(path: str | Path) -> tuple[list[str], Floats, Path | None, bool]:
    """Tokens and rows; the tokenizer's file, if it cuts otherwise than ours; whether to normalize.

    Raises
    ------
    FileMissingError, CheckpointError, InputError
        As :func:`read_model2vec`.
    """
    folder = Path(path)
    terms, matrix = read_model2vec(folder)
    file = folder / _FILES[1]
    record = read_record(file)
    model: Any = record["model"]
    splits: Any = record.get("pre_tokenizer")
    pattern = splits.get("pattern") if isinstance(splits, Mapping) else None
    own = model.get("type") == "WordLevel" and pattern == {"Regex": _WORDS}
    return terms, matrix, None if own else file, _config(folder).get("normalize") is True


def _config(folder: Path) -> dict[str, Any]:
    """What config.json says; nothing, where there is none that can be read."""
    try:
        return read_record(folder / _FILES[0])
    except CheckpointError:
        return {}


def _tokens(file: Path, n_rows: int) -> list[str]:
    record = read_record(file, "Restore a copy.")
    check_record(record, _TOKENIZER, str(file))
    vocabulary: Any = record["model"]["vocab"]
    if isinstance(vocabulary, Mapping):
        places = dict(vocabulary)
    elif isinstance(vocabulary, list) and all(
        isinstance(v, list) and v and isinstance(v[0], str) for v in vocabulary
    ):
        places = {entry[0]: row for row, entry in enumerate(vocabulary)}
    else:
        places = {}
    terms = [name for name, _ in sorted(places.items(), key=lambda item: str(item[1]).zfill(12))]
    rows = sorted(row for row in places.values() if type(row) is int)
    if rows != list(range(n_rows)) or not all(isinstance(term, str) for term in terms):
        raise CheckpointError(f"{file}: its {len(terms)} tokens do not fit {n_rows} vectors.")
    return terms


def _tokenizer(terms: list[str]) -> dict[str, Any]:
    lowercase = not any(term != term.lower() for term in terms if term != UNKNOWN)
    special = {
        "id": terms.index(UNKNOWN),
        "content": UNKNOWN,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special],
        "normalizer": {"type": "Lowercase"} if lowercase else None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": _WORDS},
            "behavior": "Removed",
            "invert": True,
        },
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {term: row for row, term in enumerate(terms)},
            "unk_token": UNKNOWN,
        },
    }


def _is_own(name: str) -> bool:
    return name in (*_FILES, "modules.json", "README.md") or name.startswith(PARTIAL)
