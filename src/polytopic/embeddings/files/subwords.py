"""fastText's vector of a word: the mean of its own row and those of its character n-grams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["bracketed", "gram_rows", "ngram_rows", "word_hashes", "word_means"]

Bytes = NDArray[np.uint8]

_OFFSET, _PRIME = np.uint32(2166136261), np.uint32(16777619)
"""FNV-1a of 32 bits, as in fastText's Dictionary::hash."""

_SIGN = np.uint32(0xFFFFFF00)
"""fastText extends each byte by its sign before it is mixed in."""


@compiled(inline="always")
def _mixed(hashed: np.uint32, letter: np.uint8) -> np.uint32:
    """The hash with one more byte."""
    byte = np.uint32(letter)
    if byte >= 128:
        byte |= _SIGN
    return np.uint32((hashed ^ byte) * _PRIME)


@compiled()
def ngram_rows(
    word: Bytes, shortest: int, longest: int, bucket: int, n_words: int, rows: NDArray[np.int64]
) -> int:
    """Rows of the n-grams of ``<word>``, in fastText's order; returns how many.

    Lengths count UTF-8 characters; a single bracket is none. An n-gram's row is its 32-bit FNV-1a
    hash, each byte sign-extended, modulo ``bucket`` (fastText, dictionary.cc, computeSubwords).
    """
    found = 0
    size = len(word)
    for begin in range(size):
        if word[begin] & 0xC0 == 0x80:
            continue
        hashed = _OFFSET
        at = begin
        for length in range(1, longest + 1):
            if at >= size:
                break
            while True:
                hashed = _mixed(hashed, word[at])
                at += 1
                if at >= size or word[at] & 0xC0 != 0x80:
                    break
            if length >= shortest and not (length == 1 and (begin == 0 or at == size)):
                rows[found] = n_words + np.int64(hashed) % bucket
                found += 1
    return found


@compiled()
def word_means(
    words: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    whole: int,
    shortest: int,
    longest: int,
    bucket: int,
    matrix: NDArray[np.float32],
    means: NDArray[np.float32],
) -> None:
    """Write the vector of each word.

    Parameters
    ----------
    words : uint8 array
        Word i, with its brackets, is ``words[starts[i]:ends[i]]``.
    whole : int
        The word that has no n-grams (the end of a sentence), or -1.
    matrix : float32 array of shape (V + bucket, E)
    means : float32 array of shape (V, E), written
    """
    n_words, dim = means.shape
    longest_word = 0
    for word in range(n_words):
        longest_word = max(longest_word, ends[word] - starts[word])
    rows = np.empty(longest_word * max(longest, 1), dtype=np.int64)
    total = np.empty(dim, dtype=np.float64)
    for word in range(n_words):
        found = 0
        if word != whole and bucket > 0:
            text = words[starts[word] : ends[word]]
            found = ngram_rows(text, shortest, longest, bucket, n_words, rows)
        for column in range(dim):
            total[column] = matrix[word, column]
        for place in range(found):
            for column in range(dim):
                total[column] += matrix[rows[place], column]
        for column in range(dim):
            means[word, column] = total[column] / (found + 1)


@compiled()
def gram_rows(
    words: Bytes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    shortest: int,
    longest: int,
    bucket: int,
    bounds: NDArray[np.int64],
) -> NDArray[np.int32]:
    """The buckets of the n-grams of each word, one word after another; ``bounds`` is written.

    Word i, with its brackets, is ``words[starts[i]:ends[i]]``; its buckets, 0 to ``bucket`` - 1,
    are those from ``bounds[i]`` to ``bounds[i + 1]``.
    """
    most = 0
    for word in range(len(starts)):
        most = max(most, ends[word] - starts[word])
    rows = np.empty(most * max(longest, 1), dtype=np.int64)
    bounds[0] = 0
    for word in range(len(starts)):
        text = words[starts[word] : ends[word]]
        found = ngram_rows(text, shortest, longest, bucket, 0, rows)
        bounds[word + 1] = bounds[word] + found
    grams = np.empty(bounds[len(starts)], dtype=np.int32)
    for word in range(len(starts)):
        text = words[starts[word] : ends[word]]
        ngram_rows(text, shortest, longest, bucket, 0, rows)
        for place in range(bounds[word + 1] - bounds[word]):
            grams[bounds[word] + place] = rows[place]
    return grams


def bracketed(raw: Sequence[bytes]) -> tuple[Bytes, NDArray[np.int64], NDArray[np.int64]]:
    """The words with ``<`` and ``>`` around them, joined; where each starts and ends."""
    whole = [b"<%b>" % word for word in raw]
    ends = np.cumsum([len(word) for word in whole], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
    return np.frombuffer(b"".join(whole), dtype=np.uint8), starts, ends


def word_hashes(words: Sequence[str]) -> NDArray[np.int32]:
    """fastText's hash of whole words, as the signed numbers that it adds up."""
    raw = [word.encode("utf-8") for word in words]
    ends = np.cumsum([len(word) for word in raw], dtype=np.int64)
    hashes = np.empty(len(raw), dtype=np.uint32)
    _hash_words(np.frombuffer(b"".join(raw), dtype=np.uint8), ends, hashes)
    return hashes.view(np.int32)


@compiled()
def _hash_words(text: Bytes, ends: NDArray[np.int64], hashes: NDArray[np.uint32]) -> None:
    """FNV-1a of each word: ``text`` from the end of the one before to its own."""
    at = 0
    for word in range(len(ends)):
        hashed = _OFFSET
        for place in range(at, ends[word]):
            hashed = _mixed(hashed, text[place])
        hashes[word] = hashed
        at = ends[word]
