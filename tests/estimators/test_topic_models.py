"""The common checks, run over every topic model of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.utils.estimator_checks import check_estimator

from polytopic import registry, simplex
from polytopic.topics.lda.kernels.inference import csr_arrays, infer_documents, term_rows
from polytopic.topics.mixture import MixtureTopicModel

from checks import Check, passes, yield_checks

MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]
QUICK: dict[str, Any] = {
    "n_topics": 4, "dim": 16, "hidden": 8, "epochs": 3, "iterations": 20, "batch_size": 50,
    "n_threads": 1, "random_state": 0,
}  # fmt: skip

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]


def make(entry: registry.Entry, **changes: Any) -> Any:
    kind = registry.load_class(entry)
    known = kind().get_params()
    return kind(**{name: value for name, value in QUICK.items() if name in known} | changes)


CASES = [
    pytest.param(entry, check, id=f"{entry.name}-{check.__name__}")
    for entry in MODELS
    for check in yield_checks(neural="hidden" in registry.load_class(entry)().get_params())
]


@pytest.mark.parametrize(("entry", "check"), CASES)
def test_common_checks(
    entry: registry.Entry, check: Check, corpus_counts: sparse.csr_matrix, tmp_path: Path
) -> None:
    check(make(entry), corpus_counts, tmp_path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("entry", MODELS, ids=lambda entry: entry.name)
def test_scikit_learn_s_own_checks(entry: registry.Entry) -> None:
    model = make(entry, n_topics=2)
    check_estimator(passes(model, 2))


@pytest.fixture(scope="module", params=MODELS, ids=lambda entry: entry.name)
def fitted(request: pytest.FixtureRequest, corpus_counts: sparse.csr_matrix) -> Any:
    return make(request.param).fit(corpus_counts)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(
        np.int64,
        st.tuples(st.integers(1, 4), st.just(32)),
        elements=st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 10**7)),
    )
)
def test_theta_is_a_distribution_whatever_the_counts(fitted: Any, counts: np.ndarray) -> None:
    theta = fitted.transform(counts)
    simplex.check_distribution(theta, tolerance=1e-5)
    assert np.isfinite(fitted.log_likelihood(counts, theta)).all()


def test_the_prior_that_a_model_tells_is_all_that_folding_in_needs(
    fitted: Any, corpus_counts: sparse.csr_matrix
) -> None:
    alpha = fitted.mixture_prior()
    if alpha is None:  # theta is an encoder's, or of no mixture
        assert not isinstance(fitted, MixtureTopicModel)
        return
    topics = fitted.topic_word_
    folded = infer_documents(*csr_arrays(corpus_counts), term_rows(topics), alpha)[0]
    np.testing.assert_allclose(fitted.transform(corpus_counts), folded, atol=1e-6)
