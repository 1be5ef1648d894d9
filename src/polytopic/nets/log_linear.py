"""The decoder of unconstrained latents."""

from __future__ import annotations

from torch import Tensor

from polytopic.nets.decoders import Product, departures

__all__ = ["LogLinear"]

_DEVIATIONS = 6.0
"""How far out a document lies that says what a dimension is about: far enough that the words it
raises stand alone. Chosen with the defaults, on 20ng-5k (`benchmarks/topics.py`)."""


class LogLinear(Product):
    """p(v | h) = softmax((h - m) W~ + b) for any real h, the columns of W summing to zero.

    The decoder of NVDM (Miao, Yu & Blunsom, ICML 2016) and :class:`Product` on h. Since no column
    of W has a sum, h and h + c give the same distribution: softmax(h), a point on the simplex, says
    all of h that the likelihood sees.

    topic_word are the departures of a document that lies six deviations out in one dimension.
    """

    def experts(self) -> Tensor:
        return self.weight - self.weight.mean(0)

    def topic_word(self) -> Tensor:
        if not self.stands_apart:
            return super().topic_word()
        reach = _DEVIATIONS * self.running_covariance.diagonal().sqrt().mean()
        scaled = self._scaled(self.running_covariance)
        return departures(reach * scaled, self.background, self.trust)
