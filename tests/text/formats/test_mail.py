"""Mails: what is text, which columns there are, what is told, and what hostile ones end in."""

from __future__ import annotations

import gzip
from email.message import EmailMessage
from pathlib import Path

import pytest

from polytopic.errors import InputError
from polytopic.text import Documents, read, read_documents
from polytopic.text.formats import mails
from polytopic.text.formats.mails import looks_like_mail

HEAD = (
    "From: Ada <Ada@Example.org>\nSubject: Engines\nDate: Thu, 22 Aug 2002 18:26:25 +0700\n"
    "Message-ID: <{id}@example.org>\n"
)


def plain(n: int = 1, body: str = "They burn fuel.") -> bytes:
    return f"{HEAD.format(id=n)}\n{body}\n".encode()


def one(path: Path, raw: bytes, **options: str) -> Documents:
    path.write_bytes(raw)
    return read_documents(path, **options)


def mailbox(*raws: bytes) -> bytes:
    return b"\n".join(b"From ada@x  Thu Aug 22 18:26:25 2002\n" + raw for raw in raws)


# ---- columns ---------------------------------------------------------------------------------


def test_a_mail_is_its_subject_and_body_with_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    found = one(path, plain(), label="from", id="id", date="date")
    assert found.texts.to_list() == ["Engines\nThey burn fuel."]
    assert found.labels.to_list() == ["ada@example.org"]
    assert found.ids.to_list() == ["<1@example.org>"]
    assert found.dates.to_list() == ["2002-08-22T18:26:25+07:00"]
    assert found.notes == ()
    assert read_documents(path, text="body").texts.to_list() == ["They burn fuel.\n"]
    assert read_documents(path, text=["subject", "from"]).texts.to_list() == [
        "Engines\n\nada@example.org"
    ]
    with pytest.raises(InputError, match='no column "sender". Columns are: text, subject, body'):
        read_documents(path, label="sender")
    corpus = read(path, date="date", min_df=1)
    assert str(corpus.dates[0]) == "2002-08-22T11:26:25.000000"


def test_headers_in_encoded_words_in_raw_bytes_and_in_odd_forms(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    raw = (
        b"From: no address here\nSubject: =?iso-8859-1?Q?Gr=F6=DFe?= und\n"
        b"\t=?utf-8?B?TWHDnw==?=\nDate: yesterday at noon\n\n"
    )
    found = one(path, raw, label="from", date="date", id="id")
    assert found.texts.to_list() == ["Größe und Maß"]
    assert found.labels.to_list() == ["no address here"]
    assert found.dates.to_list() == ["yesterday at noon"] and found.ids.to_list() == [None]
    for date, instant in (
        (b"Sat, 2 Feb 102 10:00:00 +0100", "2002-02-02T10:00:00+01:00"),
        (b"2 Feb 02 10:00 -0000", "2002-02-02T10:00:00+00:00"),
        (b"Sat, 30 Feb 2002 10:00:00", "Sat, 30 Feb 2002 10:00:00"),
    ):
        found = one(path, b"Date: " + date + b"\n\nx", date="date")
        assert found.dates.to_list() == [instant]
    found = one(path, "From: a@b\nSubject: Größe\n\nMaß".encode())
    assert found.texts.to_list() == ["Größe\nMaß"]


# ---- bodies ----------------------------------------------------------------------------------


def test_the_plain_body_comes_before_that_of_html(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Both"
    mail.set_content("plain words\n")
    mail.add_alternative("<p>words of <b>html</b></p>", subtype="html")
    found = one(tmp_path / "a.eml", mail.as_bytes())
    assert found.texts.to_list() == ["Both\nplain words"]


def test_html_is_read_where_there_is_no_plain_body_even_above_a_plain_footer(
    tmp_path: Path,
) -> None:
    mail = EmailMessage()
    mail["Subject"] = "List"
    mail.set_content("<style>p {}</style><p>words of <b>html</b> &amp; more</p>", subtype="html")
    mail.make_mixed()
    footer = EmailMessage()
    footer.set_content("the footer\n")
    mail.attach(footer)
    text = one(tmp_path / "a.eml", mail.as_bytes()).texts[0]
    assert text.split() == ["List", "words", "of", "html", "&", "more", "the", "footer"]


def test_attachments_are_left_out_and_counted(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Files"
    mail.set_content("see below\n")
    mail.add_attachment(b"\0\1\2" * 50, maintype="application", subtype="pdf", filename="a.pdf")
    mail.add_attachment("secret words", filename="notes.txt")
    inner = EmailMessage()
    inner.set_content("forwarded words")
    mail.add_attachment(inner)
    found = one(tmp_path / "a.eml", mail.as_bytes())
    assert found.texts.to_list() == ["Files\nsee below"]
    assert found.notes == ("a.eml: attachments left out: 3 of 1 mail.",)


@pytest.mark.parametrize(
    ("charset", "body", "text", "note"),
    [
        ("utf-8", "Größe", "Größe", ""),
        ("utf-8", b"Gr\xf6\xdfe", "Gr\ufffd\ufffde", "1 mail held bytes"),
        ("", b"Gr\xf6\xdfe", "Gr\ufffd\ufffde", "read as utf-8: encoding=, --encoding"),
        ("us-ascii", "Größe", "Größe", ""),
        ("iso-8859-1", b"\x93so\x94", "“so”", ""),
        ("gb2312", "镕基".encode("gbk"), "镕基", ""),
        ("x-unknown", "Größe", "Größe", "an encoding that is unknown (x-unknown), read as utf-8"),
        ("rot13", "Größe", "Größe", "an encoding that is unknown (rot13)"),
        ("idna", b"a" * 50, "a" * 50, "an encoding that is unknown (idna)"),
        ("utf-7", b"cut +2D0-", "cut \ufffd", ""),
    ],
)
def test_bodies_are_decoded_whatever_their_encoding_is_called(
    tmp_path: Path, charset: str, body: str | bytes, text: str, note: str
) -> None:
    named = f"; charset={charset}" if charset else ""
    head = f"From: a@b\nContent-Type: text/plain{named}\nContent-Transfer-Encoding: 8bit\n\n"
    raw = head.encode() + (body.encode() if isinstance(body, str) else body)
    found = one(tmp_path / "a.eml", raw)
    assert found.texts.to_list() == [text]
    assert note in " ".join(found.notes) and bool(note) == bool(
        [told for told in found.notes if "Half surrogates" not in told]
    )


def test_the_encoding_that_is_asked_for_is_that_of_mails_that_name_none(tmp_path: Path) -> None:
    found = one(tmp_path / "a.eml", b"From: a@b\n\nGr\xf6\xdfe", encoding="cp1252")
    assert found.texts.to_list() == ["Größe"] and found.notes == ()
    with pytest.raises(InputError, match='encoding: "utf-99" is unknown'):
        read_documents(tmp_path / "a.eml", encoding="utf-99")


# ---- files and folders -----------------------------------------------------------------------


def test_mailboxes_are_divided_at_their_own_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    bodies = ["one\n\nFrom here on it burns", "two\n>From the start\n>>From afar", "three"]
    raw = mailbox(*(plain(n, body) for n, body in enumerate(bodies)))
    path.write_bytes(raw)
    found = read_documents(path, id="id")
    assert found.texts.to_list() == [
        "Engines\none\n\nFrom here on it burns",
        "Engines\ntwo\nFrom the start\n>From afar",
        "Engines\nthree",
    ]
    assert found.ids.to_list() == [f"<{n}@example.org>" for n in range(3)]
    windows, packed = tmp_path / "w.mbox", tmp_path / "p.mbox.gz"
    windows.write_bytes(raw.replace(b"\n", b"\r\n"))
    packed.write_bytes(gzip.compress(raw))
    assert read_documents(windows).texts.to_list() == found.texts.to_list()
    assert read_documents(packed).texts.to_list() == found.texts.to_list()


def test_mails_of_a_mailbox_may_begin_anywhere_in_what_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    bodies = ["word " * (13_000 + 7 * n) for n in range(30)]
    path.write_bytes(mailbox(*(plain(n, body) for n, body in enumerate(bodies))))
    texts = read_documents(path, text="body").texts.to_list()
    assert [text.strip() for text in texts] == [body.strip() for body in bodies]


def test_folders_of_mails_with_and_without_endings(tmp_path: Path) -> None:
    for name in ("ham/00001.7c53336b37003a9286aba55d2945844c", "ham/2.", "spam/c.eml"):
        path = tmp_path / "mails" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(plain())
    (tmp_path / "mails/spam/d.eml.gz").write_bytes(gzip.compress(plain()))
    (tmp_path / "mails/cmds").write_text("mv 1 2\n")
    (tmp_path / "mails/a.csv").write_bytes(plain())
    found = read_documents(tmp_path / "mails", label="folder", date="date")
    assert found.ids.to_list() == [
        "ham/00001.7c53336b37003a9286aba55d2945844c", "ham/2.", "spam/c.eml", "spam/d.eml.gz",
    ]  # fmt: skip
    assert found.labels.to_list() == ["ham", "ham", "spam", "spam"]
    assert set(found.texts) == {"Engines\nThey burn fuel."} and found.dates.null_count() == 0
    assert found.notes == (
        "mails: files that are not mails were left out: 1 without ending, 1 .csv.",
    )
    by_id = read_documents(tmp_path / "mails", id="id")
    assert by_id.ids.to_list() == ["<1@example.org>"] * 4
    (tmp_path / "mails/z.txt").write_text("plain text")
    assert read_documents(tmp_path / "mails").texts.to_list() == ["plain text\n"]


def test_what_is_no_mail_is_refused(tmp_path: Path) -> None:
    for name, raw, message in (
        ("a.eml", b"Just words.\n", "does not begin with headers of a mail"),
        ("a.eml", b"\x89PNG\r\n\0\0", "does not begin with headers of a mail"),
        ("a.mbox", plain(), 'does not begin with a line "From ..."'),
        ("a.mbox", b"From", "is no mailbox"),
        ("a.msg", plain(), "Export the mails as .eml or .mbox"),
        ("inbox", mailbox(plain()), "or .mbox for mails"),
    ):
        with pytest.raises(InputError, match=message):
            one(tmp_path / name, raw)


@pytest.mark.parametrize(
    ("beginning", "mail"),
    [
        (b"From ada Thu\nReturn-Path: <a>\n\nwords", True),
        (b"Received: x\r\n\ty\r\nX-A: b\r\n\r\nwords", True),
        (b"Title: a page\nAuthor: Ada\n\nSubject: no header", False),
        (b"#!/bin/sh\nDate: x\n", False),
        (b"", False),
    ],
)
def test_what_looks_like_a_mail(beginning: bytes, mail: bool) -> None:
    assert looks_like_mail(beginning) is mail


# ---- hostile mails ---------------------------------------------------------------------------


def _nested(depth: int, kind: str = "multipart/mixed") -> bytes:
    parts = [f'Content-Type: {kind}; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)]
    return ("From: a@b\nSubject: deep\n" + "".join(parts) + "\nthe words").encode()


@pytest.mark.parametrize("depth", [30, 200, 480])
def test_deep_nesting_ends_in_text_or_is_counted(tmp_path: Path, depth: int) -> None:
    found = one(tmp_path / "a.eml", _nested(depth))
    text = found.texts[0]
    assert text.startswith("deep")
    assert ("the words" in text) == (depth <= mails.MOST_DEPTH)
    deep = "a.eml: 1 mail held parts within parts more than 50 levels deep, left out."
    assert found.notes == ((deep,) if depth > mails.MOST_DEPTH else ())


@pytest.mark.parametrize("depth", [2000, 5000])
def test_parts_that_cannot_be_told_apart_are_read_as_they_stand(tmp_path: Path, depth: int) -> None:
    found = one(tmp_path / "a.eml", _nested(depth))
    assert found.texts[0].endswith("the words")
    assert "had parts that could not be told apart" in found.notes[0]


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000,
        b"Subject: " + b"(" * 50_000,
        b"Content-Type: text/plain; " + b"a=b; " * 100_000,
        b"Content-Type: " + b"(" * 50_000,
        b'Content-Disposition: attachment; filename*0*="' + b"'" * 50_000,
        b"Content-Transfer-Encoding: " + b"x" * 100_000,
        b"Date: " + b"9" * 100_000,
        b"Date: Thu, 99 Foo 99999999999 99:99:99 +9999",
        b"From: " + b"<" * 50_000 + b"@",
        b"From: " + b"a@b, " * 50_000,
        b"From: \xff\xfe\xfd",
        b"Message-ID: <" + b"[" * 50_000,
        b"Subject: =?utf-8?b?" + b"A" * 99_999 + b"?=",
        b"Subject: =?rot13?q?abc?= =?idna?b?////?= =??q??=",
    ],
)
def test_hostile_headers_end_in_text(tmp_path: Path, header: bytes) -> None:
    raw = b"To: a@b\n" + header + b"\n\nthe words\n"
    found = one(tmp_path / "a.eml", raw, text="body", label="from", id="id", date="date")
    assert "the words" in found.texts[0] or "attachments left out" in found.notes[0]
    texts = read_documents(tmp_path / "a.eml").texts
    texts[0].encode()
    assert len(texts[0]) < 2 * mails.LONGEST_HEADER


@pytest.mark.parametrize(
    "raw",
    [
        plain(body="\r" * 500_000 + "words"),
        b">From \n" * 300_000 + plain(),
        plain(body=">" * 500_000 + "From words"),
        plain(body="\nFrom " + "1:11" * 100_000),
        plain(body="\nFrom " + "1" * 500_000),
    ],
    ids=["ends of lines", "envelopes", "quotes", "clocks", "digits"],
)
def test_long_runs_are_read_once(tmp_path: Path, raw: bytes) -> None:
    found = one(tmp_path / "a.mbox", mailbox(raw), id="id")
    assert found.ids.to_list() == ["<1@example.org>"]
    if looks_like_mail(raw):
        found = one(tmp_path / "a.eml", raw, id="id")
        assert found.ids.to_list() == ["<1@example.org>"]
