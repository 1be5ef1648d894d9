"""One mail: from its bytes to its subject, body, sender, date and id.

The standard library takes it apart. What a mail claims is not believed: headers are bounded, bodies
are decoded whatever their encoding is called, and a mail that nests without end is read whole.
"""

from __future__ import annotations

import email.policy
import email.utils
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any, TypeVar, cast

from polytopic.text.cleaning.html import HTML
from polytopic.text.halves import has_halves, mended
from polytopic.text.streams import Account, text_codec

__all__ = ["COLUMNS", "Told", "looks_like_mail", "mail_entries"]

LONGEST_HEADER = 4_000
"""Characters of a header that are read: parsing one takes time that grows with its square."""

MOST_COMPARED = 20_000_000
"""Lines times boundaries of a mail whose parts are told apart: each line is compared with every
boundary that is open, which takes seconds here. An attachment of 70 MB comes to 3 million."""

MOST_DEPTH = 50
"""Levels of parts within parts that are read; people forward mails ten times, not fifty."""

_T = TypeVar("_T")
_HEAD = 1 << 16
"""Bytes that are searched for headers."""

_NAME = re.compile(rb"[!-9;-~]+[ \t]*:")
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|received|return-path|message-id|mime-version|delivered-to"
    rb"|content-type|reply-to|sender)[ \t]*:",
    re.I | re.M,
)
_ENVELOPES = re.compile(rb"(?:>*From [^\n]*\n)*")
_LINE_ENDS = re.compile(r"\r+\n?")
_FOUR_DIGITS = 1000
"""Years below are of two or three digits and mean something else."""

_BLANKS = re.compile(r"\s+")

_WIDER = {"ascii": "", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""Encodings that programs name for what is a wider one, as browsers read them; "": none named."""


class _Bounded(email.policy.EmailPolicy):
    """The modern policy, with headers cut where no reader looks."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


_PARSER = BytesParser(policy=_Bounded())


@dataclass
class Told:
    """What was read otherwise than it stands, counted over mails."""

    attachments: int = 0
    with_attachments: int = 0
    damaged: int = 0
    deep: int = 0
    untold: int = 0
    unknown: dict[str, int] = field(default_factory=dict)

    def notes(self, name: str, encoding: str) -> list[str]:
        """One sentence a thing; ``name`` of the file or folder."""
        found = []
        if self.attachments:
            found.append(
                f"attachments left out: {self.attachments:,} of {_mails(self.with_attachments)}."
            )
        if self.damaged:
            found.append(
                f"{_mails(self.damaged)} held bytes that are not of their encoding, read as U+FFFD "
                f"(mails that name none are read as {encoding}: encoding=, --encoding)."
            )
        if self.unknown:
            named = ", ".join(list(self.unknown)[:3])
            found.append(
                f"{_mails(sum(self.unknown.values()))} named an encoding that is unknown "
                f"({named}), read as {encoding}."
            )
        if self.deep:
            found.append(
                f"{_mails(self.deep)} held parts within parts more than {MOST_DEPTH} levels deep, "
                "left out."
            )
        if self.untold:
            found.append(
                f"{_mails(self.untold)} had parts that could not be told apart and were read as "
                "they stand."
            )
        return [f"{name}: {note}" for note in found]


def _mails(n: int) -> str:
    return f"{n:,} mail{'' if n == 1 else 's'}"


def looks_like_mail(beginning: bytes) -> bool:
    """Whether the first bytes of a file are headers of a mail.

    >>> looks_like_mail(b"Subject: cells\\n\\nThey divide."), looks_like_mail(b"Note: cells\\n")
    (True, False)
    """
    head = beginning[:_HEAD].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip(b"\n")
    head = _ENVELOPES.sub(b"", head, count=1)
    head = head.partition(b"\n\n")[0]
    return _NAME.match(head) is not None and _KNOWN.search(head) is not None


def mail_entries(
    raw: bytes, names: tuple[str, ...], encoding: str, account: Account, told: Told
) -> dict[str, str | None]:
    """The columns of one mail that are wanted, by name; None where there is nothing.

    ``text`` is the subject and the body, ``from`` the address of the sender, ``date`` the instant
    in ISO 8601 if the header is one of a date, else what it holds.
    """
    return _Mail(raw, encoding, account, told).entries(names)


class _Mail:
    def __init__(self, raw: bytes, encoding: str, account: Account, told: Told) -> None:
        self.encoding, self.account, self.told = encoding, account, told
        self.damaged, self.deep, self.attachments = False, False, 0
        self.unknown = ""
        raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
        self.raw = _ENVELOPES.sub(b"", raw, count=1)

    def entries(self, names: tuple[str, ...]) -> dict[str, str | None]:
        self.message, whole = self._parsed()
        found = {}
        if {"text", "body"} & set(names):
            found["body"] = self._body() if whole else self._decoded(self._below_head(), "")
        if {"text", "subject"} & set(names):
            found["subject"] = self._header("subject")
        if "text" in names:
            parts = (found["subject"], found["body"].strip("\n"))
            found["text"] = "\n".join(part for part in parts if part)
        for name in set(names) & set(_OTHERS):
            found[name] = _OTHERS[name](self._header(_HEADERS.get(name, name)))
        self._tell(whole)
        return {name: self._whole_letters(found[name]) or None for name in names}

    def _parsed(self) -> tuple[EmailMessage, bool]:
        """The mail, and whether its parts are told apart."""
        if self.raw.count(b"\n") * self.raw.lower().count(b"boundary") <= MOST_COMPARED:
            try:
                return cast(EmailMessage, _PARSER.parsebytes(self.raw)), True
            except Exception:  # noqa: BLE001  (what the library raises on hostile headers has no end)
                pass
        head = self.raw[: len(self.raw) - len(self._below_head())]
        kept = b"".join(
            line for line in re.split(rb"(?<=\n)(?![ \t])", head) if _PLAIN_HEADERS.match(line)
        )
        return cast(EmailMessage, _PARSER.parsebytes(kept)), False

    def _below_head(self) -> bytes:
        end = re.search(rb"\r?\n\r?\n", self.raw)
        return self.raw[end.end() :] if end else b""

    def _body(self) -> str:
        """The plain text, or that of the HTML where there is no plain one."""
        plain, html = self._texts(self.message, 0)
        return plain or html

    def _texts(self, part: EmailMessage, depth: int) -> tuple[str, str]:
        """The text of a part, as (plain or chosen, only of HTML); attachments are counted."""
        kind = _tried(part.get_content_type, "text/plain")
        within: Any = part.get_payload()
        if isinstance(within, list):
            if depth >= MOST_DEPTH or (depth and self._is_attached(part)):
                self.deep |= depth >= MOST_DEPTH
                self.attachments += depth < MOST_DEPTH
                return "", ""
            found = [self._texts(each, depth + 1) for each in within]
            if kind == "multipart/alternative":
                plain = next((text for text, _ in found if text.strip()), "")
                return plain, "" if plain else next((html for _, html in found if html), "")
            return "\n".join(text for text in (plain or html for plain, html in found) if text), ""
        if kind not in ("text/plain", "text/html") or self._is_attached(part):
            self.attachments += bool(within)
            return "", ""
        data = _tried(lambda: bytes(cast(Any, part.get_payload(decode=True))), b"")
        text = self._decoded(data, str(_tried(lambda: part.get_content_charset(""), "")))
        return ("", HTML.clean(text, [])) if kind == "text/html" else (text, "")

    def _is_attached(self, part: EmailMessage) -> bool:
        named = _tried(part.get_filename, None)
        return bool(named) or _tried(part.get_content_disposition, None) == "attachment"

    def _decoded(self, data: bytes, charset: str) -> str:
        name = text_codec(charset) if charset else None
        if charset and name is None:
            self.unknown = charset
        name = _WIDER.get(name or "", name) or self.encoding
        try:
            text = data.decode(name)
        except (UnicodeError, ValueError):
            text = data.decode(name, "replace")
            self.damaged = True
        return _LINE_ENDS.sub("\n", text)

    def _header(self, name: str) -> str:
        """A header decoded and on one line; as it stands where the library cannot take it apart."""
        value = _tried(lambda: str(self.message[name] or ""), "")
        if not value:
            raw = (v for n, v in self.message.raw_items() if n.lower() == name)
            value = str(next(raw, ""))
        return _BLANKS.sub(" ", value).strip()

    def _whole_letters(self, text: str) -> str:
        if not has_halves(text):
            return text
        text, halves = mended(text)
        self.account.halves += halves
        return text

    def _tell(self, whole: bool) -> None:
        told = self.told
        told.attachments += self.attachments
        told.with_attachments += bool(self.attachments)
        told.damaged += self.damaged
        told.deep += self.deep
        told.untold += not whole
        if self.unknown:
            told.unknown[self.unknown] = told.unknown.get(self.unknown, 0) + 1


_PLAIN_HEADERS = re.compile(rb"(?:from|subject|date|message-id)[ \t]*:", re.I)


def _tried(read: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return read()
    except Exception:  # noqa: BLE001  (the library's parsers of headers raise errors of any kind)
        return otherwise


def _sender(value: str) -> str:
    address = email.utils.parseaddr(value)[1]
    return address.lower() if "@" in address else value.strip('"')


def _date(value: str) -> str:
    """In ISO 8601; years of three digits count from 1900, and -0000 is UTC (RFC 2822, 3.3, 4.3)."""
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.year < _FOUR_DIGITS:
            moment = moment.replace(year=moment.year + 1900)
    except (ValueError, TypeError, IndexError, OverflowError):
        return value
    utc = "+00:00" if moment.tzinfo is None and "-0000" in value else ""
    return moment.isoformat() + utc


_HEADERS = {"id": "message-id"}
_OTHERS: dict[str, Callable[[str], str]] = {"from": _sender, "date": _date, "id": str}
COLUMNS = ("text", "subject", "body", *_OTHERS)
"""Columns of a mail."""
