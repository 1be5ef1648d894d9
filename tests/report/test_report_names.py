"""What the page says of named topics, of traces of likelihood, and of documents without terms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from polytopic.report.latent import latent_map
from polytopic.report.training import training_curves
from polytopic.result import TopicResult

Make = Callable[..., TopicResult]


def data_of(page: str) -> dict[str, Any]:
    text = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    record: dict[str, Any] = json.loads(text)
    return record


def test_names_stand_before_the_words(make: Make, page: Path) -> None:
    named = make(names=("life & death", "", "games"))
    text = named.report(page).read_text(encoding="utf-8")
    assert "<b>life &amp; death</b> gene cell protein" in text
    assert "<b>star galaxy planet</b>" in text  # one that has no name is known by its words
    data = data_of(text)
    assert [topic["name"] for topic in data["topics"]] == ["life & death", "", "games"]
    assert "life &amp; death</bdi></a>" in text  # in the sentences, too


def test_the_trace_of_a_sampler_is_training_history() -> None:
    sampled = [{"iteration": n, "log_likelihood": -7.0 + n / 10, "alpha": 5.0} for n in (4, 8)]
    online = [{"iteration": n, "bound": -7.0, "alpha": 5.0} for n in (1, 2)]
    for history in (sampled, online):
        (curve,) = training_curves(history)
        assert curve["title"] == "Training documents (nats a token)"
        assert curve["step"] == "iteration"
        steps = [point[0] for point in curve["series"][0]["points"]]
        assert steps == [record["iteration"] for record in history]


def test_ranking_is_not_drawn_in_nats() -> None:
    ntm = {"loss": 0.5, "pairs": 900, "label_loss": 1.2, "winning": 3}
    titles = [curve["title"] for curve in training_curves([ntm | {"epoch": n} for n in (1, 2)])]
    assert titles == [
        "Labels of the training documents (loss)",
        "Pairs of a term and two documents (loss a pair)",
    ]


def test_documents_without_terms_are_counted_and_left_out(make: Make, page: Path) -> None:
    counts = make().counts.toarray()
    counts[[1, 4]] = 0
    theta = make().doc_topic.copy()
    theta[[1, 4]] = [0.98, 0.01, 0.01]  # all of the first topic, if they had any
    result = make(counts=sparse.csr_matrix(counts), doc_topic=theta)
    text = result.report(page).read_text(encoding="utf-8")
    assert "2 of 12 documents hold no term of the vocabulary and have no topic." in text
    data = data_of(text)
    assert [topic["leads"] for topic in data["topics"]] == [4, 2, 4]
    shown = [entry["id"] for topic in data["topics"] for entry in topic["documents"]]
    assert not {"d1", "d4"} & set(shown)


def test_a_document_without_a_label_is_not_called_none() -> None:
    rows = np.random.default_rng(0).normal(size=(4, 2))
    assert latent_map(rows, labels=["a", None, float("nan"), "b"]).labels == [
        "a", "no label", "no label", "b",
    ]  # fmt: skip
