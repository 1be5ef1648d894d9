"""The recurrence and the softmax against a plain NumPy recurrence and finite differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

from polytopic.autoencoders.sentences.cells import (  # noqa: E402
    _BLOCK,
    long_short_term,
    matrix_precision,
    step,
    tied_log_softmax,
)

SIZES = [3, 3, 2, 1]


@pytest.fixture(autouse=True)
def in_double() -> Iterator[None]:
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def one_by_one(
    inputs: np.ndarray, weights: np.ndarray, h: np.ndarray, c: np.ndarray, sizes: list[int]
) -> np.ndarray:
    """Each sentence by itself, one word after another."""
    width = h.shape[1]
    found = np.empty((len(inputs), width))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for sentence in range(sizes[0]):
        state, cell = h[sentence], c[sentence]
        for t in range(sum(size > sentence for size in sizes)):
            gates = inputs[starts[t] + sentence] + state @ weights
            i, f, o = (sigmoid(gates[k * width : (k + 1) * width]) for k in range(3))
            cell = f * cell + i * np.tanh(gates[3 * width :])
            state = o * np.tanh(cell)
            found[starts[t] + sentence] = state
    return found


def parts(width: int = 4) -> tuple[torch.Tensor, ...]:
    shapes = [(sum(SIZES), 4 * width), (width, 4 * width), (SIZES[0], width), (SIZES[0], width)]
    return tuple(torch.randn(shape, requires_grad=True) for shape in shapes)


def test_the_recurrence_is_the_plain_one() -> None:
    given = parts()
    plain = one_by_one(*(p.detach().numpy() for p in given), SIZES)
    found = long_short_term(*given, SIZES).detach().numpy()
    np.testing.assert_allclose(found, plain, rtol=1e-12)


def test_one_step_is_a_step_of_the_recurrence() -> None:
    inputs, weights, h, c = parts()
    state, cell = h, c
    states = []
    for t in range(2):
        state, cell = step(inputs[3 * t : 3 * t + 3] + state @ weights, cell)
        states.append(state)
    expected = long_short_term(inputs[:6], weights, h, c, [3, 3])
    torch.testing.assert_close(torch.cat(states), expected)


def test_gradients_of_the_recurrence_are_finite_differences() -> None:
    assert torch.autograd.gradcheck(lambda *given: long_short_term(*given, SIZES), parts())


@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_of_the_softmax_are_finite_differences(weighted: bool) -> None:
    states, table, bias = (
        torch.randn(shape, requires_grad=True) for shape in ((7, 3), (5, 3), (5,))
    )
    words, weights = torch.randint(0, 5, (7,)), torch.randn(7)

    def total(*given: torch.Tensor) -> torch.Tensor:
        logs = tied_log_softmax(*given, words)
        return logs @ weights if weighted else logs.sum()

    assert torch.autograd.gradcheck(total, (states, table, bias))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_softmax_by_blocks_is_the_whole_one(weighted: bool) -> None:
    n = 2 * _BLOCK + 5
    given = [torch.randn(shape, requires_grad=True) for shape in ((n, 6), (40, 6), (40,))]
    words, weights = torch.randint(0, 40, (n,)), torch.rand(n) if weighted else torch.ones(n)
    logs = tied_log_softmax(*given, words)
    states, table, bias = given
    whole = torch.log_softmax(states @ table.t() + bias, 1).gather(1, words[:, None])[:, 0]
    torch.testing.assert_close(logs, whole)
    for own, other in zip(
        torch.autograd.grad(logs @ weights, given),
        torch.autograd.grad(whole @ weights, given),
        strict=True,
    ):
        torch.testing.assert_close(own, other)


def test_precision_is_set_back() -> None:
    before = torch.get_float32_matmul_precision()
    for name in ("bfloat16", "float32", "auto"):
        with matrix_precision(name):
            pass
        assert torch.get_float32_matmul_precision() == before


def test_rounded_factors_change_little() -> None:
    a, b = torch.randn(64, 64, dtype=torch.float32), torch.randn(64, 64, dtype=torch.float32)
    with matrix_precision("bfloat16"):
        rounded = a @ b
    assert float((rounded - a @ b).abs().max()) < 0.01 * float((a.abs() @ b.abs()).max())
