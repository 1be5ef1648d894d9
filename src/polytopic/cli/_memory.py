"""``--memory 4GB``: a file that does not fit is counted in shards on the disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from glob import has_magic
from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Voice
from polytopic.errors import InputError

__all__ = ["Memory", "called", "memory_in_bytes", "named", "reader"]

Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        help="Count a file that takes more (4GB, 800MB) in shards on the disk, without its texts.",
        show_default="all of it in memory",
        rich_help_panel="The file",
    ),
]

SHARDS = "shards"
"""The folder in the run's, after what all unfinished files begin with, while the run lasts."""

LEAST = 500_000_000
"""Bytes that counting one batch takes, with the program: 470 MB were measured (docs/scale.md)."""

TIMES = 3
"""Bytes in memory for each of a file: 2.9 GB were measured for a million documents of 1 KB."""

PART = 8
"""Of the memory that mapped files may have: the rest is of programs, tables and batches."""

PACKED = 4
"""Bytes of text that a byte of a packed file may hold."""

_UNITS = {"k": 1, "m": 2, "g": 3, "t": 4}
_PLAIN = (".txt", ".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".eml", ".mbox")


def memory_in_bytes(text: str) -> int:
    """Bytes that "4GB", "800 MB" or "2GiB" say.

    Raises
    ------
    InputError
        If it is no size, or less than one batch takes.
    """
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([kmgt])(i?)b?\s*", text.lower())
    if found is None:
        raise InputError(f'--memory: "{text:.40}" is no size. Give one such as 4GB or 800MB.')
    number, unit, binary = found.groups()
    size = int(float(number) * (1024 if binary else 1000) ** _UNITS[unit])
    if size < LEAST:
        raise InputError(
            f"--memory: {text} is less than one batch of documents takes. Give "
            f"{LEAST // 10**6}MB or more."
        )
    return size


def called(files: Sequence[Path]) -> str:
    """What a run says it was made from."""
    more = len(files) - 1
    return f"{files[0]} and {more:,} more" if more else str(files[0])


def named(files: Sequence[Path]) -> str | list[str]:
    """The files as the settings of a run hold them."""
    return str(files[0]) if len(files) == 1 else [str(file) for file in files]


@contextmanager
def reader(
    files: Sequence[Path], output: Path, options: dict[str, Any], memory: str | None, voice: Voice
) -> Iterator[Callable[[], Any]]:
    """What reads the corpus of a run: whole, or from shards, removed at the end, what does not fit.

    Several files are read from shards too, with their texts if these fit.

    Raises
    ------
    InputError
        If ``memory`` is no size, or the files need shards and an option is not for them.
    """
    from polytopic.io import PARTIAL
    from polytopic.scratch import bounded
    from polytopic.text.shards.layout import is_sharded

    limit = None if memory is None else memory_in_bytes(memory)
    files = _matching(files)
    inside = [file for file in files if is_sharded(file)]
    if inside and len(files) > 1:
        raise InputError(f"{inside[0]}: is a corpus in shards. Name it alone.")
    if inside:
        with bounded(output, _resident(limit)):
            yield partial(_read, files[0], **options)
        return
    fits = limit is None or _needed(files) <= limit
    if len(files) == 1 and fits:
        yield partial(_read, files[0], **options)
        return
    if options.get("url") is not None:
        raise InputError(
            "--url: is not kept in shards. Leave it out, or read one file without --memory."
        )
    place, there = output / (PARTIAL + SHARDS), output.exists()
    try:
        with bounded(output, _resident(limit)):
            yield partial(_shards, files, place, options, voice, texts=fits)
    finally:
        _remove(place)
        if not there:
            with suppress(OSError):  # it holds a run
                output.rmdir()


def _matching(files: Sequence[Path]) -> Sequence[Path]:
    """The files, patterns such as ``parts/*.parquet`` by what they match; the rest as it is."""
    if not any(has_magic(str(file)) for file in files):
        return files
    from polytopic.text.shards.source import matching

    return matching([str(file) for file in files])


def _resident(limit: int | None) -> int:
    """Bytes of mapped files that may count at a time."""
    from polytopic.scratch import RESIDENT

    return RESIDENT if limit is None else min(RESIDENT, limit // PART)


def _needed(files: Sequence[Path]) -> int:
    """Bytes that the documents of files take in memory, about."""
    try:
        found = [f for path in files for f in _files_of(path)]
        sizes = [f.stat().st_size * (1 if f.suffix.lower() in _PLAIN else PACKED) for f in found]
    except OSError:  # reading it says why
        return 0
    return TIMES * sum(sizes)


def _files_of(path: Path) -> list[Path]:
    return [f for f in path.rglob("*") if f.is_file()] if path.is_dir() else [path]


def _shards(
    files: Sequence[Path], place: Path, options: dict[str, Any], voice: Voice, *, texts: bool
) -> Any:
    from polytopic.text import shard

    _remove(place)  # of a run that was killed
    kept = {name: value for name, value in options.items() if name != "url"}
    corpus = shard(files, place, verbose=not voice.quiet, keep_texts=texts, **kept)
    if not texts:
        voice.say(
            f"{called(files)}: would take about {_needed(files) / 1e9:,.1f} GB in memory, and is "
            f"counted in {corpus.n_shards:,} shards on the disk. Texts are not kept: the report "
            "shows none."
        )
    return corpus


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)


def _read(file: Path, **options: Any) -> Any:
    from polytopic.text import ShardedCorpus, read
    from polytopic.text.shards.layout import is_sharded

    return ShardedCorpus(file) if is_sharded(file) else read(file, **options)
