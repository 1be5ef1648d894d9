"""How sure an autoencoder is of a document's topics: draws of its own posterior."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Generator, Tensor

from polytopic import latent
from polytopic.base import Estimator
from polytopic.errors import InputError
from polytopic.nets import CountsBatch
from polytopic.nets.threads import one_thread
from polytopic.topics.vae.elbo import TopicVAE
from polytopic.topics.vae.parts import on_simplex

__all__ = ["TellsDeviations"]

_NOISE = 0
"""Seed of the draws, the same for every document: its answer is its own, whatever stands beside."""


class TellsDeviations(Estimator):
    """What gives autoencoder topic models the mean and deviation of theta."""

    def posterior_of(
        self, X: Any, *, samples: int = 100
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and standard deviation of theta under q(theta | document), by draws.

        q is what the encoder says: it is sure of more than the true posterior is where it was
        trained badly, and differs from that of another seed. ``transform`` gives the mean in closed
        form or by quadrature, to which this mean comes near; of NVDM, whose h has no bounds, it is
        softmax(E[h]), and this is of softmax(h). Deterministic, changes no state.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V), or raw texts
        samples : int
            Draws a document, two at least.

        Returns
        -------
        mean, deviation : float32 arrays of shape (D, K)
            The rows of ``mean`` lie on the simplex.

        Raises
        ------
        InputError
            If the documents cannot be used, or need something beside their counts.
        """
        self._require_fitted("module_")
        if isinstance(samples, bool) or not isinstance(samples, int) or samples < 2:
            raise InputError(f"samples: is {samples!r:.40}. Give two draws or more.")
        return posterior_of(self, X, samples)


def posterior_of(
    model: Any, X: Any, samples: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The work of :meth:`TellsDeviations.posterior_of`."""
    module: TopicVAE = model.module_
    heads, widths = _heads(model, model._checked(X, reset=False))
    mean, deviation = np.empty((2, len(heads), len(model.topic_word_)), dtype=np.float32)
    with one_thread(), torch.no_grad():
        for row, own in enumerate(torch.from_numpy(heads)):
            q = module.lifted(*own.expand(samples, -1).split(widths, dim=1))
            draws = latent.sample(q, module.gradient, Generator().manual_seed(_NOISE)).theta
            draws = (draws.softmax(1) if isinstance(q, latent.Gaussian) else draws).double()
            mean[row], deviation[row] = draws.mean(0).numpy(), draws.std(0).numpy()
    return on_simplex(mean), deviation


def _heads(model: Any, counts: sparse.csr_matrix) -> tuple[NDArray[np.float32], list[int]]:
    """What the encoder says of each document, side by side, and how wide each part is."""

    def encoded(batch: CountsBatch) -> Tensor:
        return torch.cat(model.module_.encoder(batch, None), dim=1)

    first = model._documents(counts, np.arange(min(1, counts.shape[0])), torch.device("cpu"))
    with one_thread(), torch.no_grad():
        parts = model.module_.encoder(first.batch(np.arange(len(first))), None)
    widths = [int(part.shape[1]) for part in parts]
    found: NDArray[np.float32] = model._answers(counts, sum(widths), encoded)
    return found, widths
