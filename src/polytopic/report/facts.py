"""What the page says in words and tables: title, lead, key figures, how it was run."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.metrics.topic_numbers import HOW_MANY
from polytopic.told import Decimal

if TYPE_CHECKING:
    from polytopic.report.health import Health
    from polytopic.report.wording import Wording
    from polytopic.result import TopicResult

__all__ = ["CHOSEN", "key_figures", "number", "rest", "rows", "tables", "title"]

Rows = list[tuple[str, str]]

_SOURCES = ("title", "corpus", "name", "source", "input", "file", "path")
_ENDINGS = re.compile(r"(\.(jsonl?|ndjson|csv|tsv|txt|parquet|gz|zst))+$", re.IGNORECASE)
_WHOLE_PATH = re.compile(r"(/|[A-Za-z]:[\\/]|\\\\)[^\n]*[^\s\\/][\\/]*\Z")
_LONGEST_VALUE = 2000
"""Characters of one value in the tables."""

LISTED = 12
"""Words of a topic in the list."""

CHOSEN = "chosen"
"""The note that names the parameters which are not defaults."""

_SECONDS = ("seconds", "total_seconds", "fit_seconds")


def title(result: TopicResult, given: str | None, words: Wording) -> str:
    """The heading: the one given, else the corpus as the notes name it, else "Topics"."""
    if given:
        return visible(given, LONGEST_SHOWN)
    for key in _SOURCES:
        value = result.notes.get(key)
        if isinstance(value, str) and value.strip():
            name = _last_part(value.strip())
            return visible(
                words.say("title_of", name=_ENDINGS.sub("", name) or name), LONGEST_SHOWN
            )
    return words.say("topics")


def key_figures(result: TopicResult, judged: Health, words: Wording) -> list[tuple[str, str, str]]:
    """Name, value and meaning of the figures under the heading."""
    effective = words.say(
        "key_effective_of", effective=Decimal(judged.effective, 1), all=result.n_topics
    )
    figures = [(words.say("key_effective"), effective, words.say("key_effective_told"))]
    if judged.coherence is not None and np.isfinite(judged.coherence).any():
        mean = number(float(np.nanmean(judged.coherence)), 3)
        figures.append((words.say("key_coherence"), mean, words.say("key_coherence_told")))
    named = (
        ("diversity", words.say("key_diversity"), words.say("key_diversity_told")),
        ("diversity_once", words.say("key_diversity_once"), words.say("key_diversity_once_told")),
        ("perplexity", words.say("key_perplexity"), words.say("key_perplexity_told")),
        ("purity", words.say("key_purity"), words.say("key_purity_told")),
        ("nmi", words.say("key_nmi"), words.say("key_purity_told")),
    )
    for key, name, meaning in named:
        value = result.metrics.get(key)
        if isinstance(value, int | float) and np.isfinite(value):
            figures.append((name, number(value, 3), meaning))
    counted = _short(float(result.counts.sum()))
    return [
        *figures,
        (words.say("key_counted"), counted, words.say("key_counted_told")),
        (words.say("key_terms"), words.whole(len(result.vocabulary)), words.say("key_terms_told")),
    ]


def rest(record: Mapping[str, Any]) -> list[str]:
    """The most probable words of a topic that its label does not hold already."""
    told = set() if record["name"] else set(record["label"])
    return [str(word[0]) for word in record["words"][:LISTED] if word[0] not in told]


def rows(records: Sequence[Mapping[str, Any]], words: Wording) -> list[dict[str, Any]]:
    """The rows of the list of topics, largest first."""
    ordered = sorted(records, key=lambda record: (-record["share"], record["id"]))
    largest = max((record["share"] for record in ordered), default=1.0) or 1.0
    return [
        {
            "id": record["id"],
            "color": record["color"],
            "size": round(record["share"] / largest, 4),
            "lead": record["name"] or " ".join(record["label"]),
            "rest": " ".join(rest(record)),
            "badge": record["badge"],
            "share": words.percent(record["share"]),
            "npmi": "" if record["npmi"] is None else words.decimals(record["npmi"], 2),
        }
        for record in ordered
    ]


def tables(result: TopicResult, words: Wording) -> list[dict[str, Any]]:
    """How it was run: the notes by part, the parameters that were chosen, and every metric."""
    loose: Rows = [(words.say("value_model"), _value(result.model, words))] if result.model else []
    seconds = _seconds(result)
    if seconds is not None:
        loose.append((words.say("value_time"), _duration(seconds, words)))
    passes = _passes(result, words)
    if passes:
        loose.append(passes)
    parts: list[dict[str, Any]] = []
    for name, value in result.notes.items():
        if name in (CHOSEN, HOW_MANY, *_SECONDS):
            continue
        value = _told(value)
        if isinstance(value, Mapping) or (isinstance(value, list) and value):
            heading = _words(name)
            heading = heading[:1].upper() + heading[1:]
            parts.append({"heading": heading, "rows": list(_flatten(value, words))})
        else:
            loose += [(_words(name), _value(value, words))]
    computed = {name: value for name, value in result.metrics.items() if value is not None}
    made = [
        {"heading": words.say("run"), "rows": loose},
        {"heading": words.say("parameters"), "rows": list(_flatten(_chosen(result, words), words))},
        {"heading": words.say("metrics"), "rows": list(_flatten(computed, words))},
        *parts,
    ]
    return [table for table in made if table["rows"]]


def _chosen(result: TopicResult, words: Wording) -> dict[str, Any]:
    """The parameters that are not defaults, where the result knows them; None is never a value."""
    names = result.notes.get(CHOSEN)
    if not isinstance(names, list | tuple):
        return {name: value for name, value in result.parameters.items() if value is not None}
    chosen = {name: result.parameters[name] for name in names if name in result.parameters}
    return {
        name: words.say("value_given") if value is None else value for name, value in chosen.items()
    }


def _passes(result: TopicResult, words: Wording) -> tuple[str, str] | None:
    """How long was trained: the passes or epochs of the history, which the parameters may leave
    open."""
    if not result.history:
        return None
    last = result.history[-1]
    name = "iteration" if "iteration" in last else "epoch"
    told = words.say("iterations" if name == "iteration" else "epochs")
    count = last.get(name, len(result.history))
    if not isinstance(count, int | float) or not np.isfinite(count):
        return None
    return told, _value(int(count), words)


def number(value: float, digits: int = 3) -> str:
    """A number as people read it: a proper minus sign, thousands apart, no needless digits.

    >>> number(-0.1234), number(1834.2), number(1e-5)
    ('−0.123', '1,834', '1e-05')
    """
    if not np.isfinite(value):
        return "not defined"
    if value == int(value) and abs(value) < 1e15:
        text = f"{int(value):,}"
    elif abs(value) >= 1000:
        text = f"{value:,.0f}"
    elif abs(value) < 10**-digits:
        text = f"{value:.3g}"
    elif abs(value) >= 10:
        text = f"{value:.1f}"
    else:
        text = f"{value:.{digits}f}"
    return text.replace("-", "−") if text.startswith("-") else text


def _seconds(result: TopicResult) -> float | None:
    for key in _SECONDS:
        value = result.notes.get(key)
        if isinstance(value, Mapping):
            value = value.get("total", value.get("fit"))
        if isinstance(value, int | float) and np.isfinite(value):
            return float(value)
    return None


def _duration(seconds: float, words: Wording) -> str:
    if seconds < 1:
        return words.say("value_under_a_second")
    if seconds < 120:
        return words.say("value_seconds", round(seconds))
    if seconds < 7200:
        return words.say("value_minutes", time=words.decimals(seconds / 60, 0))
    return words.say("value_hours", time=words.decimals(seconds / 3600, 1))


def _short(value: float) -> str:
    for limit, unit in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if value >= limit:
            scaled = value / (1e3 if unit == " k" else limit)
            return f"{scaled:.3g}{unit}"
    return f"{value:,.0f}"


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _told(value: Any) -> Any:
    """A record of what was dropped turns into its own sentences."""
    describe = getattr(value, "describe", None)
    if callable(describe):
        value = describe()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, str) and "\n" in value.strip():
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value


def _flatten(value: Any, words: Wording, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and value of each leaf of nested mappings; a list of sentences is one row each."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            name = f"{prefix}, {_words(key)}" if prefix else _words(key)
            yield from _flatten(entry, words, name)
    elif isinstance(value, list | tuple) and any(isinstance(entry, Mapping) for entry in value):
        for place, entry in enumerate(value, 1):
            yield from _flatten(entry, words, f"{prefix} {place}".strip())
    elif isinstance(value, list | tuple) and not prefix:
        yield from (("", _value(entry, words)) for entry in value)
    else:
        yield prefix, _value(value, words)


def _words(name: Any) -> str:
    return str(name).replace("_", " ")


def _value(value: Any, words: Wording) -> str:
    if value is None:
        return words.say("value_none")
    if isinstance(value, bool | np.bool_):
        return words.say("value_yes" if value else "value_no")
    if isinstance(value, int | np.integer):
        return f"{int(value):,}" if abs(int(value)) >= 10_000 else str(int(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}".replace("-", "−", 1 if value < 0 else 0)
    if isinstance(value, list | tuple):
        listed = [_value(entry, words) for entry in value]
        tail = f" {words.say('and_more', len(listed) - 12)}" if len(listed) > 12 else ""
        return ", ".join(listed[:12]) + tail
    text = str(value)
    if _WHOLE_PATH.match(text):  # who reads the page has no use for the folders of who made it
        text = _last_part(text) or text
    return visible(text, _LONGEST_VALUE)
