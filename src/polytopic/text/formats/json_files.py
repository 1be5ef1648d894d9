"""JSON: an object a line (.jsonl, .ndjson), or one list of objects (.json)."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from polytopic.errors import InputError
from polytopic.text.codes import side_by_side
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.source import Source
from polytopic.text.halves import has_halves, mended
from polytopic.text.streams import Account, line_chunks

__all__ = ["chunks_of", "read_json", "read_json_lines"]

_SAMPLE_RECORDS = 1000
"""Records by which columns are told apart."""

_ROWS = 20_000
"""Records turned to columns at a time: bounds what is held twice."""

_DEEPEST = 8
"""Objects within objects whose fields are columns: those of social media's exports have 3 to 5."""

_MOST_DIGITS = 4300
"""Digits of an integer that Python turns into a number; longer ones stay text."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_BLANK = " \t\n\r"
_Numbered = tuple[int, dict[str, Any]]
_Path = tuple[str, ...]


def read_json_lines(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """A document an object a line; a file that begins with a list is read as one."""
    chunks = line_chunks(source.path, source.encoding, source.account)
    first = next((chunk for chunk in chunks if chunk.strip()), "")
    chunks = itertools.chain([first], chunks)
    if first.lstrip()[:1] == "[":
        yield from _whole(source, wanted, chunks)
    else:
        yield from chunks_of(source, wanted, _lines(source.path, chunks, source.account))


def read_json(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """A list of objects, one object that holds it, or objects one after the other."""
    chunks = line_chunks(source.path, source.encoding, source.account)
    first = next((chunk for chunk in chunks if chunk.strip()), "")
    chunks = itertools.chain([first], chunks)
    line, _, rest = first.lstrip().partition("\n")
    if rest.strip() and _is_object(line):
        yield from chunks_of(source, wanted, _lines(source.path, chunks, source.account))
    else:
        yield from _whole(source, wanted, chunks)


class _Decimal(float):
    """A number with a point or an exponent that knows how it was written."""

    __slots__ = ("written",)
    written: str

    @classmethod
    def read(cls, text: str) -> _Decimal:
        number = cls(text)
        number.written = text
        return number


_DECODER: Any = json.JSONDecoder(parse_float=_Decimal.read)


# ---- lines -----------------------------------------------------------------------------------


def _lines(path: Path, chunks: Iterable[str], account: Account) -> Iterator[list[_Numbered]]:
    """The objects of each chunk with the numbers of their lines."""
    line = 1
    for chunk in chunks:
        escaped = "\\u" in chunk and _HALF.search(chunk) is not None
        yield [
            (number, _whole_letters(record, account) if escaped else record)
            for number, text in enumerate(chunk[:-1].split("\n"), line)
            if text and not text.isspace()
            for record in [_object(path, text, number)]
        ]
        line += chunk.count("\n")


def _object(path: Path, text: str, line: int) -> dict[str, Any]:
    try:
        value, end = _DECODER.scan_once(text, 0)
    except (StopIteration, ValueError, RecursionError):
        value, end = None, -1
    if type(value) is dict and end == len(text):
        return value
    return _object_slowly(path, text, line)


def _object_slowly(path: Path, text: str, line: int) -> dict[str, Any]:
    """The same with blanks around it and endless numbers, or an error that says what is wrong."""
    try:
        value = json.loads(text, parse_int=_whole_number, parse_float=_Decimal.read)
    except (ValueError, RecursionError) as error:
        raise _no_json(path, text, line, error) from None
    if not isinstance(value, dict):
        raise InputError(
            f"{path}: line {line} is no JSON object. Write each document as "
            '{"text": "..."} on a line of its own.'
        )
    return value


def _no_json(path: Path, text: str, line: int, error: Exception) -> InputError:
    if isinstance(error, RecursionError):
        return InputError(f"{path}: line {line} nests too deeply. Correct or remove the line.")
    if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
        return InputError(
            f"{path}: line {line} is no JSON: it goes on after its first value ends "
            f"(character {error.pos + 1}). Write each document on a line of its own."
        )
    if text.strip() == "{":
        return InputError(
            f"{path}: line {line} is no JSON: its object takes several lines. Write each document "
            "on a line of its own, or name the file .json."
        )
    return InputError(f"{path}: line {line} is no JSON ({error}). Correct or remove the line.")


def _is_object(text: str) -> bool:
    try:
        return isinstance(
            json.loads(text, parse_int=_whole_number, parse_float=_Decimal.read), dict
        )
    except (ValueError, RecursionError):
        return False


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


# ---- one value -------------------------------------------------------------------------------


def _whole(source: Source, wanted: Wanted, chunks: Iterable[str]) -> Iterator[Chunk]:
    path, account, text = source.path, source.account, "".join(chunks)
    escaped = _HALF.search(text) is not None
    values = _values(path, text)
    records = _records(path, values[0] if len(values) == 1 else values, account)
    del text, values
    numbered = [
        (number, _whole_letters(record, account) if escaped else record)
        for number, record in enumerate(records, 1)
    ]
    starts = range(0, len(numbered), _ROWS)
    yield from chunks_of(
        source, wanted, (numbered[start : start + _ROWS] for start in starts), "document"
    )


def _values(path: Path, text: str) -> list[Any]:
    """The JSON values of a text, one after the other."""
    decoder = json.JSONDecoder(parse_int=_whole_number, parse_float=_Decimal.read)
    values: list[Any] = []
    place = 0
    while True:
        while text[place : place + 1] and text[place] in _BLANK:
            place += 1
        if place >= len(text):
            return values
        try:
            value, place = decoder.raw_decode(text, place)
        except RecursionError:
            raise InputError(f"{path}: nests too deeply. Write a flat list of objects.") from None
        except ValueError as error:
            at = getattr(error, "pos", place)
            line = text.count("\n", 0, at) + 1
            reason = getattr(error, "msg", str(error))
            raise InputError(
                f"{path}: is no JSON from line {line} on (character {at + 1}: {reason}). "
                "Correct it."
            ) from None
        values.append(value)


def _records(path: Path, value: Any, account: Account) -> list[dict[str, Any]]:
    """The documents in a value: a list, the only list in an object, or one object of text."""
    if isinstance(value, dict):
        lists = [name for name, held in value.items() if isinstance(held, list) and held]
        if len(lists) == 1 and all(isinstance(item, dict) for item in value[lists[0]]):
            account.notes.append(f'{path.name}: the documents are those of "{lists[0]}".')
            return list(value[lists[0]])
        if value and all(isinstance(held, dict | list) for held in value.values()):
            raise InputError(
                f"{path}: holds one JSON object of {len(value):,} objects or lists, and which are "
                'the documents is not clear. Write a list of them: [{"text": "..."}, ...] '
                '(pandas: to_json(orient="records")).'
            )
        return [value] if value else []
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [{"text": item} for item in value]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    if isinstance(value, list):
        place = next(n for n, item in enumerate(value, 1) if not isinstance(item, dict))
        raise InputError(
            f"{path}: document {place} is no JSON object. Write a list of objects, each "
            '{"text": "..."}.'
        )
    raise InputError(f'{path}: is no list of JSON objects. Write [{{"text": "..."}}, ...].')


# ---- columns ---------------------------------------------------------------------------------


def chunks_of(
    source: Source, wanted: Wanted, parts: Iterable[list[_Numbered]], unit: str = "line"
) -> Iterator[Chunk]:
    """The wanted columns of numbered records; ``unit``: what is numbered, for errors."""
    roles: dict[str, str] = {}
    fields: dict[str, _Path] = {}
    texts: set[str] = set()
    others: set[str] = set()
    for records in parts:
        if not records:
            continue
        if not roles:
            roles, fields = _roles(source, wanted, [r for _, r in records[:_SAMPLE_RECORDS]])
        yield {
            role: [
                _text(source.path, value, f"{unit} {number}")
                for (number, _), value in zip(records, _column(records, fields[name]), strict=True)
            ]
            if role.startswith("text")
            else [_entry(value) for value in _column(records, fields[name])]
            for role, name in roles.items()
        }
        for label in _column(records, fields[roles["label"]]) if "label" in roles else ():
            (texts if isinstance(label, str) else others).add(_entry(label) or "")
    source.account.notes += side_by_side("labels", (texts & others) - {""})


def _roles(
    source: Source, wanted: Wanted, records: list[dict[str, Any]]
) -> tuple[dict[str, str], dict[str, _Path]]:
    """Role to column, and where in a record the columns stand."""
    named = set(wanted.named().values())
    fields: dict[str, _Path] = {}
    textual: dict[str, None] = {}
    for record in records:
        for path, value in _leaves(record, named):
            name = ".".join(path)
            if len(fields.setdefault(name, path)) > len(path):
                fields[name] = path  # a name with a point of its own comes first
            if isinstance(value, str):
                textual[name] = None
    for above in {path[:n] for path in fields.values() for n in range(1, len(path))}:
        if fields.get(name := ".".join(above)) == above and name not in named:
            del fields[name]  # an object that some records lack
    texts = [name for name in textual if name in fields]
    return wanted.resolve(source.path, list(fields), texts, source.account), fields


def _leaves(
    record: Mapping[str, Any], named: Collection[str], above: _Path = ()
) -> Iterator[tuple[_Path, Any]]:
    """The fields of a record and of objects in it, which are columns themselves if named."""
    for name, value in record.items():
        path = (*above, name)
        inner = isinstance(value, dict) and bool(value) and len(path) < _DEEPEST
        if not inner or ".".join(path) in named:
            yield path, value
        if inner:
            yield from _leaves(value, named, path)


def _column(records: list[_Numbered], path: _Path) -> Iterator[Any]:
    if len(path) == 1:
        return (record.get(path[0]) for _, record in records)
    return (_within(record, path) for _, record in records)


def _within(record: Any, path: _Path) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _text(path: Path, value: Any, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        parts = [part.get("text") if isinstance(part, dict) else part for part in value]
        strings = [part for part in parts if isinstance(part, str)]
        if len(strings) == len(parts):  # text with links, as Telegram writes it
            return "".join(strings)
    if value != value:  # NaN: how some programs write what is missing
        return None
    raise InputError(
        f"{path}: {where} has {_json(value):.40} for a text, not a string. "
        "Name another field with --text, or write the text as a string."
    )


def _entry(value: Any) -> str | None:
    """A label, id or date as it is written."""
    if value is None or isinstance(value, str):
        return value
    if value != value:
        return None
    return value.written if isinstance(value, _Decimal) else _json(value)


def _json(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "a value that nests deeply"


def _whole_letters(record: dict[str, Any], account: Account) -> dict[str, Any]:
    """The record with half surrogates replaced, in its names and its strings, and counted."""
    found = {}
    for name, value in record.items():
        for half in (name, value):
            account.halves += mended(half)[1] if isinstance(half, str) and has_halves(half) else 0
        value = mended(value)[0] if isinstance(value, str) and has_halves(value) else value
        found[mended(name)[0] if has_halves(name) else name] = value
    return found
