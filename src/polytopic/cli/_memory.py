"""``--memory 4GB``: a file that does not fit is counted in shards on the disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from polytopic.cli._shared import Voice
from polytopic.errors import InputError

__all__ = ["Memory", "memory_in_bytes", "reader"]

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


@contextmanager
def reader(
    file: Path, output: Path, options: dict[str, Any], memory: str | None, voice: Voice
) -> Iterator[Callable[[], Any]]:
    """What reads the corpus of a run: whole, or what does not fit from shards, removed at the end.

    Raises
    ------
    InputError
        If ``memory`` is no size, or the file needs shards and an option is not for them.
    """
    from polytopic.io import PARTIAL
    from polytopic.text.shards.layout import is_sharded

    limit = None if memory is None else memory_in_bytes(memory)
    if limit is None or is_sharded(file) or _needed(file) <= limit:
        yield partial(_read, file, **options)
        return
    if options.get("url") is not None:
        raise InputError("--url: is not kept in shards. Leave it out, or leave out --memory.")
    place, there = output / (PARTIAL + SHARDS), output.exists()
    try:
        yield partial(_shards, file, place, options, limit, voice)
    finally:
        _remove(place)
        if not there:
            with suppress(OSError):  # it holds a run
                output.rmdir()


def _needed(file: Path) -> int:
    """Bytes that the documents of a file take in memory, about."""
    try:
        files = [f for f in file.rglob("*") if f.is_file()] if file.is_dir() else [file]
        sizes = [f.stat().st_size * (1 if f.suffix.lower() in _PLAIN else PACKED) for f in files]
    except OSError:  # reading it says why
        return 0
    return TIMES * sum(sizes)


def _shards(file: Path, place: Path, options: dict[str, Any], limit: int, voice: Voice) -> Any:
    from polytopic.text import shard

    _remove(place)  # of a run that was killed
    kept = {name: value for name, value in options.items() if name != "url"}
    corpus = shard(file, place, verbose=not voice.quiet, **kept)
    voice.say(
        f"{file}: would take about {_needed(file) / 1e9:,.1f} GB in memory, and is counted in "
        f"{corpus.n_shards:,} shards on the disk. Texts are not kept: the report shows none."
    )
    whole = 8 * corpus.counts.nnz
    if whole > limit:
        voice.say(f"The result holds all counts nevertheless: {whole / 1e9:,.1f} GB.")
    return corpus


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)


def _read(file: Path, **options: Any) -> Any:
    from polytopic.text import ShardedCorpus, read
    from polytopic.text.shards.layout import is_sharded

    return ShardedCorpus(file) if is_sharded(file) else read(file, **options)
