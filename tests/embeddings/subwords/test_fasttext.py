"""FastText: training, unseen words, folders, and the files of the original program."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic.embeddings.subwords.ngrams import Ngrams
from polytopic.errors import InputError

SENTENCES = [["cells", "divide"], ["cells", "grow", "fast"], ["stars", "shine", "fast"]] * 100
OPTIONS: dict[str, Any] = {
    "dim": 6, "epochs": 2, "sample": 0, "bucket": 400, "n_threads": 1, "random_state": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> pt.FastText:
    return pt.FastText(**OPTIONS).fit(SENTENCES)


def fnv(gram: bytes) -> int:
    """fastText's hash: FNV-1a of 32 bits, each byte extended by its sign."""
    value = 2166136261
    for byte in gram:
        value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) % 2**32
    return value


def grams(word: str, low: int = 3, high: int = 6) -> list[int]:
    text = f"<{word}>"
    found = [text[a : a + n] for a in range(len(text)) for n in range(low, high + 1)]
    found = [g for a, g in zip(np.repeat(range(len(text)), high - low + 1), found, strict=True)
             if len(g) >= low and a + len(g) <= len(text)]  # fmt: skip
    return [fnv(g.encode()) % 400 for g in dict.fromkeys(found)]


def test_words_are_means_of_their_rows(model: pt.FastText) -> None:
    vectors = model.vectors_
    for word in ("cells", "fast"):
        own = vectors.rows[400 + vectors.index(word)]
        wanted = np.mean([own, *vectors.rows[grams(word)]], axis=0)
        np.testing.assert_allclose(vectors[word], wanted, atol=1e-6)
    np.testing.assert_allclose(
        vectors["naïve"], vectors.rows[grams("naïve")].mean(axis=0), atol=1e-6
    )


@pytest.mark.parametrize(("name", "kind"), [("skipgram", pt.SkipGram), ("cbow", pt.CBOW)])
def test_words_without_ngrams_are_trained_as_words(name: str, kind: type) -> None:
    """With n-grams longer than any word it is skip-gram and CBOW from the same rows, bit by bit."""
    options = OPTIONS | {"min_n": 9, "max_n": 9, "ns_exponent": 0.75, "model": name}
    found = pt.FastText(**options).fit(SENTENCES)
    start = pt.FastText(**options)
    start._seed = found._seed
    rows = start._start(found.vocabulary_)["input"][400:]
    given = pt.WordVectors(found.vocabulary_.terms, rows)
    known = ("dim", "epochs", "sample", "n_threads", "random_state", "ns_exponent")
    plain = kind(**{n: options[n] for n in known}, learning_rate=0.05)
    plain.fit(SENTENCES, vectors=given)
    np.testing.assert_array_equal(found.vectors_.input, plain.vectors_.input)
    np.testing.assert_array_equal(found.vectors_.output, plain.vectors_.output)
    assert found.history_[-1]["loss"] == plain.history_[-1]["loss"]


def test_a_misspelt_word_is_near_the_right_one(model: pt.FastText) -> None:
    fitted = pt.FastText(**OPTIONS | {"epochs": 30, "bucket": 5000}).fit(SENTENCES)
    assert "cellls" not in fitted.vectors_
    assert fitted.vectors_.most_similar("cellls", 1)[0][0] == "cells"
    assert fitted.vectors_.similarity("shining", "shine") > fitted.vectors_.similarity(
        "shining", "cells"
    )
    assert fitted.vectors_.most_similar(positive=["cellls"], negative=["stars"], n=1)


def test_unseen_words_can_be_refused(model: pt.FastText) -> None:
    vectors = model.vectors_
    strict = pt.SubwordVectors(vectors.vocabulary, vectors.rows, vectors.ngrams, oov="refuse")
    np.testing.assert_array_equal(strict["cells"], vectors["cells"])
    with pytest.raises(InputError, match='"cellz" is not among the 6 words'):
        strict["cellz"]
    assert strict.get("cellz") is None
    assert vectors.get("cellz") is not None


def test_a_folder_keeps_the_ngrams(model: pt.FastText, tmp_path: Path) -> None:
    vectors = model.vectors_
    back = pt.load(vectors.save(tmp_path / "v"))
    assert isinstance(back, pt.SubwordVectors)
    assert back.ngrams == vectors.ngrams
    for word in ("cells", "unseen"):
        np.testing.assert_array_equal(back[word], vectors[word])
    plain = pt.WordVectors.load(tmp_path / "v")
    np.testing.assert_array_equal(plain.input, vectors.input)
    half = pt.load(vectors.save(tmp_path / "half", dtype="float16"))
    np.testing.assert_allclose(half["unseen"], vectors["unseen"], atol=1e-3)
    subset = vectors.subset(["fast", "cells"])
    np.testing.assert_array_equal(subset["cells"], vectors["cells"])


def test_the_binary_file_is_fasttexts(model: pt.FastText, tmp_path: Path) -> None:
    """Field by field as ``FastText::saveModel`` writes it."""
    vectors = model.vectors_
    data = vectors.write_binary(tmp_path / "m.bin").read_bytes()
    assert struct.unpack_from("<2i", data) == (793712314, 12)
    numbers = struct.unpack_from("<12id", data, 8)
    assert (numbers[0], numbers[7], *numbers[8:11]) == (6, 2, 400, 3, 6)
    at = 8 + 56
    assert struct.unpack_from("<3i2q", data, at) == (6, 6, 0, 800, -1)
    at += 28
    for word, count in zip(vectors, vectors.vocabulary.counts, strict=True):
        entry = word.encode() + b"\0" + struct.pack("<qb", count, 0)
        assert data[at : at + len(entry)] == entry
        at += len(entry)
    assert struct.unpack_from("<?2q", data, at) == (False, 406, 6)
    rows = np.frombuffer(data, "<f4", 406 * 6, at + 17).reshape(406, 6)
    np.testing.assert_array_equal(rows[:6], vectors.rows[400:])
    np.testing.assert_array_equal(rows[6:], vectors.rows[:400])
    back = pt.SubwordVectors.read_binary(tmp_path / "m.bin")
    for word in ("cells", "unseen"):
        np.testing.assert_array_equal(back[word], vectors[word])
    np.testing.assert_array_equal(back.output, vectors.output)
    np.testing.assert_allclose(
        pt.WordVectors.read(tmp_path / "m.bin").input, vectors.input, atol=1e-7
    )
    assert vectors.write(tmp_path / "n.bin", "fasttext-binary").read_bytes() == data


def test_the_original_program_reads_it(model: pt.FastText, tmp_path: Path) -> None:
    fasttext = pytest.importorskip("fasttext", reason="the original program is not installed")
    theirs = fasttext.load_model(str(model.vectors_.write_binary(tmp_path / "m.bin")))
    for word in ("cells", "unseen"):
        np.testing.assert_allclose(theirs.get_word_vector(word), model.vectors_[word], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_n": 0}, "min_n: n-grams of 0 to 6 characters are none"),
        ({"min_n": 5, "max_n": 4}, "min_n: n-grams of 5 to 4 characters are none"),
        ({"max_n": 101}, "are none"),
        ({"bucket": 0}, "bucket: is 0, and n-grams need rows"),
        ({"tied": True}, "tied: inputs are means"),
        ({"model": "sg"}, "model: 'sg' cannot be used"),
    ],
)
def test_models_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        pt.FastText(**OPTIONS | options).fit(SENTENCES)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v["x"], "It has no n-gram of 4 to 5 characters either"),
        (lambda v: v[""], "It has no n-gram"),
        (lambda v: v.similarity("cellz", "cells", which="output"), 'which: "output" needs a row'),
        (lambda v: v["\ud800abc"], "is no Unicode text"),
        (lambda v: type(v)(["a"], v.rows, v.ngrams), "rows: shape (406, 6). Give (401, E)"),
        (lambda v: type(v)(v.vocabulary, v.rows * np.nan, v.ngrams), "rows: row 0 holds NaN"),
        (lambda v: type(v)(v.vocabulary, v.rows, v.ngrams, oov="zero"), "oov: 'zero' is unknown"),
    ],
)
def test_questions_that_cannot_be(model: pt.FastText, ask: Any, message: str) -> None:
    vectors = model.vectors_
    longer = pt.SubwordVectors(vectors.vocabulary, vectors.rows, Ngrams(4, 5, 400), vectors.output)
    with pytest.raises(InputError) as caught:
        ask(longer)
    assert message in str(caught.value)
