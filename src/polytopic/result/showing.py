"""A result in a few lines of text, and as a table in a notebook."""

from __future__ import annotations

from html import escape

from polytopic.io.leaving import LONGEST_SHOWN, visible
from polytopic.result.record import Record

__all__ = ["as_html", "in_words"]

_LARGEST = 5
"""Topics that the text names."""

_LISTED = 100
"""Topics that a notebook's table holds."""

_WORDS = 3
_WORDS_IN_TABLE = 10
"""Words that stand for a topic in a line, and in a table of topics."""


def in_words(result: Record) -> str:
    """One line on what it is, and one that names its largest topics."""
    sizes = result.topic_sizes
    largest = sorted(result.shown.tolist(), key=lambda k: (-sizes[k], k))
    words = result.top_words(_WORDS)
    named = [_short(f"{k} {result.names[k] or ' '.join(words[k])}") for k in largest[:_LARGEST]]
    more = ", ..." if len(largest) > _LARGEST else ""
    return f"TopicResult({_facts(result)})\n  largest: {', '.join(named)}{more}"


def as_html(result: Record) -> str:
    """A table of the topics, largest first; texts are escaped."""
    sizes, words = result.topic_sizes, result.top_words(_WORDS_IN_TABLE)
    largest = sorted(result.shown.tolist(), key=lambda k: (-sizes[k], k))
    named = any(result.names)
    heads = ["topic", *(["name"] if named else []), "share", "words"]
    rows = []
    for topic in largest[:_LISTED]:
        cells = [str(topic), *([result.names[topic]] if named else [])]
        cells += [f"{sizes[topic]:.1%}", " ".join(words[topic])]
        rows.append("".join(f"<td>{escape(_short(cell))}</td>" for cell in cells))
    left = len(largest) - _LISTED
    told = f"<p>and {left} more: result.topics()</p>" if left > 0 else ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<p>{escape(_facts(result))}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{told}"
    )


def _facts(result: Record) -> str:
    facts = [_short(result.model)] if result.model else []
    facts += [f"{result.n_topics:,} topics", f"{result.n_documents:,} documents"]
    facts.append(f"{len(result.vocabulary):,} terms")
    if result.hidden:
        facts.append(f"{len(result.hidden)} hidden")
    if result.edits:
        facts.append(f"{len(result.edits)} edit{'' if len(result.edits) == 1 else 's'}")
    return ", ".join(facts)


def _short(text: str) -> str:
    return visible(text, LONGEST_SHOWN).replace("\n", " ")
