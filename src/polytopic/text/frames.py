"""Data frames as documents: which column is the text, the label, the id and the date."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from polytopic.errors import InputError
from polytopic.text.columns import as_list, entries, is_missing, shown, table_columns
from polytopic.text.corpus import Corpus
from polytopic.text.formats.columns import Wanted, joined, role_of
from polytopic.text.roles import URL
from polytopic.text.streams import Account

__all__ = ["read_frame"]

_FRAME = "frame"
"""What errors call the table."""


def read_frame(
    frame: Any, *, text: Any, label: Any, id: Any, date: Any, url: Any, **options: Any
) -> Corpus:
    """The work of :meth:`Corpus.from_frame`."""
    columns = table_columns(frame, _FRAME)
    account = Account()
    wanted = Wanted(_names(text), _names(label), _name(id), _name(date), _name(url), option="{}=")
    textual = [] if wanted.text else [n for n, values in columns.items() if _holds_text(values)]
    roles = wanted.resolve(_FRAME, list(columns), textual, account)
    asked = wanted.named()
    texts = [_texts(columns[name], name) for role, name in roles.items() if role_of(role) == "text"]
    given = {f"{r}s": columns[roles[r]] for r in ("id", "date") if r in roles}
    metadata = {asked[r]: columns[name] for r, name in roles.items() if role_of(r) == "label"}
    whole = texts[0] if len(texts) == 1 else joined(_alike(texts, asked))
    corpus = Corpus.from_texts([part or "" for part in whole], **given, **options)
    first = next(iter(metadata.values()), None)
    if "url" in roles:
        metadata[URL] = columns[roles["url"]]
    if metadata:
        corpus = corpus.with_columns(labels=first, metadata=metadata)
    corpus.dropped = replace(corpus.dropped, notes=(*account.told(), *corpus.dropped.notes))
    return corpus


def _alike(texts: list[list[str | None]], asked: dict[str, str]) -> list[list[str | None]]:
    lengths = [len(column) for column in texts]
    if len(set(lengths)) > 1:
        names = [name for role, name in asked.items() if role_of(role) == "text"]
        listed = ", ".join(f'"{n}" has {k}' for n, k in zip(names, lengths, strict=True))
        raise InputError(f"{_FRAME}: columns of text differ in length: {listed}. Give one table.")
    return texts


def _name(given: Any) -> str | None:
    return None if given is None else str(given)


def _names(given: Any) -> str | list[str] | None:
    """Names of columns, which are no str in some frames of pandas."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        return [str(name) for name in given]
    return _name(given)


def _holds_text(values: Any) -> bool:
    """Whether the first entry that is not missing is a str."""
    some = itertools.islice(iter(entries(values, _FRAME)), _LOOKED_AT)
    return isinstance(next((value for value in some if not is_missing(value)), None), str)


_LOOKED_AT = 1000
"""Entries of a column that are looked at, to see whether it may be the text."""


def _texts(values: Any, name: str) -> list[str | None]:
    """A column of text, None for what is missing.

    Raises
    ------
    InputError
        If an entry is no str.
    """
    found: list[str | None] = []
    for row, value in enumerate(as_list(values, f'{_FRAME}: column "{name}"')):
        if isinstance(value, str) or is_missing(value):
            found.append(value if isinstance(value, str) else None)
            continue
        raise InputError(
            f'{_FRAME}: column "{name}", row {row}, is {shown(value)}, not text. Name another '
            "column with text=, or make it str."
        )
    return found
