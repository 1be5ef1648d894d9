"""Small made-up texts that every figure can be drawn of, and the reading of larger ones."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from polytopic.errors import InputError
from polytopic.text import Corpus, read

__all__ = ["THEMES", "corpus_of", "documents", "kept_records", "themed"]

THEMES = {
    "kitchen": "pizza cheese bread oven salt soup olive waiter wine dough",
    "road": "engine car brake tyre road clutch wheel fuel motor lights",
    "cells": "cell gene protein enzyme tissue membrane virus nucleus mutation blood",
    "court": "judge law court jury trial witness verdict lawyer appeal crime",
}
"""Words of four themes that share none."""

COMMON = "day time people work place year hand good small long"

_OWN = 0.7
"""Share of a text's words that are of its theme."""


def documents(n: int = 300, seed: int = 0) -> tuple[list[str], list[str]]:
    """Texts of 6 to 24 words, seven in ten from one theme, the others from all; and themes."""
    rng = np.random.default_rng(seed)
    words = {theme: text.split() for theme, text in THEMES.items()}
    rest = [*COMMON.split() * 3, *(word for own in words.values() for word in own)]
    labels = [str(theme) for theme in rng.choice(list(words), n)]
    texts = []
    for theme in labels:
        own = rng.random(int(rng.integers(6, 25))) < _OWN
        texts.append(" ".join(rng.choice(words[theme] if from_own else rest) for from_own in own))
    return texts, labels


def themed(n: int = 300, seed: int = 0) -> Corpus:
    """The documents as a corpus, labelled."""
    texts, labels = documents(n, seed)
    return Corpus.from_texts(texts, labels=labels, min_df=1, max_df=1.0, stop_words=None)


def corpus_of(data: Path | None, n: int = 300) -> Corpus:
    """The corpus at a path, or ``n`` documents of the stand-in.

    Raises
    ------
    FileMissingError, InputError
        If it cannot be read as a corpus.
    """
    if data is None:
        return themed(n)
    found: Any = read(data)
    if len(found) < 2:
        raise InputError(f"{data}: has {len(found)} documents. Name a larger corpus.")
    corpus: Corpus = found
    return corpus


def kept_records(
    path: Path, entries: Collection[str], benchmark: str, what: str
) -> list[dict[str, Any]]:
    """The records that a script of benchmarks/ kept as JSON, each with the ``entries``.

    Raises
    ------
    InputError
        If the file holds none; ``what`` says which file to name.
    """
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        if not records or not all(set(entries) <= set(record) for record in records):
            raise ValueError("entries are absent")
    except (ValueError, TypeError, OSError) as error:
        raise InputError(
            f"{path}: holds no records of benchmarks/{benchmark} ({error}). Name {what}."
        ) from None
    return list(records)
