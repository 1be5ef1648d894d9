"""What mail and forums add: headers, quoted replies, signatures."""

from __future__ import annotations

import re

from polytopic.text.cleaning.steps import Removed, Step

__all__ = ["HEADERS", "LONGEST_SIGNATURE", "QUOTES", "SIGNATURES"]

LONGEST_SIGNATURE = 15
"""Lines after the mark of a signature that are one; four are good manners (RFC 3676), more than
fifteen are a text with a dash in it."""

_HEADER_NAMES = (
    "from|to|cc|bcc|date|sent|subject|message-id|reply-to|in-reply-to|references|sender|received|"
    "return-path|mime-version|content-[a-z-]+|x-[a-z-]+|organization|lines|newsgroups|path|"
    "nntp-posting-[a-z]+|distribution|keywords|summary|article-i\\.d\\.|expires|followup-to|approved"
)
_HEADER = re.compile(rf"(?:{_HEADER_NAMES}):[^\n]*(?:\n[ \t]+\S[^\n]*)*(?:\n|$)", re.I)
_SUBJECT = re.compile(r"subject:[ \t]*(?:(?:re|fwd?|aw)[ \t]*:[ \t]*)*", re.I)

_QUOTE_MARK = r"^[ \t]{0,3}(?:>|[A-Za-z]{1,3}>(?:[ >]|$))"
_QUOTED = re.compile(rf"{_QUOTE_MARK}[^\n]*(?:\n|$)", re.M)
_SAYS = "writes|wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev"
_INTRODUCED = re.compile(
    rf"(?:^(?:In article|On |Am |Le |El )[^\n]{{0,150}}\n)?"
    rf"^[^\n]{{0,200}}\b(?:{_SAYS})[ \t]*:[ \t]*(?:\n|$)",
    re.M,
)
_FORWARDED = re.compile(
    rf"^-{{2,}} ?(?:Original Message|Forwarded [^\n-]{{0,60}}|Ursprüngliche Nachricht|"
    rf"Message d'origine)[ -]*\n(?:(?:{_HEADER_NAMES})[ \t]*:[^\n]*(?:\n|$))*",
    re.M | re.I,
)
_SIGNED = re.compile(r"^--[ \t]*\n", re.M)
_DEVICES = "Sent from my|Sent via|Get Outlook for|Von meinem|Envoyé de mon"
_SENT_FROM = re.compile(rf"^[ \t-]*(?:{_DEVICES})\b[^\n]{{0,80}}(?:\n|$)", re.M)


def _take(pattern: re.Pattern[str], text: str, removed: Removed) -> str:
    def gone(match: re.Match[str]) -> str:
        removed.append(match[0])
        return "\n"

    return pattern.sub(gone, text)


def _clean_headers(text: str, removed: Removed) -> str:
    """A head of at least two header lines goes; what stands in the subject stays."""
    start = len(text) - len(text.lstrip())
    end, lines, subject = start, [], ""
    while match := _HEADER.match(text, end):
        lines.append(match[0])
        named = _SUBJECT.match(match[0])
        if named:
            subject = match[0][named.end() :]
        end = match.end()
    if len(lines) < 2:
        return text
    removed.extend(line.strip() for line in lines)
    return f"{subject}\n{text[end:]}"


def _clean_quotes(text: str, removed: Removed) -> str:
    """A document that holds nothing but quoted lines stays, and so does a single one ("> 50 %")."""
    taken: Removed = []
    rest = _take(_FORWARDED, text, taken)
    forwarded = len(taken)
    for pattern in (_INTRODUCED, _QUOTED):
        rest = _take(pattern, rest, taken)
    if not rest.strip() or (len(taken) < 2 and not forwarded):
        return text
    removed.extend(piece.strip() for piece in taken)
    return rest


def _clean_signatures(text: str, removed: Removed) -> str:
    marks = list(_SIGNED.finditer(text))
    last = marks[-1] if marks else None
    if last is not None and text.count("\n", last.end()) < LONGEST_SIGNATURE:
        removed.append(text[last.start() :].strip())
        text = text[: last.start()]
    return _take(_SENT_FROM, text, removed)


HEADERS = Step("headers", "lines of mail headers", rf"\A\s*(?i:{_HEADER_NAMES}):", _clean_headers)
QUOTES = Step(
    "quotes",
    "quoted lines and what introduces them",
    rf"(?m:{_QUOTE_MARK}|(?:{_SAYS})[ \t]*:[ \t]*$|^-{{2,}} ?(?i:Orig|Forw|Urspr|Message))",
    _clean_quotes,
)
SIGNATURES = Step(
    "signatures",
    "signatures",
    rf"(?m:^--[ \t]*$|^[ \t-]*(?:{_DEVICES})\b)",
    _clean_signatures,
)
