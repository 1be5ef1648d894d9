"""Fits of one model with other seeds, side by side in processes, the same bits for any number."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from polytopic import registry
from polytopic.errors import InputError

__all__ = ["check_corpus", "check_whole", "in_order", "member", "prototype"]


def prototype(model: Any, **parameters: Any) -> Any:
    """A model that is not fitted, of a name or of one that is, with parameters set and checked.

    Raises
    ------
    InputError
        If there is no such model or parameter, it takes no seed, or it has an encoder: members are
        fitted to counts alone.
    """
    if isinstance(model, str):
        made = registry.load_class(registry.find(model, "topics"))()
    elif hasattr(model, "get_params") and hasattr(model, "fit"):
        made = type(model)(**model.get_params(deep=False))
    else:
        raise InputError(
            f"model: is a {type(model).__name__}. Pass the name of a topic model, or one."
        )
    known = set(inspect.signature(type(made)).parameters)
    if not {"n_topics", "random_state"} <= known:
        raise InputError(f"model: {type(made).__name__} has no number of topics, or no seed.")
    given = {name: value for name, value in parameters.items() if value is not None}
    for name in ("verbose", "checkpoint"):
        if name in known:
            given[name] = False if name == "verbose" else None
    if "n_threads" in known and made.get_params()["n_threads"] is None:
        given["n_threads"] = 1  # so that neural models give the same bits however many run beside
    made.set_params(**given)
    made.check_parameters()
    if getattr(made, "encoder", None) is not None:
        raise InputError(
            f"encoder: {type(made).__name__} is fitted several times here, to counts alone. Leave "
            "it out: vectors of the corpus's own serve."
        )
    return made


def member(model: Any, seed: int, corpus: Any) -> Any:
    """A copy of the model with a seed, fitted quietly."""
    made = type(model)(**model.get_params(deep=False))
    made.set_params(random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the ensemble tells what its topics are worth
        return made.fit(corpus)


def in_order(
    function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], n_jobs: int
) -> Iterator[tuple[int, Any]]:
    """Number and result of each task, as they are done, by ``n_jobs`` processes."""
    listed = list(tasks)
    if n_jobs == 1 or len(listed) < 2:
        for number, task in enumerate(listed):
            yield number, function(*task)
        return
    from polytopic.processes import in_processes

    numbered = [(function, number, task) for number, task in enumerate(listed)]
    yield from in_processes(_numbered, numbered, n_jobs)


def _numbered(function: Callable[..., Any], number: int, task: tuple[Any, ...]) -> tuple[int, Any]:
    return number, function(*task)


def check_whole(value: Any, name: str, least: int, why: str) -> int:
    """A whole number of at least ``least``.

    Raises
    ------
    InputError
        If it is none; ``why`` says what it is for.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < least:
        raise InputError(f"{name}: is {value!r:.40}. {why} Pass {least} or more.")
    return int(value)


def check_corpus(corpus: Any) -> None:
    """Refuse what holds no counts with terms.

    Raises
    ------
    InputError
        If it is no Corpus.
    """
    if not (hasattr(corpus, "counts") and hasattr(corpus, "vocabulary")):
        raise InputError(
            f"corpus: is a {type(corpus).__name__}. Pass a Corpus: Corpus.from_texts(texts), or "
            "Corpus.from_counts(counts, terms=terms)."
        )
