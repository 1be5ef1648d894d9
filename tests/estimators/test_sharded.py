"""Models learn the same from shards as from memory, and read no more of them than they must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import Example

import polytopic as pt
from polytopic import registry, scratch
from polytopic.mapped_counts import MappedCounts
from polytopic.text import Corpus, ShardedCorpus

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.errors.CollapseWarning")

THEMES = [
    words.split()
    for words in (
        "engine motor wheel brake fuel road driver gear clutch tyre seat garage",
        "cell gene protein tissue enzyme organ blood tumour nerve virus embryo lung",
        "bank loan market price stock bond trade profit budget tax wage fund",
    )
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Corpus, ShardedCorpus]:
    folder, rng = tmp_path_factory.mktemp("shards"), np.random.default_rng(0)
    lines = [
        {"body": " ".join(rng.choice(THEMES[row % 3], 12)), "kind": str(row % 3)}
        for row in range(90)
    ]
    file = folder / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    corpus = pt.read(file, text="body", label="kind")
    return corpus, pt.shard(file, folder / "s", documents=25, text="body", label="kind")


FITTED_ON_BOTH = [
    Example(entry) for entry in registry.MODELS
    if entry.family in ("topics", "autoencoders", "vectors", "documents")
]  # fmt: skip


@pytest.mark.parametrize("example", FITTED_ON_BOTH, ids=lambda example: example.entry.name)
@pytest.mark.filterwarnings("ignore")
def test_every_model_of_the_registry_learns_the_same(
    example: Example, both: tuple[Corpus, ShardedCorpus], tmp_path: Path
) -> None:
    """In memory and from shards, whose counts and tokens then lie in files that are let go of."""
    if example.entry.extra:
        pytest.importorskip(example.entry.extra)
    plain = example.make().fit(both[0])
    with scratch.bounded(tmp_path):
        sharded = example.make().fit(ShardedCorpus(both[1].path))
        if hasattr(plain, "transform"):
            assert np.array_equal(plain.transform(both[0]), sharded.transform(both[1]))
    for left, right in zip(example.state(plain), example.state(sharded), strict=True):
        assert np.array_equal(left, right)


MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "lda": ("LDA", {"iterations": 8, "n_threads": 2}),
    "lda, many topics": ("LDA", {"iterations": 4, "n_topics": 30}),
    "lda, seeds": ("LDA", {"iterations": 4, "seed_words": {"cars": ["engine"]}}),
    "lda, learned": ("LDA", {"iterations": 10, "alpha": "asymmetric", "eta": "symmetric"}),
    "lda, online": ("LDA", {"method": "online", "iterations": 3, "batch_size": 16}),
    "embedding lda": ("EmbeddingLDA", {"iterations": 4}),
    "ntm": ("NTM", {"epochs": 2}),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_learns_the_same(name: str, both: tuple[Corpus, ShardedCorpus]) -> None:
    corpus, sharded = both
    class_name, parameters = MODELS[name]
    made = [
        getattr(pt, class_name)(**{"n_topics": 3, "random_state": 0, **parameters}).fit(given)
        for given in both
    ]
    left, right = made
    assert np.array_equal(left.topic_word_, right.topic_word_)
    assert np.array_equal(left.transform(corpus), right.transform(sharded))
    assert left.diagnosis_ == right.diagnosis_
    assert left.vocabulary_.terms == right.vocabulary_.terms
    plain, other = left.result(corpus), right.result(sharded)
    assert (plain.counts != other.counts).nnz == 0
    assert np.array_equal(plain.labels, other.labels)  # type: ignore[arg-type]


def test_the_default_model_learns_the_same(both: tuple[Corpus, ShardedCorpus]) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    found = [pt.explore(given, n_topics=3, epochs=2, n_threads=1) for given in both]
    assert np.array_equal(found[0].topic_word, found[1].topic_word)
    assert found[0].metrics == found[1].metrics


AUTOENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "prodlda": ("ProdLDA", {}),
    "held out": ("ProdLDA", {"held_out": 0.2, "patience": 1}),
    "from noise": ("ProdLDA", {"start": "random"}),
    "seeds": ("ProdLDA", {"seed_words": {"cars": ["engine", "motor"]}}),
    "dirichlet": ("DirichletVAE", {}),
    "etm": ("ETM", {}),
    "scholar": ("Scholar", {}),
    "counts and their own vectors": ("CombinedTM", {}),
}


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_an_autoencoder_learns_the_same(name: str, both: tuple[Corpus, ShardedCorpus]) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    class_name, parameters = AUTOENCODERS[name]
    settings = {"n_topics": 3, "epochs": 2, "batch_size": 32, "random_state": 0, **parameters}
    left, right = (getattr(pt, class_name)(**settings).fit(given) for given in both)
    assert np.array_equal(left.topic_word_, right.topic_word_)
    for record in (*left.history_, *right.history_):
        record.pop("seconds")
    assert left.history_ == right.history_
    assert left.diagnosis_ == right.diagnosis_
    assert np.array_equal(left.transform(both[0]), right.transform(both[1]))


def test_scholar_finds_the_labels_of_a_batch(both: tuple[Corpus, ShardedCorpus]) -> None:
    """The rows beside the counts are those of the documents that a batch reads."""
    pytest.importorskip("torch", reason="the neural extra is not installed")
    numbers = np.arange(90, dtype=np.float32)[:, None] % 7
    made = [
        pt.Scholar(n_topics=3, epochs=2, batch_size=32, held_out=0.2, random_state=0).fit(
            given, covariates=numbers, labels=given.labels
        )
        for given in both
    ]
    assert np.array_equal(made[0].topic_word_, made[1].topic_word_)
    foretold = [m.predict_proba(c, covariates=numbers) for m, c in zip(made, both, strict=True)]
    assert np.array_equal(*foretold)


ASKED: dict[str, Any] = {
    "transform": lambda model, given, theta: model.transform(given),
    "log_likelihood": lambda model, given, theta: model.log_likelihood(given, theta),
    "learned_from": lambda model, given, theta: model.learned_from(given).topic_word_,
    "posterior_of": lambda model, given, theta: (
        np.stack(model.posterior_of(given, samples=4)) if hasattr(model, "posterior_of") else theta
    ),
}
FITTED = {
    "LDA": {"iterations": 3}, "online": {"method": "online", "iterations": 2}, "HDP": {},
    "EmbeddingLDA": {"iterations": 3}, "NMF": {}, "NTM": {"epochs": 2}, "ClusterTM": {},
    "ProdLDA": {"epochs": 1}, "Scholar": {"epochs": 1}, "CombinedTM": {"epochs": 1},
    "FASTopic": {"epochs": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", FITTED)
def test_a_fitted_model_answers_shards_a_part_at_a_time(
    name: str, both: tuple[Corpus, ShardedCorpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    class_ = getattr(pt, "LDA" if name == "online" else name)
    if hasattr(class_, "module_") or name == "FASTopic":
        pytest.importorskip("torch", reason="the neural extra is not installed")
    size = {} if name == "HDP" else {"n_topics": 3}
    model = class_(**size, random_state=0, **FITTED[name]).fit(both[0])
    theta = model.transform(both[0])
    for what, ask in ASKED.items():
        found = [ask(model, given, theta) for given in both]
        assert np.array_equal(*found), what

    def never(self: MappedCounts) -> None:
        raise AssertionError("all of it was asked for")

    monkeypatch.setattr(MappedCounts, "tocsr", never)
    assert np.array_equal(model.transform(both[1]), theta)
    model.log_likelihood(both[1], theta)


def test_an_autoencoder_never_takes_all_counts_to_learn(
    both: tuple[Corpus, ShardedCorpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the neural extra is not installed")
    from polytopic.nets.threads import INFERENCE_BATCH

    most: list[int] = []
    gather = MappedCounts.__getitem__

    def watched(self: MappedCounts, rows: Any) -> Any:
        found = gather(self, rows)
        most.append(found.shape[0])
        return found

    def never(self: MappedCounts) -> None:
        raise AssertionError("all of it was asked for")

    vectors = np.random.default_rng(0).normal(size=(len(both[1].vocabulary), 8))
    model = pt.ProdLDA(n_topics=3, epochs=2, batch_size=16, start=vectors, random_state=0)
    monkeypatch.setattr(MappedCounts, "tocsr", never)
    monkeypatch.setattr("polytopic.topics.vae.initial_values._SAMPLE", 20)
    monkeypatch.setattr("polytopic.topics.vae.elbo._SETTLED_ON", 20)
    monkeypatch.setattr("polytopic.mapped_counts._BLOCK", 20)
    monkeypatch.setattr(MappedCounts, "__getitem__", watched)
    model.fit(both[1])
    assert max(size for size in most if size != INFERENCE_BATCH) == 20


def test_word_vectors_read_the_tokens(both: tuple[Corpus, ShardedCorpus]) -> None:
    found = [pt.SkipGram(dim=8, epochs=1, n_threads=1, random_state=0).fit(c) for c in both]
    assert np.array_equal(found[0].vectors_.input, found[1].vectors_.input)


@pytest.mark.parametrize("method", ["online", "gibbs"])
def test_lda_goes_on_with_shards(
    method: str, both: tuple[Corpus, ShardedCorpus], tmp_path: Path
) -> None:
    """The digest of the counts in a checkpoint is one of the shards' own arrays."""
    settings: dict[str, Any] = {"n_topics": 3, "method": method, "iterations": 4, "random_state": 0}
    folder = tmp_path / "c"
    first = pt.LDA(**settings, checkpoint=folder).fit(both[1])
    again = pt.LDA(**settings, checkpoint=folder).fit(both[1])
    assert np.array_equal(first.topic_word_, again.topic_word_)
    assert first.history_ == again.history_, "seconds too: nothing was done again"


@pytest.mark.parametrize("method", ["online", "gibbs"])
def test_lda_never_takes_all_counts_to_learn(
    method: str, both: tuple[Corpus, ShardedCorpus], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = pt.LDA(n_topics=3, method=method, iterations=2, random_state=0)

    def never(self: MappedCounts) -> None:
        raise AssertionError("all of it was asked for")

    counts = both[1].counts
    model.vocabulary_ = both[1].vocabulary
    model.check_size(counts)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setattr(MappedCounts, "tocsr", never)
        model._fit_counts(counts)  # type: ignore[arg-type]
        quality = model._quality(counts)  # type: ignore[arg-type]
        assert quality.diagnosis.n_documents == 90
    assert quality.doc_topic.shape == (90, 3)
