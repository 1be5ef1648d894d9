"""evaluate: every figure is the one its own function gives, and None where none can be had."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import sparse

from polytopic import metrics
from polytopic.errors import InputError
from polytopic.metrics import evaluate
from polytopic.result import TopicResult
from polytopic.text import Vocabulary

TERMS = [f"t{column:02d}" for column in range(40)]
RNG = np.random.default_rng(0)
TOPIC_WORD = RNG.dirichlet(np.full(40, 0.2), 4).astype(np.float32)
DOC_TOPIC = RNG.dirichlet(np.full(4, 0.2), 50).astype(np.float32)
TEXTS = [
    [str(word) for word in RNG.choice(TERMS, 30, p=p / p.sum())] for p in DOC_TOPIC @ TOPIC_WORD
]
LABELS = np.array(["x", "y"])[DOC_TOPIC.argmax(axis=1) % 2]


@dataclass
class FakeCorpus:
    tokens: np.ndarray
    offsets: np.ndarray
    counts: sparse.csr_matrix
    vocabulary: Vocabulary
    labels: np.ndarray | None = None


class Model:
    topic_word_ = TOPIC_WORD
    vocabulary_ = Vocabulary(TERMS)

    def transform(self, counts: object) -> np.ndarray:
        matrix = getattr(counts, "counts", counts)
        scores = np.asarray(matrix @ TOPIC_WORD.T, dtype=np.float64) + 0.1  # type: ignore[operator]
        return scores / scores.sum(axis=1, keepdims=True)


def corpus(labels: np.ndarray | None = LABELS) -> FakeCorpus:
    ids = [[TERMS.index(word) for word in text] for text in TEXTS]
    counts = sparse.csr_matrix(np.array([np.bincount(row, minlength=40) for row in ids]))
    tokens = np.concatenate(ids).astype(np.int32)
    return FakeCorpus(tokens, 30 * np.arange(51), counts, Vocabulary(TERMS), labels)


def result(labels: np.ndarray | None = LABELS) -> TopicResult:
    return TopicResult(
        topic_word=TOPIC_WORD,
        doc_topic=DOC_TOPIC,
        vocabulary=Vocabulary(TERMS),
        counts=corpus().counts,
        labels=labels,
    )


def test_figures_of_a_result_are_those_of_the_functions() -> None:
    found = evaluate(result())
    counts = corpus().counts
    assert found["npmi"] == metrics.npmi(TOPIC_WORD, counts)
    assert found["umass"] == metrics.umass(TOPIC_WORD, counts)
    assert found["diversity"] == metrics.diversity(TOPIC_WORD)
    assert found["diversity_once"] == metrics.diversity_once(TOPIC_WORD)
    assert found["inverted_rbo"] == metrics.inverted_rbo(TOPIC_WORD)
    assert found["purity"] == metrics.purity(DOC_TOPIC, LABELS)
    assert found["nmi"] == metrics.nmi(DOC_TOPIC, LABELS)
    assert found["collapse_ok"] == metrics.collapse(result()).ok
    unknown = ("c_v", "uci", "npmi_held_out", "npmi_reference", "perplexity", "purity_held_out")
    assert all(found[name] is None for name in unknown)


def test_figures_of_a_model_with_held_out_documents_and_a_reference() -> None:
    model, held_out = Model(), corpus()
    reference = (text for text in TEXTS[:20])
    found = evaluate(model, corpus(), held_out=held_out, reference=reference)
    assert found["c_v"] == metrics.c_v(TOPIC_WORD, corpus())
    assert found["uci"] == metrics.uci(TOPIC_WORD, corpus())
    assert found["npmi_held_out"] == metrics.npmi(TOPIC_WORD, held_out)
    assert found["perplexity"] == metrics.perplexity(model, held_out.counts)
    assert found["purity_held_out"] == metrics.purity(model.transform(held_out), LABELS)
    listed = metrics.npmi(TOPIC_WORD, TEXTS[:20], vocabulary=TERMS)
    assert found["npmi_reference"] == listed
    assert found["c_v_reference"] is not None
    assert found["unseen_terms_reference"] == 0


def test_unseen_terms_are_counted() -> None:
    top = metrics.inputs.top_columns(TOPIC_WORD, 10, TERMS)
    first = TERMS[top[0][0]]
    reference = [[word for word in text if word != first] for text in TEXTS]
    assert evaluate(result(), reference=reference)["unseen_terms_reference"] == 1


def test_the_record_is_json_and_has_the_same_names_always() -> None:
    little, much = evaluate(result(labels=None)), evaluate(Model(), corpus(), held_out=corpus())
    assert list(little) == list(much)
    assert json.loads(json.dumps(much, allow_nan=False)) == much


def test_documents_without_a_label_are_left_out() -> None:
    labels = LABELS.astype(object)
    labels[:10] = None
    found = evaluate(result(labels))
    assert found["purity"] == metrics.purity(DOC_TOPIC[10:], LABELS[10:])
    assert evaluate(result(np.full(50, None)))["nmi"] is None


def test_bad_input() -> None:
    with pytest.raises(InputError, match="labels: there are 3 for 50 documents"):
        evaluate(result(), labels=["x", "y", "x"])
    with pytest.raises(InputError, match="fitted: has no topic_word"):
        evaluate("model")
    with pytest.raises(InputError, match="holds none of the topics' words"):
        evaluate(result(), reference=[["other"]])
    with pytest.raises(InputError, match="^held_out: holds none of the topics' words"):
        evaluate(result(), held_out=np.zeros((3, 40)))
