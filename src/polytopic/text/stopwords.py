"""Stop words by language, through the stop-words package."""

from __future__ import annotations

import difflib
from functools import lru_cache

from polytopic.errors import InputError

__all__ = ["language_code", "stop_words_of"]


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
    languages = _languages()
    asked = language.strip().lower().replace("_", "-")
    if asked.split("-")[0] in languages:
        return asked.split("-")[0]
    for code, name in languages.items():
        if asked == name:
            return code
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
    return frozenset([*stop_words.get_stop_words(code), *_SPLIT_CONTRACTIONS.get(code, ())])
