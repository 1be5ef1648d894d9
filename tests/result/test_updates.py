"""Updates: next month's documents keep the topics' numbers and names; what changed is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from themes import themed_texts

import polytopic as pt
from polytopic import simplex
from polytopic.topics.learning_on import expected_tokens, shares_of_frequencies

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]

NEXT = themed_texts(60, seed=5)


def test_every_model_is_updated(modelled: Any, asked: pt.TopicResult, tmp_path: Path) -> None:
    before = {name: value.copy() for name, value in modelled._state().items()}
    topics = modelled.topic_word_.copy()
    found = pt.update(asked, NEXT)
    assert np.array_equal(modelled.topic_word_, topics)
    assert all(np.array_equal(value, before[n]) for n, value in modelled._state().items())
    simplex.check_distribution(found.model.topic_word_)
    assert not np.array_equal(found.model.topic_word_, topics)
    assert (found.cosine > 0.95).all()
    assert (found.hellinger < 0.25).all()
    assert found.result.n_documents == 60
    assert found.result.names == asked.names
    assert len(found.model.vocabulary_.terms) == len(asked.vocabulary)
    assert found.model.notes_["documents"] == 150
    loaded = pt.load(found.model.save(tmp_path / "model"))
    assert np.array_equal(loaded.transform(NEXT), found.model.transform(NEXT))
    again = pt.update(asked, NEXT)
    assert np.array_equal(again.model.topic_word_, found.model.topic_word_)


def test_the_old_topics_are_the_prior_of_the_new(
    lda: pt.LDA, plain: pt.TopicResult, themed: pt.Corpus
) -> None:
    found = pt.update(plain, NEXT)
    counts = lda.result(NEXT).counts
    first = _posterior(lda, plain, counts, lda.topic_word_, lda.transform(counts))
    second = _with(lda, first)
    expected = _posterior(lda, plain, counts, first, second.transform(counts))
    np.testing.assert_allclose(found.model.topic_word_, expected, rtol=1e-4)


def _with(model: pt.LDA, topics: np.ndarray) -> pt.LDA:
    from copy import copy

    other = copy(model)
    other.topic_word_ = topics.astype(np.float32)
    return other


def _posterior(
    model: pt.LDA, plain: pt.TopicResult, counts: Any, phi: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    tokens = plain.topic_sizes * plain.counts.sum()
    n = np.zeros(phi.shape)
    for d in range(counts.shape[0]):
        parts = theta[d][:, None] * phi
        n += counts[d].toarray() * parts / parts.sum(axis=0)
    topics = tokens[:, None] * model.topic_word_ + n
    return topics / topics.sum(axis=1, keepdims=True)


def test_more_memory_moves_topics_less(plain: pt.TopicResult) -> None:
    rare = ["engine engine engine engine wheel"] * 40
    much, little = pt.update(plain, rare, memory=10.0), pt.update(plain, rare, memory=0.1)
    assert much.cosine.min() > little.cosine.min()
    assert much.hellinger.max() < little.hellinger.max()


def test_new_words_are_told_and_taken_on(plain: pt.TopicResult, tmp_path: Path) -> None:
    texts = [f"{text} blockchain" for text in NEXT[2::3]] + NEXT[:2] + ["seldom"] * 4
    found = pt.update(plain, texts)
    assert found.new_words == [("blockchain", 20)]
    assert found.taken_on == ("blockchain",)
    assert found.model.vocabulary_.terms == [*plain.vocabulary.terms, "blockchain"]
    money = plain.find("bank", by="words").topics[0][0]
    column = found.model.vocabulary_.index("blockchain")
    assert found.model.topic_word_[:, column].argmax() == money
    assert found.model.transform(["blockchain"])[0].argmax() == money
    assert found.result.counts[:, column].sum() == 20
    assert list(found.result.texts or ()) == texts
    loaded = pt.load(found.model.save(tmp_path / "model"))
    assert np.array_equal(loaded.transform(texts), found.model.transform(texts))
    told = " ".join(found.sentences())
    assert "blockchain (20)" in told
    refused = pt.update(plain, texts, take_on=False)
    assert refused.taken_on == () and refused.new_words == found.new_words
    assert "fit anew" in " ".join(refused.sentences())


def test_a_corpus_of_another_vocabulary_is_matched_by_word(plain: pt.TopicResult) -> None:
    texts = [f"{text} blockchain" for text in NEXT[::3]] + NEXT[1::3] + NEXT[2::3]
    corpus = pt.Corpus.from_texts(texts)
    assert corpus.vocabulary.terms != plain.vocabulary.terms
    found, read = pt.update(plain, corpus), pt.update(plain, texts)
    assert found.new_words == read.new_words == [("blockchain", 20)]
    np.testing.assert_allclose(found.model.topic_word_, read.model.topic_word_, rtol=1e-5)


def test_births_are_words_that_topics_do_not_explain(plain: pt.TopicResult) -> None:
    texts = [text + " virus" * 9 for text in NEXT[::3]] + NEXT[1::3]
    found = pt.update(plain, texts)
    assert [word for word, _, _ in found.births][:1] == ["virus"]
    _, tokens, foreseen = found.births[0]
    assert tokens > 3 * foreseen
    assert pt.update(plain, NEXT).births == []


def test_topics_that_die_out_are_told(plain: pt.TopicResult) -> None:
    found = pt.update(plain, NEXT[::3] + NEXT[1::3])
    money = plain.find("bank", by="words").topics[0][0]
    assert found.dying == (money,)
    assert f"Hardly in the new documents: topic {money}" in " ".join(found.sentences())
    assert found.sizes[money] < 0.1


def test_documents_that_changed_topic_are_told(plain: pt.TopicResult) -> None:
    found = pt.update(plain, ["engine bank bank bank loan loan"] * 200, memory=0.01)
    after = found.model.result(pt.Corpus(plain.counts, plain.vocabulary)).top_topic
    rows = np.flatnonzero(after != plain.top_topic)
    assert [row for row, _, _ in found.moved] == rows.tolist()
    for row, old, new in found.moved:
        assert (old, new) == (plain.top_topic[row], after[row])


def test_a_model_alone_is_updated(lda: pt.LDA) -> None:
    found = pt.update(lda, NEXT)
    assert found.before is None and found.moved == []
    assert np.isnan(found.sizes).all() and found.dying == ()
    assert (found.cosine > 0.95).all()
    assert "new documents" in repr(found)


def test_names_are_kept(plain: pt.TopicResult) -> None:
    named = plain.name_topics()
    assert pt.update(named, NEXT).result.names == named.names


def test_every_model_keeps_edits_through_an_update(asked: pt.TopicResult, tmp_path: Path) -> None:
    edited = asked.rename({1: "Mine"}).note({1: "a note"}).merge([[0, 2]]).hide([0])
    found, bare = pt.update(edited, NEXT), pt.update(asked, NEXT)
    assert found.result.names == edited.names and found.result.remarks == edited.remarks
    assert found.result.hidden == (0,) and found.result.n_topics == 2
    assert len(found.cosine) == len(found.sizes) == 2
    both = bare.result.doc_topic[:, [0, 2]].sum(axis=1)
    np.testing.assert_allclose(found.result.doc_topic[:, 0], both, atol=1e-5)
    assert np.array_equal(found.model.topic_word_, bare.model.topic_word_)
    assert {old for _, old, _ in found.moved} <= {-1, 1}
    loaded = pt.load(found.model.save(tmp_path / "model")).result(NEXT)
    assert loaded.names == found.result.names and loaded.hidden == (0,)
    again = pt.update(found.result, NEXT)
    assert again.result.names == edited.names and again.result.edits == found.result.edits
    assert "topic" in " ".join(found.sentences())


def test_a_model_that_keeps_edits_is_updated(lda: pt.LDA, plain: pt.TopicResult) -> None:
    from copy import deepcopy

    model = deepcopy(lda).keep_edits(plain.merge([[0, 1]]).rename({0: "both"}))
    found = pt.update(model, NEXT)
    assert found.result.names[0] == "both" and len(found.cosine) == 2
    assert found.model.result(NEXT).n_topics == 2


def test_parts_of_a_split_topic_take_on_new_words(plain: pt.TopicResult) -> None:
    split = plain.split(int(plain.top_topic[0]), into=3)
    texts = [f"{text} blockchain" for text in NEXT]
    found = pt.update(split, texts)
    assert found.taken_on == ("blockchain",)
    assert found.result.n_topics == 5
    simplex.check_distribution(found.result.doc_topic)
    assert (found.cosine > 0.5).all()


def test_locked_topics_stay(themed: pt.Corpus, lda: pt.LDA) -> None:
    locked = lda.topic_word_[:1]
    model = pt.LDA(n_topics=3, iterations=30, random_state=0, locked_topics=locked).fit(themed)
    found = pt.update(model, [f"{text} blockchain" for text in NEXT])
    assert np.array_equal(found.model.topic_word_[0], model.topic_word_[0])
    assert not np.array_equal(found.model.topic_word_[1], model.topic_word_[1])
    assert found.taken_on == ()


def test_expected_tokens_add_up() -> None:
    random = np.random.default_rng(0)
    counts = sparse.csr_matrix(random.poisson(0.5, (20, 9)))
    theta = random.dirichlet(np.ones(3), 20).astype(np.float32)
    topics = random.dirichlet(np.ones(9), 3).astype(np.float32)
    found = expected_tokens(counts, theta, topics)
    np.testing.assert_allclose(found.sum(axis=0), np.asarray(counts.sum(axis=0)).ravel(), rtol=1e-5)
    parts = theta[:, :, None] * topics[None]
    dense = (counts.toarray()[:, None] * parts / parts.sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(found, dense, rtol=1e-5)


def test_shares_of_frequencies_are_those_that_made_them() -> None:
    random = np.random.default_rng(0)
    topics = random.dirichlet(np.full(40, 0.1), 3)
    shares = np.array([0.5, 0.3, 0.2])
    found = shares_of_frequencies(topics, 1e6 * shares @ topics)
    np.testing.assert_allclose(found, shares, atol=0.01)
    assert shares_of_frequencies(topics, np.zeros(40)).tolist() == [1 / 3] * 3


def test_what_cannot_be_updated_is_told(plain: pt.TopicResult, lda: pt.LDA) -> None:
    from dataclasses import replace

    for call, message in (
        (
            lambda: pt.update(replace(plain, fitted=None), NEXT),
            "result: its model is not at hand. Pass the model",
        ),
        (lambda: pt.update("model", NEXT), "fitted: is of type str"),
        (lambda: pt.update(lda, ["zither"] * 9), "corpus: no document holds a known term"),
        (lambda: pt.update(lda, []), "corpus: holds no documents"),
        (lambda: pt.update(lda, None), "corpus: holds no documents"),
        (lambda: pt.update(lda, NEXT, memory=0), "memory: is 0"),
        (lambda: pt.update(lda, NEXT, memory=True), "memory: is True"),
        (lambda: pt.update(lda, "one text"), "texts: is a single str"),
        (lambda: pt.update(lda, ["a", None]), "texts: row 1 is missing"),
    ):
        with pytest.raises(pt.InputError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)
    with pytest.raises(pt.NotFittedModelError):
        pt.update(pt.LDA(), NEXT)


def test_going_on_needs_the_parameters_of_the_fit(themed: pt.Corpus) -> None:
    model = pt.ProdLDA(n_topics=3, epochs=4, batch_size=30, dim=8, random_state=0, device="cpu")
    model.partial_fit(themed)
    assert len(model.history_) == 4
    model.partial_fit(themed)
    assert [record["epoch"] for record in model.history_] == [1, 2, 3, 4, 5]
    with pytest.raises(pt.InputError, match="n_topics: is 4, and this ProdLDA was fitted with 3"):
        model.set_params(n_topics=4).partial_fit(themed)
    model.set_params(n_topics=3)
    with pytest.raises(pt.InputError, match="1 of 1 documents hold known terms, and a step needs"):
        model.partial_fit(themed.counts[:1])
