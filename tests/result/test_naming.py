"""Names of topics: by words, by vectors, and by a function of the user's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from themes import THEMES, themed_texts

import polytopic as pt
from polytopic.embeddings.vectors import WordVectors
from polytopic.result.naming import _Candidates, _phrases, class_tf_idf, relevance
from polytopic.result.prompting import checked_answer


def theme_of(result: pt.TopicResult, topic: int) -> str:
    words = result.top_words(3)[topic]
    return next(theme for theme, listed in THEMES.items() if words[0] in listed.split())


def test_every_model_s_topics_are_named_by_their_words(asked: pt.TopicResult) -> None:
    named = asked.name_topics()
    assert isinstance(named, pt.TopicResult)
    assert len(set(named.names)) == 3
    assert asked.names == ("", "", "")
    likely = np.argsort(-asked.topic_word, axis=1)
    for topic, name in enumerate(named.names):
        words = name.replace(", ", " ").split()
        assert 1 <= len(name.split(", ")) <= 3
        assert {asked.vocabulary.index(w) for w in words} <= set(likely[topic, :100].tolist())
        assert named.labels_of_topics()[topic] == name


@pytest.mark.parametrize("by", ["words", "c-tf-idf", "vectors"])
def test_names_hold_words_of_the_theme(plain: pt.TopicResult, by: Any) -> None:
    for topic, name in enumerate(plain.name_topics(by).names):
        listed = THEMES[theme_of(plain, topic)].split()
        assert all(word in listed for word in name.replace(", ", " ").split()), name


def test_relevance_weighs_probability_and_lift(plain: pt.TopicResult) -> None:
    tokens = plain.doc_topic.T @ plain.counts.toarray()
    shares = tokens / tokens.sum(axis=1, keepdims=True)
    base = tokens.sum(axis=0) / tokens.sum()
    expected = 0.6 * np.log(shares) + 0.4 * np.log(shares / base)
    np.testing.assert_allclose(relevance(plain), expected, rtol=1e-4)


def test_of_words_that_never_part_one_is_named() -> None:
    """A signature in a third of a topic's documents is one thing, however many words it has."""
    texts = themed_texts()
    texts[::6] = [text + " zoology utzoo spencer toronto henry" for text in texts[::6]]
    corpus = pt.Corpus.from_texts(texts)
    result = pt.LDA(n_topics=3, iterations=60, random_state=0).fit(corpus).result(corpus)
    signature = {"zoology", "utzoo", "spencer", "toronto", "henry"}
    for by in ("words", "c-tf-idf"):
        for name in result.name_topics(by).names:
            assert len(signature & set(name.replace(",", "").split())) <= 1


def test_class_tf_idf_is_as_published(plain: pt.TopicResult) -> None:
    tokens = plain.doc_topic.T @ plain.counts.toarray()
    share = tokens / tokens.sum(axis=1, keepdims=True)
    inverse = np.log(1 + tokens.sum() / 3 / tokens.sum(axis=0))
    np.testing.assert_allclose(class_tf_idf(plain), share * inverse, rtol=1e-4)


def test_phrases_of_the_documents_are_parts_of_names() -> None:
    texts = [text.replace("gene", "stem-cell gene") for text in themed_texts()]
    corpus = pt.Corpus.from_texts(texts)
    result = pt.LDA(n_topics=3, iterations=60, random_state=0).fit(corpus).result(corpus)
    topic = result.find("gene", by="words").topics[0][0]
    words = _phrases(result, topic, ["stem", "gene", "cell", "virus"])
    assert words == {"stem": "stem cell", "cell": "stem cell"}
    assert _Candidates(["gene", "cell", "stem", "virus"], words).parts() == [
        "gene", "stem cell", "virus",
    ]  # fmt: skip
    alone = replace(result, texts=None)
    assert _phrases(alone, topic, ["stem", "cell"]) == {}


def test_forms_of_one_word_are_named_once() -> None:
    counts = np.kron(np.eye(2, dtype=int), np.full((12, 6), 3))
    words = "game games league team teams score gene genes cell cells dna virus"
    terms = words.split()
    corpus = pt.Corpus.from_counts(counts, terms)
    result = pt.LDA(n_topics=2, iterations=30, random_state=0).fit(corpus).result(corpus)
    for name in result.name_topics().names:
        words = name.split(", ")
        assert len(words) == len({word[:3] for word in words})


def test_nearest_words_by_given_vectors(plain: pt.TopicResult) -> None:
    """The word that points to the centre is first, whatever its probability."""
    topic = plain.find("bank", by="words").topics[0][0]
    terms = plain.vocabulary.terms
    central = plain.name_topics().names[topic].split(", ")[-1]
    aside = {term: (-1.0) ** n for n, term in enumerate(THEMES["money"].split())}
    angle = {term: aside.get(term, 3.0) for term in terms} | {central: 0.0}
    rows = np.array([[np.cos(angle[t]), np.sin(angle[t])] for t in terms], dtype=np.float32)
    vectors = WordVectors(pt.Vocabulary(terms), rows, rows)
    name = plain.name_topics("vectors", vectors=vectors).names[topic]
    assert name.split(", ")[0] == central
    strange = WordVectors(pt.Vocabulary(["zither"]), rows[:1], rows[:1])
    with pytest.raises(pt.InputError, match="vectors: none of the terms has one"):
        plain.name_topics("vectors", vectors=strange)


def test_names_that_are_there_stay(plain: pt.TopicResult) -> None:
    given = replace(plain, names=("", "Mine", ""))
    assert given.name_topics().names[1] == "Mine"
    assert given.name_topics(keep=False).names[1] != "Mine"
    first = plain.name_topics().names[0]
    taken = replace(plain, names=("", first, ""))
    assert taken.name_topics().names[0] != first


def test_a_function_is_asked_with_words_and_documents(plain: pt.TopicResult) -> None:
    prompts: list[str] = []

    def model(prompt: str) -> str:
        prompts.append(prompt)
        return f' "Topic {len(prompts)}." '

    assert plain.name_topics(model).names == ("Topic 1", "Topic 2", "Topic 3")
    for topic, prompt in enumerate(prompts):
        assert all(word in prompt for word in plain.top_words(5)[topic])
        row = plain.top_documents(topic, 1)[0]
        assert plain.texts is not None and plain.texts[row] in prompt


def test_answers_are_cached(plain: pt.TopicResult, tmp_path: Path) -> None:
    calls: list[str] = []

    def model(prompt: str) -> str:
        calls.append(prompt)
        if len(calls) == 2:
            raise ConnectionError("no network")
        return f"Name {len(calls)}"

    cache = tmp_path / "names.json"
    with pytest.warns(pt.NamingWarning, match=r"1 of 3 topics \(1; .*ConnectionError: no network"):
        first = plain.name_topics(model, cache=cache)
    assert first.names[0] == "Name 1" and first.names[2] == "Name 3"
    assert first.names[1] == plain.name_topics().names[1]
    assert len(json.loads(cache.read_text(encoding="utf-8"))) == 2
    again = plain.name_topics(model, cache=cache)
    assert again.names == ("Name 1", "Name 4", "Name 3")
    assert len(calls) == 4
    cache.write_text('{"cut', encoding="utf-8")
    with pytest.raises(pt.CheckpointError, match="names.json: is cut short"):
        plain.name_topics(model, cache=cache)
    with pytest.raises(pt.InputError, match="cannot be written"):
        plain.name_topics(model, cache=cache / "names.json")


RUBBISH: list[Any] = [
    None, 3, "", "  ", "...", "one\ntwo", "x" * 81, "<b>Money</b>", "**Money**", "# Money",
    "see https://a.example", "\x1b[31mred", "a\u202eb", "[red]", "`code`", b"Money",
]  # fmt: skip


@pytest.mark.parametrize("answer", RUBBISH)
def test_rubbish_is_no_name(plain: pt.TopicResult, answer: Any) -> None:
    with pytest.raises(pt.InputError, match="by: the function gave no usable name for any of 3"):
        plain.name_topics(lambda prompt: answer)
    with pytest.raises(pt.InputError):
        checked_answer(answer)
    answers = iter([answer, "Good name", "C# & C++ at $5 (50%)"])
    with pytest.warns(pt.NamingWarning, match=r"1 of 3 topics \(0; "):
        named = plain.name_topics(lambda prompt: next(answers))
    assert named.names[0] == plain.name_topics().names[0]
    assert named.names[1:] == ("Good name", "C# & C++ at $5 (50%)")


def test_ctrl_c_in_a_function_is_no_rubbish(plain: pt.TopicResult) -> None:
    def model(prompt: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain.name_topics(model)


def test_what_cannot_be_used_is_told(plain: pt.TopicResult, tmp_path: Path) -> None:
    for options, message in (
        ({"by": "magic"}, "by: is 'magic'"),
        ({"by": "words", "cache": tmp_path / "a.json"}, "cache: is for the answers"),
        ({"by": "words", "vectors": 3}, "vectors: are for by"),
        ({"by": "vectors", "vectors": 3}, "vectors: are of type int"),
    ):
        with pytest.raises(pt.InputError, match=message):
            plain.name_topics(**options)  # type: ignore[arg-type]


def test_one_name_for_most_topics_is_told(plain: pt.TopicResult) -> None:
    with pytest.warns(pt.NamingWarning, match='the function named 3 of 3 topics "Various"'):
        named = plain.name_topics(lambda prompt: "Various")
    assert named.names == ("Various",) * 3
    answers = iter(["Cars", "Cells", "Money"])
    plain.name_topics(lambda prompt: next(answers))  # warnings are errors here
