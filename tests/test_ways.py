"""Every way to make a corpus through every way to use it: the right answer, or one line.

Each document says in its own words which row it is, so that a column that slips against the counts
is seen wherever it comes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import polytopic as pt
from polytopic.errors import InputError
from polytopic.result.tables import document_table
from polytopic.runs import RunFolder

from ways import (
    BARE,
    COLUMNS,
    EMPTY,
    TERMS,
    THEMES,
    TOKENS,
    WAYS,
    theme,
)

SMALL: dict[str, Any] = {"n_topics": 3, "random_state": 0}

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]


def row_of(corpus: Any, place: int) -> int | None:
    """Which document of the whole stands at a place, as each of its columns says."""
    said = {
        int(str(values[place]).removeprefix("id")[:3])
        for values in (corpus.texts, corpus.ids)
        if values is not None and str(values[place]).startswith(("id", "0"))
    }
    assert len(said) < 2
    return said.pop() if said else None


def assert_together(corpus: Any, theta: np.ndarray | None = None) -> None:
    """Counts, texts, labels, ids and dates of each place are those of one document."""
    terms = corpus.vocabulary.terms
    for place in range(corpus.counts.shape[0]):
        counted = corpus.counts[[place]]
        words = sorted(np.repeat([terms[v] for v in counted.indices], counted.data).tolist())
        row = row_of(corpus, place)
        if row is not None:
            assert words == sorted(TOKENS[row])
            if corpus.labels is not None:
                assert str(corpus.labels[place]) == theme(row)
            if corpus.dates is not None:
                assert str(corpus.dates[place])[:10] == COLUMNS["dates"][row]
        elif corpus.labels is not None and words:
            assert words[0] in THEMES[str(corpus.labels[place])]
        if theta is not None and words:
            assert theta[place].max() > 0.5


class Made:
    """A corpus of one way, with or without columns, and an LDA of it."""

    def __init__(self, way: str, columns: dict[str, Any], folder: Path) -> None:
        self.corpus = WAYS[way](columns, folder)
        self.counted = "counts" in way
        self.labelled = self.corpus.labels is not None
        self.model = pt.LDA(iterations=30, **SMALL).fit(self.corpus)
        self.result = self.model.result(self.corpus)


@pytest.fixture(
    scope="module",
    params=[*((way, True) for way in WAYS), *((way, False) for way in BARE)],
    ids=lambda param: f"{param[0]}{'' if param[1] else ', no columns'}",
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    way, with_columns = request.param
    return Made(way, COLUMNS if with_columns else {}, tmp_path_factory.mktemp("way"))


def told(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        call()
    assert "\n" not in str(error.value) and error.value.__cause__ is None


def test_columns_stay_with_their_documents(made: Made) -> None:
    assert_together(made.corpus)
    assert made.corpus.labels is None or len(set(made.corpus.labels)) == 3


def test_word_order_is_there_or_is_told(made: Made) -> None:
    corpus = made.corpus
    if made.counted:
        told(lambda: list(corpus.token_lists()), "made from counts")
        told(lambda: pt.SkipGram(dim=4, epochs=1).fit(corpus), "made from counts")
        return
    for place, words in enumerate(corpus.token_lists()):
        row = row_of(corpus, place)
        assert row is None or words == TOKENS[row]
    vectors = pt.SkipGram(dim=4, epochs=1, random_state=0).fit(corpus).vectors_
    assert sorted(vectors.vocabulary.terms) == TERMS


def test_halves_keep_columns_with_their_documents(made: Made) -> None:
    for half in made.corpus.split(0.5, stratify=made.labelled):
        assert_together(half)


def test_saved_and_loaded(made: Made, tmp_path: Path) -> None:
    again = pt.Corpus.load(made.corpus.save(tmp_path / "corpus"))
    assert_together(again)
    assert (again.counts != made.corpus.counts).nnz == 0
    for name in ("labels", "ids", "dates"):
        before, after = getattr(made.corpus, name), getattr(again, name)
        assert (before is None) == (after is None)
        assert before is None or before.tolist() == after.tolist()


def test_a_light_model_and_its_result(made: Made) -> None:
    result, corpus = made.result, made.corpus
    assert_together(result, result.doc_topic)
    held = np.asarray(corpus.counts.sum(axis=1)).ravel() > 0
    assert result.has_topic.tolist() == held.tolist() and not held.all()
    assert ((result.top_topic < 0) == ~held).all()
    table = document_table(result)
    assert table["topic"].is_null().to_list() == table["share"].is_null().to_list()
    assert table["topic"].is_null().to_list() == (~held).tolist()
    assert table.columns[1:4] == ["id", "label", "date"] or not made.labelled


def test_every_metric_that_can_be_had(made: Made) -> None:
    found = pt.metrics.evaluate(made.result, made.corpus)
    assert found == pt.metrics.evaluate(made.model, made.corpus)
    ordered = (found["c_v"], found["uci"])
    assert all(value is None for value in ordered) if made.counted else None not in ordered
    assert found["npmi"] is not None and found["umass"] is not None
    if made.labelled:
        assert found["purity"] == found["nmi"] == 1.0
        assert pt.metrics.purity(made.result, made.corpus.labels) == 1.0
    else:
        assert found["purity"] is None
    test = made.corpus[:12]
    held_out = pt.metrics.evaluate(made.model, held_out=test, reference=made.corpus)
    assert held_out["perplexity"] is not None and held_out["npmi_reference"] is not None
    assert (held_out["c_v_reference"] is None) == made.counted


def test_explore(made: Made) -> None:
    result = pt.explore(made.corpus, model="lda", iterations=30, **SMALL)
    np.testing.assert_array_equal(result.topic_word, made.model.topic_word_)
    assert_together(result)
    n_empty = sum(not has for has in result.has_topic)
    sentence = f"{n_empty} of {len(made.corpus)} documents hold"
    assert result.notes["without_topic"].startswith(sentence if n_empty > 1 else "1 of")
    relabelled = pt.explore(
        made.corpus, model="lda", iterations=2, labels=list(range(len(made.corpus))), **SMALL
    )
    assert relabelled.labels is not None and relabelled.labels[-1] == len(made.corpus) - 1


def test_a_neural_model(made: Made) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    model = pt.ProdLDA(epochs=2, dim=8, device="cpu", n_threads=1, **SMALL).fit(made.corpus)
    theta = model.transform(made.corpus)
    pt.simplex.check_distribution(theta)
    np.testing.assert_array_equal(model.transform(made.corpus[3:5]), theta[3:5])
    assert_together(model.result(made.corpus))


def test_the_report_and_the_tables(made: Made, tmp_path: Path) -> None:
    page = made.result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    data = json.loads(page.split('<script type="application/json" id="data">')[1].split("<")[0])
    for record in data["topics"]:
        for entry in record["documents"]:
            if made.labelled:
                row = int(entry["id"].removeprefix("id"))
                assert any(label.endswith(theme(row)) for label in entry["labels"])
                assert row not in EMPTY
                assert entry["date"] == COLUMNS["dates"][row]
    assert sum(record["leads"] for record in data["topics"]) == made.result.has_topic.sum()
    assert "no term of the vocabulary and" in page
    assert data["training"]
    (tmp_path / "run").mkdir()
    folder = RunFolder(tmp_path / "run")
    folder.write_result(made.result)
    topics = pl.read_csv(tmp_path / "run" / "topics.csv")
    assert topics["documents"].sum() == made.result.has_topic.sum()
    documents = pl.read_parquet(tmp_path / "run" / "documents.parquet")
    assert documents["topic"].null_count() == (~made.result.has_topic).sum()
    assert ("text" in documents.columns) == (made.corpus.texts is not None)
