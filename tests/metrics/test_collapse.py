"""Collapse: each fault is planted and must be found, and nothing else with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import jensenshannon

from polytopic.errors import InputError
from polytopic.metrics import Collapse, collapse

TERMS = [f"term{column}" for column in range(200)]


def healthy(n_topics: int = 8) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Topics of 25 terms each, 20 documents a topic, and counts drawn from them."""
    topic_word = np.full((n_topics, 200), 0.001)
    for topic in range(n_topics):
        block = np.arange(25 * topic, 25 * topic + 25)
        topic_word[topic, block] += np.linspace(1, 0.2, 25)
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    doc_topic = np.full((20 * n_topics, n_topics), 0.1 / (n_topics - 1))
    doc_topic[np.arange(len(doc_topic)), np.arange(len(doc_topic)) % n_topics] = 0.9
    rng = np.random.default_rng(0)
    counts = np.array([rng.multinomial(60, p) for p in doc_topic @ topic_word])
    return topic_word, doc_topic, sparse.csr_matrix(counts)


def test_healthy_topics_are_left_in_peace() -> None:
    topic_word, doc_topic, counts = healthy()
    found = collapse(topic_word, doc_topic, counts=counts, vocabulary=TERMS, stop_words="en")
    assert found.ok
    assert found.dead == found.duplicate_pairs == found.stop_word_topics == ()
    assert found.background_topics == ()
    assert (found.share_dead, found.share_duplicates, found.share_uniform) == (0, 0, 0)
    assert found.effective_topics == pytest.approx(8)
    assert len(found.sentences()) == 1
    assert found.sentences()[0].startswith("8 topics: each is the main topic of some document")


def test_dead_topics() -> None:
    topic_word, doc_topic, _ = healthy()
    doc_topic[:, 2] *= 0.1
    doc_topic[:, 5] *= 0.1
    doc_topic /= doc_topic.sum(axis=1, keepdims=True)
    doc_topic[[2, 5]] = np.eye(8)[[0, 1]]
    mains = np.bincount(doc_topic.argmax(axis=1), minlength=8)
    found = collapse(topic_word, doc_topic)
    assert found.dead == tuple(np.flatnonzero(mains == 0))
    smaller = collapse(topic_word, doc_topic, dead_share=0.05)
    assert smaller.dead == tuple(np.flatnonzero(doc_topic.mean(axis=0) < 0.05))
    assert smaller.thresholds["dead_share"] == 0.05


def test_empty_documents_wake_no_topic() -> None:
    topic_word, doc_topic, counts = healthy()
    dense = counts.toarray()
    dense[np.arange(160) % 8 == 3] = 0
    assert collapse(topic_word, doc_topic).dead == ()
    assert collapse(topic_word, doc_topic, counts=dense).dead == (3,)


def test_duplicates_by_words_and_by_cosine() -> None:
    topic_word, _, _ = healthy()
    topic_word[6] = topic_word[1]
    swapped = topic_word[1].copy()
    swapped[[28, 29, 30]] = 0.0011  # 7 of the top 10 stay
    topic_word[4] = swapped / swapped.sum()
    found = collapse(topic_word, vocabulary=TERMS, cosine=1.0)
    assert found.duplicate_pairs == ((1, 4), (1, 6), (4, 6))
    assert found.duplicate_groups == ((1, 4, 6),)
    assert found.duplicate_words == (("term25", "term26", "term27", "term31", "term32"),)
    assert found.share_duplicates == 3 / 8
    assert collapse(topic_word, cosine=1.0, overlap=0.8).duplicate_pairs == ((1, 6),)
    flat = topic_word.copy()
    flat[4] = topic_word[1] * np.random.default_rng(0).uniform(0.6, 1.4, 200)  # other words first
    flat[4] /= flat[4].sum()
    assert (1, 4) in collapse(flat, overlap=1.0).duplicate_pairs
    assert (1, 4) not in collapse(flat, overlap=1.0, cosine=1.0).duplicate_pairs


def test_a_chain_of_pairs_is_one_group() -> None:
    topic_word = np.full((3, 60), 1e-6)
    for topic, start in enumerate((0, 3, 6)):
        topic_word[topic, start : start + 10] = 0.1
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    found = collapse(topic_word)
    assert found.duplicate_pairs == ((0, 1), (1, 2))
    assert found.duplicate_groups == ((0, 1, 2),)


def test_effective_topics_of_uneven_sizes() -> None:
    topic_word, doc_topic, counts = healthy(2)
    doc_topic[:] = [0.75, 0.25]
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert collapse(topic_word, doc_topic).effective_topics == pytest.approx(np.exp(entropy))
    doc_topic[:20], doc_topic[20:] = [1.0, 0.0], [0.0, 1.0]
    weighed = sparse.csr_matrix(
        counts.toarray() * np.repeat([3, 1], 20)[:, None]
    )  # three times the tokens
    found = collapse(topic_word, doc_topic, counts=weighed)
    assert found.effective_topics == pytest.approx(np.exp(entropy))


def test_stop_word_topics_by_list_language_and_frequency() -> None:
    topic_word, doc_topic, counts = healthy()
    top = [TERMS[column] for column in np.argsort(-topic_word[3], kind="stable")[:10]]
    assert collapse(topic_word, vocabulary=TERMS, stop_words=top[:5]).stop_word_topics == (3,)
    assert collapse(topic_word, vocabulary=TERMS, stop_words=top[:4]).stop_word_topics == ()
    english = ["the", "and", "of", "to", "is", *TERMS[5:]]
    assert collapse(topic_word, vocabulary=english, stop_words="en").stop_word_topics == (0,)
    dense = counts.toarray()
    dense[:, 50:55] = 1  # five words of topic 2 stand everywhere
    found = collapse(topic_word, doc_topic, counts=dense)
    assert found.stop_word_topics == (2,)
    assert "stand everywhere: 2" in found.sentences()[0]


@pytest.mark.parametrize(("n_stops", "found"), [(4, ()), (5, (0,))])
def test_half_of_the_first_words_make_a_topic_of_stop_words(n_stops: int, found: tuple) -> None:
    terms = [f"w{n:02d}" for n in range(20)]
    topic_word = np.arange(20, 0, -1.0)[None] / 210
    assert collapse(topic_word, vocabulary=terms, stop_words=terms[:n_stops]).stop_word_topics == (
        found
    )


def test_without_a_list_a_uniform_vocabulary_tells_nothing() -> None:
    topic_word, _, _ = healthy()
    assert collapse(topic_word, counts=np.ones((5, 200))).stop_word_topics is None
    assert collapse(topic_word).stop_word_topics is None


def test_background_topics() -> None:
    topic_word, doc_topic, counts = healthy()
    topic_word[5] = np.asarray(counts.sum(axis=0)).ravel() + 0.1
    topic_word[5] /= topic_word[5].sum()
    found = collapse(topic_word, doc_topic, counts=counts)
    assert found.background_topics == (5,)
    assert not found.ok


def test_background_is_less_than_a_tenth_of_a_bit_away() -> None:
    """Jensen-Shannon from an even corpus: .073 bit for .8 and .2, .147 for .9 and .1."""
    topic_word = [[0.8, 0.2], [0.1, 0.9]]
    found = collapse(topic_word, counts=np.array([[3, 1], [1, 3]]))
    assert found.background_topics == (0,)
    distances = [jensenshannon(row, [0.5, 0.5], 2) ** 2 for row in topic_word]
    for limit in distances:
        closer = tuple(k for k, distance in enumerate(distances) if distance < limit)
        near = collapse(topic_word, counts=np.array([[3, 1], [1, 3]]), background=limit - 1e-9)
        assert near.background_topics == closer


def test_uniform_documents() -> None:
    topic_word, doc_topic, _ = healthy()
    doc_topic[:120] = 1 / 8
    found = collapse(topic_word, doc_topic)
    assert found.share_uniform == 0.75
    assert not found.ok
    assert found.sentences()[-1].startswith("75 % of the documents belong to all topics equally")
    assert collapse(topic_word, doc_topic, uniform_documents=0.8).ok


def test_a_result_brings_its_parts() -> None:
    class Result:
        topic_word, doc_topic, counts = healthy()
        vocabulary = TERMS

    found = collapse(Result())
    parts = collapse(
        Result.topic_word, Result.doc_topic, counts=Result.counts, vocabulary=Result.vocabulary
    )
    assert found == parts
    assert found.n_documents == 160


def test_json_and_back() -> None:
    topic_word, doc_topic, counts = healthy()
    topic_word[1] = topic_word[0]
    found = collapse(topic_word, doc_topic, counts=counts, vocabulary=TERMS)
    record = json.loads(json.dumps(found.to_dict()))
    assert Collapse.from_dict(record) == found
    assert record["share_duplicates"] == 0.25
    assert record["ok"] is False
    with pytest.raises(InputError, match="n_topics"):
        Collapse.from_dict({})


def test_sentences_read_well() -> None:
    found = Collapse(
        n_topics=50,
        dead=tuple(range(20)),
        duplicate_groups=((4, 17, 31), (40, 41)),
        duplicate_pairs=((4, 17), (17, 31), (40, 41)),
        duplicate_words=(("god", "jesus"), ()),
        background_topics=(7,),
    )
    assert found.sentences() == [
        "20 of 50 topics are the main topic of no document: "
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more. Lower n_topics.",
        "3 topics share most of their words (god, jesus): 4, 17 and 31. "
        "Lower n_topics, or read them as one.",
        "2 topics share most of their words: 40 and 41. Lower n_topics, or read them as one.",
        "1 of 50 topics is no different from the corpus as a whole: 7. "
        "Train longer, or lower n_topics.",
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 1000))
def test_any_model_gets_a_diagnosis(n_topics: int, n_terms: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    topic_word = rng.dirichlet(np.full(n_terms, 0.1), n_topics)
    doc_topic = rng.dirichlet(np.full(n_topics, 0.1), 9)
    counts = rng.poisson(0.3, (9, n_terms))
    found = collapse(topic_word, doc_topic, counts=counts)
    assert found.effective_topics is not None
    assert 1 - 1e-9 <= found.effective_topics <= n_topics + 1e-9
    assert found.share_dead is not None and 0 <= found.share_dead < 1
    assert 0 <= found.share_duplicates <= 1
    order = rng.permutation(n_topics)
    again = collapse(topic_word[order], doc_topic[:, order], counts=counts)
    assert again.effective_topics == pytest.approx(found.effective_topics)
    assert len(again.duplicate_pairs) == len(found.duplicate_pairs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"topic_word": np.array([[0.5, -0.5]])}, "topic_word: row 0 holds negative values"),
        ({"topic_word": np.array([0.5, 0.5])}, "topic_word: shape"),
        ({"doc_topic": np.full((160, 8), 0.5)}, "doc_topic: row 0 sums to 4"),
        ({"doc_topic": np.full((160, 4), 0.25)}, r"doc_topic: shape \(160, 4\), expected"),
        ({"doc_topic": np.full((3, 8), 0.125)}, r"doc_topic: shape \(3, 8\), expected"),
        ({"counts": np.ones((160, 3))}, "counts: have 3 columns, topic_word has 200"),
        ({"stop_words": "en"}, "vocabulary: is missing"),
        ({"stop_words": "klingon", "vocabulary": TERMS}, 'no list for the language "klingon"'),
        ({"vocabulary": TERMS[:5]}, "vocabulary: has 5 terms, topic_word has 200"),
        ({"cosine": 1.5}, "cosine: is 1.5"),
        ({"n": 0}, "n: is 0"),
    ],
)
def test_bad_input(change, message) -> None:  # type: ignore[no-untyped-def]
    topic_word, doc_topic, counts = healthy()
    given_ = {"topic_word": topic_word, "doc_topic": doc_topic, "counts": counts, **change}
    with pytest.raises(InputError, match=message):
        collapse(given_.pop("topic_word"), given_.pop("doc_topic"), **given_)
