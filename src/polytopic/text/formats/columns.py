"""Which column of a table is the text, the label, the id, the date and the address."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polytopic.errors import InputError
from polytopic.text.streams import Account

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ROLES",
    "Chunk",
    "Wanted",
    "joined",
    "listed",
    "only_text",
    "role_of",
    "shown",
    "unnamed_filled",
    "with_one_text",
]

Chunk = Mapping[str, "list[str | None] | pl.Series"]
"""Some documents: the columns text and, where wanted, label, id, date and url, of one length.

Further labels stand as "label +1" and so on."""

ROLES = ("text", "label", "id", "date", "url")

_TEXT_NAMES = (
    "text", "body", "abstract", "content", "document", "review", "message", "description",
    "comment", "tweet", "article",
)  # fmt: skip
_WORDS = re.compile(r"[a-z]+")
_MORE = " +"
"""Between a role and a number, where several columns play it."""
_LONGEST_NAME, _MOST_LISTED = 60, 30
"""Characters of a column's name, and names, that an error lists: a line or two."""


@dataclass(frozen=True)
class Wanted:
    """Which columns hold the text, the label, the id, the date, the address; None if not wanted.

    Several columns of text are joined by a blank line; of several labels the first is the label,
    and all are kept. ``option`` is how an error writes the option for a role.
    """

    text: str | Sequence[str] | None = None
    label: str | Sequence[str] | None = None
    id: str | None = None
    date: str | None = None
    url: str | None = None
    option: str = "--{}"

    def named(self) -> dict[str, str]:
        """Role to column, of those that were asked for: "label", "label +1" and so on."""
        given = {role: listed(getattr(self, role)) for role in ROLES}
        return {
            f"{role}{_MORE}{place}" if place else role: name
            for role, names in given.items()
            for place, name in enumerate(names)
        }

    def resolve(
        self,
        path: Path | str,
        columns: Sequence[str],
        textual: Sequence[str],
        account: Account,
        hint: str = "",
    ) -> dict[str, str]:
        """Role to column, after checking that each exists once.

        A name that stands in no column is taken for the only one that differs in case, in spaces
        around it or in form of composition, which is told. ``hint`` ends the errors.

        Raises
        ------
        InputError
            If a column is missing or there twice, or the text column cannot be told.
        """
        roles = self.named()
        if "text" not in roles:
            roles["text"] = _guess(path, columns, textual, self.option.format("text"), hint)
        return {
            role: _existing(path, self.option.format(role_of(role)), name, columns, account, hint)
            for role, name in roles.items()
        }


def listed(names: str | Sequence[str] | None) -> list[str]:
    """The names of one, several or no column, as a list."""
    return [names] if isinstance(names, str) else list(dict.fromkeys(names or ()))


def role_of(role: str) -> str:
    """The role that one of several columns plays: "label" of "label +1"."""
    return role.partition(_MORE)[0]


def _existing(
    path: Path | str, option: str, name: str, columns: Sequence[str], account: Account, hint: str
) -> str:
    times = list(columns).count(name)
    if not times:
        alike = [column for column in columns if _plain(column) == _plain(name)]
        if len(alike) == 1:
            account.notes.append(f'Column "{shown(alike[0])}" was read for {option} "{name}".')
            return alike[0]
        plain = {_plain(column): column for column in columns}
        close = difflib.get_close_matches(_plain(name), plain, n=1)
        meant = f' Did you mean "{shown(plain[close[0]])}"?' if close else ""
        raise InputError(
            f'{path}: no column "{name}". Columns are: {_listed(columns)}.{meant} '
            f"Name one with {option}.{hint}"
        )
    if times > 1:
        raise InputError(
            f'{path}: has {times} columns named "{name}". Columns are: {_listed(columns)}. '
            "Rename them in the file so that each name is there once."
        )
    return name


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).replace("\ufeff", "").casefold().split())


def _guess(
    path: Path | str, columns: Sequence[str], textual: Sequence[str], option: str, hint: str
) -> str:
    if len(columns) == 1:
        return columns[0]
    usual = [name for name in dict.fromkeys(columns) if name.strip().lower() in _TEXT_NAMES]
    if len(usual) == 1:
        return usual[0]
    if len(textual) == 1 and not usual:
        return textual[0]
    of_text = [name for name in textual if "text" in _WORDS.findall(name.lower())]
    if len(set(of_text)) == 1 and not usual:
        return of_text[0]
    why = f"several could be the text ({', '.join(usual)})" if usual else "none is named text"
    raise InputError(
        f"{path}: {why}. Columns are: {_listed(columns)}. Name one with {option}.{hint}"
    )


def shown(name: str) -> str:
    """A name as an error shows it: on one line, and not endless."""
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."


def _listed(columns: Sequence[str]) -> str:
    """Names in a row, those that hold a comma in quotes."""
    more = ", ..." if len(columns) > _MOST_LISTED else ""
    names = (shown(name) for name in columns[:_MOST_LISTED])
    return ", ".join(f'"{name}"' if "," in name else name for name in names) + more


def unnamed_filled(names: Iterable[str | None]) -> list[str]:
    """Names without spaces around them; one that is empty becomes ``column_3``, by its place."""
    stripped = ((name or "").replace("\ufeff", "").strip() for name in names)
    return [name or f"column_{place}" for place, name in enumerate(stripped, 1)]


def with_one_text(chunk: Chunk) -> Chunk:
    """Join the columns of text, if there are several."""
    texts = [values for role, values in chunk.items() if role_of(role) == "text"]
    if len(texts) == 1:
        return chunk
    rest = {role: values for role, values in chunk.items() if role_of(role) != "text"}
    return {**rest, "text": joined(texts)}


def joined(texts: Sequence[Iterable[str | None]]) -> list[str | None]:
    """Columns of text as one, with a blank line between; missing ones are skipped."""
    return [
        "\n\n".join(part for part in parts if part) or None for parts in zip(*texts, strict=True)
    ]


def only_text(path: Path, wanted: Wanted, endings: Sequence[str]) -> None:
    """Refuse columns where there are none; ``endings`` are those of tables."""
    for role in ROLES:
        for name in listed(getattr(wanted, role)):
            raise InputError(
                f'{path}: has no columns, so --{role} "{name}" cannot be found. Leave it out, or '
                f"give a table: {', '.join(endings)}; or, if it is one, its --separator."
            )
