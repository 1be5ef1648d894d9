"""Lines that stand in many documents: headings, menus, signatures, disclaimers.

Lines are compared by their words, so that case, punctuation, numbers and white space make no
difference; a line is known by a hash of its term ids, so that no text is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polytopic.text.counting import RawTokens, document_slices
from polytopic.text.dropped import Cleaned
from polytopic.text.phrases import ids_of_phrases
from polytopic.text.tokens import run_hashes

__all__ = [
    "FEWEST_DOCUMENTS",
    "SHARE",
    "SHORTEST_LINE",
    "fewest_documents",
    "hashes_of",
    "lines_by_document",
    "repeated_lines",
    "without_lines",
]

SHORTEST_LINE = 4
"""Words of a line from which on its repetition is no chance: people write "thanks in advance"
themselves, lines of four and more are copied."""

FEWEST_DOCUMENTS = 10
"""Documents that a line stands in before it is taken for boilerplate: twice the five that make a
word a term, so that one author's signature cannot become a topic."""

SHARE = 1e-4
"""The same as a share of the documents, for corpora so large that ten is chance."""


def repeated_lines(raw: RawTokens) -> NDArray[np.uint64]:
    """Hashes of the lines that stand in many documents, sorted."""
    distinct, documents = np.unique(lines_by_document(raw), return_counts=True)
    return distinct[documents >= fewest_documents(raw.n_documents)]


def fewest_documents(n_documents: int) -> int:
    """Documents, of so many, that a line must stand in to be taken for boilerplate."""
    return max(FEWEST_DOCUMENTS, int(np.ceil(SHARE * n_documents)))


def lines_by_document(raw: RawTokens) -> NDArray[np.uint64]:
    """The hash of each line that a document holds, once for each document."""
    if raw.lines is None or not len(raw.lines):
        return np.zeros(0, dtype=np.uint64)
    seen = []
    for first, last in document_slices(raw.offsets):
        hashes, _, _, rows = _lines(raw, first, last)
        order = np.lexsort((rows, hashes))
        hashes, rows = hashes[order], rows[order]
        again = (np.diff(hashes, prepend=0) == 0) & (np.diff(rows, prepend=-1) == 0)
        again[:1] = False
        seen.append(hashes[~again])
    return np.concatenate(seen)


def hashes_of(raw: RawTokens, lines: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of known lines (words divided by spaces), as far as the text has their words."""
    held = ids_of_phrases(raw.table, [tuple(line.split(" ")) for line in lines])
    ends = np.cumsum([len(ids) for ids in held], dtype=np.int64)
    if not len(ends):
        return np.zeros(0, dtype=np.uint64)
    flat = np.array([id_ for ids in held for id_ in ids], dtype=np.int32)
    return np.unique(_hashes(flat, np.concatenate([[0], ends[:-1]]), ends))


def without_lines(
    raw: RawTokens, wanted: NDArray[np.uint64]
) -> tuple[RawTokens, Cleaned, tuple[str, ...]]:
    """The tokens without the lines of these hashes, the account, and the lines themselves."""
    account = Cleaned("repeated_lines", "lines that stand in many documents")
    if not len(wanted):
        return raw, account, ()
    stays = np.ones(len(raw.ids), dtype=np.bool_)
    spelt: dict[int, str] = {}
    pieces = documents = 0
    for first, last in document_slices(raw.offsets):
        hashes, starts, ends, rows = _lines(raw, first, last)
        place = np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)
        gone = np.flatnonzero(wanted[place] == hashes)
        if not len(gone):
            continue
        pieces += len(gone)
        documents += len(np.unique(rows[gone]))
        for line in gone.tolist():
            stays[starts[line] : ends[line]] = False
            if int(place[line]) not in spelt:
                words = raw.table.strings(raw.ids[starts[line] : ends[line]])
                spelt[int(place[line])] = " ".join(words)
    passed = np.concatenate([[0], np.cumsum(stays)])
    account = replace(
        account, documents=documents, pieces=pieces, examples=tuple(list(spelt.values())[:3])
    )
    kept = replace(raw, ids=raw.ids[stays], offsets=passed[raw.offsets], lines=None)
    return kept, account, tuple(sorted(spelt.values()))


def _lines(
    raw: RawTokens, first: int, last: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Hashes, starts, ends and documents of the lines, of documents that have several."""
    assert raw.lines is not None
    bounds = raw.offsets[first : last + 1]
    low, high = np.searchsorted(raw.lines, [bounds[0], bounds[-1]])
    starts = np.concatenate([bounds[:-1], raw.lines[low:high]])
    starts.sort()
    starts = starts[np.diff(starts, prepend=-1) > 0]
    ends = np.append(starts[1:], bounds[-1])
    rows = np.searchsorted(bounds, starts, side="right") - 1
    several = np.bincount(rows, minlength=1)[rows] > 1
    fit = several & (ends - starts >= SHORTEST_LINE)
    starts, ends, rows = starts[fit], ends[fit], rows[fit] + first
    ids = raw.ids[bounds[0] : bounds[-1]]
    return _hashes(ids, starts - bounds[0], ends - bounds[0]), starts, ends, rows


def _hashes(
    ids: NDArray[np.int32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    codes = np.concatenate([[0], ids]).astype(np.uint32) + np.uint32(1)
    return run_hashes(codes, starts + 1, ends + 1)
