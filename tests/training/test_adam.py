"""Adam by rows against torch's own, and against its formula."""

from __future__ import annotations

import numpy as np
import torch

from polytopic.training.adam import RowwiseAdam

V, E, STEPS = 9, 5, 7


def _gradients(seed: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = np.random.default_rng(seed)
    steps = []
    for _ in range(STEPS):
        rows = np.sort(generator.choice(V, size=4, replace=False))
        values = generator.normal(size=(4, E)).astype(np.float32)
        steps.append((torch.from_numpy(rows), torch.from_numpy(values)))
    return steps


def _sparse(rows: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return torch.sparse_coo_tensor(
        rows.unsqueeze(0), values, (V, E), is_coalesced=True, check_invariants=False
    )


def _run(
    optimizer_type: type[torch.optim.Optimizer],
    steps: list[tuple[torch.Tensor, torch.Tensor]],
    dense: bool,
) -> torch.Tensor:
    table = torch.nn.Parameter(torch.ones(V, E))
    optimizer = optimizer_type([table], lr=0.05)  # type: ignore[call-arg]
    for rows, values in steps:
        gradient = _sparse(rows, values)
        table.grad = gradient.to_dense() if dense else gradient
        optimizer.step()
    return table.detach()


def test_rows_move_by_the_formula() -> None:
    """Kingma & Ba, algorithm 1, for the rows of each step; the others stay as they are."""
    steps = _gradients(0)
    table, mean, square = np.ones((V, E)), np.zeros((V, E)), np.zeros((V, E))
    for count, (rows, values) in enumerate(steps, start=1):
        slope, at = values.double().numpy(), rows.numpy()
        mean[at] = 0.9 * mean[at] + 0.1 * slope
        square[at] = 0.999 * square[at] + 0.001 * slope**2
        corrected = mean[at] / (1 - 0.9**count), square[at] / (1 - 0.999**count)
        table[at] -= 0.05 * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    found = _run(RowwiseAdam, steps, dense=False)
    assert np.allclose(found.numpy(), table, rtol=1e-5, atol=1e-6)


def test_rows_that_all_occur_move_as_with_dense_gradients() -> None:
    generator = torch.Generator().manual_seed(0)
    every = torch.arange(V)
    steps = [(every, torch.randn(V, E, generator=generator)) for _ in range(STEPS)]
    sparse, dense = (_run(RowwiseAdam, steps, dense=kind) for kind in (False, True))
    assert torch.allclose(sparse, dense, rtol=1e-5, atol=1e-6)
    assert torch.equal(dense, _run(torch.optim.Adam, steps, dense=True))


def test_the_state_can_be_saved_and_goes_on() -> None:
    steps = _gradients(1)
    whole = _run(RowwiseAdam, steps, dense=False)
    table = torch.nn.Parameter(torch.ones(V, E))
    optimizer = RowwiseAdam([table], lr=0.05)
    for count, (rows, values) in enumerate(steps):
        if count == 3:
            state = optimizer.state_dict()
            optimizer = RowwiseAdam([table], lr=0.05)
            optimizer.load_state_dict(state)
        table.grad = _sparse(rows, values)
        optimizer.step()
    assert torch.equal(table.detach(), whole)


def test_dense_and_sparse_gradients_beside_each_other() -> None:
    (rows, values), *_ = _gradients(2)
    table, bias = torch.nn.Parameter(torch.ones(V, E)), torch.nn.Parameter(torch.ones(E))
    optimizer = RowwiseAdam([table, bias], lr=0.05)
    table.grad = _sparse(rows, values)
    bias.grad = torch.full((E,), 3.0)
    optimizer.step()
    assert torch.allclose(bias.detach(), torch.full((E,), 0.95))
    moved = (table.detach() != 1).all(dim=1)
    assert moved.nonzero().squeeze(1).tolist() == rows.tolist()
    assert torch.allclose((table.detach() - 1)[rows].abs(), torch.tensor(0.05), atol=1e-5)
