"""``Doc2Vec``: vectors of documents that predict their words."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from polytopic import __version__, persistence
from polytopic.base import Estimator, seed_from
from polytopic.embeddings.checking import NS_EXPONENT
from polytopic.embeddings.documents.blocks import Documents, known_tokens
from polytopic.embeddings.documents.paragraph_rounds import ParagraphRounds
from polytopic.embeddings.documents.passes import DocumentPasses
from polytopic.embeddings.kernels.arguments import Matrices, Noise, Windows
from polytopic.embeddings.kernels.negatives import alias_table
from polytopic.embeddings.kernels.paragraphs import Paragraph, infer_documents
from polytopic.embeddings.kernels.subsampling import keep_thresholds
from polytopic.embeddings.tokens import TokenStore, open_tokens
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import EmptyDocumentsWarning, InputError
from polytopic.io.schemas import HISTORY, VOCABULARY, WHOLE, Record
from polytopic.machine import resolve_threads
from polytopic.parameters import (
    FLAG,
    FOLDER,
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

__all__ = ["Doc2Vec"]

Floats = NDArray[np.float32]

_INFERENCE = 0x5851F42D4C957F2D
"""Makes the keys of inference (Knuth's MMIX multiplier), so that they are not those of training."""

_BEGIN = 3.0
"""Rows begin evenly drawn from +-_BEGIN / E. Output rows begin at zero, and what moves them is as
long as the documents' rows: with gensim's 1 / E the first pass does half as much, and neighbours
after five are worse (benchmarks/RESULTS.md)."""

_NOT_PART_OF_A_RUN = ("checkpoint", "trackers", "verbose", "n_threads", "random_state")
"""Parameters that may change between a checkpoint and going on from it."""

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
    n_epochs_ : int
        Passes so far, those of ``partial_fit`` too.
    interrupted_ : bool

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
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "A folder to write to every minute or so, after each epoch and at an interruption; "
        "``fit`` with the same settings and documents goes on from it.",
        default=None,
        kind="path, optional",
    )

    document_vectors_: Floats = attribute()
    vectors_: WordVectors = attribute()
    vocabulary_: Vocabulary = attribute()
    history_: list[dict[str, float]] = attribute()
    n_epochs_: int = attribute()
    interrupted_: bool = attribute()

    _seed: int = attribute()

    _may_change: ClassVar[frozenset[str]] = Estimator._may_change | {"min_count", "sample"}

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
        self._seed, self.n_epochs_, self.history_ = seed_from(self.random_state), 0, []
        store = open_tokens(X, min_count=self.min_count)
        nothing = np.zeros((0, self.dim), dtype=np.float32)
        self._learn(store, (nothing, nothing), nothing, self.epochs)
        persistence.remember_parameters(self)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Floats:
        """Learn from documents: their vectors, shape (D, E)."""
        return self.fit(X).document_vectors_

    def partial_fit(self, X: Any, y: Any = None, *, epochs: int | None = None) -> Self:
        """Go on learning from further documents.

        Their rows come after those of the documents so far, which stay; rows of words go on, and
        words that are new and frequent enough get rows after the old ones. On a model that is not
        fitted this is ``fit``.

        Parameters
        ----------
        X : as for :meth:`fit`
        y : ignored
        epochs : int, optional
            By default those of the constructor. The learning rate falls anew over them.

        Raises
        ------
        FileMissingError, InputError
            As :meth:`fit`; also if a parameter has changed that what was learned depends on.
        """
        if not hasattr(self, "document_vectors_"):
            return self.set_params(epochs=epochs).fit(X) if epochs is not None else self.fit(X)
        self.check_parameters()
        persistence.refuse_changed_parameters(self)
        _refuse_no_number(epochs)
        store = open_tokens(X, min_count=self.min_count, known=self.vocabulary_)
        outputs = self.vectors_.input if self.vectors_.output is None else self.vectors_.output
        words = self.vectors_.input, outputs
        self._learn(store, words, self.document_vectors_, epochs or self.epochs)
        return self

    def _learn(
        self, store: TokenStore, words: tuple[Floats, Floats], before: Floats, epochs: int
    ) -> None:
        """``words``: input and output rows of the words so far, ``before``: of the documents."""
        inputs, outputs = words
        n, rng = len(store.vocabulary), np.random.default_rng([self._seed, self.n_epochs_])

        def rows(size: int) -> Floats:
            drawn = rng.random((size, self.dim), dtype=np.float32)
            drawn -= np.float32(0.5)
            drawn *= np.float32(2.0 * _BEGIN / self.dim)
            return drawn

        fresh = np.zeros((n - len(outputs), self.dim), dtype=np.float32)
        outputs = np.concatenate([outputs, fresh])
        neighbours = self.model == "dm"
        inputs = np.concatenate([inputs, rows(len(fresh))]) if neighbours else outputs
        documents = Documents(*store.read(0, store.n_tokens))
        found = rows(len(documents))
        counts = store.vocabulary.counts
        rounds = ParagraphRounds(
            documents,
            Matrices(inputs, outputs, outputs),
            Noise(self.negative, alias_table(counts, self.ns_exponent)),
            self._windows(),
            keep_thresholds(counts, self.sample),
            neighbours=neighbours,
        )
        first, trained = self.n_epochs_, {"documents": found, "outputs": outputs}
        run = DocumentPasses(
            rounds=rounds,
            arrays=trained | ({"inputs": inputs} if neighbours else {}),
            epochs=epochs,
            rate=self._rate,
            keys=lambda epoch: self._keys(first + epoch),
            n_words=store.n_words,
            n_threads=resolve_threads(self.n_threads),
            checkpoint=None if self.checkpoint is None else Path(self.checkpoint),
            identity=self._identity(store.vocabulary, documents, epochs),
            verbose=self.verbose,
            tracking=Tracking.of(self),
        )
        self.interrupted_ = run.run()
        if not (self.interrupted_ or any(record["pairs"] for record in run.history)):
            raise InputError(
                f"X: subsampling (sample={self.sample:g}) left no word in any epoch. Set sample=0, "
                "as small texts need it, or pass more text."
            )
        self.vocabulary_ = store.vocabulary
        self.history_ = [*self.history_, *run.history]
        self.n_epochs_ += len(run.history)
        empty = documents.empty()
        found[empty] = 0.0
        self.document_vectors_ = np.concatenate([before, found])
        self._hold(inputs, outputs)
        _tell_empty(int(empty.sum()), len(empty))
        if self.interrupted_:
            run.tell_interrupted()

    def _identity(
        self, vocabulary: Vocabulary, documents: Documents, epochs: int
    ) -> dict[str, Any]:
        """What a checkpoint must share with this run."""
        given = persistence.json_parameters(self)
        return {n: value for n, value in given.items() if n not in _NOT_PART_OF_A_RUN} | {
            "model": type(self).__name__,
            "kind": self.model,
            "epochs": epochs,
            "first_epoch": self.n_epochs_,
            "seed": self._seed,
            "text": documents.digest(vocabulary),
        }

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
        _refuse_no_number(epochs)
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
        fitted = {
            "vocabulary": self.vocabulary_.to_dict(),
            "history": self.history_,
            "n_epochs": self.n_epochs_,
            "seed": self._seed,
            "version": __version__,
        }
        return persistence.save_model(self, path, self._state(), fitted)

    def _state(self) -> dict[str, NDArray[Any]]:
        """The arrays of a fitted model."""
        arrays = {"documents": self.document_vectors_, "input": self.vectors_.input}
        output = self.vectors_.output
        return arrays if output is None else arrays | {"output": output}

    def _fitted_schema(self) -> Constraint:
        parts = {"vocabulary": VOCABULARY, "history": HISTORY, "n_epochs": WHOLE}
        return Record({**parts, "seed": Integer(0, 2**32 - 1)}, later=frozenset({"n_epochs"}))

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        self.history_, self._seed = list(fitted["history"]), int(fitted["seed"])
        self.n_epochs_ = int(fitted.get("n_epochs", len(self.history_)))
        self.interrupted_ = False
        self.document_vectors_ = arrays["documents"]
        self._hold(arrays["input"], arrays.get("output", arrays["input"]))
        if self.document_vectors_.shape[1:] != (self.vectors_.dim,):
            raise InputError(f"documents of shape {self.document_vectors_.shape} fit no words")


def _refuse_no_number(epochs: Any) -> None:
    if epochs is not None and not Integer(1).accepts(epochs):
        raise InputError(f"epochs: is {epochs!r}. Give a whole number, 1 or more.")


def _tell_empty(empty: int, n: int) -> None:
    if empty:
        warnings.warn(
            f"documents: {empty:,} of {n:,} hold no word of the vocabulary: theirs are zeros.",
            EmptyDocumentsWarning,
            stacklevel=3,
        )
