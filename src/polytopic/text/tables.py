"""Tables of documents from files: which column is the text, and reading it chunk by chunk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from polytopic.errors import InputError
from polytopic.text.streams import byte_chunks, existing, line_chunks, without_compression

__all__ = ["FORMATS", "Wanted", "table_chunks"]

FORMATS = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
"""What can be read, each (but .parquet) also with .gz or .zst at the end; and folders of .txt."""

_TEXT_NAMES = (
    "text", "body", "abstract", "content", "document", "review", "message", "description",
    "comment", "tweet", "article",
)  # fmt: skip
_ROLES = ("text", "label", "id", "date")
_SAMPLE_LINES = 1000


@dataclass(frozen=True)
class Wanted:
    """Which columns hold the text, the label, the id and the date; None if not wanted."""

    text: str | None = None
    label: str | None = None
    id: str | None = None
    date: str | None = None

    def resolve(self, path: Path, columns: Sequence[str], textual: Sequence[str]) -> dict[str, str]:
        """Role to column, after checking that each exists once.

        Raises
        ------
        InputError
            If a column is missing or there twice, or the text column cannot be told.
        """
        listed = ", ".join(columns)
        roles = {"text": self.text or _guess(path, columns, textual)}
        roles |= {
            role: name
            for role, name in (("label", self.label), ("id", self.id), ("date", self.date))
            if name is not None
        }
        for role, name in roles.items():
            times = list(columns).count(name)
            if times == 0:
                raise InputError(
                    f'{path}: no column "{name}". Columns are: {listed}. Name one with --{role}.'
                )
            if times > 1:
                raise InputError(
                    f'{path}: has {times} columns named "{name}". Columns are: {listed}. '
                    "Rename them in the file so that each name is there once."
                )
        return roles


def _guess(path: Path, columns: Sequence[str], textual: Sequence[str]) -> str:
    if len(columns) == 1:
        return columns[0]
    usual = [name for name in columns if name.lower() in _TEXT_NAMES]
    if len(usual) == 1:
        return usual[0]
    if len(textual) == 1 and not usual:
        return textual[0]
    why = f"several could be the text ({', '.join(usual)})" if usual else "none is named text"
    raise InputError(f"{path}: {why}. Columns are: {', '.join(columns)}. Name one with --text.")


def table_chunks(path: str | Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
    """The documents of a file or folder: String columns text and, where wanted, label, id, date.

    Missing texts are null. Files of lines are read chunk by chunk.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, of an unknown format, or lacks a column.
    """
    found = existing(path)
    if found.is_dir():
        yield from _folder(found, wanted, encoding)
        return
    suffix = without_compression(found)
    readers: dict[str, Callable[[Path, Wanted, str], Iterator[pl.DataFrame]]] = {
        ".txt": _lines,
        ".csv": _separated(","),
        ".tsv": _separated("\t"),
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".parquet": _parquet,
    }
    if suffix not in readers:
        raise InputError(
            f'{found}: files ending in "{suffix or found.name}" are not read. Give one of '
            f"{', '.join(FORMATS)} (also .gz, .zst), or a folder of .txt files."
        )
    if found.stat().st_size == 0:
        raise InputError(f"{found}: is an empty file. Give one that holds documents.")
    rows = 0
    for chunk in readers[suffix](found, wanted, encoding):
        rows += chunk.height
        yield chunk
    if not rows:
        raise InputError(f"{found}: holds no documents. Give a file with at least one.")


def _only_text(path: Path, wanted: Wanted, allowed: Sequence[str] = ()) -> None:
    for role in _ROLES:
        name = getattr(wanted, role)
        if name is not None and role not in allowed:
            raise InputError(
                f'{path}: has no columns, so --{role} "{name}" cannot be found. Leave it out, or '
                "give a .csv, .tsv, .jsonl or .parquet file."
            )


def _lines(path: Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
    _only_text(path, wanted)
    for chunk in line_chunks(path, encoding):
        yield pl.DataFrame({"text": pl.Series(chunk[:-1].split("\n"), dtype=pl.String)})


def _folder(path: Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
    if wanted.label != "folder":
        _only_text(path, wanted)
    files = sorted(p for p in path.rglob("*.txt*") if without_compression(p) == ".txt")
    if not files:
        raise InputError(f"{path}: the folder holds no .txt files. Give one that does, or a file.")
    for start in range(0, len(files), 1000):
        group = files[start : start + 1000]
        columns = {
            "text": ["".join(line_chunks(file, encoding)) for file in group],
            "id": [file.relative_to(path).as_posix() for file in group],
        }
        if wanted.label == "folder":
            columns["label"] = [file.relative_to(path).parent.as_posix() for file in group]
        yield pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _separated(separator: str) -> Callable[[Path, Wanted, str], Iterator[pl.DataFrame]]:
    def read(path: Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
        content = "".join(line_chunks(path, encoding))
        header = next(csv.reader(io.StringIO(content[: 1 << 20]), delimiter=separator), [])
        data = content.encode()
        try:
            sample = pl.read_csv(data, separator=separator, n_rows=100, infer_schema_length=100)
            kinds = zip(header, sample.dtypes, strict=False)
            textual = [name for name, kind in kinds if kind == pl.String]
        except pl.exceptions.PolarsError:
            textual = []
        roles = wanted.resolve(path, header, textual)
        try:
            table = pl.read_csv(
                data,
                separator=separator,
                infer_schema=False,
                empty_string_is_null=False,
                columns=[header.index(name) for name in dict.fromkeys(roles.values())],
            )
        except pl.exceptions.PolarsError as error:
            raise _csv_error(path, content, separator, error) from None
        yield table.select(pl.col(name).alias(role) for role, name in roles.items())

    return read


def _csv_error(path: Path, content: str, separator: str, error: Exception) -> InputError:
    """Name the first record whose number of fields differs from the header's."""
    csv.field_size_limit(1 << 30)
    rows = csv.reader(io.StringIO(content), delimiter=separator)
    width = len(next(rows, []))
    for row in rows:
        if row and len(row) != width:
            return InputError(
                f"{path}: the record that ends on line {rows.line_num} has {len(row)} fields, the "
                f'header has {width}. Put texts that hold "{separator}" or quotes in quotes.'
            )
    reason = str(error).strip().split("\n")[0]
    return InputError(f"{path}: is no table that can be read ({reason}). Check its quotes.")


def _json_lines(path: Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
    roles: dict[str, str] = {}
    line = 1
    for chunk in line_chunks(path, encoding):
        if not roles and not chunk.isspace():
            roles = _json_roles(path, wanted, chunk, line)
        if roles:
            schema = dict.fromkeys(roles.values(), pl.String)
            try:
                table = pl.read_ndjson(chunk.encode(), schema=schema)
            except pl.exceptions.PolarsError as error:
                raise _json_error(path, chunk, line, error) from None
            yield table.select(pl.col(name).alias(role) for role, name in roles.items())
        line += chunk.count("\n")


def _json_roles(path: Path, wanted: Wanted, chunk: str, line: int) -> dict[str, str]:
    columns: dict[str, bool] = {}
    for number, text in enumerate(chunk.split("\n")[:_SAMPLE_LINES], line):
        if text.strip():
            for name, value in _json_object(path, text, number).items():
                columns[name] = columns.get(name, False) or isinstance(value, str)
    return wanted.resolve(path, list(columns), [name for name, text in columns.items() if text])


def _json_object(path: Path, text: str, line: int) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(
            f"{path}: line {line} is no JSON ({error}). Correct or remove the line."
        ) from None
    if not isinstance(value, dict):
        raise InputError(
            f"{path}: line {line} is no JSON object. Write each document as "
            '{"text": "..."} on a line of its own.'
        )
    return value


def _json_error(path: Path, chunk: str, line: int, error: Exception) -> InputError:
    for number, text in enumerate(chunk.split("\n"), line):
        if text.strip():
            try:
                _json_object(path, text, number)
            except InputError as found:
                return found
    return InputError(f"{path}: cannot be read as JSON lines ({error}). Check its lines.")


def _parquet(path: Path, wanted: Wanted, encoding: str) -> Iterator[pl.DataFrame]:
    source = path if path.suffix.lower() == ".parquet" else b"".join(byte_chunks(path))
    opened = source if isinstance(source, Path) else io.BytesIO(source)
    try:
        schema = pl.read_parquet_schema(opened)
        textual = [name for name, kind in schema.items() if kind == pl.String]
        roles = wanted.resolve(path, list(schema), textual)
        if schema[roles["text"]] != pl.String:
            raise InputError(
                f'{path}: column "{roles["text"]}" holds {schema[roles["text"]]}, not text. '
                f"Text columns are: {', '.join(textual) or 'none'}. Name one with --text."
            )
        table = pl.read_parquet(opened, columns=list(dict.fromkeys(roles.values())))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(f"{path}: cannot be read as parquet ({reason}). Write it again.") from None
    yield table.select(pl.col(name).alias(role) for role, name in roles.items())
