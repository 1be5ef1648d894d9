"""DirichletVAE: a Dirichlet posterior with implicit gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from polytopic.base import Choice, Constraint
from polytopic.latent import GRADIENTS, Dirichlet, DirichletPrior, Prior
from polytopic.nets import DECODERS
from polytopic.topics.vae import VAETopicModel

__all__ = ["DirichletVAE"]


class DirichletVAE(VAETopicModel):
    """A Dirichlet posterior in place of the logistic normal (Burkhardt & Kramer, JMLR 2019).

        theta ~ Dirichlet(concentration)          (D, K)
        w_d ~ Multinomial(softmax(BN(theta W)))   W: (K, V), unconstrained

    The posterior's concentrations are a softplus of the encoder's output; the gradient of a draw is
    the implicit one of Figurnov, Mohamed & Mnih (NeurIPS 2018).

    Parameters
    ----------
    n_topics : int
        K, at least 2 and at most the number of terms.
    gradient : {"implicit"}
        How a draw of theta is differentiated.
    decoder : {"product", "mixture"}
        Softmax of the sum of topics, or mixture of the topics' softmaxes.
    dim : int
        E, dimensions of the word vectors in the encoder's first layer (given vectors keep theirs).
    hidden : int
        Units of the encoder's bend beside the direct path.
    prior_concentration : float, optional
        Concentration of the prior a topic; by default .1, and 5 / K from 50 topics on.
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
    >>> model = DirichletVAE(n_topics=2, random_state=0).fit(counts, terms=list("abcdwxyz"))
    >>> sorted("".join(sorted(words)) for words in model.top_words(4))
    ['abcd', 'wxyz']
    >>> model.transform(counts).shape
    (20, 2)
    """

    posterior = Dirichlet
    prior: ClassVar[Callable[[float], Prior]] = DirichletPrior
    _concentration = 0.1
    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **VAETopicModel._constraints,
        "gradient": Choice(tuple(name for family, name in GRADIENTS if family is Dirichlet)),
        "decoder": Choice(tuple(DECODERS)),
    }

    def __init__(
        self,
        *,
        n_topics: int = 50,
        gradient: str = "implicit",
        decoder: str = "product",
        dim: int = 300,
        hidden: int = 100,
        prior_concentration: float | None = None,
        dropout: float = 0.3,
        diversity: float = 1.0,
        usage_floor: float = 0.2,
        epochs: int | None = None,
        batch_size: int = 500,
        learning_rate: float = 0.014,
        kl_warm_up: float = 0.0,
        held_out: float = 0.0,
        patience: int | None = None,
        start: Any = "vectors",
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            n_topics=n_topics,
            dim=dim,
            hidden=hidden,
            prior_concentration=prior_concentration,
            dropout=dropout,
            diversity=diversity,
            usage_floor=usage_floor,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            kl_warm_up=kl_warm_up,
            held_out=held_out,
            patience=patience,
            start=start,
            device=device,
            n_threads=n_threads,
            checkpoint=checkpoint,
            trackers=trackers,
            random_state=random_state,
            verbose=verbose,
        )
        self.gradient = gradient
        self.decoder = decoder
