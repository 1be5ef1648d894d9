"""Doc2Vec: planted groups, the same bits, inference, folders, what is refused."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.documents.passes import DocumentPasses
from polytopic.errors import (
    CheckpointError,
    EmptyDocumentsWarning,
    InputError,
    InterruptedFitWarning,
    NotFittedModelError,
)

QUICK: dict[str, Any] = {
    "dim": 12, "epochs": 30, "sample": 0, "learning_rate": 0.025, "random_state": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def documents() -> list[list[str]]:
    """Documents of three kinds: most words are of the kind, lengths differ."""
    rng = np.random.default_rng(0)
    return [
        [f"{'abc'[k % 3] if rng.random() < 0.8 else 'x'}{rng.integers(12)}" for _ in range(n)]
        for k, n in enumerate(rng.integers(8, 60, 240))
    ]


def near_share(vectors: np.ndarray) -> float:
    """How often the nearest other document is of the same kind."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    return float((cosines.argmax(axis=1) % 3 == np.arange(len(unit)) % 3).mean())


@pytest.mark.parametrize("kind", ["dbow", "dm"])
def test_documents_of_a_kind_come_together(kind: str, documents: Any, tmp_path: Path) -> None:
    model = pt.Doc2Vec(model=kind, **QUICK | {"epochs": 60, "dim": 32}).fit(documents)
    assert near_share(model.document_vectors_) > 0.8
    assert near_share(model.transform(documents)) > 0.8
    assert model.history_[-1]["loss"] < 0.9 * model.history_[0]["loss"]
    words = [w for w in model.vocabulary_.terms if w[0] != "x"]
    hits = [model.vectors_.most_similar(w, 1)[0][0][0] == w[0] for w in words]
    assert np.mean(hits) > 0.8
    back = pt.load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(back.document_vectors_, model.document_vectors_)
    np.testing.assert_array_equal(back.transform(documents[:5]), model.transform(documents[:5]))


@pytest.mark.parametrize("kind", ["dbow", "dm"])
def test_the_bits_are_the_same_for_any_number_of_threads(kind: str, documents: Any) -> None:
    fitted = [
        pt.Doc2Vec(model=kind, **QUICK | {"epochs": 2}, n_threads=n).fit(documents)
        for n in (1, 2, 3)
    ]
    for other in fitted[1:]:
        np.testing.assert_array_equal(other.document_vectors_, fitted[0].document_vectors_)
        np.testing.assert_array_equal(other.vectors_.input, fitted[0].vectors_.input)
        np.testing.assert_array_equal(
            other.transform(documents[:9]), fitted[0].transform(documents[:9])
        )


@pytest.mark.parametrize("kind", ["dbow", "dm"])
def test_going_on_adds_documents_and_words_and_keeps_those_before(
    kind: str, documents: Any, tmp_path: Path
) -> None:
    old, new = documents[:150], [[*words, "new"] for words in documents[150:]]
    model = pt.Doc2Vec(model=kind, **QUICK | {"epochs": 60}).fit(old)
    before, n_words = model.document_vectors_, len(model.vocabulary_)
    with pytest.raises(InputError, match="dim: is 5"):
        model.set_params(dim=5).partial_fit(new)
    with pytest.raises(InputError, match="epochs: is 0"):
        model.set_params(dim=12).partial_fit(new, epochs=0)
    back = pt.load(model.save(tmp_path / "m"))
    for going in (model, back):
        going.partial_fit(new)
        assert going.document_vectors_.shape == (240, 12)
        np.testing.assert_array_equal(going.document_vectors_[:150], before)
        assert going.vocabulary_.terms[n_words:] == ["new"]
        assert going.n_epochs_ == len(going.history_) == 120
        if kind == "dbow":  # in "dm" words that are known already explain each other
            assert near_share(going.document_vectors_[150:]) > 0.8
    np.testing.assert_array_equal(back.document_vectors_, model.document_vectors_)
    fresh = pt.Doc2Vec(model=kind, **QUICK).partial_fit(old, epochs=2)
    assert fresh.n_epochs_ == 2


@pytest.mark.parametrize("kind", ["dbow", "dm"])
def test_an_interrupted_run_goes_on_to_the_same_bits(
    kind: str, documents: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = documents * 4
    options = QUICK | {"epochs": 4, "model": kind}
    whole = pt.Doc2Vec(**options).fit(many)
    step, steps = DocumentPasses._step, [0]

    def interrupted(self: DocumentPasses, pool: Any) -> None:
        step(self, pool)
        steps[0] += 1
        if steps[0] == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(DocumentPasses, "_step", interrupted)
    half = pt.Doc2Vec(**options, checkpoint=tmp_path / "c")
    with pytest.warns(InterruptedFitWarning, match=r"of 4 epochs.* go on from the checkpoint"):
        half.fit(many)
    assert half.interrupted_
    assert half.n_epochs_ < 4
    going = pt.Doc2Vec(**options | {"n_threads": 1}, checkpoint=tmp_path / "c").fit(many)
    assert not going.interrupted_
    np.testing.assert_array_equal(going.document_vectors_, whole.document_vectors_)
    np.testing.assert_array_equal(going.vectors_.input, whole.vectors_.input)
    losses = [[record["loss"] for record in model.history_] for model in (going, whole)]
    assert losses[0] == losses[1]
    with pytest.raises(CheckpointError, match="other"):
        pt.Doc2Vec(**options, checkpoint=tmp_path / "c").fit(many[1:])


def test_sources_agree(documents: Any, tmp_path: Path) -> None:
    path = tmp_path / "documents.txt"
    path.write_text("\n".join(map(" ".join, documents)), encoding="utf-8")
    options = QUICK | {"epochs": 2}
    first = pt.Doc2Vec(**options).fit(documents)
    of_file = pt.Doc2Vec(**options).fit(path)
    np.testing.assert_array_equal(of_file.document_vectors_, first.document_vectors_)
    corpus = pt.Corpus.from_tokens(documents)
    of_corpus = pt.Doc2Vec(**options).fit(corpus)
    assert of_corpus.document_vectors_.shape == (240, 12)
    np.testing.assert_array_equal(
        of_corpus.transform(corpus), of_corpus.transform(list(corpus.token_lists()))
    )


def test_documents_without_words_are_zeros_and_told(documents: Any) -> None:
    with pytest.warns(EmptyDocumentsWarning, match="2 of 242 hold no word"):
        model = pt.Doc2Vec(**QUICK | {"epochs": 1}).fit([[], *documents, []])
    assert not model.document_vectors_[[0, -1]].any()
    assert model.document_vectors_[1:-1].any(axis=1).all()
    with pytest.warns(EmptyDocumentsWarning, match="2 of 3 hold no word"):
        found = model.transform([["unseen"], [], documents[0]])
    assert not found[:2].any()
    np.testing.assert_array_equal(found[2], model.transform([documents[0]])[0])
    assert model.transform([]).shape == (0, 12)


def test_one_long_document_is_a_block(documents: Any) -> None:
    long = [word for document in documents for word in document]
    model = pt.Doc2Vec(**QUICK | {"epochs": 2}, n_threads=2).fit([documents[0], long, documents[1]])
    assert np.isfinite(model.document_vectors_).all()
    assert model.history_[0]["pairs"] == len(long) + len(documents[0]) + len(documents[1])


@pytest.mark.parametrize(
    ("options", "source", "message"),
    [
        ({"model": "pv"}, None, "model: 'pv' cannot be used"),
        ({"min_learning_rate": 0.5}, None, "min_learning_rate: 0.5 is above"),
        ({"sample": 1e-9}, [["a", "b"], ["b", "a"]], "left no word in any epoch. Set sample=0"),
        ({}, [["a"], ["a"]], "more text"),
        ({}, ["a b", "c d"], "entry 0 is of type str"),
    ],
)
def test_what_cannot_be_learned(options: Any, source: Any, message: str, documents: Any) -> None:
    with pytest.raises(InputError) as caught:
        pt.Doc2Vec(**QUICK | options).fit(source or documents)
    assert message in str(caught.value)


def test_what_cannot_be_inferred(documents: Any) -> None:
    with pytest.raises(NotFittedModelError):
        pt.Doc2Vec().transform(documents)
    model = pt.Doc2Vec(**QUICK | {"epochs": 1}).fit(documents)
    for source, message in (("text", "X: of type str"), (["a b"], "X: entry 0 is of type str")):
        with pytest.raises(InputError, match=message):
            model.transform(source)
    with pytest.raises(InputError, match="epochs: is 0"):
        model.transform(documents, epochs=0)
