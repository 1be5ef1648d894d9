"""Phrases: found, kept in a file, joined in new text."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import CheckpointError, FileMissingError, InputError


@pytest.fixture(scope="module")
def documents() -> list[list[str]]:
    """Random words, amid which three phrases stand."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        words = [f"w{i}" for i in rng.integers(60, size=8)]
        phrase = [["new", "york"], ["new", "york", "city"], ["hot", "dog"], []][rng.integers(4)]
        words[4:4] = phrase
        found.append(words)
    return found


def test_phrases_are_those_that_a_corpus_finds(documents: Any) -> None:
    settings = pt.Collocations(max_length=3)
    phrases = pt.Phrases.find(documents, settings)
    corpus = pt.Corpus.from_tokens(documents, ngrams=settings)
    assert sorted("_".join(p) for p in phrases) == sorted(
        t for t in corpus.vocabulary.terms if "_" in t
    )
    assert ("hot", "dog") in phrases.phrases
    assert phrases.apply(documents) == [list(words) for words in corpus.token_lists()]
    assert ("hot", "dog") not in pt.Phrases.find(documents, settings, stop_words=["hot"]).phrases


def test_the_longest_is_joined_from_left_to_right() -> None:
    phrases = pt.Phrases([("a", "b"), ("b", "c"), ("a", "b", "c")])
    assert phrases.apply([["a", "b", "c", "b", "c"], ["a", "b", "x"], ["a"], []]) == [
        ["a_b_c", "b_c"], ["a_b", "x"], ["a"], [],
    ]  # fmt: skip


def test_files_keep_them(documents: Any, tmp_path: Path) -> None:
    phrases = pt.Phrases.find(documents)
    back = pt.Phrases.load(phrases.save(tmp_path / "phrases.json"))
    assert back.phrases == phrases.phrases
    (tmp_path / "lines.txt").write_text("new york\n\nnaïve bayes model\n", encoding="utf-8")
    assert list(pt.Phrases.load(tmp_path / "lines.txt")) == [
        ("new", "york"), ("naïve", "bayes", "model"),
    ]  # fmt: skip
    assert len(pt.Phrases.find([[], []])) == 0


def test_files_that_hold_none(tmp_path: Path) -> None:
    (tmp_path / "p.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match=r"is a pickle, as gensim's Phrases are.*export_phrases"):
        pt.Phrases.load(tmp_path / "p.pkl")
    with pytest.raises((FileMissingError, CheckpointError)):
        pt.Phrases.load(tmp_path / "none.json")
    wrong = {
        '{"words": []}': "holds no phrases",
        '{"phrases": [["a"]]}': "entry 0",
        "{broken": "x.json",
    }
    for content, message in wrong.items():
        (tmp_path / "x.json").write_text(content, encoding="utf-8")
        with pytest.raises((InputError, CheckpointError), match=message):
            pt.Phrases.load(tmp_path / "x.json")


@pytest.mark.parametrize("given", [[("a",)], ["ab"], [("a", "")], [("a", 3)]])
def test_a_phrase_is_two_words_at_least(given: Any) -> None:
    with pytest.raises(InputError, match="phrases: entry 0 is .* Give two or more words"):
        pt.Phrases(given)
