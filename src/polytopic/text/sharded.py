"""A corpus in shards on disk: what is asked for is read, the rest stays in its files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from polytopic.errors import InputError
from polytopic.mapped_counts import MappedCounts
from polytopic.scratch import empty
from polytopic.text.codes import as_codes, as_ids
from polytopic.text.corpus import Corpus
from polytopic.text.dropped import Dropped
from polytopic.text.formats.columns import Wanted, role_of
from polytopic.text.roles import read_roles
from polytopic.text.rows import row_numbers, take_tokens
from polytopic.text.shards.layout import ShardPlace, map_shard, read_index, shard_columns
from polytopic.text.shards.sharding import append_shards, make_shards
from polytopic.text.shards.source import DOCUMENTS
from polytopic.text.vocabulary import Vocabulary

__all__ = ["ShardedCorpus", "shard"]


class ShardedCorpus:
    """Documents in a folder of shards, made by :func:`polytopic.shard`; larger than memory.

    It has what a :class:`~polytopic.Corpus` has, and stands wherever one may: counts are read from
    mapped files by the models that can (``LDA``, autoencoders), and taken into memory by others.

    Parameters
    ----------
    path : str or Path
        The folder.

    Attributes
    ----------
    vocabulary : Vocabulary
    dropped : Dropped
    n_shards : int
    counts : MappedCounts, shape (D, V)
        ``counts.tocsr()`` is all of it in memory, ``counts[rows]`` some of it.
    labels, ids, dates : arrays of D entries, or None
    metadata : dict of str to arrays of D entries
    texts : list of D str, or None
        Read at each use; None if they were not kept.

    Raises
    ------
    FileMissingError, CheckpointError
        If the folder is missing, half written, or a shard is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._take(self.path)

    def _take(self, path: Path) -> None:
        self._index = read_index(path)
        self.vocabulary: Vocabulary = self._index.vocabulary
        self.dropped: Dropped = self._index.dropped
        self.starts = np.cumsum([0, *(row["documents"] for row in self._index.shards)])
        for name in ("counts", "_mapped", "labels", "ids", "dates", "metadata"):
            self.__dict__.pop(name, None)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __repr__(self) -> str:
        tokens = sum(row["tokens"] for row in self._index.shards)
        return (
            f"ShardedCorpus({len(self):,} documents, {len(self.vocabulary):,} terms, "
            f"{tokens:,} tokens in {self.n_shards:,} shards)"
        )

    @property
    def n_shards(self) -> int:
        """How many files the documents lie in."""
        return len(self._index.shards)

    @property
    def shape(self) -> tuple[int, int]:
        """(D, V)."""
        return len(self), len(self.vocabulary)

    # ---- what is in the files --------------------------------------------------------------

    @cached_property
    def _mapped(self) -> list[Any]:
        rows = enumerate(self._index.shards)
        return [map_shard(self.path, n, row, len(self.vocabulary)) for n, row in rows]

    @cached_property
    def counts(self) -> MappedCounts:
        """Counts (D, V), mapped from the shards."""
        return MappedCounts([counts for counts, _, _ in self._mapped], len(self.vocabulary))

    @property
    def tokens(self) -> NDArray[np.int32]:
        """Term ids of all documents in reading order, in memory; shape (N,)."""
        parts = [tokens for _, _, tokens in self._mapped]
        whole = empty(sum(map(len, parts)), np.int32)
        first = 0
        for part in parts:
            whole[first : first + len(part)] = part
            first += len(part)
        return whole

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each document begins in ``tokens``; shape (D+1,)."""
        lengths = [np.diff(offsets) for _, offsets, _ in self._mapped]
        bounds: NDArray[np.int64] = np.cumsum(np.concatenate([[0], *lengths]), dtype=np.int64)
        return bounds

    @cached_property
    def labels(self) -> NDArray[Any] | None:
        """Labels as :func:`polytopic.read` gives them."""
        found = self._column("label")
        return None if found is None else read_roles(len(self), labels=as_codes(found))[0]["labels"]

    @cached_property
    def ids(self) -> NDArray[Any] | None:
        """Ids as :func:`polytopic.read` gives them."""
        found = self._column("id")
        return None if found is None else read_roles(len(self), ids=as_ids(found))[0]["ids"]

    @cached_property
    def dates(self) -> NDArray[Any] | None:
        """Dates as :func:`polytopic.read` gives them."""
        found = self._column("date")
        return None if found is None else read_roles(len(self), dates=found)[0]["dates"]

    @cached_property
    def metadata(self) -> dict[str, NDArray[Any]]:
        """Every column of labels, by its name."""
        found = {}
        for role, name in self._index.roles.items():
            column = self._column(role) if role_of(role) == "label" else None
            if column is not None:
                found[name] = read_roles(len(self), labels=as_codes(column))[0]["labels"]
        return found

    @property
    def texts(self) -> list[str] | None:
        """The documents, where they were kept."""
        if not self._index.texts:
            return None
        found = self._column("text")
        assert found is not None
        return found.to_list()

    def _column(self, role: str) -> pl.Series | None:
        if role not in self._index.roles and role != "text":
            return None
        parts = [shard_columns(self.path, n, [role])[role] for n in range(self.n_shards)]
        if len({part.dtype for part in parts}) > 1:
            parts = [part.cast(pl.String) for part in parts]
        return pl.concat(parts)

    # ---- parts of it -----------------------------------------------------------------------

    def shards(self) -> Iterator[Corpus]:
        """Each shard as a Corpus in memory, in their order."""
        for first, last in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.subset(np.arange(first, last))

    def __getitem__(self, rows: Any) -> Corpus:
        """Documents by slice, list of rows or mask, as a Corpus in memory."""
        if isinstance(rows, int | np.integer):
            rows = [int(rows)]
        return self.subset(np.arange(len(self))[rows] if isinstance(rows, slice) else rows)

    def subset(self, rows: ArrayLike) -> Corpus:
        """The documents of ``rows`` (numbers, or a mask) in that order, in memory.

        Raises
        ------
        InputError
            If a row does not exist.
        """
        chosen = row_numbers(rows, len(self))
        places = np.searchsorted(self.starts, chosen, side="right") - 1
        tokens, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        for place in np.unique(places):
            _, offsets, held = self._mapped[place]
            taken, bounds = take_tokens(held, offsets, chosen[places == place] - self.starts[place])
            tokens.append(taken)
            lengths.append(np.diff(bounds))
        order = np.argsort(places, kind="stable")
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        bounds = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
        found, bounds = take_tokens(np.concatenate(tokens), bounds, back)
        return Corpus(
            self.counts[chosen],
            self.vocabulary,
            tokens=found,
            offsets=bounds,
            labels=None if self.labels is None else self.labels[chosen],
            ids=None if self.ids is None else self.ids[chosen],
            dates=None if self.dates is None else self.dates[chosen],
            texts=self._texts_of(chosen),
            metadata={name: values[chosen] for name, values in self.metadata.items()},
            dropped=self.dropped,
        )

    def _texts_of(self, rows: NDArray[np.int64]) -> list[str] | None:
        """The texts of some documents, read from their shards alone."""
        if not self._index.texts:
            return None
        places = np.searchsorted(self.starts, rows, side="right") - 1
        found = [""] * len(rows)
        for place in np.unique(places):
            series = shard_columns(self.path, int(place), ["text"])["text"]
            for spot in np.flatnonzero(places == place).tolist():
                found[spot] = series[int(rows[spot] - self.starts[place])]
        return found

    def in_memory(self) -> Corpus:
        """All of it as a Corpus."""
        return self.subset(np.arange(len(self)))

    def token_parts(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """Of each shard its term ids in reading order, and where each document begins in them."""
        for _, offsets, tokens in self._mapped:
            yield tokens, offsets

    def shard_places(self) -> list[ShardPlace]:
        """Where each shard lies, for the workers of a cluster."""
        folder, n_terms = str(self.path.absolute()), len(self.vocabulary)
        rows = enumerate(self._index.shards)
        return [ShardPlace(folder, number, dict(row), n_terms) for number, row in rows]

    def token_lists(self) -> Iterator[list[str]]:
        """The terms of each document in reading order, one list of str a document."""
        terms = self.vocabulary.terms
        for _, offsets, tokens in self._mapped:
            for start, end in itertools.pairwise(offsets.tolist()):
                yield [terms[id_] for id_ in tokens[start:end].tolist()]

    # ---- more documents --------------------------------------------------------------------

    def append(
        self,
        source: str | Path | Sequence[str | Path],
        *,
        encoding: str = "utf-8",
        separator: str | None = None,
        header: bool = True,
        sheet: str | int | None = None,
        documents: int = DOCUMENTS,
        cluster: Any = None,
        **options: Any,
    ) -> Dropped:
        """Add the documents of more files, next month's, as new shards.

        The vocabulary stays; what the new documents hold beyond it is counted and given back.

        Parameters
        ----------
        source, encoding, separator, header, sheet, documents
            As in :func:`polytopic.shard`; the columns are those of the corpus.
        cluster
            As in :func:`polytopic.shard`: the same files, byte for byte.
        **options
            ``language`` and ``stop_words``, where they were given before.

        Raises
        ------
        FileMissingError, CheckpointError, InputError
            If the files cannot be used; the corpus is then as it was.
        """
        reading = {"encoding": encoding, "separator": separator, "header": header, "sheet": sheet}
        told = append_shards(
            self.path, source, reading, documents=documents, cluster=cluster, **options
        )
        self._take(self.path)
        return told


def shard(
    source: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    text: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    id: str | None = None,
    date: str | None = None,
    encoding: str = "utf-8",
    separator: str | None = None,
    header: bool = True,
    sheet: str | int | None = None,
    documents: int = DOCUMENTS,
    keep_texts: bool = False,
    verbose: bool = False,
    cluster: Any = None,
    **options: Any,
) -> ShardedCorpus:
    """Make a corpus of files of any size, in a folder of shards.

    The files are read once, a batch of documents at a time; words are kept as numbers until the
    vocabulary is chosen. Counts, tokens and vocabulary are those of
    ``Corpus.from_texts`` to the last bit. Started again after an interruption, the same call goes
    on.

    Parameters
    ----------
    source : path, pattern such as ``"parts/*.parquet"``, or a list of them
        What :func:`polytopic.read` reads. Documents are numbered in the order of the files.
    output : str or Path
        A folder that is not there, or empty.
    text, label, id, date, encoding, separator, header, sheet
        As in :func:`polytopic.read`.
    documents : int
        Of a shard, at most: they are in memory at a time.
    keep_texts : bool
        Keep the texts too, compressed.
    verbose : bool
        Show progress.
    cluster : None, "processes:2", "dask://host:port", "ray://host:port", "ray" or a Client
        Where files are read, words are found and shards are written: the same folder, byte for
        byte. Every worker sees the files and the folder at these paths. None: threads.
    **options
        Those of :meth:`Corpus.from_texts`, but ``vocabulary``, ``ngrams``, ``tokenizer``, a
        ``token_pattern`` of one's own and the step ``drop_duplicates``, which need all at once.

    Raises
    ------
    FileMissingError, CheckpointError, InputError
        If the files or the folder cannot be used; the message says what to do.
    """
    if documents < 1:
        raise InputError(f"documents: is {documents}. Give 1 or more.")
    make_shards(
        source, Path(output), Wanted(text, label, id, date),
        {"encoding": encoding, "separator": separator, "header": header, "sheet": sheet},
        documents=documents, keep_texts=keep_texts, verbose=verbose, cluster=cluster, **options,
    )  # fmt: skip
    return ShardedCorpus(output)
