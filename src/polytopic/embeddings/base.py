"""What all models of word vectors share: sources in, ``WordVectors`` out, going on, saving."""

from __future__ import annotations

import hashlib
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from polytopic import __version__, persistence
from polytopic.base import Estimator, seed_from
from polytopic.embeddings.tokens import open_tokens
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import InputError, InterruptedFitWarning
from polytopic.io.schemas import HISTORY, VOCABULARY, WHOLE, Record
from polytopic.parameters import (
    FLAG,
    FOLDER,
    NONE,
    AnyOf,
    Constraint,
    Integer,
    Real,
    attribute,
    parameter,
)
from polytopic.text.vocabulary import Vocabulary

__all__ = ["Arrays", "WordVectorModel"]

Arrays = dict[str, NDArray[Any]]


class WordVectorModel(Estimator):
    """Base of the models that learn word vectors from neighbours in text.

    Attributes
    ----------
    vectors_ : WordVectors
        Both matrices and the vocabulary.
    vocabulary_ : Vocabulary
        The V words in row order.
    history_ : list of dict
        One record an epoch: mean loss, seconds, words a second.
    n_epochs_ : int
        Epochs so far, those of ``partial_fit`` too.
    """

    dim: int = parameter(Integer(1), "E.", default=100)
    min_count: int | None = parameter(
        AnyOf(Integer(1), NONE),
        "Rarer words are left out. By default every term of a Corpus stays, of other sources "
        "words that occur 5 times (every word, in texts under 10,000 words).",
        default=None,
    )
    epochs: int = parameter(Integer(1), "Passes over the text.", default=5)
    learning_rate: float = parameter(
        Real(0, open_low=True), "At the first and at the last word.", default=0.025
    )
    n_threads: int | None = parameter(text="By default one a processor.", default=None)
    tied: bool = parameter(
        FLAG, "One matrix for both roles: ``output`` is ``input``.", default=False
    )
    deterministic: bool = parameter(
        FLAG,
        "The same bits for any number of threads, of which up to four have work. Otherwise "
        "all threads write to the same matrices without locks, and only one thread repeats "
        "itself.",
        default=True,
    )
    checkpoint: str | Path | None = parameter(
        FOLDER,
        "A folder to write to every minute or so, after each epoch and at an interruption; "
        "``fit`` with the same settings and text goes on from it.",
        default=None,
        kind="path, optional",
    )
    verbose: bool = parameter(text="Show a progress bar with words a second.", default=False)

    vectors_: WordVectors = attribute()
    vocabulary_: Vocabulary = attribute()
    history_: list[dict[str, float]] = attribute()
    n_epochs_: int = attribute()
    interrupted_: bool = attribute()

    _arrays: Arrays = attribute()
    _seed: int = attribute()

    _not_part_of_a_run: ClassVar[tuple[str, ...]] = (
        "checkpoint", "cluster", "trackers", "verbose", "n_threads", "memory", "random_state",
    )  # fmt: skip
    """Parameters that may change between a checkpoint and going on from it."""

    # ---- what a model fills in -------------------------------------------------------------

    def _open(self, source: Any, known: Vocabulary | None) -> Any:
        """The source as what ``_train`` reads; it has a ``vocabulary``."""
        return open_tokens(source, min_count=self.min_count, known=known)

    _may_change: ClassVar[frozenset[str]] = Estimator._may_change | {"min_count"}

    @abstractmethod
    def _start(self, vocabulary: Vocabulary) -> Arrays:
        """All arrays of the model before the first step."""

    @abstractmethod
    def _grow(self, arrays: Arrays, vocabulary: Vocabulary) -> Arrays:
        """Copies of the arrays with rows for new words; the others stay as they are."""

    @abstractmethod
    def _train(
        self, material: Any, arrays: Arrays, epochs: int
    ) -> tuple[list[dict[str, float]], bool]:
        """Change the arrays in place; the records of the epochs, and whether it was interrupted."""

    def _vectors(self) -> WordVectors:
        """The matrices by their roles."""
        rows = {name: self._arrays.get(name) for name in ("input", "output", "negative")}
        assert rows["input"] is not None
        output = rows["input"] if getattr(self, "tied", False) else rows["output"]
        return WordVectors(self.vocabulary_, rows["input"], output, negative=rows["negative"])

    # ---- the public face -------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn word vectors.

        Parameters
        ----------
        X : Corpus, iterable of token lists, or path of a text file
            A file holds a sentence a line, words divided by white space (also .gz and .zst); it is
            streamed. Sentences may be of any length.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        FileMissingError, InputError
            If a parameter or the source cannot be used, or the learning rate is so high that the
            loss diverges; the message says what to do.
        """
        self.check_parameters()
        self._seed = seed_from(self.random_state)
        self.n_epochs_, self.history_ = 0, []
        material = self._open(X, None)
        self._learn(material, self._start(material.vocabulary), self.epochs)
        persistence.remember_parameters(self)
        return self

    def partial_fit(self, X: Any, y: Any = None, *, epochs: int | None = None) -> Self:
        """Go on learning: more epochs, on the same text or new text.

        Words that are new and frequent enough get rows after the old ones, which are kept; counts
        add up. On a model that is not fitted this is ``fit``.

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
        if not hasattr(self, "vectors_"):
            return self.set_params(epochs=epochs).fit(X) if epochs is not None else self.fit(X)
        self.check_parameters()
        persistence.refuse_changed_parameters(self)
        if epochs is not None and not Integer(1).accepts(epochs):
            raise InputError(
                f"epochs: {epochs!r} cannot be used. It must be {Integer(1).describe()}."
            )
        material = self._open(X, self.vocabulary_)
        copies = {name: array.copy() for name, array in self._arrays.items()}
        self._learn(material, self._grow(copies, material.vocabulary), epochs or self.epochs)
        return self

    def save(self, path: str | Path) -> Path:
        """Write the model with its optimiser state; :func:`polytopic.load` reads it.

        The vectors alone: ``model.vectors_.save(path)``.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written.
        """
        self._require_fitted("vectors_")
        fitted = {
            "vocabulary": self.vocabulary_.to_dict(),
            "history": self.history_,
            "n_epochs": self.n_epochs_,
            "seed": self._seed,
            "version": __version__,
        }
        return persistence.save_model(self, path, self._arrays, fitted)

    # ---- parts -----------------------------------------------------------------------------

    def _learn(self, material: Any, arrays: Arrays, epochs: int) -> None:
        records, self.interrupted_ = self._train(material, arrays, epochs)
        self.vocabulary_ = material.vocabulary
        self._arrays = arrays
        self.history_ = [*self.history_, *records]
        self.n_epochs_ += len(records)
        self.vectors_ = self._vectors()
        if self.interrupted_:
            again = (
                "" if self.checkpoint is None else " Call fit again to go on from the checkpoint."
            )
            warnings.warn(
                f"{type(self).__name__}: interrupted after {len(records)} of {epochs} epochs; the "
                f"vectors are those of that moment.{again}",
                InterruptedFitWarning,
                stacklevel=4,
            )

    def _identity(
        self, vocabulary: Vocabulary, numbers: NDArray[Any], text: str, epochs: int
    ) -> dict[str, Any]:
        """What a checkpoint must share with this run; ``numbers`` and ``text`` tell the source."""
        digest = hashlib.sha256("\n".join(vocabulary.terms).encode())
        digest.update(numbers.tobytes())
        left_out = self._not_part_of_a_run
        given = {n: v for n, v in persistence.json_parameters(self).items() if n not in left_out}
        return given | {
            "model": type(self).__name__,
            "epochs": epochs,
            "first_epoch": self.n_epochs_,
            "seed": self._seed,
            "text": f"{text}, vocabulary {digest.hexdigest()[:16]}",
        }

    def _fitted_schema(self) -> Constraint:
        parts = {"vocabulary": VOCABULARY, "history": HISTORY, "n_epochs": WHOLE}
        return Record({**parts, "seed": Integer(0, 2**32 - 1)})

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        self._arrays = {n: array for n, array in arrays.items() if not n.startswith("parameter/")}
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        self.history_ = list(fitted["history"])
        self.n_epochs_ = int(fitted["n_epochs"])
        self._seed = int(fitted["seed"])
        self.interrupted_ = False
        self.vectors_ = self._vectors()
