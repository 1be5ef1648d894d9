"""A run as it is now: its page, its topics and its documents; anew when its files change."""

from __future__ import annotations

import hashlib
import html
import json
import re
import threading
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from polytopic.errors import CheckpointError, FileMissingError
from polytopic.io import copy_array
from polytopic.io.frames import reading_tables
from polytopic.report.wording import LANGUAGES, Wording
from polytopic.result.keeping import KIND
from polytopic.runs import RunFolder, open_run
from polytopic.viewing.documents import Documents, open_documents

__all__ = ["Snapshot", "Viewed"]

_HTML = re.compile(rb'<html lang="([a-z]{2})"')
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
_HEAD = 4096
"""Bytes of a page in which its language stands."""
_DATA = re.compile(rb'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """What is served of a run.

    Attributes
    ----------
    version : str
        Another one whenever a file of the run has changed.
    page : bytes
        The report, which knows by an attribute of its first element that it is served.
    topics : list of str
        What topics are called.
    """

    version: str
    page: bytes
    title: str
    words: Wording
    topics: list[str]
    documents: Documents


class Viewed:
    """A run folder that is looked at while it may change.

    Parameters
    ----------
    run : Path
    scratch : Path
        A folder of one's own, for the texts of the run in a file that can be read in parts.
    """

    def __init__(self, run: Path, scratch: Path) -> None:
        self.run = run
        self._scratch = scratch
        self._numbers = count()
        self._opening = threading.Lock()
        self._now: Snapshot | None = None

    def now(self) -> Snapshot:
        """The run as its files are now; what was read before where none has changed.

        Raises
        ------
        PolytopicError
            If the run cannot be read, as while another takes its place.
        """
        with self._opening:
            version = _version(self.run)
            if self._now is None or self._now.version != version:
                self._now = self._read(version)
            return self._now

    def _read(self, version: str) -> Snapshot:
        folder = open_run(self.run)
        page = _page(folder)
        found = _HTML.search(page[:_HEAD])
        language = found[1].decode() if found else "en"
        title = _TITLE.search(page)
        served = page.replace(b"<html ", b'<html data-served="%s" ' % version.encode(), 1)
        return Snapshot(
            version=version,
            page=served,
            title=html.unescape(title[1].decode("utf-8", "replace")) if title else "",
            words=Wording(language if language in LANGUAGES else "en"),
            topics=_topics(page, folder),
            documents=open_documents(folder.documents, self._texts(folder)),
        )

    def _texts(self, folder: RunFolder) -> Path | None:
        """The texts of a run in a file of their own, None where the run keeps none."""
        import polars as pl

        for old in self._scratch.iterdir():
            old.unlink(missing_ok=True)
        file = self._scratch / f"texts-{next(self._numbers)}.parquet"
        if not folder.result.is_dir() or not copy_array(folder.result, KIND, "documents", file):
            return None
        with reading_tables(folder.result):
            return file if "texts" in pl.scan_parquet(file).collect_schema() else None


def _version(run: Path) -> str:
    """A name of the state of the files that are served."""
    told = []
    for file in RunFolder(run).served:
        try:
            state = file.stat()
            told.append(f"{state.st_mtime_ns} {state.st_size} {state.st_ino}")
        except OSError:
            told.append("-")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def _page(folder: RunFolder) -> bytes:
    try:
        return folder.report.read_bytes()
    except FileNotFoundError:
        raise FileMissingError(
            f"{folder.report}: is not there. Write it anew: polytopic report {folder.path}"
        ) from None
    except OSError as error:
        raise CheckpointError(
            f"{folder.report}: cannot be read ({error.strerror or error}). Write it anew: "
            f"polytopic report {folder.path}"
        ) from None


def _topics(page: bytes, folder: RunFolder) -> list[str]:
    """What the page calls its topics."""
    found = _DATA.search(page) if page.rstrip().endswith(b"</html>") else None
    try:
        topics = json.loads(found[1] if found else b"")["topics"]
        return [str(topic["name"] or " · ".join(topic["label"])) for topic in topics]
    except (ValueError, LookupError, TypeError):
        raise CheckpointError(
            f"{folder.report}: is altered, or of another version. Write it anew: "
            f"polytopic report {folder.path}"
        ) from None
