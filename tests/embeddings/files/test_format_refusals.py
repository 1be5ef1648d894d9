"""Malformed files of word vectors are refused, naming the row; no bytes break a reader."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import MATRIX, TERMS, fasttext_file

import polytopic as pt
from polytopic.embeddings.files.formats import READABLE, read_vectors, write_vectors
from polytopic.embeddings.files.word2vec import read_word2vec_binary
from polytopic.embeddings.files.words import ERRORS
from polytopic.errors import FileMissingError, InputError


@pytest.fixture(scope="module")
def vectors() -> pt.WordVectors:
    return pt.WordVectors(TERMS, MATRIX, MATRIX[::-1])


MALFORMED = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "is empty"),
    "a word alone": (b"word\n", "row 1 holds no word with numbers"),
    "short row": (b"2 3\na 1 2 3\nb 4 5\n", "row 3 holds 2 numbers where a word and 3"),
    "long row": (b"2 3\na 1 2 3\nb 4 5 6 7\n", "row 3 holds 4 numbers, and 3 belong there"),
    "short row, no header": (b"a 1 2 3\nb 4 5\n", "row 2 holds 2 numbers where a word and 3"),
    "long row, no header": (b"a 1 2 3\nb 4 5 6 7\n", "row 2 holds 4 numbers, and 3 belong there"),
    "blank row": (b"2 3\n\na 1 2 3\nb 4 5 6\n", "row 2 holds 0 numbers"),
    "no word": (b"a 1 2 3\n 4 5 6\n", "row 2 begins with no word"),
    "fewer rows": (b"3 3\na 1 2 3\nb 4 5 6\n  ", "row"),
    "fewer rows than said": (b"3 1\na 1\nbbbbbbbbbbbb 4", "says 3 words, the file holds 2"),
    "more rows": (b"1 3\na 1 2 3\nb 4 5 6\n", "row 3 is one more than the 1"),
    "rows after the unknown word": (b"1 1\na 1\n<unk> 2\nb 3\n", "row 3 is one more than the 1"),
    "wrong width": (b"2 2\na 1 2 3\nb 4 5 6\n", "row 2 holds 3 numbers, and 2 belong there"),
    "terabytes": (b"999999999 999999\na 1 2 3\n", "row 1 says 999,999,999 words of 999,999"),
    "overflowing": (b"999999999999999999 999999999999999999\na 1\n", "too many for"),
    "no words": (b"0 3\n", "says 0 words of 3 numbers"),
    "no dimensions": (b"3 0\na\nb\nc\n", "says 3 words of 0 numbers"),
    "nan": (b"2 3\na 1 2 3\nb 4 nan 6\n", 'row 3 holds "nan", which is no finite number'),
    "inf": (b"a 1 2 3\nb 4 -inf 6\n", 'row 2 holds "-inf", which is no finite number'),
    "too large": (b"a 1 2 3\nb 4 1e39 6\n", 'row 2 holds "1e39", which is no finite number'),
    "no number": (b"a 1 2 3\nb 4 5_0 6\n", 'row 2 holds "5_0", which is no finite number'),
    "hexadecimal": (b"a 1 2 3\nb 4 5 0x1p3\n", 'row 2 holds "0x1p3"'),
    "header of decimals": (b"2.0 2.0\na 1 2\n", "If row 1 (2.0 2.0) is a header, it must hold two"),
    "negative header": (b"-2 2\na 1 2\nb 3 4\n", "If row 1 (-2 2) is a header"),
    "long header": (b"9" * 21 + b" 2\na 1 2\n", "is a header, it must hold two whole numbers"),
    "bad utf-8": (b"2 3\na 1 2 3\n\xff\xfe 4 5 6\n", "row 3 begins with a word that is no UTF-8"),
    "same word": (b"3 1\na 1\nb 2\na 3\n", 'row 4 names "a" again, the word of row 2'),
    "same word, no header": (b"a 1.5\nb 2\na 3\n", 'row 3 names "a" again, the word of row 1'),
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("packed", [False, True])
def test_malformed_text_is_refused_with_the_row(tmp_path: Path, case: str, packed: bool) -> None:
    data, message = MALFORMED[case]
    if packed and case == "terabytes":
        data = data.replace(b"999999999 999999\n", b"999999999 99999999\n")
        message = "row 1 says 999,999,999 words of 99,999,999"
    file = tmp_path / ("v.txt.gz" if packed else "v.txt")
    file.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(InputError) as caught:
        pt.WordVectors.read(file, errors="refuse")
    assert str(file) in str(caught.value)
    assert message in str(caught.value)


ROW = b"word " + np.ones(3, "<f4").tobytes()
BAD_BINARY = {
    "empty": (b"", "is empty"),
    "no header": (b"word word\n" + ROW, "does not begin with the numbers"),
    "terabytes": (b"99999999 99999\n" + ROW, "takes at least|take at least"),
    "kilobytes": (b"1000 3\n" + ROW, "take at least 13,000 bytes"),
    "cut short": (b"2 3\n" + ROW + b"w2 " + b"\0" * 11 + b"", "row 2 is cut short; 2 rows"),
    "too long": (b"1 3\n" + ROW + b"\nmore", "goes on after the 1 words"),
    "bad utf-8": (b"1 3\n\xff" + ROW, "row 1 begins with a word that is no UTF-8"),
    "no word": (b"1 3\n" + ROW[4:] + b"", "row 1 begins with no word"),
    "long word": (b"1 3\n" + b"w" * 70_000 + ROW, "row 1 begins with a word longer than 65,535"),
    "same word": (b"2 3\n" + ROW + ROW, 'row 2 names "word" again'),
    "nan": (b"1 3\nword " + np.array([1, np.nan, 2], "<f4").tobytes(), "(row 1 of 1) holds NaN"),
}


@pytest.mark.parametrize("case", BAD_BINARY)
def test_malformed_binary_is_refused_with_the_row(tmp_path: Path, case: str) -> None:
    data, message = BAD_BINARY[case]
    file = tmp_path / "v.bin"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_word2vec_binary(file)
    assert any(part in str(caught.value) for part in message.split("|"))


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"2 3\na 1 2 3\nb 4 5 6\n" * 50)
    file = tmp_path / "v.txt.gz"
    for data in (packed[:30], b"2 3\na 1 2 3\n", packed[:20] + b"\xff\xff" + packed[22:]):
        file.write_bytes(data)
        with pytest.raises(InputError, match="gzip|row|holds"):
            pt.WordVectors.read(file)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="no such file"):
        pt.WordVectors.read(tmp_path / "none.txt")
    with pytest.raises(InputError, match="is a folder"):
        pt.WordVectors.read(tmp_path)
    with pytest.raises(InputError, match="format: 'word3vec' is unknown. Pick one of word2vec,"):
        pt.WordVectors.read(tmp_path / "none.txt", "word3vec")


@pytest.mark.parametrize("term", ["new york", "", "tab\tted", "line\nfeed", "\ud800"])
@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove"])
def test_words_that_rows_cannot_hold_are_refused(tmp_path: Path, term: str, format: str) -> None:
    with pytest.raises(InputError, match="row 2"):
        write_vectors(tmp_path / "v", ["a", term], np.array([[1.0], [2.0]], np.float32), format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["word2vec", "word2vec-binary", "glove"])
def test_a_full_disk_leaves_the_old_file(
    vectors: pt.WordVectors, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "v.txt"
    file.write_text("old", encoding="ascii")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        vectors.write(file, format)
    assert file.read_text(encoding="ascii") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_writing_where_there_is_no_folder(vectors: pt.WordVectors, tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="there is no folder"):
        vectors.write(tmp_path / "none" / "v.txt")
    with pytest.raises(InputError, match="is a folder"):
        vectors.write(tmp_path)
    with pytest.raises(InputError, match="format: 'fasttext-binary' is not written"):
        vectors.write(tmp_path / "v.bin", "fasttext-binary")


def valid_files() -> list[bytes]:
    rows = [t.encode() + b" " + r.tobytes() for t, r in zip(TERMS[:3], MATRIX[:3], strict=True)]
    text = b"".join(b"w%d 1 -2.5 3e-3\n" % i for i in range(4))
    return [
        text,
        b"4 3\n" + text,
        b"3 7\n" + b"".join(rows),
        b"3 7\n" + b"\n".join(rows) + b"\n",
        fasttext_file(["cat", "dog"])[0],
        gzip.compress(b"4 3\n" + text),
    ]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with bytes changed, cut out, doubled or put in."""
    data = bytearray(draw(st.sampled_from(valid_files())))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = draw(st.integers(at, min(at + 9, len(data))))
        piece = draw(st.one_of(st.binary(max_size=8), st.just(bytes(data[at:end]) * 2)))
        data[at:end] = piece
    return bytes(data)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.one_of(mutated(), st.binary(max_size=300)),
    name=st.sampled_from(["v.txt", "v.bin", "v.vec", "v.txt.gz", "v"]),
    format=st.sampled_from([None, *READABLE]),
    errors=st.sampled_from(ERRORS),
)
@pytest.mark.filterwarnings("ignore::polytopic.errors.ReadingWarning")
def test_any_bytes_are_read_whole_or_refused(
    tmp_path: Path, data: bytes, name: str, format: str | None, errors: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    try:
        table = read_vectors(file, format, errors=errors)
    except InputError as error:
        assert "v" in str(error)
        return
    assert table.input.shape[0] == len(table.terms) == len(set(table.terms)) > 0
    assert table.input.shape[1] > 0
    assert np.isfinite(table.input).all()
    assert errors == "replace" or all(table.terms)
    assert 4 * table.input.shape[1] <= 8 * 1032 * len(data)


def test_a_long_row_of_digits_takes_no_long_time(tmp_path: Path) -> None:
    """A pattern that goes back over the digits would take hours for these."""
    file = tmp_path / "v.txt"
    file.write_bytes(b"1 1\na " + b"9" * 1_000_000 + b"x\n")
    with pytest.raises(InputError, match="no finite number"):
        pt.WordVectors.read(file)


def test_a_binary_file_of_a_long_word_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "v.bin"
    file.write_bytes(b"1 3\n" + b"x" * 200_000 + ROW)
    with pytest.raises(InputError, match="row 1 begins with a word longer than 65,535 bytes"):
        pt.WordVectors.read(file)


def test_a_word_of_two_lines_is_named_in_one(tmp_path: Path) -> None:
    file = tmp_path / "v.bin"
    file.write_bytes(b"1 1\na\nb " + np.array([np.nan], "<f4").tobytes())
    with pytest.raises(InputError, match=r"the vector of .a.nb. ") as caught:
        pt.WordVectors.read(file, "word2vec-binary")
    assert "\n" not in str(caught.value)
    vectors = pt.WordVectors(["a"], [[1.0]])
    with pytest.raises(InputError) as caught:
        vectors.most_similar("two\nlines")
    assert "\n" not in str(caught.value)


def test_a_file_that_does_not_fit_into_memory_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setitem(READABLE, "word2vec", read)
    path = tmp_path / "a.txt"
    path.write_text("1 2\na 1 2\n")
    with pytest.raises(InputError, match="a.txt: does not fit into the memory") as caught:
        pt.WordVectors.read(path, "word2vec")
    assert "\n" not in str(caught.value)
