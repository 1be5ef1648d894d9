"""Products of a training step by the two libraries that torch has, on one thread.

    python benchmarks/products.py                      # a batch of 200, V = 5,000
    python benchmarks/products.py --terms 30000

Medians of pairs in turn; Gflop/s beside the milliseconds. The shapes are those of ProdLDA's step
with K = 50 (scores, their gradients, the normalisation, the topics' overlap) and of ETM's with
vectors of 200 numbers. ratio: the time of torch.mm in that of `polytopic.nets.products`, 1 where
the processor has no AVX-512 or torch no oneDNN.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from polytopic.nets.products import product

DOCUMENTS, TOPICS, DIM = 200, 50, 200


def seconds(multiply: Callable[[], object]) -> float:
    began = time.perf_counter()
    multiply()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--terms", type=int, default=5_000)
    parser.add_argument("--pairs", type=int, default=60)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    b, k, v, e = DOCUMENTS, TOPICS, asked.terms, DIM
    weight, scores, vectors = torch.randn(k, v), torch.randn(b, v), torch.randn(v, e)
    cases = {
        "scores, theta W": (torch.randn(b, k), weight),
        "slope of theta, S W'": (scores, weight.t()),
        "slope of W, theta' S": (torch.randn(b, k).t(), scores),
        "normalisation, C W": (torch.randn(k, k), weight),
        "overlap, W W'": (weight, weight.t()),
        "logits of ETM, rho alpha'": (vectors, torch.randn(k, e).t()),
        "slope of alpha, rho' S": (vectors.t(), torch.randn(v, k)),
    }
    print("| product | torch.mm, ms | Gflop/s | product, ms | Gflop/s | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (left, right) in cases.items():
        flops = 2.0 * left.shape[0] * left.shape[1] * right.shape[1]
        own, other = [], []
        for _ in range(asked.pairs):
            other.append(seconds(lambda left=left, right=right: torch.mm(left, right)))
            own.append(seconds(lambda left=left, right=right: product(left, right)))
        one, two = statistics.median(other), statistics.median(own)
        ratio = statistics.median(o / p for o, p in zip(other, own, strict=True))
        print(
            f"| {name} | {1e3 * one:.2f} | {flops / one / 1e9:.0f} | {1e3 * two:.2f} "
            f"| {flops / two / 1e9:.0f} | {ratio:.2f} |"
        )


if __name__ == "__main__":
    main()
