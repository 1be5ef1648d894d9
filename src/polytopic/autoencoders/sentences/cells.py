"""The two costly steps of a language model on a processor: the recurrence and the softmax.

Both are autograd functions of their own, so that each is a few large matrix products: the
recurrence adds up its weights' gradient once for all positions, and the softmax never holds more
than a block of its (P, V) logits. Positions P of sentences of any length lie packed, step after
step, the longest sentence first: no padding is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from polytopic.machine import ProcessSetting

__all__ = ["linear", "long_short_term", "matrix_precision", "step", "tied_log_softmax"]

_BLOCK = 256
"""Positions whose scores over the vocabulary are held at once: bounds memory, changes no number."""

_GRAIN = 64
"""Products over all positions have a multiple of this many rows: each new shape of a product in
bfloat16 is compiled anew, and kept."""

_PRECISIONS = {"float32": "highest", "bfloat16": "medium"}


def _put_precision(name: str) -> Callable[[], None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(name)
    return lambda: torch.set_float32_matmul_precision(before)


_PRECISION = ProcessSetting(_put_precision)


@contextmanager
def matrix_precision(name: str) -> Iterator[None]:
    """Matrix products of float32 with factors of ``name`` inside, as before outside.

    "bfloat16" rounds the factors, and adds up in float32; "auto" does so where the processor
    multiplies such tiles (AMX, about ten times as fast as float32).
    """
    if name == "auto":
        name = "bfloat16" if _has_tiles() else "float32"
    with _PRECISION.at(_PRECISIONS[name]):
        yield


def _has_tiles() -> bool:
    found = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return found is not None and bool(found())


def _factor(values: Tensor) -> Tensor:
    """A factor of many products, rounded once where products round it anyway."""
    rounds = torch.get_float32_matmul_precision() == "medium" and values.dtype == torch.float32
    return values.bfloat16() if rounds else values


def step(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """(h, c) of the next position from gates before their squashing, (B, 4H), and c, (B, H)."""
    width = c.shape[1]
    doors, news = gates[:, : 3 * width].sigmoid(), gates[:, 3 * width :].tanh()
    i, f, o = doors.chunk(3, dim=1)
    c = f * c + i * news
    return o * c.tanh(), c


def linear(rows: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """rows weights + bias: (P, I), (I, O), (O,) to (P, O)."""
    return torch.addmm(bias, _filled_up(rows), weights)[: len(rows)]


def _filled_up(rows: Tensor) -> Tensor:
    return functional.pad(rows, [0, 0] * (rows.ndim - 1) + [0, -len(rows) % _GRAIN])


def long_short_term(
    inputs: Tensor, weights: Tensor, h: Tensor, c: Tensor, sizes: Sequence[int]
) -> Tensor:
    """An LSTM (Hochreiter & Schmidhuber 1997; Gers et al. 2000): h at each position, (P, H).

    i, f, o = sigmoid(a + h U),  g = tanh(a + h U),  c = f c + i g,  h = o tanh(c)

    Parameters
    ----------
    inputs : Tensor of shape (P, 4H)
        a: what the inputs give to the gates i, f, o and g.
    weights : Tensor of shape (H, 4H)
        U.
    h, c : Tensor of shape (B, H)
        States before the first step.
    sizes : sequence of int
        Sentences that have a word at each step, falling; they sum to P.
    """
    states: Tensor = _LongShortTerm.apply(inputs, weights, h, c, sizes)  # type: ignore[no-untyped-call]
    return states


def tied_log_softmax(states: Tensor, table: Tensor, bias: Tensor, words: Tensor) -> Tensor:
    """log softmax(states table^T + bias) at ``words``: (P, E), (V, E), (V,), (P,) to (P,)."""
    logs: Tensor = _TiedSoftmax.apply(states, table, bias, words)  # type: ignore[no-untyped-call]
    return logs


class _LongShortTerm(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, weights: Tensor, h: Tensor, c: Tensor, sizes: Sequence[int]
    ) -> Tensor:
        width = h.shape[1]
        gates = inputs.detach().clone()
        states, cells = gates.new_empty(len(gates), width), gates.new_empty(len(gates), width)
        first_h, first_c, start, rounded = h, c, 0, _factor(weights)
        for n in sizes:
            own = gates[start : start + n]
            own += _factor(h[:n]) @ rounded
            own[:, : 3 * width].sigmoid_()
            own[:, 3 * width :].tanh_()
            i, f, o, g = own.split(width, dim=1)
            h, before = states[start : start + n], c[:n]
            c = torch.mul(f, before, out=cells[start : start + n])
            c.addcmul_(i, g)
            torch.tanh(c, out=h)
            h.mul_(o)
            start += n
        ctx.save_for_backward(gates, states, cells, weights, first_h, first_c)
        ctx.sizes = sizes
        return states

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        gates, states, cells, weights, first_h, first_c = ctx.saved_tensors
        (slope,), sizes, width = slopes, ctx.sizes, states.shape[1]
        starts = [0, *accumulate(sizes)]
        change = torch.zeros_like(_filled_up(gates))
        previous = torch.zeros_like(_filled_up(states))
        dh, dc = torch.zeros_like(first_h), torch.zeros_like(first_c)
        back = _factor(weights.t().contiguous())
        for t in range(len(sizes) - 1, -1, -1):
            n, at = sizes[t], starts[t]
            here = slice(at, at + n)
            earlier = slice(starts[t - 1], starts[t - 1] + n)
            before = first_c[:n] if t == 0 else cells[earlier]
            previous[here] = first_h[:n] if t == 0 else states[earlier]
            i, f, o, g = gates[here].split(width, dim=1)
            di, df, do, dg = change[here].split(width, dim=1)
            squashed = cells[here].tanh()
            total = dh[:n].add_(slope[here])
            carried = dc[:n].addcmul_(total * o, 1 - squashed.square())
            torch.mul(total, squashed, out=do)
            torch.mul(carried, before, out=df)
            torch.mul(carried, g, out=di)
            torch.mul(carried, i, out=dg).mul_(1 - g.square())
            doors = gates[here, : 3 * width]
            change[here, : 3 * width].mul_(doors * (1 - doors))
            carried.mul_(f)
            dh[:n] = _factor(change[here]) @ back
        return change[: len(gates)], previous.t() @ change, dh, dc, None


class _TiedSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, table: Tensor, bias: Tensor, words: Tensor) -> Tensor:
        """The gradients are made on the way, while a block's probabilities are at hand.

        Those of the table, shape (V, E), and of the bias are for the plain sum over positions.
        """
        wanted = any(ctx.needs_input_grad[:3])
        slopes = _Slopes(states, table, bias) if wanted else None
        found = _by_block(states, table, bias, words, slopes, None)
        ctx.save_for_backward(states, table, bias, words)
        ctx.slopes = slopes
        return found

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        states, table, bias, words = ctx.saved_tensors
        (weight,), slopes = given, ctx.slopes
        d_states = -weight.unsqueeze(1) * slopes.states[: len(states)]
        if bool((weight == weight[0]).all()):
            return d_states, -weight[0] * slopes.table, -weight[0] * slopes.bias, None
        slopes = _Slopes(states, table, bias)
        _by_block(states, table, bias, words, slopes, weight)
        return d_states, -slopes.table, -slopes.bias, None


class _Slopes:
    """Gradients of the negative log-probabilities, added up block by block."""

    def __init__(self, states: Tensor, table: Tensor, bias: Tensor) -> None:
        self.states = torch.empty_like(_filled_up(states))
        self.table, self.bias = torch.zeros_like(table), torch.zeros_like(bias)


def _by_block(
    states: Tensor, table: Tensor, bias: Tensor, words: Tensor, slopes: _Slopes | None,
    weights: Tensor | None,
) -> Tensor:  # fmt: skip
    """Log-probabilities at the words; their gradients, each position ``weights`` times."""
    n = len(states)
    states, words = _filled_up(states), _filled_up(words)
    found = states.new_empty(len(states))
    buffer = states.new_empty(min(_BLOCK, len(states)), len(table))
    rounded = table if slopes is None else _factor(table)
    for start in range(0, len(states), _BLOCK):
        here = slice(start, min(start + _BLOCK, len(states)))
        own, at = states[here], words[here].unsqueeze(1)
        logs = torch.addmm(bias, own, table.t(), out=buffer[: len(own)])
        torch.log_softmax(logs, 1, out=logs)
        found[here] = logs.gather(1, at).squeeze(1)
        if slopes is None:
            continue
        errors = logs.exp_().scatter_add_(1, at, -torch.ones_like(at).to(logs))
        errors[max(0, n - start) :] = 0.0
        if weights is not None:
            errors[: n - start] *= weights[start : start + len(own)].unsqueeze(1)
        slopes.bias += errors.sum(0)
        wrong = _factor(errors)
        slopes.states[here] = wrong @ rounded
        slopes.table += wrong.t() @ _factor(own)
    return found[:n]
