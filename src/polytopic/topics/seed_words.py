"""Seed words: names of topics and the words that each is to be drawn to, for every guided model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError
from polytopic.parameters import Custom
from polytopic.text import Vocabulary

__all__ = ["SEED_WORDS", "Seeds", "seed_columns", "topic_names"]

Seeds = Sequence[tuple[str, NDArray[np.int64]]]
"""Name of each seeded topic, and the columns of its words."""

_NAMED = 20
"""Terms that an error lists: a line or two."""

SEED_WORDS = Custom(
    "a dict of topic names to lists of words, or None",
    lambda value: value is None or isinstance(value, Mapping),
)
"""What the parameter ``seed_words`` accepts."""


def seed_columns(
    seed_words: Mapping[str, Sequence[str]], vocabulary: Vocabulary, n_free: int
) -> list[tuple[str, NDArray[np.int64]]]:
    """Names of seeded topics and the columns of their words.

    Raises
    ------
    InputError
        If there are more seeded topics than ``n_free``, one has no words, or words are not in the
        vocabulary: all of them are named.
    """
    if len(seed_words) > n_free:
        raise InputError(
            f"seed_words: {len(seed_words)} seeded topics and room for {n_free}. Raise n_topics, "
            "or seed fewer."
        )
    column = {term: index for index, term in enumerate(vocabulary.terms)}
    missing: list[str] = []
    found = []
    for name, words in seed_words.items():
        listed = [words] if isinstance(words, str) else list(words)
        if not listed:
            raise InputError(f'seed_words: "{name}" has no words. Give it some, or leave it out.')
        missing += [f"{word} ({name})" for word in listed if word not in column]
        known = sorted({column[word] for word in listed if word in column})
        found.append((str(name), np.array(known, dtype=np.int64)))
    if missing:
        shown = ", ".join(missing[:_NAMED]) + (", ..." if len(missing) > _NAMED else "")
        raise InputError(
            f"seed_words: {len(missing)} are not in the vocabulary: {shown}. Leave them out, or "
            "keep more terms (lower min_df, higher max_df); terms are lower-case by default."
        )
    return found


def topic_names(
    seed_words: Mapping[str, Sequence[str]] | None, n_topics: int, first: int = 0
) -> list[str]:
    """A name a topic: those of seeded topics, which stand from ``first`` on, and "" elsewhere."""
    names = [""] * first + [str(name) for name in seed_words or ()]
    return names + [""] * (n_topics - len(names))
