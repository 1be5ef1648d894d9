"""What each character is to a tokenizer: letter, number, mark, joiner or separator.

The tables cover all of Unicode and are built from :mod:`unicodedata` once, on first use; ASCII
text needs the first 128 entries only.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["JOINER", "LETTER", "MARK", "NUMBER", "SEPARATOR", "kind_table"]

SEPARATOR, LETTER, NUMBER, MARK, JOINER = range(5)
"""Kinds of characters. A joiner is part of a word only between two characters of a word."""

_TABLE_END = 0x40000
_SELECTORS = range(0xE0100, 0xE01F0)
_KIND_OF_CATEGORY = {"L": LETTER, "N": NUMBER, "M": MARK}
_ZERO_WIDTH_JOINERS = (0x200C, 0x200D)


@lru_cache(maxsize=8)
def kind_table(rule: str, n_characters: int) -> NDArray[np.uint8]:
    """Kind of each code point below ``n_characters``, shape (n_characters,).

    ``rule`` is one of

    - ``"words"``: letters, marks and numbers make words, ``'`` joins them;
    - ``"elided"``: the same, but ``'`` separates ("l'homme" is two words);
    - ``"sklearn"``: ``\\w`` of the regular expressions: ``str.isalnum`` or an underscore;
    - ``"spaces"``: whatever is no white space.
    """
    table = np.zeros(n_characters, dtype=np.uint8)
    for code in range(min(n_characters, _TABLE_END)):
        character = chr(code)
        if rule == "sklearn":
            table[code] = LETTER if character.isalnum() else SEPARATOR
        elif rule == "spaces":
            table[code] = SEPARATOR if character.isspace() else LETTER
        else:
            category = unicodedata.category(character)
            table[code] = _KIND_OF_CATEGORY.get(category[0], SEPARATOR)
    if rule == "sklearn":
        table[ord("_")] = LETTER
        return table
    if rule == "spaces":
        table[_TABLE_END:] = LETTER
        return table
    table[ord("'")] = SEPARATOR if rule == "elided" else JOINER
    for code in (*_ZERO_WIDTH_JOINERS, *_SELECTORS):
        if code < n_characters:
            table[code] = MARK
    return table
