"""Spaces turned into each other, and words whose use has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

import polytopic as pt
from polytopic.errors import InputError, InputTypeError

WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    rng = np.random.default_rng(0)
    return pt.WordVectors(WORDS, *rng.normal(size=(2, 40, 7)).astype(np.float32))


def test_a_turned_space_is_turned_back(vectors: pt.WordVectors) -> None:
    turn = ortho_group.rvs(7, random_state=1)
    order = np.random.default_rng(2).permutation(40)
    other = pt.WordVectors(
        [*(WORDS[i] for i in order), "new"],
        np.vstack([vectors.input[order] @ turn, np.ones((1, 7))]),
        np.vstack([vectors.output[order] @ turn, np.ones((1, 7))]),
    )
    back = pt.align_vectors(other, vectors)
    np.testing.assert_allclose(back[WORDS], vectors.input, atol=1e-5)
    np.testing.assert_allclose(back.output[:40], vectors.output[order], atol=1e-5)
    np.testing.assert_allclose(back["new"], np.ones(7) @ turn.T, atol=1e-5)
    few = pt.align_vectors(other, vectors, words=WORDS[:9])
    np.testing.assert_allclose(few[WORDS], vectors.input, atol=1e-5)


def test_the_rotation_is_scipys(vectors: pt.WordVectors) -> None:
    rng = np.random.default_rng(3)
    noisy = pt.WordVectors(WORDS, vectors.input + rng.normal(size=(40, 7)))
    one, two = noisy.unit(), vectors.unit()
    wanted = noisy.input @ orthogonal_procrustes(one.astype(float), two.astype(float))[0]
    np.testing.assert_allclose(pt.align_vectors(noisy, vectors).input, wanted, atol=1e-5)
    assert noisy.similarity("w1", "w2") == pytest.approx(
        pt.align_vectors(noisy, vectors).similarity("w1", "w2"), abs=1e-6
    )


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda v: pt.align_vectors(v, pt.WordVectors(["x"], np.ones((1, 7)))),
            "no word in common",
        ),
        (lambda v: pt.align_vectors(v, pt.WordVectors(WORDS, np.ones((40, 6)))), "to: has 6"),
        (lambda v: pt.align_vectors(v, v, words=["w1", "zz"]), '"zz" is not among'),
        (lambda v: pt.align_vectors(v, v, words=[]), "words: none given"),
    ],
)
def test_spaces_that_do_not_fit(vectors: pt.WordVectors, ask: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(vectors)
    assert message in str(caught.value)


# ---- words that change -----------------------------------------------------------------------


def sentences(seed: int, *, changed: bool) -> list[list[str]]:
    """Groups a, b, c of words that stand together; ``moves`` stands with a, or with b."""
    rng = np.random.default_rng(seed)
    found = []
    for group in rng.integers(3, size=900):
        words = [f"{'abc'[group]}{i}" for i in rng.integers(8, size=6)]
        at_home = group == (1 if changed else 0)
        if at_home and rng.random() < 0.5:
            words[rng.integers(6)] = "moves"
        found.append(words)
    return found


MODEL = pt.SkipGram(dim=10, epochs=6, sample=0, learning_rate=0.05, n_threads=1, random_state=5)


def test_the_word_that_moved_is_found() -> None:
    found = pt.word_shift(
        sentences(0, changed=False), sentences(1, changed=True), seeds=3, model=MODEL
    )
    assert found["word"][0] == "moves"
    assert found.columns == [
        "word", "shift", "low", "high", "noise", "first_count", "second_count",
    ]  # fmt: skip
    first = found.row(0, named=True)
    assert first["low"] > first["noise"]
    assert first["low"] < first["shift"] < first["high"]
    assert found["shift"][1] < 0.5 * first["shift"]
    assert len(found) == 25
    assert not hasattr(MODEL, "vectors_"), "the model given stays as it is"


def test_a_text_against_itself_has_no_shift() -> None:
    text = sentences(0, changed=False)
    found = pt.word_shift(text, text, seeds=2, model=MODEL, words=["moves", "a1"])
    assert sorted(found["word"].to_list()) == ["a1", "moves"]
    np.testing.assert_allclose(found["shift"], 0, atol=1e-6)
    assert (found["noise"] > 1e-4).all()
    assert found["first_count"].to_list() == found["second_count"].to_list()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"seeds": 1}, InputError, "seeds: is 1. Give two or more"),
        ({"words": ["zz"]}, InputError, '"zz" is not among'),
        ({"min_count": 10**6}, InputError, "min_count: no common word occurs 1000000 times"),
        ({"model": "skipgram"}, InputTypeError, "model: of type str"),
    ],
)
def test_what_cannot_be_compared(options: Any, error: type[Exception], message: str) -> None:
    text = [["a", "b", "c"]] * 50
    model = pt.SkipGram(dim=3, epochs=1, sample=0, n_threads=1)
    with pytest.raises(error) as caught:
        pt.word_shift(text, text, **{"model": model, "seeds": 2} | options)
    assert message in str(caught.value)


def test_texts_without_a_common_word_are_told() -> None:
    model = pt.SkipGram(dim=3, epochs=1, sample=0, n_threads=1)
    with pytest.raises(InputError, match="no word in common"):
        pt.word_shift([["a", "b"]] * 50, [["c", "d"]] * 50, seeds=2, model=model)


def test_files_are_read(tmp_path: Path) -> None:
    paths = []
    for name, changed in (("old.txt", False), ("new.txt", True)):
        paths.append(tmp_path / name)
        text = "\n".join(map(" ".join, sentences(len(paths), changed=changed)))
        paths[-1].write_text(text, encoding="utf-8")
    found = pt.word_shift(*paths, seeds=2, model=MODEL)
    assert found["word"][0] == "moves"
