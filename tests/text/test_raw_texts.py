"""Raw texts asked of a fitted model are read as the texts it was fitted on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import polytopic as pt

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]

TEXTS = [
    "The engine of New York's Car, see http://a.example/b for brakes_and wheels",
    "Cells divide; a Cell of New York divides again",
] * 12
NEW = ["New York engine, <b>wheels</b> http://c.example/engine", "A cell divides", "Engine engine"]

READINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "case": {"lowercase": False},
    "pattern": {"token_pattern": r"[A-Za-z]{4,}"},
    "sklearn": {"token_pattern": r"(?u)\b\w\w+\b", "stop_words": None},
    "phrases": {"ngrams": pt.text.Collocations(min_count=5, threshold=0.1)},
    "pattern and phrases": {
        "token_pattern": r"[a-z]+", "ngrams": pt.text.Collocations(min_count=5, threshold=0.1),
    },
    "uncleaned": {"clean": None},
    "stop phrase": {"stop_words": ["new york"]},
}  # fmt: skip


def fitted(**reading: Any) -> tuple[pt.LDA, pt.Corpus]:
    corpus = pt.Corpus.from_texts(TEXTS, **{"min_df": 1, "max_df": 1.0} | reading)
    return pt.LDA(n_topics=2, iterations=5, random_state=0).fit(corpus), corpus


@pytest.mark.parametrize("name", READINGS)
def test_texts_become_the_terms_they_were(name: str, tmp_path: Path) -> None:
    model, corpus = fitted(**READINGS[name])
    again = model.result(TEXTS)
    assert (again.counts != corpus.counts).nnz == 0
    assert list(again.texts or ()) == TEXTS
    loaded = pt.load(model.save(tmp_path / "model"))
    assert loaded.vocabulary_.rules == corpus.vocabulary.rules
    np.testing.assert_array_equal(loaded.transform(NEW), model.transform(NEW))


def test_case_and_pattern_decide_what_a_word_is() -> None:
    model, _ = fitted(lowercase=False)
    counts = model.result(["Car car"]).counts
    assert counts.sum() == 1
    assert model.vocabulary_.terms[counts.indices[0]] == "Car"
    model, _ = fitted(token_pattern=r"[A-Za-z]{4,}")
    assert "car" not in model.vocabulary_
    assert model.result(["engine car"]).counts.sum() == 1


@pytest.mark.parametrize(
    "column", [tuple, np.array, pl.Series, lambda v: pd.Series(v, index=[5, 6, 7])]
)
def test_any_column_of_texts_is_read(column: Any) -> None:
    model, _ = fitted()
    np.testing.assert_array_equal(model.transform(column(NEW)), model.transform(NEW))


def test_lists_of_tokens_are_terms_as_they_are() -> None:
    corpus = pt.Corpus.from_tokens([["a b", "c"], ["c", "d"]] * 5)
    model = pt.LDA(n_topics=2, iterations=5, random_state=0).fit(corpus)
    found = model.result([["a b", "never"], []])
    assert found.counts.sum() == 1
    assert found.has_topic.tolist() == [True, False]


def test_named_columns_are_read_by_the_own_rule() -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 2), 2))
    model = pt.LDA(n_topics=2, iterations=30, random_state=0).fit(
        counts, terms=["car", "wheel", "cell", "gene"]
    )
    shares = model.transform(["The CAR, a wheel!", "gene gene"])
    assert shares[0].argmax() != shares[1].argmax()


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((10, 2), 2))
    bare = pt.LDA(n_topics=2, iterations=30, random_state=0).fit(counts)
    with pytest.raises(pt.InputError, match=r"texts: this model was fitted on bare counts"):
        bare.transform(["car"])
    model, _ = fitted()
    with pytest.raises(pt.InputError, match=r"texts: is a single str"):
        model.transform("car")
    with pytest.raises(pt.InputError, match=r"texts: row 1 is missing"):
        model.transform(["car", None])
    with pytest.warns(pt.EmptyDocumentsWarning, match="1 of 1 documents hold no known term"):
        model.transform(["zebra"])
    own, _ = fitted(tokenizer=str.split)
    for asked in (own, pt.load(own.save(tmp_path / "model"))):
        with pytest.raises(pt.InputError, match=r"tokenizer: the texts of this vocabulary were"):
            asked.transform(["car"])
    again = pt.Corpus.from_texts(NEW, vocabulary=own.vocabulary_, tokenizer=str.split)
    assert own.transform(again).shape == (3, 2)
