"""Why two matrices? Word vectors of one to four, and how well each tells which words belong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.cbow import CBOW
from polytopic.embeddings.glove import GloVe
from polytopic.embeddings.ppmi import ppmi_vectors
from polytopic.embeddings.skipgram import SkipGram
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError
from polytopic.figures.making import Table
from polytopic.figures.stand_in import THEMES, documents
from polytopic.metrics import word_similarity
from polytopic.text import Corpus

__all__ = ["matrices"]

COLUMNS = ("model", "matrices", "vectors", "loss", "similarity")

_KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "one": ({"tied": True}, ("input",)),
    "two": ({}, ("input", "output", "sum", "concat")),
    "three": ({"negatives": "separate"}, ("input", "output")),
    "four": ({"negatives": "both"}, ("input", "output")),
}
"""What a windowed model is made with, and which of its rows are compared."""

_TEXTS, _SMALL_DIM, _SMALL_EPOCHS = 3000, 16, 5
"""Of the stand-in: some 45,000 words, on which a fit takes a second."""

_DIM, _EPOCHS, _MIN_COUNT = 100, 3, 5
"""As in the docs."""

_TEXT, _PAIRS = "text.txt", "pairs.txt"
"""Files of a folder of data."""

_PIECE = 10
"""Words of a piece whose words stand together, of ``ppmi_vectors``: a window to each side."""


def matrices(data: Path | None = None) -> Table:
    """A row a model, number of matrices and kind of rows: its loss, and ``similarity``.

    ``similarity``: of the stand-in the share of pairs of words of one theme that are nearer than
    pairs of two themes (chance: .5); of data Spearman's rho with the ratings of its pairs.
    """
    if data is None:
        sentences = [text.split() for text in documents(_TEXTS)[0]]
        how: dict[str, Any] = {"dim": _SMALL_DIM, "epochs": _SMALL_EPOCHS, "min_count": 1}
    else:
        sentences = _sentences(data)
        how = {"dim": _DIM, "epochs": _EPOCHS, "min_count": _MIN_COUNT}
    rows = []
    for model, kind, which, vectors, loss in _fitted(sentences, how):
        near = _of_themes(vectors, which) if data is None else _of_ratings(vectors, which, data)
        rows.append((model, kind, which, loss, near))
    words = sum(map(len, sentences))
    told = f"{words:,} words; {how['dim']} dimensions, {how['epochs']} epochs, one seed"
    return Table(COLUMNS, rows, [told])


def _fitted(
    sentences: list[list[str]], how: dict[str, Any]
) -> Iterator[tuple[str, str, str, WordVectors, float | str]]:
    """Model, matrices, rows, vectors and loss of each, one after the other."""
    shared = how | {"n_threads": 1, "random_state": 0}
    for kind, (given, compared) in _KINDS.items():
        for make in (SkipGram, CBOW):
            model: Any = make(**shared, **given, sample=0 if how["min_count"] == 1 else 1e-3)
            model.fit(sentences)
            loss = _last_loss(model)
            for which in compared:
                yield make.__name__, kind, which, model.vectors_, loss
    for kind, compared in (("one", ("input",)), ("two", ("input", "sum"))):
        model = GloVe(**shared, tied=kind == "one").fit(sentences)
        loss = _last_loss(model)
        for which in compared:
            yield "GloVe", kind, which, model.vectors_, loss
    words = [word for sentence in sentences for word in sentence]
    pieces = [words[start : start + _PIECE] for start in range(0, len(words), _PIECE)]
    corpus = Corpus.from_tokens(pieces, min_df=how["min_count"], max_df=1.0)
    found = ppmi_vectors(corpus.counts, how["dim"], max_documents=len(pieces), random_state=0)
    yield "ppmi_vectors", "none", "input", WordVectors(corpus.vocabulary, found), ""


def _last_loss(model: Any) -> float:
    """Of the last epoch; a Ctrl-C that ended a fit ends the table."""
    if model.interrupted_:
        raise KeyboardInterrupt
    return float(model.history_[-1]["loss"])


def _of_themes(vectors: WordVectors, which: str) -> float:
    """Share of pairs of one theme that are nearer than pairs of two."""
    themes = [words.split() for words in THEMES.values()]
    rows = np.array([vectors.vocabulary.index(word) for words in themes for word in words])
    labels = np.repeat(np.arange(len(themes)), [len(words) for words in themes])
    own: NDArray[Any] = vectors.combine(which)[rows].astype(np.float64)
    own /= np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12)
    first, second = np.triu_indices(len(rows), 1)
    cosines, same = (own @ own.T)[first, second], labels[first] == labels[second]
    inside, across = cosines[same][:, None], cosines[~same][None]
    return float((inside > across).mean() + 0.5 * (inside == across).mean())


def _of_ratings(vectors: WordVectors, which: str, data: Path) -> float | str:
    found = word_similarity(vectors, data / _PAIRS, which=which).spearman
    return "" if found is None else found


def _sentences(data: Path) -> list[list[str]]:
    """The text of a folder of data, a sentence a line.

    Raises
    ------
    InputError
        If the folder lacks one of the two files, or its text holds no words.
    """
    for name in (_TEXT, _PAIRS):
        if not (data / name).is_file():
            raise InputError(
                f"{data}: has no {name}. Name a folder with {_TEXT}, a sentence a line, and "
                f"{_PAIRS}, two words and a rating a line."
            )
    lines = (data / _TEXT).read_text(encoding="utf-8", errors="replace").splitlines()
    found = [words for words in map(str.split, lines) if words]
    if not found:
        raise InputError(f"{data / _TEXT}: holds no words. Write a sentence a line.")
    return found
