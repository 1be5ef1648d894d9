"""What models of the family share besides layers: weights and epochs by the size of a task."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the neural extra is not installed")

from polytopic.topics.vae.parts import enough_epochs, many_topics, overlap_weight


def test_many_topics_share_one_mass_of_the_prior() -> None:
    """Up to fifty topics each has the concentration as it is; then the sum stays."""
    assert [many_topics(k) for k in (2, 50, 100, 500)] == [1.0, 1.0, 0.5, 0.1]
    assert 0.02 * many_topics(200) * 200 == pytest.approx(0.02 * 50)


@pytest.mark.parametrize(
    ("n_topics", "falls", "expected"),
    [(10, False, 10.0), (10, True, 10.0), (50, False, 2.0), (200, False, 2.0), (200, True, 0.5)],
)
def test_weights_of_the_overlap_by_the_number_of_topics(
    n_topics: int, falls: bool, expected: float
) -> None:
    """It grows for few topics, whose pairs are few, and falls for many only where a model says."""
    assert overlap_weight(2.0, n_topics, falls=falls) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n_documents", "batch_size", "epochs"),
    [
        (80_000, 200, 5),  # 400,000 documents seen
        (10_000, 200, 10),  # no more than ten passes where steps are many
        (1_000_000, 200, 2),  # and no fewer than two
        (200, 200, 200),  # but 200 steps at least
        (150, 200, 200),
    ],
)
def test_so_many_epochs_are_enough(n_documents: int, batch_size: int, epochs: int) -> None:
    assert enough_epochs(n_documents, batch_size) == epochs
