"""The softmax likelihood of many documents and terms, some documents at a time.

A processor spends more on fetching fresh memory for a large (B, V) buffer than on filling it. Here
one small buffer serves all parts of a batch, or, of products that come in memory of their own, each
part has one as small: its gradients are taken while it holds them.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
from torch import Tensor

from polytopic.nets.batch import CountsBatch
from polytopic.nets.products import product
from polytopic.nets.softmax_loops import exponentials_of_rows
from polytopic.nets.sparse_products import Pairs, array_of, pairs_of

__all__ = ["LARGEST_BUFFER", "exponentials", "swept_log_likelihood"]

LARGEST_BUFFER = 1 << 22
"""Numbers of a (B, V) buffer from which a batch goes in parts."""

_PART = 3_000_000
"""Numbers of the buffer that the parts share."""

_MOST_DOCUMENTS = 100
"""Of a part: where products come in memory of their own, larger ones leave the heap in pieces. With
300 of 10,000 terms a fit grew to twice its size, and took a fifth longer."""

_IN_CACHE = 1 << 18
"""Numbers of a buffer that several passes work on before the next are fetched."""

_MOST_THREADS = 4
"""Threads of torch up to which the compiled loop makes exponentials sooner, on one: it takes a
quarter of the time of torch's passes."""

_SMALLEST = 1e-12
"""An empty document has a token's likelihood of 0, not NaN."""


def exponentials(scores: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Of logits, scores + bias: each row's largest, and the sum of its exp(logit - largest).

    The exponentials are written over the scores, a few rows at a time.
    """
    if _compiled_is_quicker(scores):
        top, whole = scores.new_empty(2, len(scores))
        exponentials_of_rows(*(array_of(tensor) for tensor in (scores, bias, top, whole)))
        return top, whole
    step = len(scores) if scores.device.type != "cpu" else max(1, _IN_CACHE // scores.shape[1])
    tops, sums = [], []
    for part in scores.split(step):
        tops.append(part.add_(bias).amax(1))
        sums.append(part.sub_(tops[-1].unsqueeze(1)).exp_().sum(1))
    return torch.cat(tops), torch.cat(sums)


def _compiled_is_quicker(scores: Tensor) -> bool:
    single = scores.dtype == torch.float32 and scores.is_contiguous()
    return scores.device.type == "cpu" and single and torch.get_num_threads() <= _MOST_THREADS


def swept_log_likelihood(
    features: Tensor, weight: Tensor, bias: Tensor, batch: CountsBatch
) -> Tensor:
    """What :func:`polytopic.nets.softmax_log_likelihood` gives, shape (B,), in parts."""
    wanted = torch.is_grad_enabled()
    return cast(
        Tensor,
        _SweptLogLikelihood.apply(  # type: ignore[no-untyped-call]
            features, weight, bias, batch.values, batch.totals, pairs_of(batch), wanted
        ),
    )


class _SweptLogLikelihood(torch.autograd.Function):
    """The forward pass leaves the gradients of the sum over documents.

    A mean over documents asks for a multiple of them. Where documents have unequal parts in the
    loss, the backward pass sweeps once more with their weights.
    """

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        values: Tensor,
        totals: Tensor,
        pairs: Pairs,
        wanted: bool,
    ) -> Tensor:
        swept = _sweep(_Inputs(features, weight, bias, values, totals, pairs), None, wanted)
        ctx.save_for_backward(features, weight, bias, values, totals, *pairs, *swept[1:])
        return swept.likelihood

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias, values, totals, documents, terms, ends, d_features, d_both = (
            ctx.saved_tensors
        )
        factor = gradient[0]
        if not bool((gradient == factor).all()):
            pairs = Pairs(documents, terms, ends)
            inputs = _Inputs(features, weight, bias, values, totals, pairs)
            _, d_features, d_both = _sweep(inputs, gradient, True)
            factor = torch.ones_like(factor)
        d_both = d_both * factor
        return d_features * factor, d_both[:-1], d_both[-1], None, None, None, None


class _Inputs(NamedTuple):
    features: Tensor
    weight: Tensor
    bias: Tensor
    values: Tensor
    totals: Tensor
    pairs: Pairs


class _Swept(NamedTuple):
    likelihood: Tensor
    d_features: Tensor
    d_both: Tensor
    """Gradient on the weights, and in the last row on the bias, shape (K + 1, V)."""


def _sweep(inputs: _Inputs, gradient: Tensor | None, wanted: bool) -> _Swept:
    """Likelihoods and, if wanted, the gradients of their sum weighted by ``gradient``."""
    features, weight, *_ = inputs
    n_documents, n_terms = len(features), weight.shape[1]
    step = max(1, min(_PART // n_terms, _MOST_DOCUMENTS))
    buffer = features.new_empty(min(step, n_documents), n_terms)
    likelihood = features.new_empty(n_documents)
    d_features = torch.empty_like(features)
    d_both = weight.new_zeros(weight.shape[0] + 1 if wanted else 0, n_terms)
    first = 0
    for start in range(0, n_documents, step):
        rows = slice(start, min(start + step, n_documents))
        last = int(inputs.pairs.ends[rows.stop - 1])
        part = buffer[: rows.stop - start]
        part, likelihood[rows], factor = _fill(part, inputs, rows, slice(first, last))
        if wanted:
            factor = (factor if gradient is None else factor * gradient[rows]).unsqueeze(1)
            torch.mul(product(part, weight.t()), factor, out=d_features[rows])
            sided = torch.cat([features[rows], torch.ones_like(factor)], 1).mul_(factor)
            d_both.add_(product(sided.t(), part))
        first = last
    return _Swept(likelihood, d_features, d_both)


def _fill(
    part: Tensor, inputs: _Inputs, rows: slice, places: slice
) -> tuple[Tensor, Tensor, Tensor]:
    """A buffer, likelihoods of the rows, and what times the buffer is their gradient on the logits.

    The buffer holds e - x s / n: exponentials, counts, sum of exponentials, tokens; it is ``part``
    where products can be put there.
    """
    features, weight, bias, values, totals, pairs = inputs
    terms, values, totals = pairs.terms[places], values[places], totals[rows]
    documents = pairs.documents[places] - rows.start
    part = product(features[rows], weight, out=part)
    flat = documents * weight.shape[1] + terms
    observed = (part.view(-1)[flat] + bias[terms]) * values
    data = torch.zeros_like(totals).index_add_(0, documents, observed)
    top, sums = exponentials(part, bias)
    a_token = sums / totals.clamp_min(_SMALLEST)
    part.view(-1).index_add_(0, flat, -values * a_token[documents])
    return part, data - totals * (top + sums.log()), -totals / sums
