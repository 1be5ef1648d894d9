"""ProdLDA: topics as a product of experts."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from polytopic.latent import LaplaceDirichlet, LogisticNormal, Prior
from polytopic.topics.vae import VAETopicModel

__all__ = ["ProdLDA"]


class ProdLDA(VAETopicModel):
    """Topics as a product of experts (Srivastava & Sutton, ICLR 2017, arXiv:1703.01488).

    h ~ N(mu_0, diag(sigma2_0))               Laplace approximation of Dirichlet(concentration)
    theta = softmax(h)                        (D, K)
    w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained

    Parameters
    ----------
    n_topics : int
        K, at least 2 and at most the number of terms.
    dim : int
        E, dimensions of the word vectors in the encoder's first layer (given vectors keep theirs).
    hidden : int
        Units of the encoder's bend beside the direct path.
    prior_concentration : float, optional
        Concentration of the prior a topic; by default .2, and 10 / K from 50 topics on.
    dropout : float
        Share of a document's terms hidden from the encoder at each step.
    diversity : float
        Weight of the penalty on topics that point the same way, in nats a document.
    usage_floor : float
        A topic that wins less than this part of its even share of the documents is lifted.
    epochs : int, optional
        Passes over the documents; by default ten, more for small corpora, fewer for large ones.
    batch_size : int
        Documents a step.
    learning_rate : float
        Peak of the one-cycle schedule.
    kl_warm_up : float
        Share of the training over which the KL weight rises to one.
    held_out : float
        Share of the documents kept out of training; their bound decides which weights are kept.
    patience : int, optional
        With ``held_out``: epochs without a better bound before training stops.
    start : {"vectors", "random"}, array of shape (V, E) or WordVectors
        Vectors of the corpus itself, noise, or given vectors in the order of the terms.
    device : str
        "auto", "cpu", "cuda", "cuda:1", "mps".
    n_threads : int, optional
        Threads of torch. The same number and seed give the same bits.
    checkpoint : path, optional
        Folder written after each epoch; a fit that finds one there goes on from it.
    trackers : str, list or None
        What Accelerate's ``log_with`` takes.
    random_state : int, RandomState, Generator or None
    verbose : bool
        Show a progress bar.

    Raises
    ------
    InputError
        By ``fit`` and ``transform``: parameters or counts that cannot be used.

    >>> import numpy as np
    >>> counts = np.kron(np.eye(2, dtype=int), np.full((10, 4), 2))
    >>> model = ProdLDA(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = LogisticNormal
    prior: ClassVar[Callable[[float], Prior]] = LaplaceDirichlet
    decoder = "product"
    gradient = "pathwise"
    _offsets = (-1.0,)
    _concentration = 0.2
