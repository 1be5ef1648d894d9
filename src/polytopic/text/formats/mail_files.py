"""Files of mail: one a file (.eml), many in one (.mbox), or folders of them (Maildir, Enron's)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from polytopic.errors import InputError
from polytopic.io.packed import PACKED, open_unpacked, packing_of
from polytopic.text.formats.columns import Chunk, Wanted
from polytopic.text.formats.mails import COLUMNS, Told, looks_like_mail, mail_entries
from polytopic.text.formats.source import Source
from polytopic.text.streams import byte_chunks, text_codec

__all__ = [
    "MAILBOX_ENDINGS",
    "MAIL_ENDINGS",
    "mails_among",
    "read_mail",
    "read_mailbox",
    "read_mails",
]

MAIL_ENDINGS, MAILBOX_ENDINGS = (".eml",), (".mbox",)
_MAILS = 1000
"""Mails turned to columns at a time: bounds what is held twice."""

_SNIFFED = 1 << 12
"""Bytes in which a mail's first headers stand."""

_FOLDER = "folder"

_ENVELOPE = re.compile(rb"(?:^|(?<=\n\n)|(?<=\n\r\n))From [^\n]{0,400}?\d:\d\d[^\n]{0,100}\n")
"""The line before each mail of a mailbox: after a blank line, with a time. Lines of text that begin
with "From" have none; Python's mailbox module would end the mail there."""

_ESCAPED = re.compile(rb"^>(>*From )", re.M)
_LONGEST_ENVELOPE = 1000
"""Characters of a line "From ": an address of 320 (RFC 5321) and a date, with room."""

_Named = tuple[Path, bytes]


def read_mail(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """One mail."""
    raw = b"".join(byte_chunks(source.path))
    if not looks_like_mail(raw):
        raise InputError(
            f"{source.path}: does not begin with headers of a mail. If it is text, name it .txt."
        )
    yield from _read(source, wanted, [(source.path, raw)], COLUMNS)


def read_mailbox(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """The mails of a mailbox, one after the other."""
    mails = ((source.path, _ESCAPED.sub(rb"\1", mail)) for mail in _mails_of(source.path))
    yield from _read(source, wanted, mails, COLUMNS)


def read_mails(source: Source, wanted: Wanted, files: Sequence[Path]) -> Iterator[Chunk]:
    """A mail a file; ids are the names in the folder unless others are wanted."""
    mails = ((file, b"".join(byte_chunks(file))) for file in files)
    ids = {} if wanted.id is not None else {"id": _FILE}
    yield from _read(source, wanted, mails, (*COLUMNS, _FOLDER), ids)


def mails_among(files: Iterable[Path]) -> list[Path]:
    """Those that are mails: by their ending, or by their first bytes if it tells nothing."""
    from polytopic.text.formats import ENDINGS, OTHER_ENDINGS

    known = {*ENDINGS, *OTHER_ENDINGS, *PACKED, *MAILBOX_ENDINGS}
    found = []
    for file in files:
        inner = Path(file.stem) if packing_of(file) else file
        ending = inner.suffix.lower()
        if ending in MAIL_ENDINGS or (ending not in known and _begins_as_mail(file)):
            found.append(file)
    return found


_FILE = "name of the file"


def _begins_as_mail(file: Path) -> bool:
    with open_unpacked(file) as stream:
        return looks_like_mail(stream.read(_SNIFFED))


def _read(
    source: Source,
    wanted: Wanted,
    mails: Iterable[_Named],
    columns: Sequence[str],
    more: dict[str, str] | None = None,
) -> Iterator[Chunk]:
    """Chunks of the columns that are wanted."""
    if text_codec(source.encoding) is None:
        raise InputError(
            f'encoding: "{source.encoding}" is unknown. Use for example utf-8, cp1252.'
        )
    wanted = replace(wanted, text=wanted.text or "text")
    roles = wanted.resolve(source.path, columns, [], source.account) | (more or {})
    names = tuple(dict.fromkeys(name for name in roles.values() if name in COLUMNS))
    told = Told()
    mails = iter(mails)
    while group := list(itertools.islice(mails, _MAILS)):
        entries = [
            mail_entries(raw, names, source.encoding, source.account, told)
            | _places(file, source.path)
            for file, raw in group
        ]
        yield {role: [entry[name] for entry in entries] for role, name in roles.items()}
    source.account.notes += told.notes(source.path.name, source.encoding)


def _places(file: Path, folder: Path) -> dict[str, str | None]:
    if file == folder:
        return {}
    inside = file.relative_to(folder)
    return {_FOLDER: inside.parent.as_posix(), _FILE: inside.as_posix()}


def _mails_of(path: Path) -> Iterator[bytes]:
    """The mails of a mailbox, without the lines that divide them."""
    held, begun = bytearray(), False
    for chunk in itertools.chain(byte_chunks(path), [b""]):
        searched = max(len(held) - _LONGEST_ENVELOPE, len(b"From "))
        held += chunk
        if not begun:
            del held[: len(held) - len(held.lstrip(b"\r\n"))]
            if len(held) < len(b"From ") and chunk:
                continue
            if not held.startswith(b"From "):
                raise InputError(
                    f'{path}: is no mailbox: it does not begin with a line "From ...". If it is '
                    "one mail, name it .eml."
                )
            begun = True
        while found := _ENVELOPE.search(held, searched):
            yield bytes(held[: found.start()])
            del held[: found.start()]
            searched = len(b"From ")
    if held:
        yield bytes(held)
