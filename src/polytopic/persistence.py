"""Saving and loading models: parameters and a few arrays, never executable content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic import io, registry
from polytopic.errors import CheckpointError, InputError

__all__ = ["json_parameters", "load", "run_identity", "save_model"]

KIND = "model"
VECTORS = "vectors"
"""The kinds of saved folders."""

_PREFIX = "parameter/"


def load(path: str | Path) -> Any:
    """Read a model, or word vectors, that ``save`` wrote.

    Raises
    ------
    FileMissingError
        If there is no such folder.
    CheckpointError
        If it is cut short, altered, of a newer format, or no model.
    """
    if io.read_header(path)["kind"] == VECTORS:
        from polytopic.embeddings.vectors import WordVectors

        return WordVectors.load(path)
    arrays, about = io.read_folder(path, KIND)
    try:
        entry = registry.find(about["class"])
        parameters = dict(about["parameters"])
        parameters |= {
            name.removeprefix(_PREFIX): value
            for name, value in arrays.items()
            if name.startswith(_PREFIX)
        }
        model = registry.load_class(entry)(**parameters)
        model._load_state(arrays, about["fitted"])
    except (KeyError, TypeError, IndexError, RuntimeError, InputError) as error:
        raise CheckpointError(
            f"{path}: does not hold a whole model ({error}). Restore a copy or save it again."
        ) from None
    return model


def save_model(
    model: Any, path: str | Path, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]
) -> Path:
    """Write a fitted model: its class name, its parameters, arrays and JSON-ready state."""
    given = {
        _PREFIX + name: value
        for name, value in model.get_params(deep=False).items()
        if isinstance(value, np.ndarray)
    }
    about = {
        "class": type(model).__name__,
        "parameters": json_parameters(model),
        "fitted": dict(fitted),
    }
    return io.write_folder(path, KIND, {**arrays, **given}, about)


def json_parameters(model: Any) -> dict[str, Any]:
    """The constructor parameters as JSON holds them; arrays and live objects become None."""
    return {
        name: _json_value(value) for name, value in sorted(model.get_params(deep=False).items())
    }


def run_identity(model: Any, counts: Any, seed: int, skipped: Collection[str]) -> dict[str, Any]:
    """What a checkpoint of a topic model must share with a run to be resumed.

    The class, its parameters but those ``skipped``, the seed, and a digest of the CSR counts and of
    parameters that are arrays.
    """
    digest = hashlib.sha256()
    given = [value for value in model.get_params().values() if isinstance(value, np.ndarray)]
    for array in (counts.indptr, counts.indices, counts.data, *given):
        digest.update(np.ascontiguousarray(array).tobytes())
    kept = {name: value for name, value in json_parameters(model).items() if name not in skipped}
    about = {"model": type(model).__name__, "seed": seed}
    return {**kept, **about, "corpus": digest.hexdigest()[:16]}


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _json_value(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_json_value(item) for item in value]
    return None
