from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from scipy.optimize import approx_fprime

from polytopic import Corpus, Vocabulary, WordVectors, simplex
from polytopic.errors import InputError, InputTypeError
from polytopic.topics.from_vectors.clustering import spherical_k_means, unit_rows
from polytopic.topics.from_vectors.information import information, most_informative

METHODS = ("cluster", "projection")


def planted(n_topics: int = 4, words: int = 30, dim: int = 8, noise: float = 0.2) -> Any:
    """Vectors around orthogonal centres, an offset they all share, and the centre of each."""
    rng = np.random.default_rng(0)
    centers = np.eye(dim)[:n_topics]
    topic = np.repeat(np.arange(n_topics), words)
    return centers[topic] + noise * rng.normal(size=(len(topic), dim)) + 5.0, topic


@pytest.mark.parametrize("method", METHODS)
def test_planted_groups_become_topics(method: str) -> None:
    vectors, topic = planted()
    topics = simplex.from_vectors(vectors, 4, method)  # type: ignore[arg-type]
    assert simplex.is_distribution(topics, tolerance=1e-12)
    shares = np.array([[row[topic == t].sum() for t in range(4)] for row in topics])
    assert sorted(shares.argmax(axis=1)) == [0, 1, 2, 3]
    assert shares.max(axis=1).min() > 0.8


@pytest.mark.parametrize("method", METHODS)
def test_topics_mix_back_to_the_word_frequencies(method: str) -> None:
    """p(w) = sum_k p(k) p(w | k) for some weights p(k): what Bayes' rule keeps."""
    vectors, _ = planted()
    counts = np.random.default_rng(1).integers(1, 50, len(vectors))
    topics = simplex.from_vectors(vectors, 4, method, counts=counts)  # type: ignore[arg-type]
    p = counts / counts.sum()
    sizes, *_ = np.linalg.lstsq(topics.T, p, rcond=None)
    assert topics.T @ sizes == pytest.approx(p, abs=1e-12)
    assert sizes.sum() == pytest.approx(1.0)
    assert (sizes > 0).all()
    p_topic = topics * sizes[:, None] / p  # p(k | w), on the simplex for each word
    assert simplex.is_distribution(p_topic.T, tolerance=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(3, 8), st.integers(1, 4)), elements=st.floats(-9, 9)
    ),
    st.sampled_from(METHODS),
    st.floats(1e-3, 1e3),
)
def test_any_vectors_land_on_the_simplex(vectors: Any, method: Any, temperature: float) -> None:
    try:
        topics = simplex.from_vectors(vectors, 2, method, temperature=temperature)
    except InputError as error:
        assert "direction" in str(error) or "same vector" in str(error)
        return
    assert topics.shape == (2, len(vectors))
    assert simplex.is_distribution(topics, tolerance=1e-9)


def test_the_default_temperature_leaves_a_quarter_of_the_entropy() -> None:
    vectors, _ = planted(noise=0.5)
    counts = np.random.default_rng(1).integers(1, 50, len(vectors))
    topics = simplex.from_vectors(vectors, 4, counts=counts)
    p = counts / counts.sum()
    sizes, *_ = np.linalg.lstsq(topics.T, p, rcond=None)
    given_word = topics * sizes[:, None] / p
    entropy = -(p * given_word * np.log(given_word)).sum()
    assert entropy == pytest.approx(0.25 * np.log(4), rel=1e-3)


def test_temperature_runs_from_one_topic_a_word_to_all() -> None:
    vectors, topic = planted()
    cold = simplex.from_vectors(vectors, 4, temperature=1e-3)
    assert ((cold > 1e-9).sum(axis=0) == 1).all()
    hot = simplex.from_vectors(vectors, 4, temperature=1e6)
    assert hot == pytest.approx(np.full_like(hot, 1 / len(topic)), rel=1e-4)


def test_one_topic_is_the_word_frequencies() -> None:
    counts = [1, 2, 3, 4]
    topics = simplex.from_vectors(np.ones((4, 2)), 1, counts=counts)
    assert topics.tolist() == [[0.1, 0.2, 0.3, 0.4]]


def test_the_same_seed_gives_the_same_bits() -> None:
    vectors, _ = planted(noise=1.0)
    runs = [simplex.from_vectors(vectors, 6, random_state=s) for s in (3, 3, 4)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


# ---- learning ------------------------------------------------------------------------------


def test_the_gradient_of_the_information_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    unit = unit_rows(rng.normal(size=(15, 3)))
    weight = rng.dirichlet(np.ones(15))

    def value(parameters: np.ndarray) -> float:
        table = parameters.reshape(4, 4)
        return information(table[:, :3], table[:, 3], unit, weight, 0.5)[0]

    parameters = rng.normal(size=16)
    table = parameters.reshape(4, 4)
    _, directions, bias = information(table[:, :3], table[:, 3], unit, weight, 0.5)
    expected = approx_fprime(parameters, value, 1e-7).reshape(4, 4)
    assert np.hstack([directions, bias[:, None]]) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_information_is_that_of_the_joint_distribution() -> None:
    rng = np.random.default_rng(1)
    unit, axes = unit_rows(rng.normal(size=(6, 2))), unit_rows(rng.normal(size=(3, 2)))
    weight, bias = rng.dirichlet(np.ones(6)), rng.normal(size=3)
    joint = weight[:, None] * simplex.softmax(unit @ axes.T / 0.3 + bias)
    independent = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    expected = (joint * np.log(joint / independent)).sum()
    assert information(7 * axes, bias, unit, weight, 0.3)[0] == pytest.approx(expected)


def test_learning_raises_the_information() -> None:
    rng = np.random.default_rng(2)
    unit = unit_rows(rng.normal(size=(300, 5)))
    weight = rng.dirichlet(np.full(300, 0.3))
    start = spherical_k_means(unit, weight, 6, np.random.default_rng(0), n_runs=1)
    before = information(start, np.zeros(6), unit, weight, 0.2)[0]
    directions, bias = most_informative(unit, weight, start, 0.2)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(np.ones(6))
    assert information(directions, bias, unit, weight, 0.2)[0] > before + 0.02


def test_k_means_finds_the_best_partition_of_a_small_set() -> None:
    rng = np.random.default_rng(3)
    points = unit_rows(rng.normal(size=(9, 2)))
    weight = rng.uniform(0.2, 3.0, 9)
    centers = spherical_k_means(points, weight, 2, np.random.default_rng(0), n_runs=10)
    found = float(weight @ (points @ centers.T).max(axis=1))
    sides = (np.arange(1, 2**8)[:, None] >> np.arange(9)) % 2 == 1
    weighted = points * weight[:, None]
    best = max(
        np.linalg.norm(weighted[side].sum(0)) + np.linalg.norm(weighted[~side].sum(0))
        for side in sides
    )
    assert found == pytest.approx(best)


def test_no_centre_stays_without_words() -> None:
    points = unit_rows(np.random.default_rng(4).normal(size=(12, 3)))
    centers = spherical_k_means(points, np.ones(12), 12, np.random.default_rng(0))
    assert (points @ centers.T).max(axis=1) == pytest.approx(np.ones(12))


# ---- words and their counts ------------------------------------------------------------------


def vectors_of(words: list[str], counts: Any = None) -> WordVectors:
    rng = np.random.default_rng(0)
    return WordVectors(Vocabulary(words, counts), rng.normal(size=(len(words), 3)))


def test_words_are_matched_by_name() -> None:
    vectors = vectors_of(list("abcdef"))
    straight = simplex.from_vectors(vectors, 2)
    turned = simplex.from_vectors(vectors, 2, vocabulary=list("fedcba"))
    assert {tuple(r.round(6)) for r in straight} == {tuple(r[::-1].round(6)) for r in turned}
    assert simplex.from_vectors(vectors, 2, vocabulary=list("abc")).shape == (2, 3)


def test_frequencies_come_from_counts_then_vocabulary_then_vectors() -> None:
    vectors = vectors_of(list("abcd"), [1, 1, 1, 1])
    corpus = Corpus.from_texts(
        ["ant ant bee cow dog", "ant bee dog", "ant"], min_df=1, max_df=1.0, stop_words=None
    )
    assert corpus.vocabulary.terms == ["ant", "bee", "dog", "cow"]
    by_corpus = simplex.from_vectors(vectors_of(corpus.vocabulary.terms), 1, vocabulary=corpus)
    expected = corpus.vocabulary.counts / corpus.vocabulary.counts.sum()
    assert by_corpus[0] == pytest.approx(expected)
    assert simplex.from_vectors(vectors, 1)[0].tolist() == [0.25] * 4
    table = sparse.csr_matrix([[4, 0, 0, 0], [2, 1, 1, 0]])
    for counts in (table, table.toarray(), [6, 1, 1, 0]):
        assert simplex.from_vectors(vectors, 1, counts=counts)[0].tolist() == [
            0.75,
            0.125,
            0.125,
            0,
        ]


def test_missing_words_are_counted_or_shared_evenly() -> None:
    vectors = vectors_of(list("abcd"))
    vocabulary = Vocabulary(["a", "x", "b", "c", "d", "y"], [5, 10, 5, 5, 5, 2])
    with pytest.raises(InputError, match=r'2 of the 6 terms .* no vector \("x", "y"\).*uniform'):
        simplex.from_vectors(vectors, 2, vocabulary=vocabulary)
    topics = simplex.from_vectors(vectors, 2, vocabulary=vocabulary, missing="uniform")
    assert simplex.is_distribution(topics, tolerance=1e-12)
    sizes, *_ = np.linalg.lstsq(topics.T, vocabulary.counts / 32, rcond=None)
    assert topics[:, 1] * sizes == pytest.approx(np.full(2, 10 / 32 / 2))
    with pytest.raises(InputError, match="none of the 2 terms"):
        simplex.from_vectors(vectors, 2, vocabulary=["q", "r"], missing="uniform")


@pytest.mark.parametrize(
    ("vectors", "options", "message"),
    [
        (np.eye(3), {"n_topics": 4}, "4 topics from the vectors of 3 words"),
        (np.eye(3), {"n_topics": 0}, "n_topics: 0"),
        (np.eye(3), {"n_topics": 2.0}, "n_topics: 2.0"),
        (np.eye(3), {"method": "softmax"}, "method: 'softmax' is unknown"),
        (np.eye(3), {"missing": "drop"}, "missing: 'drop' is unknown"),
        (np.eye(3), {"temperature": 0}, "temperature: 0"),
        (np.eye(3), {"temperature": float("nan")}, "temperature: nan"),
        (np.eye(3), {"counts": [1, 2]}, r"counts: shape \(2,\) for 3 terms"),
        (np.eye(3), {"counts": [0, 0, 0]}, "counts: must be"),
        (np.eye(3), {"counts": [1, -1, 1]}, "counts: must be"),
        (np.eye(3), {"vocabulary": ["a", "b"]}, "3 rows for 2 terms"),
        (np.eye(3), {"vocabulary": "abc"}, "vocabulary: of type str"),
        ([[1.0, 2.0], [float("nan"), 1.0]], {}, "vectors: row 1 holds NaN"),
        ([[1.0, 2.0], [float("inf"), 1.0]], {}, "vectors: row 1 holds NaN or infinite"),
        (np.ones((5, 2)), {}, "all words have the same vector"),
        ([[1.0], [2.0], [-1.0]], {"n_topics": 3}, "2 directions only"),
        ([[1.0], [2.0, 3.0]], {}, "rows of equal length"),
        ([["a"]], {}, "real numbers"),
        (np.ones(3), {}, r"shape \(3,\)"),
    ],
)
def test_unusable_input_is_refused(vectors: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simplex.from_vectors(vectors, **{"n_topics": 2, **options})


# ---- priors ----------------------------------------------------------------------------------


def test_a_prior_has_the_weight_and_the_mean_it_is_asked_for() -> None:
    means = simplex.normalize(np.random.default_rng(0).uniform(size=(3, 7)))
    eta = simplex.prior(means, 50, floor=1e-9)
    assert eta.sum(axis=1) == pytest.approx([50] * 3)
    assert eta / eta.sum(axis=1, keepdims=True) == pytest.approx(means)
    assert simplex.prior(means, 50) - simplex.prior(means, 20) == pytest.approx(30 * means)
    each = simplex.prior(means, [1.0, 2.0, 3.0], floor=0.5)
    assert each.sum(axis=1) == pytest.approx([4.5, 5.5, 6.5])
    assert simplex.prior([[1.0, 0.0]], 3)[0] == pytest.approx([3.01, 0.01])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5, 0.5]], 0), "strength: is 0"),
        (([[0.5, 0.5]], -1.0), "strength: is -1"),
        (([[0.5, 0.5]], float("inf")), "strength: is inf"),
        (([[0.5, 0.5]], [1.0, 2.0]), r"strength: shape \(2,\) for 1 topics"),
        (([[0.5, 0.5]], "strong"), "strength: 'strong' is no number"),
        (([0.5, 0.5], 1.0), r"means: shape \(2,\)"),
        (([[1.5, -0.5]], 1.0), r"means: row 0 holds negative values .*simplex.from_vectors"),
        (([[0.5, 0.5]], 1.0, 0.0), "floor: is 0"),
    ],
)
def test_what_makes_no_prior_is_refused(arguments: Any, message: str) -> None:
    means, strength, *rest = arguments
    with pytest.raises(InputError, match=message):
        simplex.prior(means, strength, **({"floor": rest[0]} if rest else {}))


def test_priors_come_back_in_their_shape() -> None:
    assert simplex.check_prior(0.5, 2, 3).shape == ()
    assert simplex.check_prior([1, 2, 3], 2, 3).tolist() == [1.0, 2.0, 3.0]
    assert simplex.check_prior(np.ones((2, 3), np.float32), 2, 3).dtype == np.float64
    assert simplex.check_prior([1.0, 2.0], None, 2, "alpha").shape == (2,)
    assert simplex.check_prior([[1.0, 0.0], [0.0, 1.0]], 2, 2, allow_zero=True)[0, 1] == 0


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (0.0, {}, "eta: is 0. It must be positive"),
        (-0.1, {}, "eta: is -0.1"),
        (float("nan"), {}, "eta: is nan"),
        ([[1.0, 1.0, 1.0], [1.0, -0.41, 1.0]], {}, r"eta: row 1 .*\(lowest -0\.41\).*word vectors"),
        (np.full((3, 5), -1.0), {}, r"simplex\.from_vectors.*ETM\(vectors.*LDA\(eta="),
        (np.ones((3, 5)), {}, "the shape of word vectors"),
        (np.ones((3, 2)), {}, r"pass eta\.T"),
        (np.ones((4, 3)), {}, r"\(3,\) or \(2, 3\)"),
        ([1.0, 2.0], {}, r"shape \(2,\)"),
        ([[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], {}, "row 0 holds zero in column 1"),
        ([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], {"allow_zero": True}, "row 0 is all zero"),
        ([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]], {"allow_zero": True}, "column 1 is zero in every row"),
        ([[1.0, float("inf"), 1.0]] * 2, {}, "row 0 holds NaN or infinite"),
        ("small", {}, "no number"),
        ([["a"]], {}, "real numbers"),
        ([[1.0], [1.0, 2.0]], {}, "rows of equal length"),
    ],
)
def test_unusable_pseudo_counts_are_refused(values: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        simplex.check_prior(values, 2, 3, **options)


def test_word_vectors_are_refused_where_a_distribution_belongs() -> None:
    vectors = vectors_of(["a", "b"])
    for check in (simplex.check_distribution, simplex.normalize):
        with pytest.raises(InputTypeError, match=r"is a WordVectors.*simplex\.from_vectors"):
            check(vectors, "eta")
    with pytest.raises(InputTypeError, match=r"eta: is a WordVectors"):
        simplex.check_prior(vectors, 2, 2)
    with pytest.raises(InputError, match=r"topic_word: row 0.*ETM\(vectors=.*simplex\.prior"):
        simplex.check_distribution(-np.eye(2), "topic_word")
