"""Training that begins from given vectors, and rows that stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import InputError, InputTypeError

SENTENCES = [["a", "b", "c", "d"], ["c", "d", "e"], ["a", "e", "b"]] * 120
GIVEN = pt.WordVectors(
    ["b", "x", "a"], np.arange(12, dtype=np.float32).reshape(3, 4) / 24, np.ones((3, 4)) / 8
)


def model(kind: type = pt.SkipGram, **options: Any) -> Any:
    return kind(dim=4, epochs=2, sample=0, random_state=0, **options)


@pytest.mark.parametrize("kind", [pt.SkipGram, pt.CBOW])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_frozen_rows_stay_and_the_others_learn(kind: type, n_threads: int) -> None:
    fitted = model(kind, n_threads=n_threads).fit(SENTENCES, vectors=GIVEN, frozen=True)
    free = model(kind, n_threads=n_threads).fit(SENTENCES, vectors=GIVEN)
    for word in "ab":
        np.testing.assert_array_equal(fitted.vectors_[word], GIVEN[word])
        assert (free.vectors_[word] != GIVEN[word]).any()
    assert "x" not in fitted.vectors_
    fresh = model(kind).fit(SENTENCES).vectors_
    assert all((fitted.vectors_[word] != fresh[word]).any() for word in "cde")
    assert (fitted.vectors_.output != GIVEN.output[0]).any(axis=1).all()


def test_the_rows_are_where_training_begins() -> None:
    slow = model(learning_rate=1e-30, min_learning_rate=0.0).fit(SENTENCES, vectors=GIVEN)
    np.testing.assert_allclose(slow.vectors_[["a", "b"]], GIVEN[["a", "b"]], atol=1e-12)
    for word in "ab":
        np.testing.assert_allclose(slow.vectors_.output[slow.vectors_.index(word)], 1 / 8)


def test_the_words_so_far_stay_when_going_on() -> None:
    fitted = model().fit(SENTENCES)
    before = fitted.vectors_
    fitted.partial_fit([["a", "f", "c"]] * 300, frozen=True)
    np.testing.assert_array_equal(fitted.vectors_[list(before)], before.input)
    assert "f" in fitted.vectors_
    once = fitted.vectors_
    fitted.partial_fit([["a", "f", "c"]] * 300, frozen=["f"])
    np.testing.assert_array_equal(fitted.vectors_["f"], once["f"])
    assert (fitted.vectors_["a"] != once["a"]).any()


def test_a_checkpoint_knows_where_it_began(tmp_path: Any) -> None:
    options = {"checkpoint": tmp_path / "c"}
    whole = model(**options).fit(SENTENCES, vectors=GIVEN, frozen=["a"])
    again = model(**options).fit(SENTENCES, vectors=GIVEN, frozen=["a"])
    np.testing.assert_array_equal(again.vectors_.input, whole.vectors_.input)
    with pytest.raises(pt.CheckpointError, match="other settings"):
        model(**options).fit(SENTENCES, vectors=GIVEN)


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({}, {"frozen": True}, "frozen: there are no vectors to keep"),
        ({}, {"frozen": ["z"]}, 'frozen: "z" is not among the 5 words'),
        ({"deterministic": False}, {"vectors": GIVEN, "frozen": True}, "deterministic=True"),
        ({"loss": "softmax"}, {"vectors": GIVEN, "frozen": True}, 'loss="negative"'),
        ({"dim": 5}, {"vectors": GIVEN}, "vectors: have 4 dimensions, and dim is 5. Set dim=4"),
        ({}, {"vectors": pt.WordVectors(["x"], [[1, 2, 3, 4]])}, "none of the words of the text"),
    ],
)
def test_beginnings_that_cannot_be_are_refused(options: Any, given: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        model().set_params(**options).fit(SENTENCES, **given)
    assert message in str(caught.value)


def test_vectors_are_word_vectors() -> None:
    with pytest.raises(InputTypeError, match="vectors: of type dict"):
        model().fit(SENTENCES, vectors={"a": [1, 2, 3, 4]})
