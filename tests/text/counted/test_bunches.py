"""Datasets of scikit-learn: texts or counts, with names of targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.utils import Bunch

from polytopic import explore
from polytopic.errors import InputError
from polytopic.text import Corpus

TEXTS = ["cell gene tissue", "road wheel car", "gene cell organ", "car motor road"] * 5


def bunch(**changes: Any) -> Bunch:
    files = np.array([f"/home/x/news/{row % 2}/{row}" for row in range(20)])
    made = {"data": TEXTS, "target": np.array([1, 0] * 10), "target_names": ["autos", "med"]}
    return Bunch(**(made | {"filenames": files, "DESCR": "about"} | changes))


def test_texts_with_names_of_targets_and_files() -> None:
    corpus = Corpus.from_bunch(bunch(), clean=None, min_df=1)
    assert corpus.labels is not None and corpus.labels[:2].tolist() == ["med", "autos"]
    assert corpus.ids is not None and corpus.ids[3] == "1/3"
    assert corpus.texts is not None and list(corpus.texts) == TEXTS
    result = explore(bunch(), model="lda", n_topics=2, iterations=10, clean=None, random_state=0)
    assert result.metrics["purity"] == 1.0


def test_targets_without_names_and_numbers_stay() -> None:
    labels = Corpus.from_bunch(bunch(target_names=None), clean=None).labels
    assert labels is not None and labels[:2].tolist() == [1, 0]
    fractions = Corpus.from_bunch(bunch(target=np.linspace(0, 1, 20)), clean=None).labels
    assert fractions is not None and fractions[-1] == 1.0


def test_counts_with_names_of_features() -> None:
    corpus = Corpus.from_bunch(
        Bunch(data=np.eye(2, dtype=int), target=[0, 1], feature_names=["a", "b"])
    )
    assert corpus.vocabulary.terms == ["a", "b"]
    with pytest.raises(InputError, match="counts without feature_names"):
        Corpus.from_bunch(Bunch(data=np.eye(2), target=[0, 1]))


def test_what_is_no_dataset_of_texts_is_told() -> None:
    with pytest.raises(InputError, match=r"data are bytes, not str.*encoding"):
        Corpus.from_bunch(bunch(data=[text.encode() for text in TEXTS]))
    with pytest.raises(InputError, match="bunch: is of type list, without data"):
        Corpus.from_bunch(TEXTS)
