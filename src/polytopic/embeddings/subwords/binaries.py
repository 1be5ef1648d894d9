"""What classifiers are called in fastText's binary files: losses, labels, settings."""

from __future__ import annotations

from pathlib import Path

from polytopic.embeddings.files.fasttext import TREE, Parts, read_parts
from polytopic.embeddings.files.words import Reading
from polytopic.errors import InputError

__all__ = ["CODES", "PREFIX", "read_classifier"]

CODES = {"hierarchical": TREE, "softmax": 3, "ova": 4}
"""loss_name in fastText's args.h."""

PREFIX = "__label__"
"""Begins labels in fastText's files."""


def read_classifier(path: str | Path) -> tuple[str, Parts]:
    """The loss and the parts of a classifier's file.

    Raises
    ------
    FileMissingError, InputError
        If it is missing, damaged, no classifier, or of another loss.
    """
    parts = read_parts(path, Reading("refuse"))
    losses = {code: name for name, code in CODES.items()}
    loss = losses.get(parts.settings["loss"])
    if not parts.supervised or loss is None:
        raise InputError(f"{path}: is no classifier of softmax, ova or a tree. Name another.")
    if len(parts.outputs) != len(parts.labels):
        raise InputError(f"{path}: has {len(parts.outputs)} rows for {len(parts.labels)} labels.")
    return loss, parts
