"""The sentence VAE: each sentence a Gaussian over vectors, from which it can be said again."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from polytopic import __version__, persistence
from polytopic.autoencoders.sentences.base import BaseSentenceVAE
from polytopic.autoencoders.sentences.module import SentenceCode
from polytopic.autoencoders.sentences.parts import build, prepared
from polytopic.autoencoders.sentences.words import Lexicon, Sentences
from polytopic.base import seed_from
from polytopic.parameters import attribute
from polytopic.tracking import Tracking
from polytopic.training.estimators import NOT_PART_OF_A_RUN, tell_interrupted
from polytopic.training.loop import Outcome, Trainer
from polytopic.training.processes import Processes

__all__ = ["SentenceVAE"]


class SentenceVAE(BaseSentenceVAE):
    """Sentences from a continuous space (Bowman et al., CoNLL 2016, arXiv:1511.06349).

    h ~ N(0, I)                                     (D, E)
    p(x | h) = prod_t p(x_t | x_<t, h), to the end of the sentence: an LSTM that begins from h
    q(h | x) = N(location(x), diag(exp(log_variance(x)))), from an LSTM over the words
    bound = E_q[log p(x | h)] - KL(q(h | x) || N(0, I))     the KL in closed form

    Attributes
    ----------
    vocabulary_ : Vocabulary
    history_ : list of dict
        One record an epoch: ``loss`` and ``bound`` in nats a sentence, ``kl``, ``active``
        dimensions, and ``held_out``: the bound in nats a word (the end counted).
    notes_ : dict
        What ``fit`` read, and what it left out.

    Examples
    --------
    >>> import polytopic as pt
    >>> texts = [f"the {a} {b} ." for a in ("old", "red") for b in ("car", "cat", "hat")] * 9
    >>> model = pt.SentenceVAE(dim=2, hidden=16, word_dim=8, epochs=3, random_state=0).fit(texts)
    >>> model.encode(texts[:4]).shape, len(model.interpolate(texts[0], texts[5], steps=3))
    ((4, 2), 3)
    """

    history_: list[dict[str, float]] = attribute()
    notes_: dict[str, Any] = attribute()
    interrupted_: bool = attribute()

    # ---- learning ------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, held_out: Any = None) -> Self:
        """Learn from sentences.

        Parameters
        ----------
        X : list of str or of lists of str, or path
            A str is divided by white space. A file has a sentence a line (.gz and .zst too), or is
            one that :func:`polytopic.read` reads. Sentences without a word are left out.
        y : ignored
        held_out : as ``X``, optional
            Sentences whose bound decides which epoch's weights are kept, in place of the share
            ``held_out`` of ``X``.

        Raises
        ------
        InputError
            If a parameter or the sentences cannot be used; the message says what to do.
        """
        self.check_parameters()
        seed = seed_from(self.random_state)
        started = time.perf_counter()
        read = prepared(self, X, held_out, seed)
        with self._computing():
            processes = Processes(self.device)
            module = build(self, read.lexicon, seed).to(processes.device)
            outcome = self._trainer(read.training, seed, processes).fit(
                module,
                cast(Any, read.training.to(processes.device)),
                cast(Any, read.held_out and read.held_out.to(processes.device)),
                processes,
            )
        module.zero_grad(set_to_none=True)
        self.module_, self.vocabulary_ = module.cpu().eval(), read.lexicon.vocabulary
        self._finish(outcome)
        seconds = round(time.perf_counter() - started, 3)
        self.notes_ = {**read.notes, "seconds": seconds, "version": __version__}
        return self

    def _built(self, lexicon: Lexicon, seed: int, word_dim: int | None = None) -> SentenceCode:
        return build(self, lexicon, seed, word_dim=word_dim)

    def _trainer(self, training: Sentences, seed: int, processes: Processes) -> Trainer:
        digest = hashlib.sha256(training.ids.tobytes())
        if self.vectors is not None:
            digest.update(np.ascontiguousarray(self.vectors.input).tobytes())
        parameters = persistence.json_parameters(self).items()
        return Trainer(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            kl_warm_up=self.kl_warm_up,
            kl_cycles=self.kl_cycles,
            patience=self.patience,
            seed=seed,
            checkpoint=Path(self.checkpoint) if self.checkpoint is not None else None,
            identity={
                **{name: value for name, value in parameters if name not in NOT_PART_OF_A_RUN},
                "model": type(self).__name__,
                "seed": seed,
                "corpus": digest.hexdigest()[:16],
            },
            description=type(self).__name__,
            verbose=self.verbose and processes.is_main,
            tracking=Tracking.of(self),
        )

    def _finish(self, outcome: Outcome) -> None:
        self.history_ = [self.module_.history(record) for record in outcome.history]
        self.interrupted_ = outcome.interrupted
        tell_interrupted(self, outcome, stacklevel=3)
