"""Half surrogates in what Python gives: replaced, counted, told, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.text import Corpus, Vocabulary

HALF = "\ud83d"
TEXTS = [f"cells divide {HALF} x{HALF}y", "engines burn fuel"] * 300


def test_texts_are_mended_counted_and_can_be_saved(tmp_path: Path) -> None:
    corpus = Corpus.from_texts(TEXTS, min_df=1)
    assert list(corpus.texts[:2]) == ["cells divide \ufffd x\ufffdy", TEXTS[1]]
    told = "Half surrogates (letters cut in two) in 300 documents, the first in row 0"
    assert any(note.startswith(told) for note in corpus.dropped.notes)
    corpus.save(tmp_path / "corpus")
    assert Corpus.load(tmp_path / "corpus").texts[0] == corpus.texts[0]
    lean = Corpus.from_texts(iter(TEXTS), min_df=1, keep_texts=False)
    assert any(note.startswith(told) for note in lean.dropped.notes)
    plain = Corpus.from_texts(TEXTS[1:2] * 9, min_df=1, max_df=1.0)
    assert not any("Half" in note for note in plain.dropped.notes)


def test_halves_that_belong_together_are_a_letter() -> None:
    corpus = Corpus.from_texts(["a \ud83d\ude00 smile here", "no smile here"], min_df=1)
    assert corpus.texts[0] == "a 😀 smile here"


def test_labels_and_ids_are_mended_and_told(tmp_path: Path) -> None:
    corpus = Corpus.from_texts(
        ["cells divide", "engines burn"] * 9, labels=["a" + HALF, "b"] * 9,
        ids=[f"{n}{HALF}" for n in range(18)], min_df=1,
    )  # fmt: skip
    assert corpus.labels[0] == "a\ufffd" and corpus.ids[3] == "3\ufffd"
    assert any("labels: half a character in 9 documents" in n for n in corpus.dropped.notes)
    corpus.save(tmp_path / "corpus")


def test_terms_with_halves_are_refused() -> None:
    for make in (
        lambda: Corpus.from_tokens([["cell", "gene" + HALF], ["fuel"]] * 9, min_df=1),
        lambda: Corpus.from_counts(np.ones((2, 2)), ["a", HALF]),
        lambda: Vocabulary(["a", HALF]),
    ):
        with pytest.raises(InputError, match=r"holds half a letter .*\\ud83d"):
            make()
