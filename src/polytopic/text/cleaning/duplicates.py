"""Documents that repeat another, word for word or nearly, found by MinHash (Broder 1997).

Word for word: the same words in the same order. Nearly: of all runs of three words that one of the
two holds, both hold about four fifths. Signatures and buckets are those of rensa.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.text.counting import RawTokens, document_slices
from polytopic.text.dropped import Cleaned
from polytopic.text.tokens import run_hashes

__all__ = ["BANDS", "PERMUTATIONS", "SHORTEST", "SHORTEST_NEAR", "duplicates", "told", "without"]

SHORTEST = 5
"""Words from which on a document that another repeats is told: shorter ones ("great place") agree
by chance."""

SHORTEST_NEAR = 20
"""Words from which on a document is compared by its runs of three: shorter ones have too few."""

PERMUTATIONS, BANDS = 64, 8
"""Values of a signature, and the bands of which one has to agree: two documents that share nine
tenths are found in 99 of 100 cases, four fifths in 77, half in 3."""

_THRESHOLD = 0.8
"""What rensa would choose its bands for; they are given, and what they find is said there."""

_SEED = 0
"""Of the permutations: the same documents are found each time."""

_MIX = tuple(np.uint64(c) for c in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


def duplicates(raw: RawTokens) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Documents that repeat an earlier one word for word, and those that nearly do."""
    lengths = np.diff(raw.offsets)
    hashes = np.zeros(raw.n_documents, dtype=np.uint64)
    for first, last in document_slices(raw.offsets):
        base, end = raw.offsets[first], raw.offsets[last]
        held = first + np.flatnonzero(lengths[first:last])
        codes = np.concatenate([[0], raw.ids[base:end]]).astype(np.uint32) + np.uint32(1)
        at = raw.offsets[held] - base + 1
        hashes[held] = run_hashes(codes, at, at + lengths[held])
    long = np.flatnonzero(lengths >= SHORTEST)
    _, firsts = np.unique(hashes[long], return_index=True)
    exact = np.setdiff1d(long, long[firsts])
    return exact, _near(raw, np.setdiff1d(np.flatnonzero(lengths >= SHORTEST_NEAR), exact))


def _near(raw: RawTokens, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the documents that nearly repeat an earlier one of them."""
    from rensa import RMinHashLSH

    if len(rows) < 2:
        return np.zeros(0, dtype=np.int64)
    index, empty = (RMinHashLSH(_THRESHOLD, PERMUTATIONS, BANDS) for _ in range(2))
    found = [np.zeros(0, dtype=np.int64)]
    for first, last in document_slices(raw.offsets):
        inside = rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)]
        if not len(inside):
            continue
        digests = _digests(*_runs_of_three(raw, inside))
        alike = np.flatnonzero(empty.query_duplicate_flags_matrix_one_shot(digests))
        if len(alike):
            later = inside[alike[_later(_digests(*_runs_of_three(raw, inside[alike])))]]
            found.append(later)
            inside = np.setdiff1d(inside, later)
            digests = _digests(*_runs_of_three(raw, inside))
        known = index.insert_matrix_and_query_duplicate_flags(digests, int(inside[0]))
        found.append(inside[np.flatnonzero(known)])
    return np.unique(np.concatenate(found))


def _digests(runs: NDArray[np.uint64], bounds: NDArray[np.uint64]) -> Any:
    from rensa import RMinHash

    return RMinHash.digest_matrix_from_flat_token_hashes(runs, bounds, PERMUTATIONS, _SEED)


def _later(digests: Any) -> NDArray[np.bool_]:
    """Of documents that agree with one another: all but the first of each group."""
    signatures = np.array(digests.to_rows(), dtype=np.uint64)
    seen: set[tuple[int, bytes]] = set()
    later = np.zeros(len(signatures), dtype=np.bool_)
    for row, bands in enumerate(signatures.reshape(len(signatures), BANDS, -1)):
        keys = {(band, values.tobytes()) for band, values in enumerate(bands)}
        later[row] = bool(keys & seen)
        seen |= keys
    return later


def _runs_of_three(
    raw: RawTokens, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Hashes of the runs of three words of these documents, one after the other."""
    starts, ends = raw.offsets[rows], raw.offsets[rows + 1]
    base = int(starts[0])
    ids = raw.ids[base : ends[-1]].astype(np.uint64) + np.uint64(1)
    mixed = ids[:-2] * _MIX[0] + ids[1:-1] * _MIX[1] + ids[2:] * _MIX[2]
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[1]
    mixed ^= mixed >> np.uint64(32)
    lengths = ends - starts - 2
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    if bounds[-1] == len(mixed):
        return mixed, bounds.astype(np.uint64)
    places = np.arange(bounds[-1]) + np.repeat(starts - base - bounds[:-1], lengths)
    return mixed[places], bounds.astype(np.uint64)


def told(
    exact: NDArray[np.int64], near: NDArray[np.int64], *, dropped: bool
) -> tuple[Cleaned, ...]:
    """The account of what was found."""
    verb = "dropped" if dropped else "kept"
    return tuple(
        Cleaned(
            "drop_duplicates" if dropped else "duplicates",
            f"documents that {how} an earlier one ({verb})",
            len(rows),
            len(rows),
            tuple(f"row {row}" for row in rows[:3].tolist()),
        )
        for rows, how in ((exact, "repeat"), (near, "nearly repeat"))
        if len(rows)
    )


def without(raw: RawTokens, rows: NDArray[np.int64]) -> RawTokens:
    """The tokens with these documents empty."""
    keeps = np.ones(raw.n_documents, dtype=np.bool_)
    keeps[rows] = False
    stays = np.repeat(keeps, np.diff(raw.offsets))
    passed = np.concatenate([[0], np.cumsum(stays)])
    return replace(raw, ids=raw.ids[stays], offsets=passed[raw.offsets], lines=None)
