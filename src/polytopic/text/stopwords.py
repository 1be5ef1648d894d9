"""Stop words by language, through the stop-words package and those of single languages."""

from __future__ import annotations

import difflib
from functools import lru_cache

from polytopic.errors import InputError
from polytopic.text.segmenting import OTHER_SPACELESS, SEGMENTED, words_of_library

__all__ = [
    "language_code",
    "languages_listed",
    "listed_words",
    "sorted_stop_words",
    "stop_words_of",
]

_CEDILLA = str.maketrans("șț", "şţ")

_MODERN_GREEK = """
αλλά αν ακόμα ακόμη από αυτά αυτές αυτή αυτήν αυτής αυτοί αυτού αυτούς αυτό αυτόν αυτός αυτών για
γιατί δε δεν δηλαδή εγώ εδώ εκεί εμείς ένα έναν ένας ενός ενώ έξω επειδή επίσης εσείς εσύ ή ήδη η
ήταν έχει έχουμε έχουν έχω έως είμαι είμαστε είναι είσαι είτε είχα είχαν είχε θα κάθε και κάποια
κάποιο κάποιοι κάποιος κανείς κανένας κατά κάτι κάτω κι λοιπόν μας με μέσα μετά μέχρι μη μην μια
μιας μία μου μόνο μπορεί να ο οι όλα όλες όλη όλο όλοι όμως όπου όπως όσα όσο όσοι όταν ότι ούτε
πάνω πάντα παρά πιο ποια ποιο ποιος πολλά πολλές πολλοί πολύ ποτέ που πού πρέπει πριν προς πόσο πως
πώς σαν σας σε σου στα στη στην στις στο στον στους τα την της τι τίποτα τις το τον τότε του τους
τώρα των χωρίς ως ωστόσο ώστε
"""

_ROMANIAN = """
aceeași această acești aceștia același adică alături altă alți alții aș așa astăzi atâta atâția atât
ați când cât câte câteva câți câțiva că căci cărei căreia căror cărora căruia către cărui dacă
după fără față încă încât înainte înapoi însă însuși între întrucât într în îi îl îmi își îți niște
noștri nouă oricând până parcă prea puțini și să sîntem sînt toată toți totuși vă voștri
"""

_MISSING = {
    "en": ("n't",),
    "el": tuple(_MODERN_GREEK.split()),
    "ro": tuple(form for word in _ROMANIAN.split() for form in {word, word.translate(_CEDILLA)}),
}
"""What the package's lists lack: what tokenized corpora (Penn Treebank) leave of contractions;
Greek of today, whose list is of ancient Greek; Romanian with its accents, by both code points."""

_CODE_PAGES = {"hu": "iso8859_2", "tr": "iso8859_9"}
"""Lists of the package that hold letters of a code page read as Latin-1 ("altmýþ", "elsõ")."""


@lru_cache(maxsize=1)
def languages_listed() -> dict[str, str]:
    """Codes of the languages that the stop-words package knows, with their English names."""
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
    languages = languages_listed() | {code: s.name.lower() for code, s in SEGMENTED.items()}
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
    code = language_code(language)
    words = listed_words(code) if code in languages_listed() else frozenset()
    return words | words_of_library(code) if code in SEGMENTED else words


@lru_cache(maxsize=64)
def listed_words(code: str) -> frozenset[str]:
    """The stop words of a code of :func:`languages_listed`, without those of other libraries.

    >>> "αλλά" in listed_words("el"), "altmış" in listed_words("tr")
    (True, True)
    """
    import stop_words

    listed = set(stop_words.get_stop_words(code)) | set(_MISSING.get(code, ()))
    if code in _CODE_PAGES:
        listed |= {word.encode("latin-1", "ignore").decode(_CODE_PAGES[code]) for word in listed}
    return frozenset(listed)


@lru_cache(maxsize=8)
def sorted_stop_words(language: str) -> tuple[str, ...]:
    """Those of :func:`stop_words_of`, in the order of their characters."""
    return tuple(sorted(stop_words_of(language)))
