"""How noisy each gradient is: variance over draws of theta, on one batch of a trained model.

    python benchmarks/gradient_variance.py                     # DirichletVAE and ProdLDA, 20ng-5k
    python benchmarks/gradient_variance.py --models prodlda weibull-vae --draws 200

The loss is the negative bound of one batch, and the gradient that of the encoder's first layer (a
vector a term). Nothing but the draw of theta is random: no dropout, statistics of the batch held.
Columns: ``variance``, the mean over the layer's parameters of the variance over draws; ``ratio``,
that over the variance of the model's own gradient; ``noise``, the deviation of one draw's gradient
over the length of the own gradient's mean (0 is exact, above 1 a draw says little); ``bias``, the
distance of the means of two gradients over that length, where it is more than twice what the noise
of the means explains (-: none seen with so many draws); milliseconds for a batch, forward and
backward, one thread.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, Split, load_split


@dataclass
class Moments:
    """Mean and variance over draws of one gradient, and milliseconds a draw."""

    mean: Any
    variance: Any
    draws: int
    milliseconds: float

    @property
    def noise(self) -> float:
        """Squared deviation of one draw, summed over the parameters."""
        return float(self.variance.sum())


def trained(name: str, split: Split, k: int, seed: int) -> Any:
    from polytopic import registry

    model = registry.load_class(registry.find(name))(n_topics=k, n_threads=1, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(split.train, terms=split.terms)


def moments(module: Any, batch: Any, gradient: str, draws: int) -> Moments:
    """Of the gradient of the first layer, by Welford's update, in float64."""
    import torch

    layer = module.encoder.vectors
    module.gradient = gradient
    generator = torch.Generator().manual_seed(0)
    mean = torch.zeros_like(layer, dtype=torch.float64)
    squares, seconds = torch.zeros_like(mean), []
    for draw in range(1, draws + 1):
        started = time.perf_counter()
        loss, _ = module(batch, 1.0, generator)
        (found,) = torch.autograd.grad(loss, [layer])
        seconds.append(time.perf_counter() - started)
        step = found.double() - mean
        mean += step / draw
        squares += step * (found.double() - mean)
    return Moments(mean, squares / (draws - 1), draws, 1e3 * statistics.median(seconds))


def bias(one: Moments, own: Moments) -> float | None:
    """|E g - E own| from the means, their noise taken out; None if that may be all there is."""
    noise = one.noise / one.draws + own.noise / own.draws
    distance = float((one.mean - own.mean).square().sum())
    return None if distance < 4 * noise else (distance - noise) ** 0.5


def table(name: str, split: Split, arguments: argparse.Namespace) -> None:
    import torch

    from polytopic.latent import GRADIENTS
    from polytopic.nets import SparseCounts

    torch.set_num_threads(1)
    model = trained(name, split, arguments.k, arguments.seed)
    module, first = model.module_.eval(), model._gradient
    rows = np.random.default_rng(arguments.seed).choice(
        split.train.shape[0], arguments.batch, replace=False
    )
    batch = SparseCounts(split.train[rows], torch.device("cpu")).batch(np.arange(len(rows)))
    names = [first, *(g for f, g in GRADIENTS if f is model.posterior and g != first)]
    found = {g: moments(module, batch, g, arguments.draws) for g in names}
    own, length = found[first], float(found[first].mean.norm())
    print(f"\n{name}, K = {arguments.k}, {arguments.batch} documents, {arguments.draws} draws")
    print(f"{'gradient':22}{'variance':>11}{'ratio':>9}{'noise':>8}{'bias':>8}{'ms':>7}")
    for gradient, seen in found.items():
        figures = f"{float(seen.variance.mean()):11.2e}{seen.noise / own.noise:9.2f}"
        far = bias(seen, own)
        figures += f"{seen.noise**0.5 / length:8.2f}"
        figures += f"{'-':>8}" if far is None else f"{far / length:8.2f}"
        print(f"{gradient:22}{figures}{seen.milliseconds:7.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=["dirichlet-vae", "prodlda"])
    parser.add_argument("--corpus", default="20ng-5k")
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    split = load_split(arguments.corpus, arguments.data)
    for name in arguments.models:
        table(name, split, arguments)


if __name__ == "__main__":
    main()
