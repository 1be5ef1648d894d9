"""The table of the formats: how two documents are written in each.

A new format is a new row: its first ending, and a function that writes a file of that ending.
"""

from __future__ import annotations

import email.message
import json
import mailbox
from collections.abc import Callable
from pathlib import Path

import polars as pl

TEXTS = ["engine fuel brake", "cell gene; protein, tissue"]


def lines(path: Path) -> None:
    path.write_text("\n".join(TEXTS), encoding="utf-8")


def delimited(separator: str) -> Callable[[Path], None]:
    return lambda path: (
        pl.DataFrame({"text": TEXTS}).with_row_index().write_csv(path, separator=separator)
    )


def records() -> list[dict[str, str]]:
    return [{"text": text} for text in TEXTS]


def workbook(path: Path) -> None:
    pl.DataFrame({"text": TEXTS}).write_excel(path)


def mails() -> list[email.message.EmailMessage]:
    found = []
    for text in TEXTS:
        mail = email.message.EmailMessage()
        mail["From"] = "somebody@example.org"
        mail.set_content(text)
        found.append(mail)
    return found


def box(path: Path) -> None:
    made = mailbox.mbox(path)
    for mail in mails():
        made.add(mail)
    made.close()


ROWS: dict[str, Callable[[Path], None]] = {
    ".txt": lines,
    ".csv": delimited(","),
    ".tsv": delimited("\t"),
    ".jsonl": lambda path: path.write_text("\n".join(map(json.dumps, records()))),
    ".json": lambda path: path.write_text(json.dumps(records())),
    ".parquet": lambda path: pl.DataFrame(records()).write_parquet(path),
    ".xlsx": workbook,
    ".eml": lambda path: path.write_bytes(mails()[0].as_bytes()),
    ".mbox": box,
    ".md": lambda path: path.write_text(TEXTS[0]),
    ".srt": lambda path: path.write_text(
        "".join(
            f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n\n" for n, text in enumerate(TEXTS, 1)
        )
    ),
    ".bib": lambda path: path.write_text(
        "".join(f"@misc{{key{n},\n  text = {{{text}}},\n}}\n" for n, text in enumerate(TEXTS))
    ),
    ".ris": lambda path: path.write_text(
        "".join(f"TY  - JOUR\nAB  - {text}\nER  - \n\n" for text in TEXTS)
    ),
}
