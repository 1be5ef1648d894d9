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
from scipy import sparse

import polytopic as pt
from polytopic import registry
from polytopic.errors import InputError
from polytopic.result.tables import document_table
from polytopic.runs import RunFolder

THEMES = {
    "cars": ["engine", "motor", "wheel", "brake", "fuel", "road", "driver", "gear"],
    "cells": ["cell", "gene", "protein", "tissue", "enzyme", "organ", "blood", "tumour"],
    "money": ["bank", "loan", "market", "price", "stock", "bond", "trade", "profit"],
}
N = 36
EMPTY = (7, 20)
"""Documents without a word of the vocabulary."""

ALL_TERMS: dict[str, Any] = {"min_df": 2, "max_df": 1.0, "stop_words": None}
SMALL: dict[str, Any] = {"n_topics": 3, "random_state": 0}

pytestmark = [
    pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::polytopic.EmptyDocumentsWarning"),
]


def theme(row: int) -> str:
    return list(THEMES)[row % 3]


def text(row: int) -> str:
    """Twelve words of the row's theme, and its number; the number alone where there is none."""
    if row in EMPTY:
        return f"{row:03}"
    rng = np.random.default_rng(row)
    return f"{row:03} " + " ".join(rng.choice(THEMES[theme(row)], 12))


TEXTS = [text(row) for row in range(N)]
TOKENS = [document.split()[1:] for document in TEXTS]
COLUMNS: dict[str, Any] = {
    "labels": [theme(row) for row in range(N)],
    "ids": [f"id{row:03}" for row in range(N)],
    "dates": [f"2019-01-{row % 28 + 1:02}" for row in range(N)],
}
TERMS = sorted({word for words in THEMES.values() for word in words})
COUNTS = sparse.csr_matrix(np.array([[words.count(term) for term in TERMS] for words in TOKENS]))
TABLE = pl.DataFrame({"body": TEXTS, **COLUMNS})
NAMES = {"text": "body", "label": "labels", "id": "ids", "date": "dates"}

Make = Callable[[dict[str, Any], Path], pt.Corpus]


def of_file(name: str, write: Callable[[pl.DataFrame, Path], object]) -> Make:
    def make(columns: dict[str, Any], folder: Path) -> pt.Corpus:
        file = folder / name
        write(TABLE, file)
        wanted = NAMES if columns else {"text": "body"}
        return pt.read(file, **wanted, **ALL_TERMS)

    return make


def of_lines(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    file = folder / "texts.txt"
    file.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return pt.read(file, **ALL_TERMS).with_columns(**columns)


def of_folder(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    for row, document in enumerate(TEXTS):
        place = folder / "texts" / f"{row:03}.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(document, encoding="utf-8")
    return pt.read(folder / "texts", **ALL_TERMS).with_columns(**columns)


def reversed_series(values: list[Any]) -> Any:
    return pytest.importorskip("pandas").Series(values, index=range(len(values) - 1, -1, -1))


def of_pandas(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    given = {name: reversed_series(values) for name, values in columns.items()}
    return pt.Corpus.from_texts(reversed_series(TEXTS), **given, **ALL_TERMS)


def of_arrow(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    arrow = pytest.importorskip("pyarrow")
    given = {name: arrow.array(values) for name, values in columns.items()}
    texts = arrow.chunked_array([TEXTS[:5], TEXTS[5:]])
    return pt.Corpus.from_texts(texts, **given, **ALL_TERMS)


def of_frame(make: Callable[[pl.DataFrame], Any]) -> Make:
    """A frame with the columns, under their names."""

    def read(columns: dict[str, Any], folder: Path) -> pt.Corpus:
        wanted = NAMES if columns else {"text": "body"}
        return pt.Corpus.from_frame(make(TABLE), **wanted, **ALL_TERMS)

    return read


def pandas_backwards(table: pl.DataFrame) -> Any:
    frame = pytest.importorskip("pandas").DataFrame(table.to_dict(as_series=False))
    return frame.set_index(frame.index[::-1])


def of_gensim(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    lines = [[(TERMS.index(word), 1) for word in words] for words in TOKENS]
    return pt.Corpus.from_gensim(lines, dict(enumerate(TERMS)), **columns)


def of_octis(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    rows = [f"{text}\ttrain\t{theme(row)}" for row, text in enumerate(TEXTS)]
    (folder / "corpus.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "vocabulary.txt").write_text("\n".join(TERMS) + "\n", encoding="utf-8")
    return pt.read(folder).with_columns(ids=columns["ids"], dates=columns["dates"])


def of_topmost(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    sparse.save_npz(folder / "train_bow.npz", COUNTS)
    (folder / "vocab.txt").write_text("\n".join(TERMS) + "\n", encoding="utf-8")
    (folder / "train_texts.txt").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    return pt.read(folder).with_columns(**columns)


def of_bunch(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    names = list(THEMES)
    bunch = {"data": TEXTS, "target_names": names}
    bunch["target"] = [names.index(theme(row)) for row in range(N)]  # type: ignore[assignment]
    corpus = pt.Corpus.from_bunch(bunch, **ALL_TERMS)
    return corpus.with_columns(ids=columns["ids"], dates=columns["dates"])


def from_texts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_texts(TEXTS, **columns, **ALL_TERMS)


def streamed(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_texts(iter(TEXTS), keep_texts=False, **columns, **ALL_TERMS)


def from_counts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_counts(COUNTS, TERMS, texts=TEXTS, **columns)


def bare_counts(columns: dict[str, Any], folder: Path) -> pt.Corpus:
    return pt.Corpus.from_counts(COUNTS.toarray(), np.array(TERMS), **columns)


def changed(make: Make, change: Callable[[pt.Corpus, Path], pt.Corpus]) -> Make:
    return lambda columns, folder: change(make(columns, folder), folder)


def loaded(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return pt.Corpus.load(corpus.save(folder / "corpus"))


def given_anew(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    columns = {name: getattr(corpus, name) for name in ("labels", "ids", "dates", "texts")}
    return corpus.with_columns(**columns)


def part(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return corpus.subset(np.arange(N) % 5 != 1)


def backwards(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    return corpus[::-1]


def training_part(corpus: pt.Corpus, folder: Path) -> pt.Corpus:
    stratify = True if corpus.labels is not None else None
    return corpus.split(0.25, stratify=stratify)[0]


WAYS: dict[str, Make] = {
    "from_texts": from_texts,
    "from_texts streamed": streamed,
    "from_texts pandas": of_pandas,
    "from_texts arrow": of_arrow,
    "frame pandas": of_frame(pandas_backwards),
    "frame polars": of_frame(lambda table: table),
    "frame arrow": of_frame(lambda table: table.to_arrow()),
    "from_tokens": lambda columns, folder: pt.Corpus.from_tokens(TOKENS, **columns),
    "from_counts": from_counts,
    "from_counts bare": bare_counts,
    "read csv": of_file("a.csv", lambda table, path: table.write_csv(path)),
    "read tsv": of_file("a.tsv", lambda table, path: table.write_csv(path, separator="\t")),
    "read jsonl": of_file("a.jsonl", lambda table, path: table.write_ndjson(path)),
    "read parquet": of_file("a.parquet", lambda table, path: table.write_parquet(path)),
    "read txt": of_lines,
    "read folder": of_folder,
    "bunch": of_bunch,
    "gensim counts": of_gensim,
    "octis": of_octis,
    "topmost counts": of_topmost,
    "load": changed(from_texts, loaded),
    "load counts": changed(from_counts, loaded),
    "with_columns": changed(from_texts, given_anew),
    "subset": changed(from_texts, part),
    "subset of counts": changed(bare_counts, part),
    "backwards": changed(of_pandas, backwards),
    "split": changed(from_texts, training_part),
    "split of counts": changed(from_counts, training_part),
}

BARE = ("from_texts", "from_counts bare", "read csv", "load counts")
"""Ways that are also gone without labels, ids and dates."""


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
