"""Tables of documents from files: which column is the text, and reading it chunk by chunk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.errors import InputError
from polytopic.text.streams import byte_chunks, existing, line_chunks, without_compression

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FORMATS", "Chunk", "Wanted", "table_chunks"]

FORMATS = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
"""What can be read, each (but .parquet) also with .gz or .zst at the end; and folders of .txt."""

Chunk = Mapping[str, "list[str | None] | pl.Series"]
"""Some documents: the columns text and, where wanted, label, id and date, of the same length."""

_TEXT_NAMES = (
    "text", "body", "abstract", "content", "document", "review", "message", "description",
    "comment", "tweet", "article",
)  # fmt: skip
_MORE_TEXT = "text +"
_ROLES = ("text", "label", "id", "date")
_SAMPLE_LINES = 1000


@dataclass(frozen=True)
class Wanted:
    """Which columns hold the text, the label, the id and the date; None if not wanted.

    Several columns of text are joined by a line feed.
    """

    text: str | Sequence[str] | None = None
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
        texts = [self.text] if isinstance(self.text, str) else list(self.text or ())
        roles = {"text": texts[0] if texts else _guess(path, columns, textual)}
        roles |= {f"{_MORE_TEXT}{number}": name for number, name in enumerate(texts[1:])}
        roles |= {
            role: name
            for role, name in (("label", self.label), ("id", self.id), ("date", self.date))
            if name is not None
        }
        for role, name in roles.items():
            role = role.partition(" ")[0]
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
    usual = [name for name in dict.fromkeys(columns) if name.lower() in _TEXT_NAMES]
    if len(usual) == 1:
        return usual[0]
    if len(textual) == 1 and not usual:
        return textual[0]
    why = f"several could be the text ({', '.join(usual)})" if usual else "none is named text"
    raise InputError(f"{path}: {why}. Columns are: {', '.join(columns)}. Name one with --text.")


def table_chunks(path: str | Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
    """The documents of a file or folder, chunk by chunk; missing entries are None.

    Only .csv, .tsv and .parquet are read as a whole (by polars, which then holds them).

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
    readers: dict[str, Callable[[Path, Wanted, str], Iterator[Chunk]]] = {
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
        rows += len(chunk["text"])
        yield _with_one_text(chunk)
    if not rows:
        raise InputError(f"{found}: holds no documents. Give a file with at least one.")


def _with_one_text(chunk: Chunk) -> Chunk:
    """Join the columns of text, if there are several; missing ones are skipped."""
    more = [values for role, values in chunk.items() if role.startswith(_MORE_TEXT)]
    if not more:
        return chunk
    joined: list[str | None] = [
        "\n".join(part for part in parts if part) or None
        for parts in zip(chunk["text"], *more, strict=True)
    ]
    rest = {role: values for role, values in chunk.items() if role in _ROLES}
    return {**rest, "text": joined}


def _only_text(path: Path, wanted: Wanted, allowed: Sequence[str] = ()) -> None:
    for role in _ROLES:
        name = getattr(wanted, role)
        if name is not None and role not in allowed:
            raise InputError(
                f'{path}: has no columns, so --{role} "{name}" cannot be found. Leave it out, or '
                "give a .csv, .tsv, .jsonl or .parquet file."
            )


def _lines(path: Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
    _only_text(path, wanted)
    for chunk in line_chunks(path, encoding):
        yield {"text": list(chunk[:-1].split("\n"))}


def _folder(path: Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
    if wanted.label != "folder":
        _only_text(path, wanted)
    files = sorted(p for p in path.rglob("*.txt*") if without_compression(p) == ".txt")
    if not files:
        raise InputError(f"{path}: the folder holds no .txt files. Give one that does, or a file.")
    for start in range(0, len(files), 1000):
        group = files[start : start + 1000]
        columns: dict[str, list[str | None]] = {
            "text": ["".join(line_chunks(file, encoding)) for file in group],
            "id": [file.relative_to(path).as_posix() for file in group],
        }
        if wanted.label == "folder":
            columns["label"] = [file.relative_to(path).parent.as_posix() for file in group]
        yield columns


def _separated(separator: str) -> Callable[[Path, Wanted, str], Iterator[Chunk]]:
    def read(path: Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
        import polars as pl

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
            # All columns are read: only then does polars notice a record with too many fields.
            table = pl.read_csv(
                data, separator=separator, infer_schema=False, empty_string_is_null=False
            )
        except pl.exceptions.PolarsError as error:
            reason = str(error).strip().split("\n")[0]
            raise _uneven(path, content, separator) or InputError(
                f"{path}: is no table that can be read ({reason}). Check its quotes."
            ) from None
        if (table[:, -1].fill_null("") == "").any():
            uneven = _uneven(path, content, separator)
            if uneven is not None:
                raise uneven
        yield {role: table[name] for role, name in roles.items()}

    return read


def _uneven(path: Path, content: str, separator: str) -> InputError | None:
    """An error for the first record whose number of fields differs from the header's."""
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    width = len(next(rows, []))
    for row in rows:
        if row and len(row) != width:
            shown = "a tab" if separator == "\t" else f'"{separator}"'
            return InputError(
                f"{path}: the record that ends on line {rows.line_num} has {len(row)} fields, the "
                f"header has {width}. Put texts that hold {shown}, quotes or line breaks in quotes."
            )
    return None


def _json_lines(path: Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
    roles: dict[str, str] = {}
    line = 1
    for chunk in line_chunks(path, encoding):
        records = _json_records(path, chunk, line)
        line += chunk.count("\n")
        if not records:
            continue
        if not roles:
            roles = _json_roles(path, wanted, [record for _, record in records[:_SAMPLE_LINES]])
        yield {
            role: [_json_text(path, record.get(name), number) for number, record in records]
            if role.startswith("text")
            else [_json_entry(record.get(name)) for _, record in records]
            for role, name in roles.items()
        }


def _json_records(path: Path, chunk: str, line: int) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a chunk with the numbers of their lines.

    The lines are parsed together, as one array; one by one only to name the line that fails.
    """
    numbered = [
        (number, text)
        for number, text in enumerate(chunk[:-1].split("\n"), line)
        if text and not text.isspace()
    ]
    try:
        records = json.loads(
            f"[{','.join([text for _, text in numbered])}]", parse_float=_Decimal.read
        )
    except (json.JSONDecodeError, RecursionError):
        records = []
    if len(records) != len(numbered) or not all(isinstance(record, dict) for record in records):
        return [(number, _json_object(path, text, number)) for number, text in numbered]
    return [(number, record) for (number, _), record in zip(numbered, records, strict=True)]


def _json_roles(path: Path, wanted: Wanted, records: list[dict[str, Any]]) -> dict[str, str]:
    columns: dict[str, bool] = {}
    for record in records:
        for name, value in record.items():
            columns[name] = columns.get(name, False) or isinstance(value, str)
    return wanted.resolve(path, list(columns), [name for name, text in columns.items() if text])


def _json_object(path: Path, text: str, line: int) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_float=_Decimal.read)
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


def _json_text(path: Path, value: Any, line: int) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise InputError(
        f"{path}: line {line} has {json.dumps(value):.40} for a text, not a string. "
        "Name another field with --text, or write the text as a string."
    )


class _Decimal(float):
    """A number with a point or an exponent that knows how it was written."""

    __slots__ = ("written",)
    written: str

    @classmethod
    def read(cls, text: str) -> _Decimal:
        number = cls(text)
        number.written = text
        return number


def _json_entry(value: Any) -> str | None:
    """A label, id or date as it is written."""
    if isinstance(value, float):
        return (
            value.written if isinstance(value, _Decimal) else None if value != value else str(value)
        )
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _parquet(path: Path, wanted: Wanted, encoding: str) -> Iterator[Chunk]:
    import polars as pl

    source = path if path.suffix.lower() == ".parquet" else b"".join(byte_chunks(path))
    opened = source if isinstance(source, Path) else io.BytesIO(source)
    try:
        schema = pl.scan_parquet(opened, glob=False).collect_schema()
        textual = [name for name, kind in schema.items() if kind == pl.String]
        roles = wanted.resolve(path, list(schema), textual)
        if schema[roles["text"]] != pl.String:
            raise InputError(
                f'{path}: column "{roles["text"]}" holds {schema[roles["text"]]}, not text. '
                f"Text columns are: {', '.join(textual) or 'none'}. Name one with --text."
            )
        table = pl.read_parquet(opened, columns=list(dict.fromkeys(roles.values())), glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(f"{path}: cannot be read as parquet ({reason}). Write it again.") from None
    yield {role: table[name] for role, name in roles.items()}
