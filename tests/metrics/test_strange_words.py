"""Topics of placeholders and of another language are told from those of subjects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

import polytopic as pt
from polytopic.metrics import Collapse, collapse, evaluate
from polytopic.metrics.strange_words import is_placeholder

ENGLISH = ["engine", "wheel", "road", "driver", "fuel", "brake", "tyre", "race", "motor", "speed"]
CHURCH = [
    "church",
    "prayer",
    "faith",
    "bible",
    "priest",
    "gospel",
    "hymn",
    "saint",
    "psalm",
    "creed",
]
STOPS = ["the", "and", "of", "with", "from", "which", "this", "that", "these", "have"]
GERMAN = ["der", "und", "nicht", "ein", "ist", "auch", "mit", "sich", "werden", "eine"]
FRENCH = ["les", "des", "est", "dans", "pour", "que", "qui", "une", "pas", "avec"]
RUSSIAN = [
    "машина",
    "дорога",
    "колесо",
    "двигатель",
    "скорость",
    "гонка",
    "водитель",
    "тормоз",
    "шина",
    "топливо",
]
WRITTEN = [
    "[UNK]",
    "__num__",
    "<url>",
    "_user_",
    "oov",
    "[PAD]",
    "<s>",
    "__email__",
    "{name}",
    "<num1>",
]


def found(*groups: list[str], documents: tuple[int, ...] = (), stops: bool = False) -> Collapse:
    """The diagnosis of one topic a group of words, with so many documents of each alone;
    with ``stops``, English stop words stand in the documents of the first group too."""
    terms = [word for group in groups for word in group] + (STOPS if stops else [])
    beta = np.full((len(groups), len(terms)), 1e-6)
    rows = []
    for topic, group in enumerate(groups):
        start = terms.index(group[0])
        beta[topic, start : start + len(group)] = 1.0
        row = np.zeros(len(terms))
        row[start : start + len(group)] = 1
        if stops and topic == 0:
            row[-len(STOPS) :] = 1
        rows += [row] * (documents[topic] if documents else 4)
    beta /= beta.sum(axis=1, keepdims=True)
    return collapse(beta, counts=sparse.csr_matrix(np.array(rows)), vocabulary=terms)


@pytest.mark.parametrize("term", [*WRITTEN, "[unk]", "UNK", "<|endoftext|>", "</s>", "_NUM_"])
def test_what_preprocessors_write_is_a_placeholder(term: str) -> None:
    assert is_placeholder(term)


@pytest.mark.parametrize("term", [*ENGLISH, "_not_", "[1]", "<3", "__", "num", "user", "c++", ""])
def test_words_are_none(term: str) -> None:
    assert not is_placeholder(term)


def test_a_topic_of_placeholders_is_named_with_them() -> None:
    record = found(ENGLISH, WRITTEN, CHURCH)
    assert record.placeholder_topics == (1,)
    assert set(record.placeholders) == set(WRITTEN)
    assert not record.ok
    told = " ".join(record.sentences())
    assert "1 of 3 topics is made of placeholders ([UNK], __num__" in told


@pytest.mark.parametrize(("weight", "topics"), [(30.0, (0,)), (1.0, ())])
def test_one_placeholder_is_a_topic_if_it_holds_most_of_its_probability(
    weight: float, topics: tuple[int, ...]
) -> None:
    terms = ["[UNK]", *ENGLISH, *CHURCH]
    beta = np.full((2, len(terms)), 1e-6)
    beta[0, 1:11] = beta[1, 11:] = 1.0
    beta[0, 0] = weight
    beta /= beta.sum(axis=1, keepdims=True)
    assert collapse(beta, vocabulary=terms).placeholder_topics == topics


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize(("words", "language"), [(GERMAN, "German"), (FRENCH, "French")])
def test_a_topic_of_another_language_is_named(words: list[str], language: str, stops: bool) -> None:
    record = found(ENGLISH, words, documents=(20, 4), stops=stops)
    assert record.foreign_topics == (1,)
    assert record.foreign_languages == (language,)
    assert not record.ok
    assert f"own ({language}): 1." in " ".join(record.sentences())


@pytest.mark.parametrize("words", [GERMAN, FRENCH, STOPS])
def test_a_topic_of_the_language_of_most_documents_is_not(words: list[str]) -> None:
    record = found(ENGLISH, words, documents=(4, 20))
    assert record.foreign_topics == ()
    assert record.foreign_languages == ()


@pytest.mark.parametrize(("documents", "topics"), [((20, 4), (1,)), ((4, 20), (0,))])
def test_another_script_needs_no_stop_words(
    documents: tuple[int, ...], topics: tuple[int, ...]
) -> None:
    record = found(ENGLISH, RUSSIAN, documents=documents)
    assert record.foreign_topics == topics
    assert record.foreign_languages == ("Cyrillic script" if topics == (1,) else "Latin script",)


def test_without_terms_or_counts_it_is_not_known() -> None:
    beta = np.full((2, 30), 1 / 30)
    assert collapse(beta).placeholder_topics is None
    assert collapse(beta, vocabulary=[f"w{n}" for n in range(30)]).foreign_topics is None


def test_the_record_keeps_them_and_older_records_lack_them() -> None:
    record = found(ENGLISH, GERMAN, WRITTEN, documents=(20, 4, 4))
    assert Collapse.from_dict(record.to_dict()) == record
    assert Collapse.from_dict({"n_topics": 3}).foreign_topics is None


@pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")
def test_they_are_counted_by_evaluate() -> None:
    groups = [ENGLISH, WRITTEN, CHURCH, GERMAN]
    rows = [words for words in groups for _ in range(12 if words is ENGLISH else 4)]
    texts = [[*words, *(STOPS if words is ENGLISH else [])] for words in rows]
    corpus = pt.Corpus.from_tokens(texts, min_df=1, max_df=1.0)
    model = pt.LDA(n_topics=5, iterations=100, random_state=0).fit(corpus)
    diagnosis = model.diagnose()
    figures = evaluate(model, corpus)
    assert figures["placeholder_topics"] == len(diagnosis.placeholder_topics or ()) == 1
    assert figures["foreign_topics"] == len(diagnosis.foreign_topics or ()) == 1
    bare = evaluate(model)
    assert bare["foreign_topics"] is None
    assert bare["placeholder_topics"] == 1
