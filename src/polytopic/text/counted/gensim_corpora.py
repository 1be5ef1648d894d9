"""gensim's corpora: lists of (id, count) with a Dictionary, and files of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.errors import InputError, InputTypeError
from polytopic.io.matrix_files import COUNTS, read_matrix_market
from polytopic.io.opening import open_bytes
from polytopic.text.columns import as_list
from polytopic.text.corpus import Corpus

__all__ = ["read_gensim"]

_PICKLE = b"\x80"
"""How files begin that gensim's ``save`` writes: pickles, which can run code and are not read."""


def read_gensim(documents: Any, dictionary: Any, **columns: Any) -> Corpus:
    """The work of :meth:`Corpus.from_gensim`."""
    terms = _terms(dictionary)
    if isinstance(documents, str | Path):
        matrix = _market(Path(documents))
        rows, ids, values = matrix.row, matrix.col, matrix.data
        n_documents = matrix.shape[0]
    else:
        rows, ids, values, n_documents = _pairs(documents)
    known = np.array(sorted(terms), dtype=np.int64)
    places = np.searchsorted(known, ids).clip(max=len(known) - 1)
    strange = known[places] != ids
    if strange.any():
        first = int(strange.argmax())
        raise InputError(
            f"dictionary: has no term of the number {int(ids[first])}, which document "
            f"{int(rows[first])} holds. Pass the dictionary that the corpus was made with."
        )
    counts = sparse.coo_array((values, (rows, places)), shape=(n_documents, len(known)))
    return Corpus.from_counts(counts, [terms[number] for number in known.tolist()], **columns)


def _terms(dictionary: Any) -> dict[int, str]:
    """Number to term."""
    if dictionary is None:
        raise InputError(
            "dictionary: is missing; the corpus holds numbers of terms. Pass gensim's Dictionary, "
            "a dict of numbers to terms, or a file of dictionary.save_as_text."
        )
    if isinstance(dictionary, str | Path):
        return _read_dictionary(Path(dictionary))
    own = getattr(dictionary, "token2id", dictionary)
    if isinstance(own, Mapping):
        pairs = [(k, v) if isinstance(v, str) else (v, k) for k, v in own.items()]
    else:
        pairs = list(enumerate(as_list(own, "dictionary")))
    for number, term in pairs:
        whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not whole or not isinstance(term, str):
            raise InputTypeError(
                f"dictionary: holds {number!r:.40} and {term!r:.40}, not a number and a term. Pass "
                "gensim's Dictionary, or a dict of numbers to terms."
            )
    if not pairs:
        raise InputError("dictionary: holds no term. Pass the one the corpus was made with.")
    return {int(number): term for number, term in pairs}


def _read_dictionary(path: Path) -> dict[int, str]:
    """What ``Dictionary.save_as_text`` wrote: number, term and documents in a line."""
    with open_bytes(path, "a file of dictionary.save_as_text") as stream:
        content = stream.read()
    if content.startswith(_PICKLE):
        raise InputError(
            f"{path}: is a Python pickle, as gensim's save writes (never read: it can run code). "
            "Load it with gensim, and pass the Dictionary or dictionary.save_as_text(path)."
        )
    terms: dict[int, str] = {}
    for place, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) == 3 and fields[0].isdigit():
            terms[int(fields[0])] = fields[1]
        elif line.strip() and not (place == 1 and line.strip().isdigit()):
            raise InputError(
                f"{path}: line {place} is no number, term and number of documents with tabs "
                "between. Write it with dictionary.save_as_text(path)."
            )
    if not terms:
        raise InputError(f"{path}: holds no term. Write it with dictionary.save_as_text(path).")
    return terms


def _market(path: Path) -> Any:
    if path.suffix == ".index":
        raise InputError(f"{path}: is the index of a corpus. Name the .mm file beside it.")
    return sparse.coo_array(read_matrix_market(path, COUNTS)[0])


def _pairs(documents: Any) -> tuple[Any, Any, Any, int]:
    """Rows, numbers of terms and counts of each pair, and the number of documents."""
    if not isinstance(documents, Iterable):
        raise InputTypeError(
            f"documents: is of type {type(documents).__name__}. Pass lists of (number, count), as "
            "dictionary.doc2bow gives, or a path in .mm."
        )
    found: list[NDArray[np.float64]] = []
    for row, document in enumerate(documents):
        try:
            pairs = np.array(list(document), dtype=np.float64).reshape(-1, 2)
        except (TypeError, ValueError):
            raise InputError(
                f"documents: document {row} is no list of (number, count). Pass what "
                "dictionary.doc2bow gives; for words, Corpus.from_tokens."
            ) from None
        found.append(pairs)
    rows = np.repeat(np.arange(len(found)), [len(pairs) for pairs in found])
    both = np.concatenate(found) if found else np.empty((0, 2))
    return rows, both[:, 0].astype(np.int64), both[:, 1], len(found)
