"""Edge sampling and the pairs kernel: exact shares, a plain twin, finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from polytopic.embeddings.kernels.arguments import Table
from polytopic.embeddings.kernels.negatives import draw, weighted_table
from polytopic.graphs.kernels.edges import NodeNoise, NodePairs, pairs_negative, sample_edges
from polytopic.kernels.random import mix, step, stream

KEY = np.uint64(77)
NODES, DIM = 9, 5


def test_edges_are_drawn_by_weight() -> None:
    weights = np.array([1.0, 5.0, 0.5, 2.5, 1.0])
    tails = np.array([0, 0, 1, 2, 3], np.int32)
    heads = np.array([1, 2, 2, 3, 0], np.int32)
    n = 50_000
    sources, targets = np.empty(n, np.int32), np.empty(n, np.int32)
    sample_edges(tails, heads, weighted_table(weights), 0, KEY, sources, targets)
    seen = [((sources == u) & (targets == v)).sum() for u, v in zip(tails, heads, strict=True)]
    assert sum(seen) == n
    assert stats.chisquare(seen, n * weights / weights.sum()).pvalue > 1e-4


def test_draws_depend_on_their_number_alone() -> None:
    table = weighted_table(np.ones(4))
    ends = np.arange(4, dtype=np.int32)
    whole, part = np.empty(100, np.int32), np.empty(40, np.int32)
    other = np.empty(100, np.int32)
    sample_edges(ends, ends, table, 0, KEY, whole, other)
    sample_edges(ends, ends, table, 60, KEY, part, other[:40])
    assert np.array_equal(whole[60:], part)


def noise() -> tuple[Table, Table]:
    return weighted_table(np.arange(1.0, NODES + 1)), weighted_table(np.ones(NODES))


def drawn(
    number: int,
    negative: int,
    tail: int,
    head: int,
    targets: Table,
    sources: Table,
    both: bool = True,
) -> tuple[list[int], list[int]]:
    """Noise sources and noise targets of a pair, by the rule that the kernel states."""
    state = np.uint64(stream(KEY, number))
    found: list[list[int]] = []
    for table in (sources, targets):
        side = []
        for _ in range(negative if both or table is targets else 0):
            state = np.uint64(step(state))
            side.append(int(draw(np.uint64(mix(state)), table)))
        found.append([node for node in side if node not in (tail, head)])
    return found[0], found[1]


def log_loss(z: float) -> float:
    return float(np.logaddexp(0.0, -z))


def objective(
    source: np.ndarray, target: np.ndarray, tail: int, head: int, others: tuple[list[int], ...],
    turned: float, decay: float,
) -> float:  # fmt: skip
    """The loss of one pair as the kernel's docstring has it."""
    loss = log_loss(source[tail] @ target[head])
    loss += sum(log_loss(-(source[u] @ target[head])) for u in others[0])
    loss += sum(log_loss(-(source[tail] @ target[v])) for v in others[1])
    loss += turned * log_loss(-(source[head] @ target[tail]))
    squares = [source[tail], target[head], *source[others[0]], *target[others[1]]]
    return loss + decay / 2 * sum(float(row @ row) for row in squares)


def twin(
    source: np.ndarray, target: np.ndarray, pairs: np.ndarray, turned: np.ndarray, start: int,
    negative: int, tables: tuple[Table, Table], rate: float, decay: float, both: bool = True,
) -> float:  # fmt: skip
    """The kernel in plain NumPy and float64, in the same order of steps; gives the loss."""
    total = 0.0
    shrink = 1.0 - rate * decay

    def pull(
        label: float, fixed: np.ndarray, moved: np.ndarray, share: float, keep: float
    ) -> tuple:
        z = fixed @ moved
        slope = rate * share * (label - 1.0 / (1.0 + np.exp(-z)))
        change = slope * moved
        moved[...] = keep * moved + slope * fixed
        return change, share * log_loss(z if label else -z)

    for i, (u, v) in enumerate(pairs):
        before, after = drawn(start + i, negative, u, v, *tables, both)
        steps = [pull(0.0, target[v], source[w], 1.0, shrink) for w in before]
        target[v] += sum((change for change, _ in steps), np.zeros(DIM))
        total += sum(loss for _, loss in steps)
        steps = [pull(1.0, source[u], target[v], 1.0, shrink)]
        steps += [pull(0.0, source[u], target[w], 1.0, shrink) for w in after]
        source[u] = shrink * source[u] + sum((change for change, _ in steps), np.zeros(DIM))
        total += sum(loss for _, loss in steps)
        if turned[i] > 0:
            change, loss = pull(0.0, source[v], target[u], turned[i], 1.0)
            source[v] += change
            total += loss
    return total


def run(
    source: np.ndarray, target: np.ndarray, pairs: np.ndarray, turned: np.ndarray, start: int,
    negative: int, rate: float, decay: float, both: bool = True,
) -> np.ndarray:  # fmt: skip
    totals = np.zeros(2)
    targets, sources = noise()
    ends = pairs.astype(np.int32)
    given = NodePairs(ends[:, 0].copy(), ends[:, 1].copy(), turned.astype(np.float32), start)
    drawn_from = NodeNoise(negative, targets, sources, both)
    pairs_negative(given, KEY, drawn_from, source, target, rate, decay, totals)
    return totals


def start_matrices(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, NODES, DIM)).astype(np.float32)
    return first, second


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_kernel_is_its_plain_twin(tied: bool, both: bool) -> None:
    source, target = start_matrices(0)
    target = source if tied else target
    plain_source = source.astype(np.float64)
    plain_target = plain_source if tied else target.astype(np.float64)
    rng = np.random.default_rng(1)
    pairs = np.array([rng.choice(NODES, 2, replace=False) for _ in range(60)])
    turned = rng.choice([0.0, 1.0, 0.5], 60)
    totals = run(source, target, pairs, turned, 1000, 4, 0.05, 0.03, both)
    loss = twin(plain_source, plain_target, pairs, turned, 1000, 4, noise(), 0.05, 0.03, both)
    assert totals[1] == 60
    assert totals[0] == pytest.approx(loss, rel=1e-5)
    assert source == pytest.approx(plain_source, abs=2e-5)
    assert target == pytest.approx(plain_target, abs=2e-5)


def test_a_small_step_descends_the_objective_s_gradient() -> None:
    """Central differences of the objective; a step of rate r differs from -r gradient by O(r)."""
    rate, decay, turned, tail, head = 1e-3, 0.2, 0.7, 2, 6
    pairs = np.array([[tail, head]])
    number = next(
        n for n in range(100)
        if all(len(set(side)) == 3 for side in drawn(n, 3, tail, head, *noise()))
    )  # fmt: skip
    others = drawn(number, 3, tail, head, *noise())
    source, target = start_matrices(3)
    both = np.stack([source, target]).astype(np.float64)
    gradient = np.zeros_like(both)
    for place in np.ndindex(both.shape):
        sides = []
        for sign in (1.0, -1.0):
            moved = both.copy()
            moved[place] += sign * 1e-5
            sides.append(objective(*moved, tail, head, others, turned, decay))
        gradient[place] = (sides[0] - sides[1]) / 2e-5
    totals = run(source, target, pairs, np.array([turned]), number, 3, rate, decay)
    moved = (both - np.stack([source, target])) / rate
    assert np.abs(gradient).max() > 0.5
    assert moved == pytest.approx(gradient, abs=5e-3)
    assert totals[0] == pytest.approx(objective(*both, tail, head, others, turned, 0.0), abs=0.01)
