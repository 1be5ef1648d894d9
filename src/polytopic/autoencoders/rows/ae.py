"""Autoencoders without a distribution: a row, a short vector, the row again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch

from polytopic.autoencoders.rows.base import BaseAutoencoder
from polytopic.autoencoders.rows.decoders import LIKELIHOODS, SquaredError
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.autoencoders.rows.modules import Code
from polytopic.autoencoders.rows.noise import NOISES, Mask, Noise
from polytopic.autoencoders.rows.reading import Preparation
from polytopic.base import Choice, Constraint, Real
from polytopic.errors import InputError

__all__ = ["Autoencoder", "DenoisingAutoencoder"]


class Autoencoder(BaseAutoencoder):
    """Rows through a narrow middle and back (Hinton & Salakhutdinov, Science 313, 2006).

    h = encoder(x)                          (D, E)
    loss = |x - decoder(h)|^2               likelihood="gaussian"
    loss = -sum_v x_v log softmax(decoder(h))_v     likelihood="categorical", for counts

    Without hidden layers and with squared error it spans the space of the first E principal
    components (Baldi & Hornik 1989). The codes know no prior: nothing says where a new one lies.

    Parameters
    ----------
    dim : int
        E, at most V.
    likelihood : {"categorical", "gaussian", "bernoulli"}
        What the rows are: counts, real numbers such as tf-idf (squared error), or entries in
        [0, 1].
    hidden : int or list of int
        Units of the encoder's hidden layers; 0 for none.
    decoder_hidden : int or list of int
        Units of the decoder's hidden layers; 0 for none: each output is linear in h.
    epochs : int, optional
        Passes over the rows; by default twenty, more for few rows.
    batch_size : int
        Rows a step.
    learning_rate : float
        Peak of the one-cycle schedule of Adam.
    held_out : float
        Share of the rows kept out of training; how they are restored decides which weights are
        kept.
    patience : int, optional
        With ``held_out``: epochs without a better value before training stops.
    device : str
        "auto", "cpu", "cuda", "cuda:1", "mps".
    n_threads : int, optional
        Blocks of rows inferred at once, one a processor by default. Training runs on one thread.
        The same seed gives the same bits, whatever the number.
    checkpoint : path, optional
        Folder written after each epoch; a fit that finds one there goes on from it.
    trackers : str, list or None
        What Accelerate's ``log_with`` takes.
    random_state : int, RandomState, Generator or None
    verbose : bool
        Show a progress bar.

    Examples
    --------
    >>> import numpy as np, polytopic as pt
    >>> counts = np.random.default_rng(0).poisson(1.0, size=(60, 12))
    >>> codes = pt.Autoencoder(dim=3, epochs=2, random_state=0).fit_transform(counts)
    >>> codes.shape
    (60, 3)
    """

    def __init__(
        self,
        *,
        dim: int = 50,
        likelihood: str = "categorical",
        hidden: Any = 500,
        decoder_hidden: Any = 0,
        epochs: int | None = None,
        batch_size: int = 200,
        learning_rate: float = 0.01,
        held_out: float = 0.0,
        patience: int | None = None,
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.dim = dim
        self.likelihood = likelihood
        self.hidden = hidden
        self.decoder_hidden = decoder_hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.held_out = held_out
        self.patience = patience
        self.device = device
        self.n_threads = n_threads
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.random_state = random_state
        self.verbose = verbose

    def _noise(self) -> Noise:
        return Mask(0.0)

    def _module(
        self, encoder: RowEncoder, prepared: Preparation, widths: list[int],
        generator: torch.Generator,
    ) -> Code:  # fmt: skip
        if self.likelihood == "gaussian":
            shift = torch.from_numpy(prepared.shift).float()
            decoder = self._decoder(SquaredError, prepared, widths, generator, shift=shift)
        else:
            decoder = self._decoder(LIKELIHOODS[self.likelihood], prepared, widths, generator)
        return Code(encoder, decoder)


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that gets to see a spoilt row (Vincent, Larochelle, Bengio & Manzagol 2008).

    x~ = noise(x)
    h = encoder(x~)                         (D, E)
    loss = -log p(x | decoder(h))           of the clean row

    What is lost must be guessed from what is left, so the code cannot be a copy: it learns which
    terms go together. Extended in JMLR 11, 2010. ``transform`` sees the row as it is.

    Parameters
    ----------
    noise : {"mask", "word-drop", "gaussian"}
        Entries set to zero (in real-valued rows with few zeros: to the column's mean), tokens left
        out (counts only), or Gaussian noise on every entry of the encoder's input.
    noise_level : float
        Share of entries or tokens lost, below 1; of Gaussian noise its deviation, in units of the
        root mean square of an entry.
    dim, likelihood, hidden, decoder_hidden, epochs, batch_size, learning_rate, held_out, patience,
    device, n_threads, checkpoint, trackers, random_state, verbose
        As of :class:`Autoencoder`.
    """

    _constraints: ClassVar[Mapping[str, Constraint]] = {
        **Autoencoder._constraints,
        "noise": Choice(tuple(NOISES)),
        "noise_level": Real(0),
    }

    def __init__(
        self,
        *,
        dim: int = 50,
        likelihood: str = "categorical",
        noise: str = "mask",
        noise_level: float = 0.5,
        hidden: Any = 500,
        decoder_hidden: Any = 0,
        epochs: int | None = None,
        batch_size: int = 200,
        learning_rate: float = 0.01,
        held_out: float = 0.0,
        patience: int | None = None,
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.noise = noise
        self.noise_level = noise_level
        super().__init__(
            dim=dim,
            likelihood=likelihood,
            hidden=hidden,
            decoder_hidden=decoder_hidden,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            held_out=held_out,
            patience=patience,
            device=device,
            n_threads=n_threads,
            checkpoint=checkpoint,
            trackers=trackers,
            random_state=random_state,
            verbose=verbose,
        )

    def _validate_parameters(self, skipped: Collection[str] = ()) -> None:
        super()._validate_parameters(skipped)
        if self.noise == "word-drop" and self.likelihood != "categorical":
            raise InputError(
                f'noise: "word-drop" leaves out tokens, and likelihood="{self.likelihood}" reads '
                'none. Use "mask" or "gaussian", or the categorical likelihood on counts.'
            )
        if self.noise != "gaussian" and self.noise_level >= 1:
            raise InputError(
                f"noise_level: {self.noise_level} given. It must be below 1 for "
                f'noise="{self.noise}": nothing of a row would be left.'
            )

    def _noise(self) -> Noise:
        return NOISES[self.noise](self.noise_level)
