"""HDP: its Gibbs steps against closed forms, the number of topics it finds, its contracts."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special

import polytopic as pt
from polytopic.errors import InputError
from polytopic.topics.lda.concentrations import CountHistogram
from polytopic.topics.lda.gibbs_run import Chain
from polytopic.topics.lda.process import (
    ProcessRule,
    draw_concentration,
    draw_tables,
    draw_weights,
)

from planting import planted

COUNTS, BLOCKS = planted(400)
SMALL: dict[str, Any] = {"n_topics": 12, "iterations": 30, "n_threads": 1, "random_state": 0}


def fitted(**changes: Any) -> pt.HDP:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pt.HDP(**SMALL | changes).fit(COUNTS)


# ---- its steps -------------------------------------------------------------------------------


def test_tables_have_antoniak_s_mean_and_variance() -> None:
    """Sums over documents of independent openings, alpha / (alpha + i)."""
    counts = np.array([[7, 0], [3, 5], [1, 40]])
    alpha, rng = np.array([0.7, 2.5]), np.random.default_rng(0)
    histogram = CountHistogram.of(counts)
    draws = np.array([draw_tables(histogram, alpha, rng) for _ in range(4000)])
    for k in range(2):
        chances = np.concatenate([alpha[k] / (alpha[k] + np.arange(n)) for n in counts[:, k]])
        mean, variance = chances.sum(), (chances * (1 - chances)).sum()
        assert abs(draws[:, k].mean() - mean) < 4.5 * np.sqrt(variance / 4000)
        assert draws[:, k].var() == pytest.approx(variance, rel=0.15)


def test_weights_of_topics_in_use_are_a_dirichlet_s() -> None:
    tables, gamma, rng = np.array([5, 0, 3, 0, 0]), 2.0, np.random.default_rng(0)
    draws = np.array([draw_weights(tables, gamma, rng) for _ in range(20_000)])
    assert draws.sum(axis=1) == pytest.approx(1.0)
    rest = gamma / 10 * np.array([1 / 3, 2 / 9, 4 / 9])  # breaks of Beta(1, 2), what is left last
    expected = np.array([0.5, rest[0], 0.3, rest[1], rest[2]])
    assert draws.mean(axis=0) == pytest.approx(expected, abs=4.5 * 0.15 / np.sqrt(20_000))
    full = draw_weights(np.array([2, 2]), 9.0, rng)
    assert full.sum() == pytest.approx(1.0)


def test_concentrations_are_drawn_from_their_posterior() -> None:
    """p(a | tables) ~ p(a) a^tables prod_d Gamma(a) / Gamma(a + n_d), by a chain of many steps."""
    lengths, tables = np.array([5, 20, 9]), 7

    def density(a: float) -> float:
        logs = tables * np.log(a) - a
        logs += (special.gammaln(a) - special.gammaln(a + lengths)).sum() + 44
        return float(np.exp(logs))

    whole = integrate.quad(density, 0, 60)[0]
    mean = integrate.quad(lambda a: a * density(a), 0, 60)[0] / whole
    rng, value, seen = np.random.default_rng(0), 1.0, []
    for _ in range(20_000):
        value = draw_concentration(value, tables, lengths, rng)
        seen.append(value)
    assert np.mean(seen) == pytest.approx(mean, rel=0.03)


# ---- what it finds ---------------------------------------------------------------------------


def test_planted_topics_are_found_without_their_number() -> None:
    """Small ones may stand beside them: a process expects topics of any size."""
    model = fitted(iterations=120, alpha=0.5, gamma=0.5)
    assert 4 <= model.n_topics_ <= 9
    assert model.topic_word_.shape == (model.n_topics_, COUNTS.shape[1])
    theta = model.transform(COUNTS)
    assert theta.shape == (400, model.n_topics_)
    assert pt.metrics.purity(theta, BLOCKS) > 0.95
    blocks = [{int(word) // 8 for word in words} for words in model.top_words(5)]
    assert set.union(*(block for block in blocks if len(block) == 1)) == {0, 1, 2, 3}
    assert model.concentration_ == 0.5


def test_any_number_of_threads_gives_the_same_bits() -> None:
    one, three = fitted(), fitted(n_threads=3)
    assert np.array_equal(one.topic_word_, three.topic_word_)
    assert (one.n_topics_, one.gamma_) == (three.n_topics_, three.gamma_)


def test_an_interrupted_chain_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run, seen = fitted(), Chain._pass, []

    def interrupted(self: Chain) -> None:
        if len(seen) == 7:
            raise KeyboardInterrupt
        seen.append(0)
        run(self)

    monkeypatch.setattr(Chain, "_pass", interrupted)
    assert fitted(checkpoint=tmp_path).interrupted_
    monkeypatch.setattr(Chain, "_pass", run)
    again = fitted(checkpoint=tmp_path)
    assert np.array_equal(again.topic_word_, whole.topic_word_)
    assert (again.concentration_, again.gamma_) == (whole.concentration_, whole.gamma_)


def test_a_saved_model_keeps_what_it_found(tmp_path: Path) -> None:
    model = fitted()
    again = pt.load(model.save(tmp_path / "model"))
    assert (again.n_topics, again.n_topics_) == (12, model.n_topics_)
    assert np.array_equal(again.transform(COUNTS), model.transform(COUNTS))


def test_more_topics_than_terms_are_no_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = pt.HDP(n_topics=150, iterations=5, random_state=0).fit(np.eye(3, dtype=int) * 5)
    assert 1 <= model.n_topics_ <= 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, "alpha: 0 cannot"),
        ({"gamma": -1.0}, "gamma: -1.0 cannot"),
        ({"eta": np.ones((2, 2))}, "eta"),
        ({"method": "online"}, "method"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fitted(**given)


def test_one_document_is_refused() -> None:
    with pytest.raises(InputError, match="only one document"):
        pt.HDP().fit(np.array([[3, 2, 0], [0, 0, 0]]))


def test_a_rule_without_counts_stays_as_it_is() -> None:
    rule = ProcessRule(5, None, None, 0)
    before = rule.values.copy()
    rule.fit_counts(np.zeros((3, 5), dtype=int))
    assert np.array_equal(rule.values, before)
    assert before.sum() == pytest.approx(1.0)
