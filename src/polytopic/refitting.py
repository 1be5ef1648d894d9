"""Learning anew what was not kept of a result: topics that are good stay, the others are found."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from polytopic import registry
from polytopic.errors import CollapseWarning, EmptyDocumentsWarning, InputError
from polytopic.result import TopicResult
from polytopic.text.columns import as_list, held

__all__ = ["refit"]

LOCKED = "locked_topics"
"""The parameter of models that can hold topics as they are given."""


def refit(
    result: TopicResult,
    corpus: Any = None,
    *,
    keep: Iterable[int] | None = None,
    n_topics: int | None = None,
    model: str | None = None,
    **options: Any,
) -> TopicResult:
    """The work of :meth:`TopicResult.refit`."""
    kind = _kind(model or result.model)
    kept = _kept(result, keep)
    base = result.topic_word if result.base is None else result.base.topic_word
    wanted = len(base) if n_topics is None else n_topics
    if not isinstance(wanted, int) or wanted <= len(kept):
        raise InputError(
            f"n_topics: {len(kept)} topics are kept and {wanted!r:.40} are asked for in all, so "
            "none is left to learn. Ask for more (n_topics=), or keep fewer (keep=)."
        )
    _refuse_other_terms(result, corpus)
    known = _parameters(kind)
    same = {n: v for n, v in result.parameters.items() if n in known and v is not None}
    given = {**same, **options, "n_topics": wanted, LOCKED: result.topic_word[kept]}
    given |= {name: None for name in ("seed_words", "checkpoint", "start") if name in known}
    estimator = kind(**given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        warnings.simplefilter("ignore", EmptyDocumentsWarning)
        if corpus is None:
            estimator.fit(result.counts, terms=result.vocabulary.terms)
        else:
            estimator.fit(corpus)
        estimator.vocabulary_ = result.vocabulary  # it knows how texts become these terms
        names = [result.names[k] for k in kept]
        estimator.topic_names_ = names + [""] * (wanted - len(kept))
        made: TopicResult = estimator.result(result.counts if corpus is None else corpus)
    remarks = [result.remarks[k] for k in kept] + [""] * (wanted - len(kept))
    made = replace(made, remarks=remarks)
    if corpus is not None:
        return made
    return replace(
        made, texts=result.texts, labels=result.labels, ids=result.ids, dates=result.dates,
        metadata=result.metadata,
    )  # fmt: skip


def _kind(name: str) -> Any:
    """The class of a model that can hold topics."""
    kind: Any = registry.load_class(registry.find(name, "topics"))
    if LOCKED in _parameters(kind):
        return kind
    able = registry.models_with(LOCKED)
    raise InputError(
        f"model: {kind.__name__} learns all its topics anew and can keep none. Models that can: "
        f'{", ".join(able)} (model="{able[0]}").'
    )


def _parameters(kind: type) -> set[str]:
    return set(inspect.signature(kind).parameters)


def _kept(result: TopicResult, keep: Iterable[int] | None) -> list[int]:
    listed = result.shown.tolist() if keep is None else as_list(keep, "keep")
    for topic in listed:
        whole = isinstance(topic, int | np.integer) and not isinstance(topic, bool)
        if not whole or not 0 <= topic < result.n_topics:
            raise InputError(
                f"keep: there is no topic {topic!r:.40}. Topics are 0 to {result.n_topics - 1}."
            )
    if len(set(listed)) < len(listed) or not listed:
        raise InputError("keep: name each topic once, and one at least.")
    return [int(topic) for topic in listed]


def _refuse_other_terms(result: TopicResult, corpus: Any) -> None:
    vocabulary = None if corpus is None else held(corpus, "vocabulary")
    if corpus is not None and (vocabulary is None or vocabulary.terms != result.vocabulary.terms):
        raise InputError(
            "corpus: has other terms than the result, whose topics are to stay. Count with its "
            "own: Corpus.from_texts(texts, vocabulary=result.vocabulary)."
        )
