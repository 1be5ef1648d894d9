"""The sentence VAE's bound against NumPy, Monte Carlo, quadrature and exhaustive search."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

import polytopic as pt  # noqa: E402
from polytopic import latent  # noqa: E402
from polytopic.autoencoders.sentences.estimates import code_use, moments  # noqa: E402
from polytopic.autoencoders.sentences.search import beam, draw  # noqa: E402
from polytopic.autoencoders.sentences.words import Lexicon, SentenceBatch, Sentences  # noqa: E402
from polytopic.latent import Gaussian  # noqa: E402

TEXTS = [" ".join(words) for words in itertools.product(["a", "the"], ["cat", "dog"], ["ran", ""])]
QUICK: dict[str, Any] = {
    "dim": 1, "hidden": 8, "word_dim": 6, "epochs": 30, "batch_size": 8, "dropout": 0.0,
    "learning_rate": 0.02, "free_bits": 0.5, "precision": "float32", "n_threads": 1,
    "random_state": 0, "max_length": 4,
}  # fmt: skip
NONE = torch.empty(0, dtype=torch.long)


@pytest.fixture(scope="module")
def model() -> pt.SentenceVAE:
    return pt.SentenceVAE(**QUICK).fit(TEXTS * 8)


@pytest.fixture(scope="module")
def sentences(model: pt.SentenceVAE) -> Sentences:
    return Lexicon(model.vocabulary_).sentences([text.split() for text in TEXTS])[0]


def plain_log_likelihood(model: pt.SentenceVAE, h: np.ndarray, ids: np.ndarray) -> float:
    """log p(x | h) of one sentence, word by word, in float64."""
    named = model.module_.decoder.state_dict().items()
    p = {name: value.numpy().astype(np.float64) for name, value in named}
    width = model.hidden
    state, cell = np.split(h @ p["start.weight"].T + p["start.bias"], 2)
    state, total, previous = np.tanh(state), 0.0, 0
    for word in ids:
        gates = p["table"][previous] @ p["entering"] + p["gate_bias"] + state @ p["weights"]
        gates = gates + h @ p["along.weight"].T + p["along.bias"]
        i, f, o = (1 / (1 + np.exp(-gates[k * width : (k + 1) * width])) for k in range(3))
        cell = f * cell + i * np.tanh(gates[3 * width :])
        state = o * np.tanh(cell)
        read = state @ p["leaving.weight"].T + p["leaving.bias"] + h @ p["aside"]
        logits = read @ p["table"].T + p["bias"]
        total += logits[word] - np.logaddexp.reduce(logits)
        previous = word
    return float(total)


def batch_of(sentences: Sentences) -> SentenceBatch:
    return sentences.batch(np.arange(len(sentences)))


def test_the_likelihood_is_the_plain_recurrence_s(
    model: pt.SentenceVAE, sentences: Sentences
) -> None:
    batch = batch_of(sentences)
    h = np.random.default_rng(0).normal(size=(len(sentences), 1)).astype(np.float32)
    with torch.no_grad():
        found = model.module_.decoder.log_likelihood(torch.from_numpy(h), batch).numpy()
    plain = [
        plain_log_likelihood(model, h[i].astype(np.float64), sentences.row(row))
        for i, row in enumerate(batch.order)
    ]
    np.testing.assert_allclose(found, plain, rtol=1e-4)


def test_the_bound_is_the_plain_one(model: pt.SentenceVAE, sentences: Sentences) -> None:
    """Negative ELBO of a batch, with the generator's own noise, the KL written out."""
    module, batch = model.module_.eval(), batch_of(sentences)
    with torch.no_grad():
        _, bound = module(batch, 1.0, torch.Generator().manual_seed(3))
        q = module.posterior(batch)
    noise = torch.empty(8, 1).normal_(generator=torch.Generator().manual_seed(3)).numpy()
    mean, variance = q.location.numpy(), np.exp(q.log_variance.numpy())
    fits = [
        plain_log_likelihood(model, (mean[i] + np.sqrt(variance[i]) * noise[i]), sentences.row(row))
        for i, row in enumerate(batch.order)
    ]
    kl = 0.5 * (variance + mean**2 - 1 - np.log(variance)).sum(1)
    assert float(bound) == pytest.approx((kl - fits).mean(), rel=1e-4)


def test_gradients_are_finite_differences(sentences: Sentences) -> None:
    model = pt.SentenceVAE(**QUICK | {"epochs": 1}).fit(TEXTS * 2)
    module, batch = model.module_.double().train(), batch_of(sentences)

    def loss() -> torch.Tensor:
        value: torch.Tensor = module(batch, 0.7, torch.Generator().manual_seed(0))[0]
        return value

    with torch.no_grad():  # a code that says something, above the free bits
        module.encoder.heads.bias.copy_(torch.tensor([1.5, -1.0]))
    loss().backward()
    random = np.random.default_rng(0)
    for name, weights in module.named_parameters():
        flat = weights.data.view(-1)
        for place in random.integers(0, len(flat), 3):
            kept = float(flat[place])
            values = []
            for shift in (1e-5, -1e-5):
                flat[place] = kept + shift
                values.append(float(loss().detach()))
            flat[place] = kept
            difference = (values[0] - values[1]) / 2e-5
            own = float(weights.grad.view(-1)[place])
            assert own == pytest.approx(difference, rel=1e-4, abs=1e-8), name


def test_the_kl_is_monte_carlo_s(model: pt.SentenceVAE, sentences: Sentences) -> None:
    q, prior = moments(model.module_, sentences), model.module_.prior
    wide = Gaussian(
        q.location.repeat_interleave(200_000, 0), q.log_variance.repeat_interleave(200_000, 0)
    )
    h = wide.draw(torch.Generator().manual_seed(0))
    ratio = (wide.log_density(h) - prior.log_density(h)).reshape(len(sentences), -1)
    error = 5 * ratio.std(1) / math.sqrt(ratio.shape[1])
    assert bool(((ratio.mean(1) - latent.kl(q, prior)).abs() < error + 1e-4).all())


def exact(model: pt.SentenceVAE, ids: np.ndarray) -> float:
    """log p(x) by quadrature over the one-dimensional code."""
    grid = np.linspace(-8, 8, 801)
    fits = np.array([plain_log_likelihood(model, np.array([h]), ids) for h in grid])
    logs = fits - 0.5 * grid**2 - 0.5 * math.log(2 * math.pi) + math.log(grid[1] - grid[0])
    return float(np.logaddexp.reduce(logs))


def test_bounds_lie_in_order_and_the_weighted_one_is_tight(
    model: pt.SentenceVAE, sentences: Sentences
) -> None:
    """q is made wider than p(h): then no weight is large, and the bound comes near soon."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        model.module_.encoder.heads.bias[1] += 1.5
    truth = np.array([exact(model, sentences.row(row)) for row in range(3)])
    tight = model.score_samples(TEXTS[:3], samples=20_000)
    np.testing.assert_allclose(tight, truth, atol=0.02)
    loose = model.score_samples(TEXTS[:3], samples=20_000, bound="elbo")
    assert (loose < truth).all()


def test_perplexity_counts_words_and_ends(model: pt.SentenceVAE) -> None:
    total = model.score_samples(TEXTS).sum()
    n = sum(len(text.split()) + 1 for text in TEXTS)
    assert model.perplexity(TEXTS) == pytest.approx(math.exp(-total / n))


def log_likelihood_of(model: pt.SentenceVAE, h: torch.Tensor, words: tuple[int, ...]) -> float:
    ids = np.array([*words, 0], dtype=np.int64)
    batch = Sentences(ids, np.array([len(ids)])).batch(np.array([0]))
    with torch.no_grad():
        return float(model.module_.decoder.log_likelihood(h, batch))


@pytest.mark.parametrize("code", [-1.5, 0.0, 1.0])
def test_a_wide_beam_is_exhaustive_search(model: pt.SentenceVAE, code: float) -> None:
    longest, h = 3, torch.tensor([[code]])
    words = range(1, len(model.vocabulary_) + 1)
    every = [s for n in range(longest + 1) for s in itertools.product(words, repeat=n)]
    scores = {s: log_likelihood_of(model, h, s) for s in every}
    best = max(scores, key=scores.__getitem__)
    with torch.no_grad():
        found, score = beam(
            model.module_.decoder, h, longest, width=len(words) ** longest, forbidden=NONE
        )
    assert tuple(found) == best
    assert score == pytest.approx(scores[best], abs=1e-4)


def test_a_beam_of_one_follows_the_likeliest_words(model: pt.SentenceVAE) -> None:
    """Greedy decoding takes the end once it is likeliest; the beam may go on and be better."""
    for code in (-1.0, 0.3, 2.0):
        h = torch.tensor([[code]])
        with torch.no_grad():
            greedy = draw(
                model.module_.decoder, h, 4, temperature=1.0, generator=None, forbidden=NONE
            )[0]
            _, score = beam(model.module_.decoder, h, 4, width=1, forbidden=NONE)
        if len(greedy) < 4:
            assert score >= log_likelihood_of(model, h, tuple(greedy)) - 1e-4


def test_draws_have_the_model_s_frequencies(model: pt.SentenceVAE) -> None:
    h = torch.tensor([[0.5]])
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        drawn = draw(
            model.module_.decoder, h.expand(20_000, -1), 1, temperature=1.0, generator=generator,
            forbidden=NONE,
        )  # fmt: skip
        logs, _, _ = model.module_.decoder.follow(
            h, torch.zeros(1, dtype=torch.long), *model.module_.decoder.begin(h)
        )
    counts = np.bincount([words[0] if words else 0 for words in drawn], minlength=logs.shape[1])
    shares = logs.exp()[0].numpy()
    assert (np.abs(counts / 20_000 - shares) < 5 * np.sqrt(shares / 20_000) + 1e-4).all()


def test_what_the_code_says_has_its_closed_forms() -> None:
    standard = Gaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    alike = Gaussian(torch.ones(400, 2), torch.zeros(400, 2))
    found = code_use(alike, standard)
    assert found.kl == pytest.approx(1.0)
    assert found.mutual_information == pytest.approx(0.0, abs=1e-5)
    assert found.active_units == 0
    apart = Gaussian(torch.arange(50.0)[:, None] * 10, torch.full((50, 1), -4.0))
    assert code_use(apart, Gaussian(torch.zeros(1, 1), torch.zeros(1, 1))).mutual_information == (
        pytest.approx(math.log(50), abs=1e-5)
    )


def test_mutual_information_of_a_gaussian_is_half_a_logarithm() -> None:
    """Means from N(0, r), noise of variance 1 - r: I = -log(1 - r) / 2."""
    r, n = 0.8, 6_000
    means = math.sqrt(r) * torch.randn(n, 1, generator=torch.Generator().manual_seed(1))
    q = Gaussian(means, torch.full((n, 1), math.log(1 - r)))
    found = code_use(q, Gaussian(torch.zeros(1, 1), torch.zeros(1, 1)))
    assert found.mutual_information == pytest.approx(-0.5 * math.log(1 - r), abs=0.03)
    assert found.kl == pytest.approx(found.mutual_information, abs=0.05)
