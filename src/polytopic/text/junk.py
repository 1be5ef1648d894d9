"""What a tokenizer gives that is no word: empty strings, white space, bare punctuation."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np

from polytopic.text.counting import RawTokens
from polytopic.text.vocabulary import Vocabulary

__all__ = ["is_word", "without_junk"]


def is_word(token: str) -> bool:
    """Whether a token holds a letter, a number or a picture (an emoji), not punctuation alone.

    >>> [is_word(token) for token in ("it", "7", "…", " ", "", "$")]
    [True, True, False, False, False, False]
    """
    return any(c.isalnum() or unicodedata.category(c) == "So" for c in token)


def without_junk(
    raw: RawTokens, known: Vocabulary | None = None, *, punctuation: bool = True
) -> RawTokens:
    """The tokens without those that are no words, which ``no_words`` counts.

    With ``punctuation=False`` only empty strings and white space go. Terms of the given vocabulary
    stay, whatever they are.
    """
    words = raw.table.strings(np.arange(raw.table.size))
    keep = np.array(
        [
            (is_word(word) if punctuation else bool(word.strip()))
            or (known is not None and word in known)
            for word in words
        ],
        dtype=np.bool_,
    )
    if keep.all():
        return raw
    counts = np.bincount(raw.ids, minlength=len(words))
    stays = keep[raw.ids]
    passed = np.concatenate([[0], np.cumsum(stays)])
    return replace(
        raw,
        ids=raw.ids[stays],
        offsets=passed[raw.offsets],
        no_words={words[id_]: int(counts[id_]) for id_ in np.flatnonzero(~keep).tolist()},
    )
