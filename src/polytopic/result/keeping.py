"""A result as a folder: its topics as the model gave them, the edits, and what it was made from.

What is kept is what cannot be made again: arrays in safetensors, texts and columns in Parquet, the
rest in JSON. The topics of an edited result are its base's with the edits made once more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic import io
from polytopic.errors import CheckpointError, InputError
from polytopic.forking import refuse_lost_threads
from polytopic.io.frames import packed_table, unpacked_table
from polytopic.io.records import in_one_line
from polytopic.io.schemas import ANYTHING, FLAG, TEXT, TEXTS, WHOLE, Array, ListOf, MapOf
from polytopic.io.schemas import Record as Schema
from polytopic.parameters import NONE, AnyOf
from polytopic.result.edits import EDIT, trained
from polytopic.result.record import Record
from polytopic.scratch import empty
from polytopic.text.periods import restored, unit_of
from polytopic.text.storage import saved_counts
from polytopic.text.values import as_series

__all__ = ["KIND", "read_parts", "save_result"]

KIND = "result"
COLUMNS = ("labels", "ids", "dates")
METADATA = "metadata/"
"""Before the names of the columns of labels in the table of documents."""
_FACTS = ("parameters", "metrics", "notes")
_ABOUT = Schema(
    {
        "shape": ListOf(WHOLE, 2), "names": TEXTS, "model": TEXT, "beside_counts": FLAG,
        "history": ListOf(MapOf(ANYTHING)), **dict.fromkeys(_FACTS, MapOf(ANYTHING)),
        "rules": MapOf(ANYTHING), "units": MapOf(TEXT), "edits": ListOf(EDIT),
        "training": AnyOf(TEXT, NONE),
    },
    later=frozenset({"rules"}),
)  # fmt: skip
_ARRAYS = {
    "topic_word": Array("K", "V"),
    "doc_topic": Array("D", "K"),
    "counts/indptr": Array("rows", kind="i"),
    "counts/indices": Array("nnz", kind="i"),
    "counts/data": Array("nnz", kind="i", low=0),
    "vocabulary/counts": Array("V", kind="i", low=0),
    "vocabulary/document_counts": Array("V", kind="i", low=0),
    "terms": Array("bytes", kind="uint8"),
    "documents": Array("more bytes", kind="uint8", optional=True),
}
"""What a saved result holds; both tables are packed Parquet."""


def save_result(result: Record, path: str | Path, *, texts: bool = True) -> Path:
    """The work of :meth:`TopicResult.save`."""
    refuse_lost_threads("result")
    base = result if result.base is None else result.base
    vocabulary, counts = result.vocabulary, result.counts
    arrays: dict[str, NDArray[Any]] = {
        "topic_word": np.asarray(base.topic_word),
        "doc_topic": np.asarray(base.doc_topic),
        "counts/indptr": counts.indptr,
        "counts/indices": _narrow(counts.indices),
        "counts/data": _narrow(counts.data),
        "vocabulary/counts": vocabulary.counts,
        "vocabulary/document_counts": vocabulary.document_counts,
        "terms": packed_table({"terms": as_series(vocabulary.terms, "terms")}),
    }
    kept = ("texts", *COLUMNS) if texts else COLUMNS
    given = {n: values for n in kept if (values := getattr(result, n)) is not None}
    given |= {METADATA + name: values for name, values in result.metadata.items()}
    if given:
        arrays["documents"] = packed_table({n: as_series(v, n) for n, v in given.items()})
    units = {name: unit_of(values) for name, values in given.items() if name != "texts"}
    about = {
        "shape": list(counts.shape),
        "names": list(base.names),
        "model": result.model,
        "beside_counts": result.beside_counts,
        "history": _plain(result.history, "history"),
        "parameters": _plain(result.parameters, "parameters"),
        "metrics": _plain(base.metrics, "metrics"),
        "notes": _plain(result.notes, "notes"),
        "units": {name: unit for name, unit in units.items() if unit},
        "edits": _plain(result.edits, "edits"),
        "training": None if result.quality is None else trained(result.quality),
    }
    if vocabulary.rules is not None:
        about["rules"] = vocabulary.rules.to_dict()
    return io.write_folder(path, KIND, arrays, about)


def read_parts(path: str | Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a result is made of before its edits, by name, and the edits; checked.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is no saved result, or it is cut short, altered or of a newer format.
    """
    refuse_lost_threads("result")
    arrays, about = io.read_folder(path, KIND, about=_ABOUT, arrays=_ARRAYS)
    try:
        counts, vocabulary = saved_counts(arrays, about)
        held: dict[str, Any] = {
            "topic_word": arrays["topic_word"],
            "doc_topic": arrays["doc_topic"],
            "vocabulary": vocabulary,
            "counts": counts,
            **_columns(arrays, about["units"]),
            **{name: about[name] for name in ("names", "model", "beside_counts", *_FACTS)},
            "history": tuple(about["history"]),
        }
        checked = Record(**held)
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise CheckpointError(
            f"{path}: does not hold a whole result ({in_one_line(error)}). "
            "Save it again or restore a copy."
        ) from None
    assert checked.quality is not None
    held["counts"] = checked.counts
    held["quality"] = replace(checked.quality, training=about["training"])
    return held, about["edits"]


def _columns(arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str]) -> dict[str, Any]:
    """Texts, labels, ids and dates, as far as there are any."""
    if "documents" not in arrays:
        return {}
    table = unpacked_table(arrays["documents"])
    found: dict[str, Any] = {"metadata": {}}
    for name in table.columns:
        values = restored(table[name], units.get(name, ""))
        if name.startswith(METADATA):
            found["metadata"][name.removeprefix(METADATA)] = values
        elif name in ("texts", *COLUMNS):
            found[name] = values
    return found


def _narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from zero on in the narrowest type that holds them."""
    narrow = empty(len(numbers), np.min_scalar_type(int(numbers.max(initial=0))))
    narrow[:] = numbers
    return narrow


def _plain(value: Any, name: str) -> Any:
    """A value as JSON has it: what NumPy made becomes Python's, NaN and infinity become None.

    Raises
    ------
    InputError
        If it holds something else.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(entry, name) for key, entry in value.items()}
    if isinstance(value, np.ndarray | Sequence) and not isinstance(value, bytes):
        return [_plain(entry, name) for entry in value]
    if callable(getattr(value, "to_dict", None)):
        return _plain(value.to_dict(), name)
    raise InputError(
        f"{name}: hold a {type(value).__name__}, which cannot be saved. Give numbers, texts, lists "
        "and dicts."
    )
