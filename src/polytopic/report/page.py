"""``write_report``: from a finished result to one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from polytopic.errors import FileMissingError, InputError
from polytopic.io import replacing
from polytopic.report import assets, breakdown, content, facts, figures, health, layout
from polytopic.report.embedding import content_security_policy, embed_json, embed_script
from polytopic.report.latent import document_map

if TYPE_CHECKING:
    from polytopic.result import TopicResult

__all__ = ["render", "write_report"]


def write_report(result: TopicResult, path: str | Path, *, title: str | None = None) -> Path:
    """Write the report of a result: one HTML file that holds all it shows and works offline.

    Parameters
    ----------
    result : TopicResult
        Texts, labels, dates and history may be missing; the page then leaves out what needs them.
    path : str or Path
        Where to write. A file there is replaced once the new one is complete.
    title : str, optional
        Heading of the page. By default the corpus named in ``result.notes``, or "Topics".

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If ``path`` is a folder or cannot be written; nothing is left behind then.
    FileMissingError
        If the folder of ``path`` does not exist.
    MissingExtraError
        In a source tree that was not built, without vl-convert.
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
    _write(target, render(result, title=title).encode("utf-8", "replace"))
    return target


def render(result: TopicResult, *, title: str | None = None) -> str:
    """The report as HTML."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    import polytopic

    distances = layout.jensen_shannon(result.topic_word)
    points, radii = layout.topic_positions(distances, result.topic_sizes)
    lengths = content.document_lengths(result)
    labels = breakdown.by_label(result.labels, result.doc_topic, lengths)
    dates = breakdown.by_date(result.dates, result.doc_topic, lengths)
    judged = health.judge(result)
    records = content.topic_records(
        result,
        distances=distances,
        colours=layout.colours(points),
        coherence=judged.coherence,
        labels=labels if isinstance(labels, breakdown.Breakdown) else None,
        dates=dates if isinstance(dates, breakdown.Breakdown) else None,
    )
    for record in records:
        record["flags"] = judged.flags.get(record["id"], [])
        short = (flag if len(flag) < 11 else "duplicate" for flag in record["flags"])
        record["badge"] = ", ".join(short)
    parts, specs = _parts(result, records, labels, dates)
    specs = {"map": figures.topic_map(records, points, radii), **specs}
    periods = dates.groups if isinstance(dates, breakdown.Breakdown) else []
    vega, script = embed_script(assets.vega_script()), embed_script(assets.page_script())
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.from_string(assets.page_template()).render(
        title=facts.title(result, title),
        lead=facts.lead(result),
        key_figures=facts.key_figures(result, judged),
        health=judged,
        topics=facts.rows(records),
        has_coherence=judged.coherence is not None,
        parts=parts,
        tables=facts.tables(result),
        version=polytopic.__version__,
        policy=Markup(content_security_policy(vega, script)),
        style=Markup(assets.page_style()),
        vega=Markup(vega),
        script=Markup(script),
        data=Markup(embed_json({"topics": records, "periods": periods, "figures": specs})),
    )


def _parts(
    result: TopicResult,
    records: list[dict[str, Any]],
    labels: breakdown.Breakdown | str | None,
    dates: breakdown.Breakdown | str | None,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The blocks below the map, each with a heading, a note and the names of its figures."""
    parts: list[dict[str, Any]] = []
    specs: dict[str, Any] = {}
    for heading, name, found, told, draw in (
        ("Topics over labels", "labels", labels, _LABELS_NOTE, figures.label_heatmap),
        ("Topics over time", "dates", dates, _DATES_NOTE, figures.date_heatmap),
    ):
        if isinstance(found, str):
            parts.append({"heading": heading, "note": found, "figures": []})
        elif found is not None:
            specs[name] = draw(records, found)
            note = f"{told} {found.note}".strip()
            parts.append({"heading": heading, "note": note, "figures": [name]})
    if result.has_topic.sum() >= _FEWEST_ON_A_PLANE and len(records) > 1:
        by_label = isinstance(labels, breakdown.Breakdown)
        specs["documents"] = document_map(result, records, by_label=by_label)
        note = _PLANE_NOTE.format("label" if by_label else "largest topic")
        parts.append({"heading": "Documents on a plane", "note": note, "figures": ["documents"]})
    curves = figures.training_curves(result.history)
    names = [f"training-{place}" for place in range(len(curves))]
    specs |= dict(zip(names, curves, strict=True))
    note = "" if curves else "The result holds no training history."
    parts.append({"heading": "Training", "note": note, "figures": names})
    return parts, specs


_LABELS_NOTE = (
    "The share of each label's tokens that a topic accounts for. Click a cell to open its topic."
)
_FEWEST_ON_A_PLANE = 3
_PLANE_NOTE = (
    "Documents whose topic proportions are alike stand together (PCA of their square roots); the "
    "colour is the {}. Click a document to open its largest topic."
)
_DATES_NOTE = (
    "The topics that change most, early ones first: their share of a period's tokens, by their "
    "average share. Click a cell to open its topic."
)


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
