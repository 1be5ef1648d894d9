"""Likelihoods of sparse counts with hand-written gradients: few passes, nothing of size D x V."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from polytopic.nets.batch import CountsBatch

__all__ = ["mixture_log_likelihood", "softmax_log_likelihood"]

_SMALLEST = 1e-12


def softmax_log_likelihood(
    features: Tensor, weight: Tensor, bias: Tensor, batch: CountsBatch
) -> Tensor:
    """sum_v counts_dv log softmax(features W + b)_dv of each document, shape (B,).

    Parameters
    ----------
    features : Tensor of shape (B, K)
    weight : Tensor of shape (K, V)
    bias : Tensor of shape (V,)
    batch : CountsBatch of B documents
    """
    return cast(
        Tensor,
        _SoftmaxLogLikelihood.apply(  # type: ignore[no-untyped-call]
            features, weight, bias, batch.documents, batch.terms, batch.values, batch.totals
        ),
    )


class _SoftmaxLogLikelihood(torch.autograd.Function):
    """Keeps one (B, V) buffer: logits, then probabilities, then their gradient, in place."""

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        documents: Tensor,
        terms: Tensor,
        values: Tensor,
        totals: Tensor,
    ) -> Tensor:
        logits = torch.addmm(bias, features, weight)
        pairs = documents * weight.shape[1] + terms
        observed = logits.view(-1)[pairs] * values
        normalizer = logits.logsumexp(1)
        probabilities = logits.sub_(normalizer.unsqueeze(1)).exp_()
        ctx.save_for_backward(features, weight, probabilities, pairs, documents, values, totals)
        data = torch.zeros_like(totals).index_add_(0, documents, observed)
        return data - totals * normalizer

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, probabilities, pairs, documents, values, totals = ctx.saved_tensors
        slope = probabilities.mul((-gradient * totals).unsqueeze(1))
        slope.view(-1).index_add_(0, pairs, values * gradient[documents])
        return slope @ weight.t(), features.t() @ slope, slope.sum(0), None, None, None, None


def mixture_log_likelihood(theta: Tensor, beta: Tensor, batch: CountsBatch) -> Tensor:
    """sum_v counts_dv log (theta beta')_dv of each document, at the observed pairs, shape (B,).

    Parameters
    ----------
    theta : Tensor of shape (B, K)
    beta : Tensor of shape (V, K)
        Column k is p(term | topic k).
    batch : CountsBatch of B documents
    """
    return cast(
        Tensor,
        _MixtureLogLikelihood.apply(  # type: ignore[no-untyped-call]
            theta, beta, batch.documents, batch.terms, batch.values, batch.offsets
        ),
    )


class _MixtureLogLikelihood(torch.autograd.Function):
    """The backward pass is two sparse products with the (B, V) matrix of counts / p."""

    @staticmethod
    def forward(
        ctx: Any,
        theta: Tensor,
        beta: Tensor,
        documents: Tensor,
        terms: Tensor,
        values: Tensor,
        offsets: Tensor,
    ) -> Tensor:
        probability = (beta[terms] * theta[documents]).sum(1).clamp_min_(_SMALLEST)
        ctx.save_for_backward(theta, beta, documents, terms, values / probability)
        sums = torch.zeros(len(offsets), dtype=theta.dtype, device=theta.device)
        return sums.index_add_(0, documents, values * probability.log())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        theta, beta, documents, terms, ratio = ctx.saved_tensors
        weights = ratio * gradient[documents]
        places = torch.stack([documents, terms])
        matrix = torch.sparse_coo_tensor(
            places, weights, (len(theta), len(beta)), is_coalesced=True, check_invariants=False
        )
        d_theta = torch.sparse.mm(matrix, beta)
        d_beta = torch.sparse.mm(matrix.t(), theta)
        return d_theta, d_beta, None, None, None, None
