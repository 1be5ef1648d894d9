"""Every sensible pair of choices of an autoencoder topic model trains; the others are refused."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

pytest.importorskip("torch", reason="the neural extra is not installed")

import torch

import polytopic as pt
from polytopic import registry, simplex
from polytopic.errors import InputError
from polytopic.latent import GRADIENTS, DirichletPrior
from polytopic.nets import DECODERS
from polytopic.topics.vae.model import VAETopicModel

from planting import planted

SIZES: dict[str, Any] = {
    "n_topics": 4, "dim": 8, "hidden": 8, "batch_size": 50, "epochs": 1, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip
VARIATIONAL = [
    kind
    for entry in registry.MODELS
    if entry.family == "topics" and issubclass(kind := registry.load_class(entry), VAETopicModel)
]
FAMILIES = tuple({kind.posterior: kind for kind in reversed(VARIATIONAL)}.values())
"""One model for each posterior family: the first of the registry."""

OWN = tuple(kind for kind in VARIATIONAL if kind not in FAMILIES)
"""Models of the same families with parts of their own."""

GRADIENTS_OF = {
    kind: sorted(name for family, name in GRADIENTS if family is kind.posterior)
    for kind in FAMILIES
}
ALL_GRADIENTS = {name for _, name in GRADIENTS}
SHARES = ("mixture", "embedding")
"""Decoders that need theta to be shares of topics."""


def axes() -> Iterator[tuple[type[VAETopicModel], str, str, bool]]:
    for kind in FAMILIES:
        for choice in itertools.product(GRADIENTS_OF[kind], DECODERS, (False, True)):
            if kind is not pt.NVDM or choice[1] not in SHARES:
                yield kind, *choice


OBJECTIVES: tuple[dict[str, Any], ...] = (
    {"beta": 0.0},
    {"beta": 3.0},
    {"kl_warm_up": 0.5},
    {"kl_warm_up": 0.5, "kl_cycles": 2},
    {"free_bits": 0.2},
    {"beta": 2.0, "free_bits": 0.5, "kl_warm_up": 1.0},
    {"diversity": 0.0},
    {"diversity": 5.0},
    {"usage_floor": 0.0},
    {"dropout": 0.0, "held_out": 0.2, "patience": 1},
    {"decoder": "embedding", "clustering": 5.0},
    {"decoder": "distance", "clustering": 5.0, "diversity": 1.0},
    {"decoder": "distance", "clustering": 0.0},
)


@pytest.fixture
def counts(corpus_counts: sparse.csr_matrix) -> sparse.csr_matrix:
    return corpus_counts


def trained(kind: type[Any], counts: Any, **choices: Any) -> Any:
    fitted: dict[str, Any] = {n: choices.pop(n) for n in ("embeddings",) if n in choices}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**SIZES | choices).fit(counts, **fitted)


def assert_sound(model: Any, counts: Any) -> None:
    assert all(np.isfinite(r["loss"]) and np.isfinite(r["bound"]) for r in model.history_)
    simplex.check_distribution(model.topic_word_, tolerance=1e-5)
    simplex.check_distribution(model.transform(counts), tolerance=1e-5)


def last_kl(model: Any) -> float:
    return float(model.history_[-1]["kl"])


# ---- what goes together ------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "gradient", "decoder", "background"), list(axes()))
def test_family_gradient_decoder_background(
    kind: type[Any], gradient: str, decoder: str, background: bool, counts: sparse.csr_matrix
) -> None:
    model = trained(kind, counts, gradient=gradient, decoder=decoder, background=background)
    assert_sound(model, counts)


@pytest.mark.parametrize("choice", OBJECTIVES, ids=str)
@pytest.mark.parametrize("kind", FAMILIES)
def test_objectives(kind: type[Any], choice: dict[str, Any], counts: sparse.csr_matrix) -> None:
    if kind is pt.NVDM and choice.get("decoder") in SHARES:
        choice = choice | {"decoder": "distance"}
    assert_sound(trained(kind, counts, epochs=2, **choice), counts)


@pytest.mark.parametrize("gradient", ["pathwise", "score"])
@pytest.mark.parametrize("kind", OWN)
def test_models_with_parts_of_their_own(
    kind: type[Any], gradient: str, counts: sparse.csr_matrix
) -> None:
    assert_sound(trained(kind, counts, gradient=gradient, beta=0.5, kl_warm_up=0.5), counts)


@pytest.mark.parametrize("kind", [k for k in (*FAMILIES, *OWN) if k not in (pt.NVDM, pt.GSM)])
def test_concentrations_of_the_prior(kind: type[Any], counts: sparse.csr_matrix) -> None:
    for given in (0.05, 2, [0.1, 0.2, 0.4, 0.8], np.array([0.1, 0.2, 0.4, 0.8])):
        assert_sound(trained(kind, counts, prior_concentration=given), counts)


# ---- what does not -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "gradient"),
    [(k, g) for k in FAMILIES for g in sorted(ALL_GRADIENTS - set(GRADIENTS_OF[k]))],
)
def test_gradients_of_another_family_are_refused(
    kind: type[Any], gradient: str, counts: sparse.csr_matrix
) -> None:
    own = "', '".join(GRADIENTS_OF[kind])
    with pytest.raises(InputError, match=f"gradient: '{gradient}' .* one of '{own}'"):
        trained(kind, counts, gradient=gradient)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("decoder", [None, "product", "mixture", "log-linear"])
def test_clustering_without_word_vectors_is_refused(
    kind: type[Any], decoder: str | None, counts: sparse.csr_matrix
) -> None:
    with pytest.raises(InputError, match="^(clustering: a decoder without word vectors|decoder: )"):
        trained(kind, counts, clustering=1.0, decoder=decoder)


@pytest.mark.parametrize("decoder", SHARES)
def test_a_mixture_of_what_are_no_shares_is_refused(
    decoder: str, counts: sparse.csr_matrix
) -> None:
    with pytest.raises(InputError, match=f"decoder: '{decoder}' mixes .* Use \"log-linear\""):
        trained(pt.NVDM, counts, decoder=decoder)


@pytest.mark.parametrize("kind", [pt.NVDM, pt.GSM])
@pytest.mark.parametrize("given", [0.5, [0.1] * 4, "learned"])
def test_concentrations_of_a_normal_prior_are_refused(
    kind: type[Any], given: Any, counts: sparse.csr_matrix
) -> None:
    with pytest.raises(InputError, match="prior_concentration: .* standard normal.* Leave it out"):
        trained(kind, counts, prior_concentration=given)


def dirichlet_prior(kind: type[Any]) -> bool:
    return kind.prior is DirichletPrior


@pytest.mark.parametrize("kind", [k for k in (*FAMILIES, *OWN) if not dirichlet_prior(k)])
def test_learned_needs_a_dirichlet_prior(kind: type[Any], counts: sparse.csr_matrix) -> None:
    with pytest.raises(InputError, match="prior_concentration: "):
        trained(kind, counts, prior_concentration="learned")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([0.1, 0.2], "2 values for 4 topics"),
        ([0.1, 0.2, 0.3, 0.0], "positive"),
        ([0.1, 0.2, np.nan, 0.1], "positive, finite"),
        (-1.0, "prior_concentration"),
        ("learnt", "prior_concentration"),
    ],
)
@pytest.mark.parametrize("kind", [pt.ProdLDA, pt.DirichletVAE, pt.WeibullVAE])
def test_concentrations_that_are_none(
    kind: type[Any], given: Any, message: str, counts: sparse.csr_matrix
) -> None:
    with pytest.raises(InputError, match=message):
        trained(kind, counts, prior_concentration=given)


# ---- what the choices do -----------------------------------------------------------------------


def test_a_learned_prior_moves_and_is_saved(counts: sparse.csr_matrix, tmp_path: Path) -> None:
    """Each planted document has one topic: the concentrations fall."""
    model = trained(
        pt.DirichletVAE, counts, prior_concentration="learned", epochs=20, learning_rate=0.05
    )
    (concentration,) = model.module_.prior.concentration.detach().numpy()
    assert (concentration > 0).all()
    assert (concentration < 0.8 * pt.DirichletVAE._concentration).all()
    assert len(set(concentration.tolist())) == 4
    loaded = pt.load(model.save(tmp_path / "model"))
    assert np.array_equal(loaded.module_.prior.concentration.detach()[0], concentration)
    assert loaded.get_params()["prior_concentration"] == "learned"
    assert np.array_equal(loaded.transform(counts), model.transform(counts))


def test_a_fixed_prior_stays(counts: sparse.csr_matrix) -> None:
    given = [0.1, 0.2, 0.4, 0.8]
    model = trained(pt.DirichletVAE, counts, prior_concentration=given, epochs=5)
    assert model.module_.prior.concentration.tolist() == [pytest.approx(given)]
    assert not model.module_.prior.concentration.requires_grad


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_heavier_kl_is_a_smaller_one(kind: type[Any], counts: sparse.csr_matrix) -> None:
    free, bound, heavy = (last_kl(trained(kind, counts, beta=b, epochs=10)) for b in (0, 1, 5))
    assert free > bound > heavy >= 0


@pytest.mark.parametrize("kind", FAMILIES)
def test_free_bits_keep_the_kl_from_falling(kind: type[Any], counts: sparse.csr_matrix) -> None:
    plain, floored = (
        last_kl(trained(kind, counts, beta=20.0, free_bits=bits, epochs=10)) for bits in (0.0, 2.0)
    )
    assert floored > plain


def test_the_history_shows_the_cycles(counts: sparse.csr_matrix) -> None:
    def weights(**choice: Any) -> list[float]:
        return [r["kl_weight"] for r in trained(pt.ProdLDA, counts, epochs=8, **choice).history_]

    assert weights(kl_warm_up=0.5, kl_cycles=2) == [0, 0.5, 1, 1, 0, 0.5, 1, 1]
    assert weights(kl_warm_up=0.5) == [0, 0.25, 0.5, 0.75, 1, 1, 1, 1]
    assert weights() == [1] * 8


def test_diversity_makes_topics_point_apart(counts: sparse.csr_matrix) -> None:
    def overlap(diversity: float) -> float:
        start = "random"
        model = trained(pt.ProdLDA, counts, diversity=diversity, start=start, epochs=10)
        cosines = model.module_.decoder.similarity().detach().numpy()
        return float(np.clip(cosines[~np.eye(4, dtype=bool)], 0, None).sum())

    assert overlap(50.0) < overlap(0.0)


@pytest.mark.parametrize("kind", [pt.ETM, pt.ProdLDA])
def test_clustering_spreads_the_topics_vectors(kind: type[Any], counts: sparse.csr_matrix) -> None:
    from polytopic.nets import embedding_clustering

    def cost(weight: float) -> float:
        model = trained(kind, counts, decoder="embedding", clustering=weight, epochs=15)
        decoder = model.module_.decoder
        return float(embedding_clustering(decoder.topic_vectors, decoder.word_vectors).detach())

    assert cost(50.0) < cost(0.0)


@pytest.mark.parametrize(("background", "led"), [(True, False), (False, True)])
def test_a_background_keeps_stop_words_out(
    background: bool, led: bool, counts: sparse.csr_matrix
) -> None:
    """Three terms as frequent as all others together stand in every document alike."""
    stop = np.random.default_rng(0).poisson(10, size=(counts.shape[0], 3))
    both = sparse.csr_matrix(sparse.hstack([counts, sparse.csr_matrix(stop)]))
    model = trained(pt.NeuralLDA, sparse.csr_matrix(both), background=background, epochs=30)
    first = {int(t) for t in np.argsort(-model.topic_word_, axis=1)[:, :5].ravel()}
    assert bool(first & {counts.shape[1] + n for n in range(3)}) is led


@pytest.mark.parametrize("kind", (*FAMILIES, *OWN))
def test_a_topic_without_documents_is_lifted_until_it_has_some(
    kind: type[Any], counts: sparse.csr_matrix
) -> None:
    """One topic pushed down after the training: without a floor it stays there."""
    for floor, found in ((0.2, True), (0.0, False)):
        model = trained(kind, counts, usage_floor=floor, epochs=3)
        module = model.module_
        module.usage.lift[2] -= 20.0
        module.usage.rate = 1.0
        assert not (model.transform(counts).argmax(1) == 2).any()
        every = np.arange(counts.shape[0])
        module.settle(model._documents(counts, every, torch.device("cpu")))
        assert bool((model.transform(counts).argmax(1) == 2).any()) is found


# ---- document embeddings -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded() -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Counts, labels, and embeddings that tell the labels apart."""
    counts, labels = planted()
    noise = np.random.default_rng(0).standard_normal((len(labels), 6))
    return counts, labels, np.eye(4, 6)[labels] + 0.1 * noise + 3.0


SIDE = pytest.mark.parametrize("kind", [pt.CombinedTM, pt.ZeroShotTM])


@SIDE
@pytest.mark.parametrize("given", [True, False])
def test_with_and_without_embeddings_saved_and_read(
    kind: type[Any], given: bool, embedded: Any, tmp_path: Path
) -> None:
    counts, _, embeddings = embedded
    beside = {"embeddings": embeddings} if given else {}
    model = trained(kind, counts, **beside)
    theta = model.transform(counts, **beside)
    simplex.check_distribution(theta, tolerance=1e-5)
    loaded = pt.load(model.save(tmp_path / "model"))
    assert np.array_equal(loaded.transform(counts, **beside), theta)
    wrong = {} if given else {"embeddings": embeddings}
    for either in (model, loaded):
        with pytest.raises(InputError, match="embeddings: this model was fitted with"):
            either.transform(counts, **wrong)


@SIDE
@pytest.mark.parametrize("where", ["fit", "transform"])
def test_embeddings_that_cannot_be_used(kind: type[Any], where: str, embedded: Any) -> None:
    counts, _, embeddings = embedded
    hole, endless = embeddings.copy(), embeddings.copy()
    hole[7, 2], endless[9, 0] = np.nan, np.inf
    bad = {
        "shape \\(199, 6\\) beside 200 documents": embeddings[:-1],
        "shape \\(200,\\) beside 200": embeddings[:, 0],
        "row 7 holds NaN": hole,
        "row 9 holds NaN or infinity": endless,
    }
    model = trained(kind, counts, embeddings=embeddings)
    if where == "transform":
        bad["embeddings: have 5 numbers"] = embeddings[:, :5]
    for message, given in bad.items():
        with pytest.raises(InputError, match=message):
            if where == "fit":
                trained(kind, counts, embeddings=given)
            else:
                model.transform(counts, embeddings=given)


def test_zero_shot_needs_no_counts(embedded: Any) -> None:
    counts, labels, embeddings = embedded
    model = trained(pt.ZeroShotTM, counts, embeddings=embeddings, epochs=30)
    nothing = sparse.csr_matrix(counts.shape, dtype=counts.dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theta = model.transform(nothing, embeddings=embeddings)
    simplex.check_distribution(theta, tolerance=1e-5)
    assert np.array_equal(theta, model.transform(counts, embeddings=embeddings))
    assert pt.metrics.purity(theta, labels) > 0.95


# ---- odd documents -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", (*FAMILIES, *OWN))
def test_documents_of_one_word_and_of_ten_thousand(
    kind: type[Any], counts: sparse.csr_matrix
) -> None:
    n_terms = counts.shape[1]
    long = np.random.default_rng(0).multinomial(10_000, np.full(n_terms, 1 / n_terms), size=5)
    odd = sparse.csr_matrix(sparse.vstack([counts, sparse.csr_matrix(np.eye(n_terms, dtype=int)),
                                           sparse.csr_matrix(long)]))  # fmt: skip
    model = trained(kind, odd, epochs=3)
    assert_sound(model, odd)
    assert np.isfinite(model.log_likelihood(odd, model.transform(odd))).all()
