"""Words of languages that are written without spaces, through their own libraries.

A segmenter puts spaces between the words of each run of its script; what divides text into words
everywhere else then divides these too, so numbers, names in Latin letters, line feeds and
punctuation are read alike in mixed text.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from polytopic.extras import require

__all__ = ["HAN", "OTHER_SPACELESS", "SEGMENTED", "segmented", "words_of_library"]

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Ranges of Chinese characters, for a regular expression."""

KANA = "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"

OTHER_SPACELESS = {
    "km": ("Khmer", "\u1780-\u17dd"),
    "lo": ("Lao", "\u0e81-\u0ece"),
    "my": ("Burmese", "\u1000-\u109f"),
    "bo": ("Tibetan", "\u0f40-\u0fbc"),
}
"""Languages without spaces for which there is no segmenter here: name and script. Tibetan divides
syllables, not words."""

_SUDACHI_BYTES = 40_000
"""Sudachi takes at most 49,149 bytes at a time."""

_JAPANESE_PARTS = {"接頭辞", "接尾辞", "数詞", "助数詞可能"}
"""Prefixes, suffixes, numerals, counters (year, day, times): parts of words."""

Cutter = Callable[[str], list[str]]


@dataclass(frozen=True)
class Segmenter:
    """A language, its script as ranges of a regular expression, and what loads its library."""

    name: str
    script: str
    load: Callable[[], Cutter]
    single: bool = False
    """Whether one Chinese character may be a word."""


def _load_chinese() -> Cutter:
    cut: Cutter = require("rjieba", 'language="zh" (Chinese)').cut
    return cut


def _load_japanese() -> Cutter:
    purpose = 'language="ja" (Japanese)'
    sudachi = require("sudachipy", purpose)
    require("sudachidict_core", purpose)
    dictionary = sudachi.Dictionary(dict="core")
    own = threading.local()  # a tokenizer serves one thread at a time

    def cut(text: str) -> list[str]:
        if not hasattr(own, "tokenizer"):
            own.tokenizer = dictionary.tokenizer()
        found = own.tokenizer.tokenize(text)
        return ["\n" if m.surface() == "\n" else _japanese_word(m) for m in found]

    return cut


def _japanese_word(morpheme: Any) -> str:
    """Its dictionary form, or "" for an affix, a numeral or a counter of one character."""
    if len(morpheme.surface()) == 1 and _JAPANESE_PARTS & set(morpheme.part_of_speech()[:3]):
        return ""
    form: str = morpheme.dictionary_form()
    return form


def _load_thai() -> Cutter:
    purpose = 'language="th" (Thai)'
    with _writing_nothing():
        require("pythainlp", purpose)
        segment = require("pythainlp.tokenize.newmm", purpose).segment
        segment("\u0e01\u0e32")  # reads the word list that the package brings

    def cut(text: str) -> list[str]:
        return list(segment(text))

    return cut


@contextmanager
def _writing_nothing() -> Iterator[None]:
    """Keep PyThaiNLP from making a folder in the user's home, unless they have set it up."""
    names = ("PYTHAINLP_READ_ONLY", "PYTHAINLP_READ_MODE")
    if any(name in os.environ for name in names):
        yield
        return
    os.environ[names[0]] = "1"
    try:
        yield
    finally:
        del os.environ[names[0]]


SEGMENTED = {
    "zh": Segmenter("Chinese", HAN, _load_chinese, single=True),
    "ja": Segmenter("Japanese", HAN + KANA, _load_japanese, single=True),
    "th": Segmenter("Thai", THAI, _load_thai),
}


@lru_cache(maxsize=len(SEGMENTED))
def _ready(language: str) -> tuple[re.Pattern[str], Cutter]:
    """The runs of the language's script, and what cuts them.

    Raises
    ------
    MissingExtraError
        If the library is not installed; the message says what to install.
    """
    segmenter = SEGMENTED[language]
    return re.compile(f"[{segmenter.script}]+"), segmenter.load()


def segmented(text: str, language: str) -> str:
    """The text with spaces around the words of the language's script.

    Verbs and adjectives of Japanese come in their dictionary form; its affixes, numerals and
    counters of one character are left out.

    Raises
    ------
    MissingExtraError
        If the language's library is not installed.
    """
    runs, cut = _ready(language)
    found = runs.findall(text)
    if not found:
        return text
    words = [spaced for group in _groups(found) for spaced in _cut_together(group, cut)]
    rest = runs.split(text)
    joined = [part for pair in zip(rest, words, strict=False) for part in pair]
    return " ".join([*joined, rest[-1]])


def _groups(runs: list[str]) -> Iterator[list[str]]:
    """Runs in groups short enough for every library."""
    group: list[str] = []
    size = 0
    most = _SUDACHI_BYTES // 4
    for run in runs:
        if size + len(run) > most and group:
            yield group
            group, size = [], 0
        group.append(run)
        size += len(run) + 1
    yield group


def _cut_together(runs: list[str], cut: Cutter) -> list[str]:
    """Each run with spaces between its words; one call for all, since a call has its price."""
    most = _SUDACHI_BYTES // 4
    if len(runs) == 1 and len(runs[0]) > most:
        pieces = [runs[0][start : start + most] for start in range(0, len(runs[0]), most)]
        return [" ".join(word for piece in pieces for word in cut(piece))]
    spaced = " ".join(cut("\n".join(runs))).split("\n")
    if len(spaced) == len(runs):
        return spaced
    return [" ".join(cut(run)) for run in runs]


def words_of_library(language: str) -> frozenset[str]:
    """Stop words that come with the libraries of a language without spaces.

    Raises
    ------
    MissingExtraError
        If the library is not installed.
    """
    purpose = f'language="{language}" ({SEGMENTED[language].name})'
    if language == "th":
        with _writing_nothing():
            require("pythainlp", purpose)
            return frozenset(require("pythainlp.corpus", purpose).thai_stopwords())
    return frozenset(require("stopwordsiso", purpose, extra=language).stopwords(language))
