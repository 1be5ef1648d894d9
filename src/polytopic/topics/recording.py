"""From a fitted model and a corpus to the frozen record of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from polytopic import persistence
from polytopic.counts import whole_counts
from polytopic.result import Quality, TopicResult
from polytopic.text.columns import held
from polytopic.topics.kept_edits import KeptEdits

__all__ = ["record_of"]


def record_of(
    model: Any,
    corpus: Any,
    quality: Quality,
    metrics: Mapping[str, Any],
    edits: KeptEdits | None = None,
) -> TopicResult:
    """The result of a model on a corpus whose theta is known, with the edits it keeps."""
    quality = replace(quality, counts=whole_counts(quality.counts))
    made = TopicResult(
        topic_word=quality.topic_word,
        doc_topic=quality.doc_topic,
        vocabulary=quality.vocabulary,
        counts=quality.counts,
        quality=quality,
        texts=held(corpus, "texts"),
        labels=held(corpus, "labels"),
        ids=held(corpus, "ids"),
        dates=held(corpus, "dates"),
        metadata=held(corpus, "metadata") or {},
        names=edits.before if edits else getattr(model, "topic_names_", ()),
        beside_counts=quality.beside_counts,
        history=tuple(model.history_),
        parameters=persistence.json_parameters(model),
        metrics=metrics,
        model=type(model).__name__,
        notes={**model.notes_, "chosen": persistence.chosen_parameters(model)},
        fitted=model,
    )
    return edits.applied(made) if edits else made
