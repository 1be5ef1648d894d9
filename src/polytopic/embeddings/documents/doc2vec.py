"""``Doc2Vec``: vectors of documents that predict their words."""

from __future__ import annotations

import time
import warnings
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polytopic import __version__, persistence
from polytopic.base import Estimator, seed_from
from polytopic.embeddings.checking import NS_EXPONENT
from polytopic.embeddings.documents.blocks import Documents, known_tokens
from polytopic.embeddings.documents.paragraph_rounds import ParagraphRounds
from polytopic.embeddings.kernels.arguments import Matrices, Noise, Windows
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.paragraphs import Paragraph, infer_documents
from polytopic.embeddings.kernels.subsampling import keep_thresholds
from polytopic.embeddings.tokens import open_tokens
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import EmptyDocumentsWarning, InputError
from polytopic.io.schemas import HISTORY, VOCABULARY, Record
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    FLAG,
    NONE,
    AnyOf,
    Choice,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.text.vocabulary import Vocabulary
from polytopic.tracking import Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["Doc2Vec"]

Floats = NDArray[np.float32]

_INFERENCE = 0x5851F42D4C957F2D
"""Makes the keys of inference (Knuth's MMIX multiplier), so that they are not those of training."""

_TASKS = 16
"""Parts that the documents to infer are cut into, for each thread."""


class Doc2Vec(Estimator):
    """Vectors of documents by PV-DBOW and PV-DM (Le & Mikolov, ICML 2014, arXiv:1405.4053).

    With v_d a row a document and u_w a row a word, the mean over all words w of all documents of

    - ``model="dbow"``: -log s(v_d . u_w) - sum_{i=1..n} log s(-v_d . u_{w_i}), w_i ~ counts^a;
    - ``model="dm"``: the same of the mean of v_d and the x_c of w's neighbours within the window

    is lowered by stochastic gradient steps, in rounds of blocks of whole documents: the same bits
    for any number of threads. A new document gets its v_d by steps from zero with the words' rows
    as they are: the same whatever stands beside it.

    Attributes
    ----------
    document_vectors_ : float32 array of shape (D, E)
        Zeros for documents without a known word.
    vectors_ : WordVectors
        Of ``dm``: x_w as input, u_w as output; of ``dbow``: u_w as input, in the documents' space.
    vocabulary_ : Vocabulary
    history_ : list of dict
        For each epoch the mean ``loss`` a word in nats, ``pairs``, ``seconds`` and
        ``words_per_second``.

    Raises
    ------
    InputError
        From ``fit``, if a parameter or the documents cannot be used, or the loss diverges.

    >>> documents = [["cells", "divide"], ["stars", "shine"]] * 100
    >>> model = Doc2Vec(dim=8, sample=0, random_state=0, n_threads=1).fit(documents)
    >>> model.document_vectors_.shape, model.transform([["cells", "divide"]]).shape
    ((200, 8), (1, 8))
    """

    dim: int = parameter(Integer(1), "E.", default=100)
    model: str = parameter(
        Choice(("dbow", "dm")), "Documents alone, or with a word's neighbours.", default="dbow"
    )
    window: int = parameter(Integer(1), "Neighbours on each side, for ``dm``.", default=5)
    shrink_windows: bool = parameter(
        FLAG, "Draw the reach of each window from 1 to ``window``.", default=True
    )
    min_count: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Rarer words are left out. By default every term of a Corpus stays, of other sources "
        "words that occur 5 times (every word, in texts under 10,000 words).",
        default=None,
    )
    sample: float = parameter(
        Real(0, 1),
        "Words of a higher share of the text are thinned out at random (0: none).",
        default=1e-3,
    )
    negative: int = parameter(Integer(1), "Noise words n of each word.", default=5)
    ns_exponent: float = parameter(NS_EXPONENT, "Exponent a of the noise.", default=0.75)
    epochs: int = parameter(Integer(1), "Passes over the documents.", default=10)
    learning_rate: float = parameter(Real(0, open_low=True), "At the first word.", default=0.05)
    min_learning_rate: float = parameter(Real(0), "At the last word.", default=1e-4)

    document_vectors_: Floats = attribute()
    vectors_: WordVectors = attribute()
    vocabulary_: Vocabulary = attribute()
    history_: list[dict[str, float]] = attribute()

    _seed: int = attribute()

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        if self.min_learning_rate > self.learning_rate:
            raise InputError(
                f"min_learning_rate: {self.min_learning_rate:g} is above learning_rate "
                f"({self.learning_rate:g}). Give a lower one."
            )

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from documents.

        Parameters
        ----------
        X : Corpus, iterable of D token lists, or path of a text file with a document a line
        y : ignored

        Raises
        ------
        FileMissingError, InputError
            If a parameter or the documents cannot be used, or the loss diverges.
        """
        self.check_parameters()
        self._seed = seed_from(self.random_state)
        store = open_tokens(X, min_count=self.min_count)
        self.vocabulary_ = store.vocabulary
        documents = Documents(*store.read(0, store.n_tokens))
        self._train(documents, store.n_words)
        empty = documents.empty()
        self.document_vectors_[empty] = 0.0
        _tell_empty(int(empty.sum()), len(empty))
        persistence.remember_parameters(self)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Floats:
        """Learn from documents: their vectors, shape (D, E)."""
        return self.fit(X).document_vectors_

    def _train(self, documents: Documents, n_words: int) -> None:
        n, rng = len(self.vocabulary_), np.random.default_rng([self._seed, 0])

        def rows(size: int) -> Floats:
            drawn = rng.random((size, self.dim), dtype=np.float32)
            drawn -= np.float32(0.5)
            drawn /= np.float32(self.dim)
            return drawn

        outputs = np.zeros((n, self.dim), dtype=np.float32)
        inputs = rows(n) if self.model == "dm" else outputs
        found = rows(len(documents))
        rounds = ParagraphRounds(
            documents,
            Matrices(inputs, outputs, outputs),
            Noise(self.negative, alias_table(self.vocabulary_.counts, self.ns_exponent)),
            self._windows(),
            keep_thresholds(self.vocabulary_.counts, self.sample),
            neighbours=self.model == "dm",
        )
        self.history_ = []
        tracking, each = Tracking.of(self), rounds.n_rounds
        with (
            running(
                Checkpoint(None, "", {}), type(self).__name__, self.epochs,
                shown=self.verbose, tracking=tracking,
            ) as run,
            ThreadPoolExecutor(resolve_threads(self.n_threads)) as pool,
        ):  # fmt: skip
            for epoch in range(self.epochs):
                started = time.monotonic()
                rates = [self._rate((epoch + k) / self.epochs) for k in (0, 1)]

                def tell(loss: float, number: int, before: int = epoch * each) -> None:
                    tracking.step(loss, before + number, each)

                loss, pairs = rounds.run(pool, self._keys(epoch), rates[0], rates[1], found, tell)
                seconds = time.monotonic() - started
                self.history_.append(
                    {
                        "epoch": epoch + 1.0, "loss": loss / max(pairs, 1.0), "pairs": pairs,
                        "seconds": seconds, "words_per_second": n_words / max(seconds, 1e-9),
                    }
                )  # fmt: skip
                if not (np.isfinite(loss) and np.isfinite(found).all()):
                    raise InputError(
                        f"learning_rate: training diverged in epoch {epoch + 1}. Lower "
                        f"learning_rate (now {self.learning_rate:g})."
                    )
                tracking.epoch(self.history_[-1], (epoch + 1) * each)
                run.advance(epoch + 1.0, f"loss {self.history_[-1]['loss']:.4f}")
        if not any(record["pairs"] for record in self.history_):
            raise InputError(
                f"X: subsampling (sample={self.sample:g}) left no word in any epoch. Set sample=0, "
                "as small texts need it, or pass more text."
            )
        self.document_vectors_ = found
        self._hold(inputs, outputs)

    def _hold(self, inputs: Floats, outputs: Floats) -> None:
        second = outputs if self.model == "dm" else None
        self.vectors_ = WordVectors(self.vocabulary_, inputs, second)

    def _windows(self) -> Windows:
        return Windows(self.window, self.shrink_windows, left=True, right=True)

    def _rate(self, done: float) -> float:
        return self.learning_rate + (self.min_learning_rate - self.learning_rate) * done

    def _keys(self, epoch: int, of_inference: bool = False) -> NDArray[np.uint64]:
        """Keys of a pass: for subsampling, and for windows and negatives."""
        words = [self._seed, epoch] + ([_INFERENCE] if of_inference else [])
        state = np.random.SeedSequence(words).generate_state(2, np.uint64)
        return np.asarray(state, dtype=np.uint64)

    def transform(self, X: Any, *, epochs: int | None = None) -> Floats:
        """Vectors of documents, each by itself: shape (D, E).

        Parameters
        ----------
        X : Corpus, or iterable of D token lists
        epochs : int, optional
            Passes over each document; by default those of the constructor.

        Returns
        -------
        float32 array
            Zeros for documents without a known word, which are counted by an
            :class:`~polytopic.errors.EmptyDocumentsWarning`.

        Raises
        ------
        InputError, InputTypeError
            If X holds no lists of words, or ``epochs`` is no number of them.
        """
        self._require_fitted("document_vectors_")
        if epochs is not None and not Integer(1).accepts(epochs):
            raise InputError(f"epochs: is {epochs!r}. Give a whole number, 1 or more.")
        n_epochs = epochs or self.epochs
        documents = known_tokens(X, self.vocabulary_)
        outputs = self.vectors_.input if self.vectors_.output is None else self.vectors_.output
        inputs, outputs = (
            np.array(rows, dtype=np.float32) for rows in (self.vectors_.input, outputs)
        )
        matrices = Matrices(inputs, outputs, outputs)
        noise = Noise(self.negative, alias_table(self.vocabulary_.counts, self.ns_exponent))
        how = Paragraph(neighbours=self.model == "dm", learns=False)
        rates = np.array([self._rate(epoch / n_epochs) for epoch in range(n_epochs)])
        keys = np.stack([self._keys(epoch, of_inference=True) for epoch in range(n_epochs)])
        keep = keep_thresholds(self.vocabulary_.counts, self.sample)
        found = np.zeros((len(documents), self.dim), dtype=np.float32)
        n_threads = resolve_threads(self.n_threads)
        cuts = np.linspace(0, len(documents), _TASKS * n_threads + 1).astype(int).tolist()

        def infer(part: int) -> None:
            infer_documents(
                documents.tokens, documents.bounds, cuts[part], cuts[part + 1], keep, keys,
                (self._windows(), noise, matrices, how), rates, found,
            )  # fmt: skip

        with ThreadPoolExecutor(n_threads) as pool:
            list(pool.map(infer, range(len(cuts) - 1)))
        _tell_empty(int(documents.empty().sum()), len(documents))
        return found

    # ---- files -----------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the model and its documents' vectors; :func:`polytopic.load` reads them.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written.
        """
        self._require_fitted("document_vectors_")
        arrays = {"documents": self.document_vectors_, "input": self.vectors_.input}
        if self.vectors_.output is not None:
            arrays["output"] = self.vectors_.output
        fitted = {
            "vocabulary": self.vocabulary_.to_dict(),
            "history": self.history_,
            "seed": self._seed,
            "version": __version__,
        }
        return persistence.save_model(self, path, arrays, fitted)

    def _fitted_schema(self) -> Constraint:
        return Record({"vocabulary": VOCABULARY, "history": HISTORY, "seed": Integer(0, 2**32 - 1)})

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        self.history_, self._seed = list(fitted["history"]), int(fitted["seed"])
        self.document_vectors_ = arrays["documents"]
        self._hold(arrays["input"], arrays.get("output", arrays["input"]))
        if self.document_vectors_.shape[1:] != (self.vectors_.dim,):
            raise InputError(f"documents of shape {self.document_vectors_.shape} fit no words")


def _tell_empty(empty: int, n: int) -> None:
    if empty:
        warnings.warn(
            f"documents: {empty:,} of {n:,} hold no word of the vocabulary: theirs are zeros.",
            EmptyDocumentsWarning,
            stacklevel=3,
        )
