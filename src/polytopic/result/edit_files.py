"""Edits as a file: a list of them, and which topics they are of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.records import read_record
from polytopic.io.schemas import TEXT, WHOLE, ListOf, check_record
from polytopic.io.schemas import Record as Schema
from polytopic.result.edits import EDIT, EDIT_ENTRIES
from polytopic.result.record import Record

__all__ = [
    "EDITS_FILE",
    "edits_record",
    "fingerprint",
    "given_edits",
    "page_record",
    "read_edits",
    "same_topics",
]

PROGRAM, FORMAT_VERSION = "polytopic", 1
EDITS_FILE = Schema(
    {"program": TEXT, "format": WHOLE, "topics": TEXT, "after": TEXT, "edits": ListOf(EDIT)},
    later=frozenset({"program", "format", "topics", "after"}),
)
"""What a file of edits holds; what is ``later`` a person need not write."""

_REMEDY = "Write it anew, or restore a copy."


def fingerprint(record: Record) -> str:
    """A digest of the topics that a model gave, 16 letters: edits of others are told by it."""
    topics = record.topic_word if record.base is None else record.base.topic_word
    digest = hashlib.sha256(np.ascontiguousarray(topics, dtype="<f4").tobytes())
    digest.update("\n".join(record.vocabulary.terms).encode())
    return digest.hexdigest()[:16]


def _log_digest(record: Record) -> str:
    """A digest of the edits made so far, 16 letters: numbers of topics are those after them."""
    log = json.dumps([dict(edit) for edit in record.edits], sort_keys=True)
    return hashlib.sha256(log.encode()).hexdigest()[:16]


def page_record(record: Record) -> dict[str, Any]:
    """What a file of edits that are to be made on a result says of it."""
    return {
        "program": PROGRAM,
        "format": FORMAT_VERSION,
        "topics": fingerprint(record),
        "after": _log_digest(record),
    }


def same_topics(record: Record, topic_word: NDArray[Any]) -> bool:
    """Whether a result is of these topics (K, V), before its edits."""
    own = record.topic_word if record.base is None else record.base.topic_word
    return np.array_equal(own, topic_word)


def edits_record(record: Record) -> dict[str, Any]:
    """All edits of a result, JSON-ready, as :func:`read_edits` reads them."""
    return {
        "program": PROGRAM,
        "format": FORMAT_VERSION,
        "topics": fingerprint(record),
        "edits": [dict(edit) for edit in record.edits],
    }


def read_edits(path: str | Path, record: Record | None = None) -> dict[str, Any]:
    """A file of edits, checked; with ``record``, that they are of its topics.

    Raises
    ------
    FileMissingError, CheckpointError
        If there is none, or it is cut short, altered or of a newer format.
    InputError
        If they are of other topics.
    """
    file = Path(path)
    if not file.is_file():
        raise FileMissingError(f"{file}: no such file. Name a file of edits (.json).")
    held = read_record(file, _REMEDY)
    if held and set(held) <= EDIT_ENTRIES:  # one edit, as a person writes it
        held = {"edits": [held]}
    check_record(held, EDITS_FILE, str(file))
    if held.get("program", PROGRAM) != PROGRAM or held.get("format", 1) > FORMAT_VERSION:
        raise CheckpointError(
            f"{file}: is of another program or a newer version. Upgrade with: pip install "
            f"--upgrade {PROGRAM}"
        )
    if record is not None:
        _refuse_others(held, record, str(file))
    return held


def _refuse_others(held: Mapping[str, Any], record: Record, where: str) -> None:
    """Refuse edits that say they are of other topics.

    Raises
    ------
    InputError
    """
    if held.get("topics", fingerprint(record)) != fingerprint(record):
        raise InputError(
            f"{where}: these edits are of other topics. Name the run they were made for, or take "
            'their "topics" out to make them here.'
        )
    if held.get("after", _log_digest(record)) != _log_digest(record):
        raise InputError(
            f"{where}: these edits are of the topics as they stood after other edits, or are made "
            "already. Save them anew from the newest page of the run."
        )


def given_edits(given: Any, record: Record) -> list[Mapping[str, Any]]:
    """Edits as they are given: a file of them, what it holds, one edit, or a list of edits."""
    if isinstance(given, str | Path):
        return list(read_edits(given, record)["edits"])
    if isinstance(given, Mapping) and "edits" in given:
        check_record(dict(given), EDITS_FILE, "edits")
        _refuse_others(given, record, "edits")
        return list(given["edits"])
    if isinstance(given, Mapping):
        return [given]
    if isinstance(given, Sequence) and all(isinstance(edit, Mapping) for edit in given):
        return list(given)
    raise InputError(
        f"edits: of type {type(given).__name__}. Give a file, an edit such as "
        '{"rename": {"3": "Pizza"}}, or a list of edits.'
    )
