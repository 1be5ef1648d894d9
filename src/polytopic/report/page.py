"""``write_report``: from a finished result to one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polytopic
from polytopic.errors import FileMissingError, InputError
from polytopic.io import replacing
from polytopic.report import assets, facts
from polytopic.report.embedding import content_security_policy, embed_json, embed_script
from polytopic.report.seen import Seen, read_result
from polytopic.report.trends import FEW_DOCUMENTS
from polytopic.report.wording import Wording

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["render", "write_report"]


def write_report(
    result: TopicResult, path: str | Path, *, title: str | None = None, language: str = "en"
) -> Path:
    """Write the report of a result: one HTML file that holds all it shows and works offline.

    Parameters
    ----------
    result : TopicResult
        Texts, labels, dates and history may be missing; the page then leaves out what needs them.
    path : str or Path
        Where to write. A file there is replaced once the new one is complete.
    title : str, optional
        Heading of the page. By default the corpus named in ``result.notes``, or "Topics".
    language : {"en", "de", "es", "fr", "zh"}
        Language of all that the page says; names of parameters and notes of the run stay.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If ``path`` is a folder or cannot be written (nothing is left behind then), or the page has
        no words in the language.
    FileMissingError
        If the folder of ``path`` does not exist.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(
            f"{target}: is a folder. Name a file, for example {target / 'report.html'}."
        )
    if not target.parent.is_dir():
        raise FileMissingError(
            f"{target}: there is no folder {target.parent}. Make it first or write elsewhere."
        )
    _write(target, render(result, title=title, language=language).encode("utf-8", "replace"))
    return target


def render(result: TopicResult, *, title: str | None = None, language: str = "en") -> str:
    """The report as HTML; parameters and errors are those of :func:`write_report`."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    words = Wording(language)
    seen = read_result(result, words)
    script = embed_script(assets.page_script())
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.from_string(assets.page_template()).render(
        say=words.say,
        language=language,
        title=facts.title(result, title, words),
        summary=seen.summary,
        key_figures=facts.key_figures(result, seen.health, words),
        health=seen.health,
        topics=facts.rows([record for record in seen.records if not record["hidden"]], words),
        has_coherence=seen.health.coherence is not None,
        has_documents=seen.data["documents"] is not None,
        has_tree=bool(seen.data["tree"]),
        typed=None if seen.data["typed"] is None else seen.data["typed"]["fits"],
        parts=_parts(seen),
        training=seen.data["training"],
        numbers=seen.data["numbers"],
        tables=facts.tables(result, words),
        version=polytopic.__version__,
        policy=Markup(content_security_policy(script)),
        style=Markup(assets.page_style()),
        script=Markup(script),
        data=Markup(embed_json(seen.data)),
    )


def _parts(seen: Seen) -> list[dict[str, Any]]:
    """The blocks below the map, each with a heading, a note and the names of its figures."""
    words = seen.words
    parts: list[dict[str, Any]] = []
    if seen.time_note:
        parts.append({"heading": words.say("time_heading"), "note": seen.time_note, "figures": []})
    if seen.data["time"] is not None:
        key = words.say("time_key", FEW_DOCUMENTS)
        note = f"{words.say('time_note', key=key)} {seen.data['time']['note']}".strip()
        figures = ["counts", "dates"]
        parts.append({
            "heading": words.say("time_heading"), "note": note, "figures": figures,
            "more": {"heading": words.say("all_over_time"), "figure": "dates-all"},
        })  # fmt: skip
    for heading, note in seen.label_notes:
        parts.append({"heading": heading, "note": note, "figures": []})
    for place, column in enumerate(seen.data["labels"]):
        note = f"{words.say('labels_note')} {column['note']}".strip()
        parts.append({"heading": column["heading"], "note": note, "figures": [f"labels-{place}"]})
    return parts


def _write(target: Path, page: bytes) -> None:
    """Write beside the target, then replace it: a reader never sees half a page."""
    try:
        with replacing(target.resolve()) as partial:
            partial.write_bytes(page)
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). "
            "Free some space or choose another folder; what was there before is unchanged."
        ) from None
