"""``--set name=value``: any parameter of a model, read by what its declaration accepts."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from polytopic.errors import InputError

__all__ = ["Setting", "read_settings"]

Setting = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help='A parameter of the model, name=value; several times. "polytopic models NAME" lists '
        "them.",
        rich_help_panel="The model",
        show_default=False,
    ),
]

OWN_OPTIONS = {
    "n_topics": "--topics",
    "random_state": "--seed",
    "epochs": "--epochs",
    "iterations": "--epochs",
    "device": "--device",
    "n_threads": "--threads",
    "cluster": "--cluster",
    "seed_words": "--seeds",
    "encoder": "--encoder",
    "trackers": "--tracker",
}
"""Parameters that have an option of their own."""

_OF_THE_RUN = {
    "checkpoint": "the run's folder holds it",
    "verbose": "--quiet turns it off",
}
"""Parameters that the command itself sees to."""

_WORDS = {"none": None, "true": True, "false": False}


def read_settings(given: Sequence[str] | None, model: str | None) -> dict[str, Any]:
    """The parameters of a model by name, each the first reading that the model accepts.

    A value is read as a word (none, true, false), a number, JSON or else as it stands.

    Raises
    ------
    InputError
        If one is not ``name=value``, has an option of its own, stands there twice, is no parameter
        of the model, or has a value that the model does not accept.
    """
    from polytopic import registry

    if not given:
        return {}
    entry = registry.find(model or registry.DEFAULT_TOPIC_MODEL, "topics")
    declared = registry.parameters_of(entry)
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise InputError(f'--set: "{text:.60}" is not name=value, as in --set alpha=0.05.')
        if name in found:
            raise InputError(f"--set: {name} is given twice. Give it once.")
        _refuse_own(name)
        if name not in declared:
            close = difflib.get_close_matches(name, declared, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise InputError(
                f'--set: {entry.class_name} has no parameter "{name:.60}".{meant} '
                f'"polytopic models {entry.name}" lists them.'
            )
        found[name] = _accepted(name, value.strip(), declared[name].accepts, entry.class_name)
    return found


def _refuse_own(name: str) -> None:
    if name in OWN_OPTIONS:
        raise InputError(f"--set: {name} has an option of its own. Use {OWN_OPTIONS[name]}.")
    if name in _OF_THE_RUN:
        raise InputError(f"--set: {name} is not set by hand: {_OF_THE_RUN[name]}. Leave it out.")


def _accepted(name: str, text: str, constraint: Any, model: str) -> Any:
    for value in _readings(text):
        if constraint is None or constraint.accepts(value):
            return value
    raise InputError(
        f'--set: {name}: "{text:.60}" cannot be used by {model}. It must be '
        f"{constraint.describe()}."
    )


def _readings(text: str) -> Iterator[Any]:
    """What a value may mean, the narrowest first."""
    if text.lower() in _WORDS:
        yield _WORDS[text.lower()]
    for kind in (int, float):
        try:
            yield kind(text)
        except ValueError:
            continue
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list | dict | str):
        yield value
    yield text
