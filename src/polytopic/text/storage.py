"""A corpus as a folder: arrays in safetensors, strings in parquet, the rest in JSON."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from polytopic import io
from polytopic.errors import CheckpointError
from polytopic.text.corpus import Corpus
from polytopic.text.dropped import Dropped
from polytopic.text.periods import restored, unit_of
from polytopic.text.rules import TextRules
from polytopic.text.values import as_series
from polytopic.text.vocabulary import Vocabulary

__all__ = ["load_corpus", "save_corpus"]

KIND = "corpus"
_COLUMNS = ("labels", "ids", "dates")


def save_corpus(corpus: Corpus, path: str | Path) -> Path:
    """The work of :meth:`Corpus.save`."""
    arrays: dict[str, NDArray[Any]] = {
        "counts/indptr": corpus.counts.indptr,
        "counts/indices": corpus.counts.indices,
        "counts/data": corpus.counts.data,
        "vocabulary/counts": corpus.vocabulary.counts,
        "vocabulary/document_counts": corpus.vocabulary.document_counts,
        "terms": _packed({"terms": pl.Series(corpus.vocabulary.terms, dtype=pl.String)}),
    }
    if corpus.tokens is not None and corpus.offsets is not None:
        arrays |= {"tokens": corpus.tokens, "offsets": corpus.offsets}
    given = {
        name: values
        for name in ("texts", *_COLUMNS)
        if (values := getattr(corpus, name)) is not None
    }
    units = {name: unit_of(given[name]) for name in _COLUMNS if name in given}
    if given:
        arrays["documents"] = _packed({n: as_series(v, n) for n, v in given.items()})
    about = {
        "shape": list(corpus.counts.shape),
        "dropped": corpus.dropped.to_dict(),
        "units": {name: unit for name, unit in units.items() if unit},
    }
    if corpus.vocabulary.rules is not None:
        about["rules"] = corpus.vocabulary.rules.to_dict()
    return io.write_folder(path, KIND, arrays, about)


def load_corpus(path: str | Path) -> Corpus:
    """The work of :meth:`Corpus.load`."""
    arrays, about = io.read_folder(path, KIND)
    try:
        terms = _unpacked(arrays["terms"])["terms"].to_list()
        vocabulary = Vocabulary(
            terms,
            arrays["vocabulary/counts"],
            arrays["vocabulary/document_counts"],
            TextRules.from_dict(about["rules"]) if about.get("rules") else None,
        )
        counts = sparse.csr_matrix(
            (arrays["counts/data"], arrays["counts/indices"], arrays["counts/indptr"]),
            shape=tuple(about["shape"]),
        )
        counts.check_format(full_check=True)
        table = _unpacked(arrays["documents"]) if "documents" in arrays else pl.DataFrame()
        columns = {name: table[name] for name in _COLUMNS if name in table.columns}
        texts: Any = table["texts"] if "texts" in table.columns else None
        return Corpus(
            counts,
            vocabulary,
            tokens=arrays.get("tokens"),
            offsets=arrays.get("offsets"),
            texts=texts,
            dropped=Dropped.from_dict(about["dropped"]),
            **{
                name: restored(values, about.get("units", {}).get(name, ""))
                for name, values in columns.items()
            },
        )
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise CheckpointError(
            f"{path}: does not hold a whole corpus ({error}). Save it again or restore a copy."
        ) from None


def _packed(columns: dict[str, pl.Series]) -> NDArray[np.uint8]:
    buffer = BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8)


def _unpacked(packed: NDArray[Any]) -> pl.DataFrame:
    return pl.read_parquet(BytesIO(packed.tobytes()))
