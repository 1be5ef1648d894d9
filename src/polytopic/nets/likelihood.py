"""Likelihoods of sparse counts with hand-written gradients: few passes, nothing of size D x V."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, distributed

from polytopic.nets.batch import CountsBatch
from polytopic.nets.likelihood_in_parts import LARGEST_BUFFER, exponentials, swept_log_likelihood
from polytopic.nets.products import product
from polytopic.nets.sparse_products import (
    Pairs,
    column_max,
    outer_sums,
    pair_dots,
    pairs_of,
    weighted_sums,
)

__all__ = [
    "LARGEST_TABLE",
    "mixture_log_likelihood",
    "softmax_log_likelihood",
    "topic_softmax_log_likelihood",
    "unit_variance",
    "weighted_bag",
]

_SMALLEST = 1e-12
"""No observed term has probability 0, whose log would end training; float32 sums of shares are off
by more."""

LARGEST_TABLE = 1 << 22
"""Numbers of a table of rows from which its gradient names the rows it has."""


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
    if features.device.type == "cpu" and features.shape[0] * weight.shape[1] > LARGEST_BUFFER:
        return swept_log_likelihood(features, weight, bias, batch)
    return cast(
        Tensor,
        _SoftmaxLogLikelihood.apply(  # type: ignore[no-untyped-call]
            features, weight, bias, batch.documents, batch.terms, batch.values, batch.totals
        ),
    )


class _SoftmaxLogLikelihood(torch.autograd.Function):
    """Keeps one (B, V) buffer: logits, then exponentials e with sums s, then their departure.

    The gradient on the logits is g (x - n e / s) = -(g n / s) (e - x s / n), n a document's
    tokens: the bracket is made in place at the observed pairs, the factor goes to the (B, K) side
    of the products, and the backward pass touches the buffer in two matrix products only.
    """

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
        buffer = product(features, weight)
        pairs = documents * weight.shape[1] + terms
        observed = (buffer.view(-1)[pairs] + bias[terms]) * values
        data = torch.zeros_like(totals).index_add_(0, documents, observed)
        top, sums = exponentials(buffer, bias)
        a_token = sums / totals.clamp_min(_SMALLEST)
        buffer.view(-1).index_add_(0, pairs, -values * a_token[documents])
        ctx.save_for_backward(features, weight, buffer, totals / sums)
        return data - totals * (top + sums.log())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, departure, factor = ctx.saved_tensors
        factor = (-gradient * factor).unsqueeze(1)
        d_features = product(departure, weight.t()).mul_(factor)
        sided = torch.cat([features, torch.ones_like(factor)], 1).mul_(factor)
        d_both = product(sided.t(), departure)
        return d_features, d_both[:-1], d_both[-1], None, None, None, None


def unit_variance(weight: Tensor, covariance: Tensor, power: float, epsilon: float) -> Tensor:
    """W_v (var_v + epsilon)^-power with var_v = W_v' C W_v, shape (K, V).

    Parameters
    ----------
    weight : Tensor of shape (K, V)
        W, its columns the terms.
    covariance : Tensor of shape (K, K)
        C, symmetric.
    power, epsilon : float
        Part of the deviation that is divided out (.5: all of it), and what is added to the
        variance.
    """
    return cast(
        Tensor,
        _UnitVariance.apply(weight, covariance, power, epsilon),  # type: ignore[no-untyped-call]
    )


class _UnitVariance(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, weight: Tensor, covariance: Tensor, power: float, epsilon: float
    ) -> Tensor:
        pull = product(covariance, weight)
        variance = (pull * weight).sum(0) + epsilon
        scale = variance.pow(-power)
        ctx.power = power
        ctx.save_for_backward(weight, pull, variance, scale)
        return weight * scale

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        weight, pull, variance, scale = ctx.saved_tensors
        d_variance = (gradient * weight).sum(0).mul_(scale / variance).mul_(-ctx.power)
        d_weight = torch.addcmul(gradient * scale, pull, 2.0 * d_variance)
        wanted = ctx.needs_input_grad[1]
        d_covariance = product(weight * d_variance, weight.t()) if wanted else None
        return d_weight, d_covariance, None, None


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
            theta, beta, batch.values, pairs_of(batch)
        ),
    )


class _MixtureLogLikelihood(torch.autograd.Function):
    """The backward pass is two sparse products with the (B, V) matrix of counts / p."""

    @staticmethod
    def forward(ctx: Any, theta: Tensor, beta: Tensor, values: Tensor, pairs: Pairs) -> Tensor:
        theta, beta = theta.contiguous(), beta.contiguous()
        likelihood, ratio = _observed(theta, beta, values, pairs)
        ctx.save_for_backward(theta, beta, ratio, *pairs)
        return likelihood

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        theta, beta, ratio, *places = ctx.saved_tensors
        pairs = Pairs(*places)
        weights = ratio * gradient[pairs.documents]
        d_theta = weighted_sums(beta, weights, pairs)
        return d_theta, outer_sums(theta, weights, pairs, len(beta)), None, None


def topic_softmax_log_likelihood(theta: Tensor, logits: Tensor, batch: CountsBatch) -> Tensor:
    """The same for beta = softmax(logits) over the terms, in one piece, shape (B,).

    Parameters
    ----------
    theta : Tensor of shape (B, K)
    logits : Tensor of shape (V, K)
        Column k is topic k's, up to a constant its log p(term | topic k).
    batch : CountsBatch of B documents
    """
    return cast(
        Tensor,
        _TopicSoftmaxLogLikelihood.apply(  # type: ignore[no-untyped-call]
            theta, logits, batch.values, pairs_of(batch)
        ),
    )


class _TopicSoftmaxLogLikelihood(torch.autograd.Function):
    """beta = e / z is never made: z goes to theta's side of the products.

    Of the gradient on the logits, beta (h - beta . h) with h = d loss / d beta, the product
    beta . h is theta . d loss / d theta, summed over the documents: no pass over V and K.
    """

    @staticmethod
    def forward(ctx: Any, theta: Tensor, logits: Tensor, values: Tensor, pairs: Pairs) -> Tensor:
        exponentials = (logits - column_max(logits)).exp_()
        sums = exponentials.sum(0)
        shares = (theta / sums).contiguous()
        likelihood, ratio = _observed(shares, exponentials, values, pairs)
        ctx.save_for_backward(shares, exponentials, sums, ratio, *pairs)
        return likelihood

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        shares, exponentials, sums, ratio, *places = ctx.saved_tensors
        pairs = Pairs(*places)
        weights = ratio * gradient[pairs.documents]
        d_shares = weighted_sums(exponentials, weights, pairs)
        common = (shares * d_shares).sum(0) / sums
        d_logits = outer_sums(shares, weights, pairs, len(exponentials))
        d_logits.sub_(common).mul_(exponentials)
        return d_shares / sums, d_logits, None, None


def _observed(shares: Tensor, rows: Tensor, values: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Log likelihood of each document, and counts / p of each pair."""
    probability = pair_dots(rows, shares, pairs).clamp_min_(_SMALLEST)
    sums = torch.zeros(len(shares), dtype=shares.dtype, device=shares.device)
    return sums.index_add_(0, pairs.documents, values * probability.log()), values / probability


def weighted_bag(rows: Tensor, weights: Tensor, batch: CountsBatch) -> Tensor:
    """sum of w_i rows_t over each document's observed terms, shape (B, E).

    ``rows``: shape (V, E), the only input with a gradient; ``weights``: shape (P,). In one process
    on a processor the gradient of a leaf of more than ``LARGEST_TABLE`` numbers is sparse: the rows
    of the terms that the batch holds. (Several processes add up dense gradients only.)
    """
    shared = distributed.is_available() and distributed.is_initialized()
    sparse = (
        rows.device.type == "cpu" and not shared and rows.is_leaf and rows.numel() > LARGEST_TABLE
    )
    return cast(
        Tensor,
        _WeightedBag.apply(rows, weights, pairs_of(batch), sparse),  # type: ignore[no-untyped-call]
    )


class _WeightedBag(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, weights: Tensor, pairs: Pairs, sparse: bool) -> Tensor:
        ctx.save_for_backward(weights, *pairs)
        ctx.shape, ctx.sparse = rows.shape, sparse
        return weighted_sums(rows, weights, pairs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        weights, *places = ctx.saved_tensors
        pairs, rows = Pairs(*places), None
        if ctx.sparse:
            rows, terms = _distinct(pairs.terms, ctx.shape[0])
            pairs = pairs._replace(terms=terms)
        into = outer_sums(gradient, weights, pairs, ctx.shape[0] if rows is None else len(rows))
        if rows is not None:
            into = torch.sparse_coo_tensor(
                rows.unsqueeze(0), into, ctx.shape, is_coalesced=True, check_invariants=False
            )
        return into, None, None, None


def _distinct(terms: Tensor, n_terms: int) -> tuple[Tensor, Tensor]:
    """The terms that occur, ascending, and each pair's place among them."""
    seen = torch.zeros(n_terms, dtype=torch.int64, device=terms.device)
    seen[terms] = 1
    return seen.nonzero().squeeze(1), (seen.cumsum(0) - 1)[terms]
