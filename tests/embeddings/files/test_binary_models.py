"""Binary files of GloVe and fastText: both matrices, subwords, and what is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_files import fasttext_file, fnv, write_glove

import polytopic as pt
from polytopic.embeddings.files.fasttext import read_fasttext_binary
from polytopic.embeddings.files.glove import read_glove_binary
from polytopic.embeddings.files.subwords import ngram_rows
from polytopic.errors import InputError, ReadingWarning


def test_both_matrices_of_a_binary_file_of_glove(tmp_path: Path) -> None:
    file, vocabulary, numbers = write_glove(tmp_path)
    back = pt.WordVectors.read(file, vocabulary=vocabulary)
    assert back.vocabulary.terms == ["w0", "w1", "w2"]
    assert back.vocabulary.counts.tolist() == [100, 99, 98]
    np.testing.assert_array_equal(back.input, numbers[:3, :4].astype(np.float32))
    np.testing.assert_array_equal(back.output, numbers[3:, :4].astype(np.float32))
    np.testing.assert_array_equal(back.combine("sum"), back.input + back.output)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f, v: f.write_bytes(f.read_bytes()[:-8]), "no whole number of rows for the 3"),
        (lambda f, v: v.write_bytes(b"w0 1\nw1 2\n"), "no whole number of rows for the 2"),
        (lambda f, v: v.write_bytes(b"w0 1\nw1 x\nw2 1\n"), "row 2 is no word and its count"),
        (
            lambda f, v: v.write_bytes(b"w0 1\n\xff 1\nw2 1\n"),
            "row 2 begins with a word that is no UTF-8",
        ),
        (lambda f, v: v.write_bytes(b"w0 1\nw0 1\nw2 1\n"), 'row 2 names "w0" again'),
        (lambda f, v: v.write_bytes(b""), "row 1 is no word and its count"),
        (lambda f, v: f.write_bytes(b"\xff" * 240), '"w0" (row 1 of 3) holds NaN'),
    ],
)
def test_malformed_binary_files_of_glove(
    tmp_path: Path, change: Callable[[Path, Path], Any], message: str
) -> None:
    file, vocabulary, _ = write_glove(tmp_path)
    change(file, vocabulary)
    with pytest.raises(InputError) as caught:
        read_glove_binary(file, vocabulary)
    assert message in str(caught.value)


def test_a_binary_file_of_glove_asks_for_its_vocabulary(tmp_path: Path) -> None:
    file = write_glove(tmp_path)[0]
    for format in (None, "glove-binary"):
        with pytest.raises(InputError, match=r"vocab\.txt"):
            pt.WordVectors.read(file, format)


@pytest.mark.parametrize("word", ["the", "naïve", "日本", "a", "ß"])
@pytest.mark.parametrize("lengths", [(3, 6), (1, 2), (2, 30)])
def test_ngrams_and_their_hashes_are_those_of_fasttext(word: str, lengths: tuple[int, int]) -> None:
    text, (low, high) = f"<{word}>", lengths
    wanted = [
        5 + fnv(text[i : i + n].encode()) % 1000
        for i in range(len(text))
        for n in range(low, high + 1)
        if i + n <= len(text) and not (n == 1 and (i == 0 or i + n == len(text)))
    ]
    data = np.frombuffer(text.encode(), np.uint8)
    rows = np.empty(len(data) * high, np.int64)
    found = ngram_rows(data, low, high, 1000, 5, rows)
    assert rows[:found].tolist() == wanted


def test_vectors_of_fasttext_are_means_of_their_rows(tmp_path: Path) -> None:
    words = ["</s>", "cat", "naïve"]
    data, matrix, output = fasttext_file(words)
    file = tmp_path / "m.bin"
    file.write_bytes(data)
    back = pt.WordVectors.read(file)
    assert back.vocabulary.terms == words
    assert back.vocabulary.counts.tolist() == [50, 49, 48]
    np.testing.assert_array_equal(back.input[0], matrix[0])
    grams = ["<ca", "<cat", "cat", "cat>", "at>"]
    rows = [1, *(3 + fnv(gram.encode()) % 4 for gram in grams)]
    np.testing.assert_allclose(back.input[1], matrix[rows].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(back.output, output)


@pytest.mark.parametrize("fields", [{"loss": 1}, {"model": 3}, {"model": 3, "labels": 2}])
def test_outputs_that_are_no_words_are_left_out(tmp_path: Path, fields: dict[str, int]) -> None:
    file = tmp_path / "m.bin"
    file.write_bytes(fasttext_file(["cat", "dog"], **fields)[0])
    back = read_fasttext_binary(file)
    assert back.terms == ["cat", "dog"]
    assert back.output is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pruned": 0}, "has lost n-grams, and its matrix is whole"),
        ({"quantised": 1}, "a quantised input matrix that is damaged"),
        ({"dim": 0}, "0 dimensions"),
        ({"maxn": 101}, "n-grams up to 101"),
    ],
)
def test_other_models_of_fasttext_are_refused(
    tmp_path: Path, options: dict[str, int], message: str
) -> None:
    file = tmp_path / "m.ftz"
    file.write_bytes(fasttext_file(["cat"], **options)[0])
    with pytest.raises(InputError, match=message):
        pt.WordVectors.read(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[:4], "is cut short"),
        (lambda d: d[:-1], "output matrix"),
        (lambda d: d + b"x", "goes on after its end"),
        (lambda d: d[:4] + b"\x0a" + d[5:], "version 10, not 793712314 and 11 or 12"),
        (lambda d: d.replace(b"cat\0", b"dog\0"), 'row 2 names "dog" again'),
        (
            lambda d: d.replace(b"cat\0", b"\xff\xff\xff\0"),
            "row 1 begins with a word that is no UTF-8",
        ),
        (lambda d: d[:64] + struct.pack("<2i", 2**31 - 1, 2**31 - 1) + d[72:], "too many for"),
    ],
)
def test_damaged_models_of_fasttext_are_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    file = tmp_path / "m.bin"
    file.write_bytes(change(fasttext_file(["cat", "dog"])[0]))
    with pytest.raises(InputError) as caught:
        pt.WordVectors.read(file, errors="refuse")
    assert message in str(caught.value)


def test_version_11_of_fasttext_is_laid_out_alike(tmp_path: Path) -> None:
    """As fastText itself reads it: the n-grams of classifiers of that version do not count."""
    data, *_ = fasttext_file(["cat", "dog"])
    older = data[:4] + b"\x0b" + data[5:]
    (tmp_path / "12.bin").write_bytes(data)
    (tmp_path / "11.bin").write_bytes(older)
    newer = read_fasttext_binary(tmp_path / "12.bin")
    np.testing.assert_array_equal(read_fasttext_binary(tmp_path / "11.bin").vectors, newer.vectors)
    at = 8 + 4 * 7  # the kind of model, after magic, version and seven other arguments
    supervised = older[:at] + struct.pack("<i", 3) + older[at + 4 :]
    (tmp_path / "11.bin").write_bytes(supervised)
    plain = older[: 8 + 4 * 10] + struct.pack("<i", 0) + older[8 + 4 * 11 :]  # n-grams up to 0
    (tmp_path / "plain.bin").write_bytes(plain)
    rows = read_fasttext_binary(tmp_path / "plain.bin").vectors
    assert not np.array_equal(rows, newer.vectors)
    np.testing.assert_array_equal(read_fasttext_binary(tmp_path / "11.bin").vectors, rows)


def test_a_word_of_fasttext_that_is_no_utf8_keeps_the_ngrams_of_its_bytes(tmp_path: Path) -> None:
    data, *_ = fasttext_file(["cat", "dog"], bucket=1000)
    file = tmp_path / "m.bin"
    file.write_bytes(data.replace(b"cat\0", b"ca\xc3\0"))
    with pytest.warns(ReadingWarning, match=r"1 word is no UTF-8 \(row 1\)"):
        back = pt.WordVectors.read(file)
    assert back.vocabulary.terms == ["ca\ufffd", "dog"]
    file.write_bytes(data.replace(b"cat\0", "ca\ufffd".encode() + b"\0"))
    assert not np.array_equal(pt.WordVectors.read(file).input[0], back.input[0])
    with pytest.warns(ReadingWarning, match="stands twice"):
        file.write_bytes(data.replace(b"cat\0", b"dog\0"))
        back = pt.WordVectors.read(file)
    assert back.vocabulary.terms == ["dog"]
    assert back.input.shape == back.output.shape == (1, back.dim)


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0, "min_n": 1, "max_n": 3}, {"max_n": 0}])
def test_models_of_fasttext_that_gensim_writes(tmp_path: Path, options: dict[str, int]) -> None:
    fasttext = pytest.importorskip("gensim.models.fasttext")
    sentences = [["naïve", "cat", "日本語", "a", "supercalifragilistic"], ["cat", "dog"]] * 3
    sizes = {"vector_size": 5, "min_count": 1, "epochs": 1, "bucket": 300, "workers": 1}
    model = fasttext.FastText(sentences, **sizes, **options)
    fasttext.save_facebook_model(model, str(tmp_path / "m.bin"))
    back = pt.WordVectors.read(tmp_path / "m.bin")
    assert back.vocabulary.terms == model.wv.index_to_key
    np.testing.assert_allclose(back.input, model.wv[back.vocabulary.terms], atol=1e-7)
    np.testing.assert_array_equal(back.output, model.syn1neg)
