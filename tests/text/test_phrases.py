"""Collocations against a plain Python reading of the same passes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polytopic.text import Collocations, Corpus

ALL = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None}


def plain_collocations(
    documents: list[list[str]], stop_words: set[str], settings: Collocations
) -> set[tuple[str, ...]]:
    """Repeated passes over neighbouring pairs, with dictionaries and loops."""
    units = [[(word,) for word in document] for document in documents]
    for _ in range(settings.max_length - 1):
        counts: dict[tuple, int] = {}
        pairs: dict[tuple, int] = {}
        n_units = sum(map(len, units))
        for document in units:
            for place, unit in enumerate(document):
                counts[unit] = counts.get(unit, 0) + 1
                if place:
                    pair = (document[place - 1], unit)
                    pairs[pair] = pairs.get(pair, 0) + 1
        accepted = set()
        for (a, b), n in pairs.items():
            if n < settings.min_count or len(a) + len(b) > settings.max_length:
                continue
            if any(len(unit) == 1 and unit[0] in stop_words for unit in (a, b)):
                continue
            ratio = n_units / (counts[a] * counts[b])
            if settings.score == "mikolov":
                score = (n - settings.min_count) * ratio
            else:
                score = math.log(n * ratio) / max(-math.log(n / n_units), 1e-12)
            if score >= settings.limit - 1e-12:
                accepted.add((a, b))
        for row, document in enumerate(units):
            joined, place = [], 0
            while place < len(document):
                if tuple(document[place : place + 2]) in accepted:
                    joined.append(document[place] + document[place + 1])
                    place += 2
                else:
                    joined.append(document[place])
                    place += 1
            units[row] = joined
    return {unit for document in units for unit in document if len(unit) > 1}


def plain_join(document: list[str], ngrams: set[tuple[str, ...]]) -> list[str]:
    """Leftmost, then longest."""
    joined, place = [], 0
    while place < len(document):
        fitting = [n for n in ngrams if tuple(document[place : place + len(n)]) == n]
        best = max(fitting, key=len, default=(document[place],))
        joined.append("_".join(best))
        place += len(best)
    return joined


DOCUMENTS = st.lists(st.lists(st.sampled_from("aabbcdesx"), max_size=25), min_size=1, max_size=8)
SETTINGS = st.builds(
    Collocations,
    max_length=st.integers(2, 4),
    score=st.sampled_from(["npmi", "mikolov"]),
    threshold=st.sampled_from([0.05, 0.31, 1.27]),
    min_count=st.integers(1, 3),
)


@given(DOCUMENTS, SETTINGS)
@settings(max_examples=300, deadline=None)
def test_collocations_against_plain_passes(
    documents: list[list[str]], settings: Collocations
) -> None:
    documents = [*documents, ["x"]]
    corpus = Corpus.from_tokens(documents, ngrams=settings, stop_words=["s"])
    ngrams = plain_collocations(documents, {"s"}, settings)
    joined = [plain_join(document, ngrams) for document in documents]
    kept = [[term for term in document if term != "s"] for document in joined]
    assert list(corpus.token_lists()) == kept
    again = Corpus.from_tokens(documents, vocabulary=corpus.vocabulary, ngrams=2)
    assert (again.counts != corpus.counts).nnz == 0


def test_planted_collocations_are_found_and_joined_in_new_text() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"word{chr(97 + n)}" for n in range(26)])
    texts = []
    for _ in range(200):
        filler = rng.choice(words, 30).tolist()
        filler.insert(int(rng.integers(30)), "Gulf Stream Current")
        filler.insert(int(rng.integers(30)), "gulf stream")
        texts.append(" ".join(filler))
    corpus = Corpus.from_texts(texts, ngrams=3, max_df=1.0)
    ngrams = [term for term in corpus.vocabulary.terms if "_" in term]
    assert ngrams == ["gulf_stream", "gulf_stream_current"] or ngrams == [
        "gulf_stream_current",
        "gulf_stream",
    ]
    new = Corpus.from_texts(
        ["Gulf stream, GULF STREAM current; gulf current"], vocabulary=corpus.vocabulary
    )
    assert next(new.token_lists()) == ["gulf_stream", "gulf_stream_current"]
    assert new.dropped.unseen_examples == (("current", 1), ("gulf", 1))
    pairs = Corpus.from_texts(texts, ngrams=2, max_df=1.0)
    assert "gulf_stream" in pairs.vocabulary and "gulf_stream_current" not in pairs.vocabulary


@pytest.mark.parametrize("score", ["npmi", "mikolov"])
def test_scores_are_those_of_the_papers(score: str) -> None:
    settings = Collocations(score=score, min_count=5)
    pairs, left, right, total = (np.array([n]) for n in (30, 40, 60, 10_000))
    found = settings.scores(pairs, left, right, int(total[0]))[0]
    p_ab, p_a, p_b = 30 / 10_000, 40 / 10_000, 60 / 10_000
    closed = {
        "npmi": math.log(p_ab / (p_a * p_b)) / -math.log(p_ab),
        "mikolov": (30 - 5) / (40 * 60) * 10_000,
    }
    assert found == pytest.approx(closed[score], rel=1e-12)


def test_dropped_collocations_dissolve_into_words() -> None:
    texts = ["green tea"] * 12 + ["green leaf"] * 3 + ["black tea"] * 3 + ["red wine " * 12]
    corpus = Corpus.from_texts(texts, ngrams=2, min_df=2, max_df=1.0)
    assert "green_tea" in corpus.vocabulary and "red_wine" not in corpus.vocabulary
    again = Corpus.from_texts(texts, vocabulary=corpus.vocabulary)
    assert (again.counts != corpus.counts).nnz == 0


def test_known_phrases_that_overlap_are_joined_from_the_left() -> None:
    """No word stands in two; of phrases that begin alike, the longest is taken."""
    words = ["ant_bee", "bee_cow", "bee_cow_dog", "ant", "bee", "cow", "dog"]
    texts = ["cow dog ant", "ant bee cow dog", "bee cow dog", "bee cow ant bee", "ant bee bee cow"]
    corpus = Corpus.from_texts(texts, vocabulary=words, stop_words=None)
    expected = [["cow", "dog", "ant"], ["ant_bee", "cow", "dog"], ["bee_cow_dog"],
                ["bee_cow", "ant_bee"], ["ant_bee", "bee_cow"]]  # fmt: skip
    assert list(corpus.token_lists()) == expected
