"""NTM that goes on learning from more documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.errors import MethodMissingError
from polytopic.machine import one_blas_thread, resolve_threads
from polytopic.parameters import attribute
from polytopic.topics.base import TopicModel
from polytopic.topics.documents import as_path
from polytopic.topics.learning_on import add_counts, refuse_nothing_known
from polytopic.topics.ntm.ranking_run import Ranking
from polytopic.topics.ntm.recipe import recipe_from
from polytopic.topics.ntm.term_net import TermNet
from polytopic.tracking import Tracking

__all__ = ["GoesOn"]

_GENTLE = 0.05
"""Learning rate of the terms in terms of a fit's. 4,000 arXiv abstracts after 16,000 earlier ones,
30 topics: from .02 to .1 the next 2,000 were foretold equally well (-7.873 to -7.875 nats a token,
-7.893 before), at the whole rate worse (-7.884), with columns of lt turned to a cosine of .85."""


class GoesOn(TopicModel):
    """What lets NTM learn from more documents."""

    recipe: str
    changes: Mapping[str, Any] | None
    folder: str | Path | None

    term_topics_: NDArray[np.float32] = attribute()
    term_weights_: NDArray[np.float32] = attribute()
    term_bias_: NDArray[np.float32] = attribute()
    document_weights_: NDArray[np.float32] = attribute()
    left_out_: list[str] = attribute()
    interrupted_: bool = attribute()
    _features: NDArray[np.float32] | None = attribute(default=None)
    _frequency: NDArray[np.float64] = attribute()
    _goes_on: ClassVar[bool] = True
    _may_change: ClassVar[frozenset[str]] = TopicModel._may_change | {"folder"}

    @property
    def partial_fit(self) -> Callable[..., Self]:
        """Go on learning from more documents: one pass of the ranking, at a gentle rate.

        ``partial_fit(X, y=None, *, terms=None)`` returns the model; one that is not fitted is
        fitted. W2 and the bias move by the pairs of the new documents, at a twentieth of the fit's
        rate; the topics' terms are then those of the old and the new documents' tokens, see
        :meth:`learned_from`. Same seed, same bits, whatever the number of threads.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
            Of the same vocabulary; a Corpus is matched by term.
        y : ignored
        terms : as in :meth:`fit`, in the first call

        Raises
        ------
        MethodMissingError
            If the model was saved before its terms' vectors were kept, or foretells labels.
        InputError
            If the counts cannot be used, or a parameter was changed since the fit.
        """
        if not self._goes_on:
            raise MethodMissingError(
                f"partial_fit: {type(self).__name__} fits its last layer to the topics of all "
                "labelled documents, which it does not keep. Fit with all of them, or use NTM."
            )
        if hasattr(self, "topic_word_") and self._features is None:
            raise MethodMissingError(
                f"partial_fit: this {type(self).__name__} was saved without its terms' vectors, "
                "which going on moves its terms by. Fit anew, or use polytopic.update, which adds "
                "the new documents' counts."
            )
        return self._partial_fit

    @one_blas_thread()
    def _partial_fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        if not hasattr(self, "topic_word_"):
            return self.fit(X, y, terms=terms)
        self.check_parameters(self._not_saved)
        persistence.refuse_changed_parameters(self)
        counts = self._checked(X, reset=False)
        refuse_nothing_known(counts)
        self._learn_from(counts, None, 1.0, None)
        return self

    def _learn_from(
        self,
        counts: sparse.csr_matrix,
        topic_tokens: NDArray[Any] | None,
        memory: float,
        words: Any,
    ) -> None:
        persistence.refuse_changed_parameters(self)
        if self._features is not None:
            self._move(counts, self._features)
        add_counts(self, counts, topic_tokens, memory, words)

    def _move(self, counts: sparse.csr_matrix, features: NDArray[np.float32]) -> None:
        """W2, the bias and lt by the new documents' pairs, and p of all documents."""
        run, done = _move_terms(self, counts, features), len(self.history_)
        self._take_terms(run)
        self.interrupted_ = run.epoch < run.epochs
        self.history_ = [*self.history_, *({**r, "epoch": done + 1.0} for r in run.history)]
        known = self.vocabulary_.counts.sum() * self._frequency
        known += np.asarray(counts.sum(axis=0, dtype=np.float64)).ravel()
        self._frequency = known / known.sum()
        if self.interrupted_:
            self._tell_interrupted()

    def _take_terms(self, run: Ranking) -> None:
        self.term_weights_, self.term_bias_ = run.net.weights, run.net.bias
        self.term_topics_, self.document_weights_ = run.term_topics, run.weights

    def _tell_interrupted(self) -> None:
        raise NotImplementedError


def _move_terms(model: GoesOn, counts: sparse.csr_matrix, features: NDArray[np.float32]) -> Ranking:
    """One pass of a fitted model's ranking over more documents; the model stays as it is.

    Deterministic: orders and negatives are drawn from the seed and the number of passes so far.
    """
    recipe, left_out = recipe_from(model.recipe, model.changes), set(model.left_out_)
    run = Ranking(
        counts, features, np.array([t not in left_out for t in model.vocabulary_.terms]),
        TermNet(model.term_weights_.copy(), model.term_bias_.copy(), recipe.activation),
        replace(recipe, term_rate=_GENTLE * recipe.term_rate), 1,
        seed_from(model.random_state) + len(model.history_), resolve_threads(model.n_threads),
        folder=as_path(model.folder), verbose=model.verbose, tracking=Tracking.going_on(model),
    )  # fmt: skip
    run.run()
    return run
