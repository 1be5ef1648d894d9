"""FastTextClassifier: losses against plain NumPy, fastText's features and files, refusals."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.model_selection import cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer

import polytopic as pt
from polytopic.embeddings.kernels.supervised import (
    HIERARCHICAL,
    ONE_VS_ALL,
    SOFTMAX,
    train_documents,
)
from polytopic.embeddings.subwords.label_tree import label_tree
from polytopic.embeddings.subwords.texts import Features, split_texts
from polytopic.errors import EmptyDocumentsWarning, InputError, NotFittedModelError

QUICK: dict[str, Any] = {"dim": 8, "bucket": 300, "random_state": 0}
LOSSES = {"softmax": SOFTMAX, "ova": ONE_VS_ALL, "hierarchical": HIERARCHICAL}


def planted(n: int = 120) -> tuple[list[str], list[str]]:
    """Texts of three kinds, each with words of its own and words of all."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 3, n)
    own = [[f"{'abc'[k]}{i}" for i in rng.integers(0, 9, 5)] for k in kinds]
    shared = [[f"x{i}" for i in rng.integers(0, 9, 5)] for _ in kinds]
    texts = [" ".join(a + b) for a, b in zip(own, shared, strict=True)]
    return texts, [f"kind {k}" for k in kinds]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("options", [{}, {"word_ngrams": 2}, {"min_n": 2, "max_n": 3}])
def test_planted_kinds_are_told_apart(loss: str, options: dict[str, int], tmp_path: Path) -> None:
    texts, labels = planted()
    model = pt.FastTextClassifier(loss=loss, epochs=20, learning_rate=0.5, **options, **QUICK)
    model.fit(texts[:80], labels[:80])
    assert model.score(texts[80:], labels[80:]) > 0.9
    assert model.history_[-1]["loss"] < 0.5 * model.history_[0]["loss"]
    chances = model.predict_proba(texts)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert model.classes_.tolist() == ["kind 0", "kind 1", "kind 2"]
    alone = np.vstack([model.predict_proba([text]) for text in texts])
    np.testing.assert_array_equal(chances, alone)
    for back in (
        pt.load(model.save(tmp_path / "m")),
        pt.FastTextClassifier.read_binary(
            pt.FastTextClassifier(loss=loss, epochs=20, learning_rate=0.5, **options, **QUICK)
            .fit(texts[:80], [label[-1] for label in labels[:80]])
            .write_binary(tmp_path / "m.bin")
        ),
    ):
        np.testing.assert_allclose(back.predict_proba(texts), chances, atol=1e-7)


# ---- one step --------------------------------------------------------------------------------


def loss_of(kind: str, h: np.ndarray, output: np.ndarray, label: int) -> float:
    """Of one document, by its definition."""
    z = output @ h
    if kind == "softmax":
        return float(np.log(np.exp(z).sum()) - z[label])
    if kind == "ova":
        signs = np.where(np.arange(len(z)) == label, 1, -1)
        return float(np.log1p(np.exp(-signs * z)).sum())
    tree = label_tree([9, 4, 3, 1])
    path = slice(tree.starts[label], tree.starts[label + 1])
    signs = np.where(tree.codes[path] == 1, 1, -1)
    return float(np.log1p(np.exp(-signs * z[tree.points[path]])).sum())


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("label", [0, 3])
def test_a_step_follows_the_gradient_of_finite_differences(kind: str, label: int) -> None:
    rng = np.random.default_rng(0)
    rows = np.array([0, 2, 2, 4], dtype=np.int32)
    start = rng.normal(size=(5, 6)).astype(np.float32)
    output = rng.normal(size=(3 if kind == "hierarchical" else 4, 6)).astype(np.float32)
    documents = np.array([0, 4]), rows, np.array([0, 1]), np.array([label], dtype=np.int32)
    moved, heads = start.copy(), output.copy()
    rate = 1e-3
    total = train_documents(
        np.array([0]), documents, LOSSES[kind], label_tree([9, 4, 3, 1]), moved, heads, (rate, rate)
    )
    wide, heads_wide = start.astype(np.float64), output.astype(np.float64)
    h = wide[rows].mean(axis=0)
    assert total == pytest.approx(loss_of(kind, h, heads_wide, label), rel=1e-5)

    def slope(matrix: np.ndarray, place: tuple[int, int]) -> float:
        found = []
        for step in (1e-5, -1e-5):
            matrix[place] += step
            found.append(loss_of(kind, wide[rows].mean(axis=0), heads_wide, label))
            matrix[place] -= step
        return (found[0] - found[1]) / 2e-5

    for place in ((0, 1), (2, 3), (4, 5), (1, 0)):
        uses = (rows == place[0]).sum()
        # fastText adds the gradient of the mean, over its size, to every mention of a row
        wanted = -rate * slope(wide, place)
        assert moved[place] - start[place] == pytest.approx(wanted, rel=2e-3, abs=1e-7), uses
    for place in ((0, 0), (1, 5), (2, 2)):
        wanted = -rate * slope(heads_wide, place)
        assert heads[place] - output[place] == pytest.approx(wanted, rel=2e-3, abs=1e-7)


# ---- features --------------------------------------------------------------------------------


def fnv(text: str) -> int:
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) % 2**32
    return value


def signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def test_rows_are_those_of_fasttexts_get_line() -> None:
    """``Dictionary::getLine``: words, their n-grams, then n-grams of words with the line's end."""
    vocabulary = pt.Vocabulary(["naïve", "a", "</s>"])
    words = split_texts(["naïve a b", "", "a"], spaces=True)
    bounds, rows = Features(vocabulary, 3, 3, 4, 50).rows(words)

    def grams(word: str) -> list[int]:
        text = f"<{word}>"
        found = []
        for begin in range(len(text)):
            for n in (3, 4):
                if begin + n <= len(text):
                    found.append(3 + fnv(text[begin : begin + n]) % 50)
        return found

    def pairs(line: list[str]) -> list[int]:
        found = []
        for i in range(len(line)):
            value = signed(fnv(line[i])) % 2**64
            for j in range(i + 1, min(i + 3, len(line))):
                value = (value * 116049371 + signed(fnv(line[j]))) % 2**64
                found.append(3 + value % 50)
        return found

    first = [0, *grams("naïve"), 1, *grams("a"), *grams("b"), 2]
    wanted = [
        first + pairs(["naïve", "a", "b", "</s>"]),
        [2],
        [1, *grams("a"), 2, *pairs(["a", "</s>"])],
    ]
    found = [rows[a:b].tolist() for a, b in pairwise(bounds)]
    assert found == wanted


def test_n_grams_that_were_cut_are_left_out() -> None:
    vocabulary = pt.Vocabulary(["a", "b", "</s>"])
    words = split_texts(["a b", "b"], spaces=True)
    whole = Features(vocabulary, 2, 0, 0, 7)
    bounds, rows = whole.rows(words)
    pruned = np.full(7, -1, dtype=np.int32)
    pruned[rows[3] - 3] = 0
    left = Features(vocabulary, 2, 0, 0, 7, pruned).rows(words)
    kept = [3 if r == rows[3] else r for r in rows.tolist() if r < 3 or r == rows[3]]
    assert left[1].tolist() == kept
    assert left[0][-1] == len(kept) < bounds[-1]


# ---- the contract ----------------------------------------------------------------------------


def test_it_is_a_classifier_of_scikit_learn() -> None:
    texts, labels = planted(90)
    model = pt.FastTextClassifier(epochs=20, learning_rate=0.5, **QUICK)
    assert is_classifier(model)
    assert cross_val_score(model, texts, labels, cv=3).mean() > 0.8
    assert clone(model).get_params() == model.get_params()
    first, second = (clone(model).fit(texts, labels).predict_proba(texts) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    numbers = model.fit(texts, [int(label[-1]) for label in labels])
    assert numbers.predict(texts[:2]).dtype.kind == "i"
    with pytest.raises(NotFittedModelError):
        clone(model).predict(texts)


def test_one_text_is_no_list_of_its_letters() -> None:
    model = pt.FastTextClassifier(**QUICK).fit(["a b", "c d"], ["x", "y"])
    for judge in (model.predict, model.predict_proba):
        with pytest.raises(InputError, match="texts: of type str. Pass a list of str"):
            judge("a b")


def test_several_labels_a_text_go_through_scikit_learns_one_against_rest() -> None:
    texts, labels = planted(90)
    several = [[label, "even"] if i % 2 else [label] for i, label in enumerate(labels)]
    texts = [f"{text} even" if i % 2 else text for i, text in enumerate(texts)]
    binary = MultiLabelBinarizer().fit(several)
    each = pt.FastTextClassifier(epochs=20, learning_rate=0.5, loss="ova", **QUICK)
    model = OneVsRestClassifier(each).fit(texts[:60], binary.transform(several[:60]))
    found = binary.inverse_transform(model.predict(texts[60:]))
    right = [set(a) == set(b) for a, b in zip(found, several[60:], strict=True)]
    assert np.mean(right) > 0.8


def test_texts_without_known_words_are_told() -> None:
    texts, labels = planted(60)
    model = pt.FastTextClassifier(**QUICK).fit(texts, labels)
    with pytest.warns(EmptyDocumentsWarning, match="2 of 3 hold no word"):
        found = model.predict_proba(["", "unknown words", texts[0]])
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize(
    ("texts", "labels", "options", "message"),
    [
        (["a", "b"], ["x"], {}, "y: 1 labels for 2 texts"),
        (["a", "b"], ["x", None], {}, "y: entry 1 is None, no label"),
        (["a", "b"], [1.0, float("nan")], {}, "y: entry 1 is nan, no label"),
        (["a", "b"], ["x", "x"], {}, "y: all are x. A classifier needs labels of two kinds"),
        (["a", "b"], [["x"], ["y"]], {}, "y: entry 0 is ['x'], several labels, and loss='softmax'"),
        (["...", ""], ["x", "y"], {}, "X: no text holds a word"),
        (["a", "b"], ["x", "y"], {"min_count": 2}, "X: no text holds a word that occurs 2 times"),
        (["a", 3], ["x", "y"], {}, "texts: entry 1 is of type int"),
        ("ab", ["x", "y"], {}, "texts: of type str. Pass a list of str"),
        (["a", "b"], ["x", "y"], {"max_n": 2, "min_n": 3}, "min_n: n-grams of 3 to 2 characters"),
        (["a", "b"], ["x", "y"], {"bucket": 0, "word_ngrams": 2}, "bucket: is 0"),
        (["a", "b"], ["x", "y"], {"loss": "hinge"}, "loss: 'hinge' cannot be used"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    texts: Any, labels: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        pt.FastTextClassifier(**QUICK | options).fit(texts, labels)
    assert message in str(caught.value)


def test_labels_of_several_words_do_not_fit_the_binary_file(tmp_path: Path) -> None:
    texts, labels = planted(30)
    model = pt.FastTextClassifier(**QUICK).fit(texts, labels)
    with pytest.raises(InputError, match="__label__kind"):
        model.write_binary(tmp_path / "m.bin")
    vectors = pt.FastText(dim=4, bucket=50, sample=0, min_n=2).fit([["ab", "cd"]] * 50).vectors_
    with pytest.raises(InputError, match="is no classifier"):
        pt.FastTextClassifier.read_binary(vectors.write_binary(tmp_path / "v.bin"))
