"""How likely the words of topics, and pairs of them, are in a reference text."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import InputError, UnseenTermsWarning
from polytopic.metrics.inputs import Word, distinct, read_documents, top_terms
from polytopic.text.columns import held

__all__ = ["Probabilities", "probabilities", "unseen_words"]


@dataclass(frozen=True)
class Probabilities:
    """p(w) of R words, p(w, v) of P pairs, and where the pairs stand in the topics (K, n, n)."""

    words: NDArray[np.float64]
    pairs: NDArray[np.float64]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    topics: NDArray[np.int64]
    of_topics: NDArray[np.int64]

    @property
    def product(self) -> NDArray[np.float64]:
        """p(w) p(v) of each pair."""
        return self.words[self.first] * self.words[self.second]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Whether the reference holds both words of the pair."""
        return self.product > 0

    def mean(
        self, values: NDArray[np.float64], of: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Mean over the pairs of each topic, or some of them: (K,), NaN where it has none."""
        left, right = np.triu_indices(self.topics.shape[1], 1)
        places = self.of_topics[:, left, right]
        if of is None:
            return np.asarray(values[places].mean(axis=1), dtype=np.float64)
        kept = of[places]
        sums, sizes = np.where(kept, values[places], 0.0).sum(axis=1), kept.sum(axis=1)
        return np.asarray(np.divide(sums, sizes, out=np.full(len(sums), np.nan), where=sizes > 0))


def unseen_words(
    topics: Any, reference: Any, *, n: int = 10, vocabulary: Any = None, cluster: Any = None
) -> list[Word]:
    """The words among the top ``n`` of the topics that no document of the reference holds."""
    return _counted(topics, reference, n, None, vocabulary, exact=False, cluster=cluster)[1]


def probabilities(
    topics: Any,
    reference: Any,
    n: int,
    window: int | None,
    vocabulary: Any,
    exact: bool,
    *,
    cluster: Any = None,
    told: bool = True,
) -> Probabilities:
    """``told``: whether words that the reference lacks are warned of."""
    found, unseen = _counted(topics, reference, n, window, vocabulary, exact, cluster)
    if unseen and told:
        some = ", ".join(str(word) for word in unseen[:5]) + (", ..." if len(unseen) > 5 else "")
        warnings.warn(
            f"{len(unseen)} of {found.words.size} words of the topics do not occur in the "
            f"reference ({some}); their pairs count as never together.",
            UnseenTermsWarning,
            stacklevel=3,
        )
    return found


def _counted(
    topics: Any,
    reference: Any,
    n: int,
    window: int | None,
    vocabulary: Any,
    exact: bool,
    cluster: Any,
) -> tuple[Probabilities, list[Word]]:
    """The probabilities, and the words of the topics that the reference lacks."""
    from polytopic.metrics import counting as _counting

    if window is not None and (isinstance(window, bool) or int(window) != window or window < 2):
        raise InputError(f"window: is {window!r}. Pass at least 2 tokens, or None for documents.")
    if vocabulary is None:
        vocabulary = getattr(topics, "vocabulary", held(reference, "vocabulary"))
    listed = top_terms(topics, n, vocabulary)
    words = distinct(listed)
    code_of = {word: code for code, word in enumerate(words)}
    coded = np.array([[code_of[word] for word in topic] for topic in listed], dtype=np.int64)
    pairs = _counting.pairs_of(coded, len(words))
    width = None if window is None else int(window)
    how: Any = {"window": width, "exact": exact}
    if cluster is None:
        counts = _counting.WindowCounts.none(len(words), len(pairs.first))
        parts = read_documents(reference, words, vocabulary, ordered=width is not None)
        for codes, offsets in parts:
            counts += _counting.count(codes, offsets, pairs, len(words), **how)
    else:
        from polytopic.metrics.cluster_counting import at_desk

        with at_desk(cluster, reference) as desk:
            assert desk is not None
            counts = desk.count(reference, words, vocabulary, pairs, **how)
    if not counts.windows:
        raise InputError("reference: holds no document. Pass the text to judge the topics by.")
    unseen = [word for word, uses in zip(words, counts.words, strict=True) if uses == 0]
    if len(unseen) == len(words):
        raise InputError(
            "reference: holds none of the topics' words. Pass text of the same language, "
            "tokenised and lower-cased as the training text was."
        )
    found = Probabilities(
        words=counts.words / counts.windows,
        pairs=counts.pairs / counts.windows,
        first=pairs.first,
        second=pairs.second,
        topics=coded,
        of_topics=pairs.of_topics,
    )
    return found, unseen
