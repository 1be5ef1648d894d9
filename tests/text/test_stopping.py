"""Stop words, stop phrases, and files of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from polytopic.errors import FileMissingError, InputError
from polytopic.text import SKLEARN_PATTERN, Collocations, Corpus
from polytopic.text.stopfiles import read_stop_file

RAW = {"min_df": 1, "max_df": 1.0, "max_terms": None}


def words_of(texts: list[str], **options: object) -> list[list[str]]:
    return list(Corpus.from_texts(texts, **(RAW | options)).token_lists())


def test_a_stop_phrase_takes_its_words_together_only() -> None:
    texts = ["New York is new", "york, a new city", "the new new york"]
    assert words_of(texts, stop_words=["new york", "the"]) == [
        ["is", "new"], ["york", "new", "city"], ["new"],
    ]  # fmt: skip
    told = Corpus.from_texts(texts, stop_words=["new york", "the"], **RAW).dropped
    assert (told.stop_words.terms, told.stop_words.tokens) == (2, 3)


@pytest.mark.parametrize(
    ("entry", "text", "left"),
    [
        ("state-of-the-art", "State of the art is art", ["is", "art"]),
        ("c'est-à-dire", "c'est à dire dire", ["dire"]),
        ("don't", "don't do don", ["do", "don"]),
        ("vitamin c", "vitamin c vitamin", ["vitamin", "vitamin"]),
        ("New_York", "new york york", ["york"]),
    ],
)
def test_entries_that_the_rule_divides(entry: str, text: str, left: list[str]) -> None:
    language = "fr" if "c'" in entry else "en"
    assert words_of([text, "anchor"], stop_words=[entry], language=language)[0] == left


def test_parts_at_an_apostrophe_stop_each() -> None:
    found = words_of(["they've ve they"], stop_words=["they've"], token_pattern=SKLEARN_PATTERN,
                     vocabulary=["they", "ve"])  # fmt: skip
    assert found == [["they", "ve", "ve", "they"]]  # a given vocabulary says what stays
    with pytest.raises(InputError, match="stop_words took 4 tokens"):
        words_of(["they've ve they"], stop_words=["they've"], token_pattern=SKLEARN_PATTERN)


def test_stop_phrases_end_ngram_terms_and_never_are_one() -> None:
    texts = ["new york times square garden"] * 30 + [
        "new york",
        "times square",
        "square garden",
    ] * 4
    settings = Collocations(max_length=3, threshold=0.2, min_count=3)
    terms = Corpus.from_texts(
        texts, stop_words=["new york"], ngrams=settings, **RAW
    ).vocabulary.terms
    assert not any("new" in term or "york" in term for term in terms)
    assert any(term.startswith("times_square") for term in terms)
    again = Corpus.from_texts(["new york times square garden"], stop_words=["new york"],
                              vocabulary=terms)  # fmt: skip
    assert sum(len(t.split("_")) for t in next(again.token_lists())) == 3


def test_phrases_with_tokens_and_tokenizers() -> None:
    lists = [["new", "york", "new"], ["new york", "york"]]
    assert list(Corpus.from_tokens(lists, stop_words=["new york"]).token_lists()) == [
        ["new"], ["york"],
    ]  # fmt: skip
    assert words_of(["#new york new"], stop_words=["#new york"], tokenizer=str.split) == [["new"]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xef\xbb\xbfengine\ncell\n", ["cell", "engine"]),
        (b"# my list\r\nengine\r\nnew  york\r\n", ["engine", "new york"]),
        (b"#tag\n## none\n#\nword  # why\n", ["#tag", "word"]),
        (b"| Snowball\nich  | I\nc|d\n", ["c|d", "ich"]),
        (b"a, b;c\td e\n\n", ["a", "b", "c", "d e"]),
        (b"the of and to in\n", ["and", "in", "of", "the", "to"]),
        ("für\n".encode("utf-16"), ["für"]),
        ("über\nGerät".encode("cp1252"), ["Gerät", "über"]),
        (b"caf\xe9\x81\n", ["café\x81"]),
        (b"one\rtwo\r", ["one", "two"]),
    ],
)
def test_stop_files_as_people_have_them(tmp_path: Path, data: bytes, words: list[str]) -> None:
    (tmp_path / "stop.txt").write_bytes(data)
    assert read_stop_file(tmp_path / "stop.txt").words == words


def test_what_is_told_of_a_stop_file_and_what_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stop.txt"
    file.write_bytes("Gerät\nthe of and to in\n".encode("cp1252"))
    encoding, lists = read_stop_file(file).notes
    assert "read as cp1252" in encoding and "1 line of more than 4 words" in lists
    assert words_of(["Gerät läuft"], stop_words=file) == [["läuft"]]
    file.write_text("# nothing\n")
    with pytest.raises(InputError, match=r"stop\.txt: holds no stop word"):
        read_stop_file(file)
    with pytest.raises(FileMissingError, match="no such file"):
        words_of(["a word"], stop_words=tmp_path / "absent.txt")
