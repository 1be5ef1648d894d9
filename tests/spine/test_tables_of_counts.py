"""Tables of counts: their columns are terms, whatever they are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import polytopic as pt
from polytopic.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

TERMS = ["labels", "texts", "ids", "dates", "vocabulary", "tokens", "offsets", "terms"]
"""Words that are also what a Corpus holds."""

ROWS = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))


def pandas_table() -> Any:
    return pytest.importorskip("pandas").DataFrame(ROWS, columns=TERMS)


def polars_table() -> Any:
    return pl.DataFrame(ROWS, schema=TERMS)


def arrow_table() -> Any:
    return pytest.importorskip("pyarrow").table({t: ROWS[:, n] for n, t in enumerate(TERMS)})


@pytest.mark.parametrize("make", [pandas_table, polars_table, arrow_table])
def test_names_of_columns_are_terms_and_nothing_else(make: Any) -> None:
    table = make()
    model = pt.LDA(n_topics=2, iterations=20, random_state=0).fit(table)
    assert model.vocabulary_.terms == TERMS
    plain = pt.LDA(n_topics=2, iterations=20, random_state=0).fit(ROWS, terms=TERMS)
    np.testing.assert_array_equal(model.transform(table), plain.transform(ROWS))
    result = model.result(table)
    assert result.texts is result.labels is result.ids is result.dates is None
    found = pt.metrics.evaluate(model, table)
    assert found["purity"] is None
    assert found == pt.metrics.evaluate(plain, ROWS)


@pytest.mark.parametrize("make", [pandas_table, polars_table, arrow_table])
def test_a_row_model_takes_them_too(make: Any) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    model = pt.Autoencoder(dim=2, epochs=1, random_state=0).fit(make())
    assert model.terms_ == TERMS
    assert model.transform(make()).shape == (20, 2)


@pytest.mark.parametrize(
    "wrap", [list, lambda texts: np.array(texts), lambda texts: pl.Series(texts)]
)
def test_texts_where_counts_belong_are_told_in_a_short_line(wrap: Any) -> None:
    model = pt.LDA(n_topics=2, iterations=2, random_state=0).fit(ROWS)
    for call, message in (
        (model.fit, r"counts: .*Corpus\.from_texts"),
        (model.transform, r"texts: this model was fitted on bare counts"),
    ):
        with pytest.raises(InputError, match=message) as told:
            call(wrap(["a long text\nof lines " * 500, "another"]))
        assert len(str(told.value)) < 300 and "\n" not in str(told.value)
