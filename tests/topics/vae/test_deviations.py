"""How sure autoencoder topic models are: mean and deviation of theta by draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import polytopic as pt
from polytopic import simplex

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

COUNTS = planted()[0]
KINDS = [pt.ProdLDA, pt.DirichletVAE, pt.WeibullVAE, pt.NVDM, pt.GSM, pt.ETM]


def fitted(kind: Any) -> Any:
    options = {"n_topics": 4, "epochs": 3, "dim": 8, "random_state": 0, "device": "cpu"}
    return kind(**options).fit(COUNTS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_mean_of_draws_is_what_transform_gives(kind: Any) -> None:
    model = fitted(kind)
    mean, deviation = model.posterior_of(COUNTS[:6], samples=4000)
    simplex.check_distribution(mean)
    assert mean.shape == deviation.shape == (6, 4)
    assert (deviation > 0).all() and (deviation < 0.5).all()
    if kind is not pt.NVDM:  # its transform is softmax(E[h])
        np.testing.assert_allclose(mean, model.transform(COUNTS[:6]), atol=0.03)


def test_a_document_has_its_own_answer_every_time() -> None:
    model = fitted(pt.DirichletVAE)
    mean, deviation = model.posterior_of(COUNTS[:6])
    for row in (0, 5):
        alone = model.posterior_of(COUNTS[[row]])
        assert np.array_equal(alone[0][0], mean[row])
        assert np.array_equal(alone[1][0], deviation[row])


def test_deviations_of_a_dirichlet_are_those_of_its_concentrations() -> None:
    model = fitted(pt.DirichletVAE)
    documents = model._documents(COUNTS, np.arange(6), torch.device("cpu"))
    with torch.no_grad():
        a = model.module_.posterior(documents.batch(np.arange(6))).concentration.double().numpy()
    total = a.sum(axis=1, keepdims=True)
    expected = np.sqrt(a / total * (1 - a / total) / (total + 1))
    found = model.posterior_of(COUNTS[:6], samples=4000)[1]
    np.testing.assert_allclose(found, expected, rtol=0.15, atol=0.003)


def test_too_few_draws_are_refused() -> None:
    model = fitted(pt.ProdLDA)
    for wrong in (1, 0, 2.5, True):
        with pytest.raises(pt.InputError, match="^samples: is"):
            model.posterior_of(COUNTS[:2], samples=wrong)
    with pytest.raises(pt.NotFittedModelError):
        pt.ProdLDA().posterior_of(COUNTS)


def test_mixtures_have_it_by_the_same_name() -> None:
    model = pt.LDA(n_topics=4, iterations=10, random_state=0).fit(COUNTS)
    for one, other in zip(model.posterior_of(COUNTS[:3]), model.posterior(COUNTS[:3]), strict=True):
        assert np.array_equal(one, other)
