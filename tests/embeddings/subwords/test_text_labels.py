"""Labels of texts: lists of them, learned one against the rest, and those that are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.kernels.supervised import ONE_VS_ALL, train_documents
from polytopic.embeddings.subwords.label_tree import label_tree
from polytopic.embeddings.subwords.text_labels import likeliest, read_labels
from polytopic.errors import InputError

SEVERAL: dict[str, Any] = {
    "dim": 8, "random_state": 0, "loss": "ova", "epochs": 30, "learning_rate": 0.5,
}  # fmt: skip


def planted(n: int = 150) -> tuple[list[str], list[list[str]]]:
    """Texts of none to three kinds, with words of each and words of all."""
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for _ in range(n):
        kinds = [kind for kind in "abc" if rng.random() < 0.4]
        words = [f"{kind}{i}" for kind in kinds for i in rng.integers(0, 6, 4)]
        texts.append(" ".join([*words, *(f"x{i}" for i in rng.integers(0, 9, 4))]))
        labels.append([f"kind-{kind}" for kind in kinds])
    return texts, labels


@pytest.fixture(scope="module")
def fitted() -> pt.FastTextClassifier:
    texts, labels = planted()
    return pt.FastTextClassifier(**SEVERAL).fit(texts[:100], labels[:100])


def test_each_label_of_a_text_is_found_and_no_other(fitted: pt.FastTextClassifier) -> None:
    texts, labels = planted()
    assert any(not held for held in labels[100:]) and any(len(held) == 3 for held in labels[100:])
    assert fitted.score(texts[100:], labels[100:]) > 0.85
    found = fitted.predict(texts[100:])
    right = [set(a) == set(b) for a, b in zip(found, labels[100:], strict=True)]
    assert fitted.score(texts[100:], labels[100:]) == np.mean(right)
    chances = fitted.predict_proba(texts)
    assert chances.sum(axis=1).max() > 1.8 and chances.sum(axis=1).min() < 0.5


def test_top_and_threshold_choose_among_the_chances(fitted: pt.FastTextClassifier) -> None:
    texts, _ = planted()
    chances, names = fitted.predict_proba(texts), fitted.classes_
    for row, (two, sure) in enumerate(
        zip(fitted.predict(texts, top=2), fitted.predict(texts, threshold=0.9), strict=True)
    ):
        order = np.argsort(-chances[row])
        assert two == tuple(names[order[:2]])
        assert sure == tuple(names[k] for k in order if chances[row, k] >= 0.9)
    both = fitted.predict(texts, top=1, threshold=0.5)
    assert {len(held) for held in both} == {0, 1}


def test_chances_are_independent_and_sets_do_as_lists() -> None:
    """A label nobody shares learns the same whatever other labels stand beside it."""
    texts, labels = planted(60)
    one = pt.FastTextClassifier(**SEVERAL).fit(texts, [set(held) for held in labels])
    two = pt.FastTextClassifier(**SEVERAL).fit(texts, [tuple(reversed(held)) for held in labels])
    np.testing.assert_array_equal(one.predict_proba(texts), two.predict_proba(texts))
    single = pt.FastTextClassifier(**SEVERAL).fit(texts, [len(held) for held in labels])
    np.testing.assert_allclose(single.predict_proba(texts).sum(axis=1), 1)
    assert single.predict(texts).shape == (60,)


def test_a_step_with_several_labels_is_that_of_plain_numpy() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(5, 6)).astype(np.float32)
    heads = rng.normal(size=(4, 6)).astype(np.float32)
    labels = np.array([0, 2, 3], dtype=np.int32)
    rows = np.array([1, 2, 3, 3, 4], dtype=np.int32)
    documents = np.array([0, 2, 3, 5]), rows, np.array([0, 2, 2, 3]), labels
    input, output = start.copy(), heads.copy()
    total = train_documents(
        np.arange(3), documents, ONE_VS_ALL, label_tree([2, 2, 1, 1]), input, output, (0.1, 0.1)
    )
    wide, tops, loss = start.astype(float), heads.astype(float), 0.0
    for held, own in (([1, 2], {0, 2}), ([3], set()), ([3, 4], {3})):
        h, gradient = wide[held].mean(axis=0), np.zeros(6)
        for k in range(4):
            chance = 1 / (1 + np.exp(-tops[k] @ h))
            loss -= np.log(chance if k in own else 1 - chance)
            step = 0.1 * ((k in own) - chance)
            gradient += step * tops[k]
            tops[k] += step * h
        wide[held] += gradient / len(held)
    np.testing.assert_allclose(input, wide, atol=1e-5)
    np.testing.assert_allclose(output, tops, atol=1e-5)
    assert total == pytest.approx(loss, rel=1e-5)


def test_several_labels_are_kept_by_folders_and_fasttexts_files(
    fitted: pt.FastTextClassifier, tmp_path: Path
) -> None:
    texts, _ = planted()
    read = pt.FastTextClassifier.read_binary(fitted.write_binary(tmp_path / "m.bin"))
    for back in (pt.load(fitted.save(tmp_path / "m")), read):
        np.testing.assert_allclose(
            back.predict_proba(texts), fitted.predict_proba(texts), atol=1e-7
        )
        assert back.predict(texts) == fitted.predict(texts)


def test_labels_are_numbered_from_the_commonest() -> None:
    read = read_labels([["b", "a"], [], {"b"}, ("c", "b", "a")], 4, "ova")
    assert (read.names, read.counts.tolist()) == (["b", "a", "c"], [3, 2, 1])
    assert read.bounds.tolist() == [0, 2, 2, 3, 6]
    assert read.numbers.tolist() == [0, 1, 0, 0, 1, 2]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["x"], "y"], "y: entry 1 is 'y', and others are lists. Give each text a list."),
        ([["x", None], ["y"]], "y: entry 0 holds None, no label"),
        ([["x", ["y"]], ["y"]], "y: entry 0 holds ['y'], no label"),
        ([[0, 1, 0], [1, 0, 0]], "y: entry 0 has the label 0 twice"),
        ([["x"], ["x"]], "y: all are x"),
        ([[], []], "y: there are none"),
        (np.array([[0, 1], [1, 0]]), "y: is a table. Give each text a list of its labels"),
        ([["x"]], "y: 1 labels for 2 texts"),
    ],
)
def test_lists_of_labels_that_cannot_be_read_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_labels(labels, 2, "ova")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("top", "threshold", "message"),
    [
        (0, None, "top: is 0. Give a number"), (1.5, None, "top: is 1.5"), (True, None, "top: is"),
        (None, 1.5, "threshold: is 1.5. Give a chance"), (None, "a", "threshold: is 'a'"),
        (None, float("nan"), "threshold: is nan"),
    ],
)  # fmt: skip
def test_numbers_that_choose_no_labels_are_refused(top: Any, threshold: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        likeliest(np.array([[0.2, 0.8]]), np.array(["a", "b"]), top, threshold)
    assert message in str(caught.value)
