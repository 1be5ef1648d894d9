"""The formats of files of documents, one a row of a table that readers, errors and docs share.

Other packages add rows by the entry point ``polytopic.readers``; see :mod:`polytopic.plugins`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from polytopic import plugins
from polytopic.errors import InputError, PolytopicError, named_in_one_line
from polytopic.io.packed import PACKED
from polytopic.text.formats.captions import CAPTION_ENDINGS, caption_rows
from polytopic.text.formats.columns import Chunk, Wanted, with_one_text
from polytopic.text.formats.delimited import read_delimited
from polytopic.text.formats.excel_files import read_excel
from polytopic.text.formats.json_files import read_json, read_json_lines
from polytopic.text.formats.mail_files import MAIL_ENDINGS, MAILBOX_ENDINGS, read_mail, read_mailbox
from polytopic.text.formats.parquet_files import read_parquet
from polytopic.text.formats.references import bibtex_rows, ris_rows
from polytopic.text.formats.rows import rows_reader
from polytopic.text.formats.source import Format, Source
from polytopic.text.formats.text_files import (
    PAGE_ENDINGS,
    TEXT_ENDINGS,
    read_folder,
    read_lines,
    read_page,
)
from polytopic.text.streams import without_compression

__all__ = [
    "ENDINGS",
    "FOLDER",
    "FORMATS",
    "Format",
    "OTHER_ENDINGS",
    "TABLE_ENDINGS",
    "added_formats",
    "is_table",
    "read_source",
    "rows_reader",
    "way_out",
]

FORMATS = (
    Format(TEXT_ENDINGS, "a line", read_lines, table=False),
    Format((".csv",), "a record", read_delimited(","), ("separator", "header")),
    Format((".tsv", ".tab"), "a record", read_delimited("\t"), ("separator", "header")),
    Format((".jsonl", ".ndjson"), "a line with a JSON object", read_json_lines),
    Format((".json",), "an object of the list", read_json),
    Format((".parquet",), "a row", read_parquet),
    Format((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "a row", read_excel, ("header", "sheet")),
    Format(MAIL_ENDINGS, "the mail", read_mail),
    Format(MAILBOX_ENDINGS, "a mail", read_mailbox),
    Format(PAGE_ENDINGS, "the file", read_page, table=False),
    Format(CAPTION_ENDINGS, "a caption", rows_reader(caption_rows, "caption")),
    Format((".bib",), "an entry", rows_reader(bibtex_rows, "entry")),
    Format((".ris",), "a record", rows_reader(ris_rows, "record")),
)
"""What is read, by ending."""

FOLDER = Format(
    (),
    "a file, in the folder or below: .txt, else .md, .html or subtitles, else a mail",
    read_folder,
    table=False,
)

_OWN = (*FORMATS, FOLDER)
ENDINGS = tuple(ending for form in FORMATS for ending in form.endings)
TABLE_ENDINGS = tuple(ending for form in FORMATS if form.table for ending in form.endings)
"""Endings of files with columns."""

_OTHERWISE = {
    (
        ".docx",
        ".doc",
        ".odt",
        ".rtf",
        ".pages",
    ): "Save it as plain text (.txt), many at once by pandoc or "
    "LibreOffice (soffice --convert-to txt *.docx)",
    (".pdf", ".epub", ".mobi", ".djvu"): "Take its text out first, e.g. by pdftotext",
    (
        ".xml",
        ".xhtml",
    ): "Take its texts out first, e.g. by pandas.read_xml, to a .csv; a library of "
    "EndNote or Zotero is exported as .ris or .bib",
    (".enw", ".nbib", ".ciw", ".rdf"): "Export the library as .ris or .bib",
    (".ass", ".ssa", ".sub", ".ttml"): "Write the subtitles as .srt, e.g. by ffmpeg",
    (".tex", ".rst", ".adoc", ".ipynb"): "Write it as .md, e.g. by pandoc",
    (".sav", ".dta", ".sas7bdat", ".rds", ".rdata"): "Export it as .csv from the program it is of",
    (".feather", ".arrow", ".ipc", ".avro", ".orc"): "Write it as .parquet",
    (".db", ".sqlite", ".sqlite3", ".sql", ".mdb"): "Export the table as .csv",
    (".pkl", ".pickle", ".joblib", ".npy", ".npz"): "Write the texts as .csv, .jsonl or .parquet",
    (".msg", ".pst", ".ost", ".olm"): "Export the mails as .eml or .mbox",
    (".mm", ".mtx"): "Read it with Corpus.from_gensim(path, dictionary)",
    (".tar", ".tgz", ".rar", ".7z"): "Unpack it first",
}
"""Endings that are not read, and the way out."""

OTHER_ENDINGS = tuple(ending for endings in _OTHERWISE for ending in endings)


def way_out(ending: str) -> str:
    """What to do with files of an ending that is not read; "" where nothing is known."""
    return next((way for endings, way in _OTHERWISE.items() if ending in endings), "")


def is_table(path: Path) -> bool:
    """Whether the name of a file says that it has columns."""
    ending = without_compression(path)
    if ending in ENDINGS:
        return ending in TABLE_ENDINGS
    return any(form.table and ending in form.endings for form in added_formats())


def added_formats() -> tuple[Format, ...]:
    """Formats that other packages add; of two that give one ending, the first."""
    found = plugins.added(plugins.READERS, Format, ENDINGS, lambda plugin, form: form.endings)
    return tuple(form for _, form in found)


def read_source(source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """The documents of a file or folder, chunk by chunk.

    Raises
    ------
    InputError
        If the ending is unknown, an option means nothing in this format, the file is empty,
        damaged, too large for the memory, or lacks a column.
    """
    form = _format(source)
    _check_options(source, form)
    if source.path.is_file() and source.path.stat().st_size == 0:
        raise InputError(f"{source.path}: is an empty file. Give one that holds documents.")
    rows = 0
    try:
        for chunk in form.read(source, wanted) if form in _OWN else _guarded(form, source, wanted):
            rows += len(chunk["text"])
            yield with_one_text(chunk)
    except MemoryError:
        raise InputError(
            f"{source.path}: does not fit into the memory. Divide it, or read it as .txt or .jsonl "
            "with keep_texts=False."
        ) from None
    if not rows:
        raise InputError(f"{source.path}: holds no documents. Give a file with at least one.")


def _guarded(form: Format, source: Source, wanted: Wanted) -> Iterator[Chunk]:
    """What the reader of another package gives, whose faults are told as such."""
    try:
        yield from form.read(source, wanted)
    except (PolytopicError, MemoryError):
        raise
    except Exception as error:  # (code of others may raise whatever it likes)
        told = named_in_one_line(error)
        raise InputError(
            f"{source.path}: could not be read by the plugin for {form.endings[0]} ({told:.200}). "
            "Mend the file, or update the package that adds this reader."
        ) from error


def _format(source: Source) -> Format:
    if source.path.is_dir():
        return FOLDER
    ending = without_compression(source.path)
    found = next((form for form in FORMATS if ending in form.endings), None)
    if source.separator is not None and (found is None or found.read is read_lines):
        return FORMATS[1]
    if found is None:
        found = next((form for form in added_formats() if ending in form.endings), None)
    if found is not None:
        return found
    known = f"{', '.join(ENDINGS)} (also {', '.join(PACKED)})"
    way = way_out(ending)
    if not way and not ending:
        way = (
            "Its name has no ending, which tells the format: rename it, e.g. to .txt, or .mbox for "
            "mails"
        )
    raise InputError(
        f'{source.path}: files ending in "{ending or source.path.name}" are not read. '
        f"Give one of {known}, or a folder of .txt files or mails.{f' {way}.' if way else ''}"
    )


def _check_options(source: Source, form: Format) -> None:
    given = {
        "separator": source.separator is not None,
        "header": not source.header,
        "sheet": source.sheet is not None,
    }
    for name, there in given.items():
        if there and name not in form.options:
            option = "--no-header" if name == "header" else f"--{name}"
            every = (*FORMATS, *added_formats())
            kinds = [form.endings[0] for form in every if name in form.options]
            raise InputError(
                f"{source.path}: {option} means nothing there, only for {', '.join(kinds)}. "
                "Leave it out."
            )
