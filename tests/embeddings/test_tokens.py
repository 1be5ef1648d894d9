"""Token streams: every source gives the same tokens, in slices cut anywhere."""

from __future__ import annotations

import errno
import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polytopic import Corpus, InputError
from polytopic.embeddings import tokens
from polytopic.embeddings.tokens import WORDS, RawText, TokenStore, open_tokens
from polytopic.errors import FileMissingError, InputTypeError

SENTENCES = [["b", "a", "b"], ["c", "b"], [], ["a"], ["d"] * 5]


def sentences_of(store: TokenStore) -> list[list[str]]:
    """The sentences as words, without empty ones."""
    ids, bounds = store.read(0, store.n_tokens)
    terms = store.vocabulary.terms
    found = [[terms[i] for i in ids[a:b] if i >= 0] for a, b in itertools.pairwise(bounds)]
    return [sentence for sentence in found if sentence]


def check_slices(store: TokenStore, step: int) -> None:
    """Slices hold what the whole holds, and its bounds, clipped."""
    ids, bounds = store.read(0, store.n_tokens)
    for start in range(0, store.n_tokens, step):
        stop = min(start + step, store.n_tokens)
        part, cuts = store.read(start, stop)
        np.testing.assert_array_equal(part, ids[start:stop])
        inside = bounds[(bounds > start) & (bounds < stop)] - start
        assert set(cuts.tolist()) == {0, *inside.tolist(), stop - start}
        assert (np.diff(cuts) >= 0).all()


def given_by(kind: str, folder: Path) -> Any:
    if kind == "lists":
        return SENTENCES
    if kind == "generator":
        return (list(sentence) for sentence in SENTENCES)
    if kind == "corpus":
        return Corpus.from_tokens(SENTENCES)
    text = "\n".join(" ".join(sentence) for sentence in SENTENCES)
    path = folder / ("text.txt.gz" if kind == "gzip" else "text.txt")
    path.write_bytes(gzip.compress(text.encode()) if kind == "gzip" else text.encode())
    return str(path) if kind == "name" else path


@pytest.mark.parametrize("kind", ["lists", "generator", "corpus", "path", "name", "gzip"])
@pytest.mark.parametrize("step", [1, 2, 5])
def test_every_source_gives_the_same_sentences(kind: str, step: int, tmp_path: Path) -> None:
    store = open_tokens(given_by(kind, tmp_path))
    assert sentences_of(store) == [s for s in SENTENCES if s]
    check_slices(store, step)
    assert store.n_words == 11
    counts = dict(zip(store.vocabulary.terms, store.vocabulary.counts.tolist(), strict=True))
    assert counts == {"a": 2, "b": 3, "c": 1, "d": 5}


def test_words_come_by_frequency_then_spelling() -> None:
    assert open_tokens(SENTENCES).vocabulary.terms == ["d", "b", "a", "c"]


def test_rare_words_are_left_out_and_counted_nowhere() -> None:
    store = open_tokens(SENTENCES, min_count=2)
    assert store.vocabulary.terms == ["d", "b", "a"]
    assert store.n_words == 10
    assert ["c"] not in sentences_of(store)


def test_texts_under_ten_thousand_words_keep_all_words_and_longer_ones_do_not() -> None:
    long = [["often"] * 10_000, ["rare"] * 4, ["enough"] * 5]
    assert open_tokens(long).vocabulary.terms == ["often", "enough"]
    assert open_tokens([["often"] * 9_990, ["rare"] * 4]).vocabulary.terms == ["often", "rare"]


def test_a_known_vocabulary_keeps_its_rows_and_counts_add_up() -> None:
    known = open_tokens(SENTENCES).vocabulary
    store = open_tokens([["z", "a", "y", "z"]], known=known, min_count=1)
    assert store.vocabulary.terms == [*known.terms, "z", "y"]
    assert store.vocabulary.counts.tolist() == [5, 3, 3, 1, 2, 1]
    assert store.n_words == 4


def test_chunks_of_a_file_never_cut_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.text import streams

    words = [f"w{i:03d}é" for i in range(200)]
    path = tmp_path / "t.txt"
    path.write_text(" ".join(words[:150]) + "\n" + "\t".join(words[150:]), encoding="utf-8")
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr(streams, "_CHUNK", size)
        assert sentences_of(open_tokens(path)) == [words[:150], words[150:]]


def test_one_line_of_any_length_is_one_sentence() -> None:
    store = open_tokens([["a", "b"] * 40_000])
    _, bounds = store.read(0, 80_000)
    assert bounds.tolist() == [0, 80_000]


def test_words_by_the_corpus_s_rule(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("Hello, World! I don't\n\nNew-York", encoding="utf-8")
    assert sentences_of(open_tokens(RawText(path, WORDS))) == [
        ["hello", "world", "i", "don't"],
        ["new", "york"],
    ]
    texts = ["One text\nof two lines.", "", "And another"]
    assert sentences_of(open_tokens(RawText(texts, WORDS))) == [
        ["one", "text", "of", "two", "lines"],
        ["and", "another"],
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=5), min_size=1, max_size=8),
    st.integers(1, 7),
)
def test_slices_put_together_are_the_text(sentences: list[list[str]], step: int) -> None:
    if len({word for sentence in sentences for word in sentence}) < 2:
        with pytest.raises(InputError, match="more text"):
            open_tokens(sentences)
        return
    store = open_tokens(sentences)
    assert sentences_of(store) == [s for s in sentences if s]
    check_slices(store, step)


def test_positions_beyond_two_to_the_31(tmp_path: Path) -> None:
    """A sparse file of numbers: as long as 2^31 and a bit, of which only the end is written."""
    numbering = tokens._numbered_words([["a", "b"]])
    offset = 2**31 + 5
    with (tmp_path / "numbers").open("wb+") as file:
        file.seek(4 * offset)
        file.write(np.array([0, 1, 1, -2, 0], np.int32).tobytes())
        numbering.file.close()
        numbering.file, numbering.n_tokens = file, offset + 5
        store = numbering.store(1, None)
        ids, bounds = store.read(offset, offset + 5)
        assert ids.tolist() == [0, 1, 1, -1, 0]
        assert bounds.tolist() == [0, 4, 5]


# ---- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (["raw text"], "entry 0 is of type str, not a list of words"),
        ([["a"], 5], "entry 1 is of type int"),
        ([["a", 3]], "holds 3, of type int"),
        (7, "of type int"),
        (b"ab", "of type bytes"),
        ([], "holds 0 words"),
        ([["a", "a"]], "vocabulary of 1"),
        (Corpus.from_counts([[1, 2]], ["a", "b"]), "no reading order"),
    ],
)
def test_sources_that_cannot_be_used(source: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_tokens(source)


def test_wrong_types_are_type_errors() -> None:
    with pytest.raises(InputTypeError):
        open_tokens(["raw text"])


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="no such file"):
        open_tokens(tmp_path / "none.txt")
    table = tmp_path / "t.csv"
    table.write_text("text\nhello", encoding="utf-8")
    with pytest.raises(InputError, match=r"is a table.*polytopic.read"):
        open_tokens(table)
    with pytest.raises(InputError, match="is a folder"):
        open_tokens(tmp_path)
    binary = tmp_path / "b.txt"
    binary.write_bytes(b"some\0thing")
    with pytest.raises(InputError, match="NUL byte"):
        open_tokens(binary)
    latin = tmp_path / "l.txt"
    latin.write_bytes("one\ntwo é".encode("latin-1"))
    with pytest.raises(InputError, match="line 2 is not utf-8"):
        open_tokens(latin)
    empty = tmp_path / "e.txt"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match=r"e\.txt: holds 0 words"):
        open_tokens(empty)


def test_too_high_a_min_count_is_told() -> None:
    with pytest.raises(InputError, match="min_count is 9"):
        open_tokens(SENTENCES, min_count=9)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, content: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(tokens.tempfile, "SpooledTemporaryFile", lambda **_: Full())
    with pytest.raises(InputError, match=r"No space left on device.*TMPDIR"):
        open_tokens(SENTENCES)


def test_a_source_that_fails_midway_leaves_no_open_file() -> None:
    def failing() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise ValueError("the source broke")

    with pytest.raises(ValueError, match="the source broke"):
        open_tokens(failing())
