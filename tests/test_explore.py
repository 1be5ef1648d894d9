"""``explore``: from raw texts to a measured result in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import exploring, registry
from polytopic.errors import InputError

pytest.importorskip("torch", reason="the neural extra is not installed")

THEMES = (
    "engine motor wheel brake fuel road driver gear",
    "cell gene protein tissue enzyme organ blood tumour",
)
SMALL = {"n_topics": 2, "epochs": 3, "device": "cpu"}


def texts(n: int = 60) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(THEMES[row % 2].split(), 10)) for row in range(n)]


@pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")
def test_explore_is_corpus_model_and_metrics() -> None:
    labels = ["cars", "cells"] * 30
    result = pt.explore(texts(), labels=labels, random_state=3, min_df=2, **SMALL)
    corpus = pt.Corpus.from_texts(texts(), labels=labels, min_df=2)
    default = registry.load_class(registry.find(registry.DEFAULT_TOPIC_MODEL))
    model = default(random_state=3, **SMALL).fit(corpus)
    np.testing.assert_array_equal(result.topic_word, model.topic_word_)
    np.testing.assert_array_equal(result.doc_topic, model.transform(corpus))
    assert dict(result.metrics) == pt.metrics.evaluate(model.result(corpus), corpus)
    assert result.metrics["purity"] is not None
    assert list(result.labels) == labels
    assert "dropped" in result.notes


def test_explore_takes_a_path_and_a_corpus(tmp_path: Path) -> None:
    lines = [f'"{text}",{row % 2}' for row, text in enumerate(texts())]
    file = tmp_path / "texts.csv"
    file.write_text("\n".join(["body,kind", *lines]), encoding="utf-8")
    by_path = pt.explore(file, text="body", label="kind", min_df=2, **SMALL)
    corpus = pt.read(file, text="body", label="kind", min_df=2)
    by_corpus = pt.explore(corpus, **SMALL)
    np.testing.assert_array_equal(by_path.topic_word, by_corpus.topic_word)
    np.testing.assert_array_equal(by_path.labels, corpus.labels)
    relabelled = pt.explore(corpus, labels=["a", "b"] * 30, **SMALL)
    assert list(relabelled.labels) == ["a", "b"] * 30


@pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")
def test_explore_keeps_ten_thousand_terms_unless_told() -> None:
    """Fewer than a corpus does by itself: rarer ones cost time and blur the topics."""
    words = [f"word{n:05d}" for n in range(10_500)]
    many = [" ".join(words[row * 210 : (row + 1) * 210]) for row in range(50)] * 2
    lda: dict[str, Any] = {"model": "lda", "n_topics": 2, "iterations": 1}
    assert len(pt.explore(many, **lda).vocabulary) == 10_000
    assert len(pt.explore(many, max_terms=10_200, **lda).vocabulary) == 10_200


def test_reference_is_used() -> None:
    reference = [text.split() for text in texts(40)]
    result = pt.explore(texts(), reference=reference, min_df=2, **SMALL)
    assert result.metrics["npmi_reference"] is not None


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"epocs": 3}, ("epocs", "Close to it: epochs")),
        ({"mindf": 3}, ("mindf", "min_df")),
        ({"text": "body"}, ("text", "no option")),
        ({"model": "nosuch"}, ("nosuch", "prodlda")),
        ({"n_topics": 40}, ("40 topics for 16 terms",)),
        ({"labels": ["a"]}, ("labels", "60")),
    ],
)
def test_bad_options_are_told(options: dict[str, object], parts: tuple[str, ...]) -> None:
    with pytest.raises(pt.InputError) as told:
        pt.explore(texts(), min_df=2, **options)
    assert "\n" not in str(told.value)
    assert all(part in str(told.value) for part in parts)


def test_a_corpus_takes_no_text_options() -> None:
    corpus = pt.Corpus.from_texts(texts(), min_df=2)
    with pytest.raises(pt.InputError, match="min_df"):
        pt.explore(corpus, min_df=2, **SMALL)


def test_threads_go_to_the_text_and_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the model: all have the option."""
    seen: list[int] = []
    encode = pt.Corpus.from_texts

    def noting(*given: object, n_threads: int, **options: object) -> pt.Corpus:
        seen.append(n_threads)
        return encode(*given, n_threads=n_threads, **options)

    monkeypatch.setattr(pt.Corpus, "from_texts", noting)
    for name in ("lda", "prodlda"):
        _, of_model = exploring._split_options(
            texts(), {"n_threads": 2}, registry.load_class(registry.find(name))
        )
        assert of_model == {"n_threads": 2}
    result = pt.explore(texts(), model="lda", n_topics=2, n_threads=2, iterations=2)
    assert result.parameters["n_threads"] == 2
    assert seen == [2]


def test_embeddings_of_documents() -> None:
    vectors = np.eye(2)[np.arange(60) % 2]
    result = pt.explore(
        texts(), model="combined-tm", embeddings=vectors, min_df=2, dim=8, random_state=0, **SMALL
    )
    model = pt.CombinedTM(random_state=0, dim=8, **SMALL)
    corpus = pt.Corpus.from_texts(texts(), min_df=2)
    model.fit(corpus, embeddings=vectors)
    np.testing.assert_array_equal(result.topic_word, model.topic_word_)
    np.testing.assert_array_equal(result.doc_topic, model.transform(corpus, embeddings=vectors))
    assert result.beside_counts
    with pytest.raises(pt.InputError, match="embeddings: LDA does not read embeddings"):
        pt.explore(texts(), model="lda", embeddings=vectors, n_topics=2)
    with pytest.raises(pt.InputError, match="embeddings"):
        pt.explore(texts(), model="combined-tm", embeddings=vectors[:5], min_df=2, **SMALL)


def test_a_choice_of_the_number_of_topics_is_taken_and_noted() -> None:
    corpus = pt.Corpus.from_texts(texts())
    found = pt.choose_topics(corpus, (2, 3), runs=2, iterations=5)
    result = pt.explore(corpus, n_topics=found, model="lda", iterations=5)
    assert result.n_topics == found.best
    assert result.notes["how_many"] == found.to_dict()
    with pytest.raises(InputError, match=r"n_topics: is 'auto'. Give a number, or let"):
        pt.explore(corpus, n_topics="auto")
