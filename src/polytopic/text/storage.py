"""A corpus as a folder: arrays in safetensors, strings in parquet, the rest in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from polytopic import io
from polytopic.errors import CheckpointError
from polytopic.forking import refuse_lost_threads
from polytopic.io.frames import packed_table, unpacked_table
from polytopic.io.records import in_one_line
from polytopic.io.schemas import (
    ANYTHING,
    TEXT,
    TEXTS,
    WHOLE,
    Array,
    ListOf,
    MapOf,
    Record,
)
from polytopic.kernels.csr import csr_of
from polytopic.parameters import AnyOf
from polytopic.text.corpus import Corpus
from polytopic.text.dropped import Dropped
from polytopic.text.periods import restored, unit_of
from polytopic.text.rules import TextRules
from polytopic.text.values import as_series
from polytopic.text.vocabulary import Vocabulary

__all__ = ["DROPPED_RECORD", "load_corpus", "save_corpus", "saved_counts"]

KIND = "corpus"
_TALLY = Record({"terms": WHOLE, "tokens": WHOLE})
_EXAMPLES = ListOf(ListOf(AnyOf(TEXT, WHOLE), 2))
_CLEANED = Record(
    {"step": TEXT, "what": TEXT, "documents": WHOLE, "pieces": WHOLE, "examples": TEXTS}
)
DROPPED_RECORD = Record(
    {
        **dict.fromkeys(("documents", "empty_documents", "documents_without_terms"), WHOLE),
        **dict.fromkeys(("tokens", "tokens_kept"), WHOLE),
        **dict.fromkeys(
            ("stop_words", "below_min_df", "above_max_df", "beyond_max_terms", "unseen"), _TALLY
        ),
        "no_words": _TALLY,
        "unseen_examples": _EXAMPLES,
        "no_word_examples": _EXAMPLES,
        "rules": MapOf(ANYTHING),
        "notes": TEXTS,
        "cleaned": ListOf(_CLEANED),
        "emptied": WHOLE,
    },
    later=frozenset({"notes", "no_words", "no_word_examples", "cleaned", "emptied"}),
)
"""The entries of :meth:`Dropped.to_dict`."""
_RECORD = Record(
    {
        "shape": ListOf(WHOLE, 2),
        "dropped": DROPPED_RECORD,
        "rules": MapOf(ANYTHING),
        "units": MapOf(TEXT),
    },
    later=frozenset({"rules", "units"}),
)
_ARRAYS = {
    "counts/indptr": Array("rows", kind="i"),
    "counts/indices": Array("nnz", kind="i"),
    "counts/data": Array("nnz", kind="i", low=0),
    "vocabulary/counts": Array("V", kind="i", low=0),
    "vocabulary/document_counts": Array("V", kind="i", low=0),
    "terms": Array("bytes", kind="uint8"),
    "documents": Array("more bytes", kind="uint8", optional=True),
    "tokens": Array("N", kind="i", low=0, optional=True),
    "offsets": Array("rows", kind="i", low=0, optional=True),
}
"""What a saved corpus holds; both tables are packed Parquet."""
_COLUMNS = ("labels", "ids", "dates")
_METADATA = "metadata/"
"""Before the names of the columns of labels in the table of documents."""


def save_corpus(corpus: Corpus, path: str | Path) -> Path:
    """The work of :meth:`Corpus.save`."""
    refuse_lost_threads("corpus")
    arrays: dict[str, NDArray[Any]] = {
        "counts/indptr": corpus.counts.indptr,
        "counts/indices": corpus.counts.indices,
        "counts/data": corpus.counts.data,
        "vocabulary/counts": corpus.vocabulary.counts,
        "vocabulary/document_counts": corpus.vocabulary.document_counts,
        "terms": packed_table({"terms": pl.Series(corpus.vocabulary.terms, dtype=pl.String)}),
    }
    if corpus.tokens is not None and corpus.offsets is not None:
        arrays |= {"tokens": corpus.tokens, "offsets": corpus.offsets}
    given = {
        name: values
        for name in ("texts", *_COLUMNS)
        if (values := getattr(corpus, name)) is not None
    }
    given |= {_METADATA + name: values for name, values in corpus.metadata.items()}
    units = {name: unit_of(values) for name, values in given.items() if name != "texts"}
    if given:
        arrays["documents"] = packed_table({n: as_series(v, n) for n, v in given.items()})
    about = {
        "shape": list(corpus.counts.shape),
        "dropped": corpus.dropped.to_dict(),
        "units": {name: unit for name, unit in units.items() if unit},
    }
    if corpus.vocabulary.rules is not None:
        about["rules"] = corpus.vocabulary.rules.to_dict()
    return io.write_folder(path, KIND, arrays, about)


def saved_counts(
    arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]
) -> tuple[sparse.csr_matrix, Vocabulary]:
    """Counts and vocabulary as the folders of corpora and of results hold them."""
    vocabulary = Vocabulary(
        unpacked_table(arrays["terms"])["terms"].to_list(),
        arrays["vocabulary/counts"],
        arrays["vocabulary/document_counts"],
        TextRules.from_dict(about["rules"]) if about.get("rules") else None,
    )
    parts = (arrays["counts/data"], arrays["counts/indices"], arrays["counts/indptr"])
    return csr_of(*parts, about["shape"], "counts"), vocabulary


def load_corpus(path: str | Path) -> Corpus:
    """The work of :meth:`Corpus.load`."""
    refuse_lost_threads("corpus")
    arrays, about = io.read_folder(path, KIND, about=_RECORD, arrays=_ARRAYS)
    try:
        counts, vocabulary = saved_counts(arrays, about)
        table = unpacked_table(arrays["documents"]) if "documents" in arrays else pl.DataFrame()
        units = about.get("units", {})
        columns = {
            name: restored(table[name], units.get(name, ""))
            for name in table.columns
            if name in _COLUMNS or name.startswith(_METADATA)
        }
        texts: Any = table["texts"] if "texts" in table.columns else None
        return Corpus(
            counts,
            vocabulary,
            tokens=arrays.get("tokens"),
            offsets=arrays.get("offsets"),
            texts=texts,
            dropped=Dropped.from_dict(about["dropped"]),
            metadata={
                name.removeprefix(_METADATA): values
                for name, values in columns.items()
                if name.startswith(_METADATA)
            },
            **{name: columns[name] for name in _COLUMNS if name in columns},
        )
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise CheckpointError(
            f"{path}: does not hold a whole corpus ({in_one_line(error)}). "
            "Save it again or restore a copy."
        ) from None
