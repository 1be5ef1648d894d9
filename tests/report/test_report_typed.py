"""What the page is given for typed texts, only where it can read and infer as the model does."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
import zlib
from collections.abc import Callable

import numpy as np
import pytest

import polytopic as pt
from polytopic.report.typed import reading_rules, typed_record
from polytopic.result import TopicResult
from polytopic.text import Corpus

Make = Callable[..., TopicResult]
WORDS = ("star gene goal court", "light cell team judge", "sky lab match law")
TEXTS = [
    f"{a} {b} new york {a} stories, {c}'s"
    for a, b, c in itertools.product(*(words.split() for words in WORDS))
]
pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.ConvergenceWarning"),
]


def fitted(**options: object) -> TopicResult:
    corpus = Corpus.from_texts(TEXTS, min_df=1, stop_words=None, **options)  # type: ignore[arg-type]
    return pt.LDA(n_topics=4, iterations=20, random_state=0, n_threads=1).fit_result(corpus)


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def test_topics_are_packed_finer_than_a_float16() -> None:
    result = fitted()
    record = typed_record(result, 10**9)
    assert record is not None and record["fits"]
    n_terms = len(result.vocabulary)
    numbers = np.frombuffer(unpacked(record["arrays"]), dtype="<u2")
    held, n = numbers[:n_terms], record["entries"]
    topic, steps = numbers[n_terms : n_terms + n], numbers[n_terms + n :]
    made = np.repeat(np.array(record["floor"])[:, None], n_terms, axis=1)
    term = np.repeat(np.arange(n_terms), held)
    made[topic, term] = np.exp(record["low"] + record["step"] * steps)
    np.testing.assert_allclose(made, result.topic_word, rtol=6e-4)
    assert json.loads(unpacked(record["terms"])) == result.vocabulary.terms
    np.testing.assert_allclose(record["alpha"], result.fitted.alpha_, rtol=1e-6)


def test_weights_of_terms_come_last() -> None:
    corpus = Corpus.from_texts(TEXTS, min_df=1, stop_words=None)
    model = pt.LDA(n_topics=4, iterations=20, random_state=0, n_threads=1, term_weights="idf")
    record = typed_record(model.fit_result(corpus), 10**9)
    assert record is not None and model.term_weights_ is not None
    numbers = np.frombuffer(unpacked(record["arrays"]), dtype="<u2")
    last = numbers[len(corpus.vocabulary) + 2 * record["entries"] :]
    np.testing.assert_allclose(record["weight_step"] * last, model.term_weights_, rtol=1e-4)
    plain = typed_record(fitted(), 10**9)
    assert plain is not None and plain["weight_step"] == 0.0


def test_it_is_offered_only_where_the_page_can_do_as_the_model() -> None:
    result = fitted()
    assert typed_record(result, 10) == {"fits": False}
    assert typed_record(dataclasses.replace(result, fitted=None), 10**9) is None
    assert typed_record(result.merge([[0, 1]]), 10**9) is None  # the model's topics are others
    renamed = typed_record(result.rename({0: "a"}).hide([1]), 10**9)
    assert renamed is not None and renamed["fits"]


@pytest.mark.parametrize(
    "options",
    [{"language": "zh"}, {"tokenizer": str.split}, {"token_pattern": r"\w+"},
     {"token_pattern": r"(?u)\b\w\w+\b"}],
)  # fmt: skip
def test_readings_that_a_page_has_not(options: dict[str, object]) -> None:
    corpus = Corpus.from_texts(TEXTS, min_df=1, **options)  # type: ignore[arg-type]
    assert reading_rules(corpus.vocabulary) is None


def test_models_whose_theta_is_an_encoders_are_not_offered(make: Make) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    corpus = Corpus.from_texts(TEXTS, min_df=1)
    for model in (pt.ETM(n_topics=3, epochs=1), pt.ProdLDA(n_topics=3, epochs=1)):
        result = model.fit_result(corpus)
        assert model.mixture_prior() is None and typed_record(result, 10**9) is None
    assert typed_record(make(), 10**9) is None
