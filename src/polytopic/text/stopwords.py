"""Stop words by language, through the stop-words package and those of single languages."""

from __future__ import annotations

import difflib
from functools import lru_cache

from polytopic.errors import InputError
from polytopic.text.segmenting import OTHER_SPACELESS, SEGMENTED, words_of_library

__all__ = ["language_code", "sorted_stop_words", "stop_words_of"]


_SPLIT_CONTRACTIONS = {"en": ("n't",)}
"""What tokenized corpora (Penn Treebank) leave of contractions; the package lists the rest."""


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    import stop_words

    return {code: str(name) for code, name in stop_words.LANGUAGE_MAPPING.items()}


@lru_cache(maxsize=256)
def language_code(language: str) -> str:
    """ISO 639-1 code of a language given by code or English name ("fr", "French", "pt-BR").

    Raises
    ------
    InputError
        If no stop words are known for it; the message lists the languages.

    >>> language_code("German"), language_code("en-GB")
    ('de', 'en')
    """
    languages = _languages() | {code: s.name.lower() for code, s in SEGMENTED.items()}
    asked = language.strip().lower().replace("_", "-")
    if asked.split("-")[0] in languages:
        return asked.split("-")[0]
    for code, name in languages.items():
        if asked == name:
            return code
    for code, (name, _) in OTHER_SPACELESS.items():
        if asked.split("-")[0] == code or asked == name.lower():
            raise InputError(
                f'language: {name} ("{language}") is written without spaces, and there are no stop '
                "words and no segmenter for it here. Pass stop_words=None (--stop-words none) and "
                "text with words divided by spaces or U+200B, or a tokenizer."
            )
    close = difflib.get_close_matches(asked, languages.values(), n=1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    raise InputError(
        f'language: no stop words for "{language}".{meant} There are: '
        f"{', '.join(sorted(languages))}. Pass stop_words=[...] or stop_words=None instead."
    )


@lru_cache(maxsize=8)
def stop_words_of(language: str) -> frozenset[str]:
    """The stop words of a language (code or English name).

    >>> "the" in stop_words_of("en")
    True
    """
    import stop_words

    code = language_code(language)
    listed: set[str] = set(_SPLIT_CONTRACTIONS.get(code, ()))
    if code in SEGMENTED:
        listed |= words_of_library(code)
    if code in _languages():
        listed.update(stop_words.get_stop_words(code))
    return frozenset(listed)


@lru_cache(maxsize=8)
def sorted_stop_words(language: str) -> tuple[str, ...]:
    """Those of :func:`stop_words_of`, in the order of their characters."""
    return tuple(sorted(stop_words_of(language)))
