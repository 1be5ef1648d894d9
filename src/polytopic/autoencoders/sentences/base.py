"""What a fitted sentence VAE does: sentences to codes and back, how good it is, files."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from polytopic import persistence
from polytopic.autoencoders.rows.reading import codes
from polytopic.autoencoders.sentences.cells import matrix_precision
from polytopic.autoencoders.sentences.estimates import (
    CodeUse,
    code_use,
    log_likelihoods,
    moments,
)
from polytopic.autoencoders.sentences.module import SentenceCode
from polytopic.autoencoders.sentences.parameters import SentenceParameters
from polytopic.autoencoders.sentences.search import beam, draw
from polytopic.autoencoders.sentences.words import (
    Lexicon,
    Sentences,
    tell_empty,
    tell_unknown,
    word_lists,
)
from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.io.schemas import ANYTHING, HISTORY, VOCABULARY, MapOf, Record
from polytopic.latent import Gaussian
from polytopic.nets.threads import one_thread
from polytopic.parameters import FLAG, Constraint, Integer, Real, attribute
from polytopic.text import Vocabulary
from polytopic.training.estimators import module_arrays, module_state

__all__ = ["BaseSentenceVAE"]


class BaseSentenceVAE(SentenceParameters, ABC):
    """Base of :class:`~polytopic.SentenceVAE`: all but its parameters and its training."""

    _saved: ClassVar[Mapping[str, Constraint]] = {
        "history_": HISTORY, "notes_": MapOf(ANYTHING), "interrupted_": FLAG,
    }  # fmt: skip

    module_: SentenceCode = attribute()
    vocabulary_: Vocabulary = attribute()

    @abstractmethod
    def _built(self, lexicon: Lexicon, seed: int, word_dim: int | None = None) -> SentenceCode:
        """The networks with their initial values."""

    # ---- from sentences to codes and back ------------------------------------------------------

    def encode(self, X: Any) -> NDArray[np.float32]:
        """The posterior mean of each sentence, shape (D, E).

        Deterministic, changes no state, and gives each sentence the same answer whatever stands
        beside it. A sentence without a word gets the prior's mean, zeros; words outside the
        vocabulary are read as <unk>; both are told by a warning.

        Raises
        ------
        InputError
            If ``X`` is no list of sentences.
        """
        return self.posterior(X)[0]

    def transform(self, X: Any) -> NDArray[np.float32]:
        """:meth:`encode`."""
        return self.encode(X)

    def posterior(self, X: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and deviation of q(h | x) of each sentence, two arrays of shape (D, E)."""
        sentences = self._numbers(X, "are given the prior's mean and deviation")
        filled = np.flatnonzero(sentences.lengths > 1)
        location = np.zeros((len(sentences), self.dim), np.float32)
        deviation = np.ones_like(location)
        q = self._moments(sentences.take(filled))
        location[filled] = q.location.numpy()
        with one_thread():
            deviation[filled] = torch.exp(0.5 * q.log_variance).numpy()
        return location, deviation

    def decode(
        self,
        codes_: ArrayLike,
        *,
        method: str = "greedy",
        temperature: float = 1.0,
        width: int = 10,
        max_length: int | None = None,
        unknown: bool = True,
        random_state: Any = None,
    ) -> list[str]:
        """A sentence for each code.

        Parameters
        ----------
        codes_ : array of shape (D, E)
        method : {"greedy", "sample", "beam"}
            The likeliest word at each step; a draw from p(word)^(1 / temperature); or the
            likeliest sentence that a search with ``width`` beginnings finds.
        max_length : int, optional
            Words at most; by default the model's.
        unknown : bool
            Whether <unk> may be said.

        Raises
        ------
        InputError
            If a parameter or the codes cannot be used.
        """
        self._require_fitted("module_")
        longest = self.max_length if max_length is None else max_length
        _check_decoding(method, temperature, width, longest)
        lexicon = Lexicon(self.vocabulary_)
        given = torch.from_numpy(codes(codes_, self.dim))
        forbidden = torch.tensor([] if unknown else [lexicon.unknown], dtype=torch.long)
        decoder = self.module_.decoder
        with torch.no_grad(), self._computing():
            if method == "beam":
                found = [
                    beam(decoder, h, longest, width=width, forbidden=forbidden)[0]
                    for h in given.split(1)
                ]
            else:
                noise = None
                if method == "sample":
                    noise = torch.Generator().manual_seed(seed_from(random_state))
                found = [
                    words
                    for part in given.split(64)
                    for words in draw(
                        decoder, part, longest, temperature=temperature, generator=noise,
                        forbidden=forbidden,
                    )
                ]  # fmt: skip
        return [lexicon.text(words) for words in found]

    def interpolate(self, a: str, b: str, steps: int = 5, **options: Any) -> list[str]:
        """Sentences on the straight line between the codes of two, which come first and last.

        ``steps``: how many sentences, those of both ends included; ``options``: of :meth:`decode`.
        """
        if not Integer(2).accepts(steps):
            raise InputError(f"steps: {steps!r} given. Ask for 2 or more, both ends included.")
        ends = self.encode([a, b])
        along = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
        return self.decode((1 - along) * ends[0] + along * ends[1], **options)

    def sample(
        self, n: int = 1, *, method: str = "sample", random_state: Any = None, **options: Any
    ) -> list[str]:
        """New sentences: codes from the prior, decoded. ``options``: of :meth:`decode`."""
        self._require_fitted("module_")
        if not Integer(1).accepts(n):
            raise InputError(f"n: {n!r} given. Ask for 1 sentence or more.")
        random = np.random.default_rng(seed_from(random_state))
        given = random.standard_normal((n, self.dim), dtype=np.float32)
        return self.decode(given, method=method, random_state=random, **options)

    # ---- how good it is ------------------------------------------------------------------------

    def score_samples(
        self, X: Any, *, samples: int = 64, bound: str = "weighted"
    ) -> NDArray[np.float64]:
        """A lower bound on log p(x) of each sentence in nats, its end counted, shape (D,).

        ``bound``: "weighted", the importance-weighted bound of ``samples`` draws (Burda et al.
        2016), which rises to log p(x); or "elbo", the mean over the draws. The draws depend on the
        sentence's words alone. Sentences without a word are refused.
        """
        self._require_fitted("module_")
        if bound not in ("weighted", "elbo"):
            raise InputError(f'bound: "{bound}" is none. Use "weighted" or "elbo".')
        if not Integer(1).accepts(samples):
            raise InputError(f"samples: {samples!r} given. Ask for 1 draw or more.")
        return self._scores(self._filled(X), samples)[0 if bound == "weighted" else 1]

    def perplexity(self, X: Any, *, samples: int = 64, bound: str = "weighted") -> float:
        """exp(- sum of the bounds / words), where each sentence's end counts as a word.

        An upper bound on the model's perplexity (Bowman et al. 2016 count the end too);
        parameters of :meth:`score_samples`.
        """
        total = float(self.score_samples(X, samples=samples, bound=bound).sum())
        return math.exp(-total / self._filled(X, quiet=True).n_tokens)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of :meth:`score_samples`; more is better."""
        return float(self.score_samples(X).mean())

    def diagnose(self, X: Any) -> CodeUse:
        """How much the code says of these sentences: KL, mutual information, active dimensions."""
        self._require_fitted("module_")
        q = self._moments(self._filled(X))
        with one_thread():
            return code_use(q, cast(Gaussian, self.module_.prior))

    # ---- files ---------------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the model to a folder of safetensors and JSON; :func:`polytopic.load` reads it."""
        self._require_fitted("module_")
        state = module_arrays(self.module_)
        fitted = {name: getattr(self, name) for name in self._saved}
        fitted["vocabulary"] = self.vocabulary_.to_dict()
        return persistence.save_model(self, path, state, fitted)

    def _fitted_schema(self) -> Constraint:
        return Record({**self._saved, "vocabulary": VOCABULARY})

    @one_thread()
    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        for name in self._saved:
            setattr(self, name, fitted[name])
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        state = module_state(arrays)
        word_dim = state["decoder.table"].shape[1]
        self.module_ = self._built(Lexicon(self.vocabulary_), 0, word_dim)
        self.module_.load_state_dict(state)
        self.module_.eval()

    # ---- parts ---------------------------------------------------------------------------------

    @contextmanager
    def _computing(self) -> Iterator[None]:
        with one_thread(), matrix_precision(self.precision):
            yield

    def _numbers(self, X: Any, empty: str, *, quiet: bool = False) -> Sentences:
        self._require_fitted("module_")
        sentences, missed = Lexicon(self.vocabulary_).sentences(word_lists(X))
        if not quiet:
            tell_unknown(missed, sentences, "sentences")
            tell_empty(int((sentences.lengths == 1).sum()), "sentences", empty)
        return sentences

    def _filled(self, X: Any, *, quiet: bool = False) -> Sentences:
        """Sentences of which each has a word."""
        sentences = self._numbers(X, "nothing can be said of them", quiet=True)
        empty = np.flatnonzero(sentences.lengths == 1)
        if len(sentences) == 0 or len(empty):
            where = f"entry {empty[0]} holds no word" if len(empty) else "there are none"
            raise InputError(f"sentences: {where}. Pass sentences of one word or more.")
        return sentences if quiet else self._numbers(X, "")

    def _moments(self, sentences: Sentences) -> Gaussian:
        with self._computing():
            return moments(self.module_, sentences, self.n_threads)

    def _scores(
        self, sentences: Sentences, samples: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        with self._computing():
            return log_likelihoods(self.module_, sentences, samples, self.n_threads)


def _check_decoding(method: str, temperature: float, width: int, longest: int) -> None:
    if method not in ("greedy", "sample", "beam"):
        raise InputError(f'method: "{method}" is none. Use "greedy", "sample" or "beam".')
    if not Real(0, open_low=True).accepts(temperature):
        raise InputError(f"temperature: {temperature!r} given. It must be above 0.")
    for name, value in (("width", width), ("max_length", longest)):
        if not Integer(1).accepts(value):
            raise InputError(f"{name}: {value!r} given. It must be an integer of at least 1.")
