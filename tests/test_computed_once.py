"""The way from a file of texts to the report computes each figure once."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry, simplex
from polytopic.cli import app
from polytopic.metrics import coherence, diagnosis, evaluation
from polytopic.result import Quality

THEMES = (
    "engine motor wheel brake fuel road driver gear",
    "cell gene protein tissue enzyme organ blood tumour",
)


def texts(n: int = 60) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(THEMES[row % 2].split(), 10)) for row in range(n)]


@contextmanager
def calls_of(watched: dict[str, Callable[..., Any]]) -> Iterator[Counter[str]]:
    """How often each function is called meanwhile, in this thread and those it starts."""
    names: dict[CodeType, str] = {f.__code__: name for name, f in watched.items()}
    found: Counter[str] = Counter()

    def see(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code in names:
            found[names[frame.f_code]] += 1

    threading.setprofile(see)
    sys.setprofile(see)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def watched(model: type) -> dict[str, Callable[..., Any]]:
    return {
        "npmi": coherence.npmi,
        "diagnose": diagnosis.diagnose,
        "collapse": diagnosis.collapse,
        "evaluate": evaluation.evaluate,
        "sizes": Quality.sizes.func,
        "check_distribution": simplex.check_distribution,
        "infer": model._infer,  # type: ignore[attr-defined]
    }


ONCE = {
    "npmi": 1,
    "diagnose": 1,
    "evaluate": 1,
    "sizes": 1,
    "infer": 1,
    "check_distribution": 2,  # topics and documents, each once
}


@pytest.mark.parametrize("name", ["lda", "ntm", registry.DEFAULT_TOPIC_MODEL])
def test_the_command_computes_nothing_twice(name: str, tmp_path: Path) -> None:
    entry = registry.find(name, "topics")
    if entry.extra is not None:
        pytest.importorskip(entry.extra, reason="the extra is not installed")
    file = tmp_path / "texts.csv"
    rows = (f"{text},{row % 2}" for row, text in enumerate(texts()))
    file.write_text("\n".join(["body,kind", *rows]), encoding="utf-8")
    arguments = ["topics", str(file), "--text", "body", "--label", "kind", "-k", "2"]
    arguments += ["--epochs", "3", "--model", name, "--min-df", "2", "-o", str(tmp_path / "run")]
    with calls_of(watched(registry.load_class(entry))) as found:
        app(arguments, standalone_mode=False)
    assert (tmp_path / "run" / "report.html").is_file()
    assert found == ONCE


@pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")
def test_explore_and_report_compute_nothing_twice(tmp_path: Path) -> None:
    with calls_of(watched(pt.LDA)) as found:
        result = pt.explore(texts(), model="lda", n_topics=2, iterations=5, min_df=2)
        result.report(tmp_path / "report.html")
    assert found == ONCE


@pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")
def test_a_neural_model_computes_the_statistics_of_terms_once() -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    from polytopic.topics.vae import initial_values

    corpus = pt.Corpus.from_texts(texts(), min_df=2)
    twins = {"statistics": initial_values._Terms.of.__func__, "twins": initial_values._twins}
    with calls_of(twins) as found:
        pt.DirichletVAE(n_topics=6, epochs=1, device="cpu").fit(corpus)
    assert found["twins"] > 1, "more topics than themes: centres are moved more than once"
    assert found["statistics"] == 1


@pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")
def test_fit_transform_infers_once() -> None:
    corpus = pt.Corpus.from_texts(texts(), min_df=2)
    model = pt.LDA(n_topics=2, iterations=5, random_state=0)
    with calls_of(watched(pt.LDA)) as found:
        theta = model.fit_transform(corpus)
    assert found["infer"] == 1
    np.testing.assert_array_equal(theta, model.transform(corpus))
    assert not [name for name in vars(model) if "quality" in name], "what fit found is not kept"
