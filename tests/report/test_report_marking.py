"""Words of a topic are marked where they stand as words, in any script, and nowhere else."""

from __future__ import annotations

import pytest

from polytopic.report.marking import excerpt
from polytopic.text.marker import Marker


def marked(terms: list[str], text: str, *, lowercase: bool = True) -> list[tuple[str, str]]:
    """Marked stretches of a text, each with its term."""
    found = Marker(terms, lowercase=lowercase).find(text)
    return [(text[span.start : span.end], terms[span.rank]) for span in found]


@pytest.mark.parametrize(
    ("terms", "text", "expected"),
    [
        (["cell"], "Cell cells CELL, excellent", [("Cell", "cell"), ("CELL", "cell")]),
        (["über"], "ÜBER überall u\u0308ber", [("ÜBER", "über"), ("u\u0308ber", "über")]),
        (["straße"], "Straße und STRASSE", [("Straße", "straße")]),
        (["हिन्दी"], "यह हिन्दी है", [("हिन्दी", "हिन्दी")]),
        (["हिन"], "यह हिन्दी है", []),
        (["слово"], "Слово словом", [("Слово", "слово")]),
        (["机器", "学习"], "研究机器学习的", [("机器", "机器"), ("学习", "学习")]),
        (["don't"], "We don't, we DON’T", [("don't", "don't"), ("DON’T", "don't")]),
        (["new_york", "york"], "New\nYork, York", [("New\nYork", "new_york"), ("York", "york")]),
        (["new york"], "a new. And then York", []),
        (["c"], "c c++ abc", [("c", "c"), ("c", "c")]),
        ([""], "anything", []),
        (["a+b", "(x"], "A+B and (x", [("A+B", "a+b"), ("x", "(x")]),
    ],
)
def test_whole_words(terms: list[str], text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(terms, text) == expected


def test_the_longest_phrase_wins() -> None:
    terms = ["new", "new_york", "new_york_times"]
    assert marked(terms, "new York Times and new york and new") == [
        ("new York Times", "new_york_times"),
        ("new york", "new_york"),
        ("new", "new"),
    ]


def test_a_vocabulary_with_capitals_is_matched_exactly() -> None:
    assert marked(["Apple"], "Apple apple APPLE", lowercase=False) == [("Apple", "Apple")]


def test_pieces_join_to_the_text() -> None:
    text = "A gene\tand  a cell.\r\n\r\nA second paragraph with a gene."
    pieces = excerpt(text, Marker(["gene", "cell"]), {0: 1.0, 1: 0.5})
    joined = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
    assert joined == "A gene and a cell.\nA second paragraph with a gene."
    assert [piece for piece in pieces if not isinstance(piece, str)] == [
        ("gene", 0),
        ("cell", 1),
        ("gene", 0),
    ]


def test_a_long_text_is_cut_around_the_words() -> None:
    filler = "nothing of interest here " * 200
    text = filler + "one gene. " + filler + "gene cell protein. " + filler
    pieces = excerpt(text, Marker(["gene", "cell", "protein"]), {0: 3.0, 1: 2.0, 2: 1.0}, width=300)
    words = [piece[0] for piece in pieces if not isinstance(piece, str)]
    joined = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
    assert words == ["gene", "cell", "protein"]
    assert 200 < len(joined) <= 310
    assert joined.startswith("… ") and joined.endswith(" …")
    assert joined[2:-2].strip() in text


@pytest.mark.parametrize("text", ["", " \n ", "\x00\x01", "x" * 5000, "\u202egene\u202c"])
def test_odd_texts(text: str) -> None:
    pieces = excerpt(text, Marker(["gene"]), {0: 1.0}, width=100)
    joined = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
    assert len(joined) <= 130
    assert not set(joined) & set("\x00\x01\u202e\u202c")
