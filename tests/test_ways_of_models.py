"""Every topic model takes every kind of corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry
from test_ways import COLUMNS, SMALL, WAYS

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]

TOPIC_MODELS = [entry for entry in registry.MODELS if entry.family == "topics"]
UNLIKE = ("from_texts", "from_counts bare", "frame pandas", "gensim counts", "load counts", "bunch")
"""Ways that bring unlike things: order, texts, columns, or none of them."""

PASSES = {"epochs": 1, "iterations": 2, "dim": 4, "hidden": 4, "device": "cpu", "n_threads": 1}


@pytest.mark.parametrize("entry", TOPIC_MODELS, ids=lambda entry: entry.name)
@pytest.mark.filterwarnings("ignore::polytopic.ConvergenceWarning")
def test_every_topic_model_takes_every_kind_of_corpus(
    entry: registry.Entry, tmp_path: Path
) -> None:
    """Fitted to one, each answers all: alike, since terms are matched by name."""
    if entry.extra is not None:
        pytest.importorskip(entry.extra, reason="the extra is not installed")
    kind = registry.load_class(entry)
    known = kind().get_params()
    options = {name: value for name, value in PASSES.items() if name in known}
    corpora = {}
    for way in UNLIKE:
        folder = tmp_path / way.replace(" ", "-")
        folder.mkdir()
        corpora[way] = WAYS[way](COLUMNS, folder)
    for corpus in corpora.values():
        model = kind(**SMALL, **options).fit(corpus)
        theta = model.transform(corpus)
        pt.simplex.check_distribution(theta, tolerance=1e-5)
        result = model.result(corpus)
        np.testing.assert_array_equal(result.doc_topic, theta)
        found = pt.metrics.evaluate(result, corpus)
        assert found["npmi"] is not None and found["purity"] is not None
    wanted = model.transform(corpora["bunch"])
    for other in corpora.values():
        np.testing.assert_allclose(model.transform(other), wanted, atol=1e-5)
