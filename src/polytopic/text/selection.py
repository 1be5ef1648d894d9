"""Which terms stay: stop words, document frequencies, the vocabulary cap, a given vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.text.counting import RawTokens, TermStrings, ahead, count_pairs, document_slices
from polytopic.text.dropped import Dropped, Tally
from polytopic.text.rules import TextRules
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "Frequencies",
    "Limits",
    "Selection",
    "choose_terms",
    "frequencies",
    "match_terms",
    "select_terms",
]

_N_EXAMPLES = 10
"""Terms that were never seen, shown of those that stand most often."""


@dataclass(frozen=True)
class Limits:
    """The rules on terms, as given: int = documents, float = share of the documents, None = auto.

    ``min_df`` None means 5, relaxed for few documents; ``max_df`` None means half of the documents,
    relaxed for few; ``max_terms`` None means no cap.
    """

    min_df: int | float | None = None
    max_df: int | float | None = None
    max_terms: int | None = 30_000

    def __post_init__(self) -> None:
        for name, value in (("min_df", self.min_df), ("max_df", self.max_df)):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"{name}: is {value!r}. Give a number of documents or a share.")
            if isinstance(value, float) and not 0.0 <= value <= 1.0:
                raise InputError(f"{name}: is {value}. A share of the documents lies in 0 to 1.")
            if value < 0:
                raise InputError(f"{name}: is {value}. Give 0 or more documents.")
        if self.max_terms is not None and self.max_terms < 1:
            raise InputError(f"max_terms: is {self.max_terms}. Give 1 or more, or None for no cap.")

    def resolve(self, n_documents: int) -> tuple[float, float, str]:
        """Smallest and largest document frequency, and what to tell of a relaxed rule.

        Raises
        ------
        InputError
            If the smallest exceeds the largest.
        """
        note = ""
        low = _documents(self.min_df, n_documents)
        if low is None:
            low = next((df for most, df in ((20, 1), (200, 2), (1000, 3)) if n_documents < most), 5)
            if low < 5:
                note = f" (relaxed from 5 for {n_documents:,} documents)"
        high = _documents(self.max_df, n_documents)
        if high is None:
            high = 0.5 * n_documents if n_documents >= 20 else float(n_documents)
        if low > high:
            raise InputError(
                f"min_df: {low:g} documents is more than max_df, {high:g} documents "
                f"(of {n_documents:,}). Lower min_df or raise max_df."
            )
        return low, high, note


def _documents(limit: int | float | None, n_documents: int) -> float | None:
    return limit * n_documents if isinstance(limit, float) else limit


@dataclass(frozen=True)
class Frequencies:
    """Tokens and documents of each raw term, shape (n,) each."""

    tokens: NDArray[np.int64]
    documents: NDArray[np.int64]


@dataclass(frozen=True)
class Selection:
    """The terms that stay: ``columns`` maps raw ids to columns, -1 for those that go."""

    columns: NDArray[np.int32]
    vocabulary: Vocabulary
    dropped: Dropped


def frequencies(raw: RawTokens, n_threads: int) -> Frequencies:
    """Count tokens and documents of each raw term."""
    n_terms = raw.table.size
    step = max(1 << 17, n_terms)
    lengths = np.diff(raw.offsets)

    def terms_of(bounds: tuple[int, int]) -> NDArray[np.int32]:
        first, last = bounds
        ids = raw.ids[raw.offsets[first] : raw.offsets[last]]
        return count_pairs(ids, lengths[first:last], n_terms)[0]

    tokens = np.zeros(n_terms, dtype=np.int64)
    for start in range(0, len(raw.ids), step):
        tokens += np.bincount(raw.ids[start : start + step], minlength=n_terms)
    documents = np.zeros(n_terms, dtype=np.int64)
    waiting: list[NDArray[np.int32]] = []
    for terms in ahead(terms_of, document_slices(raw.offsets), n_threads):
        waiting.append(terms)
        if sum(map(len, waiting)) >= step:
            documents += np.bincount(np.concatenate(waiting), minlength=n_terms)
            waiting = []
    if waiting:
        documents += np.bincount(np.concatenate(waiting), minlength=n_terms)
    return Frequencies(tokens, documents)


def select_terms(
    raw: RawTokens,
    stop_ids: NDArray[np.int32],
    limits: Limits,
    n_threads: int,
    rules: TextRules | None = None,
) -> Selection:
    """Apply the rules in their order: stop words, min_df, max_df, max_terms.

    ``rules``: how the text was read, which the vocabulary keeps.

    Raises
    ------
    InputError
        If no term is left; the message says which rule took most tokens.
    """
    size = raw.n_documents, len(raw.ids)
    return choose_terms(frequencies(raw, n_threads), raw.table, size, stop_ids, limits, rules)


def choose_terms(
    seen: Frequencies,
    table: TermStrings,
    size: tuple[int, int],
    stop_ids: NDArray[np.int32],
    limits: Limits,
    rules: TextRules | None = None,
) -> Selection:
    """:func:`select_terms` where the frequencies are known; ``size``: documents and tokens."""
    n_documents, n_tokens = size
    low, high, note = limits.resolve(n_documents)
    left = seen.tokens > 0
    stopped = np.zeros_like(left)
    stopped[stop_ids] = True
    taken: dict[str, Tally] = {}
    for name, rule in (
        ("stop_words", stopped),
        ("below_min_df", seen.documents < low),
        ("above_max_df", seen.documents > high),
    ):
        gone = left & rule
        taken[name] = _tally(gone, seen)
        left &= ~rule
    ids = np.flatnonzero(left)
    terms = table.strings(ids)
    by_name = np.array(sorted(range(len(ids)), key=terms.__getitem__), dtype=np.intp)
    order = by_name[np.argsort(-seen.tokens[ids[by_name]], kind="stable")]
    cap = len(order) if limits.max_terms is None else limits.max_terms
    beyond = np.zeros_like(left)
    beyond[ids[order[cap:]]] = True
    taken["beyond_max_terms"] = _tally(beyond, seen)
    order = order[:cap]
    columns = np.full(len(left), -1, dtype=np.int32)
    columns[ids[order]] = np.arange(len(order), dtype=np.int32)
    kept = ids[order]
    vocabulary = Vocabulary(
        [terms[place] for place in order], seen.tokens[kept], seen.documents[kept], rules
    )
    applied: dict[str, Any] = {
        "min_df": _plain(low),
        "max_df": _plain(high),
        "max_terms": limits.max_terms,
    }
    if note:
        applied["min_df_note"] = note
    dropped = Dropped(
        tokens=n_tokens,
        rules=applied,
        stop_words=taken["stop_words"],
        below_min_df=taken["below_min_df"],
        above_max_df=taken["above_max_df"],
        beyond_max_terms=taken["beyond_max_terms"],
    )
    return Selection(columns, vocabulary, dropped)


def match_terms(raw: RawTokens, stop_ids: NDArray[np.int32], vocabulary: Vocabulary) -> Selection:
    """Map raw ids to the columns of a given vocabulary; what it lacks is counted and told."""
    tokens = np.bincount(raw.ids, minlength=raw.table.size)
    columns = _columns_of(raw, vocabulary)
    left = (columns < 0) & (tokens > 0)
    stopped = np.zeros_like(left)
    stopped[stop_ids] = True
    stopped &= left
    unseen = np.flatnonzero(left & ~stopped)
    most = unseen[np.argsort(-tokens[unseen], kind="stable")[: 4 * _N_EXAMPLES]]
    pairs = zip(raw.table.strings(most), tokens[most].tolist(), strict=True)
    examples = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    seen = Frequencies(tokens, tokens)
    dropped = Dropped(
        tokens=len(raw.ids),
        stop_words=_tally(stopped, seen),
        unseen=_tally(left & ~stopped, seen),
        unseen_examples=tuple(examples[:_N_EXAMPLES]),
        rules={"vocabulary": "given"},
    )
    return Selection(columns, vocabulary, dropped)


def _columns_of(raw: RawTokens, vocabulary: Vocabulary) -> NDArray[np.int32]:
    """The column of each raw id, -1 for none: asked for from the side that has fewer words."""
    if raw.table.size < len(vocabulary):
        words = raw.table.strings(np.arange(raw.table.size))
        return vocabulary.columns(words)
    found = raw.table.find_strings(vocabulary.terms)
    columns = np.full(raw.table.size, -1, dtype=np.int32)
    columns[found[found >= 0]] = np.flatnonzero(found >= 0)
    return columns


def _tally(gone: NDArray[np.bool_], seen: Frequencies) -> Tally:
    return Tally(int(gone.sum()), int(seen.tokens[gone].sum()))


def _plain(limit: float) -> int | float:
    return int(limit) if float(limit).is_integer() else limit
