"""Words of all kinds: files of other programs are read and told, and what is written is read."""

from __future__ import annotations

import pickle
import re
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import polytopic as pt
from polytopic.errors import InputError, ReadingWarning

TEXT = b"6 2\nthe 1 2\ncaf\xc3 3 4\nthe 5 6\n\t 7 8\n 9 10\nend 11 12\n"


def binary(rows: list[tuple[bytes, list[float]]], number: str = "<f4") -> bytes:
    body = b"".join(word + b" " + np.array(row, number).tobytes() for word, row in rows)
    return b"%d %d\n" % (len(rows), len(rows[0][1])) + body


BINARY = binary(
    [(b"the", [1, 2]), (b"caf\xc3", [3, 4]), (b"the", [5, 6]), (b"\t", [7, 8]), (b"", [9, 10]),
     (b"end", [11, 12])]
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data"), [("v.txt", TEXT), ("v.bin", BINARY), ("v.txt", TEXT[4:])]
)
def test_words_that_cannot_stay_as_they_are(name: str, data: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.warns(ReadingWarning) as told:
        vectors = pt.WordVectors.read(file)
    assert vectors.vocabulary.terms == ["the", "caf\ufffd", "\t", "", "end"]
    assert vectors.input[:, 0].tolist() == [1, 3, 7, 9, 11]
    first = 2 if data == TEXT else 1
    assert vectors.notes == (
        f"1 word is no UTF-8 (row {first + 1}): read with U+FFFD",
        f"2 words are empty or begin with a blank (row {first + 3} and after): kept as it stands",
        f"1 word stands twice (row {first + 2}): the first vector is kept",
    )
    assert str(told[0].message) == f"{file}: {'; '.join(vectors.notes)}."
    with pytest.warns(ReadingWarning, match="left out"):
        vectors = pt.WordVectors.read(file, errors="skip")
    assert vectors.vocabulary.terms == ["the", "end"]
    assert vectors.input.tolist() == [[1, 2], [11, 12]]
    with pytest.raises(InputError, match=f"row {first + 1} begins with a word that is no UTF-8"):
        pt.WordVectors.read(file, errors="refuse")
    with pytest.raises(InputError, match="errors: 'ignore' is unknown"):
        pt.WordVectors.read(file, errors="ignore")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    words = [f"w{i}" for i in range(80)] + [f"\xe9t\xe9{i}" for i in range(20)]
    text = "".join(f"{word} {i} 1\n" for i, word in enumerate(words))
    (tmp_path / "v.txt").write_bytes(text.encode("latin-1"))
    for errors in ("replace", "skip"):
        with pytest.raises(InputError, match=r"20 of 100 words are no UTF-8 \(first in row 81\)"):
            pt.WordVectors.read(tmp_path / "v.txt", errors=errors)


def test_empty_rows_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    file = tmp_path / "v.txt"
    file.write_bytes(b"3 1\na 1\n\n\r\nb 2\nb 3\n")
    with pytest.warns(ReadingWarning, match=r"2 rows are empty: left out; 1 word .*\(row 6\)"):
        assert pt.WordVectors.read(file).input.tolist() == [[1], [2]]
    with pytest.raises(InputError, match="row 3 holds 0 numbers"):
        pt.WordVectors.read(file, errors="refuse")
    file.write_bytes(b"a 1 2\n\nb 2\n")
    with pytest.raises(InputError, match="row 3 holds 1 numbers"):
        pt.WordVectors.read(file)
    file.write_bytes(b" a 1 2\nb 2 3\n")
    with pytest.raises(InputError, match="row 1 begins with a blank"):
        pt.WordVectors.read(file)


def test_numbers_of_eight_bytes_are_read_and_told(tmp_path: Path) -> None:
    """gensim writes them, if its vectors are float64."""
    rng = np.random.default_rng(0)
    for dim in (1, 2, 5, 50):
        matrix = rng.normal(size=(30, dim))
        rows = [(b"w%d" % i, row.tolist()) for i, row in enumerate(matrix)]
        (tmp_path / "v.bin").write_bytes(binary(rows, "<f8"))
        with pytest.warns(ReadingWarning, match="8 bytes were rounded to float32"):
            back = pt.WordVectors.read(tmp_path / "v.bin")
        np.testing.assert_array_equal(back.input, matrix.astype(np.float32))


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 17])
def test_binary_files_of_few_dimensions_are_no_text(dim: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(dim)
    for seed in range(200):
        matrix = (rng.normal(size=(3, dim)) * 10.0 ** rng.integers(-3, 3)).astype(np.float32)
        vectors = pt.WordVectors(["the", "café", "z"], matrix)
        for name in ("v.bin", f"v{seed % 2}"):
            path = vectors.write(tmp_path / name, "word2vec-binary")
            assert pt.WordVectors.read(path).input.tobytes() == matrix.tobytes()


def test_where_both_would_do_the_ending_decides(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"2 1\na 1.25\nb 2.50\n")
    (tmp_path / "v.bin").write_bytes((tmp_path / "v.txt").read_bytes())
    assert pt.WordVectors.read(tmp_path / "v.txt").input.tolist() == [[1.25], [2.5]]
    digits = np.frombuffer(b"1.252.50", "<f4")
    assert pt.WordVectors.read(tmp_path / "v.bin").input[:, 0].tolist() == digits.tolist()


# ---- what is written is read ---------------------------------------------------------------

LETTERS = st.one_of(
    st.sampled_from("ab1.e-+ \t\n\r\f\v\x00\x1c\x1d\x85\xa0\u2028\u3000\ufeff\ud800\"'#%"),
    st.characters(),
)
WORDS = st.lists(
    st.one_of(
        st.text(LETTERS, max_size=6),
        st.sampled_from(["", "[UNK]", "1", "2.0", "1 2", "nan", "</s>", "<unk>", "\x00a", "\fb"]),
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
BITS = st.integers(0, 2**32 - 1).map(lambda bits: struct.unpack("<f", struct.pack("<I", bits))[0])
NUMBERS = st.one_of(
    BITS.filter(np.isfinite), st.sampled_from([0.0, -0.0, 1.0, 1e-45, 3.4028235e38, -1.5])
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], np.ndarray]:
    words, dim = draw(WORDS), draw(st.integers(1, 3))
    row = st.lists(NUMBERS, min_size=dim, max_size=dim)
    rows = draw(st.lists(row, min_size=len(words), max_size=len(words)))
    return words, np.array(rows, np.float32)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables())
@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("v.txt", None), ("v.bin", None), ("v.vec", "fasttext"), ("g.txt", "glove"),
        ("v.txt.gz", None), ("v.bin.zst", None), ("v.txt.bz2", "glove"), ("v.xz", "word2vec"),
        ("m", "model2vec"), ("s", "polytopic"),
    ],
)  # fmt: skip
def test_whatever_is_written_is_read_to_the_same_words_and_bits(
    name: str, format: str | None, table: tuple[list[str], np.ndarray], tmp_path: Path
) -> None:
    words, matrix = table
    try:
        path = pt.WordVectors(words, matrix).write(tmp_path / name, format)
    except InputError as error:
        assert "\n" not in str(error)
        assert re.search(r"the word |terms: entry \d+ holds half a letter", str(error))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = pt.WordVectors.read(path)
    assert back.vocabulary.terms == words
    assert back.input.tobytes() == matrix.tobytes()
    assert back.notes == ()


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v"])
def test_long_words_are_read_or_not_written(name: str, tmp_path: Path) -> None:
    for word in ("x" * 65_535, "é" * 32_767):
        vectors = pt.WordVectors(["a", word, "b"], [[1.0], [2.0], [3.0]])
        format = "word2vec-binary" if name == "v" else None
        for order in (["a", word, "b"], [word, "a", "b"]):
            back = pt.WordVectors.read(vectors.subset(order).write(tmp_path / name, format))
            assert back.vocabulary.terms == order
            assert back.notes == ()
    with pytest.raises(InputError, match=r"the word '\\xe9\\xe9.* is longer than 65,535 bytes"):
        pt.WordVectors(["é" * 32_768], [[1.0]]).write(tmp_path / name)


def test_rows_longer_than_a_reader_takes_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows of 1,048,576 numbers would be longer than 16 MB"):
        pt.WordVectors(["a"], np.ones((1, 1 << 20), np.float32)).write(tmp_path / "v.txt")


def test_packed_endings_are_packed_or_refused(tmp_path: Path) -> None:
    vectors = pt.WordVectors(["a", "b"], [[1.0, 2.0], [3.0, 4.0]])
    for ending, magic in (
        (".gz", b"\x1f\x8b"),
        (".bz2", b"BZ"),
        (".xz", b"\xfd7z"),
        (".zst", b"(\xb5"),
    ):
        for name in (f"v.txt{ending}", f"v.bin{ending}", f"v.vec{ending}"):
            path = vectors.write(tmp_path / name)
            assert path.read_bytes().startswith(magic)
            assert pt.WordVectors.read(path).input.tobytes() == vectors.input.tobytes()
    with pytest.raises(InputError, match=r"\.zip is not written"):
        vectors.write(tmp_path / "v.txt.zip")
    assert not (tmp_path / "v.txt.zip").exists()


# ---- what a file looks like ----------------------------------------------------------------

COUNTS = b"the 100\nof 60\nand 60\ncat 2\n"
CLASSES = b"the 0\nof 3\nand 0\ncat 12\n"
OTHERS = {
    "gensim": (pickle.dumps({"vectors": 1}), "Python pickle, as gensim.*save_word2vec_format"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(20), "packed as .gz.*Give it the ending .gz"),
    "bz2": (b"BZh91AY" + bytes(20), "packed as .bz2"),
    "xz": (b"\xfd7zXZ\x00" + bytes(20), "packed as .xz"),
    "zip": (b"PK\x03\x04" + bytes(20), "packed as .zip"),
    "hdf5": (b"\x89HDF\r\n" + bytes(20), "an HDF5 file"),
    "npy": (b"\x93NUMPY\x01\x00" + bytes(20), "an array of NumPy, without words"),
    "parquet": (b"PAR1" + bytes(20), "a Parquet table"),
    "utf-16": ("2 2\na 1 2\n".encode("utf-16"), "text in UTF-16"),
    "page": (b"<!DOCTYPE html>\n<html>", "a web page"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "pointer of Git LFS.*git lfs pull"),
    "safetensors": (struct.pack("<q", 99) + b'{"embeddings": {}}', "a safetensors file"),
    "old fasttext": (
        struct.pack("<12id", 100, 5, 5, 5, 5, 1, 2, 2, 2_000_000, 3, 6, 100, 1e-4), "before 2017"
    ),
    "json": (b'{"the": [1, 2]}\n', "looks like JSON"),
    "counts": (COUNTS, "words and their counts .vocab.txt of GloVe"),
    "classes": (CLASSES, "one whole number each .classes of word2vec"),
    "pairs": (b"king queen 7.5\nman woman 8\n", "rated pairs of words"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_other_files_are_named_with_the_way_out(case: str, tmp_path: Path) -> None:
    data, message = OTHERS[case]
    for name in ("v.txt", "v.model"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=message) as caught:
            pt.WordVectors.read(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_named_format_reads_vectors_of_one_whole_number(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(COUNTS)
    assert pt.WordVectors.read(tmp_path / "v.txt", "glove").input[:, 0].tolist() == [100, 60, 60, 2]


def glove_like(n: int = 400, dim: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and biases as GloVe's: the biases follow the logarithm of the counts."""
    rng = np.random.default_rng(seed)
    rank = -np.log(np.arange(1, n + 1))[:, None]
    parts = [rng.normal(size=(n, dim)), rank + rng.normal(0, 0.3, (n, 1))] * 2
    parts[2], parts[3] = rng.normal(size=(n, dim)), rank + rng.normal(0, 0.3, (n, 1))
    return np.hstack(parts).astype(np.float32), np.abs(np.hstack(parts)).astype(np.float32) + 1


def test_all_that_glove_writes_is_told_and_read(tmp_path: Path) -> None:
    rows, squares = glove_like()
    words = [f"w{i}" for i in range(len(rows))]
    file = pt.WordVectors(words, rows).write(tmp_path / "all.txt", "glove")
    with pytest.warns(ReadingWarning, match=r'two vectors of 6 and two biases.*format="glove-all"'):
        assert pt.WordVectors.read(file).dim == 14
    both = pt.WordVectors.read(file, "glove-all")
    np.testing.assert_array_equal(both.input, rows[:, :6])
    np.testing.assert_array_equal(both.output, rows[:, 7:13])
    pt.WordVectors(words, squares).write(file, "glove")
    with pytest.warns(ReadingWarning, match="no number is below 1.*squared gradients"):
        pt.WordVectors.read(file)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(20):
            plain = np.random.default_rng(seed).normal(size=(400, 14)).astype(np.float32)
            pt.WordVectors(words, plain).write(file, "glove")
            assert pt.WordVectors.read(file).notes == ()
    with pytest.raises(InputError, match="has 3 numbers a row"):
        pt.WordVectors.read(pt.WordVectors(["a"], [[1, 2, 3]]).write(file, "glove"), "glove-all")


@pytest.mark.parametrize("name", ["x" * 300, "no\0name", "x" * 300 + "/y"])
def test_paths_that_cannot_be_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        pt.WordVectors.read(tmp_path / name)
    with pytest.raises(InputError):
        pt.WordVectors(["a"], [[1.0]]).write(tmp_path / name)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a pipe"):
        pt.WordVectors.read(tmp_path / "pipe")
