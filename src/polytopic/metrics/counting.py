"""How often words, and pairs of words of one topic, occur in the documents or windows of a text.

Only the words of the topics are counted, and only the pairs that stand in one topic together, so
nothing of size V x V is made. A word's windows are held as intervals of window positions; the
windows of a pair are the overlap of two such lists.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["Pairs", "WindowCounts", "count", "pairs_of"]

TOKENS_PER_THREAD = 100_000
"""Texts shorter than this are not worth another thread."""


@dataclass(frozen=True)
class Pairs:
    """The unordered pairs of words that stand in one topic together.

    ``first`` and ``second`` hold P word codes each (first < second); ``of_topics``, of shape
    (K, n, n), holds the index of the pair of each two places of a topic, -1 on the diagonal.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    of_topics: NDArray[np.int64]


@dataclass(frozen=True)
class WindowCounts:
    """In how many of ``windows`` windows (or documents) each word and each pair occurs."""

    words: NDArray[np.int64]
    pairs: NDArray[np.int64]
    windows: int

    @classmethod
    def none(cls, n_words: int, n_pairs: int) -> WindowCounts:
        """Of no documents."""
        return cls(np.zeros(n_words, np.int64), np.zeros(n_pairs, np.int64), 0)

    def __add__(self, other: WindowCounts) -> WindowCounts:
        return WindowCounts(
            self.words + other.words, self.pairs + other.pairs, self.windows + other.windows
        )


def pairs_of(topics: NDArray[np.int64], n_words: int) -> Pairs:
    """List the pairs of ``topics``, word codes below ``n_words`` of shape (K, n)."""
    n_topics, n = topics.shape
    left, right = np.triu_indices(n, 1)
    low = np.minimum(topics[:, left], topics[:, right])
    high = np.maximum(topics[:, left], topics[:, right])
    keys, inverse = np.unique(low * n_words + high, return_inverse=True)
    of_topics = np.full((n_topics, n, n), -1, dtype=np.int64)
    of_topics[:, left, right] = of_topics[:, right, left] = inverse.reshape(n_topics, -1)
    first, second = np.divmod(keys, n_words)
    return Pairs(first.astype(np.int32), second.astype(np.int32), of_topics)


def count(
    codes: NDArray[np.int32],
    offsets: NDArray[np.int64],
    pairs: Pairs,
    n_words: int,
    *,
    window: int | None,
    exact: bool,
    n_threads: int | None = None,
) -> WindowCounts:
    """Count words and pairs over documents (``window=None``) or sliding windows of tokens.

    Parameters
    ----------
    codes : int32 array
        The tokens of all documents: the code of a topic word, or -1.
    offsets : int64 array of shape (D + 1,)
        Document ``d`` is ``codes[offsets[d]:offsets[d + 1]]``.
    window : int or None
        Tokens in a window; a shorter document is one window. None: a document is one window.
    exact : bool
        False: a word counts as gone once an occurrence of it leaves the window, even while another
        one stays (gensim); True: it counts for as long as the window holds it.
    n_threads : int or None
        None: one a processor.
    """
    if offsets.size == 1:
        return WindowCounts.none(n_words, len(pairs.first))
    starts = np.searchsorted(pairs.first, np.arange(n_words + 1)).astype(np.int64)
    width = 0 if window is None else window
    edges = _chunks(offsets, n_threads)

    def run(chunk: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        first, last = edges[chunk], edges[chunk + 1]
        found: tuple[NDArray[np.int64], NDArray[np.int64], int] = _count_windows(
            codes, offsets, first, last, width, exact, starts, pairs.second
        )
        return found

    if len(edges) == 2:
        parts = [run(0)]
    else:
        with ThreadPoolExecutor(len(edges) - 1) as pool:
            parts = list(pool.map(run, range(len(edges) - 1)))
    return WindowCounts(
        words=np.sum([part[0] for part in parts], axis=0),
        pairs=np.sum([part[1] for part in parts], axis=0),
        windows=sum(part[2] for part in parts),
    )


def _chunks(offsets: NDArray[np.int64], n_threads: int | None) -> NDArray[np.int64]:
    """Documents at which one thread's share ends and the next one's begins; sums are integers,
    so the number of shares never changes a result."""
    total = int(offsets[-1] - offsets[0])
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parts = max(1, min(n_threads or cpus, total // TOKENS_PER_THREAD))
    targets = offsets[0] + total * np.arange(1, parts) // parts
    inner = np.searchsorted(offsets, targets)
    return np.concatenate([[0], inner, [len(offsets) - 1]]).astype(np.int64)


@compiled()
def _count_windows(codes, offsets, first, last, width, exact, partner_starts, partners):  # type: ignore[no-untyped-def]
    n_words = partner_starts.size - 1
    word_windows = np.zeros(n_words, np.int64)
    pair_windows = np.zeros(partners.size, np.int64)
    n_windows = 0
    longest = 1
    for document in range(first, last):
        longest = max(longest, offsets[document + 1] - offsets[document])
    places = np.empty(longest, np.int64)  # where the document's topic words stand, word by word
    begins = np.empty(longest, np.int64)  # the windows that hold them: intervals [begin, end)
    ends = np.empty(longest, np.int64)
    present = np.empty(n_words, np.int64)  # the topic words of the document
    occurrences = np.zeros(n_words, np.int64)
    heads = np.zeros(n_words, np.int64)  # a word's share of places, begins and ends: its start
    tails = np.zeros(n_words, np.int64)  # and its end

    for document in range(first, last):
        tokens = codes[offsets[document] : offsets[document + 1]]
        windows = max(1, tokens.size - width + 1) if width > 0 else 1
        n_windows += windows
        n_present = _gather(tokens, present, occurrences, heads, tails, places)
        for index in range(n_present):
            word = present[index]
            tail = _intervals(places, heads[word], tails[word], width, windows, exact, begins, ends)
            tails[word] = tail
            for span in range(heads[word], tail):
                word_windows[word] += ends[span] - begins[span]
        for index in range(n_present):
            word = present[index]
            for pair in range(partner_starts[word], partner_starts[word + 1]):
                other = partners[pair]
                if occurrences[other] > 0:
                    pair_windows[pair] += _overlap(
                        begins, ends, heads[word], tails[word], heads[other], tails[other]
                    )
        for index in range(n_present):
            occurrences[present[index]] = 0
    return word_windows, pair_windows, n_windows


@compiled()
def _gather(tokens, present, occurrences, heads, tails, places):  # type: ignore[no-untyped-def]
    """List the topic words of a document and, word by word, the places where they stand."""
    n_present = 0
    for token in tokens:
        if token >= 0:
            if occurrences[token] == 0:
                present[n_present] = token
                n_present += 1
            occurrences[token] += 1
    head = 0
    for index in range(n_present):
        word = present[index]
        heads[word] = tails[word] = head
        head += occurrences[word]
    for place in range(tokens.size):
        word = tokens[place]
        if word >= 0:
            places[tails[word]] = place
            tails[word] += 1
    return n_present


@compiled()
def _intervals(places, head, tail, width, windows, exact, begins, ends):  # type: ignore[no-untyped-def]
    """Turn the places of a word into disjoint intervals of windows; return the last one's end."""
    if width == 0:
        begins[head], ends[head] = 0, 1
        return head + 1
    top = head
    leaving = head
    for which in range(head, tail):
        begin = max(places[which] - width + 1, 0)
        if exact:
            leaving = which
        else:
            while places[leaving] + 1 <= begin:
                leaving += 1
        end = min(places[leaving] + 1, windows)
        if top > head and begin <= ends[top - 1]:
            ends[top - 1] = end  # ends only grow
        else:
            begins[top], ends[top] = begin, end
            top += 1
    return top


@compiled()
def _overlap(begins, ends, left, left_end, right, right_end):  # type: ignore[no-untyped-def]
    """Number of windows in both of two lists of disjoint ascending intervals."""
    total = 0
    while left < left_end and right < right_end:
        total += max(min(ends[left], ends[right]) - max(begins[left], begins[right]), 0)
        if ends[left] < ends[right]:
            left += 1
        else:
            right += 1
    return total
