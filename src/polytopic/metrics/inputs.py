"""What the metrics accept as topics and as reference text, brought into one form each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import as_matrix, counts_in
from polytopic.errors import InputError
from polytopic.kernels.arrays import check_ids, check_offsets, refuse_masked
from polytopic.mapped_counts import MappedCounts, row_blocks
from polytopic.text.columns import each_list, held

__all__ = [
    "Word",
    "codes_of_columns",
    "codes_of_tokens",
    "column_codes",
    "counts_of",
    "distinct",
    "has_order",
    "read_documents",
    "terms_of",
    "top_columns",
    "top_terms",
]

_DOCUMENTS = 1 << 17
"""Documents of a part: enough for every thread that counts."""

Word = Hashable
"""A word of a topic: a term (str), or the column of a term (int) where no vocabulary is known."""


def terms_of(vocabulary: Any) -> list[str] | None:
    """The terms of a Vocabulary or of a plain sequence of str, in column order."""
    if vocabulary is None:
        return None
    terms = getattr(vocabulary, "terms", vocabulary)
    if isinstance(terms, str) or not all(isinstance(term, str) for term in terms):
        raise InputError(
            "vocabulary: holds something else than str. Pass the terms in column order."
        )
    return list(terms)


def top_terms(topics: Any, n: int, vocabulary: Any = None) -> list[list[Word]]:
    """The first ``n`` words of each of K topics.

    Parameters
    ----------
    topics : K lists of str or of column numbers, float array of shape (K, V), or an object with
        a method ``top_words(n)`` (a TopicResult or a fitted model).
    n : int
        Words a topic.
    vocabulary : Vocabulary or sequence of V str, optional
        Gives columns their terms; without it the words of an array are its column numbers.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise InputError(f"n: is {n!r}. A metric of topics needs at least the top 2 words.")
    terms = terms_of(vocabulary)
    if hasattr(topics, "top_words"):
        listed = [list(topic) for topic in topics.top_words(int(n))]
    elif isinstance(topics, np.ndarray) and np.issubdtype(topics.dtype, np.floating):
        listed = top_columns(topics, int(n), terms)
    else:
        listed = _listed(topics)
    if not listed:
        raise InputError("topics: there are none. Pass at least one topic.")
    return [_checked(topic, index, int(n), terms) for index, topic in enumerate(listed)]


def _listed(topics: Any) -> list[list[Word]]:
    if isinstance(topics, str) or not isinstance(topics, Iterable):
        raise InputError(
            f"topics: is a {type(topics).__name__}. Pass lists of words, an array of shape "
            "(n_topics, n_terms) or a fitted model."
        )
    listed: list[list[Word]] = []
    for index, topic in enumerate(topics):
        if isinstance(topic, str) or not isinstance(topic, Iterable):
            raise InputError(
                f"topics: topic {index} is a {type(topic).__name__}. "
                "Pass each topic as a list of words."
            )
        listed.append(list(topic))
    return listed


def top_columns(
    topic_word: NDArray[Any], n: int, terms: list[str] | None = None
) -> list[list[Word]]:
    """Columns of the ``n`` largest entries of each row, largest first; of equals the first."""
    if topic_word.ndim != 2 or topic_word.shape[0] == 0:
        raise InputError(
            f"topics: shape {topic_word.shape}. Pass an array of shape (n_topics, n_terms)."
        )
    if not np.isfinite(topic_word).all():
        raise InputError(
            "topics: the array holds NaN or infinite values. Pass a fitted topic_word."
        )
    n_terms = topic_word.shape[1]
    if terms is not None and len(terms) != n_terms:
        raise InputError(
            f"vocabulary: has {len(terms)} terms, topics has {n_terms} columns. "
            "Pass the vocabulary the model was fitted with."
        )
    if n > n_terms:
        raise InputError(f"n: is {n}, but topics has {n_terms} terms. Pass n={n_terms} or less.")
    listed: list[list[Word]] = []
    for row in topic_word:
        candidates = np.flatnonzero(row >= np.partition(row, n_terms - n)[n_terms - n])
        listed.append(candidates[np.argsort(-row[candidates], kind="stable")[:n]].tolist())
    return listed


def _checked(topic: list[Word], index: int, n: int, terms: list[str] | None) -> list[Word]:
    if len(topic) < 2:
        raise InputError(
            f"topics: topic {index} has {len(topic)} words. A topic needs at least two."
        )
    if n > len(topic):
        raise InputError(
            f"topics: topic {index} has {len(topic)} words, n={n} asks for more. "
            f"Pass n={len(topic)} or longer lists."
        )
    words = [_as_word(word, index, terms) for word in topic[:n]]
    if len(set(words)) < n:
        twice = next(word for word in words if words.count(word) > 1)
        raise InputError(f"topics: topic {index} names {twice!r} twice. List each word once.")
    return words


def _as_word(word: Word, index: int, terms: list[str] | None) -> Word:
    if isinstance(word, str):
        return word
    if isinstance(word, bool) or not isinstance(word, int | np.integer):
        kind = type(word).__name__
        raise InputError(
            f"topics: topic {index} holds a {kind}. "
            "Words are str, or int columns of the vocabulary."
        )
    column = int(word)
    if column < 0 or (terms is not None and column >= len(terms)):
        size = "the columns start at 0" if terms is None else f"there are {len(terms)} terms"
        raise InputError(
            f"topics: topic {index} names column {column}, but {size}. "
            "Pass ids of the vocabulary given."
        )
    return column if terms is None else terms[column]


def counts_of(documents: Any, name: str = "counts") -> sparse.csr_matrix:
    """The counts of a Corpus, or of a dense or sparse array of shape (D, V), as CSR.

    Raises
    ------
    InputError
        If it is no matrix of finite counts of at least zero, or holds no document.
    """
    matrix: Any = counts_in(documents)
    refuse_masked(matrix, name)
    if isinstance(matrix, MappedCounts):
        matrix = matrix.tocsr()
    if not sparse.issparse(matrix):
        matrix = np.asarray(matrix)
        if matrix.ndim != 2 or not np.issubdtype(matrix.dtype, np.number):
            raise InputError(
                f"{name}: is no matrix of numbers. "
                "Pass a Corpus or counts of shape (n_docs, n_terms)."
            )
    csr = as_matrix(matrix, name)
    if csr.shape[0] == 0:
        raise InputError(f"{name}: holds no document. Pass at least one.")
    if csr.data.size and not (np.isfinite(csr.data).all() and csr.data.min() >= 0):
        raise InputError(f"{name}: holds NaN, infinite or negative values. Pass counts of terms.")
    return csr


def has_order(text: Any) -> bool:
    """Whether a text knows the order of its words: a Corpus of texts or token lists, not counts."""
    if text is None or _is_matrix(text):
        return False
    if hasattr(text, "token_parts"):  # in shards: nothing is read to know
        return True
    return getattr(text, "tokens", None) is not None or not hasattr(text, "counts")


def _is_matrix(text: Any) -> bool:
    numbers = isinstance(text, np.ndarray) and text.dtype.kind not in "OUT"
    return numbers or sparse.issparse(text) or isinstance(text, MappedCounts)


def read_documents(
    reference: Any, words: Sequence[Word], vocabulary: Any, *, ordered: bool
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """The reference in parts: codes of ``words`` (-1 for any other) and document offsets (D + 1).

    ``ordered``: the order of the tokens matters, so counts will not do.
    """
    own = held(reference, "vocabulary")
    if own is not None and ordered and has_order(reference):
        lookup = column_codes(words, terms_of(own), len(own))
        for tokens, offsets in _token_parts(reference, len(own)):
            yield codes_of_tokens(lookup, tokens), offsets
        return
    if own is not None or _is_matrix(reference):
        if ordered:
            raise InputError(
                "reference: holds counts, and a sliding window needs the order of the words. "
                "Pass a Corpus or lists of tokens, or window=None."
            )
        given = counts_in(reference)
        counts = given if isinstance(given, MappedCounts) else counts_of(reference, "reference")
        terms = terms_of(vocabulary if own is None else own)
        lookup = column_codes(words, terms, counts.shape[1])
        for _, block in row_blocks(counts, _DOCUMENTS):
            yield codes_of_columns(lookup, block)
        return
    yield _read_tokens(reference, words)


def codes_of_tokens(lookup: NDArray[np.int32], tokens: NDArray[np.int32]) -> NDArray[np.int32]:
    """The code of each token by that of its column; -1 for those that have none."""
    codes = np.where(tokens >= 0, lookup[tokens], np.int32(-1))
    return codes.astype(np.int32, copy=False)


def codes_of_columns(
    lookup: NDArray[np.int32], counts: sparse.csr_matrix
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The codes of the terms that each document holds, and where each begins."""
    if counts.data.size and counts.data.min() == 0:
        counts = counts.copy()
        counts.eliminate_zeros()
    return lookup[counts.indices], counts.indptr.astype(np.int64)


def _token_parts(
    reference: Any, n_terms: int
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """The checked tokens and offsets of a Corpus, of one in shards a shard at a time."""
    if hasattr(reference, "token_parts"):  # checked when they were mapped
        yield from reference.token_parts()
        return
    tokens = check_ids(reference.tokens, n_terms, "reference.tokens", lowest=-1)
    offsets = check_offsets(reference.offsets, len(tokens), "reference.offsets")
    for first in range(0, max(1, len(offsets) - 1), _DOCUMENTS):
        bounds = offsets[first : first + _DOCUMENTS + 1]
        yield tokens[bounds[0] : bounds[-1]], bounds - bounds[0]


def column_codes(words: Sequence[Word], terms: list[str] | None, width: int) -> NDArray[np.int32]:
    """For each column of the reference the code of its word, or -1."""
    if terms is not None and len(terms) != width:
        raise InputError(
            f"vocabulary: has {len(terms)} terms, reference has {width} columns. "
            "Pass the vocabulary the reference was counted with."
        )
    codes = np.full(width, -1, dtype=np.int32)
    columns = None if terms is None else {term: column for column, term in enumerate(terms)}
    for code, word in enumerate(words):
        if isinstance(word, str):
            if columns is None:
                raise InputError(
                    "vocabulary: is missing. Topics name terms and the reference has columns; "
                    "pass vocabulary= with the terms in column order."
                )
            column = columns.get(word, -1)
        else:
            column = int(word)  # type: ignore[call-overload]
            if column >= width:
                raise InputError(
                    f"topics: names column {column}, reference has {width} columns. "
                    "Pass the counts the model was fitted on."
                )
        if column >= 0:
            codes[column] = code
    return codes


def _read_tokens(
    reference: Any, words: Sequence[Word]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    if isinstance(reference, str) or not isinstance(reference, Iterable):
        raise InputError(
            f"reference: is a {type(reference).__name__}. Pass a Corpus, counts of shape "
            "(n_docs, n_terms) or lists of tokens."
        )
    if not all(isinstance(word, str) for word in words):
        raise InputError(
            "vocabulary: is missing. Topics hold columns and the reference holds tokens; "
            "pass vocabulary= with the terms in column order."
        )
    code_of = {word: code for code, word in enumerate(words)}.get
    parts: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for index, document in enumerate(each_list(reference, "reference")):
        if isinstance(document, str) or not isinstance(document, Iterable):
            raise InputError(
                f"reference: document {index} is a {type(document).__name__}. "
                "Pass lists of tokens; Corpus.from_texts tokenises raw text."
            )
        tokens = document if isinstance(document, Sequence) else list(document)
        parts.append(np.fromiter(map(code_of, tokens, repeat(-1)), np.int32, len(tokens)))
        lengths.append(len(tokens))
    codes = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
    return codes, offsets


def distinct(topics: Iterable[Iterable[Word]]) -> list[Word]:
    """The words of all topics, each once, in order of first mention."""
    return list(dict.fromkeys(chain.from_iterable(topics)))
