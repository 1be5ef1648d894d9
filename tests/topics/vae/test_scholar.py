"""Scholar: planted effects of covariates, labels foretold, what cannot be used refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

pytest.importorskip("torch", reason="the neural extra is not installed")
import torch

import polytopic as pt
from polytopic import simplex
from polytopic.errors import CheckpointError, InputError
from polytopic.nets import LabelHead, MetadataProduct, SparseCounts
from polytopic.topics.vae.scholar_metadata import Columns, read_labels

from planting import planted

SIZES: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "batch_size": 50, "epochs": 2, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip


def trained(
    counts: Any, y: Any = None, *, beside: dict[str, Any] | None = None, **choices: Any
) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pt.Scholar(**SIZES | choices).fit(counts, y, **beside or {})


def shifted(
    covariates: np.ndarray, effects: np.ndarray, seed: int = 0
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Documents of one of four topics each, whose terms' log odds covariates shift."""
    rng = np.random.default_rng(seed)
    topics = np.kron(np.eye(4), np.ones((1, 8))) + 0.03
    labels = rng.integers(4, size=len(covariates))
    odds = topics[labels] * np.exp(covariates @ effects)
    rows = [rng.multinomial(40, row / row.sum()) for row in odds]
    return sparse.csr_matrix(np.stack(rows)), labels


def centred(effects: np.ndarray) -> np.ndarray:
    return effects - effects.mean(axis=1, keepdims=True)


# ---- what it finds -----------------------------------------------------------------------------


def test_planted_effects_of_categories_and_labels_are_found() -> None:
    """Entries within .2 of the planted log odds, of which the largest differ by .5 and more."""
    places = np.random.default_rng(1).choice(["north", "south", "west"], size=1500)
    effects = np.zeros((3, 32))
    effects[[0, 1, 2], 0::4], effects[0, 1::4], effects[1, 2::4] = 0.5, 1.0, -1.0
    indicators = (places[:, None] == np.array(["north", "south", "west"])).astype(float)
    counts, labels = shifted(indicators, effects)
    names = np.array(["sun", "rain", "snow", "fog"])[labels]
    model = trained(counts, names, beside={"covariates": places}, epochs=12, dim=16)
    truth = centred(effects - indicators.mean(0) @ effects)
    assert model.covariate_names_ == ["north", "south", "west"]
    assert np.abs(model.covariate_word_ - truth).max() < 0.2
    assert np.corrcoef(model.covariate_word_.ravel(), truth.ravel())[0, 1] > 0.98
    assert model.classes_.tolist() == ["fog", "rain", "snow", "sun"]
    assert (model.predict(counts, covariates=places) == names).mean() > 0.98
    blocks = [{int(word) // 8 for word in words} for words in model.top_words(5)]
    assert sorted(map(tuple, blocks)) == [(0,), (1,), (2,), (3,)]


def test_planted_effects_of_quantities_are_told_a_unit() -> None:
    years = np.random.default_rng(2).normal(2000, 5, size=1500)
    effects = np.zeros((1, 32))
    effects[0, 0::4], effects[0, 1::4] = 0.1, -0.1
    counts, _ = shifted(years[:, None] - 2000, effects)
    model = trained(counts, beside={"covariates": years.reshape(-1, 1)}, epochs=15, dim=16)
    slope = float(np.vdot(model.covariate_word_, effects) / np.vdot(effects, effects))
    assert slope == pytest.approx(1.0, abs=0.2)
    assert np.corrcoef(model.covariate_word_[0], effects[0])[0, 1] > 0.98


def test_a_label_that_only_the_covariate_tells() -> None:
    counts, _ = planted()
    side = np.random.default_rng(0).choice(["left", "right"], size=counts.shape[0])
    model = trained(counts, side, beside={"covariates": side}, epochs=30)
    assert (model.predict(counts, covariates=side) == side).all()


def test_without_metadata_it_is_prodlda() -> None:
    counts, _ = planted()
    model, other = trained(counts), pt.ProdLDA(**SIZES).fit(counts)
    assert np.array_equal(model.topic_word_, other.topic_word_)
    assert np.array_equal(model.transform(counts), other.transform(counts))
    assert not hasattr(model, "covariate_word_")
    assert not hasattr(model, "classes_")


def test_labels_that_are_missing_are_learned_around() -> None:
    counts, labels = planted()
    some: list[Any] = [f"class {label}" for label in labels]
    for row in range(0, 200, 2):
        some[row] = None
    model = trained(counts, some, epochs=30)
    assert model.classes_.tolist() == [f"class {n}" for n in range(4)]
    hidden = np.arange(0, 200, 2)
    foretold = model.predict(counts)[hidden]
    assert np.mean(foretold == np.array([f"class {labels[row]}" for row in hidden])) > 0.95


@pytest.mark.parametrize("choice", [{"label_dropout": 0.0}, {"label_dropout": 1.0},
                                    {"label_weight": 0.0}, {"interactions": True},
                                    {"gradient": "score"}, {"held_out": 0.2, "patience": 1}],
                         ids=str)  # fmt: skip
def test_choices_train(choice: dict[str, Any]) -> None:
    counts, labels = planted()
    given = sparse.random(200, 3, 0.5, format="csr", random_state=0)
    model = trained(counts, labels, beside={"covariates": given}, **choice)
    assert all(np.isfinite(record["loss"]) for record in model.history_)
    simplex.check_distribution(model.transform(counts, covariates=given), tolerance=1e-5)
    foretold = model.predict_proba(counts, covariates=given)
    assert foretold.shape == (200, 4)
    simplex.check_distribution(foretold, tolerance=1e-5)


def test_sparse_and_dense_covariates_are_the_same() -> None:
    counts, _ = planted()
    given = sparse.random(200, 3, 0.5, format="csr", random_state=0)
    model = trained(counts, beside={"covariates": given})
    twin = trained(counts, beside={"covariates": given.toarray()})
    assert np.allclose(model.covariate_word_, twin.covariate_word_, atol=1e-6)
    theta = model.transform(counts, covariates=given)
    assert np.allclose(theta, model.transform(counts, covariates=given.toarray()), atol=1e-6)


def test_answers_do_not_depend_on_company_nor_on_labels_given_in_training() -> None:
    counts, labels = planted()
    names = np.where(labels % 2, "odd", "even")
    model = trained(counts, labels, beside={"covariates": names})
    whole = model.predict_proba(counts, covariates=names)
    alone = [model.predict_proba(counts[n], covariates=names[n : n + 1])[0] for n in range(9)]
    assert np.array_equal(whole[:9], alone)
    before = model.transform(counts, covariates=names)
    assert np.array_equal(before, model.transform(counts, covariates=names))


# ---- the likelihood ----------------------------------------------------------------------------


@pytest.mark.parametrize("interactions", [False, True])
def test_the_likelihood_is_the_formula(interactions: bool) -> None:
    """Against the formula written out over all terms, in float64."""
    rng = np.random.default_rng(0)
    counts, given = rng.poisson(1.0, (5, 7)), rng.normal(size=(5, 2))
    labels = np.array([0, 2, -1, 1, 0])
    start = [torch.from_numpy(a) for a in (rng.normal(size=(3, 7)), rng.normal(size=7), np.ones(7))]
    moments = {"mean": torch.tensor([0.3, -0.1]), "spread": torch.tensor([2.0, 1.0])}
    decoder = MetadataProduct(
        *start, **moments, interactions=interactions, n_classes=3, hidden=4, label_weight=2.0
    )
    decoder = decoder.double().eval()
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=parameter.shape)))
    whole = SparseCounts(
        sparse.csr_matrix(counts), torch.device("cpu"), covariates=given, labels=labels
    )
    batch = whole.batch(np.arange(5))
    fields = {n: v for n, v in vars(batch).items() if n != "documents"}
    batch = type(batch)(**fields | {n: fields[n].double() for n in ("values", "totals")})
    theta = torch.softmax(torch.from_numpy(rng.normal(size=(5, 3))), 1)
    c = (torch.from_numpy(given.astype(np.float32)).double() - moments["mean"]) / moments["spread"]
    logits = (theta - decoder.running_mean) @ decoder._scaled(decoder.running_covariance)
    logits = logits + c @ decoder.deviations + decoder.background
    if interactions:
        apart = torch.einsum("bc,bk->bck", c, theta - decoder.running_mean).reshape(5, -1)
        logits = logits + apart @ decoder.interactions
    words = (torch.from_numpy(counts) * torch.log_softmax(logits, 1)).sum(1)
    assert isinstance(decoder.head, LabelHead)
    chances = torch.log_softmax(decoder.head(theta, c), 1).detach()
    known = torch.tensor([chances[n, y] if y >= 0 else 0.0 for n, y in enumerate(labels)])
    found = decoder.log_likelihood(theta, batch)
    assert torch.allclose(found, words + 2.0 * known, atol=1e-5)


def test_a_document_s_likelihood_reads_its_covariates() -> None:
    counts, labels = planted()
    names = np.where(labels < 2, "a", "b")
    model = trained(counts, beside={"covariates": names}, epochs=10)
    theta = model.transform(counts[:1], covariates=names[:1])
    each = np.repeat(theta, counts.shape[1], axis=0)
    for name in ("a", "b"):
        per_term = model.log_likelihood(
            sparse.identity(counts.shape[1], format="csr"), each, covariates=[name] * 32
        )
        assert np.exp(per_term).sum() == pytest.approx(1.0, abs=1e-4)
    assert model.result(counts, covariates=names).doc_topic.shape == (200, 4)


# ---- saving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [["x", "y"], [3, 7], [0.0, 1.0], [False, True]], ids=str)
@pytest.mark.parametrize("kind", ["names", "numbers", None])
def test_saved_and_read(kind: str | None, labels: list[Any], tmp_path: Path) -> None:
    counts, found = planted()
    y = np.array(labels)[found % 2]
    given = {"names": np.where(found < 2, "u", "v"), "numbers": np.c_[found, found > 1], None: None}
    beside = {"covariates": given[kind]}
    model = trained(counts, y, beside=beside)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert np.array_equal(loaded.predict(counts, **beside), model.predict(counts, **beside))
    assert np.array_equal(loaded.transform(counts, **beside), model.transform(counts, **beside))
    if kind is not None:
        assert loaded.covariate_names_ == model.covariate_names_
        assert np.array_equal(loaded.covariate_word_, model.covariate_word_)


def test_a_checkpoint_of_other_labels_or_covariates_is_refused(tmp_path: Path) -> None:
    counts, labels = planted()
    names = np.where(labels < 2, "u", "v")
    folder = {"checkpoint": str(tmp_path / "run")}
    first = trained(counts, labels, beside={"covariates": names}, **folder)
    again = trained(counts, labels, beside={"covariates": names}, **folder)
    assert np.array_equal(first.topic_word_, again.topic_word_)
    for y, other in ((labels[::-1], names), (labels, names[::-1]), (labels, np.eye(4)[labels])):
        with pytest.raises(CheckpointError):
            trained(counts, y, beside={"covariates": other}, **folder)


def test_fitting_again_forgets_what_was_beside() -> None:
    counts, labels = planted()
    model = trained(counts, labels, beside={"covariates": np.eye(4)[labels]})
    model.fit(counts)
    for name in ("classes_", "covariate_names_", "covariate_word_"):
        assert not hasattr(model, name)


# ---- what cannot be used -----------------------------------------------------------------------

BAD_COVARIATES: dict[str, Callable[[], Any]] = {
    r"shape \(199, 2\) beside 200 documents": lambda: np.ones((199, 2)),
    r"shape \(199,\) beside 200 documents": lambda: ["a"] * 199,
    "row 7 holds NaN": lambda: np.where(np.arange(400).reshape(200, 2) == 15, np.nan, 1.0),
    "row 3 holds NaN": lambda: sparse.csr_matrix(
        (np.array([1.0, np.inf]), ([1, 3], [0, 1])), shape=(200, 2)
    ),
    "holds what is no number": lambda: np.full((200, 2), "a"),
    "numbers may be quantities or categories": lambda: np.arange(200.0),
    "every document is 'a'": lambda: ["a"] * 200,
    "row 5 holds no name": lambda: ["a"] * 5 + [None] + ["b"] * 194,
}


@pytest.mark.parametrize("message", BAD_COVARIATES)
def test_covariates_that_cannot_be_used(message: str) -> None:
    with pytest.raises(InputError, match=f"^covariates: .*{message}") as caught:
        trained(planted()[0], beside={"covariates": BAD_COVARIATES[message]()})
    assert "\n" not in str(caught.value)


BAD_LABELS: dict[str, Callable[[], Any]] = {
    r"shape \(199,\) beside 200 documents": lambda: ["a"] * 199,
    r"shape \(200, 2\) beside": lambda: np.ones((200, 2)),
    r"only one class \('a'\)": lambda: ["a"] * 200,
    "none is known": lambda: [None] * 200,
    "0.5 is a quantity": lambda: np.arange(200) / 2,
    "neither name nor number": lambda: [("a",)] * 199 + [{}],
}


@pytest.mark.parametrize("message", BAD_LABELS)
def test_labels_that_cannot_be_used(message: str) -> None:
    with pytest.raises(InputError, match=f"^labels: .*{message}") as caught:
        trained(planted()[0], BAD_LABELS[message]())
    assert "\n" not in str(caught.value)


def test_what_must_be_there_and_what_must_not() -> None:
    counts, labels = planted()
    names = np.where(labels < 2, "u", "v")
    plain, full = trained(counts), trained(counts, labels, beside={"covariates": names})
    with pytest.raises(InputError, match="labels: given twice"):
        trained(counts, labels, beside={"labels": labels})
    with pytest.raises(InputError, match="labels: this model was fitted without"):
        plain.predict(counts)
    with pytest.raises(InputError, match="covariates: this model was fitted without"):
        plain.transform(counts, covariates=names)
    for call in (full.transform, full.predict, full.result):
        with pytest.raises(InputError, match="covariates: this model was fitted with some"):
            call(counts)
    with pytest.raises(InputError, match="row 1 is 'w', which no document .* are: u, v"):
        full.transform(counts[:2], covariates=["u", "w"])
    with pytest.raises(InputError, match="fitted with a 1-d array of category names"):
        full.transform(counts, covariates=np.eye(2)[labels // 2])
    numbers = trained(counts, beside={"covariates": np.eye(4)[labels]})
    with pytest.raises(InputError, match="2 columns, the model was fitted with 4"):
        numbers.transform(counts, covariates=np.eye(2)[labels // 2])
    with pytest.raises(InputError, match="decoder: 'mixture' has no place for covariates"):
        trained(counts, decoder="mixture")


# ---- reading -----------------------------------------------------------------------------------


def test_missing_labels_are_none_and_nan_alone() -> None:
    classes, codes = read_labels(["b", None, "a", float("nan")], 4)
    assert (classes.tolist(), codes.tolist()) == (["a", "b"], [1, -1, 0, -1])
    classes, codes = read_labels(np.array([-1.0, np.nan, 1.0]), 3)
    assert (classes.tolist(), codes.tolist()) == ([-1.0, 1.0], [0, -1, 1])
    classes, codes = read_labels([-1, 1, -1], 3)
    assert (classes.tolist(), codes.tolist()) == ([-1, 1], [0, 1, 0])


def test_columns_are_centred_and_only_quantities_scaled() -> None:
    given = np.array([[0.0, 10.0, 5.0], [1.0, 20.0, 5.0], [1.0, 60.0, 5.0]])
    for rows in (given, sparse.csr_matrix(given)):
        columns = Columns.learn(rows, 3)
        assert columns.names == ["0", "1", "2"]
        assert np.allclose(columns.mean, given.mean(0))
        assert np.allclose(columns.scale, [1.0, given[:, 1].std(), 1.0])
    named = Columns.learn(np.array(["b", "a", "b"]), 3)
    assert named.names == ["a", "b"]
    assert named.rows(["a", "b", "b"], 3).toarray().tolist() == [[1, 0], [0, 1], [0, 1]]
