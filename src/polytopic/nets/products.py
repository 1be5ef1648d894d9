"""Products of large matrices on a processor, by the quicker of the two libraries that torch has.

torch hands single-precision products to MKL, which keeps its widest instructions for processors of
its maker: elsewhere oneDNN, which writes its loops for the processor it finds, takes half the time
(`python benchmarks/products.py`). It is used where there are such instructions, else torch's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor

__all__ = ["product"]

_FEWEST = 1 << 21
"""Multiplications from which on oneDNN, which takes ten microseconds to be called, is quicker."""

_WIDE = "AVX512"
"""Instructions that torch must find: of others the two libraries are much alike."""


def product(left: Tensor, right: Tensor, out: Tensor | None = None) -> Tensor:
    """left right, of matrices (M, N) and (N, P); shape (M, P).

    Which library multiplies is a matter of the shapes and of the processor alone, so that the same
    product has the same bits. ``out``: memory that may be used for the answer, without gradients.
    """
    if torch.is_grad_enabled() and (left.requires_grad or right.requires_grad):
        return cast(Tensor, _Product.apply(left, right))  # type: ignore[no-untyped-call]
    linear = _linear() if _is_large(left, right) else None
    if linear is None:
        return torch.mm(left, right, out=out)
    return linear(left, right)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor) -> Tensor:
        ctx.save_for_backward(left, right)
        return product(left, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        left, right = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        return (
            product(gradient, right.t()) if wanted[0] else None,
            product(left.t(), gradient) if wanted[1] else None,
        )


def _is_large(left: Tensor, right: Tensor) -> bool:
    return (
        left.device.type == "cpu"
        and left.dtype == right.dtype == torch.float32
        and left.shape[0] * left.shape[1] * right.shape[1] >= _FEWEST
    )


@cache
def _linear() -> Callable[[Tensor, Tensor], Tensor] | None:
    """left right by oneDNN; None where torch has none, or would not be quicker by it.

    The operation is one that torch's compiler calls, not one that torch promises: it is tried once.
    """
    if not torch.backends.mkldnn.is_available() or _capability() != _WIDE:
        return None

    def linear(left: Tensor, right: Tensor) -> Tensor:
        turned = right.t()
        if _copied(turned) < _copied(left):
            return _by_rows(turned, left).t()
        return _by_rows(left, turned)

    left, right = torch.ones(2, 3), torch.arange(12.0).reshape(3, 4)
    try:
        same = torch.equal(linear(left, right), left @ right)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        return None
    return linear if same else None


def _by_rows(left: Tensor, turned: Tensor) -> Tensor:
    """left turned', of (M, N) and (P, N); the first is copied where rows are not in one piece."""
    found: Tensor = torch.ops.mkldnn._linear_pointwise(left, turned, None, "none", [], "")
    return found


def _copied(left: Tensor) -> int:
    return 0 if left.is_contiguous() else left.numel()


def _capability() -> str:
    asked: Any = getattr(torch.backends.cpu, "get_cpu_capability", None)
    return "" if asked is None else str(asked())
