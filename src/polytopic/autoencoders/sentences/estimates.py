"""What a sentence VAE's bound and code are worth: log-likelihoods, and how much the code says."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from polytopic import latent
from polytopic.autoencoders.sentences.module import SentenceCode
from polytopic.autoencoders.sentences.words import SentenceBatch, Sentences
from polytopic.latent import Gaussian
from polytopic.nets.threads import over_blocks

__all__ = ["CodeUse", "by_block", "code_use", "log_likelihoods", "moments"]

_ACTIVE = 0.01
"""Variance of a dimension's means above which it is in use (Burda et al., ICLR 2016)."""

_POSITIONS = 4096
"""Words (or draws of words) in a batch of estimates: bounds memory, changes no number."""

_MOST_ROWS = 64
"""Sentences in such a batch at most, however short they are."""


def blocks(sentences: Sentences) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows wanted, rows of a block): sentences of one length, as many as that length always has.

    A block that is not full holds its first sentence again, so that the shapes of all products,
    and with them the bits of an answer, depend on the sentence's length alone.
    """
    for length in np.unique(sentences.lengths):
        rows = np.flatnonzero(sentences.lengths == length)
        size = max(1, min(_MOST_ROWS, _POSITIONS // int(length)))
        for first in range(0, len(rows), size):
            part = rows[first : first + size]
            yield part, np.concatenate([part, np.full(size - len(part), part[0])])


def by_block(
    sentences: Sentences, width: int,
    answer: Callable[[SentenceBatch], Tensor], n_threads: int | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """``answer`` of all sentences, (D, width); no sentence's answer depends on its company."""
    out = np.empty((len(sentences), width))

    def work(block: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
        rows, filled = block
        found = answer(sentences.batch(filled))
        out[rows] = found.reshape(len(filled), width)[: len(rows)].numpy()

    over_blocks(work, list(blocks(sentences)), n_threads)
    return out


def moments(code: SentenceCode, sentences: Sentences, n_threads: int | None = None) -> Gaussian:
    """q(h | x) of each sentence, parameters of shape (D, E)."""

    def both(batch: SentenceBatch) -> Tensor:
        q = code.moments(batch)
        return torch.cat([q.location, q.log_variance], 1)

    dim = code.encoder.dim
    found = torch.from_numpy(by_block(sentences, 2 * dim, both, n_threads)).float()
    return Gaussian(found[:, :dim], found[:, dim:])


def log_likelihoods(
    code: SentenceCode, sentences: Sentences, samples: int, n_threads: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds on log p(x) of each sentence from the same S draws of its code, (D,) each.

    The importance-weighted bound, log of the mean of p(x | h) p(h) / q(h | x) (Burda, Grosse &
    Salakhutdinov, ICLR 2016, eq. 8), and the ELBO, the mean of log p(x | h), less the KL in closed
    form. The noise is drawn from a seed that the sentence's words make.
    """

    q, prior = moments(code, sentences, n_threads), cast(Gaussian, code.prior)
    divergence = latent.kl(q, prior)
    found = np.empty((2, len(sentences)))

    def work(number: int) -> None:
        own = Gaussian(q.location[number], q.log_variance[number])
        noise = torch.from_numpy(_noise(sentences.row(number), samples, code.encoder.dim))
        h = own.location + torch.exp(0.5 * own.log_variance) * noise
        size = max(1, _POSITIONS // int(sentences.lengths[number]))
        fits = torch.cat([_fits(code, sentences, number, part) for part in h.split(size)])
        weights = fits + (prior.log_density(h) - own.log_density(h)).double()
        found[0, number] = float(torch.logsumexp(weights, 0)) - math.log(samples)
        found[1, number] = float(fits.mean()) - float(divergence[number])

    over_blocks(work, range(len(sentences)), n_threads)
    return found[0], found[1]


def _fits(code: SentenceCode, sentences: Sentences, number: int, h: Tensor) -> Tensor:
    """log p(x | h) of one sentence and many codes, (S,)."""
    batch = sentences.batch(np.full(len(h), number))
    return code.decoder.log_likelihood(h, batch).double()


def _noise(ids: NDArray[np.int64], samples: int, dim: int) -> NDArray[np.float32]:
    random = np.random.default_rng(zlib.crc32(ids.tobytes()))
    return random.standard_normal((samples, dim), dtype=np.float32)


@dataclass(frozen=True)
class CodeUse:
    """How much the code says of sentences.

    Attributes
    ----------
    kl : float
        Mean KL(q(h | x) || p(h)) in nats.
    mutual_information : float
        Between sentence and code under q, in nats: the KL less that of the aggregate posterior
        (Hoffman & Johnson 2016). At most the logarithm of the number of sentences.
    active_units : int
        Dimensions whose posterior mean varies by more than .01 over the sentences (Burda, Grosse
        & Salakhutdinov, ICLR 2016, appendix C).
    dim : int
    """

    kl: float
    mutual_information: float
    active_units: int
    dim: int

    def sentences(self) -> list[str]:
        """The same in plain English."""
        found = [
            f"The code says {self.mutual_information:.2f} nats of a sentence (KL {self.kl:.2f}); "
            f"{self.active_units} of {self.dim} dimensions are active."
        ]
        if self.mutual_information < 0.5 or self.active_units == 0:
            found.append("The decoder does without the code. Raise free_bits or word_dropout.")
        return found


def code_use(q: Gaussian, prior: Gaussian, seed: int = 0) -> CodeUse:
    """Of posteriors (D, E), with one draw each and all of them as the aggregate posterior."""
    noise = torch.randn(q.location.shape, generator=torch.Generator().manual_seed(seed))
    h = q.location + torch.exp(0.5 * q.log_variance) * noise
    count = len(h)
    own, among = q.log_density(h).double(), []
    precision, center = torch.exp(-q.log_variance.double()), q.location.double()
    constant = -0.5 * (q.log_variance + center.square() * precision).sum(1)
    for part in h.double().split(256):
        square = part.square() @ precision.t() - 2 * part @ (center * precision).t()
        logs = constant - 0.5 * square - 0.5 * h.shape[1] * math.log(2 * math.pi)
        among.append(torch.logsumexp(logs, 1) - math.log(count))
    return CodeUse(
        kl=float(latent.kl(q, prior).mean()),
        mutual_information=float((own - torch.cat(among)).mean()),
        active_units=int((q.location.var(0, correction=0) > _ACTIVE).sum()),
        dim=h.shape[1],
    )
