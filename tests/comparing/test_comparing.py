"""Comparisons: every cell once, the same figures in any number of processes, kept when done."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import polytopic as pt
from polytopic.comparing import Comparison, running
from polytopic.comparing.cells import Done
from polytopic.errors import CheckpointError, InputError

THEMES = (
    "engine motor wheel brake fuel road driver gear",
    "cell gene protein tissue enzyme organ blood tumour",
    "bank loan market price stock bond trade profit",
)
MODELS: dict[str, Any] = {
    "lda": {"iterations": 5, "n_threads": 1},
    "long": {"model": "lda", "iterations": 20},
}


@pytest.fixture(scope="module")
def corpus() -> pt.Corpus:
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(THEMES[row % 3].split(), 12)) for row in range(60)]
    return pt.Corpus.from_texts(texts, min_df=2, clean=None, labels=[n % 3 for n in range(60)])


def figures(found: Comparison) -> pl.DataFrame:
    return found.frame().drop("seconds")


def test_a_cell_is_what_a_fit_and_its_metrics_are(corpus: pt.Corpus) -> None:
    reference = corpus[:20]
    found = pt.compare(MODELS, corpus, seeds=[4, 2], n_topics=3, reference=reference)
    assert [(c.model, c.seed) for c in found.cells] == [
        ("lda", 4), ("lda", 2), ("long", 4), ("long", 2),
    ]  # fmt: skip
    train, test = corpus.split(0.2, random_state=0)
    model = pt.LDA(n_topics=3, iterations=20, random_state=2)
    model.fit(train)
    wanted = pt.metrics.evaluate(model, train, held_out=test, reference=reference)
    assert dict(found.cells[3].metrics) == wanted
    assert found.cells[3].seconds is not None and found.cells[3].seconds > 0


def test_any_number_of_processes_gives_the_same_figures(corpus: pt.Corpus, tmp_path: Path) -> None:
    one = pt.compare(MODELS, {"a": corpus, "b": corpus[:40]}, seeds=2, n_topics=[2, 3])
    two = pt.compare(
        MODELS, {"a": corpus, "b": corpus[:40]}, seeds=2, n_topics=[2, 3], n_jobs=2,
        folder=tmp_path / "found",
    )  # fmt: skip
    assert figures(one).equals(figures(two))
    assert one.table()["model"].to_list() == ["lda, K=2", "lda, K=3", "long, K=2", "long, K=3"] * 2
    assert sorted(path.name for path in (tmp_path / "found").iterdir()) == sorted(
        ["cells", *running.WRITTEN]
    )


def test_what_is_done_is_not_done_again(
    corpus: pt.Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "found"
    real, ran = running.run_cell, []

    def stopping(cell: Any, *others: Any) -> Any:
        if len(ran) == 2:
            return None
        ran.append(cell.seed)
        return real(cell, *others)

    monkeypatch.setattr(running, "run_cell", stopping)
    with pytest.raises(KeyboardInterrupt):
        pt.compare({"lda": {"iterations": 5}}, corpus, seeds=4, n_topics=3, folder=folder)
    assert ran == [0, 1] and len(list((folder / "cells").iterdir())) == 2
    ran.clear()

    def noting(cell: Any, *others: Any) -> Any:
        ran.append(cell.seed)
        return real(cell, *others)

    monkeypatch.setattr(running, "run_cell", noting)
    again = pt.compare({"lda": {"iterations": 5}}, corpus, seeds=4, n_topics=3, folder=folder)
    assert ran == [2, 3]
    plain = pt.compare({"lda": {"iterations": 5}}, corpus, seeds=4, n_topics=3)
    assert figures(again).equals(figures(plain))
    ran.clear()
    for changed in ({"iterations": 6}, {"iterations": 5, "alpha": 0.2}):
        pt.compare({"lda": changed}, corpus, seeds=1, n_topics=3, folder=folder)
    pt.compare({"lda": {"iterations": 5}}, corpus[:50], seeds=1, n_topics=3, folder=folder)
    other_labels = corpus.with_columns(labels=["x"] * 60)
    pt.compare({"lda": {"iterations": 5}}, other_labels, seeds=1, n_topics=3, folder=folder)
    assert ran == [0, 0, 0, 0]


def test_a_cell_that_was_altered_is_told(corpus: pt.Corpus, tmp_path: Path) -> None:
    options: dict[str, Any] = {"seeds": 1, "n_topics": 2, "folder": tmp_path / "found"}
    pt.compare({"lda": {"iterations": 2}}, corpus, **options)
    (file,) = (tmp_path / "found" / "cells").iterdir()
    whole = json.loads(file.read_text(encoding="utf-8"))
    for broken, message in (
        ("{", "cut short or altered"),
        (json.dumps(whole | {"metrics": {"npmi": "high"}}), "metrics.npmi is 'high'"),
        (json.dumps(whole | {"identity": {"class": "NTM"}}), "holds another cell"),
    ):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(CheckpointError, match=message) as told:
            pt.compare({"lda": {"iterations": 2}}, corpus, **options)
        assert file.name in str(told.value) and "\n" not in str(told.value)


def test_a_folder_of_others_is_never_written_to(corpus: pt.Corpus, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds other files \(letter.txt\)"):
        pt.compare("lda", corpus, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_cell_that_cannot_be_fitted_is_told_in_its_place(
    corpus: pt.Corpus, tmp_path: Path
) -> None:
    small = pt.Corpus.from_tokens([["a", "b"], ["b", "a"]] * 10)
    models = {"lda": {"iterations": 2}}
    found = pt.compare(
        models, {"all": corpus, "small": small}, seeds=2, n_topics=5, folder=tmp_path / "found"
    )
    assert [bool(cell.told) for cell in found.cells] == [False, False, True, True]
    assert "small: n_topics: 5 topics for 2 terms" in found.to_markdown()
    row = found.table()["npmi"].to_list()
    assert row[0] is not None and row[1] is None
    assert len(list((tmp_path / "found" / "cells").iterdir())) == 2


def made(*values: float | None, model: str = "m", corpus: str = "c") -> list[Done]:
    return [Done(model, corpus, n, {"npmi": v}, 1.0) for n, v in enumerate(values)]


def test_means_deviations_and_intervals() -> None:
    table = Comparison((*made(0.1, 0.2, 0.4), *made(0.5, model="one"))).table(["npmi"])
    assert table["npmi"].to_list() == pytest.approx([0.7 / 3, 0.5])
    deviation = np.std([0.1, 0.2, 0.4], ddof=1)
    assert table["npmi_deviation"][0] == pytest.approx(deviation)
    assert table["npmi_interval"][0] == pytest.approx(4.302653 * deviation / math.sqrt(3))
    assert table["npmi_deviation"][1] is None
    single = Comparison(tuple(made(0.5))).table(["npmi"])
    assert single.columns == ["model", "corpus", "seeds", "npmi"]
    with pytest.raises(InputError, match='there is no "umass". There are: npmi, seconds'):
        Comparison(tuple(made(0.5))).table(["umass"])


def test_markdown_and_latex_hold_what_names_hold() -> None:
    cells = (*made(0.1, 0.3, model="a|b_c%"), *made(0.5, 0.5, model="best"))
    markdown = Comparison(cells).to_markdown(["npmi"])
    assert "| a\\|b_c% | c | 2 | 0.200 ± 0.141 |" in markdown
    assert "| best | c | 2 | **0.500 ± 0.000** |" in markdown
    assert "Mean ± standard deviation over the seeds." in markdown
    latex = Comparison(cells).to_latex(["npmi"])
    assert r"a|b\_c\% & c & 2 & 0.200 $\pm$ 0.141 \\" in latex
    assert r"best & c & 2 & \textbf{0.500 $\pm$ 0.000} \\" in latex
    quick = [Done(m, "c", 0, {"perplexity": v}, 1.0) for m, v in (("x", 9.0), ("y", 7.0))]
    assert "| **7.000** |" in Comparison(tuple(quick)).to_markdown(["perplexity"])


def test_the_page_holds_every_seed_and_mean(corpus: pt.Corpus, tmp_path: Path) -> None:
    found = pt.compare(MODELS, corpus, seeds=2, n_topics=3)
    page = found.write(tmp_path / "a.html").read_text(encoding="utf-8")
    spec = json.loads(page.split('<script type="application/json" id="data">')[1].split("<")[0])
    titles = [panel["title"] for panel in spec["concat"]]
    assert titles[:2] == ["npmi held out", "npmi"] and "diversity once" in titles
    assert "http-equiv" in page and 'src="http' not in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": "nosuch"}, 'there is no model "nosuch"'),
        ({"models": []}, "models: there are none"),
        ({"models": {"x": {"model": "skipgram"}}}, 'models.x: model: there is no model "skipgram"'),
        ({"models": {"x": {"model": 5}}}, "models.x: model is 5"),
        ({"models": {"x": object()}}, "models.x: object is no topic model"),
        ({"models": {"lda": {"iteration": 5}}}, 'models.lda: iteration: is no.*"iterations"'),
        ({"models": {"lda": {"iterations": 0}}}, "models.lda: iterations: 0 cannot be used"),
        ({"seeds": 0}, "seeds: is 0"),
        ({"seeds": [1, -1]}, "seeds: -1 is no whole number"),
        ({"seeds": "three"}, "seeds: is 'three'"),
        ({"corpora": {}}, "corpora: there are none"),
        ({"corpora": {"a": [["x"]]}}, "corpora.a: is of type list"),
        ({"test_size": 1.5}, "test_size: 1.5 of 60 documents"),
        ({"n_jobs": 0}, "n_jobs: is 0"),
    ],
)
def test_what_cannot_be_compared(corpus: pt.Corpus, changes: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"models": {"lda": {"iterations": 2}}, "corpora": corpus}
    with pytest.raises(InputError, match=message) as told:
        pt.compare(**(options | changes))
    assert "\n" not in str(told.value)


def test_models_are_named_or_given(corpus: pt.Corpus) -> None:
    given = pt.LDA(iterations=3, alpha=0.3)
    found = pt.compare([given, "ntm"], (corpus[:40], corpus[40:]), seeds=1, n_topics=2)
    assert [cell.model for cell in found.cells] == ["LDA", "ntm"]
    alike = pt.compare({"x": given}, corpus, seeds=1, n_topics=2, test_size=None)
    assert alike.cells[0].metrics["npmi_held_out"] is None
