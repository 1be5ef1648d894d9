"""The one reader of JSON in saved folders: one object, or one line that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from polytopic.errors import CheckpointError

__all__ = ["RESTORE", "in_one_line", "parse_record", "read_record"]

RESTORE = "Restore a copy, or make it again."
"""What to do about a file that was cut short or altered."""

_LARGEST = 1 << 30
"""Bytes: a hundred times the vocabulary of the largest word vectors there are."""


def read_record(file: Path, remedy: str = RESTORE) -> dict[str, Any]:
    """The object that a JSON file holds.

    Numbers are finite, names within an object differ, and strings are Unicode text.

    Raises
    ------
    CheckpointError
        If the file cannot be read, is no JSON, or no object; ``remedy`` ends the message.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise CheckpointError(f"{file}: is larger than any record ({_LARGEST:,} bytes).")
        content = file.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{file}: is missing. {remedy}") from None
    except OSError as error:
        raise CheckpointError(
            f"{file}: cannot be read ({error.strerror or error}). {remedy}"
        ) from None
    return parse_record(content, str(file), remedy)


def parse_record(content: bytes, name: str, remedy: str = RESTORE) -> dict[str, Any]:
    """The object that JSON text holds, as :func:`read_record` reads it; ``name`` is its name."""
    try:
        text = content.decode("utf-8")
        record = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
        if "\\ud" in text.lower():  # half a surrogate pair is no text and could not be written
            json.dumps(record, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise CheckpointError(f"{name}: is altered (nested too deeply). {remedy}") from None
    except MemoryError:
        raise CheckpointError(f"{name}: does not fit into memory. {remedy}") from None
    except ValueError as error:
        reason = str(error).split(";")[0].splitlines()[0][:200]
        raise CheckpointError(f"{name}: is cut short or altered ({reason}). {remedy}") from None
    if not isinstance(record, dict):
        raise CheckpointError(f"{name}: is altered: no JSON object. {remedy}")
    return record


def in_one_line(error: BaseException) -> str:
    """The message of an error of any library, short enough to stand in one of ours."""
    words = " ".join(str(error).split()) or type(error).__name__
    words = f"no {words}" if isinstance(error, KeyError) else words
    return words if len(words) <= 300 else f"{words[:297]}..."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise ValueError(f"the name {twice[:60]!r} stands twice")
    return made
