"""Build a corpus from texts, token lists or counts: options, checks, and the order of the steps."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from polytopic.errors import InputError, TextWarning
from polytopic.machine import hand_back_memory, resolve_threads
from polytopic.text.cleaning import REPEATED_LINES, Cleaner
from polytopic.text.cleaning.together import clean_together
from polytopic.text.columns import as_list, as_texts, each_list, each_text
from polytopic.text.corpus import Corpus
from polytopic.text.counting import (
    Growing,
    RawTokens,
    ahead,
    count_pairs,
    document_slices,
    encode_texts,
    encode_words,
)
from polytopic.text.doubts import clause_note, empty_note, language_note
from polytopic.text.dropped import Cleaned, Tally
from polytopic.text.halves import halves_note
from polytopic.text.junk import without_junk
from polytopic.text.options import Splitter, TextOptions
from polytopic.text.roles import dates_given
from polytopic.text.rules import TextRules
from polytopic.text.selection import Selection, match_terms, select_terms
from polytopic.text.stopping import stop_terms, words_as_given, words_by_rule
from polytopic.text.terms import StringTable
from polytopic.text.values import as_column
from polytopic.text.vocabulary import Vocabulary

__all__ = [
    "build_from_counts",
    "build_from_texts",
    "build_from_tokens",
    "count_terms",
    "refuse_no_terms",
    "refuse_nothing",
]

_MANY_TOKENS = 1 << 18
"""Words whose table takes memory that is worth the time of handing it back."""


def build_from_texts(
    texts: Any,
    options: TextOptions,
    *,
    labels: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    dates: ArrayLike | None = None,
) -> Corpus:
    """The work of :meth:`Corpus.from_texts`."""
    texts = as_texts(texts)
    if options.keep_texts and isinstance(texts, Iterator):
        texts = list(texts)
    columns = _columns(texts, labels=labels, ids=ids, dates=dates)
    n_threads = resolve_threads(options.n_threads)
    rule = options.word_rule()
    splitter = options.splitter(rule)
    stop_list, stop_name = options.stop_list()
    steps, known_lines = options.cleaning()
    cleaner = Cleaner(steps)
    halves: list[int] = []
    cleaned = cleaner(each_text(texts, halves=halves))
    if splitter is None:
        raw = encode_texts(cleaned, rule, n_threads, lines=REPEATED_LINES in steps)
    else:
        prepared = (rule.prepare(text) for text in cleaned)
        raw = without_junk(encode_words(_split(prepared, splitter)), options.known_vocabulary())
    raw, together, lines = clean_together(raw, steps, known_lines)
    raw, stop_ids, phrases = stop_terms(raw, stop_list, words_by_rule(rule, splitter))
    own = phrases if options.stop_words != "language" else ()
    rules = TextRules(
        language=options.named_language,
        clean=steps,
        repeated_lines=lines,
        stop_phrases=own,
        lowercase=rule.lowercase,
        token_pattern=options.pattern,
        ngrams=options.joins,
        tokenizer=options.tokenizer is not None,
    )
    plain = splitter is None and not rule.sklearn
    join = plain or options.joins
    selected = _select(raw, stop_ids, options, join=join, rules=rules)
    account = (*cleaner.account(), *together)
    corpus = _finish(*selected, stop_name, options, account, cleaner.emptied)
    corpus.dropped = replace(corpus.dropped, notes=(*corpus.dropped.notes, *halves_note(halves)))
    kept = None if isinstance(texts, Iterator) or not options.keep_texts else texts
    if kept is not None and halves:
        kept = list(each_text(kept))
    return corpus.with_columns(**columns, texts=kept)


def build_from_tokens(
    token_lists: Iterable[Sequence[str]],
    options: TextOptions,
    *,
    labels: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    dates: ArrayLike | None = None,
) -> Corpus:
    """The work of :meth:`Corpus.from_tokens`."""
    if isinstance(token_lists, str | bytes):
        raise InputError("token_lists: is a single str. Pass D lists of str, or use from_texts.")
    each = each_list(token_lists, "token_lists")
    columns = _columns(token_lists, labels=labels, ids=ids, dates=dates)
    stop_list, stop_name = options.stop_list()
    raw = encode_words((words, False) for words in each)
    raw = without_junk(raw, options.known_vocabulary(), punctuation=False)
    raw, stop_ids, _ = stop_terms(raw, stop_list, words_as_given)
    selected = _select(raw, stop_ids, options, join=options.ngrams is not None)
    corpus = _finish(*selected, stop_name, options)
    return corpus.with_columns(**columns)


def build_from_counts(
    counts: Any,
    terms: Vocabulary | Sequence[str],
    *,
    labels: ArrayLike | None = None,
    ids: ArrayLike | None = None,
    dates: ArrayLike | None = None,
    texts: Sequence[str] | None = None,
) -> Corpus:
    """The work of :meth:`Corpus.from_counts`."""
    from polytopic.counts import as_counts

    matrix = as_counts(counts).astype(np.int32)
    if isinstance(terms, Vocabulary):
        vocabulary = terms
    else:
        totals = np.asarray(matrix.sum(axis=0, dtype=np.int64)).ravel()
        documents = np.bincount(matrix.indices[matrix.data > 0], minlength=matrix.shape[1])
        listed = as_list(terms, "terms")
        if len(listed) != matrix.shape[1]:
            raise InputError(
                f"terms: {len(listed)} for {matrix.shape[1]} columns of counts. Give one a column."
            )
        vocabulary = Vocabulary(listed, totals, documents)
    corpus = Corpus(matrix, vocabulary)
    return corpus.with_columns(labels=labels, ids=ids, dates=dates, texts=texts)


def _columns(documents: Any, **given: Any) -> dict[str, Any]:
    """The columns, refused before the documents are read where their number is known."""
    n_documents = len(documents) if hasattr(type(documents), "__len__") else None
    dates = given.pop("dates")
    columns = {name: as_column(values, name, n_documents) for name, values in given.items()}
    return {**columns, "dates": None if dates is None else dates_given(dates, n_documents)}


def _select(
    raw: RawTokens,
    stop_ids: NDArray[np.int32],
    options: TextOptions,
    *,
    join: bool,
    rules: TextRules | None = None,
) -> tuple[RawTokens, Selection]:
    """Make n-gram terms and choose the terms that stay.

    Collocations that the rules on terms drop are dissolved into their words again, so that the
    vocabulary alone says how new text is to be joined.
    """
    limits, n_threads = options.limits, resolve_threads(options.n_threads)
    vocabulary, collocations = options.known_vocabulary(), options.collocations()
    if raw.n_documents == 0:
        raise InputError("texts: there are no documents. Pass at least one.")
    if vocabulary is not None:
        if join:
            from polytopic.text.phrases import join_known

            raw = join_known(raw, vocabulary)
        return raw, match_terms(raw, stop_ids, vocabulary)
    refuse_nothing(raw.n_documents, int(raw.blank.sum()), len(raw.ids))
    if collocations is None:
        selection = select_terms(raw, stop_ids, limits, n_threads, rules)
        refuse_no_terms(selection)
        return raw, selection
    from polytopic.text.phrases import find_collocations, join_ngrams

    ngrams = find_collocations(raw, stop_ids, collocations)
    while True:
        joined, ids = join_ngrams(raw, ngrams)
        selection = select_terms(joined, stop_ids, limits, n_threads, rules)
        stay = selection.columns[ids] >= 0
        if stay.all():
            refuse_no_terms(selection)
            return joined, selection
        ngrams = [ngram for ngram, stays in zip(ngrams, stay, strict=True) if stays]


def _finish(
    raw: RawTokens,
    selection: Selection,
    stop_name: str,
    options: TextOptions,
    cleaned: tuple[Cleaned, ...] = (),
    emptied: int = 0,
) -> Corpus:
    """Counts and the record of what was dropped, with what makes one doubt it."""
    doubts = [clause_note(raw) or language_note(raw, options)]
    raw.table = StringTable()  # The terms are chosen: their table makes room for the counts.
    if len(raw.ids) > _MANY_TOKENS:
        hand_back_memory()
    no_words = raw.no_words
    columns, n_terms = selection.columns, len(selection.vocabulary)
    n_threads = resolve_threads(options.n_threads)
    counts, offsets, tokens = count_terms(raw, columns, n_terms, n_threads)
    dropped = selection.dropped
    lengths = np.diff(offsets)
    dropped = replace(
        dropped,
        documents=len(lengths),
        empty_documents=int(raw.blank.sum()),
        documents_without_terms=int(((lengths == 0) & ~raw.blank).sum()),
        tokens_kept=len(tokens),
        cleaned=cleaned,
        emptied=emptied,
        no_words=Tally(len(no_words), sum(no_words.values())),
        no_word_examples=tuple(Counter(no_words).most_common(3)),
        rules={**dropped.rules, **({"stop_words": stop_name} if stop_name else {})},
    )
    doubts = [note for note in (*doubts, empty_note(dropped)) if note]
    for note in doubts:
        warnings.warn(note, TextWarning, stacklevel=4)
    dropped = replace(dropped, notes=(*dropped.notes, *doubts))
    return Corpus(counts, selection.vocabulary, tokens=tokens, offsets=offsets, dropped=dropped)


def count_terms(
    raw: RawTokens, columns_of: NDArray[np.int32], n_terms: int, n_threads: int
) -> tuple[sparse.csr_matrix, NDArray[np.int64], NDArray[np.int32]]:
    """Counts and the kept tokens; the raw tokens are overwritten from the left as they are read.

    ``columns_of``: the column of each raw id, of ``n_terms``; -1 for those that go.
    """
    indices, data = Growing(), Growing()
    lengths = np.zeros(raw.n_documents, dtype=np.int64)
    per_row = np.zeros(raw.n_documents, dtype=np.int64)

    def count(bounds: tuple[int, int]) -> tuple[tuple[int, int], Any, Any, Any]:
        first, last = bounds
        start, end = raw.offsets[first], raw.offsets[last]
        columns = columns_of[raw.ids[start:end]]
        kept = columns >= 0
        passed = np.concatenate([[0], np.cumsum(kept)])
        kept_lengths = np.diff(passed[raw.offsets[first : last + 1] - start])
        columns = columns[kept]
        return bounds, columns, kept_lengths, count_pairs(columns, kept_lengths, n_terms)

    used = 0
    for (first, last), columns, kept_lengths, (terms, counts, distinct) in ahead(
        count, document_slices(raw.offsets), n_threads
    ):
        raw.ids[used : used + len(columns)] = columns
        used += len(columns)
        lengths[first:last] = kept_lengths
        per_row[first:last] = distinct
        indices.append(terms)
        data.append(counts)
    tokens = raw.ids
    tokens.resize(used, refcheck=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    indptr = np.concatenate([[0], np.cumsum(per_row)])
    if indptr[-1] < np.iinfo(np.int32).max:
        indptr = indptr.astype(np.int32)
    matrix: sparse.csr_matrix = sparse.csr_matrix(
        (data.finish(), indices.finish(), indptr), shape=(raw.n_documents, n_terms), copy=False
    )
    matrix.has_sorted_indices = True
    matrix.has_canonical_format = True
    return matrix, offsets, tokens


def _split(texts: Iterable[str], splitter: Splitter) -> Iterator[tuple[Any, bool]]:
    for text in texts:
        yield splitter(text), not text or text.isspace()


def refuse_nothing(n_documents: int, n_blank: int, n_tokens: int) -> None:
    if n_blank == n_documents:
        raise InputError(
            f"texts: all {n_documents} documents are empty. Check which column or field "
            "holds the text."
        )
    if not n_tokens:
        raise InputError(
            f"texts: no words were found in {n_documents} documents. A word has two letters or "
            "more; pass tokenizer= for languages without spaces, or another token_pattern=. Lines "
            "that stand in many documents are cleaned away: clean=None (--clean none) keeps them."
        )


def refuse_no_terms(selection: Selection) -> None:
    if len(selection.vocabulary):
        return
    dropped, rules = selection.dropped, selection.dropped.rules
    remedy = {
        "stop_words": "Pass stop_words=None or a shorter list",
        "below_min_df": f"Lower min_df (it is {rules['min_df']} documents)",
        "above_max_df": f"Raise max_df (it is {rules['max_df']} documents; max_df=1.0 keeps all)",
    }
    taken = {name: getattr(dropped, name).tokens for name in remedy}
    counted = ", ".join(f"{name} took {n:,} tokens" for name, n in taken.items() if n)
    worst = max(taken, key=lambda name: taken[name])
    raise InputError(
        f"texts: no term is left of {dropped.tokens:,} tokens: {counted}. {remedy[worst]}."
    )
