"""Plans: which models, seeds and corpora are compared, from arguments or from a TOML file."""

from __future__ import annotations

import difflib
import inspect
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polytopic import registry
from polytopic.comparing.cells import Cell, Documents, digest_of
from polytopic.errors import FileMissingError, InputError
from polytopic.exploring import MAX_TERMS
from polytopic.text import Corpus, read
from polytopic.text.counted.folders import read_counted_test

__all__ = ["Plan", "as_models", "as_seeds", "cells_of", "documents_of", "read_plan"]

TEST_SIZE = 0.2
"""Share of the documents that is kept from the models and judged on."""

SEEDS = 3
"""Seeds where none are named: the fewest that show a deviation worth the name."""

_OF_CODE = {"dates", "ids", "keep_texts", "labels", "n_threads", "tokenizer", "vocabulary"}
"""Options of reading that a plan has no words for, or whose columns it names."""

_KEYS = ("seeds", "n_topics", "reference", "test_size", "n_jobs", "models", "corpora")


@dataclass(frozen=True)
class Plan:
    """What is compared.

    Attributes
    ----------
    models : dict of str to (class name, parameters)
    documents : dict of str to Documents
    seeds : tuple of int
    n_jobs : int
        Processes.
    """

    models: Mapping[str, tuple[str, Mapping[str, Any]]]
    documents: Mapping[str, Documents]
    seeds: Sequence[int]
    n_jobs: int = 1


def cells_of(plan: Plan) -> list[Cell]:
    """Every cell, corpora outermost, seeds innermost; models and parameters are checked.

    Raises
    ------
    InputError
        If a model or a parameter cannot be used.
    """
    check_models(plan.models)
    digests = {name: digest_of(documents) for name, documents in plan.documents.items()}
    return [
        Cell(model, corpus, seed, class_name, parameters, digests[corpus])
        for corpus in plan.documents
        for model, (class_name, parameters) in plan.models.items()
        for seed in plan.seeds
    ]


def check_models(models: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """Raise :class:`InputError` for the first model whose parameters cannot be used."""
    for name, (class_name, parameters) in models.items():
        try:
            Cell(name, "", 0, class_name, parameters, "").estimator()
        except InputError as error:
            raise InputError(f"models.{name}: {error}") from None


# ---- from arguments ------------------------------------------------------------------------------


def as_models(models: Any, n_topics: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name to class name and parameters, each of ``n_topics`` in turn where several are given.

    Raises
    ------
    InputError
        If there are none, or one is no topic model.
    """
    if isinstance(models, str) or not isinstance(models, Mapping | Sequence):
        models = [models]
    named = models if isinstance(models, Mapping) else {_name_of(m): m for m in models}
    if not named:
        raise InputError("models: there are none. Name one or more, such as lda or prodlda.")
    found = {str(name): _as_model(str(name), model) for name, model in named.items()}
    if n_topics is None:
        return found
    listed = [n_topics] if isinstance(n_topics, int) else list(n_topics)
    several = len(listed) > 1
    return {
        f"{name}, K={k}" if several else name: (class_name, {**parameters, "n_topics": k})
        for name, (class_name, parameters) in found.items()
        for k in listed
    }


def _name_of(model: Any) -> str:
    return model if isinstance(model, str) else type(model).__name__


def _as_model(name: str, model: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(model, str):
        return registry.find(model, "topics").class_name, {}
    if isinstance(model, Mapping):
        given = {str(key): value for key, value in model.items()}
        kind = given.pop("model", name)
        if not isinstance(kind, str):
            raise InputError(f"models.{name}: model is {kind!r:.40}, not a name of a model.")
        try:
            return registry.find(kind, "topics").class_name, given
        except InputError as error:
            raise InputError(f"models.{name}: {error}") from None
    entry = next((e for e in registry.models() if e.class_name == type(model).__name__), None)
    if entry is None or entry.family != "topics":
        raise InputError(
            f"models.{name}: {type(model).__name__} is no topic model of the package. Pass a name, "
            "a dict of parameters, or a model."
        )
    plain = type(model)().get_params()
    own = {n: v for n, v in model.get_params().items() if v is not plain[n] and n != "random_state"}
    return entry.class_name, own


def as_seeds(seeds: Any) -> list[int]:
    """Seeds 0 to n - 1 of a number, or the ones listed.

    Raises
    ------
    InputError
        If there are none, or one is no number from 0 on.
    """
    listed = list(range(seeds)) if isinstance(seeds, int) and not isinstance(seeds, bool) else seeds
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise InputError(
            f"seeds: is {seeds!r:.40}. Give their number, or a list such as [0, 1, 2]."
        )
    for seed in listed:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise InputError(f"seeds: {seed!r:.40} is no whole number from 0 on.")
    return list(dict.fromkeys(listed))


def documents_of(corpora: Any, test_size: Any, reference: Any) -> dict[str, Documents]:
    """Name to documents: each corpus cut in a training and a test part, the same for all cells.

    Raises
    ------
    InputError
        If there are none, or one is no Corpus.
    """
    if not isinstance(corpora, Mapping):
        corpora = {"corpus": corpora}
    if not corpora:
        raise InputError("corpora: there are none. Pass a Corpus, or a dict of names to such.")
    found: dict[str, Documents] = {}
    for name, given in corpora.items():
        parts = tuple(map(_as_corpus, given if isinstance(given, tuple) else (given,)))
        if not all(isinstance(part, Corpus) for part in parts) or len(parts) not in (1, 2):
            raise InputError(
                f"corpora.{name}: is of type {type(given).__name__}. Pass a Corpus, a path, or two "
                "of them, (training, test)."
            )
        if len(parts) == 2:
            found[str(name)] = Documents(parts[0], parts[1], reference)
        elif not test_size:
            found[str(name)] = Documents(parts[0], None, reference)
        else:
            train, test = parts[0].split(test_size, random_state=0)
            found[str(name)] = Documents(train, test, reference)
    return found


def _as_corpus(given: Any) -> Any:
    return read(given, max_terms=MAX_TERMS) if isinstance(given, str | Path) else given


# ---- from a file ---------------------------------------------------------------------------------


def read_plan(path: str | Path) -> Plan:
    """The plan of a TOML file; paths in it are seen from the folder it lies in.

    ``seeds``, ``n_topics``, ``reference``, ``test_size`` and ``n_jobs`` stand first; a table
    ``[corpora.NAME]`` has ``file``, ``test`` if the split is given, and options of
    :func:`polytopic.read`; a table ``[models.NAME]`` has ``model``, by default its name, and
    parameters.

    Raises
    ------
    FileMissingError, InputError
        If the file is missing or no TOML, or an entry is unknown; the message names it.
    """
    file = Path(path)
    plan = _read_toml(file)
    _refuse_unknown(f"{file}: ", plan, _KEYS)
    for name in ("models", "corpora"):
        tables = plan.get(name)
        if not isinstance(tables, dict) or not tables:
            raise InputError(f"{file}: has no table [{name}.NAME]. Write at least one.")
        for own, table in tables.items():
            if not isinstance(table, dict):
                raise InputError(f"{file}: {name}.{own} is {table!r:.40}, not a table.")
    try:
        seeds = as_seeds(plan.get("seeds", SEEDS))
        models = as_models(plan["models"], plan.get("n_topics"))
        n_jobs = plan.get("n_jobs", 1)
        if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs < 1:
            raise InputError(f"n_jobs: {n_jobs!r:.40} is no number of processes.")
        check_models(models)
        corpora = {n: _read_corpus(file, n, table) for n, table in plan["corpora"].items()}
        reference = _read_reference(file, plan.get("reference"))
        documents = documents_of(corpora, plan.get("test_size", TEST_SIZE), reference)
    except FileMissingError:
        raise
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    return Plan(models, documents, seeds, n_jobs)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileMissingError(f"{file}: no such file. Name a plan in TOML.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = (str(error).strip() or "it nests deeply").splitlines()[0]
        raise InputError(f"{file}: is no TOML ({reason}). Correct it.") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error}).") from None


def _refuse_unknown(place: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in table:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            raise InputError(
                f'{place}"{name:.60}" is unknown.{meant} Known are: {", ".join(known)}.'
            )


def _read_corpus(file: Path, name: str, table: Mapping[str, Any]) -> Any:
    """The corpus of a table; with ``test``, the training and the test part."""
    functions = (read, Corpus.from_texts)
    parameters = [p for f in functions for p in inspect.signature(f).parameters.values()]
    options = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY} - _OF_CODE
    _refuse_unknown(f"corpora.{name}: ", table, ["file", "test", *sorted(options)])
    given = {"max_terms": MAX_TERMS, **table}
    for entry in ("file", "test"):
        if not isinstance(given.get(entry, ""), str) or (entry == "file" and entry not in given):
            raise InputError(f'corpora.{name}: {entry} must name a file: {entry} = "reviews.csv".')
    train = read(file.parent / given.pop("file"), **{n: v for n, v in given.items() if n != "test"})
    if "test" not in given:
        return train
    test = given.pop("test")
    counted = read_counted_test(file.parent / test)
    if counted is not None:
        return train, counted
    return train, read(file.parent / test, vocabulary=train.vocabulary, **given)


def _read_reference(file: Path, reference: Any) -> Corpus | None:
    if reference is None:
        return None
    if not isinstance(reference, str):
        raise InputError(f'reference: is {reference!r:.40}. Name a file: reference = "wiki.txt".')
    every: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "max_terms": None, "stop_words": None}
    return read(file.parent / reference, keep_texts=False, **every)
