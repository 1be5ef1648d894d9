"""``FastText``: skip-gram and CBOW over words and their character n-grams."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

from polytopic.embeddings.base import Arrays
from polytopic.embeddings.kernels.arguments import Bag, Matrices, Windows
from polytopic.embeddings.kernels.deterministic.passes import Prediction
from polytopic.embeddings.kernels.deterministic.rounds import BLOCK, POOL, Round
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.subwords.drawing import uniform_rows
from polytopic.embeddings.subwords.ngrams import Ngrams
from polytopic.embeddings.subwords.vectors import SubwordVectors
from polytopic.embeddings.threads import InRounds
from polytopic.embeddings.tokens import TokenStore
from polytopic.embeddings.windowed import WindowedModel
from polytopic.errors import InputError
from polytopic.machine import resolve_threads
from polytopic.parameters import Choice, Integer, Real, parameter
from polytopic.text.vocabulary import Vocabulary

__all__ = ["FastText"]


class FastText(WindowedModel):
    """Word vectors with character n-grams (Bojanowski et al., TACL 2017, arXiv:1607.04606).

    A word is the mean x_w = 1/|G_w| sum_{g in G_w} z_g of a row of its own and rows of the n-grams
    of ``<word>``, of ``min_n`` to ``max_n`` characters, hashed into ``bucket`` rows. With u_w the
    output rows and s the logistic function, for each centre w and neighbour c within the window

    - ``model="skipgram"``: -log s(x_c . u_w) - sum_{i=1..n} log s(-x_c . u_{w_i}), w_i ~ counts^a;
    - ``model="cbow"``: the same of the mean of x_c over the window's neighbours

    is lowered by stochastic gradient steps; the gradient of x_w goes to each z_g whole, as in
    fastText. A block of 1,024 words trains copies of its x_w, whose changes then go to the rows,
    in an order that is the same for any number of threads.

    Attributes
    ----------
    vectors_ : SubwordVectors
        ``input`` and ``output``, float32, shape (V, E); vectors of unseen words by their n-grams.
    vocabulary_ : Vocabulary
    history_ : list of dict
        As for :class:`~polytopic.SkipGram`.
    n_epochs_ : int

    Raises
    ------
    InputError
        From ``fit``, if the sizes make no n-gram, a parameter or the text cannot be used, or the
        loss diverges.

    >>> sentences = [["cells", "divide"], ["cells", "grow"], ["stars", "shine"]] * 200
    >>> model = FastText(dim=8, bucket=1000, sample=0, n_threads=1, random_state=0).fit(sentences)
    >>> model.vectors_["cellular"].shape, "cellular" in model.vectors_
    ((8,), False)
    """

    learning_rate: float = parameter(
        Real(0, open_low=True), "At the first and at the last word.", default=0.05
    )
    sample: float = parameter(
        Real(0, 1),
        "Words of a higher share of the text are thinned out at random (0: none).",
        default=1e-4,
    )
    model: str = parameter(
        Choice(("skipgram", "cbow")),
        "Whether each neighbour predicts the centre, or all together do.",
        default="skipgram",
    )
    min_n: int = parameter(Integer(0), "Characters of the shortest n-grams.", default=3)
    max_n: int = parameter(Integer(0), "Characters of the longest n-grams.", default=6)
    bucket: int = parameter(Integer(0), "Rows that n-grams are hashed into.", default=2_000_000)

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        self._ngrams()
        if self.tied:
            raise InputError(
                "tied: inputs are means of n-grams' rows, which outputs are not. Use tied=False."
            )

    def _ngrams(self) -> Ngrams:
        return Ngrams(self.min_n, self.max_n, self.bucket)

    def _start(self, vocabulary: Vocabulary) -> Arrays:
        n = len(vocabulary)
        rows = self._random_rows(0, self.bucket + n)
        return {"input": rows, "output": np.zeros((n, self.dim), dtype=np.float32)}

    def _grow(self, arrays: Arrays, vocabulary: Vocabulary) -> Arrays:
        n_rows, n = len(arrays["input"]), len(vocabulary)
        fresh = n - len(arrays["output"])
        rows = self._random_rows(n_rows, n_rows + fresh)
        zeros = np.zeros((fresh, self.dim), dtype=np.float32)
        return {
            "input": np.concatenate([arrays["input"], rows]),
            "output": np.concatenate([arrays["output"], zeros]),
        }

    def _random_rows(self, first: int, last: int) -> Any:
        """Rows ``first`` to ``last``, uniform on +-1/E, as fastText draws them."""
        rng = np.random.default_rng([self._seed, first])
        return uniform_rows(rng, last - first, self.dim, resolve_threads(self.n_threads))

    def _train(
        self, material: TokenStore, arrays: Arrays, epochs: int
    ) -> tuple[list[dict[str, float]], bool]:
        vocabulary = material.vocabulary
        matrices = Matrices(arrays["input"], arrays["output"], arrays["output"])
        table = alias_table(vocabulary.counts, self.ns_exponent)
        windows = Windows(self.window, self.shrink_windows, left=True, right=True)
        bag = Bag(average=True, divide=False)
        predicted = Prediction(windows, self.model == "cbow", bag, self.negative, POOL)
        grams = self._ngrams().grams(vocabulary.terms)
        in_round = Round(matrices, table, BLOCK + 2 * self.window, grams=grams)
        threads = InRounds(resolve_threads(self.n_threads), predicted, in_round)
        untrained = (1 + self.negative) * math.log(2)
        return self._run(material, threads, arrays, untrained, epochs, {})

    def _vectors(self) -> SubwordVectors:
        output = self._arrays["output"]
        return SubwordVectors(self.vocabulary_, self._arrays["input"], self._ngrams(), output)
