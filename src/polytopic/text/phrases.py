"""N-gram terms: collocations found in the corpus, and known ones joined in new text.

Found by repeated passes over neighbouring pairs (Mikolov et al., NIPS 2013, section 4); joined
from left to right, the longest n-gram first, alike in the corpus they are found in and in new text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.text.counting import Growing, RawTokens, TermStrings, document_slices
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "Collocations",
    "find_collocations",
    "ids_of_phrases",
    "join_known",
    "join_ngrams",
]

_DEFAULT_THRESHOLDS = {"npmi": 0.5, "mikolov": 100.0}


@dataclass(frozen=True, kw_only=True)
class Collocations:
    """How n-gram terms are found.

    With n_a, n_b, n_ab the counts of two neighbouring units and of the pair, and N tokens in all:

    - ``"npmi"``: ln(n_ab N / (n_a n_b)) / -ln(n_ab / N), in -1 to 1 (Bouma, GSCL 2009);
    - ``"mikolov"``: (n_ab - min_count) N / (n_a n_b) (Mikolov et al., NIPS 2013, eq. 6, times N as
      in their word2phrase).

    Attributes
    ----------
    max_length : int
        Most words in an n-gram.
    score : "npmi" or "mikolov"
    threshold : float, optional
        Pairs that score at least this are joined. By default .5 for npmi and 100 for mikolov.
    min_count : int
        Least number of occurrences of a pair.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    max_length: int = 3
    score: str = "npmi"
    threshold: float | None = None
    min_count: int = 10

    def __post_init__(self) -> None:
        if self.score not in _DEFAULT_THRESHOLDS:
            raise InputError(f'ngrams: no score "{self.score}". Choose "npmi" or "mikolov".')
        if self.max_length < 2:
            raise InputError(
                f"ngrams: max_length is {self.max_length}. Give 2 or more, or ngrams=None for none."
            )
        if self.min_count < 1:
            raise InputError(f"ngrams: min_count is {self.min_count}. Give 1 or more.")
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise InputError(f"ngrams: threshold is {self.threshold}. Give a finite number.")

    @property
    def limit(self) -> float:
        """The threshold in force."""
        return _DEFAULT_THRESHOLDS[self.score] if self.threshold is None else self.threshold

    def scores(
        self,
        pairs: NDArray[np.int64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        n_tokens: int,
    ) -> NDArray[np.float64]:
        """Scores of pairs that occur ``pairs`` times, of units that occur ``left``, ``right``."""
        ratio = n_tokens / (left.astype(np.float64) * right)
        if self.score == "mikolov":
            return (pairs - self.min_count) * ratio
        return np.log(pairs * ratio) / np.maximum(-np.log(pairs / n_tokens), 1e-12)


def find_collocations(
    raw: RawTokens, stop_ids: NDArray[np.int32], settings: Collocations
) -> list[tuple[int, ...]]:
    """The n-grams of a corpus as tuples of raw ids, in order of discovery.

    Stop words end an n-gram; n-grams stay within a document.
    """
    words: list[tuple[int, ...]] = []
    n_words = raw.table.size
    units = raw.ids.astype(np.int64)
    last = np.zeros(len(units), dtype=np.bool_)
    last[raw.offsets[1:][np.diff(raw.offsets) > 0] - 1] = True
    sizes = [1] * n_words
    joinable = np.ones(n_words, dtype=np.bool_)
    joinable[stop_ids] = False
    known: dict[tuple[int, ...], int] = {}
    for _ in range(settings.max_length - 1):
        accepted = _accepted_pairs(units, last, joinable, np.array(sizes), settings)
        if not len(accepted):
            break
        names = []
        for a, b in accepted.tolist():
            parts = tuple(
                part
                for unit in (a, b)
                for part in ((unit,) if unit < n_words else words[unit - n_words])
            )
            if parts not in known:
                known[parts] = n_words + len(words)
                words.append(parts)
                sizes.append(len(parts))
            names.append(known[parts])
        joinable = np.concatenate([joinable, np.ones(len(sizes) - len(joinable), dtype=np.bool_)])
        units, last = _join_pairs(units, last, accepted, np.array(names))
    used = np.unique(units[units >= n_words]) - n_words
    return [words[place] for place in used]


def _accepted_pairs(
    units: NDArray[np.int64],
    last: NDArray[np.bool_],
    joinable: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    settings: Collocations,
) -> NDArray[np.int64]:
    """Pairs of units that score high enough, shape (n, 2), in rising order."""
    n_units = len(joinable)
    totals = np.bincount(units, minlength=n_units)
    able = joinable & (totals >= settings.min_count)
    left, right = units[:-1], units[1:]
    fit = able[left] & able[right] & ~last[:-1]
    fit &= sizes[left] + sizes[right] <= settings.max_length
    keys = left[fit] * n_units + right[fit]
    keys.sort()
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.diff(first, append=len(keys))
    keys = keys[first]
    often = counts >= settings.min_count
    keys, counts = keys[often], counts[often]
    a, b = keys // n_units, keys % n_units
    high = settings.scores(counts, totals[a], totals[b], len(units)) >= settings.limit
    return np.stack([a[high], b[high]], axis=1)


def _join_pairs(
    units: NDArray[np.int64],
    last: NDArray[np.bool_],
    accepted: NDArray[np.int64],
    names: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Replace accepted pairs by their names, from left to right."""
    base = int(max(units.max(), accepted.max())) + 1
    keys = accepted[:, 0] * base + accepted[:, 1]
    here = units[:-1] * base + units[1:]
    place = np.minimum(np.searchsorted(keys, here), len(keys) - 1)
    at = np.flatnonzero((keys[place] == here) & ~last[:-1])
    starts = at[_alternate(at)]
    joined = units.copy()
    joined[starts] = names[place[starts]]
    stays = np.ones(len(units), dtype=np.bool_)
    stays[starts + 1] = False
    ends = last.copy()
    ends[starts] = last[starts + 1]
    return joined[stays], ends[stays]


def _alternate(at: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Of runs of overlapping pairs, the first, third, fifth and so on."""
    if not len(at):
        return np.zeros(0, dtype=np.bool_)
    fresh = np.diff(at, prepend=at[0] - 2) > 1
    begin = np.flatnonzero(fresh)
    position = np.arange(len(at)) - np.repeat(begin, np.diff(begin, append=len(at)))
    every_other: NDArray[np.bool_] = position % 2 == 0
    return every_other


class _JoinedTable:
    """Spells the terms of a table and the n-grams made of them."""

    def __init__(self, table: TermStrings, ngrams: Sequence[tuple[int, ...]]) -> None:
        self._table = table
        parts = table.strings(
            np.array([part for ngram in ngrams for part in ngram], dtype=np.int64)
        )
        spelt = iter(parts)
        self.ngrams = ["_".join(next(spelt) for _ in ngram) for ngram in ngrams]
        self._positions = {term: table.size + n for n, term in enumerate(self.ngrams)}

    @property
    def size(self) -> int:
        return self._table.size + len(self.ngrams)

    def strings(self, ids: NDArray[np.integer]) -> list[str]:
        inner = self._table.size
        plain = np.flatnonzero(ids < inner)
        words = [self.ngrams[id_ - inner] if id_ >= inner else "" for id_ in ids.tolist()]
        for place, word in zip(plain.tolist(), self._table.strings(ids[plain]), strict=True):
            words[place] = word
        return words

    def find_strings(self, words: Sequence[str]) -> NDArray[np.int32]:
        found = self._table.find_strings(words)
        for place in np.flatnonzero(found < 0).tolist():
            found[place] = self._positions.get(words[place], -1)
        return found


def join_known(raw: RawTokens, vocabulary: Vocabulary) -> RawTokens:
    """Make the n-gram terms of a vocabulary ("new_york") one term wherever their words meet."""
    return join_ngrams(raw, ids_of_phrases(raw.table, vocabulary.ngrams))[0]


def ids_of_phrases(table: TermStrings, phrases: Sequence[tuple[str, ...]]) -> list[tuple[int, ...]]:
    """The ids of the words of those phrases whose words a table holds, all of them."""
    flat = iter(table.find_strings([word for phrase in phrases for word in phrase]).tolist())
    found = [tuple(next(flat) for _ in phrase) for phrase in phrases]
    return [ids for ids in found if ids and min(ids) >= 0]


def join_ngrams(
    raw: RawTokens, ngrams: Sequence[tuple[int, ...]]
) -> tuple[RawTokens, NDArray[np.int32]]:
    """Make each n-gram (a tuple of raw ids) one term; also returns the ids of the n-grams."""
    if not ngrams:
        return raw, np.zeros(0, dtype=np.int32)
    table, names = name_ngrams(raw.table, ngrams)
    return replace(join_named(raw, ngrams, names), table=table), names


def name_ngrams(
    table: TermStrings, ngrams: Sequence[tuple[int, ...]]
) -> tuple[TermStrings, NDArray[np.int32]]:
    """A table that spells these n-grams too, and their ids in it."""
    joined = _JoinedTable(table, ngrams)
    return joined, joined.find_strings(joined.ngrams)


def join_named(
    raw: RawTokens, ngrams: Sequence[tuple[int, ...]], names: NDArray[np.int32]
) -> RawTokens:
    """Put the id of each n-gram in its place; the table stays as it is."""
    trie = _Trie(ngrams, names, raw.table.size)
    joined = Growing()
    lengths = np.zeros(raw.n_documents, dtype=np.int64)
    for first, last in document_slices(raw.offsets):
        bounds = raw.offsets[first : last + 1]
        ids = raw.ids[bounds[0] : bounds[-1]].copy()
        starts, sizes, names = trie.matches(ids, bounds - bounds[0])
        ids[starts] = names
        covered = np.zeros(len(ids) + 1, dtype=np.int32)
        np.add.at(covered, starts + 1, 1)
        np.add.at(covered, starts + sizes, -1)
        mask = np.cumsum(covered)[:-1] == 0
        kept = np.concatenate([[0], np.cumsum(mask)])
        lengths[first:last] = np.diff(kept[bounds - bounds[0]])
        joined.append(ids[mask])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = joined.finish()
    return replace(raw, ids=tokens, offsets=offsets)


class _Trie:
    """All n-grams as paths; an edge is (node, word) -> node, kept as sorted keys."""

    def __init__(
        self, ngrams: Sequence[tuple[int, ...]], names: NDArray[np.int32], n_words: int
    ) -> None:
        edges: dict[tuple[int, int], int] = {}
        ends: dict[int, int] = {}
        for ngram, name in zip(ngrams, names.tolist(), strict=True):
            node = 0
            for word in ngram:
                node = edges.setdefault((node, word), len(edges) + 1)
            ends[node] = name
        self._n_words = n_words
        keys = np.array([node * n_words + word for node, word in edges], dtype=np.int64)
        order = np.argsort(keys)
        self._keys = keys[order]
        self._targets = np.fromiter(edges.values(), dtype=np.int64)[order]
        self._names = np.full(len(edges) + 1, -1, dtype=np.int32)
        self._names[list(ends)] = list(ends.values())
        self._starts = np.zeros(n_words, dtype=np.bool_)
        self._starts[[ngram[0] for ngram in ngrams]] = True
        self._longest = max(map(len, ngrams))

    def matches(
        self, ids: NDArray[np.int32], bounds: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int32]]:
        """Where n-grams begin, how long they are and their ids: leftmost, then longest."""
        at = np.flatnonzero(self._starts[ids])
        ends = bounds[np.searchsorted(bounds, at, side="right")]
        sizes = np.zeros(len(at), dtype=np.int64)
        names = np.full(len(at), -1, dtype=np.int32)
        alive = np.arange(len(at))
        nodes = np.zeros(len(at), dtype=np.int64)
        for depth in range(self._longest):
            inside = at[alive] + depth < ends[alive]
            alive, nodes = alive[inside], nodes[inside]
            keys = nodes * self._n_words + ids[at[alive] + depth]
            place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            found = self._keys[place] == keys
            alive, nodes = alive[found], self._targets[place[found]]
            ended = self._names[nodes] >= 0
            sizes[alive[ended]] = depth + 1
            names[alive[ended]] = self._names[nodes[ended]]
        held = sizes > 0
        return _without_overlaps(at[held], sizes[held], names[held])


def _without_overlaps(
    at: NDArray[np.intp], sizes: NDArray[np.int64], names: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int32]]:
    chosen, free = [], 0
    for number, (start, size) in enumerate(zip(at.tolist(), sizes.tolist(), strict=True)):
        if start >= free:
            chosen.append(number)
            free = start + size
    places = np.array(chosen, dtype=np.intp)
    return at[places], sizes[places], names[places]
