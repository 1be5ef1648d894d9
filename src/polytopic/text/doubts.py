"""What makes one doubt that the terms of a text are its words: told, never silent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from polytopic.text.counting import RawTokens
from polytopic.text.dropped import Dropped
from polytopic.text.languages import Likeness, languages_of_words, likenesses
from polytopic.text.options import TextOptions
from polytopic.text.segmenting import HAN, KANA, OTHER_SPACELESS, SEGMENTED, THAI
from polytopic.text.stopwords import languages_listed

__all__ = ["clause_note", "clause_note_of", "empty_note", "language_note", "language_note_of"]

_SAMPLE = 2_000
"""Tokens looked at for clauses, evenly over the text."""

_LANGUAGE_SAMPLE = 20_000
"""Tokens looked at for stop words: a share of 5 % is then known to half a percent."""

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


_OWN_WORDS = 0.1
"""Share of tokens that are stop words of another language from which on texts are in it: the least
of texts in 30 languages was .16 (Korean), the most of English ones of another language .015."""

_PART_WORDS = 0.05
"""The same for a part of the texts: a sixth of them in German gives as much."""

_FEW_WORDS, _FEW_PART_WORDS = 6.0, 8.0
"""Fewer different stop words are those that another language shares ("die", "in", "no")."""

_OWN_OF_SHARE = 0.4
"""Of a language's stop words in a text, the share not stopped already: less (Danish read as
Norwegian: .1 to .2) and both languages use the same."""

_MORE_THAN_ASKED = 1.3
"""So many times the share of the language asked for: the English list holds a quarter of French."""

_AS_MUCH = 0.85
"""Of the first language's own words: languages that hardly differ (Danish, Norwegian) are both
named."""

_SURE = 0.35
"""Share of stop words below which texts may be of a neighbour that there is no list for: Serbian
texts had .26 of Bulgarian."""

_HEAD, _HEAD_WORDS, _HEAD_LETTERS, _HEAD_SHARE, _HEAD_DIFFERENT = 10, 5, 4, 0.08, 300
"""Of the ten most frequent words that are no stop words, five of up to four letters that make up
.08 of the tokens, of 300 different words at least: English texts had .06 or less, and few of them
so short."""


def clause_note(raw: RawTokens) -> str:
    """One sentence if many tokens are clauses of a script without spaces, else ""."""
    words = _sampled(raw, _SAMPLE)
    return _note(list(words.elements())) if words else ""


def clause_note_of(
    counts: NDArray[np.int64], strings: Callable[[NDArray[np.int64]], list[str]], remedy: str = ""
) -> str:
    """The same for words of which counts are known; ``strings`` spells them.

    ``remedy``: what to do.
    """
    words = _sampled_of(counts, strings, _SAMPLE)
    return _note(list(words.elements()), remedy) if words else ""


def language_note(raw: RawTokens, options: TextOptions) -> str:
    """One sentence if the words are of another language than their stop words, else ""."""
    return _language_note(_sampled(raw, _LANGUAGE_SAMPLE), options)


def language_note_of(
    counts: NDArray[np.int64],
    strings: Callable[[NDArray[np.int64]], list[str]],
    options: TextOptions,
) -> str:
    """The same for words of which counts are known; ``strings`` spells them."""
    return _language_note(_sampled_of(counts, strings, _LANGUAGE_SAMPLE), options)


def _sampled(raw: RawTokens, size: int) -> Counter[str]:
    """Words that stand evenly over the text, with how often each was met."""
    places = np.unique(np.linspace(0, max(len(raw.ids) - 1, 0), size).astype(np.int64))
    ids, times = np.unique(raw.ids[places[: len(raw.ids)]], return_counts=True)
    return Counter(dict(zip(raw.table.strings(ids), times.tolist(), strict=True)))


def _sampled_of(
    counts: NDArray[np.int64], strings: Callable[[NDArray[np.int64]], list[str]], size: int
) -> Counter[str]:
    ends = np.cumsum(counts)
    if not len(ends) or not ends[-1]:
        return Counter()
    places = np.unique(np.linspace(0, ends[-1] - 1, size).astype(np.int64))
    rows, times = np.unique(np.searchsorted(ends, places, side="right"), return_counts=True)
    return Counter(dict(zip(strings(rows), times.tolist(), strict=True)))


def _language_note(words: Mapping[str, int], options: TextOptions) -> str:
    asked = options.language_of_stop_words
    if not asked or not words:
        return ""
    found = likenesses(words, asked)
    share = next((one.share for one in found if one.language == asked), 0.0)
    others = [one for one in found if one.language != asked and _tells(one, _PART_WORDS)]
    if not others:
        return _head_note(words, asked, options)
    first = others[0]
    if _tells(first, _OWN_WORDS) and first.share > _MORE_THAN_ASKED * share:
        alike = [one for one in others if one.own >= _AS_MUCH * first.own]
        return f"the texts look {_counted(alike, asked, share)}: {_remedy(alike, options)}."
    if first.different < _FEW_PART_WORDS:
        return ""
    return (
        f"part of the texts looks {_counted([first], asked, share)}: divide them by language, or "
        "give the stop words of both in stop_words= (--stop-words FILE)."
    )


def _tells(one: Likeness, own: float) -> bool:
    return one.own >= own and one.own >= _OWN_OF_SHARE * one.share and one.different >= _FEW_WORDS


def _counted(found: list[Likeness], asked: str, share: float) -> str:
    """The languages, and the shares of words that tell them."""
    names = [_name(one.language) for one in found]
    more = [(one.share, name) for one, name in zip(found, names, strict=True)][1:]
    shares = ", ".join(f"{part:.0%} {name}" for part, name in [*more, (share, _name(asked))])
    return (
        f"{' or '.join(names)} ({found[0].share:.0%} of their words are {names[0]} stop words, "
        f"{shares})"
    )


def _remedy(found: list[Likeness], options: TextOptions) -> str:
    if options.vocabulary is not None:
        return "the vocabulary is of another language; fit texts in another one by themselves"
    name = "language" if options.stop_words == "language" else "stop_words"
    option = f"--{name.replace('_', '-')}"
    given = [f'{name}="{one.language}" ({option} {one.language})' for one in found]
    other = ", or stop_words= if they are of another" if found[0].share < _SURE else ""
    return f"give {' or '.join(given)}{other}"


def _head_note(words: Mapping[str, int], asked: str, options: TextOptions) -> str:
    """Of languages that no list is known of: frequent words are short in most."""
    total = sum(words.values())
    known = languages_of_words()
    left = {word: n for word, n in words.items() if asked not in known.get(word.lower(), ())}
    head = sorted(left, key=lambda word: -left[word])[:_HEAD]
    short = [word for word in head if len(word) <= _HEAD_LETTERS and word.isalpha()]
    share = sum(left[word] for word in short) / total
    if options.vocabulary is not None or len(words) < _HEAD_DIFFERENT:
        return ""
    if len(short) < _HEAD_WORDS or share < _HEAD_SHARE:
        return ""
    examples = ", ".join(f'"{word}"' for word in short[:_HEAD_WORDS])
    return (
        f"the most frequent words left look like stop words of another language ({examples}: "
        f"{share:.0%} of all): give them in stop_words= (--stop-words FILE), unless topics are to "
        "hold them."
    )


def _name(code: str) -> str:
    names = languages_listed() | {code: one.name for code, one in SEGMENTED.items()}
    return names[code].capitalize()


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
    tokens = sum(int(getattr(dropped, name).tokens) for name in taken)
    remedy = taken[worst] if tokens >= without / 2 else _without_words(dropped)
    return (
        f"most documents end without a term: {without:,} of {with_text:,} with text. "
        f"For the most part {remedy}."
    )


def _without_words(dropped: Dropped) -> str:
    """Why most of them had no word that a rule could drop: what cleaning took from as many."""
    steps = [step for step in dropped.cleaned if step.documents >= dropped.documents_without_terms]
    if not steps:
        return "no words were found in them"
    most = max(steps, key=lambda step: step.documents)
    return (
        f"cleaning ({most.step}) took {most.what} and left no words: keep them by clean=None "
        "(--clean none)"
    )
