"""Which topic each word of a document speaks for."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import polytopic as pt
from polytopic import simplex
from polytopic.result.explaining import LEAVE_ONE_OUT, MIXTURE

MIXTURES = {"LDA", "EmbeddingLDA", "NMF", "NTM", "SupervisedNTM", "GSM", "NeuralLDA", "ETM"}


def test_every_model_gives_words_to_topics(modelled: Any, asked: pt.TopicResult) -> None:
    found = asked.explain(4)
    mixes = modelled._components() is not None
    assert found.method == (MIXTURE if mixes else LEAVE_ONE_OUT)
    assert mixes or asked.model not in MIXTURES
    simplex.check_distribution(found.shares)
    row = asked.counts[4]
    expected = {asked.vocabulary.terms[c]: n for c, n in zip(row.indices, row.data, strict=True)}
    assert dict(zip(found.terms, found.counts.tolist(), strict=True)) == expected
    assert "".join(text for text, _ in found.places()) == asked.texts[4]  # type: ignore[index]
    if found.method == MIXTURE:
        by_words = found.counts @ found.shares
        assert by_words.argmax() == asked.doc_topic[4].argmax()
    again = modelled.explain(asked.texts[4])  # type: ignore[index]
    np.testing.assert_allclose(again.shares, found.shares, atol=1e-5)
    assert again.terms == found.terms


def test_every_result_explains_without_its_model(asked: pt.TopicResult) -> None:
    found = replace(asked, fitted=None).explain(4)
    assert found.method == MIXTURE
    parts = asked.topic_word[:, [asked.vocabulary.index(term) for term in found.terms]].T
    parts = parts * asked.doc_topic[4]
    np.testing.assert_allclose(found.shares, parts / parts.sum(axis=1, keepdims=True), rtol=1e-4)


def test_leaving_out_a_word_takes_its_topic_away(themed: pt.Corpus) -> None:
    model = pt.ProdLDA(n_topics=3, epochs=12, batch_size=30, dim=8, random_state=0, device="cpu")
    model.fit(themed)
    found = model.explain("bank bank gene")
    whole = model.transform(["bank bank gene"])[0].astype(float)
    lost = np.maximum(whole - model.transform(["gene"])[0], 0)
    assert found.terms == ["bank", "gene"]
    np.testing.assert_allclose(found.shares[0], lost / lost.sum(), atol=1e-5)


def test_words_stand_in_the_order_of_the_text(lda: pt.LDA) -> None:
    found = lda.explain("A virus in the ENGINE; virus, zither")
    assert found.terms == ["virus", "engine"]
    assert found.counts.tolist() == [2, 1]
    assert found.unknown == ("zither",)
    assert [(t, r) for t, r in found.places() if r >= 0] == [
        ("virus", 0), ("ENGINE", 1), ("virus", 0),
    ]  # fmt: skip
    assert found.topics[0] != found.topics[1]
    assert (found.certainty > 0.5).all()


def test_what_is_shown_is_escaped(lda: pt.LDA) -> None:
    text = "<script>alert('engine')</script> [red]bank\x1b[31m"
    named = replace(lda.result([text]), names=('<b onclick="x">', "b", "[blue]c"))
    found = named.explain(0)
    page = found._repr_html_()
    assert "<script" not in page
    assert "<b " not in page
    assert html.escape('<b onclick="x">') in page or "[blue]c" in page
    console = Console(record=True, width=200, file=None, force_terminal=False)
    with console.capture() as capture:
        console.print(found.to_rich())
    shown = capture.get()
    assert "[red]bank" in shown
    assert "\x1b[31m" not in shown
    assert "\\x1b" in shown


def test_a_long_text_is_cut_where_it_is_shown(lda: pt.LDA) -> None:
    found = lda.explain("engine " * 10_000)
    assert found.counts.tolist() == [10_000]
    assert "…" in found.to_html()
    assert found.to_html().count("engine") < 4_000


def test_counts_without_texts_show_their_terms(themed: pt.Corpus, lda: pt.LDA) -> None:
    bare = pt.Corpus.from_counts(themed.counts, themed.vocabulary)
    found = lda.result(bare).explain(0)
    assert found.text == ""
    assert "".join(text for text, _ in found.places()) == " ".join(found.terms)


def test_what_cannot_be_explained_is_told(plain: pt.TopicResult, lda: pt.LDA) -> None:
    for wrong in (90, -1, 1.5, "a", True, None):
        with pytest.raises(pt.InputError, match=r"document: .* is none of the 90 documents"):
            plain.explain(wrong)  # type: ignore[arg-type]
    with pytest.raises(pt.InputError, match="document: 1 holds no term"):
        lda.result(["engine", "zither"]).explain(1)
    with pytest.raises(pt.InputError, match="text: holds no word of the vocabulary"):
        lda.explain("zither")
    with pytest.raises(pt.InputError, match="text: is of type list"):
        lda.explain(["engine"])  # type: ignore[arg-type]
    with pytest.raises(pt.NotFittedModelError):
        pt.LDA().explain("engine")


# ---- after edits -----------------------------------------------------------------------------


def test_every_model_explains_merged_topics_by_what_it_said(
    modelled: Any, asked: pt.TopicResult
) -> None:
    before = asked.explain(4)
    merged = asked.rename({0: "both"}).merge([[0, 2]])
    found = merged.explain(4)
    assert found.method == before.method
    assert found.labels[0] == "both" and len(found.labels) == 2
    both = before.shares[:, [0, 2]].sum(axis=1)
    np.testing.assert_allclose(found.shares[:, 0], both, atol=1e-5)
    np.testing.assert_allclose(found.shares[:, 1], before.shares[:, 1], atol=1e-5)
    assert np.array_equal(found.doc_topic, merged.doc_topic[4])
    modelled.keep_edits(merged)
    try:
        again = modelled.explain(asked.texts[4])  # type: ignore[index]
    finally:
        modelled.keep_edits(asked)
    assert again.labels == found.labels
    np.testing.assert_allclose(again.shares, found.shares, atol=1e-5)
    np.testing.assert_allclose(again.doc_topic, found.doc_topic, atol=1e-5)


def test_words_of_a_split_topic_go_to_their_parts(plain: pt.TopicResult) -> None:
    topic = int(plain.top_topic[4])
    split = plain.split(topic, into=2)
    parts = np.array(split.edits[-1]["parts"][str(topic)]) / 10_000
    found, before = split.explain(4), plain.explain(4)
    for row, term in enumerate(found.terms):
        own = before.shares[before.terms.index(term), topic]
        pair = found.shares[row, [topic, 3]]
        np.testing.assert_allclose(pair.sum(), own, atol=1e-5)
        if own > 0.1:
            q = parts[:, plain.vocabulary.index(term)]
            np.testing.assert_allclose(pair / own, q, atol=1e-3)


def test_other_orders_names_and_hidden_topics_are_shown(plain: pt.TopicResult) -> None:
    before = plain.explain(4)
    last = int(before.topics[0])
    found = plain.order([last]).rename({0: "first"}).explain(4)
    assert found.labels[0] == "first"
    np.testing.assert_allclose(found.shares[:, 0], before.shares[:, last], atol=1e-6)
    hidden = plain.hide([last]).explain(4)
    assert last not in hidden.topics
    np.testing.assert_allclose(hidden.shares, before.shares)
    assert hidden.certainty[0] == hidden.shares[0, hidden.topics[0]]


def test_edits_without_the_model_are_explained_by_the_words(plain: pt.TopicResult) -> None:
    bare = replace(plain, fitted=None)
    merged = bare.merge([[0, 1]]).explain(4)
    assert merged.method == MIXTURE
    both = bare.explain(4).shares[:, :2].sum(axis=1)
    np.testing.assert_allclose(merged.shares[:, 0], both, atol=1e-5)
