"""Of which language running words look, by the stop words among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from polytopic.text.segmenting import SEGMENTED
from polytopic.text.stopping import words_by_rule
from polytopic.text.stopwords import languages_listed, listed_words
from polytopic.text.tokens import WordRule

__all__ = ["Likeness", "languages_of_words", "likenesses"]


@dataclass(frozen=True)
class Likeness:
    """How far words look like a language.

    ``share``: of the words, those that are its stop words; ``own``: those of them that the language
    asked for does not have; ``different``: how many different words these are, were all as frequent
    (the inverse of Simpson's index, 1949: words that another language happens to share are few).
    """

    language: str
    share: float
    own: float
    different: float


def likenesses(counts: Mapping[str, int], asked: str) -> list[Likeness]:
    """The languages with spaces whose stop words stand among the words, most own words first.

    ``counts``: how often each word stands; ``asked``: code of the language asked for.
    """
    languages, total = languages_of_words(), sum(counts.values())
    share: Counter[str] = Counter()
    own: Counter[str] = Counter()
    squares: Counter[str] = Counter()
    for word, times in counts.items():
        codes = languages.get(word.lower(), ())
        for code in codes:
            share[code] += times
            if asked not in codes:
                own[code] += times
                squares[code] += times * times
    found = [
        Likeness(
            code, share[code] / total, own[code] / total, own[code] ** 2 / max(squares[code], 1)
        )
        for code in share
        if code not in SEGMENTED
    ]
    return sorted(found, key=lambda one: (-one.own, -one.share, one.language))


@lru_cache(maxsize=1)
def languages_of_words() -> dict[str, tuple[str, ...]]:
    """The languages that list a word as a stop word, by their codes.

    A word stands as it is listed, and as it is read in a text: lists hold quotation marks.
    """
    spell = words_by_rule(WordRule(segment=False), None)
    found: dict[str, dict[str, None]] = {}
    for code in languages_listed():
        entries = sorted(listed_words(code))
        read = [words[0] for words in spell(entries) if len(words) == 1]
        for word in (*entries, *read):
            found.setdefault(word, {})[code] = None
    return {word: tuple(codes) for word, codes in found.items()}
