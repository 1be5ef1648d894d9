"""The first pass: term ids of every batch, kept in files until the vocabulary is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
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
from polytopic.text.counting import RawTokens, encode_texts
from polytopic.text.dropped import Cleaned
from polytopic.text.shards.layout import shard_file, write_arrays, write_json, write_table
from polytopic.text.shards.source import Batch
from polytopic.text.terms import TermTable
from polytopic.text.tokens import WordRule

__all__ = ["Account", "Spool", "added"]

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
        while self._file(len(self.sizes)).is_file():
            self._take_up(len(self.sizes))

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def n_documents(self) -> int:
        return sum(documents for documents, _ in self.sizes)

    def add(self, batch: Batch, *, texts: bool, n_threads: int) -> None:
        """Find the words of a batch, and keep its ids and its columns."""
        number, known = len(self), self.table.size
        cleaner, halves = Cleaner(self.steps), list[int]()
        raw = encode_texts(
            cleaner(each_text(batch.texts, halves=halves)), self.rule, n_threads,
            lines=REPEATED_LINES in self.steps, table=self.table,
        )  # fmt: skip
        words = self.table.strings(np.arange(known, self.table.size))
        halves = [row + self.n_documents for row in halves]
        account = Account(cleaner.account(), cleaner.emptied, halves)
        write_table(shard_file(self.folder, number, ".parquet"), batch.table(texts=texts))
        write_json(self._file(number, ".json"), _record(account))
        arrays: dict[str, NDArray[Any]] = {
            "ids": raw.ids, "offsets": raw.offsets, "blank": raw.blank.view(np.uint8),
            "words": packed_table({"words": pl.Series(words, dtype=pl.String)}),
        }  # fmt: skip
        if raw.lines is not None:
            arrays["lines"] = raw.lines
        write_arrays(self._file(number), arrays)
        self._count(len(batch.texts), len(raw.ids), account)

    def raw(self, number: int) -> RawTokens:
        """The ids of a batch, in memory."""
        held = map_tensors(self._file(number))
        return RawTokens(
            np.array(held["ids"]), np.array(held["offsets"]), self.table,
            np.array(held["blank"]).view(np.bool_),
            lines=np.array(held["lines"]) if "lines" in held else None,
        )  # fmt: skip

    def each(self) -> Iterator[RawTokens]:
        """All batches in their order."""
        return (self.raw(number) for number in range(len(self)))

    def clear(self) -> None:
        """Remove what is needed no more."""
        for number in range(len(self)):
            for ending in (".safetensors", ".json"):
                with suppress(OSError):
                    self._file(number, ending).unlink()

    def _file(self, number: int, ending: str = ".safetensors") -> Path:
        return self.folder / f"{io.PARTIAL}words-{number:05d}{ending}"

    def _count(self, documents: int, tokens: int, account: Account) -> None:
        self.sizes.append((documents, tokens))
        self.account.cleaned = added(self.account.cleaned, account.cleaned)
        self.account.emptied += account.emptied
        self.account.halves += account.halves

    def _take_up(self, number: int) -> None:
        try:
            held = map_tensors(self._file(number))
            self.table.extend(unpacked_table(held["words"])["words"].to_list())
            told = json.loads(self._file(number, ".json").read_text(encoding="utf-8"))
            cleaned = tuple(
                Cleaned(**{**one, "examples": tuple(one["examples"])}) for one in told["cleaned"]
            )
            account = Account(cleaned, told["emptied"], told["halves"])
            self._count(len(held["blank"]), len(held["ids"]), account)
        except (OSError, KeyError, ValueError, TypeError):
            raise CheckpointError(
                f"{self._file(number)}: is damaged. Remove the folder, and make the shards again."
            ) from None


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
