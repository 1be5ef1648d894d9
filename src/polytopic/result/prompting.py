"""Names of topics by a function of the user's, a language model mostly: asked, checked, cached."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from polytopic import io
from polytopic.errors import InputError, NamingWarning, named_in_one_line
from polytopic.io.leaving import visible
from polytopic.io.records import read_record
from polytopic.result.record import Record

__all__ = ["checked_answer", "prompt_of", "prompted"]

LONGEST_NAME = 80
"""Characters of a name."""

_WORDS, _DOCUMENTS, _CHARACTERS = 15, 3, 400
"""What a prompt holds of a topic: words, documents, and characters of each."""

_ALIKE = 3
"""Topics from which on one name for most of them is told: two may well be about one thing."""

_MARKUP = re.compile(r"[<>{}\[\]|\\`*~]|^[#=_-]|https?:|&\w+;")
_QUOTES = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb"


def prompted(
    record: Record,
    ask: Callable[[str], str],
    wanted: Sequence[int],
    words: Sequence[Sequence[str]],
    instead: Mapping[int, str],
    cache: Path | None,
) -> dict[int, str]:
    """The names that ``ask`` gives topics, those of ``instead`` where it fails.

    ``cache``: a JSON file of answers by their prompt, read first and written after each answer.

    Raises
    ------
    InputError
        If it gives no usable name for any topic, or the cache cannot be written.
    CheckpointError
        If the cache is no such file.
    """
    known = _read(cache)
    named, failed = dict[int, str](), dict[int, str]()
    for topic in wanted:
        prompt = prompt_of(record, topic, words[topic])
        key = hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest()
        try:
            named[topic] = checked_answer(known[key] if key in known else ask(prompt))
        except Exception as error:  # noqa: BLE001 (whatever a function of the user's raises)
            failed[topic] = visible(named_in_one_line(error), 120)
            continue
        if cache is not None and known.get(key) != named[topic]:
            known[key] = named[topic]
            _write(cache, known)
    if failed:
        _tell(failed, wanted)
    _tell_alike(list(named.values()))
    return {topic: named.get(topic, instead[topic]) for topic in wanted}


def _tell_alike(names: Sequence[str]) -> None:
    """Warn where a name of the function's stands for most topics: it tells none from another."""
    if len(names) < _ALIKE:
        return
    name, times = Counter(names).most_common(1)[0]
    if 2 * times > len(names):
        warnings.warn(
            f'by: the function named {times} of {len(names)} topics "{visible(name, 40)}". A name '
            "that most topics have tells them apart no more than a number: ask for what is "
            "particular, or leave out by.",
            NamingWarning,
            stacklevel=5,
        )


def _tell(failed: Mapping[int, str], wanted: Sequence[int]) -> None:
    first = next(iter(failed.values()))
    if len(failed) == len(wanted):
        raise InputError(
            f"by: the function gave no usable name for any of {len(wanted)} topics ({first}). It "
            "takes a prompt and returns a name, one line."
        )
    listed = ", ".join(map(str, list(failed)[:10])) + (", ..." if len(failed) > 10 else "")
    warnings.warn(
        f"by: the function gave no usable name for {len(failed)} of {len(wanted)} topics "
        f"({listed}; the first: {first}); they are named by their words.",
        NamingWarning,
        stacklevel=5,
    )


def prompt_of(record: Record, topic: int, words: Sequence[str]) -> str:
    """What a language model is asked about a topic: its words, and the beginnings of documents."""
    lines = [
        "Texts were sorted into topics. Give a short name to one of the topics.",
        f"Its most telling words: {', '.join(words[:_WORDS])}.",
    ]
    if record.texts is not None:
        lines.append("Beginnings of texts that are mostly about it:")
        for row in record.top_documents(topic, _DOCUMENTS).tolist():
            text = " ".join(record.texts[row][: 4 * _CHARACTERS].split())
            lines.append(f"- {visible(text, _CHARACTERS)}")
    lines.append("Answer with the name alone: one to five words in one line, no quotation marks.")
    return "\n".join(lines)


def checked_answer(answer: object) -> str:
    """A name without the quotes and the full stop around it.

    Raises
    ------
    InputError
        If it is no str, empty, of several lines, longer than 80 characters, or holds markup or what
        cannot be seen.

    >>> checked_answer('"Space travel".')
    'Space travel'
    """
    if not isinstance(answer, str):
        raise InputError(f"the answer is of type {type(answer).__name__}")
    name = answer.strip().rstrip(".").strip(_QUOTES).rstrip(".").strip()
    if not any(letter.isalnum() for letter in name):
        raise InputError("the answer is empty")
    if "\n" in name or "\r" in name:
        raise InputError("the answer has several lines")
    if len(name) > LONGEST_NAME:
        raise InputError(f"the answer has {len(name):,} characters")
    if _MARKUP.search(name):
        raise InputError(f"the answer holds markup ({name!r:.40})")
    if not name.isprintable() or visible(name) != name:
        raise InputError(f"the answer holds what cannot be seen ({name!r:.40})")
    return name


def _read(cache: Path | None) -> dict[str, object]:
    if cache is None or not cache.exists():
        return {}
    return read_record(cache, "Remove it: the function is then asked again.")


def _write(cache: Path, known: Mapping[str, object]) -> None:
    try:
        with io.replacing(cache) as partial:
            partial.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{cache}: cannot be written ({error.strerror or error}).") from None
