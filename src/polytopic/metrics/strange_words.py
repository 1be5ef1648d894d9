"""Topics of placeholders, as ``[UNK]`` and ``__num__`` are, and of another language or script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.counts import holds_terms
from polytopic.mapped_counts import MappedCounts
from polytopic.text.languages import languages_of_words
from polytopic.text.stopwords import languages_listed

__all__ = ["foreign_topics", "is_placeholder", "placeholder_topics"]

BLOCK = 8192
"""Documents read at once."""

OWN_LANGUAGE = 0.5
"""Share of the documents from which on a language is the corpus's own: most are written in it."""

_BRACKETED = re.compile(r"\[\w*[^\W\d]\w*\]|<[/|]?\w*[^\W\d]\w*[/|]?>|\{\w*[^\W\d]\w*\}|__\w+__")
_NAMED = re.compile(
    r"_?(unk|oov)_?"
    r"|_(num|number|digit|digits|url|user|mention|hashtag|email|date|time|money|percent|name)_"
)
"""Single underscores are emphasis in plain text (``_not_``), so only what preprocessors write."""

_ONE_WRITING = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK"}
"""Japanese mixes these within one text."""


def is_placeholder(term: str) -> bool:
    """Whether a term stands for what a preprocessor or tokenizer took away.

    >>> [is_placeholder(term) for term in ("[UNK]", "__num__", "<url>", "unk", "[1]", "_not_")]
    [True, True, True, True, False, False]
    """
    found = _BRACKETED.fullmatch(term) or _NAMED.fullmatch(term.lower())
    return found is not None


def placeholder_topics(
    beta: NDArray[np.floating], terms: Sequence[str], top: NDArray[np.int64], share: float
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Topics of placeholders, and which of these they list, commonest first.

    A topic is one if placeholders are at least ``share`` of its top words ``top`` (K, n), or of the
    probability of these: a single ``[UNK]`` can be most of a topic.
    """
    columns = np.unique(top)
    named = np.array([column for column in columns if is_placeholder(str(terms[column]))])
    found = np.isin(top, named)
    weights = np.take_along_axis(beta, top, axis=1).astype(np.float64)
    held = (weights * found).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-300)
    topics = np.flatnonzero(found.any(axis=1) & (np.maximum(held, found.mean(axis=1)) >= share))
    uses = Counter(top[topics][found[topics]].tolist())
    words = tuple(str(terms[column]) for column, _ in uses.most_common())
    return tuple(topics.tolist()), words


def foreign_topics(
    terms: Sequence[str],
    counts: sparse.csr_matrix | MappedCounts,
    top: NDArray[np.int64],
    share: float,
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Topics of a language or script that is not the corpus's, and the name of it for each.

    At least ``share`` of a topic's top words ``top`` (K, n) are stop words of one language, of no
    other more, and most documents are not written in it: a document's language is that of which it
    holds most stop words. So it is found where the stop words of one language were taken out and
    those of another stayed. Words of another script than most tokens have need no list.
    """
    languages = {
        topic: names
        for topic, row in enumerate(top)
        if (names := _leading([terms[column] for column in row], share))
    }
    own = _own_languages(terms, counts) if languages else frozenset()
    found = {topic: " or ".join(n) for topic, n in languages.items() if own.isdisjoint(n)}
    scripts = [_script_of([terms[column] for column in row], share) for row in top]
    if len(set(scripts) - {None}) > 1:
        usual = _usual_script(terms, counts)
        for topic, script in enumerate(scripts):
            if script not in (None, usual):
                found.setdefault(topic, f"{script} script")
    topics = tuple(sorted(found))
    return topics, tuple(found[topic] for topic in topics)


@lru_cache(maxsize=1)
def _languages_of_words() -> dict[str, tuple[str, ...]]:
    """Stop word to the names of the languages that list it."""
    names = {code: name.capitalize() for code, name in languages_listed().items()}
    return {
        word: tuple(names[code] for code in codes) for word, codes in languages_of_words().items()
    }


def _leading(words: Iterable[str], share: float) -> tuple[str, ...]:
    """The languages of which most of the words are stop words, if at least a share is."""
    listed, words = _languages_of_words(), list(words)
    uses = Counter(name for word in words for name in listed.get(word.lower(), ()))
    most = max(uses.values(), default=0)
    if most < max(share * len(words), 1):
        return ()
    return tuple(sorted(name for name, count in uses.items() if count == most))


def _own_languages(
    terms: Sequence[str], counts: sparse.csr_matrix | MappedCounts
) -> frozenset[str]:
    listed = _languages_of_words()
    names = sorted({name for languages in listed.values() for name in languages})
    places = {name: place for place, name in enumerate(names)}
    pairs = [
        (column, places[name])
        for column, term in enumerate(terms)
        for name in listed.get(str(term).lower(), ())
    ]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    listing = sparse.csr_matrix(
        (np.ones(len(rows)), (rows, columns)), shape=(len(terms), len(names))
    )
    leads = np.zeros(len(names))
    for start in range(0, counts.shape[0], BLOCK):
        held = sparse.csr_matrix(counts[start : start + BLOCK], dtype=np.float64)
        held.data = (held.data > 0).astype(np.float64)
        words = (held @ listing).toarray()
        most = words.max(axis=1, keepdims=True)
        leads += ((words == most) & (most > 0)).sum(axis=0)
    needed = max(OWN_LANGUAGE * holds_terms(counts).sum(), 1)
    return frozenset(names[place] for place in np.flatnonzero(leads >= needed))


@lru_cache(maxsize=1 << 16)
def _script(word: str) -> str | None:
    """The script of a word's first letter, as Unicode names it; None without letters."""
    letter = next((c for c in word if c.isalpha()), None)
    if letter is None:
        return None
    name = unicodedata.name(letter, "").split(" ")[0]
    return _ONE_WRITING.get(name, name) or None


def _script_of(words: Sequence[str], share: float) -> str | None:
    uses = Counter(_script(str(word)) for word in words)
    script, count = uses.most_common(1)[0]
    return None if script is None or count < share * len(words) else _told(script)


def _usual_script(terms: Sequence[str], counts: sparse.csr_matrix | MappedCounts) -> str | None:
    """The script of most tokens."""
    totals = np.asarray(counts.sum(axis=0)).ravel()
    tokens: Counter[str] = Counter()
    for term, total in zip(terms, totals.tolist(), strict=True):
        script = _script(str(term))
        if script is not None:
            tokens[script] += total
    return _told(tokens.most_common(1)[0][0]) if tokens else None


def _told(script: str) -> str:
    return script if script == "CJK" else script.capitalize()
