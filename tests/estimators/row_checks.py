"""Checks that hold for every plain autoencoder: plain functions, yielded one after another."""

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


def yield_checks() -> Iterator[Check]:
    """Every function of this module that is named ``check_...``."""
    yield from (f for name, f in globals().items() if name.startswith("check_"))


def suited(model: Any, counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """The planted counts as the model's likelihood reads them."""
    if model.likelihood == "categorical":
        return counts
    if model.likelihood == "bernoulli":
        return (counts > 0).astype(float)
    weights = counts.astype(float)
    return sparse.csr_matrix(weights.multiply(1.0 / np.maximum(weights.sum(axis=1), 1)))


def weights(model: Any) -> dict[str, Any]:
    return {name: value.numpy().copy() for name, value in model.module_.state_dict().items()}


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    return all(np.array_equal(value, second[name]) for name, value in first.items())


def check_fitted_attributes(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    assert model.fit(rows) is model
    codes = model.transform(rows)
    assert codes.shape == (rows.shape[0], model.dim)
    assert codes.dtype == np.float32
    assert np.isfinite(codes).all()
    assert model.n_features_in_ == rows.shape[1]
    assert len(model.history_) == model.epochs
    assert len(model.get_feature_names_out()) == model.dim
    assert np.isfinite(model.score(rows))
    assert model.score(rows) == pytest.approx(model.score_samples(rows).mean())


def check_planted_groups_are_found(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    """A row's nearest code, by cosine, is of a row with the same main block of terms."""
    rows = suited(model, counts)
    codes = model.set_params(epochs=30).fit(rows).transform(rows)
    blocks = np.stack([counts[:, 8 * b : 8 * b + 8].sum(axis=1).A1 for b in range(4)], 1)
    clear = blocks.max(1) > 0.8 * blocks.sum(1)
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    main = blocks.argmax(1)
    assert (main[cosines.argmax(1)] == main)[clear].mean() > 0.8


def check_restored_rows(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    model.fit(rows)
    codes = model.transform(rows)
    restored = model.inverse_transform(codes)
    assert restored.shape == rows.shape
    assert np.isfinite(restored).all()
    if model.likelihood == "categorical":
        simplex.check_distribution(restored, tolerance=1e-5)
    parts = list(model.inverse_batches(codes, 64))
    assert [len(part) for part in parts[:-1]] == [64] * (len(parts) - 1)
    np.testing.assert_allclose(np.concatenate(parts), restored, rtol=1e-4, atol=1e-6)


def check_transform_changes_nothing(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    model.fit(rows)
    before = {n: pickle.dumps(v) for n, v in vars(model).items() if n != "module_"}
    state, given = weights(model), rows.copy()
    first, second = model.transform(rows), model.transform(rows)
    model.score(rows)
    assert np.array_equal(first, second)
    assert {n: pickle.dumps(v) for n, v in vars(model).items() if n != "module_"} == before
    assert same(state, weights(model))
    assert (given != rows).nnz == 0


def check_answer_does_not_depend_on_company(
    model: Any, counts: sparse.csr_matrix, folder: Path
) -> None:
    rows = suited(model, counts)
    model.fit(rows)
    for answer in (model.transform, model.score_samples):
        together = answer(rows[:40])
        assert np.array_equal(together, np.concatenate([answer(rows[n]) for n in range(40)]))
        assert np.array_equal(together, answer(rows[:40][::-1])[::-1])


def check_sparse_equals_dense(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    twin = clone(model)
    model.fit(rows)
    twin.fit(rows.toarray())
    assert same(weights(model), weights(twin))
    assert np.array_equal(model.transform(rows), model.transform(rows.toarray()))
    assert np.array_equal(model.transform(rows), model.transform(rows.tocsc()))


def check_same_seed_same_bits(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    first = weights(model.fit(rows))
    assert same(first, weights(clone(model).fit(rows)))
    assert same(first, weights(model.fit(rows)))
    assert not same(first, weights(clone(model).set_params(random_state=1).fit(rows)))


def check_save_and_load_are_equal(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    with pytest.raises(NotFittedModelError, match="not fitted yet"):
        model.save(folder / "early")
    model.fit(rows)
    loaded = pt.load(model.save(folder / "model"))
    assert type(loaded) is type(model)
    assert loaded.get_params() == model.get_params()
    assert loaded.history_ == model.history_
    codes = model.transform(rows)
    assert np.array_equal(loaded.transform(rows), codes)
    assert np.array_equal(loaded.inverse_transform(codes), model.inverse_transform(codes))
    assert np.array_equal(loaded.score_samples(rows), model.score_samples(rows))
    assert not any(file.suffix in (".pkl", ".pt") for file in (folder / "model").iterdir())


def check_a_corpus_is_matched_by_term(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    if model.likelihood != "categorical":
        with pytest.raises(InputError):
            model.fit(pt.Corpus.from_counts(counts, [f"t{n}" for n in range(counts.shape[1])]))
        return
    terms = [f"t{n}" for n in range(counts.shape[1])]
    model.fit(counts, terms=terms)
    order = np.random.default_rng(0).permutation(len(terms))
    shuffled = pt.Corpus.from_counts(counts[:, order], [terms[n] for n in order])
    assert np.array_equal(model.transform(shuffled), model.transform(counts))
    extra = sparse.hstack([counts, np.ones((counts.shape[0], 1))], format="csr").astype(int)
    with pytest.warns(UnseenTermsWarning, match=r"1 of its 33 terms \(200 tokens\)"):
        codes = model.transform(pt.Corpus.from_counts(extra, [*terms, "new"]))
    assert np.array_equal(codes, model.transform(counts))


def check_constructor_does_no_work(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    odd = type(model)(dim="many", random_state=object())
    assert odd.dim == "many"
    with pytest.raises(InputError, match="dim: 'many' cannot be used by"):
        odd.fit(counts)
    with pytest.raises(TypeError):
        type(model)(50)


def check_bad_parameters_are_named(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    bad = {
        "dim": (0, -3, 2.5, True, None),
        "likelihood": ("poisson", None),
        "hidden": (-1, 2.5, "wide", [8, -8]),
        "decoder_hidden": (-1, None),
        "epochs": (0, 1.5),
        "batch_size": (0, 1, "many"),
        "learning_rate": (0.0, -1, float("nan"), float("inf")),
        "noise": ("salt", None),
        "noise_level": (-0.1, float("nan"), 1.0),
        "variance": (0, -1.0),
        "beta": (-1.0,),
        "gradient": ("implicit",),
        "dropout": (1.0, -0.1),
        "held_out": (0.9,),
        "n_threads": (0,),
        "random_state": (-1, "x"),
        "verbose": ("yes",),
    }
    bad = {name: values for name, values in bad.items() if name in model.get_params()}
    for name, values in bad.items():
        for value in values:
            with pytest.raises(InputError, match=f"^{name}: .*It must be") as caught:
                clone(model).set_params(**{name: value}).fit(suited(model, counts))
            assert "\n" not in str(caught.value)


def check_bad_input_is_named(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = suited(model, counts)
    dense = rows.toarray()
    holes = dense.astype(float)
    holes[3, 5] = np.nan
    cases: list[tuple[Any, str]] = [
        (dense[:1], "only one row"),
        (dense[:, :2], "3 dimensions for 2 columns"),
        (holes, "NaN"),
        (dense[0], "Reshape your data"),
        (["some text", "more"], "Corpus.from_texts"),
        (dense[:0], "0 sample"),
        (dense + 1j, "Complex data"),
    ]
    kinds = {
        "categorical": [
            (dense * 0, "every row is empty"),
            (dense - 5, "Negative values"),
            (dense / 7, 'likelihood="gaussian"'),
        ],
        "gaussian": [(counts, 'likelihood="categorical"')],
        "bernoulli": [(dense * 3, 'outside .*likelihood="categorical"'), (-dense, "outside")],
    }
    for values, message in [*cases, *kinds[model.likelihood]]:
        with pytest.raises(InputError, match=message) as caught:
            clone(model).fit(values)
        assert "\n" not in str(caught.value)
    model.fit(rows)
    with pytest.raises(InputError, match=r"X has 3 features, but .* is expecting 32"):
        model.transform(dense[:, :3])
    with pytest.raises(InputError, match=r"vectors of shape \(2, 2\), expected \(rows, 3\)"):
        model.inverse_transform(np.zeros((2, 2)))
    with pytest.raises(InputError, match="NaN"):
        model.inverse_transform(np.full((2, 3), np.nan))
    with pytest.raises(InputError, match=r"vectors of shape \(0, 3\)"):
        model.inverse_transform(np.zeros((0, 3)))
    with pytest.raises(InputError, match="size: 0 rows"):
        next(model.inverse_batches(np.zeros((2, 3)), 0))
    with pytest.raises(InputError, match="terms: 2 names for 32 columns"):
        clone(model).fit(rows, terms=["a", "b"])


def check_empty_rows_have_finite_codes(model: Any, counts: sparse.csr_matrix, folder: Path) -> None:
    rows = sparse.vstack([suited(model, counts), sparse.csr_matrix((3, 32))], format="csr")
    model.fit(rows)
    codes = model.transform(rows)
    assert np.isfinite(codes).all()
    assert np.array_equal(codes[-1], codes[-2])
    assert np.isfinite(model.score_samples(rows)).all()
