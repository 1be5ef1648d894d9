"""Files of fastText that hold no classifier, or one that does not fit its labels."""

from __future__ import annotations

from pathlib import Path

import pytest

import polytopic as pt
from polytopic.embeddings.subwords.binaries import CODES, read_classifier
from polytopic.errors import InputError


@pytest.mark.parametrize("loss", CODES)
def test_a_classifier_is_read_with_its_loss(loss: str, tmp_path: Path) -> None:
    texts, labels = ["cold pizza", "red car", "old tree"] * 5, ["food", "car", "wood"] * 5
    model = pt.FastTextClassifier(dim=4, loss=loss, random_state=0).fit(texts, labels)
    found, parts = read_classifier(model.write_binary(tmp_path / "m.bin"))
    assert found == loss and sorted(parts.labels) == [
        "__label__car",
        "__label__food",
        "__label__wood",
    ]


def test_word_vectors_are_no_classifier(tmp_path: Path) -> None:
    model = pt.FastText(dim=4, bucket=50, epochs=1, sample=0, random_state=0)
    vectors = model.fit([["cells", "divide", "and", "cells", "grow"]] * 50).vectors_
    file = vectors.write_binary(tmp_path / "v.bin")
    with pytest.raises(InputError, match="is no classifier of softmax, ova or a tree"):
        read_classifier(file)
