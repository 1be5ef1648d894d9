"""Readers of text files and of mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.fuzzing.target import Content, Target


def _seeds(folder: Path) -> list[Content]:
    return [
        {"lines.txt": b"The engine burns fuel.\nCells divide and grow.\n\nA third one.\n"},
        {"lines.txt": "Größe und Maß\r\nça va\r\n日本語 の テキスト\r\n".encode()},
    ]


_HEAD = b"""From: =?utf-8?q?Gr=C3=B6?= <Ada@example.org>
Subject: Engines
 burn fuel
Date: Thu, 22 Aug 2002 18:26:25 +0700
Message-ID: <1@example.org>
MIME-Version: 1.0
"""
_PARTS = b"""Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=F6=DFe
--c
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PHA+R3LDtsOfZTwvcD4=
--c--
--b
Content-Type: application/pdf; name*0*=utf-8''a.pdf
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: base64

AAEC
--b
Content-Type: message/rfc822

Subject: forwarded

words
--b--
"""
_MAILS = (_HEAD + b"\nCells divide.\n", _HEAD + _PARTS)


def _mails(folder: Path) -> list[Content]:
    return [{"a.eml": mail} for mail in _MAILS]


def _mailboxes(folder: Path) -> list[Content]:
    envelope = b"From ada@x  Thu Aug 22 18:26:25 2002\n"
    return [{"a.mbox": b"\n".join(envelope + mail for mail in _MAILS)}]


def _read_mail(path: Path) -> Any:
    """Every column, as a caller would use it."""
    from polytopic.text import read_documents

    documents = read_documents(path, label="from", id="id", date="date")
    assert len(documents) and documents.texts.null_count() == 0
    assert len(read_documents(path, text=["subject", "body"])) == len(documents)
    "".join(documents.texts.to_list()).encode()
    return documents


def _read(path: Path) -> Any:
    import polytopic as pt

    corpus = pt.read(path, min_df=1, stop_words=None)
    assert corpus.counts.shape == (len(corpus), len(corpus.vocabulary))
    return corpus


def _warm() -> None:
    import polytopic.text.building
    import polytopic.text.reading  # noqa: F401


TARGETS = [
    Target("txt", _seeds, _read, _warm),
    Target("eml", _mails, _read_mail, _warm),
    Target("mbox", _mailboxes, _read_mail, _warm),
]
