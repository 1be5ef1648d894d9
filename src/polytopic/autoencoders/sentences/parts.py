"""What the constructor of the sentence VAE accepts, how it reads, and how its parts are built."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from polytopic.autoencoders.sentences.module import (
    SentenceCode,
    SentenceDecoder,
    SentenceEncoder,
)
from polytopic.autoencoders.sentences.parameters import SentenceParameters
from polytopic.autoencoders.sentences.words import Lexicon, Sentences, tell_empty, word_lists
from polytopic.errors import InputError
from polytopic.nets import Objective
from polytopic.training.estimators import split

__all__ = ["Read", "build", "prepared"]

_START = 0.1
"""Words start evenly from -.1 to .1, as in Bowman et al. and Zaremba et al. 2014; given vectors are
brought to the same deviation."""

_USUAL_LENGTH = 20.0
"""Words a sentence, by which the end's first share among words is set: about the mean of Penn
Treebank (21) and of newspapers; training moves it at once."""


@dataclass(frozen=True)
class Read:
    """Sentences ready for training, and what became of the others (JSON-ready)."""

    lexicon: Lexicon
    training: Sentences
    held_out: Sentences | None
    notes: dict[str, Any]


def prepared(model: SentenceParameters, X: Any, held_out: Any, seed: int) -> Read:
    """The sentences of ``X`` as numbers, without the empty ones, and the held-out ones.

    Raises
    ------
    InputError
        If fewer than two are left, or one is too long and ``long`` is "error".
    """
    lists = word_lists(Path(X) if isinstance(X, str) else X)
    filled = [words for words in lists if words]
    tell_empty(len(lists) - len(filled), "sentences", "they are left out")
    if len(filled) < 2:
        raise InputError(
            f"sentences: {len(filled)} of {len(lists)} hold a word, and a code says what sentences "
            "differ in. Pass more."
        )
    lexicon = Lexicon.of(filled, model.min_count, model.max_words)
    sentences, missed = lexicon.sentences(filled)
    sentences, n_long = _limited(model, sentences)
    notes = {
        "sentences": len(lists), "empty": len(lists) - len(filled), "long": n_long,
        "unknown_words": missed, "words": len(lexicon),
    }  # fmt: skip
    if held_out is None:
        rows, others = split(np.arange(len(sentences)), model.held_out, seed)
        if len(others) == 0:
            return Read(lexicon, sentences, None, notes)
        return Read(lexicon, sentences.take(rows), sentences.take(others), notes)
    given = word_lists(Path(held_out) if isinstance(held_out, str) else held_out)
    apart, _ = lexicon.sentences([words for words in given if words])
    if len(apart) == 0:
        raise InputError("held_out: holds no sentence with a word. Pass some, or None.")
    return Read(lexicon, sentences, apart, notes)


def _limited(model: SentenceParameters, sentences: Sentences) -> tuple[Sentences, int]:
    longer = sentences.lengths > model.max_length + 1
    n_long = int(longer.sum())
    if n_long == 0:
        return sentences, 0
    if model.long == "error":
        first = int(np.flatnonzero(longer)[0])
        raise InputError(
            f"sentences: {n_long} have more than {model.max_length} words, the first of "
            f'{sentences.lengths[first] - 1}. Raise max_length, or use long="cut" or "drop".'
        )
    done = "cut" if model.long == "cut" else "left out"
    warnings.warn(
        f"sentences: {n_long} of {len(longer)} have more than {model.max_length} words "
        f"(max_length) and are {done}.",
        UserWarning,
        stacklevel=4,
    )
    if model.long == "cut":
        return sentences.cut(model.max_length), n_long
    left = sentences.take(np.flatnonzero(~longer))
    if len(left) < 2:
        raise InputError(
            f"sentences: {len(left)} have at most {model.max_length} words. Raise max_length, or "
            'use long="cut".'
        )
    return left, n_long


def build(
    model: SentenceParameters, lexicon: Lexicon, seed: int, *, word_dim: int | None = None
) -> SentenceCode:
    """The networks with their initial values."""
    generator = Generator().manual_seed(seed)
    table = _table(model, lexicon, generator, word_dim)
    shared: dict[str, Any] = {
        "hidden": model.hidden, "dim": model.dim, "generator": generator,
    }  # fmt: skip
    decoder = SentenceDecoder(
        table, _log_shares(lexicon), rate=model.dropout, word_dropout=model.word_dropout,
        unknown=lexicon.unknown, **shared,
    )  # fmt: skip
    return SentenceCode(
        SentenceEncoder(word_dim=table.shape[1], spread=model.spread, **shared),
        decoder,
        objective=Objective(beta=model.beta, free_bits=model.free_bits),
        annealing=model.annealing,
    )


def _log_shares(lexicon: Lexicon) -> Tensor:
    """Logarithms of the words' frequencies, where the softmax's bias begins, (V,)."""
    counts = torch.from_numpy(lexicon.vocabulary.counts.copy()).float()
    end = counts.sum() / _USUAL_LENGTH
    shares = torch.cat([end.unsqueeze(0), counts]).clamp_min(0.5)
    return (shares / shares.sum()).log()


def _table(
    model: SentenceParameters, lexicon: Lexicon, generator: Generator, word_dim: int | None
) -> Tensor:
    """Vectors of the end and of the words, (V, W): small at random, or given ones as small."""
    vectors = model.vectors if word_dim is None else None
    width = word_dim or (model.word_dim if vectors is None else vectors.dim)
    table = torch.empty(len(lexicon), width).uniform_(-_START, _START, generator=generator)
    if vectors is None:
        return table
    rows = [
        (i + 1, vectors.vocabulary.index(word))
        for i, word in enumerate(lexicon.vocabulary.terms)
        if word in vectors.vocabulary
    ]
    if not rows:
        raise InputError(
            "vectors: know no word of the sentences. Pass vectors of the same language."
        )
    own, theirs = (list(places) for places in zip(*rows, strict=True))
    given = torch.from_numpy(np.array(vectors.input[theirs]))
    table[own] = given * (_START / 3**0.5 / given.std().clamp_min(1e-12))
    return table
