"""Coherence and diversity by vectors: closed forms, every form of vectors, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError
from polytopic.metrics import embedding_coherence, embedding_diversity

WORDS = ["cell", "gene", "star", "moon", "dust"]
MATRIX = np.random.default_rng(3).normal(size=(5, 4))
TOPICS = [["cell", "gene", "star"], ["moon", "dust", "cell"]]


def _plain(topics: list[list[str]]) -> tuple[list[float], float]:
    """Coherence and diversity pair by pair."""
    unit = dict(zip(WORDS, MATRIX / np.linalg.norm(MATRIX, axis=1)[:, None], strict=True))
    pairs = [
        np.mean([unit[a] @ unit[b] for i, a in enumerate(t) for b in t[:i]]) for t in topics
    ]  # fmt: skip
    centres = [sum(unit[word] for word in topic) for topic in topics]
    one, other = (centre / np.linalg.norm(centre) for centre in centres)
    return pairs, 1 - one @ other


FORMS: dict[str, tuple[Any, Any]] = {
    "word vectors": (WordVectors(WORDS, MATRIX.astype(np.float64)), None),
    "mapping": (dict(zip(WORDS, MATRIX, strict=True)), None),
    "array": (MATRIX, WORDS),
    "callable": (lambda words: MATRIX[[WORDS.index(word) for word in words]], None),
    "callable of lists": (
        lambda words: [MATRIX[WORDS.index(word)].tolist() for word in words],
        None,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_vectors_gives_the_plain_figures(form: str) -> None:
    vectors, vocabulary = FORMS[form]
    pairs, apart = _plain(TOPICS)
    options = {"n": 3, "vocabulary": vocabulary}
    found = embedding_coherence(TOPICS, vectors, per_topic=True, **options)
    assert found == pytest.approx(pairs, abs=1e-6)
    assert embedding_coherence(TOPICS, vectors, **options) == pytest.approx(
        np.mean(pairs), abs=1e-6
    )
    assert embedding_diversity(TOPICS, vectors, **options) == pytest.approx(apart, abs=1e-6)


def test_words_without_a_vector_are_left_out() -> None:
    vectors = {"cell": [1.0, 0.0], "gene": [1.0, 0.0], "star": [0.0, 2.0]}
    listed = [["cell", "gene", "quark"], ["star", "quark", "lepton"]]
    found = embedding_coherence(listed, vectors, n=3, per_topic=True)
    assert found[0] == pytest.approx(1.0)
    assert np.isnan(found[1])
    as_none = embedding_coherence(listed, lambda words: [vectors.get(w) for w in words], n=3)
    assert as_none == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        (lambda words: np.ones((len(words) - 1, 3)), "gave shape (2, 3) for 3 words"),
        (lambda words: np.full((len(words), 3), np.nan), "row 0 holds NaN"),
        (lambda words: ["no numbers"] * len(words), "hold something else than rows"),
        (lambda words: np.zeros((len(words), 3)), "have none of the 3 words"),
        ({"other": [1.0]}, "have none of the 3 words"),
        ({"cell": [1.0, 2.0]}, "no topic has two words with vectors"),
    ],
)
def test_vectors_that_cannot_judge_are_refused(vectors: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        embedding_coherence([["cell", "gene", "star"]], vectors, n=3)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_array_has_a_row_a_term() -> None:
    with pytest.raises(InputError, match="have 5 rows, the vocabulary has 2 terms"):
        embedding_coherence([["cell", "gene"]], MATRIX, n=2, vocabulary=["cell", "gene"])


def test_diversity_needs_two_topics_with_vectors() -> None:
    with pytest.raises(InputError, match="fewer than two topics"):
        embedding_diversity([["cell", "gene"], ["x", "y"]], {"cell": [1.0], "gene": [1.0]}, n=2)
