"""``FastTextClassifier``: labels of texts by the mean of their words' rows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from polytopic import __version__, persistence
from polytopic.base import Estimator, seed_from
from polytopic.embeddings.documents.splitting import as_texts
from polytopic.embeddings.files.fasttext_writing import write_fasttext_binary
from polytopic.embeddings.kernels.supervised import (
    HIERARCHICAL,
    ONE_VS_ALL,
    SOFTMAX,
    train_documents,
)
from polytopic.embeddings.subwords.binaries import CODES, PREFIX, read_classifier
from polytopic.embeddings.subwords.drawing import means_of_texts
from polytopic.embeddings.subwords.drawn import DrawnRows
from polytopic.embeddings.subwords.label_tree import label_tree
from polytopic.embeddings.subwords.ngrams import LONGEST
from polytopic.embeddings.subwords.shrinking import Shrinking, Shrunk
from polytopic.embeddings.subwords.text_labels import label_chances, likeliest, read_labels
from polytopic.embeddings.subwords.texts import END, Features, frequent, split_texts
from polytopic.errors import EmptyDocumentsWarning, InputError
from polytopic.io.schemas import ANYTHING, HISTORY, VOCABULARY, ListOf, Record
from polytopic.machine import resolve_threads
from polytopic.parameters import FLAG, Choice, Constraint, Integer, Real, attribute, parameter
from polytopic.text.columns import as_list
from polytopic.text.vocabulary import Vocabulary
from polytopic.tracking import Tracking
from polytopic.training.run import Checkpoint, running

__all__ = ["FastTextClassifier"]

Floats = NDArray[np.float32]

LOSSES = {"softmax": SOFTMAX, "ova": ONE_VS_ALL, "hierarchical": HIERARCHICAL}


class FastTextClassifier(ClassifierMixin, Estimator, BaseEstimator):
    """Classifies texts by the mean of rows of words and n-grams (Joulin et al., EACL 2017).

    h_d = 1/|G_d| sum z_g over the words of a text, its n-grams of words and characters, and a mark
    of its end; p(y | d) = softmax(B h_d)_y, or a logistic function for each label (``"ova"``), or
    the product down a tree of labels (``"hierarchical"``). Stochastic gradient steps, text by text
    in a drawn order, at a rate that falls evenly to zero. Training runs on one thread;
    ``n_threads`` draw the first rows and judge texts: the same bits for any number of them.

    Attributes
    ----------
    classes_ : array of shape (K,)
        The labels, sorted.
    vocabulary_ : Vocabulary
        The words, by frequency.
    history_ : list of dict
        For each epoch the mean ``loss`` in nats, ``seconds`` and ``words_per_second``.

    Raises
    ------
    InputError
        From ``fit``, if labels are missing or of one class, no text has a word, or a parameter
        cannot be used.

    >>> texts = ["cold pizza", "warm pizza", "red car", "fast car"] * 20
    >>> labels = ["food", "food", "car", "car"] * 20
    >>> model = FastTextClassifier(dim=8, random_state=0).fit(texts, labels)
    >>> model.predict(["a red pizza", "the car"]).tolist()
    ['food', 'car']
    """

    dim: int = parameter(Integer(1), "E.", default=100)
    epochs: int = parameter(Integer(1), "Passes over the texts.", default=5)
    learning_rate: float = parameter(Real(0, open_low=True), "At the first text.", default=0.1)
    loss: str = parameter(
        Choice(tuple(LOSSES)), "Of labels: all against each other, each by itself, or a tree.",
        default="softmax",
    )  # fmt: skip
    word_ngrams: int = parameter(Integer(1), "Words of the longest n-grams of words.", default=1)
    min_n: int = parameter(Integer(0), "Characters of the shortest n-grams in words.", default=0)
    max_n: int = parameter(Integer(0), "Of the longest; 0 for none.", default=0)
    bucket: int = parameter(Integer(0), "Rows that n-grams are hashed into.", default=2_000_000)
    min_count: int = parameter(Integer(1), "Rarer words are left out.", default=1)
    spaces: bool = parameter(
        FLAG,
        "Words are what white space divides, as in fastText; else runs of letters, lower-cased.",
        default=False,
    )

    classes_: NDArray[Any] = attribute()
    vocabulary_: Vocabulary = attribute()
    history_: list[dict[str, float]] = attribute()

    _rows: DrawnRows = attribute()
    _output: Floats = attribute()
    _labels: list[Any] = attribute()
    _label_counts: NDArray[np.int64] = attribute()
    _pruned: NDArray[np.int32] | None = attribute(default=None)
    _several: bool = attribute(default=False)

    def check_parameters(self, skipped: Collection[str] = ()) -> None:
        super().check_parameters(skipped)
        if self.max_n and not max(self.min_n, 1) <= self.max_n <= LONGEST:
            raise InputError(
                f"min_n: n-grams of {self.min_n} to {self.max_n} characters are none. Give "
                f"min_n <= max_n <= {LONGEST}, or max_n=0 for none."
            )
        if (self.max_n or self.word_ngrams > 1) and not self.bucket:
            raise InputError("bucket: is 0, and n-grams need rows. Give 1 or more.")

    def fit(self, X: Sequence[str], y: ArrayLike) -> Self:
        """Learn from D texts and their labels.

        Parameters
        ----------
        X : sequence of D str
        y : sequence of D labels, or of D lists or sets of labels
            Lists need ``loss="ova"``; a text of an empty one lowers the chance of every label.

        Raises
        ------
        InputError, InputTypeError
            If a parameter cannot be used, an entry is no text, a label is missing, all labels are
            of one class, no text has a word, or lists of labels meet another loss.
        """
        self.check_parameters()
        texts = as_texts(X)
        labels = read_labels(y, len(texts), self.loss)
        self._labels, self._label_counts, self._several = (
            labels.names,
            labels.counts,
            labels.several,
        )
        seed = seed_from(self.random_state)
        words = split_texts(texts, spaces=self.spaces)
        self.vocabulary_ = frequent(words, self.min_count)
        self._pruned = None
        features = self._features()
        rng = np.random.default_rng(seed)
        n_rows = len(self.vocabulary_) + features.bucket
        n_threads = resolve_threads(self.n_threads)
        bounds, rows = features.rows(words)
        self._rows, numbers = DrawnRows.drawn(rng, n_rows, self.dim, rows, n_threads)
        n_out = len(self._labels) - (self.loss == "hierarchical")
        self._output = np.zeros((n_out, self.dim), dtype=np.float32)
        self._train((bounds, numbers, labels.bounds, labels.numbers), len(words.ids), rng)
        self.classes_ = np.array(sorted(self._labels))
        persistence.remember_parameters(self)
        return self

    def _train(self, documents: Any, n_words: int, rng: np.random.Generator) -> None:
        loss, tree = LOSSES[self.loss], label_tree(self._label_counts.tolist())
        self.history_ = []
        n, tracking = len(documents[0]) - 1, Tracking.of(self)
        with running(
            Checkpoint(None, "", {}), type(self).__name__, self.epochs,
            shown=self.verbose, tracking=tracking,
        ) as run:  # fmt: skip
            for epoch in range(self.epochs):
                started = time.monotonic()
                shares = [1.0 - done / self.epochs for done in (epoch, epoch + 1)]
                rates = self.learning_rate * shares[0], self.learning_rate * shares[1]
                total = train_documents(
                    rng.permutation(n),
                    documents,
                    loss,
                    tree,
                    self._rows.values,
                    self._output,
                    rates,
                )
                if not np.isfinite(total):
                    raise InputError(
                        f"learning_rate: training diverged in epoch {epoch + 1}. Lower "
                        f"learning_rate (now {self.learning_rate:g})."
                    )
                seconds = time.monotonic() - started
                record = {"epoch": epoch + 1.0, "loss": total / n, "seconds": seconds}
                self.history_.append(record | {"words_per_second": n_words / max(seconds, 1e-9)})
                tracking.epoch(self.history_[-1], epoch + 1)
                run.advance(epoch + 1.0, f"loss {self.history_[-1]['loss']:.4f}")

    @property
    def _input(self) -> Floats:
        """The rows of words and buckets, shape (V + bucket, E), those that no text touched too."""
        return self._rows.whole(resolve_threads(self.n_threads))

    def _features(self) -> Features:
        grams = self.word_ngrams > 1 or self.max_n > 0
        bucket = self.bucket if grams else 0
        return Features(
            self.vocabulary_, self.word_ngrams, self.min_n, self.max_n, bucket, self._pruned
        )

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Chances of the labels, shape (D, K), columns as ``classes_``; rows sum to one.

        With ``loss="ova"`` each label has a chance of its own; these are divided by their sum, but
        for a classifier that learned lists of labels: there they stay as they are.
        Texts without a known word are judged by the mark of their end alone, and counted by an
        :class:`~polytopic.errors.EmptyDocumentsWarning`.

        Raises
        ------
        InputTypeError
            If an entry is no text.
        """
        self._require_fitted("classes_")
        texts = as_texts(X)
        words = split_texts(texts, spaces=self.spaces)
        features = self._features()
        bounds, rows = features.rows(words)
        known = features.vocabulary.columns([END])[0]
        empty = int(np.count_nonzero(np.diff(bounds) <= (known >= 0)))
        if empty:
            warnings.warn(
                f"texts: {empty:,} of {len(texts):,} hold no word that the classifier knows.",
                EmptyDocumentsWarning,
                stacklevel=2,
            )
        n_threads = resolve_threads(self.n_threads)
        matrix, numbers = self._rows.of(rows, n_threads)
        hidden = means_of_texts(bounds, numbers, matrix, n_threads)
        scores = np.einsum("de,ke->dk", hidden.astype(np.float64), self._output.astype(np.float64))
        places = [self._labels.index(label) for label in self.classes_.tolist()]
        tree = label_tree(self._label_counts.tolist())
        return label_chances(scores, self.loss, tree, self._several)[:, places]

    def predict(
        self, X: Sequence[str], *, top: int | None = None, threshold: float | None = None
    ) -> NDArray[Any] | list[tuple[Any, ...]]:
        """The likeliest label of each text, shape (D,); or several, as D tuples, likeliest first.

        They are tuples if the classifier learned lists of labels, or ``top`` or ``threshold`` is
        given. A text may get none.

        Parameters
        ----------
        X : sequence of D str
        top : int, optional
            So many labels at most.
        threshold : float, optional
            The least chance of a label; by default .5, or 0 beside ``top``.

        Raises
        ------
        InputError
            As :meth:`predict_proba`; if ``top`` is no number of labels, ``threshold`` no chance.
        """
        chances = self.predict_proba(X)
        if self._several or top is not None or threshold is not None:
            return likeliest(chances, self.classes_, top, threshold)
        found: NDArray[Any] = self.classes_[chances.argmax(axis=1)]
        return found

    def score(self, X: Sequence[str], y: ArrayLike, sample_weight: Any = None) -> float:
        """The accuracy of :meth:`predict`: of lists of labels, the share of texts that get all
        of theirs and no others, as in scikit-learn.
        """
        if not self._several:
            return float(super().score(X, y, sample_weight))
        pairs = zip(self.predict(X), as_list(y, "y"), strict=True)
        right = [set(found) == set(labels) for found, labels in pairs]
        return float(np.average(right, weights=sample_weight))

    # ---- files -----------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write the classifier to a folder; :func:`polytopic.load` reads it.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written.
        """
        self._require_fitted("classes_")
        fitted = {
            "vocabulary": self.vocabulary_.to_dict(),
            "labels": self._labels,
            "history": self.history_,
            "several": self._several,
            "version": __version__,
        }
        arrays: dict[str, NDArray[Any]] = {"input": self._input, "output": self._output}
        arrays["label_counts"] = self._label_counts
        if self._pruned is not None:
            arrays["pruned"] = self._pruned
        return persistence.save_model(self, path, arrays, fitted)

    def _fitted_schema(self) -> Constraint:
        parts = {"vocabulary": VOCABULARY, "labels": ListOf(ANYTHING), "history": HISTORY}
        return Record(parts | {"several": FLAG}, later=frozenset({"several"}))

    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        self.vocabulary_ = Vocabulary.from_dict(fitted["vocabulary"])
        self._labels, self.history_ = list(fitted["labels"]), list(fitted["history"])
        input, self._output = arrays["input"], arrays["output"]
        self._rows = DrawnRows(len(input), input)
        self._label_counts, self._pruned = arrays["label_counts"], arrays.get("pruned")
        self._several = fitted.get("several", False)
        self.classes_ = np.array(sorted(self._labels))
        n_rows = len(self.vocabulary_) + self._features().bucket
        n_out = len(self._labels) - (self.loss == "hierarchical")
        fits = self._pruned is not None or len(input) == n_rows
        if not fits or self._output.shape != (n_out, input.shape[1]):
            raise InputError(f"rows {input.shape} and {self._output.shape} fit no labels")

    def write_binary(self, path: str | Path) -> Path:
        """Write fastText's .bin, version 12; the original reads it, and texts divided by spaces.

        Raises
        ------
        InputError
            If the model is a quantised one, a word or label does not fit, or the file cannot be
            written.
        """
        return self._write(path, lambda rows: (rows, None, None))

    def write_quantised(
        self, path: str | Path, *, keep: int | None = None, width: int = 2, norms: bool = True
    ) -> Path:
        """Write fastText's .ftz: a byte for each ``width`` numbers of a row (arXiv:1612.03651).

        The original reads it, and so does :meth:`read_binary`.

        Parameters
        ----------
        path : str or Path
        keep : int, optional
            Leave so many of the rows of words and n-grams, the longest; by default all.
        width : int
        norms : bool
            Code the lengths of rows by a byte of their own.

        Raises
        ------
        InputError
            As for :meth:`write_binary`; if ``keep`` or ``width`` is no number of rows or columns.
        """
        seed = seed_from(self.random_state)
        how = Shrinking(keep, width, norms, seed)
        how.check(self.dim)
        return self._write(path, lambda rows: how.of(rows, self.vocabulary_))

    def _write(self, path: str | Path, shrunk: Callable[[Floats], Shrunk]) -> Path:
        self._require_fitted("classes_")
        if self._pruned is not None:
            raise InputError("model: is a quantised one that lost n-grams. It stays as it is.")
        features = self._features()
        settings = {
            "dim": self._output.shape[1], "ws": 5, "epoch": self.epochs, "minCount": self.min_count,
            "neg": 5, "wordNgrams": self.word_ngrams, "loss": CODES[self.loss], "model": 3,
            "bucket": features.bucket, "minn": self.min_n, "maxn": self.max_n,
            "lrUpdateRate": 100, "t": 1e-4,
        }  # fmt: skip
        input, kept, left = shrunk(self._input)
        terms, counts = self.vocabulary_.terms, self.vocabulary_.counts
        words = terms, counts
        if kept is not None:
            words = [terms[row] for row in kept.tolist()], counts[kept]
        labels = [f"{PREFIX}{label}" for label in self._labels], self._label_counts
        spare = len(self._labels) - len(self._output)
        output = np.concatenate([self._output, np.zeros_like(self._output[:spare])])
        return write_fasttext_binary(path, words, labels, settings, input, output, left)

    @classmethod
    def read_binary(cls, path: str | Path) -> Self:
        """Read a classifier of fastText, .bin or quantised .ftz; texts are divided by spaces.

        Raises
        ------
        FileMissingError, InputError
            If it is missing, damaged, no classifier, or of another loss.
        """
        loss, parts = read_classifier(path)
        model = cls(
            dim=parts.input.shape[1], loss=loss, word_ngrams=max(parts.settings["wordNgrams"], 1),
            min_n=parts.shortest, max_n=parts.longest, bucket=parts.bucket, spaces=True,
            epochs=max(parts.settings["epoch"], 1), min_count=max(parts.settings["minCount"], 1),
        )  # fmt: skip
        model.vocabulary_ = Vocabulary(parts.terms, parts.counts)
        model._labels = [label.removeprefix(PREFIX) for label in parts.labels]
        model._label_counts, model._pruned = parts.label_counts, parts.pruned
        model._rows = DrawnRows(len(parts.input), np.array(parts.input, dtype=np.float32))
        n_out = len(parts.labels) - (loss == "hierarchical")  # fastText holds a row too many
        model._output = np.array(parts.outputs[:n_out], dtype=np.float32)
        ends = model.vocabulary_.columns([END])[0]  # one a text
        n_labels = int(model._label_counts.sum())
        model._several = loss == "ova" and ends >= 0 and n_labels > parts.counts[ends]
        model.classes_, model.history_ = np.array(sorted(model._labels)), []
        return model
