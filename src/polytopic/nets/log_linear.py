"""The decoder of unconstrained latents."""

from __future__ import annotations

from torch import Tensor

from polytopic.nets.decoders import Product

__all__ = ["LogLinear"]


class LogLinear(Product):
    """p(v | h) = softmax((h - m) W~ + b) for any real h, the columns of W summing to zero.

    The decoder of NVDM (Miao, Yu & Blunsom, ICML 2016) and :class:`Product` on h. Since no column
    of W has a sum, h and h + c give the same distribution: softmax(h), a point on the simplex, says
    all of h that the likelihood sees.
    """

    def experts(self) -> Tensor:
        return self.weight - self.weight.mean(0)
