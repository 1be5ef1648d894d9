"""A batch that several processes share, each with some of its documents.

What is drawn for a document, and what is reckoned over all documents of a batch, must not depend
on how many processes there are: inside :func:`shared` noise is drawn for the whole batch by every
process, from generators that stand alike, and each takes that of its own documents; sums go over
the documents of all. Outside of it, which is alone, every function here does what PyTorch would.

All processes call them in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "batch_norm", "drawn", "gathered", "length", "logsumexp", "mean", "noise", "own_rows", "placed",
    "shared", "summed",
]  # fmt: skip


@dataclass(frozen=True)
class _Sharing:
    """This process among those that share a batch."""

    rank: int
    count: int
    places: dict[int, tuple[Tensor, int]] = field(default_factory=dict)
    """Of arrays of so many own rows: where these stand in that of the whole batch, and its length;
    by default one process's rows stand after another's."""


_sharing: list[_Sharing | None] = [None]


@contextmanager
def shared(rank: int, count: int) -> Iterator[None]:
    """Inside, a batch is that of ``count`` processes, of which this one has number ``rank``.

    The documents of a process stand together in the whole batch, by the processes' numbers.
    """
    with _within(_Sharing(rank, count) if count > 1 else None):
        yield


@contextmanager
def placed(find: Callable[[], Sequence[tuple[Tensor, int]]]) -> Iterator[None]:
    """Inside, own rows stand elsewhere in the whole batch than one process's after another's.

    ``find``, asked where a batch is shared, gives for arrays of each kind the places of this
    process's rows, int64 of shape (N,), and how many rows there are in all.
    """
    now = _sharing[-1]
    if now is None:
        yield
        return
    with _within(_Sharing(now.rank, now.count, {len(own): (own, n) for own, n in find()})):
        yield


@contextmanager
def _within(sharing: _Sharing | None) -> Iterator[None]:
    _sharing.append(sharing)
    try:
        yield
    finally:
        _sharing.pop()


def noise(
    like: Tensor,
    fill: Callable[[Tensor], Tensor],
    *,
    shape: Sequence[int] | None = None,
    dim: int = 0,
) -> Tensor:
    """What ``fill`` draws in place into an array like ``like``, or of a shape of its own.

    The processes share ``dim``. ``fill`` must not look at what it fills.
    """
    now = _sharing[-1]
    if now is None:
        return fill(torch.empty_like(like) if shape is None else like.new_empty(shape))
    sizes = list(like.shape if shape is None else shape)
    own, sizes[dim] = _own(now, sizes[dim], like.device)
    return fill(like.new_empty(sizes)).index_select(dim, own)


def drawn(draw: Callable[[Tensor], Tensor], parameters: Tensor) -> Tensor:
    """What ``draw`` gives for parameters (N, ...), a row each, without a gradient.

    For draws that take more or less of a generator by their parameters: those of all processes are
    gathered first. They differ in the last bits by how many processes there are; where this changes
    how much a draw takes, which is seldom, what comes after it in the epoch is drawn anew.
    """
    if _sharing[-1] is None:
        return draw(parameters)
    everything = gathered(parameters)
    with _within(None):
        found = draw(everything)
    return own_rows(found, parameters)


def gathered(own: Tensor) -> Tensor:
    """Rows of all processes in the order of the whole batch, without a gradient."""
    now = _sharing[-1]
    if now is None:
        return own.detach()
    rows = _one_after_another(now, own.detach())
    if len(own) not in now.places:
        return rows
    places = _one_after_another(now, now.places[len(own)][0])
    return torch.empty_like(rows).index_copy_(0, places, rows)


def own_rows(everything: Tensor, like: Tensor) -> Tensor:
    """This process's rows, which are as many as those of ``like``, of an array of all."""
    now = _sharing[-1]
    if now is None:
        return everything
    return everything.index_select(0, _own(now, len(like), like.device)[0])


def length(rows: Tensor) -> int:
    """Rows of all processes' arrays together."""
    now = _sharing[-1]
    return len(rows) if now is None else sum(_lengths(now, len(rows), rows.device))


def summed(own: Tensor) -> Tensor:
    """Sum of the processes' arrays of one shape, with its gradient."""
    if _sharing[-1] is None:
        return own
    return cast(Tensor, _Sum.apply(own))  # type: ignore[no-untyped-call]


def mean(values: Tensor) -> Tensor:
    """Mean over the documents of the whole batch of (B, ...), with its gradient."""
    if _sharing[-1] is None:
        return values.mean(0)
    return summed(values.sum(0)) / length(values)


def logsumexp(values: Tensor) -> Tensor:
    """log of the sum of exp over the documents of the whole batch of (B, K), with its gradient."""
    if _sharing[-1] is None:
        return values.logsumexp(0)
    largest = gathered(values).amax(0)
    return summed((values - largest).exp().sum(0)).log() + largest


def batch_norm(
    values: Tensor,
    running_mean: Tensor,
    running_variance: Tensor,
    *,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """PyTorch's ``batch_norm`` of (B, N) without weights, over the documents of the whole batch."""
    if _sharing[-1] is None or not training:
        return functional.batch_norm(
            values, running_mean, running_variance, training=training, momentum=momentum, eps=eps
        )
    center = mean(values)
    centred = values - center
    variance = mean(centred.square())
    with torch.no_grad():
        n = length(values)
        running_mean.lerp_(center, momentum)
        running_variance.lerp_(variance * (n / (n - 1)), momentum)
    return centred * (variance + eps).rsqrt()


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        return _total(own)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _total(gradient)


def _total(own: Tensor) -> Tensor:
    total = own.contiguous().clone()
    torch.distributed.all_reduce(total)
    return total


def _one_after_another(now: _Sharing, own: Tensor) -> Tensor:
    lengths = _lengths(now, len(own), own.device)
    sent = own.new_zeros((max(lengths), *own.shape[1:]))
    sent[: len(own)] = own
    received = [torch.empty_like(sent) for _ in lengths]
    torch.distributed.all_gather(received, sent)
    return torch.cat([rows[:n] for rows, n in zip(received, lengths, strict=True)])


def _own(now: _Sharing, n_own: int, device: torch.device) -> tuple[Tensor, int]:
    """Places of this process's rows in the whole batch, and how many there are in all."""
    if n_own in now.places:
        return now.places[n_own]
    lengths = _lengths(now, n_own, device)
    before = sum(lengths[: now.rank])
    return torch.arange(before, before + n_own, device=device), sum(lengths)


def _lengths(now: _Sharing, n_own: int, device: torch.device) -> list[int]:
    received = torch.zeros(now.count, dtype=torch.int64, device=device)
    received[now.rank] = n_own
    torch.distributed.all_reduce(received)
    return [int(n) for n in received.tolist()]
