"""Checks that hold for every topic model: plain functions, yielded one after another."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

import polytopic as pt
from polytopic import simplex
from polytopic.errors import InputError, NotFittedModelError, UnseenTermsWarning

Check = Callable[[Any, sparse.csr_matrix, Path], None]

NEURAL = {
    "check_given_vectors_survive_saving",
    "check_bad_vectors_are_named",
    "check_a_random_start_gives_distributions_too",
}
"""Checks of models that are autoencoders only."""


def yield_checks(*, neural: bool) -> Iterator[Check]:
    """Every function of this module that is named ``check_...`` and fits the kind of model."""
    for name, function in globals().items():
        if name.startswith("check_") and (neural or name not in NEURAL):
            yield function


def vectors_name(model: Any) -> str:
    """What the model calls the vectors it begins from."""
    return "vectors" if "vectors" in model.get_params() else "start"


def passes(model: Any, n: int) -> Any:
    """The model with ``n`` passes over the documents."""
    return model.set_params(**{"epochs" if "epochs" in model.get_params() else "iterations": n})


def check_fitted_attributes(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    fitted = model.fit(counts)
    assert fitted is model
    assert model.topic_word_.shape == (model.n_topics, counts.shape[1])
    assert model.topic_word_.dtype == np.float32
    assert model.n_features_in_ == counts.shape[1]
    assert len(model.history_) >= 1
    assert len(model.get_feature_names_out()) == model.n_topics


def check_distributions_lie_on_the_simplex(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    model.fit(counts)
    n_terms = counts.shape[1]
    odd = np.vstack([np.zeros(n_terms), np.eye(n_terms)[0], np.full(n_terms, 9000)])
    for loaded in (model, pt.load(model.save(folder / "model"))):
        simplex.check_distribution(loaded.topic_word_, tolerance=1e-5)
        simplex.check_distribution(loaded.transform(counts), tolerance=1e-5)
        simplex.check_distribution(loaded.transform(odd), tolerance=1e-5)


def check_one_epoch_is_enough_for_distributions(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    passes(model, 1).fit(counts)
    simplex.check_distribution(model.topic_word_)
    simplex.check_distribution(model.transform(counts))


def check_a_random_start_gives_distributions_too(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    passes(model, 1).set_params(**{vectors_name(model): "random"}).fit(counts)
    simplex.check_distribution(model.topic_word_)
    simplex.check_distribution(model.transform(counts))


def check_planted_topics_are_found(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    """Each topic's first words come from one planted block of eight terms."""
    passes(model, 30).fit(counts)
    blocks = [{int(word) // 8 for word in words} for words in model.top_words(5)]
    assert all(len(block) == 1 for block in blocks)
    assert len(set.union(*blocks)) == model.n_topics


def check_transform_changes_nothing(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    model.fit(counts)
    before = {n: pickle.dumps(v) for n, v in vars(model).items() if n != "module_"}
    state = {n: v.copy() for n, v in model._state().items()}
    given = counts.copy()
    first, second = model.transform(counts), model.transform(counts)
    assert np.array_equal(first, second)
    assert {n: pickle.dumps(v) for n, v in vars(model).items() if n != "module_"} == before
    assert all(np.array_equal(v, state[n]) for n, v in model._state().items())
    assert (given != counts).nnz == 0


def check_answer_does_not_depend_on_company(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    model.fit(counts)
    together = model.transform(counts[:40])
    alone = np.vstack([model.transform(counts[row]) for row in range(40)])
    shuffled = model.transform(counts[:40][::-1])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, shuffled)


def check_sparse_equals_dense(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    twin = clone(model)
    model.fit(counts)
    twin.fit(counts.toarray())
    assert np.array_equal(model.topic_word_, twin.topic_word_)
    assert np.array_equal(model.transform(counts), model.transform(counts.toarray()))
    assert np.array_equal(model.transform(counts), model.transform(counts.tocsc()))


def check_same_seed_same_bits(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    twin = clone(model).fit(counts)
    assert np.array_equal(model.fit(counts).topic_word_, twin.topic_word_)
    other = clone(model).set_params(random_state=1).fit(counts)
    assert not np.array_equal(model.topic_word_, other.topic_word_)


def check_fitting_again_starts_afresh(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    first = model.fit(counts).topic_word_.copy()
    model.fit(counts[:, ::-1])
    assert np.array_equal(model.fit(counts).topic_word_, first)


def check_save_and_load_are_equal(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    terms = [f"term {n}" for n in range(counts.shape[1])]
    model.fit(counts, terms=terms)
    loaded = pt.load(model.save(folder / "model"))
    assert type(loaded) is type(model)
    assert loaded.get_params() == model.get_params()
    assert loaded.top_words() == model.top_words()
    assert loaded.history_ == model.history_
    assert np.array_equal(loaded.topic_word_, model.topic_word_)
    theta = model.transform(counts)
    assert np.array_equal(loaded.transform(counts), theta)
    assert np.array_equal(loaded.log_likelihood(counts, theta), model.log_likelihood(counts, theta))
    assert loaded.diagnose().to_dict() == model.diagnose().to_dict()
    assert not any(file.suffix in (".pkl", ".pt") for file in (folder / "model").iterdir())


def check_given_vectors_survive_saving(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(counts.shape[1], 5)).astype(np.float32)
    model.set_params(**{vectors_name(model): vectors}).fit(counts)
    loaded = pt.load(model.save(folder / "model"))
    assert np.array_equal(getattr(loaded, vectors_name(model)), vectors)
    assert np.array_equal(loaded.transform(counts), model.transform(counts))


def check_log_likelihood_is_that_of_the_decoder(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    """A document's likelihood is additive in its counts, and of a proper distribution."""
    model.fit(counts)
    theta = model.transform(counts[:1])
    each = np.repeat(theta, counts.shape[1], axis=0)
    per_term = model.log_likelihood(sparse.identity(counts.shape[1], format="csr"), each)
    assert np.exp(per_term).sum() == pytest.approx(1.0, abs=1e-4)
    document = counts[:1].toarray()[0]
    assert model.log_likelihood(counts[:1], theta)[0] == pytest.approx(
        document @ per_term, rel=1e-4
    )


def check_corpus_with_other_vocabulary_is_matched_by_term(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    terms = [f"t{n}" for n in range(counts.shape[1])]
    model.fit(counts, terms=terms)
    order = np.random.default_rng(0).permutation(len(terms))
    shuffled = pt.Corpus.from_counts(counts[:, order], [terms[n] for n in order])
    assert np.array_equal(model.transform(shuffled), model.transform(counts))
    extra = sparse.hstack([counts, np.ones((counts.shape[0], 1))], format="csr").astype(int)
    with pytest.warns(UnseenTermsWarning, match=r"1 of its 33 terms \(200 tokens\)"):
        theta = model.transform(pt.Corpus.from_counts(extra, [*terms, "new"]))
    assert np.array_equal(theta, model.transform(counts))


def check_result_is_whole(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    at_once = model.fit_result(counts)
    result = model.result(counts, npmi=0.5)
    assert np.array_equal(result.doc_topic, model.transform(counts))
    assert np.array_equal(at_once.doc_topic, result.doc_topic)
    assert at_once.diagnosis == result.diagnosis == model.diagnose()
    assert at_once.parameters == result.parameters
    assert result.top_words(3) == model.top_words(3)
    assert result.metrics == {"npmi": 0.5}
    assert result.model == type(model).__name__
    assert result.topic_sizes.sum() == pytest.approx(1.0)
    with pytest.raises(AttributeError):
        result.topic_word = None


def check_unfitted_models_say_so(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    for call in (lambda: model.transform(counts), model.top_words, model.diagnose):
        with pytest.raises(NotFittedModelError, match="not fitted yet"):
            call()
    with pytest.raises(NotFittedModelError):
        model.save(folder / "model")


def check_constructor_does_no_work(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    kind = type(model)
    odd = kind(n_topics="many", random_state=object())
    assert odd.n_topics == "many"
    with pytest.raises(InputError, match="n_topics: 'many' cannot be used by"):
        odd.fit(counts)
    with pytest.raises(TypeError):
        kind(50)


def check_bad_parameters_are_named(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    bad = {
        "n_topics": (0, -3, 2.5, True, None),
        "alpha": (0.0, -1, float("nan"), "flat"),
        "eta": (0, float("inf"), "asymmetric"),
        "method": ("vb",),
        "iterations": (0, 1.5),
        "samples": (0,),
        "seed_words": (["ball"],),
        "seed_strength": (0, -1.0),
        "learning_decay": (0.5, 1.1),
        "epochs": (0,),
        "batch_size": (0, "many"),
        "learning_rate": (0.0, -1, float("nan"), float("inf")),
        "dropout": (1.0, -0.1),
        "prior_concentration": (0, -1.0),
        "held_out": (0.9,),
        "start": ("vector", 3),
        "n_threads": (0,),
        "random_state": (-1, "x"),
        "verbose": ("yes",),
    }
    bad = {name: values for name, values in bad.items() if name in model.get_params()}
    for name, values in bad.items():
        for value in values:
            with pytest.raises(InputError, match=f"^{name}: .*It must be") as caught:
                clone(model).set_params(**{name: value}).fit(counts)
            assert "\n" not in str(caught.value)


def check_bad_counts_are_named(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    dense = counts.toarray()
    cases: list[tuple[Any, str]] = [
        (dense * 0, "every document is empty"),
        (dense[:1], "only one document"),
        (dense[:, :2], "4 topics for 2 terms"),
        (dense - 5, "Negative values"),
        (dense + 0.5, "whole counts"),
        (np.where(dense == 1, np.nan, dense), "NaN"),
        (dense[0], "Reshape your data"),
        (["some text", "more"], "Corpus.from_texts"),
    ]
    if model._topics_needed() < model.n_topics:  # a bound, which few terms only lower
        del cases[2]
    for values, message in cases:
        with pytest.raises(InputError, match=message) as caught:
            clone(model).fit(values)
        assert "\n" not in str(caught.value)
    model.fit(counts)
    with pytest.raises(InputError, match=r"X has 3 features, but .* is expecting 32"):
        model.transform(dense[:, :3])
    with pytest.raises(InputError, match="doc_topic: shape"):
        model.log_likelihood(counts, model.transform(counts)[:3])
    with pytest.raises(InputError, match="terms: 2 names for 32 columns"):
        clone(model).fit(counts, terms=["a", "b"])


def check_bad_vectors_are_named(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    name = vectors_name(model)
    with pytest.raises(InputError, match=rf"{name}: vectors of shape \(3, 5\) for 32 terms"):
        clone(model).set_params(**{name: np.ones((3, 5))}).fit(counts)
    vectors = np.ones((32, 5))
    vectors[7, 2] = np.nan
    with pytest.raises(InputError, match=f"{name}: row 7 holds NaN"):
        clone(model).set_params(**{name: vectors}).fit(counts)
