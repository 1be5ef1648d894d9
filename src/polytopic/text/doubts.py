"""What makes one doubt that the terms of a text are its words: told, never silent."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from polytopic.text.counting import RawTokens
from polytopic.text.dropped import Dropped
from polytopic.text.segmenting import HAN, KANA, OTHER_SPACELESS, SEGMENTED, THAI

__all__ = ["clause_note", "clause_note_of", "empty_note"]

_SAMPLE = 2_000
"""Tokens looked at, evenly over the text."""

_SHARE = 0.1
"""Share of tokens in such a script from which on it is told: below, they are quotations."""

_FEW_DOCUMENTS = 20
"""Fewer documents may all lack terms by chance."""

_SCRIPTS = {
    "ja": (KANA, 5.0),
    "zh": (HAN, 4.5),
    "th": (THAI, 10.0),
    **{code: (script, 10.0) for code, (_, script) in OTHER_SPACELESS.items()},
}
"""Scripts without spaces, and the mean length from which on tokens are clauses: words have 1.5 to
2.5 Chinese characters, 2 to 3 kana, 4 to 5 letters of Thai; clauses have 7 to 10, and 20 to 40."""

_ANY = re.compile(f"[{''.join(script for script, _ in _SCRIPTS.values())}]+")


def clause_note(raw: RawTokens) -> str:
    """One sentence if many tokens are clauses of a script without spaces, else ""."""
    if not len(raw.ids):
        return ""
    places = np.unique(np.linspace(0, len(raw.ids) - 1, _SAMPLE).astype(np.int64))
    ids, inverse = np.unique(raw.ids[places], return_inverse=True)
    terms = raw.table.strings(ids)
    return _note([terms[place] for place in inverse.tolist()])


def clause_note_of(
    counts: NDArray[np.int64], strings: Callable[[NDArray[np.int64]], list[str]], remedy: str
) -> str:
    """The same for words of which counts are known; ``strings`` spells them.

    ``remedy``: what to do.
    """
    ends = np.cumsum(counts)
    if not len(ends) or not ends[-1]:
        return ""
    places = np.unique(np.linspace(0, ends[-1] - 1, _SAMPLE).astype(np.int64))
    rows, inverse = np.unique(np.searchsorted(ends, places, side="right"), return_inverse=True)
    words = strings(rows)
    return _note([words[place] for place in inverse.tolist()], remedy)


def _note(tokens: list[str], remedy: str = "") -> str:
    found = [run for t in tokens if (run := max(_ANY.findall(t), key=len, default=""))]
    share = len(found) / len(tokens)
    if share < _SHARE:
        return ""
    length = sum(map(len, found)) / len(found)
    language = _language_of("".join(found))
    if length < _SCRIPTS[language][1]:
        return ""
    example = max((run for run in found if len(run) <= 12), key=len, default=found[0][:12])
    segmented = SEGMENTED.get(language)
    name = segmented.name if segmented else OTHER_SPACELESS[language][0]
    if not remedy and segmented:
        remedy = (
            f'Give language="{language}" (--language {language}, which needs pip install '
            f"'polytopic[{language}]'), or a tokenizer."
        )
    elif not remedy:
        remedy = (
            "Divide its words by spaces or U+200B, or pass tokenizer=, a function from text to "
            "words; there is no segmenter for it here."
        )
    return (
        f"terms look like clauses: {share:.0%} of the tokens are {name} text of {length:.0f} "
        f'characters on average ("{example}"), which is written without spaces. {remedy}'
    )


def _language_of(text: str) -> str:
    """The language of the commonest script; Japanese if a tenth is kana."""
    counts = {code: len(re.findall(f"[{script}]", text)) for code, (script, _) in _SCRIPTS.items()}
    if counts["ja"] >= 0.1 * (counts["ja"] + counts["zh"]) > 0:
        counts["ja"] += counts.pop("zh")
    return max(counts, key=lambda code: counts[code])


def empty_note(dropped: Dropped) -> str:
    """One sentence if most documents that have text end without a term, else ""."""
    with_text = dropped.documents - dropped.empty_documents
    without = dropped.documents_without_terms
    if with_text < _FEW_DOCUMENTS or without <= with_text / 2:
        return ""
    rules = dropped.rules
    taken = {
        "unseen": "the vocabulary lacks their words: is it of the same language and the same kind "
        "of text?",
        "stop_words": "their words are stop words: give another language, or stop_words=None "
        "(--stop-words none)",
        "below_min_df": f"their words stand in fewer than {rules.get('min_df')} documents: lower "
        "min_df (--min-df), and check language and column",
        "above_max_df": f"their words stand in more than {rules.get('max_df')} documents: raise "
        "max_df (--max-df)",
        "beyond_max_terms": "their words are beyond the most frequent: raise max_terms "
        "(--max-terms)",
    }
    worst = max(taken, key=lambda name: int(getattr(dropped, name).tokens))
    remedy = taken[worst] if getattr(dropped, worst).tokens else "no words were found in them"
    return (
        f"most documents end without a term: {without:,} of {with_text:,} with text. "
        f"For the most part {remedy}."
    )
