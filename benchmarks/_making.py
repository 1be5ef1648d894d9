"""What is made of a download before a benchmark reads it: joined, cut, sampled, written as lines.

Archives are read member by member and never unpacked by the names they hold, so none can write
outside the folder; what is read of one has a limit.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import heapq
import html
import io
import json
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["MAKERS", "UNREADABLE", "chunks"]

_BLOCK = 1 << 20

MEMBER_BYTES = 1 << 30
"""Of one unpacked member: the largest of arXiv's categories is a third of it; a bomb is not."""

ARXIV_DOCUMENTS = 200_000
"""As many as the figures were measured on."""

WIKI_CHARACTERS = 100_000_000
"""As many as text8 has."""

WIKI_SHORTEST = 20
"""Words of an article below which it is a list of meanings, and left out."""

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SPELT = {ord(str(number)): f" {word} " for number, word in enumerate(_DIGITS)}
_ARTICLE = re.compile(r"<doc id=[^>]*>\n(.*?)</doc>", re.DOTALL)
_NEWSGROUP_POST = re.compile(r"20news-bydate-(train|test)/([a-z.\-]+)/(\d+)")


class BadSource(Exception):
    """A download that is not what it should be."""


UNREADABLE = (BadSource, ValueError, KeyError, EOFError, csv.Error, zlib.error, gzip.BadGzipFile)
"""What reading something else than what was expected can raise."""


def chunks(path: Path, unpack: bool = True) -> Iterator[bytes]:
    """The file's content in blocks, of packed ones (``.gz``) what is packed."""
    packed = unpack and path.suffix == ".gz"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        yield from iter(lambda: file.read(_BLOCK), b"")


def join(sources: list[Path]) -> Iterator[bytes]:
    for source in sources:
        yield from chunks(source, unpack=False)


def edges(sources: list[Path]) -> Iterator[bytes]:
    """Lines of two nodes, without what is said above them."""
    with _opened(sources[0]) as file:
        for line in file:
            if line[:1].isdigit():
                yield line


def _opened(source: Path) -> Any:
    with source.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(source, "rb") if packed else source.open("rb")


def reviews(sources: list[Path]) -> Iterator[bytes]:
    """Reviews without the column of the users who wrote them."""
    with sources[0].open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            line = io.StringIO(newline="")
            csv.writer(line, lineterminator="\r\n").writerow(row[1:])
            yield line.getvalue().encode()


def wiki(sources: list[Path]) -> Iterator[bytes]:
    """Articles in the style of text8: a-z alone, digits spelt out, one line."""
    left = WIKI_CHARACTERS
    for source in sources:
        for article in _ARTICLE.findall(source.read_text(encoding="utf-8")):
            if len(article.partition("\n")[2].split()) < WIKI_SHORTEST:
                continue
            text = html.unescape(article).lower().translate(_SPELT)
            text = " " + re.sub("[^a-z]+", " ", text).strip()
            yield text[:left].encode("ascii")
            left -= min(left, len(text))
            if not left:
                return


# ---- archives ----------------------------------------------------------------------------------


def members(archive: Path, wanted: Callable[[str], Any]) -> Iterator[tuple[Any, bytes]]:
    """What ``wanted`` makes of the names of the files that it wants, and their bytes."""
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                found = wanted(member.name) if member.isfile() else None
                if not found:
                    continue
                if member.size > MEMBER_BYTES:
                    raise BadSource(f"{member.name} of the archive is of {member.size:,} bytes")
                file = tar.extractfile(member)
                assert file is not None  # of a file there is one
                yield found, file.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        reason = str(error).partition(":")[0]
        raise BadSource(f"the archive cannot be read: {reason}") from None


def newsgroups(sources: list[Path]) -> Iterator[bytes]:
    """Posts as JSON lines: id, split, group, body, cut as scikit-learn cuts them."""
    from sklearn.datasets import _twenty_newsgroups as rules

    for found, raw in members(sources[0], _NEWSGROUP_POST.fullmatch):
        body = rules.strip_newsgroup_header(raw.decode("latin-1"))
        body = rules.strip_newsgroup_footer(rules.strip_newsgroup_quoting(body))
        split, group, number = found.groups()
        yield _line({"id": number, "split": split, "group": group, "body": body})


def arxiv(sources: list[Path]) -> Iterator[bytes]:
    """200,000 papers by the digests of their ids: the same ones from the same archive."""
    kept: list[tuple[int, str, dict[str, str]]] = []
    for category, packed in members(sources[0], _category):
        for row in _papers(packed):
            if row["primary_cat"] != category:
                continue  # crossposted: it stands in its own category's file
            rank = -int.from_bytes(hashlib.sha256(row["arxiv_id"].encode()).digest()[:8], "big")
            item = (rank, row["arxiv_id"], row)
            if len(kept) < ARXIV_DOCUMENTS:
                heapq.heappush(kept, item)
            elif item > kept[0]:
                heapq.heapreplace(kept, item)
    for _, paper, row in sorted(kept, key=lambda item: (item[2]["primary_cat"], item[1])):
        fields = {"id": paper, "category": row["primary_cat"], "date": row["created"]}
        yield _line(fields | {name: " ".join(row[name].split()) for name in ("title", "abstract")})


def _category(name: str) -> str | None:
    found = re.search(r"/20200101/per_category/([^/]+)\.tsv\.xz$", name)
    return found[1] if found else None


def _papers(packed: bytes) -> Iterator[dict[str, str]]:
    try:
        unpacker = lzma.LZMADecompressor()
        text = unpacker.decompress(packed, MEMBER_BYTES).decode("utf-8")
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise BadSource(f"a category of the archive cannot be read: {error}") from None
    if not unpacker.eof:
        raise BadSource(f"a category of the archive unpacks to more than {MEMBER_BYTES:,} bytes")
    return csv.DictReader(io.StringIO(text, newline=""), delimiter="\t")


def _line(fields: dict[str, str]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


MAKERS: dict[str, Callable[[list[Path]], Iterator[bytes]]] = {
    "join": join,
    "edges": edges,
    "reviews": reviews,
    "wiki": wiki,
    "newsgroups": newsgroups,
    "arxiv": arxiv,
}
