"""The sentence VAE: each sentence a Gaussian over vectors, from which it can be said again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import numpy as np

from polytopic import __version__, persistence
from polytopic.autoencoders.sentences.base import BaseSentenceVAE
from polytopic.autoencoders.sentences.module import SentenceCode
from polytopic.autoencoders.sentences.parts import CONSTRAINTS, build, prepared
from polytopic.autoencoders.sentences.words import Lexicon, Sentences
from polytopic.base import Constraint, seed_from
from polytopic.training import Outcome, Trainer
from polytopic.training.estimators import NOT_PART_OF_A_RUN, tell_interrupted
from polytopic.training.processes import Processes

__all__ = ["SentenceVAE"]


class SentenceVAE(BaseSentenceVAE):
    """Sentences from a continuous space (Bowman et al., CoNLL 2016, arXiv:1511.06349).

    h ~ N(0, I)                                     (D, E)
    p(x | h) = prod_t p(x_t | x_<t, h), to the end of the sentence: an LSTM that begins from h
    q(h | x) = N(location(x), diag(exp(log_variance(x)))), from an LSTM over the words
    bound = E_q[log p(x | h)] - KL(q(h | x) || N(0, I))     the KL in closed form

    Parameters
    ----------
    dim : int
        E.
    hidden : int
        Units of both LSTMs.
    word_dim : int
        Length of a word's vector, unless ``vectors`` are given.
    vectors : WordVectors, optional
        Where the words' vectors begin; they are trained along. Words without one begin at random.
    min_count : int
        Rarer words are read as <unk>.
    max_words : int, optional
        Size of the vocabulary, <unk> among it, the end of a sentence not.
    max_length : int
        Words of a training sentence, and of one that ``decode`` makes.
    long : {"cut", "drop", "error"}
        What ``fit`` does with longer sentences. ``encode`` and ``perplexity`` read them whole.
    free_bits : float
        Nats of KL a sentence that cost the same whether used or not (Kingma et al. 2016), so that
        the decoder cannot gain by doing without the code; 0 for the plain bound.
    spread : float, optional
        Deviation that each dimension of the posterior means has over the sentences (Zhu et al.,
        ACL 2020): the KL is at least E spread^2 / 2. None leaves it to the bound.
    beta : float
        Weight of the KL in the loss (Higgins et al., ICLR 2017); 1 is the bound.
    annealing : {"linear", "sigmoid"}
        How the KL weight rises.
    kl_warm_up : float
        Share of the training, or of one of its ``kl_cycles``, over which it rises to one.
    kl_cycles : int
        How often it rises anew (Fu et al., NAACL 2019).
    word_dropout : float
        Share of the decoder's input words that are hidden as <unk> while training.
    dropout : float
        Of word vectors and states in the decoder, while training.
    epochs, batch_size, learning_rate, held_out, patience, device, n_threads, checkpoint, trackers,
    random_state, verbose
        As of :class:`~polytopic.Autoencoder`; a batch holds sentences.
    precision : {"auto", "float32", "bfloat16"}
        Of the factors of matrix products (sums are float32). "auto": bfloat16 where the processor
        multiplies such tiles.

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

    _constraints: ClassVar[Mapping[str, Constraint]] = CONSTRAINTS

    history_: list[dict[str, float]]
    notes_: dict[str, Any]
    interrupted_: bool

    def __init__(
        self,
        *,
        dim: int = 16,
        hidden: int = 512,
        word_dim: int = 256,
        vectors: Any = None,
        min_count: int = 1,
        max_words: int | None = 20_000,
        max_length: int = 80,
        long: str = "cut",
        free_bits: float = 0.0,
        spread: float | None = 0.6,
        beta: float = 1.0,
        annealing: str = "linear",
        kl_warm_up: float = 0.2,
        kl_cycles: int = 1,
        word_dropout: float = 0.0,
        dropout: float = 0.4,
        epochs: int = 20,
        batch_size: int = 64,
        learning_rate: float = 0.002,
        held_out: float = 0.0,
        patience: int | None = None,
        precision: str = "auto",
        device: str = "auto",
        n_threads: int | None = None,
        checkpoint: str | Path | None = None,
        trackers: Any = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.dim = dim
        self.hidden = hidden
        self.word_dim = word_dim
        self.vectors = vectors
        self.min_count = min_count
        self.max_words = max_words
        self.max_length = max_length
        self.long = long
        self.free_bits = free_bits
        self.spread = spread
        self.beta = beta
        self.annealing = annealing
        self.kl_warm_up = kl_warm_up
        self.kl_cycles = kl_cycles
        self.word_dropout = word_dropout
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.held_out = held_out
        self.patience = patience
        self.precision = precision
        self.device = device
        self.n_threads = n_threads
        self.checkpoint = checkpoint
        self.trackers = trackers
        self.random_state = random_state
        self.verbose = verbose

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
        self._validate_parameters()
        seed = seed_from(self.random_state)
        started = time.perf_counter()
        read = prepared(self, X, held_out, seed)
        with self._computing():
            processes = Processes(self.device, self.trackers, self.checkpoint)
            module = build(self, read.lexicon, seed).to(processes.device)
            processes.start_trackers(
                {"model": type(self).__name__, **persistence.json_parameters(self)}
            )
            outcome = self._trainer(read.training, seed, processes).fit(
                module,
                cast(Any, read.training.to(processes.device)),
                cast(Any, read.held_out and read.held_out.to(processes.device)),
                processes,
            )
            processes.end_trackers()
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
        )

    def _finish(self, outcome: Outcome) -> None:
        self.history_ = [self.module_.history(record) for record in outcome.history]
        self.interrupted_ = outcome.interrupted
        tell_interrupted(self, outcome, stacklevel=3)
