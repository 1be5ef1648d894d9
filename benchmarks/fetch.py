"""Fetch a corpus that the benchmarks read, from where it is published, checked by its SHA-256.

    python benchmarks/fetch.py --list
    python benchmarks/fetch.py 20ng-5k words
    python benchmarks/fetch.py graphs -o FOLDER --sha256 DIGEST

A download that broke off is gone on with by the same command; a file stands in the folder whole
and checked, or not at all. Nothing of an archive is written by the names it holds. Where the table
(``corpora.toml``, shown in ``data.md``) has no digest, the first run prints the one it got: compare
it with one you trust, and give it by ``--sha256``.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import http.client
import re
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _corpora import DATA
from _making import MAKERS, UNREADABLE, chunks

TABLE = Path(__file__).parent / "corpora.toml"
PARTS = ".parts"
"""Below the folder: what is downloaded and not yet checked."""

TIMEOUT = 60
"""Seconds without a byte after which a server counts as gone."""

_COUNT = re.compile(r"\{(\d+)\.\.(\d+)\}")


class FetchError(Exception):
    """What went wrong and what to do, in one line."""


@dataclass(frozen=True)
class Wanted:
    """A file of a corpus: its name, where it comes from, and what it must be."""

    name: str
    addresses: tuple[str, ...]
    sha256: str
    of: str
    make: str
    note: str

    @property
    def digest_of_download(self) -> str:
        return self.sha256 if self.of == "download" else ""

    @property
    def digest_of_content(self) -> str:
        return self.sha256 if self.of == "content" else ""


def read_table(path: Path = TABLE) -> dict[str, dict[str, Any]]:
    """Name of each corpus to what it is, its licence and its files (:class:`Wanted`)."""
    with path.open("rb") as file:
        table = tomllib.load(file)
    for corpus in table.values():
        corpus["files"] = [
            Wanted(
                row["name"],
                tuple(one for address in row["addresses"] for one in counted(address)),
                row.get("sha256", ""),
                row.get("of", "content") if "sha256" in row else "download",
                row.get("make", "join"),
                row.get("note", ""),
            )
            for row in corpus["files"]
        ]
    return table


def counted(address: str) -> Iterator[str]:
    """``a_{00..02}`` as ``a_00``, ``a_01``, ``a_02``."""
    found = _COUNT.search(address)
    if found is None:
        yield address
        return
    first, last = found.groups()
    for number in range(int(first), int(last) + 1):
        yield address.replace(found[0], f"{number:0{len(first)}d}")


# ---- a download --------------------------------------------------------------------------------


def download(address: str, whole: Path) -> Path:
    """The address's bytes in the file ``whole``; what is there of them is not asked for again."""
    if whole.exists():
        return whole
    part = whole.with_name(whole.name + ".part")
    if not address.startswith(("http://", "https://")):
        raise FetchError(f"{address}: only http and https addresses are fetched")
    try:
        _go_on(address, part)
    except urllib.error.HTTPError as error:
        raise FetchError(f"{address}: the server answered {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        have = part.stat().st_size if part.exists() else 0
        reason = getattr(error, "reason", None) or error
        raise FetchError(
            f"{address}: {reason} after {have:,} bytes; the same command goes on from there"
        ) from None
    part.replace(whole)
    return whole


def _go_on(address: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        part.unlink()  # more is there than the server has: another file than the one begun
        return _go_on(address, part)
    with answer:
        goes_on = answer.status == 206 and _starts(answer.headers.get("Content-Range", "")) == have
        length = answer.headers.get("Content-Length")
        expected = int(length) + (have if goes_on else 0) if length else None
        with part.open("ab" if goes_on else "wb") as file:
            for block in iter(lambda: answer.read(1 << 20), b""):
                file.write(block)
    if expected is not None and part.stat().st_size < expected:
        raise ConnectionError(f"it broke off before its {expected:,} bytes were there")


def _starts(content_range: str) -> int:
    found = re.match(r"bytes (\d+)-", content_range)
    return int(found[1]) if found else -1


def sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


# ---- a file of a corpus ------------------------------------------------------------------------


def fetch(wanted: Wanted, folder: Path, confirmed: Iterable[str] = ()) -> str:
    """Put the file into the folder, checked; a word on what was done."""
    target = folder / wanted.name
    if target.exists():
        _check_present(wanted, target)
        return "is there"
    parts = folder / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    sources = [
        download(address, parts / f"{wanted.name}.{number}")
        for number, address in enumerate(wanted.addresses)
    ]
    if wanted.of == "download":
        _check_downloads(wanted, sources, set(confirmed))
    made = parts / f"{wanted.name}.made"
    try:
        found = write(made, MAKERS[wanted.make](sources))
    except UNREADABLE as error:
        _discard([made, *sources])
        raise FetchError(f"{wanted.name}: the download is not what it should be: {error}") from None
    if wanted.digest_of_content and found != wanted.digest_of_content:
        _discard([made, *sources])
        raise FetchError(_wrong(wanted, found))
    made.replace(target)
    _discard(sources)
    return f"{target.stat().st_size:,} bytes"


def write(path: Path, blocks: Iterable[bytes]) -> str:
    """Write the content, packed where the name asks for it; SHA-256 of the content itself."""
    digest = hashlib.sha256()
    with path.open("wb") as raw:
        packed = ".gz." in path.name
        out = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if packed else raw
        for block in blocks:
            digest.update(block)
            out.write(block)
        if packed:
            out.close()
    return digest.hexdigest()


def _check_present(wanted: Wanted, target: Path) -> None:
    if not wanted.digest_of_content:
        return
    try:
        found = sha256(chunks(target))
    except UNREADABLE as error:
        found = f"none, for it cannot be read ({error})"
    if found != wanted.digest_of_content:
        raise FetchError(f"{_wrong(wanted, found)}; remove {target} to fetch it anew")


def _check_downloads(wanted: Wanted, sources: list[Path], confirmed: set[str]) -> None:
    for address, source in zip(wanted.addresses, sources, strict=True):
        found = sha256(chunks(source, unpack=False))
        if wanted.digest_of_download:
            if found != wanted.digest_of_download:
                _discard([source])
                raise FetchError(_wrong(wanted, found))
        elif found not in confirmed:
            raise FetchError(
                f"{wanted.name}: no digest is known of {address}; this copy has SHA-256 {found}: "
                f"if that is right, repeat the command with --sha256 {found}"
            )


def _wrong(wanted: Wanted, found: str) -> str:
    return (
        f"{wanted.name}: SHA-256 is {found}, not {wanted.sha256}: not the file the figures are of"
    )


def _discard(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


# ---- the command -------------------------------------------------------------------------------


def page(table: dict[str, dict[str, Any]]) -> str:
    """``data.md``: every corpus, its files, addresses and digests."""
    lines = [_HEAD]
    for name, corpus in table.items():
        lines += [f"## {name}", "", f"{corpus['about']}. Licence: {corpus['licence']}.", ""]
        lines += ["| file | published at | SHA-256 |", "|---|---|---|"]
        for wanted in corpus["files"]:
            digest = f"`{wanted.sha256}`" if wanted.sha256 else "not known: asked for by `--sha256`"
            if wanted.digest_of_download:
                digest += " (of the download)"
            where = f"{wanted.addresses[0]}"
            if len(wanted.addresses) > 1:
                where += f" and {len(wanted.addresses) - 1} more, to {wanted.addresses[-1]}"
            lines.append(f"| {wanted.name} | {where} | {digest} |")
        lines += [""] + [f"{w.name}: {w.note}.\n" for w in corpus["files"] if w.note]
    return "\n".join(lines).rstrip() + "\n"


_HEAD = """# The corpora of the benchmarks

None of them is part of the project: their licences are their own. `python benchmarks/fetch.py NAME`
fetches one from where it is published into the folder that the benchmarks read (`-o` names another;
`--data` tells a benchmark). It goes on with a download that broke off, refuses what has another
SHA-256 in one line, and leaves a file whole or not at all. Digests are of the content as the
benchmarks read it, before it is packed, and are those of the files the figures in
[RESULTS.md](RESULTS.md) were measured on; where it says so, of the download. This page is made from
`corpora.toml` by `python benchmarks/fetch.py --page`.
"""


def main(given: list[str] | None = None, table_file: Path = TABLE) -> int:
    parser = argparse.ArgumentParser(description="Fetch corpora that the benchmarks read.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="corpora: see --list")
    parser.add_argument("-o", "--out", type=Path, default=DATA, help="default: %(default)s")
    parser.add_argument("--sha256", action="append", default=[], metavar="DIGEST")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--page", action="store_true", help="print data.md")
    arguments = parser.parse_args(given)
    table = read_table(table_file)
    if arguments.page:
        print(page(table), end="")
        return 0
    if arguments.list or not arguments.names:
        for name, corpus in table.items():
            print(f"{name:14} {corpus['about']}")
        return 0
    unknown = [name for name in arguments.names if name not in table]
    if unknown:
        print(
            f"{', '.join(unknown)}: no such corpus; there are {', '.join(table)}", file=sys.stderr
        )
        return 2
    try:
        for name in arguments.names:
            _fetch_corpus(name, table[name]["files"], arguments)
    except (FetchError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _fetch_corpus(name: str, files: list[Wanted], arguments: argparse.Namespace) -> None:
    folder = arguments.out / name
    folder.mkdir(parents=True, exist_ok=True)
    for wanted in files:
        print(f"{folder / wanted.name}: {fetch(wanted, folder, arguments.sha256)}", flush=True)
    parts = folder / PARTS
    if parts.is_dir() and not any(parts.iterdir()):
        parts.rmdir()


if __name__ == "__main__":
    sys.exit(main())
