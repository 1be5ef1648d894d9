"""Autoencoders without a distribution: a row, a short vector, the row again."""

from __future__ import annotations

from collections.abc import Collection

import torch

from polytopic.autoencoders.rows.base import BaseAutoencoder
from polytopic.autoencoders.rows.decoders import LIKELIHOODS, SquaredError
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.autoencoders.rows.modules import Code
from polytopic.autoencoders.rows.noise import NOISES, Mask, Noise
from polytopic.autoencoders.rows.reading import Preparation
from polytopic.errors import InputError
from polytopic.parameters import Choice, Real, parameter

__all__ = ["Autoencoder", "DenoisingAutoencoder"]


class Autoencoder(BaseAutoencoder):
    """Rows through a narrow middle and back (Hinton & Salakhutdinov, Science 313, 2006).

    h = encoder(x)                          (D, E)
    loss = |x - decoder(h)|^2               likelihood="gaussian"
    loss = -sum_v x_v log softmax(decoder(h))_v     likelihood="categorical", for counts

    Without hidden layers and with squared error it spans the space of the first E principal
    components (Baldi & Hornik 1989). The codes know no prior: nothing says where a new one lies.

    Examples
    --------
    >>> import numpy as np, polytopic as pt
    >>> counts = np.random.default_rng(0).poisson(1.0, size=(60, 12))
    >>> codes = pt.Autoencoder(dim=3, epochs=2, random_state=0).fit_transform(counts)
    >>> codes.shape
    (60, 3)
    """

    n_threads: int | None = parameter(
        text="Blocks of documents inferred at once, one a processor by default. Training runs on "
        "one thread. The same seed gives the same bits, whatever the number.",
        default=None,
    )

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
    """

    noise: str = parameter(
        Choice(tuple(NOISES)),
        "Entries set to zero (in real-valued rows with few zeros: to the column's mean), "
        "tokens left out (counts only), or Gaussian noise on every entry of the encoder's "
        "input.",
        default="mask",
    )
    noise_level: float = parameter(
        Real(0),
        "Share of entries or tokens lost, below 1; of Gaussian noise its deviation, in units "
        "of the root mean square of an entry.",
        default=0.5,
    )

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
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
