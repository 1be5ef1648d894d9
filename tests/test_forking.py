"""Forked workers: all that is done in a parent can be done in its children, or is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import polytopic as pt
from polytopic import forking
from polytopic.errors import InputError

sys.path.insert(0, str(Path(__file__).parent / "estimators"))
from examples import EXAMPLES, NAMES, Example, same

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore"),
]

TEXTS = [f"an engine of iron number{n % 7}" for n in range(60)]
WHOLE: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "stop_words": None}
LIMIT = 60.0
"""Seconds after which a child hangs."""


def in_child(work: Callable[[], object]) -> None:
    """Do ``work`` in a forked child; fail if it raises or does not end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0
            return
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("the child hangs")


def threads_of_torch() -> None:
    """The parent's own use of torch, on several threads."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(2)
    values = torch.ones(600, 600)
    assert float((values @ values).sum()) > 0
    assert float(torch.ones(1_000_000).sum()) == 1_000_000


def tables(folder: Path) -> None:
    """Polars's threads start."""
    pl.DataFrame({"text": TEXTS}).write_parquet(folder / "texts.parquet")
    pt.read(folder / "texts.parquet", **WHOLE)


@pytest.fixture(params=EXAMPLES, ids=NAMES)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    if found.entry.extra is not None:
        pytest.importorskip(found.entry.extra, reason="the extra is not installed")
    return found


def test_models_answer_and_are_fitted_in_a_child_as_in_its_parent(
    example: Example, tmp_path: Path
) -> None:
    if example.entry.extra is not None:
        threads_of_torch()
    tables(tmp_path)
    model = example.fit()
    answer = example.answer(model)
    loading = hasattr(model, "transform")
    saved = model.save(tmp_path / "model") if loading else None

    def work() -> None:
        assert np.array_equal(example.answer(model), answer)
        if loading:
            assert np.array_equal(example.answer(pt.load(saved)), answer)
        assert same(example.state(example.fit()), example.state(model))

    in_child(work)


def test_texts_become_corpora_in_a_child(tmp_path: Path) -> None:
    tables(tmp_path)
    counts = pt.Corpus.from_texts(TEXTS, **WHOLE).counts

    def work() -> None:
        marked = [f"<b>{text}</b>" for text in TEXTS]  # steps of cleaning look without polars
        corpus = pt.Corpus.from_texts(marked, labels=["07", "7"] * 30, ids=TEXTS, **WHOLE)
        assert (corpus.counts != counts).nnz == 0
        pt.explore(corpus, model="lda", n_topics=2, iterations=2).report(tmp_path / "report.html")
        pt.metrics.npmi([["engine", "iron"]], corpus, n=2)

    in_child(work)


def test_tables_are_refused_in_the_child_of_one_that_read_some(tmp_path: Path) -> None:
    """In one line, where they would be waited for without end."""
    tables(tmp_path)
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    (tmp_path / "texts.csv").write_text("\n".join(["text", *TEXTS]), encoding="utf-8")
    corpus = pt.Corpus.from_texts(TEXTS, **WHOLE)
    saved = corpus.save(tmp_path / "corpus")
    vectors = EXAMPLES[NAMES.index("skipgram")].fit().vectors_
    calls: list[Callable[[], object]] = [
        *(lambda end=end: pt.read(tmp_path / f"texts.{end}") for end in ("txt", "csv", "parquet")),
        lambda: pt.Corpus.load(saved),
        lambda: corpus.save(tmp_path / "again"),
        lambda: corpus.with_columns(dates=["2020-01-01"] * 60),
        lambda: vectors.write(tmp_path / "vectors.txt"),
    ]

    def work() -> None:
        for call in calls:
            with pytest.raises(InputError, match=r"lost when it was forked.*spawn") as caught:
                call()
            assert "\n" not in str(caught.value)

    in_child(work)


def test_a_child_of_one_that_read_nothing_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own, since this one has read."""
    program = (
        "import os, sys, polytopic as pt\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    pt.Corpus.from_texts(['a b c', 'b c d'], dates=['2020-01-01', '2020-01-02'],\n"
        "        min_df=1, max_df=1.0, stop_words=None)\n"
        "    os._exit(0)\n"
        "sys.exit(os.waitpid(child, 0)[1])\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], timeout=60)
    assert done.returncode == 0
    monkeypatch.setattr(forking, "_lost", True)
    with pytest.raises(InputError, match="^x.csv: needs threads"):
        forking.refuse_lost_threads("x.csv")
