"""TextCounts in scikit-learn's pipelines: the package's reading, and terms that reach the model."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from made_texts import THEMES, texts
from sklearn.base import clone
from sklearn.decomposition import NMF
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

import polytopic as pt
from polytopic.errors import InputError, NotFittedModelError
from polytopic.text.term_counts import TermCounts

OPTIONS: dict[str, Any] = {"min_df": 2, "clean": None}

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_s_own_checks() -> None:
    check_estimator(pt.TextCounts())


def test_counts_are_those_of_a_corpus() -> None:
    corpus = pt.Corpus.from_texts(texts(), **OPTIONS)
    step = pt.TextCounts(**OPTIONS)
    counts = step.fit_transform(texts())
    assert (counts != corpus.counts).nnz == 0
    assert step.get_feature_names_out().tolist() == corpus.vocabulary.terms
    assert step.dropped_.describe() == corpus.dropped.describe()
    again = clone(step).fit(texts()).transform(["Engine's ENGINE and nonsense", ""])
    assert again.shape == (2, len(corpus.vocabulary)) and again.sum() == 2
    assert again[0, corpus.vocabulary.index("engine")] == 2


def test_every_option_of_a_corpus_is_one_of_the_step() -> None:
    import inspect

    columns = {"texts", "labels", "ids", "dates", "keep_texts"}
    options = set(inspect.signature(pt.Corpus.from_texts).parameters) - columns
    assert set(pt.TextCounts().get_params()) == options
    plain = {n: inspect.signature(pt.Corpus.from_texts).parameters[n].default for n in options}
    assert pt.TextCounts().get_params() == plain


def test_new_texts_are_divided_as_those_of_fit() -> None:
    step = pt.TextCounts(tokenizer=lambda text: text.split("-"), min_df=1, clean=None)
    step.fit(["sea-sky", "sea-tree"])
    assert step.transform(["tree-tree-sea"]).toarray().tolist() == [[1, 0, 2]]
    upper = pt.TextCounts(lowercase=False, min_df=1).fit(["Sea sky", "sea sky"])
    assert upper.get_feature_names_out().tolist() == ["sky", "Sea", "sea"]
    assert upper.transform(["Sea"]).toarray().tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("name", ["LDA", "ProdLDA"])
def test_a_model_in_a_pipeline_knows_its_words(name: str) -> None:
    if name != "LDA":
        pytest.importorskip("torch", reason="the neural extra is not installed")
    passes = {"iterations": 30} if name == "LDA" else {"epochs": 20, "dim": 8, "device": "cpu"}
    model = getattr(pt, name)(n_topics=3, random_state=0, **passes)
    pipeline = make_pipeline(pt.TextCounts(**OPTIONS), model).fit(texts())
    found = {frozenset(words) for words in pipeline[-1].top_words(8)}
    assert found == {frozenset(theme.split()) for theme in THEMES}
    theta = pipeline.transform(["engine fuel road", "gene"])
    assert theta.shape == (2, 3) and theta[0].argmax() != theta[1].argmax()
    # Terms are matched by name: a corpus of other columns gets the same answer.
    other = pt.Corpus.from_texts(["engine fuel road", "gene"], min_df=1)
    np.testing.assert_allclose(pipeline[-1].transform(other), theta, atol=1e-6)


def test_other_estimators_read_a_plain_matrix() -> None:
    pipeline = make_pipeline(pt.TextCounts(**OPTIONS), NMF(n_components=3, random_state=0))
    assert pipeline.fit_transform(texts()).shape == (60, 3)


def test_terms_stay_with_rows_and_with_nothing_else() -> None:
    counts = pt.TextCounts(**OPTIONS).fit_transform(texts())
    words = counts.vocabulary
    assert words is not None
    for kept in (
        counts[:5], counts[[3, 1]], counts[np.arange(60) < 7], counts[2:4, ...], counts.copy(),
        pickle.loads(pickle.dumps(counts)),  # noqa: S301
    ):  # fmt: skip
        assert isinstance(kept, TermCounts) and kept.vocabulary == words
    for other in (counts[:, ::-1], counts[:, :3], counts * 2, counts.T):
        assert getattr(other, "vocabulary", None) is None
    assert counts[0, 0] >= 0


def test_what_cannot_be_used_is_told() -> None:
    with pytest.raises(NotFittedModelError, match="TextCounts: is not fitted yet"):
        pt.TextCounts().transform(["a"])
    with pytest.raises(InputError, match="row 1 is missing"):
        pt.TextCounts().fit(["sea sky", None])
    with pytest.raises(InputError, match="language"):
        pt.TextCounts(language="klingon").fit(["sea sky"])
