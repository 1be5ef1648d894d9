"""Labels of models that foretell: classes are never merged on their way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.topics.labels import read_classes


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (["07", "7", "007", None], ["007", "07", "7"], [1, 2, 0]),
        ([2**53 + 1, 2**53, 1.0], [1, 2**53, 2**53 + 1], [2, 1, 0]),
        ([1234567890123456789, 1234567890123456788], [1234567890123456788, 1234567890123456789],
         [1, 0]),
        ([True, False], [False, True], [1, 0]),
        ([3.0, 1.0, float("nan")], [1.0, 3.0], [1, 0]),
    ],
)  # fmt: skip
def test_classes_are_told_apart(labels: list[Any], classes: list[Any], numbers: list[int]) -> None:
    found, codes, known = read_classes(labels, len(labels))
    assert found.tolist() == classes
    assert codes.tolist() == numbers
    assert known.sum() == len(numbers)


@pytest.mark.parametrize("labels", [[True, 1], [1, "1"], [np.True_, 2]])
def test_labels_of_two_kinds_are_refused(labels: list[Any]) -> None:
    with pytest.raises(InputError, match="neither name nor number, or both"):
        read_classes(labels, 2)
