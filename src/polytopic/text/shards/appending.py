"""Documents that come later, by the vocabulary that stays: the shard of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from polytopic.text.corpus import Corpus
from polytopic.text.dropped import Dropped
from polytopic.text.shards.layout import shard_file, write_shard, write_table
from polytopic.text.shards.source import Batch
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Appended", "write_later"]


class Appended(NamedTuple):
    """A shard of later documents: its number, its row of the index, and what was left out."""

    number: int
    row: dict[str, Any]
    dropped: Dropped


def write_later(
    folder: Path,
    number: int,
    batch: Batch,
    vocabulary: Vocabulary,
    options: Mapping[str, Any],
    *,
    texts: bool,
) -> Appended:
    """Write both files of a batch; ``options`` are those of :meth:`Corpus.from_texts`."""
    corpus = Corpus.from_texts(batch.texts, vocabulary=vocabulary, keep_texts=False, **options)
    assert corpus.tokens is not None and corpus.offsets is not None
    write_table(shard_file(folder, number, ".parquet"), batch.table(texts=texts))
    row = write_shard(folder, number, corpus.counts, corpus.offsets, corpus.tokens)
    return Appended(number, row, corpus.dropped)
