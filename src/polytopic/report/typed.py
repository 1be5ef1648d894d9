"""What the page needs to read a typed text as the model would: words, topics, prior; packed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from polytopic.report.document_map import packed
from polytopic.text.characters import VIRAMAS, folding
from polytopic.text.options import TextOptions
from polytopic.text.segmenting import SEGMENTED

if TYPE_CHECKING:
    from polytopic.result import TopicResult
    from polytopic.text import Vocabulary

__all__ = ["MOST_TYPED", "reading_rules", "typed_record"]

Record = dict[str, Any]

MOST_TYPED = 1_200_000
"""Characters of the packed topics: with the documents of a large corpus the page stays small."""

ABOVE_FLOOR = 1.0005
"""A probability so many times the least of its topic is that: half the step of a float16."""

_LEVELS = 65_535
"""Steps of a logarithm in 16 bits; over e^20 one is 0.03 %, finer than a float16."""


def typed_record(result: TopicResult, room: int) -> Record | None:
    """The record of the box where a text is typed; None where the page cannot read as the model.

    It can where the model is at hand and says its prior (:meth:`mixture_prior`), and its reading of
    text is the package's own rule of words. ``room``: the characters that the page has left.

    Returns
    -------
    dict
        ``fits``, False where the topics are too large; else ``rules``; ``alpha`` and ``floor``,
        the least p(w | t) of each topic, both (K,); ``low`` and ``step``, logarithms; ``terms``,
        packed JSON; ``arrays``, packed: of each term how many topics have it above their floor
        (uint16), then, in the order of the terms, these topics and the steps of their logarithms;
        where terms are weighed, their weights too, in steps of ``weight_step``, which else is 0.
    """
    rules = reading_rules(result.vocabulary)
    model = None if rules is None else result.model_at_hand()
    alpha = getattr(model, "mixture_prior", lambda: None)()
    if model is None or alpha is None:
        return None
    phi = np.asarray(result.topic_word, dtype=np.float64)
    floor = np.maximum(phi.min(axis=1), 1e-30)
    topic, term = np.nonzero(phi > ABOVE_FLOOR * floor[:, None])
    order = np.lexsort((topic, term))
    topic, term = topic[order], term[order]
    logs = np.log(phi[topic, term])
    low, high = (float(logs.min()), float(logs.max())) if len(logs) else (0.0, 0.0)
    step = max(high - low, 1e-9) / _LEVELS
    arrays = [
        np.bincount(term, minlength=phi.shape[1]).astype("<u2"),
        topic.astype("<u2"),
        ((logs - low) / step).round().astype("<u2"),
    ]
    weights = model.weights_of_terms()
    weight_step = 0.0 if weights is None else float(weights.max()) / _LEVELS
    if weights is not None:
        arrays.append((weights / weight_step).round().astype("<u2"))
    held = {
        "terms": packed(json.dumps(result.vocabulary.terms).encode()),
        "arrays": packed(b"".join(array.tobytes() for array in arrays)),
    }
    if sum(map(len, held.values())) > min(room, MOST_TYPED):
        return {"fits": False}
    numbers = {"alpha": _listed(alpha), "floor": _listed(floor), "low": low, "step": step}
    numbers["weight_step"] = weight_step
    return {"fits": True, "rules": rules, "entries": len(logs), **numbers, **held}


def reading_rules(vocabulary: Vocabulary) -> Record | None:
    """How the page finds the words of a text; None where it cannot as the vocabulary's texts were.

    It cannot without rules, with a pattern or function of the caller's, for languages that a
    library divides, and where lines or phrases are dropped.
    """
    rules = vocabulary.rules
    if rules is None or rules.tokenizer or rules.token_pattern:
        return None
    if rules.repeated_lines or rules.stop_phrases:
        return None
    word_rule = TextOptions(vocabulary=vocabulary).word_rule()
    if word_rule.language in SEGMENTED or word_rule.spaces:
        return None
    table = folding()
    return {
        "lowercase": word_rule.lowercase,
        "shortest": word_rule.min_length,
        "elided": word_rule.kinds == "elided",
        "dotless": word_rule.prepare("I") == "\u0131",
        "possessive": word_rule.language == "en",
        "cleaned": bool(rules.clean),
        "phrases": [list(phrase) for phrase in vocabulary.ngrams] if rules.ngrams else [],
        "dropped": _ranges(code for code, plain in table.items() if plain is None),
        "folded": _ranges(code for code, plain in table.items() if plain is not None),
        "viramas": VIRAMAS,
    }


def _ranges(codes: Iterable[int]) -> list[int]:
    """First and last of each run of whole numbers, one after the other.

    >>> _ranges([7, 1, 2, 3])
    [1, 3, 7, 7]
    """
    runs = itertools.groupby(enumerate(sorted(codes)), key=lambda pair: pair[1] - pair[0])
    found = [[code for _, code in run] for _, run in runs]
    return [code for run in found for code in (run[0], run[-1])]


def _listed(values: NDArray[Any]) -> list[float]:
    return [float(f"{value:.7g}") for value in values]
