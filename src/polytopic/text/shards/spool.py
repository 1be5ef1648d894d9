"""The first pass: term ids of every batch, kept in files until the vocabulary is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from polytopic import io
from polytopic.errors import CheckpointError
from polytopic.io.frames import packed_table, unpacked_table
from polytopic.io.mapping import map_tensors
from polytopic.text.cleaning import REPEATED_LINES, Cleaner
from polytopic.text.columns import each_text
from polytopic.text.counting import RawTokens, TermStrings, encode_texts
from polytopic.text.dropped import Cleaned
from polytopic.text.shards.layout import shard_file, write_arrays, write_json, write_table
from polytopic.text.shards.source import Batch
from polytopic.text.terms import TermTable
from polytopic.text.tokens import WordRule

__all__ = [
    "LOCAL",
    "Account",
    "Spool",
    "added",
    "number_apart",
    "raw_of",
    "words_file",
    "write_words",
]

LOCAL = "local"
"""Says of a file that its ids are the places of its own words, of which it holds all."""

_EXAMPLES = 3
"""Examples of a step of cleaning: as many as :class:`Cleaned` shows."""


@dataclass
class Account:
    """What cleaning took, and rows in which half surrogates were replaced."""

    cleaned: tuple[Cleaned, ...] = ()
    emptied: int = 0
    halves: list[int] = field(default_factory=list)


def added(left: tuple[Cleaned, ...], right: tuple[Cleaned, ...]) -> tuple[Cleaned, ...]:
    """Two accounts of cleaning as one, steps in the order in which they come."""
    found = {one.step: one for one in left}
    for one in right:
        if (known := found.get(one.step)) is None:
            found[one.step] = one
            continue
        examples = tuple(dict.fromkeys((*known.examples, *one.examples)))[:_EXAMPLES]
        found[one.step] = Cleaned(
            one.step, one.what, known.documents + one.documents, known.pieces + one.pieces, examples
        )
    return tuple(found.values())


class Spool:
    """Batches of term ids in a folder, and the table that spells them.

    What an earlier run kept there is taken up, batch by batch.
    """

    def __init__(self, folder: Path, rule: WordRule, steps: tuple[str, ...]) -> None:
        self.folder, self.rule, self.steps = folder, rule, steps
        self.table, self.account = TermTable(), Account()
        self.sizes: list[tuple[int, int]] = []
        while words_file(folder, len(self.sizes)).is_file():
            self._take_up(len(self.sizes))

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def n_documents(self) -> int:
        return sum(documents for documents, _ in self.sizes)

    def add(self, batch: Batch, *, texts: bool, n_threads: int) -> None:
        """Find the words of a batch, and keep its ids and its columns."""
        number, before = len(self), self.n_documents
        account, n_tokens = write_words(
            self.folder, number, batch, self.rule, self.steps, self.table, before=before,
            texts=texts, n_threads=n_threads,
        )  # fmt: skip
        self._count(len(batch.texts), n_tokens, account)

    def raw(self, number: int) -> RawTokens:
        """The ids of a batch, in memory."""
        held = map_tensors(words_file(self.folder, number))
        return raw_of(held, self.table, self.ids_of(held))

    def ids_of(self, held: Mapping[str, NDArray[Any]]) -> NDArray[np.int32] | None:
        """The ids in the table of all words of a batch that numbers its own; None: it does not."""
        return self.table.find_strings(_words(held)) if LOCAL in held else None

    def each(self) -> Iterator[RawTokens]:
        """All batches in their order."""
        return (self.raw(number) for number in range(len(self)))

    def clear(self) -> None:
        """Remove what is needed no more."""
        for number in range(len(self)):
            for ending in (".safetensors", ".json"):
                with suppress(OSError):
                    words_file(self.folder, number, ending).unlink()

    def _count(self, documents: int, tokens: int, account: Account) -> None:
        self.sizes.append((documents, tokens))
        self.account.cleaned = added(self.account.cleaned, account.cleaned)
        self.account.emptied += account.emptied
        self.account.halves += account.halves

    def _take_up(self, number: int) -> None:
        file = words_file(self.folder, number)
        try:
            held = map_tensors(file)
            words = _words(held)
            if LOCAL in held:
                known = self.table.find_strings(words)
                words = [words[place] for place in np.flatnonzero(known < 0).tolist()]
            self.table.extend(words)
            about = words_file(self.folder, number, ".json").read_text(encoding="utf-8")
            told = json.loads(about)
            cleaned = tuple(
                Cleaned(**{**one, "examples": tuple(one["examples"])}) for one in told["cleaned"]
            )
            account = Account(cleaned, told["emptied"], told["halves"])
            self._count(len(held["blank"]), len(held["ids"]), account)
        except (OSError, KeyError, ValueError, TypeError):
            raise CheckpointError(
                f"{file}: is damaged. Remove the folder, and make the shards again."
            ) from None


def words_file(folder: Path, number: int, ending: str = ".safetensors") -> Path:
    """Where the words of a batch are kept."""
    return folder / f"{io.PARTIAL}words-{number:05d}{ending}"


def write_words(
    folder: Path,
    number: int,
    batch: Batch,
    rule: WordRule,
    steps: tuple[str, ...],
    table: TermTable | None,
    *,
    before: int,
    texts: bool,
    n_threads: int,
) -> tuple[Account, int]:
    """Find the words of a batch and write its ids, its columns and, last, its words.

    ``table`` numbers the words, and takes those that it lacks; None: they get numbers of the
    batch's own, and all of them are kept. ``before``: documents of the batches before.
    """
    own = table is None
    table = TermTable() if table is None else table
    known = table.size
    cleaner, halves = Cleaner(steps), list[int]()
    raw = encode_texts(
        cleaner(each_text(batch.texts, halves=halves)), rule, n_threads,
        lines=REPEATED_LINES in steps, table=table,
    )  # fmt: skip
    account = Account(cleaner.account(), cleaner.emptied, [row + before for row in halves])
    write_table(shard_file(folder, number, ".parquet"), batch.table(texts=texts))
    write_json(words_file(folder, number, ".json"), _record(account))
    words = table.strings(np.arange(known, table.size))
    _write_raw(words_file(folder, number), raw, words, own=own)
    return account, len(raw.ids)


def number_apart(spool: Spool, number: int) -> None:
    """Give the words of a batch numbers of its own, where they have those of the table."""
    raw = spool.raw(number)
    known, ids = np.unique(raw.ids, return_inverse=True)
    raw = replace(raw, ids=ids.astype(np.int32))
    _write_raw(words_file(spool.folder, number), raw, spool.table.strings(known), own=True)


def raw_of(
    held: Mapping[str, NDArray[Any]], table: TermStrings, ids: NDArray[np.int32] | None
) -> RawTokens:
    """The tokens of a file; ``ids``: those in the table of the words that it numbers itself."""
    return RawTokens(
        np.array(held["ids"]) if ids is None else ids[held["ids"]], np.array(held["offsets"]),
        table, np.array(held["blank"]).view(np.bool_),
        lines=np.array(held["lines"]) if "lines" in held else None,
    )  # fmt: skip


def _write_raw(file: Path, raw: RawTokens, words: list[str], *, own: bool) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "ids": raw.ids, "offsets": raw.offsets, "blank": raw.blank.view(np.uint8),
        "words": packed_table({"words": pl.Series(words, dtype=pl.String)}),
    }  # fmt: skip
    if raw.lines is not None:
        arrays["lines"] = raw.lines
    if own:
        arrays[LOCAL] = np.ones(1, np.uint8)
    write_arrays(file, arrays)


def _words(held: Mapping[str, NDArray[Any]]) -> list[str]:
    words: list[str] = unpacked_table(held["words"])["words"].to_list()
    return words


def _record(account: Account) -> dict[str, Any]:
    return {
        "cleaned": [
            {"step": one.step, "what": one.what, "documents": one.documents, "pieces": one.pieces,
             "examples": list(one.examples)}
            for one in account.cleaned
        ],
        "emptied": account.emptied,
        "halves": account.halves,
    }  # fmt: skip
