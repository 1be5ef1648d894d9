"""LDA as a model: topics found, guided, given; both priors learned; streams; bad input."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln

import polytopic as pt
from polytopic import simplex
from polytopic.errors import EmptyDocumentsWarning, InputError, MethodMissingError
from polytopic.topics.lda.gibbs_run import Chain
from polytopic.topics.lda.seeded_topics import seeded_eta

from planting import planted

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

TERMS = [f"w{n}" for n in range(32)]


def model(**changes: Any) -> pt.LDA:
    settings: dict[str, Any] = {"n_topics": 4, "iterations": 40, "random_state": 0, "n_threads": 1}
    return pt.LDA(**settings | changes)


def simulated(
    alpha: NDArray[np.float64], phi: NDArray[np.float64], n_documents: int, length: int, seed: int
) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    theta = rng.dirichlet(alpha, n_documents)
    return sparse.csr_matrix(np.stack([rng.multinomial(length, row @ phi) for row in theta]))


@pytest.mark.parametrize("method", ["gibbs", "online"])
def test_documents_get_the_topic_they_were_made_of(method: str) -> None:
    counts, labels = planted()
    # Online variational Bayes falls into poor optima from noise; it begins from noisy truths.
    rows = simplex.normalize(np.kron(np.eye(4), np.ones(8)) + 0.5)
    start = rows if method == "online" else None
    theta = model(method=method, start=start, batch_size=50).fit(counts).transform(counts)
    table = np.zeros((4, 4))
    np.add.at(table, (labels, theta.argmax(axis=1)), 1)
    assert table.max(axis=1).sum() == len(labels)


def test_topics_are_those_the_corpus_was_drawn_from() -> None:
    """Rows of ``topic_word_`` come as near to the planted topics as their counts allow."""
    rng = np.random.default_rng(5)
    phi = rng.dirichlet(np.full(40, 0.1), 5)
    counts = simulated(np.full(5, 0.1), phi, 2000, 60, 1)
    found = model(n_topics=5, iterations=120, eta=0.1).fit(counts).topic_word_
    distance = 0.5 * np.abs(found[:, None] - phi[None]).sum(axis=2)
    best = min(
        max(distance[k, order[k]] for k in range(5)) for order in itertools.permutations(range(5))
    )
    assert best < 0.02


def test_any_number_of_threads_gives_the_same_bits() -> None:
    counts, _ = planted(600)
    fits = [model(n_threads=n, alpha="asymmetric", eta="symmetric").fit(counts) for n in (1, 2, 4)]
    for other in fits[1:]:
        assert np.array_equal(fits[0].topic_word_, other.topic_word_)
        assert np.array_equal(fits[0].alpha_, other.alpha_)
        assert fits[0].eta_ == other.eta_
        assert np.array_equal(fits[0].transform(counts), other.transform(counts))
        likelihoods = [[r["log_likelihood"] for r in fit.history_] for fit in (fits[0], other)]
        assert likelihoods[0] == likelihoods[1]
    streams = [model(method="online", n_threads=n, batch_size=70).fit(counts) for n in (1, 2, 4)]
    for other in streams[1:]:
        assert np.array_equal(streams[0].topic_word_, other.topic_word_)


def test_both_priors_are_learned() -> None:
    alpha = np.array([0.6, 0.2, 0.05])
    phi = np.random.default_rng(0).dirichlet(np.full(30, 0.3), 3)
    counts = simulated(alpha, phi, 3000, 80, 2)
    fit = model(n_topics=3, alpha="asymmetric", eta="symmetric", iterations=200).fit(counts)
    np.testing.assert_allclose(np.sort(fit.alpha_), np.sort(alpha), rtol=0.15)
    assert 0.2 < float(fit.eta_) < 0.45
    even = model(n_topics=3, alpha="symmetric", iterations=100).fit(counts)
    assert len(set(even.alpha_)) == 1
    assert 0.1 < even.alpha_[0] < 0.4


def test_topic_word_is_the_posterior_mean_given_its_counts() -> None:
    """With one topic nothing is left to chance: (n + eta) / (N + sum eta)."""
    counts, _ = planted()
    eta = np.linspace(0.1, 2.0, 32)
    fit = model(n_topics=1, eta=eta).fit(counts)
    totals = np.asarray(counts.sum(axis=0)).ravel() + eta
    np.testing.assert_allclose(fit.topic_word_[0], totals / totals.sum(), rtol=1e-5)
    assert np.array_equal(fit.transform(counts), np.ones((200, 1), np.float32))
    tokens = counts.sum()
    n = totals - eta
    joint = (
        gammaln(eta.sum()) - gammaln(eta.sum() + tokens) + (gammaln(n + eta) - gammaln(eta)).sum()
    )
    assert fit.history_[-1]["log_likelihood"] == pytest.approx(joint / tokens, rel=1e-6)


def test_a_word_may_be_excluded_from_a_topic() -> None:
    counts, _ = planted()
    eta = np.full((4, 32), 0.01)
    eta[1:, :8] = 0.0
    fit = model(eta=eta).fit(counts)
    assert (fit.topic_word_[1:, :8] == 0).all()
    assert fit.topic_word_[0, :8].sum() > 0.9
    eta[0, 3] = 0.0
    with pytest.raises(InputError, match="eta: column 3 is zero in every row"):
        model(eta=eta).fit(counts)


def test_seed_words_draw_their_topics() -> None:
    counts, _ = planted()
    seeds = {"third": ["w16", "w17"], "first": ["w0"]}
    fit = model(seed_words=seeds).fit(counts, terms=TERMS)
    assert fit.topic_names_ == ["third", "first", "", ""]
    tops = [{int(word[1:]) // 8 for word in words} for words in fit.top_words(8)]
    assert tops[:2] == [{2}, {0}]
    assert sorted(map(tuple, tops[2:])) == [(1,), (3,)]
    loaded_names = ["third", "first", "", ""]
    assert fit.topic_names_ == loaded_names


def test_exclusive_seeds_occur_in_their_topics_only(tmp_path: Any) -> None:
    counts, _ = planted()
    fit = model(seed_words={"third": ["w16"]}, seeds_exclusive=True).fit(counts, terms=TERMS)
    assert (fit.topic_word_[1:, 16] == 0).all()
    assert fit.topic_word_[0, 16] > 0.05
    loaded = pt.load(fit.save(tmp_path / "model"))
    assert loaded.topic_names_ == ["third", "", "", ""]
    assert loaded.seed_words == {"third": ["w16"]}


@pytest.mark.parametrize("exclusive", [False, True])
def test_seeds_weigh_by_their_counts(exclusive: bool) -> None:
    """Pseudo-counts of a seed: its own number, at least one, on top of eta; topic 0 is locked."""
    words = pt.text.Vocabulary(["a", "b", "c"], [40, 0, 7])
    rows = seeded_eta(
        [("letters", np.array([0, 1]))], 1, np.array(0.5), 3, words, strength=2.0,
        exclusive=exclusive,
    )  # fmt: skip
    other = 0.0 if exclusive else 0.5
    expected = [[other, other, 0.5], [80.5, 2.5, 0.5], [other, other, 0.5]]
    np.testing.assert_allclose(rows, expected)


@pytest.mark.parametrize(("iterations", "samples"), [(40, 1), (40, 7), (12, 10), (3, 10)])
def test_so_many_states_are_averaged_as_asked(
    monkeypatch: pytest.MonkeyPatch, iterations: int, samples: int
) -> None:
    """Of the passes after the start, as many as there are."""
    taken: list[Chain] = []
    plain = Chain._sample
    monkeypatch.setattr(Chain, "_sample", lambda self: (taken.append(self), plain(self)))
    model(iterations=iterations, samples=samples).fit(planted(n_documents=60)[0])
    proper = iterations - taken[-1].start_passes
    assert len(taken) == taken[-1].n_sampled == min(samples, proper)
    assert taken[-1].iteration == iterations  # the last state is one of them


def test_locked_topics_stay_and_free_ones_are_learned_beside_them() -> None:
    counts, labels = planted()
    rows = simplex.normalize(np.kron(np.eye(4)[:2], np.ones(8)) + 1e-3).astype(np.float32)
    fit = model(locked_topics=rows, seed_words={"fourth": ["w30"]}).fit(counts, terms=TERMS)
    np.testing.assert_allclose(fit.topic_word_[:2], rows, rtol=1e-6)
    assert fit.topic_names_ == ["", "", "fourth", ""]
    tops = [{int(word[1:]) // 8 for word in words} for words in fit.top_words(8)]
    assert tops == [{0}, {1}, {3}, {2}]
    theta = fit.transform(counts)
    assert (theta.argmax(axis=1)[labels == 1] == 1).all()


def test_a_start_decides_which_topic_is_which() -> None:
    counts, _ = planted()
    order = [2, 0, 3, 1]
    start = simplex.normalize(np.kron(np.eye(4)[order], np.ones(8)) + 0.1)
    fit = model(start=start).fit(counts)
    tops = [{int(word) // 8 for word in words} for words in fit.top_words(8)]
    assert tops == [{block} for block in order]


def exact_likelihood(document: NDArray[Any], phi: NDArray[Any], alpha: NDArray[Any]) -> float:
    words = np.repeat(np.arange(len(document)), document)
    total = 0.0
    for z in itertools.product(range(len(alpha)), repeat=len(words)):
        n = np.bincount(z, minlength=len(alpha))
        log_p = gammaln(alpha.sum()) - gammaln(alpha.sum() + len(words))
        log_p += (gammaln(n + alpha) - gammaln(alpha)).sum()
        total += np.exp(log_p) * np.prod(phi[list(z), words])
    return total


def test_perplexity_is_that_of_every_assignment_summed() -> None:
    counts, _ = planted()
    fit = model(n_topics=3, alpha=np.array([0.3, 0.5, 0.2])).fit(counts)
    few = np.zeros((2, 32), np.int64)
    few[0, [0, 1, 9]] = [2, 1, 2]
    few[1, [4, 20, 30]] = [1, 1, 2]
    phi = fit.topic_word_.astype(np.float64)
    exact = [exact_likelihood(document, phi, fit.alpha_) for document in few]
    expected = np.exp(-np.log(exact).sum() / few.sum())
    left = fit.perplexity(few, method="left-to-right", particles=4000)
    annealed = fit.perplexity(few, method="annealed", temperatures=200, chains=400)
    assert left == pytest.approx(expected, rel=0.02)
    assert annealed == pytest.approx(expected, rel=0.02)
    with pytest.raises(InputError, match='there is no "harmonic"'):
        fit.perplexity(few, method="harmonic")  # type: ignore[arg-type]


def test_completion_and_score_are_the_metric_s() -> None:
    counts, _ = planted()
    fit = model().fit(counts)
    assert fit.perplexity(counts) == pt.metrics.perplexity(fit, counts)
    assert fit.score(counts) == pytest.approx(-np.log(fit.perplexity(counts)))


def test_posterior_spread_falls_as_documents_grow() -> None:
    counts, _ = planted()
    fit = model(alpha=0.5).fit(counts)
    short, long = np.zeros((2, 32), np.int64)
    short[[0, 8]] = 1
    long[[0, 8]] = 500
    mean, deviation = fit.posterior(np.stack([short, long]), samples=400)
    simplex.check_distribution(mean)
    assert (deviation[0].max() > 5 * deviation[1].max()) and deviation[1].max() > 0
    again, _ = fit.posterior(np.stack([short, long]), samples=400)
    assert np.array_equal(mean, again)
    with pytest.raises(InputError, match="samples: 0"):
        fit.posterior(counts, samples=0)


def test_convergence_is_told() -> None:
    counts, _ = planted()
    assert model(iterations=5).fit(counts).convergence().state == "too short"
    settled = model(iterations=200).fit(counts).convergence()
    assert settled.settled, settled.sentence


# ---- streams ---------------------------------------------------------------------------------


def test_a_stream_in_pieces_is_a_pass_over_the_whole() -> None:
    counts, _ = planted()
    whole = model(method="online", batch_size=50)
    pieces = model(method="online", batch_size=50)
    whole.partial_fit(counts, n_documents=200)
    for first in range(0, 200, 100):
        pieces.partial_fit(counts[first : first + 100], n_documents=200)
    assert np.array_equal(whole.topic_word_, pieces.topic_word_)
    assert len(pieces.history_) == 2
    assert pieces.notes_["documents"] == 200


@pytest.mark.parametrize("changes", [{}, {"alpha": "asymmetric", "eta": "symmetric"}])
def test_a_saved_stream_goes_on_to_the_same_bits(changes: dict[str, Any], tmp_path: Any) -> None:
    counts, _ = planted()
    kept = model(method="online", batch_size=40, **changes).partial_fit(counts[:120])
    loaded = pt.load(kept.save(tmp_path / "stream"))
    np.testing.assert_array_equal(loaded.topic_word_, kept.topic_word_)
    kept.partial_fit(counts[120:])
    loaded.partial_fit(counts[120:])
    np.testing.assert_allclose(loaded.topic_word_, kept.topic_word_, rtol=1e-6)
    np.testing.assert_allclose(loaded.alpha_, kept.alpha_, rtol=1e-6)


def test_the_sampler_has_no_partial_fit() -> None:
    fit = model()
    assert not hasattr(fit, "partial_fit")
    with pytest.raises(MethodMissingError, match='partial_fit needs "online"'):
        fit.partial_fit(planted()[0])


# ---- bad input -------------------------------------------------------------------------------


def test_seed_words_that_cannot_be_used_are_named() -> None:
    counts, _ = planted()
    cases: list[tuple[dict[str, Any], str]] = [
        (
            {"sport": ["w1", "ball"], "art": ["paint"]},
            r"2 are not in the vocabulary: ball \(sport\)",
        ),
        ({str(n): [f"w{n}"] for n in range(5)}, "5 seeded topics and room for 4"),
        ({"empty": []}, '"empty" has no words'),
    ]
    for seeds, message in cases:
        with pytest.raises(InputError, match=message):
            model(seed_words=seeds).fit(counts, terms=TERMS)
    with pytest.raises(InputError, match='"symmetric" cannot hold seed words'):
        model(seed_words={"a": ["w1"]}, eta="symmetric").fit(counts, terms=TERMS)


def test_topics_that_cannot_be_used_are_named() -> None:
    counts, _ = planted()
    even = np.full((4, 32), 1 / 32)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"locked_topics": even}, "4 of 4 topics are given"),
        ({"locked_topics": even[:1, :5] * 6.4}, "locked_topics: shape"),
        ({"locked_topics": even[:1], "method": "online"}, "need the sampler"),
        ({"start": even[:2]}, r"start: shape \(2, 32\), expected \(4, 32\)"),
        ({"start": even * 2}, "start: row 0 sums to 2"),
        ({"alpha": [0.1, 0.1]}, r"alpha: shape \(2,\)"),
        ({"alpha": [0.1, 0.1, -1, 0.1]}, "alpha: row 0 holds negative values"),
        ({"eta": np.full((32, 4), 0.1)}, "pass eta.T"),
        ({"eta": np.full(32, np.nan)}, "eta: row 0 holds NaN"),
    ]
    for changes, message in cases:
        with pytest.raises(InputError, match=message) as caught:
            model(**changes).fit(counts)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["eta", "start", "locked_topics"])
def test_vectors_where_topics_belong_are_refused(name: str) -> None:
    counts, _ = planted()
    vectors = np.random.default_rng(0).normal(size=(32, 5)).astype(np.float32)
    words = pt.WordVectors(pt.Corpus.from_counts(counts, TERMS).vocabulary, vectors)
    for given in (vectors.T[:4], vectors, words):
        with pytest.raises(InputError, match=rf"^{name}: ") as caught:
            model(**{name: given}).fit(counts)
        for call in ("simplex.from_vectors(", "ETM(vectors=...)", "LDA(eta=simplex.prior(...))"):
            assert call in str(caught.value)


def test_empty_documents_are_told_and_get_the_prior_s_mean() -> None:
    counts, _ = planted()
    alpha = np.array([0.1, 0.2, 0.3, 0.4])
    fit = model(alpha=alpha).fit(counts)
    some = sparse.vstack([counts[:2], sparse.csr_matrix((3, 32), dtype=int)], format="csr")
    with pytest.warns(EmptyDocumentsWarning, match="3 of 5 documents hold no known term"):
        theta = fit.transform(some)
    np.testing.assert_allclose(theta[2:], np.tile(alpha, (3, 1)), rtol=1e-6)
    with pytest.warns(EmptyDocumentsWarning, match="3 of 203"):
        model().fit(sparse.vstack([counts, some[2:]], format="csr"))


def test_five_thousand_topics() -> None:
    rng = np.random.default_rng(0)
    counts = sparse.random(200, 5000, 0.004, "csr", random_state=rng)
    counts.data[:] = 1
    fit = model(n_topics=5000, iterations=2, samples=1).fit(counts)
    simplex.check_distribution(fit.topic_word_)
    simplex.check_distribution(fit.transform(counts[:3]))


def test_more_tokens_than_memory_are_refused_at_once_or_learned_online() -> None:
    few = sparse.csr_matrix(np.array([[2**24, 5, 0, 1], [2**24, 0, 7, 1], [2**24, 7, 0, 1]]))
    huge = few.astype(np.float64) * 2.0**6
    with pytest.raises(InputError, match="one term occurs 3,221,225,472 times.*online"):
        pt.LDA(n_topics=2, random_state=0).fit(huge)
    wide = sparse.csr_matrix(np.full((2, 3000), 2.0**29))
    with pytest.raises(InputError, match="hold 3,221,225,472,000 tokens"):
        pt.LDA(n_topics=2, random_state=0).fit(wide)
    fit = pt.LDA(n_topics=2, method="online", random_state=0, alpha=1.0).fit(huge)
    simplex.check_distribution(fit.topic_word_)
    assert fit.notes_["tokens"] > 2**31
