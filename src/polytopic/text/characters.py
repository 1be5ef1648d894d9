"""What each character is to a tokenizer: letter, number, mark, joiner or separator.

The tables cover all of Unicode and are built from :mod:`unicodedata` once, on first use; ASCII
text needs the first 128 entries only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "JOINER", "LETTER", "MARK", "NUMBER", "SEPARATOR", "VIRAMAS", "folded", "folding", "folds",
    "kind_table",
]  # fmt: skip

SEPARATOR, LETTER, NUMBER, MARK, JOINER = range(5)
"""Kinds of characters. A joiner is part of a word only between two characters of a word."""

_TABLE_END = 0x40000
"""Letters lie in planes 0 to 3 of Unicode; beyond are private characters and marks."""

_KIND_OF_CATEGORY = {"L": LETTER, "N": NUMBER, "M": MARK}
_ZERO_WIDTH_JOINERS = (0x200C, 0x200D)
"""ZWNJ and ZWJ."""

_COMPATIBLE = (
    *range(0x80, 0x3400),
    *range(0xF900, 0x10000),
    *range(0x1D400, 0x1D800),
    *range(0x1EE00, 0x1EF00),
)
"""Where Unicode keeps characters that stand for others."""

_FOLDED_KINDS = (
    "compat", "font", "wide", "narrow", "sub", "initial", "medial", "final", "isolated"
)  # fmt: skip
"""Kinds of compatibility that are a way of writing the same word: ligatures (\ufb01), full and
half width, mathematical alphabets, Roman numerals, subscripts (H\u2082O), positional forms of
Arabic. Not folded: superscripts and \u2122 (a footnote's number is no part of its word),
fractions, circled numbers and squared units, which separate."""

_OWN_LETTERS = (*range(0x0530, 0x0590), *range(0x0E00, 0x1000), *range(0x2135, 0x2139))
"""What NFKC would take apart though it is written so: Armenian \u0587, Thai and Lao AM, \u2135."""

_IGNORED = (
    0x034F, 0x061C, 0x180E, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xFE00, 0xFE10), *range(0x180B, 0x180E), *range(0xE0100, 0xE01F0),
)  # fmt: skip
"""Signs without a shape of their own: variation selectors, marks of direction, word joiners."""

_POINTS = (
    0x0640, *range(0x0610, 0x061B), *range(0x064B, 0x0653), *range(0x0656, 0x0660), 0x0670,
    *range(0x06D6, 0x06DD), *range(0x06DF, 0x06E5), 0x06E7, 0x06E8, *range(0x06EA, 0x06EE),
    *range(0x0591, 0x05BE), 0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7,
)  # fmt: skip
"""Arabic tatweel and vowel marks, Hebrew points and accents: the same word is written without."""

VIRAMAS = "".join(chr(c) for c in range(0x0900, 0x2000) if unicodedata.combining(chr(c)) == 9)
"""Signs that take the vowel from the letter before them (combining class 9)."""

_LOOSE_JOINER = re.compile(f"(?<![{VIRAMAS}])\u200d")
"""A zero-width joiner shapes a word after a virama only (Sinhala, Malayalam); elsewhere it is a
remnant of an emoji or of Arabic shaping."""


@lru_cache(maxsize=1)
def folding() -> dict[int, str | None]:
    """What each folded character becomes, as :meth:`str.translate` reads it."""
    table: dict[int, str | None] = dict.fromkeys((*_IGNORED, *_POINTS))
    for code in _COMPATIBLE:
        kind = unicodedata.decomposition(chr(code)).partition(" ")[0]
        if kind.strip("<>") not in _FOLDED_KINDS or code in _OWN_LETTERS:
            continue
        plain = unicodedata.normalize("NFKC", chr(code))
        if all(unicodedata.category(character)[0] in _KIND_OF_CATEGORY for character in plain):
            table[code] = plain
    return table


@lru_cache(maxsize=1)
def _is_folded() -> NDArray[np.bool_]:
    flags = np.zeros(0x110000, dtype=np.bool_)
    flags[[*folding(), 0x200D]] = True
    flags[0xFB1D:0xFB50] = True  # Hebrew presentation forms, which NFC takes apart into points
    return flags


def folds(codes: NDArray[np.unsignedinteger]) -> bool:
    """Whether :func:`folded` would change a text with these code points."""
    return bool(_is_folded()[codes].any())


def folded(text: str) -> str:
    """The text with each word in one spelling, composed (NFC).

    Ligatures, full width, presentation forms and the like become plain letters; variation
    selectors, Arabic vowel marks and tatweel and Hebrew points go.

    >>> folded("\ufb01lm \uff37\uff45\uff42 \u0643\u062a\u0640\u0627\u0628")
    'film Web \u0643\u062a\u0627\u0628'
    """
    if "\u200d" in text:
        text = _LOOSE_JOINER.sub("", text)
    return unicodedata.normalize("NFC", text.translate(folding()))


@lru_cache(maxsize=8)
def kind_table(rule: str, n_characters: int) -> NDArray[np.uint8]:
    """Kind of each code point below ``n_characters``, shape (n_characters,).

    ``rule`` is one of

    - ``"words"``: letters, marks and digits make words, ``'`` joins them; numbers that are no
      digits (a superscript two, a half, a circled one) separate;
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
            if category == "No":
                table[code] = SEPARATOR
    if rule == "sklearn":
        table[ord("_")] = LETTER
        return table
    if rule == "spaces":
        table[_TABLE_END:] = LETTER
        return table
    table[ord("'")] = SEPARATOR if rule == "elided" else JOINER
    for code in _ZERO_WIDTH_JOINERS:
        if code < n_characters:
            table[code] = JOINER
    return table
