"""FASTopic: its plans, their gradients, and what it goes on with."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

import polytopic as pt  # noqa: E402
from polytopic.errors import CheckpointError, InputError, InterruptedFitWarning  # noqa: E402
from polytopic.nets import SparseCounts  # noqa: E402
from polytopic.topics.transport import relations  # noqa: E402

from planting import planted  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::polytopic.CollapseWarning")

COUNTS, LABELS = planted(n_documents=120)
POINTS = (np.eye(6)[LABELS] + 0.2 * np.random.default_rng(0).normal(size=(120, 6))).astype("f4")


def made(n_documents: int = 12, n_topics: int = 4, n_terms: int = 9) -> Any:
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randn(n, 5, generator=generator) for n in (n_documents, n_topics, n_terms)]
    module = relations.Relations(rows[1], rows[2], alpha=0.3, gamma=0.2)
    with torch.no_grad():
        module.topic_weights.copy_(torch.tensor([0.5, -0.5, 0.0, 1.0]))
    return module, rows[0]


def test_the_plan_has_both_margins() -> None:
    module, documents = made()
    margin = module.topic_weights.log_softmax(0)
    scores = -0.3 * relations.distances(documents, module.topics)
    f, g = relations.potentials(scores, margin, torch.zeros(4), 200)
    plan = (scores + f.unsqueeze(1) + g).exp()
    torch.testing.assert_close(plan.sum(1), torch.full((12,), 1 / 12), atol=1e-5, rtol=0)
    torch.testing.assert_close(plan.sum(0), margin.exp(), atol=1e-5, rtol=0)


def test_distances_are_squared() -> None:
    module, documents = made()
    expected = torch.cdist(documents, module.topics).square()
    torch.testing.assert_close(relations.distances(documents, module.topics), expected)


def test_the_gradient_of_a_settled_plan_is_near_that_of_all_its_sweeps() -> None:
    module, documents = made()
    margin = torch.full((4,), 0.25).log()
    picked = torch.rand(12, 4, generator=torch.Generator().manual_seed(1))

    def unrolled(topics: Any) -> Any:
        scores, g = -0.3 * relations.distances(documents, topics), torch.zeros(4)
        for _ in range(60):
            f = -(scores + g).logsumexp(1) - np.log(12)
            g = margin - (scores + f.unsqueeze(1)).logsumexp(0)
        return ((scores + g).softmax(1) * picked).sum()

    def one_step(topics: Any) -> Any:
        scores = -0.3 * relations.distances(documents, topics)
        start = relations.potentials(scores.detach(), margin, torch.zeros(4), 60)[1]
        return (relations._rows_of_plan(scores, torch.zeros(4), start)[0] * picked).sum()

    gradients = []
    for function in (unrolled, one_step):
        topics = module.topics.detach().clone().requires_grad_()
        function(topics).backward()
        gradients.append(topics.grad.flatten())
    cosine = torch.nn.functional.cosine_similarity(*gradients, dim=0)
    assert float(cosine) > 0.9


def test_the_loss_is_the_likelihood_and_both_costs() -> None:
    module, documents = made()
    counts = np.random.default_rng(0).integers(0, 3, (12, 9)) + np.eye(12, 9, dtype=int)
    batch = SparseCounts(sparse.csr_matrix(counts), torch.device("cpu"), side=documents.numpy())
    module.eval()
    with torch.no_grad():
        loss, fit = module(batch.batch(np.arange(12)), 1.0, torch.Generator())
    theta = -0.3 * relations.distances(documents, module.topics) + module.topic_potential
    theta = theta.softmax(1).detach().numpy()
    wide = relations.distances(module.topics, module.words)
    beta = (-0.2 * wide + module.word_potential).softmax(1).detach().numpy()
    expected = -(counts * np.log(theta @ beta)).sum(axis=1).mean()
    assert float(fit) == pytest.approx(expected, rel=1e-3)
    far = relations.distances(documents, module.topics).detach().numpy()
    cost = (theta * far).sum(1).mean() + (beta * wide.detach().numpy()).sum(1).mean()
    assert float(loss) == pytest.approx(expected + cost, rel=1e-3)


def test_documents_and_words_of_a_topic_come_together() -> None:
    model = pt.FASTopic(n_topics=4, epochs=10, batch_size=40, learning_rate=0.01, random_state=0)
    found = model.fit(COUNTS, embeddings=POINTS).transform(COUNTS, embeddings=POINTS).argmax(axis=1)
    assert pt.metrics.purity(np.eye(4)[found], LABELS) > 0.95
    for words in model.top_words(5):
        assert len({int(word) // 8 for word in words}) == 1
    losses = [record["loss"] for record in model.history_]
    assert losses[-1] < losses[0]


def test_theta_of_training_documents_is_the_plan_s() -> None:
    model = pt.FASTopic(n_topics=4, epochs=3, batch_size=40, random_state=0)
    theta = model.fit(COUNTS, embeddings=POINTS).transform(COUNTS, embeddings=POINTS)
    points = model._projection.directions(POINTS, 1)
    squared = np.square(points[:, None] - model.topic_embeddings_).sum(axis=2)
    expected = np.exp(model._potential - 3.0 * squared)
    np.testing.assert_allclose(theta, expected / expected.sum(1, keepdims=True), atol=1e-4)


def test_documents_without_words_or_vectors_are_left_out_of_the_fit() -> None:
    counts, points = COUNTS.toarray(), POINTS.copy()
    counts[3], points[5] = 0, 0
    model = pt.FASTopic(n_topics=4, epochs=2, random_state=0).fit(counts, embeddings=points)
    theta = model.transform(counts, embeddings=points)
    np.testing.assert_allclose(theta[5], 0.25)
    assert np.isfinite(theta).all() and theta[3].max() > 0.26
    with pytest.raises(InputError, match="^embeddings: 1 documents have both words and a vector"):
        model.fit(counts[:5], embeddings=np.vstack([points[:1], np.zeros((4, 6))]))


def test_an_interrupted_fit_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {
        "n_topics": 4, "epochs": 6, "batch_size": 40, "random_state": 0, "device": "cpu",
    }  # fmt: skip
    whole = pt.FASTopic(**settings).fit(COUNTS, embeddings=POINTS)
    cut = pt.FASTopic(**settings, checkpoint=tmp_path / "c")
    forward, calls = relations.Relations.forward, []

    def interrupted(module: Any, *given: Any) -> Any:
        calls.append(1)
        if len(calls) == 10:
            signal.raise_signal(signal.SIGINT)
        return forward(module, *given)

    with monkeypatch.context() as patch:
        patch.setattr(relations.Relations, "forward", interrupted)
        with pytest.warns(InterruptedFitWarning, match="of 6 epochs"):
            cut.fit(COUNTS, embeddings=POINTS)
    assert cut.interrupted_
    cut.fit(COUNTS, embeddings=POINTS)
    np.testing.assert_array_equal(cut.topic_word_, whole.topic_word_)
    with pytest.raises(CheckpointError):
        cut.fit(COUNTS, embeddings=POINTS[::-1])
