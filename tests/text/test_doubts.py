"""Documents without terms are told with what took their words."""

from __future__ import annotations

import pytest

import polytopic as pt
from polytopic.errors import TextWarning


def test_documents_that_cleaning_left_no_words_of_are_told_as_that() -> None:
    lines = ["The soup was cold and salty.", "The engine broke on the road."]
    texts = [f"{lines[row % 2]}\n{lines[(row + 1) % 2]}" for row in range(100)]
    texts += [f"Genes divide cells and tissue{row % 3}." for row in range(24)]
    told = r"cleaning \(repeated_lines\) took .* and left no words: .*\(--clean none\)"
    with pytest.warns(TextWarning, match=told):
        pt.Corpus.from_texts(texts, min_df=1, max_df=1.0)


def test_documents_of_signs_alone_are_told_as_that() -> None:
    texts = ["1 2 3 ?!"] * 60 + [f"Genes divide cells and tissue{row % 3}." for row in range(24)]
    with pytest.warns(TextWarning, match=r"most part no words were found in them\."):
        pt.Corpus.from_texts(texts, min_df=1, max_df=1.0, clean=None)
