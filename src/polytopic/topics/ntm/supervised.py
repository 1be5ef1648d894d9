"""SupervisedNTM: NTM's topics, led by labels of the documents (Cao et al. 2015)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import ClassifierTags, RegressorTags, Tags

from polytopic.errors import InputError, MethodMissingError, NotFittedModelError
from polytopic.io.schemas import SCALAR, Array, ListOf
from polytopic.parameters import NONE, AnyOf, Choice, Constraint, Real, attribute, parameter
from polytopic.topics.labels import NotFittedPredictorError
from polytopic.topics.ntm.ntm import NTM
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import Recipe
from polytopic.topics.ntm.supervised_labels import Labels, answers, fit_layer
from polytopic.topics.ntm.supervised_run import LabelledRanking

__all__ = ["SupervisedNTM"]


class SupervisedNTM(NTM):
    """Neural topic model with a label layer (sNTM of Cao, Li, Liu, Li & Ji, AAAI 2015).

        lt(g), ld(d), ls(g, d) as in :class:`NTM`
        p(y | d) = softmax(U ld(d) + a)       classes: U is (L, K), a (L,)
        y = U ld(d) + a                       numbers, squared error

    Labels are learned together with the ranking of terms: a document's label moves its row of W1
    as its pairs do, and through W1 the terms' topics. Documents without a label take part in the
    ranking alone. New documents get theirs by ``transform``, whose topics differ from the W1 that
    labels have moved; so a last layer is fitted, at the end, to what ``transform`` gives the
    training documents: for classes with log(theta + .001) in the place of ld.

    Attributes
    ----------
    classes_ : array of shape (L,)
        Sorted, where labels of classes were given.
    label_weights_, label_bias_ : float64 arrays of shape (L, K) and (L,)
        Of the last layer; L is 1 for numbers.

    Raises
    ------
    InputError
        By ``fit``, ``transform`` and ``predict``: parameters, vectors, counts or labels that cannot
        be used.

    >>> counts = np.kron(np.eye(2, dtype=int), np.full((40, 4), 2))
    >>> vectors = np.repeat([[1.0, 0.2], [-1.0, 0.2]], 4, axis=0)
    >>> model = SupervisedNTM(n_topics=2, vectors=vectors, random_state=0)
    >>> model = model.fit(counts, ["ab"] * 40 + ["yz"] * 39 + [None])
    >>> model.predict(counts[[0, 79]]).tolist()
    ['ab', 'yz']
    """

    task: str = parameter(
        Choice(("classes", "numbers")),
        "What the labels are; scikit-learn sees a classifier, or a regressor.",
        default="classes",
    )
    label_weight: float = parameter(
        Real(0),
        "What the cost of a label weighs against that of one pair. 0 leaves the topics to the"
        " terms.",
        default=100.0,
    )

    classes_: NDArray[Any] = attribute()
    label_weights_: NDArray[np.float64] = attribute()
    label_bias_: NDArray[np.float64] = attribute()
    _labels: Labels | None = attribute(default=None)
    _ranking: ClassVar[type[Ranking]] = LabelledRanking
    _goes_on: ClassVar[bool] = False

    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **NTM._saved_scalars, "_names": AnyOf(ListOf(SCALAR), NONE),
    }  # fmt: skip
    _saved_arrays: ClassVar[Mapping[str, Array]] = {
        **NTM._saved_arrays,
        "label_weights": Array("L", "K", optional=True),
        "label_bias": Array("L", optional=True),
    }

    # ---- the public face -------------------------------------------------------------------

    def fit(
        self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None, labels: Any = None
    ) -> Self:
        """Learn topics from counts and labels of the same documents.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
        y : sequence of D labels, optional
            Names or whole numbers of classes, or numbers; None or NaN where not known. Without any
            the model is :class:`NTM`, and foretells nothing.
        terms : sequence of V str, optional
        labels : sequence of D labels, optional
            The same as ``y``.

        Raises
        ------
        InputError
            If a parameter, the counts, the vectors or the labels cannot be used.
        """
        if y is not None and labels is not None:
            raise InputError("labels: given twice, as y and as labels. Pass one of them.")
        self._given = y if labels is None else labels
        try:
            return super().fit(X, terms=terms)
        finally:
            del self._given
            self.__dict__.pop("_labels", None)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class, or the number, of each document, shape (D,)."""
        found = self._answers(X)
        if self.task == "numbers":
            return np.asarray(found[:, 0])
        return np.asarray(self.classes_[found.argmax(axis=1)])

    @property
    def predict_proba(self) -> Callable[[Any], NDArray[np.float64]]:
        """p(y | d) of documents X, shape (D, L), rows on the simplex, columns as ``classes_``.

        Raises
        ------
        MethodMissingError
            If ``task`` is "numbers".
        InputError
            If the model was fitted without labels, or as by ``transform``.
        """
        if self.task == "numbers":
            raise MethodMissingError(
                'predict_proba: numbers have no classes. Use predict, or task="classes".'
            )
        return self._chances

    def score(self, X: Any, y: Any) -> float:
        """Share of right classes, or R2 of numbers, over the documents whose label is known.

        Raises
        ------
        InputError
            If no label is known, or they are not one a document.
        """
        foretold, given = self.predict(X), np.asarray(y, dtype=object)
        if given.shape != foretold.shape:
            raise InputError(
                f"labels: an array of shape {given.shape} beside {len(foretold)} documents. Pass "
                "one label a document."
            )
        known = np.array([value is not None and value == value for value in given], dtype=bool)
        if not known.any():
            raise InputError("labels: none is known. Pass labels to judge by.")
        judge = r2_score if self.task == "numbers" else accuracy_score
        return float(judge(np.array(given[known].tolist()), foretold[known]))

    # ---- parts -----------------------------------------------------------------------------

    def _chances(self, X: Any) -> NDArray[np.float64]:
        found = self._answers(X)
        exponentials = np.exp(found - found.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))

    def _answers(self, X: Any) -> NDArray[np.float64]:
        """What the layer says of documents, (D, L)."""
        self._require_fitted("topic_word_")
        if not hasattr(self, "label_weights_"):
            raise InputError(
                "labels: this model was fitted without, and foretells none. Fit with labels."
            )
        theta, classes = self.transform(X), self.task == "classes"
        return answers(theta, self.label_weights_, self.label_bias_, classes=classes)

    def _require_fitted(self, attribute: str) -> None:
        try:
            super()._require_fitted(attribute)
        except NotFittedModelError as error:
            raise NotFittedPredictorError(str(error)) from None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        # Topics hold no lengths of documents, which scikit-learn's few columns differ by.
        if self.task == "numbers":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags(poor_score=True)
        else:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags(poor_score=True)
        return tags

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        for name in ("classes_", "label_weights_", "label_bias_"):
            self.__dict__.pop(name, None)
        self._labels = None
        if self._given is not None:
            read = Labels.of_numbers if self.task == "numbers" else Labels.of_classes
            self._labels = read(self._given, counts.shape[0])
        super()._fit_counts(counts)
        self._names: list[Any] | None = None
        if self._labels is None:
            return
        if self._labels.classes is not None:
            self.classes_, self._names = self._labels.classes, self._labels.classes.tolist()
        self.label_weights_, self.label_bias_ = fit_layer(self._infer(counts), self._labels)

    def _run_of(
        self,
        counts: sparse.csr_matrix,
        le: NDArray[np.float32],
        kept: NDArray[np.bool_],
        recipe: Recipe,
        seed: int,
    ) -> Ranking:
        run = super()._run_of(counts, le, kept, recipe, seed)
        assert isinstance(run, LabelledRanking)
        if self._labels is not None:
            run.supervise(self._labels, self.label_weight)
            labels = hashlib.sha256(self._labels.known.tobytes() + self._labels.targets.tobytes())
            run.identity = {**run.identity, "labels": labels.hexdigest()[:16]}
        return run

    def _state(self) -> dict[str, NDArray[Any]]:
        if not hasattr(self, "label_weights_"):
            return super()._state()
        layer = {"label_weights": self.label_weights_, "label_bias": self.label_bias_}
        return super()._state() | layer

    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        if self._names is not None:
            self.classes_ = np.array(self._names)
        if "label_weights" in arrays:
            self.label_weights_, self.label_bias_ = arrays["label_weights"], arrays["label_bias"]
        super()._restore(arrays)
