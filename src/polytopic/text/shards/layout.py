"""The folder of a sharded corpus: what is in it, how a shard is written and mapped.

``index/`` is a saved object: the vocabulary, what was dropped, and a row a shard. Shard n is
``shard-0000n.safetensors``, counts and tokens of some documents, and ``shard-0000n.parquet``, what
stands beside them. The index is written last: without it a folder is no corpus, and what it does
not name is no part of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from polytopic import io
from polytopic.errors import CheckpointError, FileMissingError, InputError
from polytopic.io.frames import packed_table, unpacked_table
from polytopic.io.mapping import map_tensors
from polytopic.io.records import in_one_line
from polytopic.io.schemas import ANYTHING, TEXT, WHOLE, Array, ListOf, MapOf, Record
from polytopic.io.tensors import digest_of, write_pieces
from polytopic.kernels.arrays import check_ids, check_offsets
from polytopic.kernels.csr import csr_of
from polytopic.parameters import FLAG
from polytopic.text.dropped import Dropped
from polytopic.text.rules import TextRules
from polytopic.text.storage import DROPPED_RECORD
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "PLAN",
    "Index",
    "ShardPlace",
    "is_sharded",
    "map_shard",
    "owned",
    "read_index",
    "shard_columns",
    "shard_file",
    "write_arrays",
    "write_index",
    "write_json",
    "write_shard",
    "write_table",
]

PLAN = io.PARTIAL + "plan.json"
"""What an unfinished folder is being made from."""

KIND = "sharded corpus"
INDEX = "index"
_SHARD = re.compile(r"shard-\d{5,}\.(safetensors|parquet)")
_ROW = Record({"documents": WHOLE, "tokens": WHOLE, "pairs": WHOLE, "sha256": TEXT})
_RECORD = Record(
    {
        "dropped": DROPPED_RECORD,
        "rules": MapOf(ANYTHING),
        "shards": ListOf(_ROW),
        "roles": MapOf(TEXT),
        "texts": FLAG,
    }
)
_ARRAYS = {
    "counts": Array("V", kind="i", low=0),
    "document_counts": Array("V", kind="i", low=0),
    "terms": Array("bytes", kind="uint8"),
}
_REMEDY = "Restore a copy, or make the shards again."


@dataclass(frozen=True)
class Index:
    """What a folder holds: ``shards`` is a row a shard, ``roles`` role to column."""

    vocabulary: Vocabulary
    dropped: Dropped
    shards: tuple[Mapping[str, Any], ...]
    roles: Mapping[str, str]
    texts: bool


def owned(name: str) -> bool:
    """Whether a file of this name is one of a sharded corpus."""
    return name == INDEX or io.is_saved_name(name) or _SHARD.fullmatch(name) is not None


def is_sharded(path: Path) -> bool:
    """Whether a folder is a sharded corpus, or one that is not whole."""
    try:
        return path.is_dir() and ((path / INDEX).is_dir() or (path / PLAN).is_file())
    except OSError:
        return False


def shard_file(folder: Path, number: int, ending: str = ".safetensors") -> Path:
    """The file of a shard."""
    return folder / f"shard-{number:05d}{ending}"


# ---- index -----------------------------------------------------------------------------------


def write_index(folder: Path, index: Index) -> None:
    """Make the folder a corpus of these shards: the one step that does."""
    vocabulary = index.vocabulary
    arrays: dict[str, NDArray[Any]] = {
        "terms": packed_table({"terms": pl.Series(vocabulary.terms, dtype=pl.String)}),
        "counts": vocabulary.counts,
        "document_counts": vocabulary.document_counts,
    }
    about = {
        "dropped": index.dropped.to_dict(),
        "rules": {} if vocabulary.rules is None else vocabulary.rules.to_dict(),
        "shards": [dict(row) for row in index.shards],
        "roles": dict(index.roles),
        "texts": index.texts,
    }
    io.write_folder(folder / INDEX, KIND, arrays, about)


def read_index(folder: Path) -> Index:
    """The index of a folder, checked.

    Raises
    ------
    FileMissingError, CheckpointError
        If it is missing, unfinished or damaged.
    """
    if not folder.exists():
        raise FileMissingError(f"{folder}: no such folder. Name one that pt.shard made.")
    if not (folder / INDEX).is_dir():
        if (folder / PLAN).is_file():
            raise CheckpointError(
                f"{folder}: is half written. Start the same polytopic shard again: it goes on."
            )
        raise CheckpointError(f"{folder}: is no sharded corpus. Name a folder that pt.shard made.")
    arrays, about = io.read_folder(folder / INDEX, KIND, about=_RECORD, arrays=_ARRAYS)
    try:
        vocabulary = Vocabulary(
            unpacked_table(arrays["terms"])["terms"].to_list(),
            arrays["counts"],
            arrays["document_counts"],
            TextRules.from_dict(about["rules"]) if about["rules"] else None,
        )
        dropped = Dropped.from_dict(about["dropped"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder}: {in_one_line(error)}. {_REMEDY}") from None
    return Index(vocabulary, dropped, tuple(about["shards"]), about["roles"], about["texts"])


# ---- a shard ---------------------------------------------------------------------------------


def write_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """A file of arrays, whole or not there at all."""
    with io.replacing(file) as partial:
        write_pieces(arrays, partial)


def write_shard(
    folder: Path,
    number: int,
    counts: sparse.csr_matrix,
    offsets: NDArray[np.int64],
    tokens: NDArray[np.int32],
) -> dict[str, Any]:
    """Write counts and tokens of a shard; its row of the index."""
    arrays: dict[str, NDArray[Any]] = {
        "indptr": counts.indptr.astype(np.int64),
        "indices": counts.indices.astype(np.int32, copy=False),
        "data": counts.data.astype(np.int32, copy=False),
        "offsets": offsets,
        "tokens": tokens,
    }
    write_arrays(shard_file(folder, number), arrays)
    return {
        "documents": int(counts.shape[0]),
        "tokens": len(tokens),
        "pairs": int(counts.nnz),
        "sha256": digest_of(arrays),
    }


def write_table(file: Path, columns: Mapping[str, pl.Series]) -> None:
    """The columns beside the counts, compressed, whole or not at all."""
    with io.replacing(file) as partial:
        pl.DataFrame(dict(columns)).write_parquet(partial, compression="zstd")


def map_shard(
    folder: Path, number: int, row: Mapping[str, Any], n_terms: int
) -> tuple[sparse.csr_matrix, NDArray[np.int64], NDArray[np.int32]]:
    """Counts, offsets and tokens of a shard, maps of its file, checked against bounds.

    Raises
    ------
    CheckpointError
        If the file is missing, cut short, or holds what the index does not say.
    """
    file = shard_file(folder, number)
    try:
        arrays = map_tensors(file)
        shape = [row["documents"], n_terms]
        counts = csr_of(arrays["data"], arrays["indices"], arrays["indptr"], shape, "counts")
        tokens = check_ids(arrays["tokens"], n_terms, "tokens")
        offsets = check_offsets(arrays["offsets"], len(tokens), "offsets")
        altered = digest_of(arrays) != row["sha256"]
    except FileMissingError:
        raise CheckpointError(f"{file}: is missing. {_REMEDY}") from None
    except CheckpointError:
        raise
    except (InputError, KeyError, ValueError) as error:
        raise CheckpointError(f"{file}: is damaged ({in_one_line(error)}). {_REMEDY}") from None
    held = counts.shape[0], len(tokens), counts.nnz, len(offsets) - 1
    if held != (row["documents"], row["tokens"], row["pairs"], row["documents"]):
        raise CheckpointError(f"{file}: holds other documents than the index says. {_REMEDY}")
    if altered:
        raise CheckpointError(
            f"{file}: is damaged, or of another corpus (its checksum differs). {_REMEDY}"
        )
    return counts, offsets, tokens


class ShardPlace(NamedTuple):
    """Where a shard lies, for a worker that sees the folder at this path."""

    folder: str
    number: int
    row: Mapping[str, Any]
    n_terms: int

    def map(self) -> tuple[sparse.csr_matrix, NDArray[np.int64], NDArray[np.int32]]:
        """:func:`map_shard` of it."""
        return map_shard(Path(self.folder), self.number, self.row, self.n_terms)


def shard_columns(folder: Path, number: int, names: Sequence[str] | None = None) -> pl.DataFrame:
    """The columns of a shard, or some of them.

    Raises
    ------
    CheckpointError
        If the file cannot be read.
    """
    file = shard_file(folder, number, ".parquet")
    try:
        return pl.read_parquet(file, columns=None if names is None else list(names), glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise CheckpointError(f"{file}: {in_one_line(error)}. {_REMEDY}") from None


def write_json(file: Path, record: Mapping[str, Any]) -> None:
    """A record, whole or not at all."""
    with io.replacing(file) as partial:
        partial.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
