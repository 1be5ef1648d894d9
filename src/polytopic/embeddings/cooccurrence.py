"""How often words stand near each other: a sparse matrix, its conditional probabilities, ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic import io
from polytopic.counts import as_matrix
from polytopic.embeddings.checking import as_words
from polytopic.embeddings.cluster_counting import counting_of
from polytopic.embeddings.cooccurrence_counting import WEIGHTINGS
from polytopic.embeddings.cooccurrence_mapped import matrix_of, read_counts, row_sums
from polytopic.embeddings.tokens import TokenStore, open_tokens
from polytopic.errors import CheckpointError, InputError, InputTypeError
from polytopic.io.schemas import TEXT, TEXTS, WHOLE, Array, Record
from polytopic.machine import resolve_threads
from polytopic.parameters import FLAG, NONE, AnyOf, Choice, Constraint, Integer, Real
from polytopic.progress import progress_bar
from polytopic.text import Vocabulary

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Cooccurrence"]

KIND = "cooccurrence"
MEMORY = Real(0, open_low=True)

_RECORD = Record({"terms": TEXTS, "window": WHOLE, "weighting": TEXT, "symmetric": FLAG})
_ARRAYS = {
    "data": Array("nnz", low=0),
    "indices": Array("nnz", kind="i", low=0),
    "indptr": Array("rows", kind="i", low=0),
    "counts": Array("V", kind="i", low=0),
    "document_counts": Array("V", kind="i", low=0),
}
"""What a saved folder holds."""

_OPTIONS: dict[str, Constraint] = {
    "window": Integer(1),
    "weighting": Choice(WEIGHTINGS),
    "symmetric": Choice((False, True)),
    "min_count": AnyOf(Integer(1), NONE),
    "max_terms": AnyOf(Integer(2), NONE),
    "memory": MEMORY,
    "n_threads": AnyOf(Integer(1), NONE),
    "verbose": Choice((False, True)),
}


class Cooccurrence:
    """The co-occurrence matrix X of a vocabulary of V words (Pennington et al., EMNLP 2014).

    X_ij is the summed weight of the places where word j stands within the window of word i.
    :meth:`count` counts a text; the constructor takes counts from elsewhere.

    Parameters
    ----------
    matrix : sparse matrix or array of shape (V, V)
        Rows are words, columns their contexts; finite, not negative. Kept as CSR of float32.
    vocabulary : Vocabulary, or sequence of V str
        In row order.
    window, weighting, symmetric : optional
        How it was counted, if known: as in :meth:`count`.

    Attributes
    ----------
    matrix : CSR matrix of shape (V, V), float32
        Columns ascending within each row. A matrix too large for the memory it was counted in is
        mapped from a temporary file, which goes with it.
    vocabulary : Vocabulary
    window : int or None
    weighting : str or None
    symmetric : bool or None

    Raises
    ------
    InputError
        If the matrix is of another shape or holds negative, NaN or infinite values.

    >>> pairs = Cooccurrence.count([["ice", "is", "solid"], ["steam", "is", "gas"]], window=2)
    >>> pairs.conditional("solid", given="ice")  # 1/2 of 1 + 1/2
    0.3333333333333333
    """

    matrix: sparse.csr_matrix
    vocabulary: Vocabulary

    def __init__(
        self,
        matrix: Any,
        vocabulary: Vocabulary | Sequence[str],
        *,
        window: int | None = None,
        weighting: str | None = None,
        symmetric: bool | None = None,
    ) -> None:
        words = vocabulary if isinstance(vocabulary, Vocabulary) else Vocabulary(vocabulary)
        self.matrix = _checked(matrix, len(words))
        self.vocabulary = words
        self.window, self.weighting, self.symmetric = window, weighting, symmetric
        self._totals: NDArray[np.float64] | None = None

    @classmethod
    def count(
        cls,
        source: Any,
        *,
        window: int = 10,
        weighting: str = "harmonic",
        symmetric: bool = True,
        min_count: int | None = None,
        max_terms: int | None = None,
        memory: float = 4.0,
        n_threads: int | None = None,
        cluster: Any = None,
        known: Vocabulary | None = None,
        verbose: bool = False,
    ) -> Cooccurrence:
        """Count a text.

        Windows end with their sentence. Words outside the vocabulary are taken out before windows
        are laid, so that they take no place in them, as in Stanford's program. The sums are exact
        (for harmonic weights up to a window of 22; beyond, each weight is rounded to 2^-30), then
        rounded to float32: the same bits for any ``n_threads`` and ``memory``.

        Parameters
        ----------
        source : Corpus, iterable of token lists, or path of a text file
            A file holds a sentence a line, words divided by white space.
        window : int
            Words on each side, at most.
        weighting : "harmonic" or "flat"
            A neighbour d words away counts 1/d, or 1.
        symmetric : bool
            True: contexts on both sides, so that X is symmetric. False: on the left only: X_ij
            sums the places where j stands *before* i.
        min_count : int, optional
            Rarer words are left out. By default every term of a Corpus stays, of other sources
            words that occur 5 times (every word, in texts under 10,000 words).
        max_terms : int, optional
            Of those, only the most frequent ones.
        memory : float
            GB that counting may hold, with the finished matrix, without the words themselves. Text
            and sums beyond it go to temporary files.
        n_threads : int, optional
            By default one a processor; fewer, if the memory does not suffice for all.
        cluster : optional
            ``"processes:2"``, a Dask or a Ray cluster, as for :class:`~polytopic.LDA`: who counts.
        known : Vocabulary, optional
            Its words keep their rows; new words come after them.
        verbose : bool
            Show a progress bar.

        Raises
        ------
        FileMissingError, InputError
            If the source or an option cannot be used, or the memory is less than rows need.
        """
        given = {
            "window": window, "weighting": weighting, "symmetric": symmetric,
            "min_count": min_count, "max_terms": max_terms, "memory": memory,
            "n_threads": n_threads, "verbose": verbose,
        }  # fmt: skip
        _check_options(given)
        store = open_tokens(source, min_count=min_count, known=known)
        if max_terms is not None:
            store = _most_frequent(store, max_terms, 0 if known is None else len(known))
        with progress_bar("Cooccurrence", 1.0, shown=verbose) as advance:
            counting = counting_of(
                cluster, store, window=window, weighting=weighting, symmetric=symmetric,
                memory=memory, n_threads=resolve_threads(n_threads), advance=advance,
            )  # fmt: skip
            return cls._made(counting.matrix(), store.vocabulary, window, weighting, symmetric)

    @classmethod
    def _made(
        cls, matrix: sparse.csr_matrix, words: Vocabulary, window: Any, weighting: Any, both: Any
    ) -> Cooccurrence:
        """From parts that need no check."""
        made = cls.__new__(cls)
        made.matrix, made.vocabulary, made._totals = matrix, words, None
        made.window, made.weighting, made.symmetric = window, weighting, both
        return made

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __repr__(self) -> str:
        return f"Cooccurrence({len(self):,} words, {self.matrix.nnz:,} entries)"

    @property
    def totals(self) -> NDArray[np.float64]:
        """X_i, the sum of each row, shape (V,)."""
        if self._totals is None:
            self._totals = row_sums(self.matrix)
        return self._totals

    def conditional(self, words: Any, *, given: Any) -> Any:
        """P(j | i) = X_ij / X_i: the share of word j in the contexts of word i.

        Parameters
        ----------
        words : str or sequence of str
            The contexts j.
        given : str or sequence of str
            The words i.

        Returns
        -------
        float, or float64 array
            Shape (len(given), len(words)), without the axis of whichever is a single str. Over
            all V words of the vocabulary a row sums to 1.

        Raises
        ------
        InputError
            If a word is not in the vocabulary, or a given word has no contexts.
        """
        columns = [self.vocabulary.index(word) for word in as_words(words)]
        rows = [self.vocabulary.index(word) for word in as_words(given)]
        totals = self.totals[rows]
        if (totals <= 0).any():
            word = as_words(given)[int(np.argmin(totals))]
            raise InputError(
                f'given: "{word}" has no neighbours in this text. Leave it out, or count more text.'
            )
        chosen = self.matrix[rows][:, columns].toarray().astype(np.float64) / totals[:, None]
        if isinstance(words, str):
            chosen = chosen[:, 0]
        shares = chosen[0] if isinstance(given, str) else chosen
        return float(shares) if np.ndim(shares) == 0 else shares

    def ratios(self, words: Sequence[str], first: str, second: str) -> pl.DataFrame:
        """The table of probability ratios (Pennington et al. 2014, table 1).

        A ratio far above 1 marks a word of ``first``, far below 1 one of ``second``; near 1, a word
        of both or of neither.

        Parameters
        ----------
        words : sequence of str
            The probe words k.
        first, second : str
            The words to tell apart.

        Returns
        -------
        polars.DataFrame
            A row a probe word: ``word``, ``P(k|first)``, ``P(k|second)`` (with the words' names)
            and ``ratio``; null where neither word has k in its contexts, infinite where only the
            first one has.

        Raises
        ------
        InputError
            As :meth:`conditional`; also if the two words are the same.

        >>> pairs = Cooccurrence.count([["ice", "is", "solid"], ["steam", "is", "gas"]], window=2)
        >>> pairs.ratios(["is", "solid"], "ice", "steam")["ratio"].to_list()
        [1.0, inf]
        """
        import polars as pl

        if first == second:
            raise InputError(f'second: is "{second}", as first is. Name two different words.')
        probes = as_words(words)
        one, two = self.conditional(probes, given=[first, second])
        pairs = zip(one.tolist(), two.tolist(), strict=True)
        ratio = [None if a == b == 0 else np.inf if b == 0 else a / b for a, b in pairs]
        columns = {"word": probes, f"P(k|{first})": one, f"P(k|{second})": two}
        return pl.DataFrame(columns | {"ratio": pl.Series(ratio, dtype=pl.Float64)})

    def save(self, path: str | Path) -> Path:
        """Write matrix and vocabulary to a folder; :meth:`load` reads it.

        Raises
        ------
        InputError
            If the folder holds other files or cannot be written.
        """
        arrays = {
            "data": self.matrix.data,
            "indices": self.matrix.indices,
            "indptr": self.matrix.indptr,
            "counts": self.vocabulary.counts,
            "document_counts": self.vocabulary.document_counts,
        }
        about = {
            "terms": self.vocabulary.terms,
            "window": self.window,
            "weighting": self.weighting,
            "symmetric": self.symmetric,
        }
        return io.write_folder(path, KIND, arrays, about)

    @classmethod
    def load(cls, path: str | Path, *, mapped: bool = False) -> Cooccurrence:
        """Read what :meth:`save` wrote; ``mapped``: the matrix stays in its file, read as needed.

        Raises
        ------
        FileMissingError, CheckpointError
            If it is missing or damaged.
        """
        arrays, about = read_counts(path, KIND, _RECORD, _ARRAYS, mapped)
        try:
            words = Vocabulary(about["terms"], arrays["counts"], arrays["document_counts"])
            matrix = matrix_of(path, arrays, len(words), mapped)
            how = {name: about[name] for name in ("window", "weighting", "symmetric")}
            _check_options(how)
            return cls._made(matrix, words, *how.values()) if mapped else cls(matrix, words, **how)
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError(f"{path}: is altered ({error}). Restore a copy.") from None

    def _aligned(self, known: Vocabulary) -> Cooccurrence:
        """The same counts with the words of ``known`` in the first rows, in its order."""
        fresh = [term for term in self.vocabulary.terms if term not in known]
        terms = [*known.terms, *fresh]
        place = {term: row for row, term in enumerate(terms)}
        to = np.array([place[term] for term in self.vocabulary.terms], dtype=np.int64)
        counts = np.concatenate([known.counts, np.zeros(len(fresh), np.int64)])
        counts[to] += self.vocabulary.counts
        words = Vocabulary(terms, counts)
        if terms == self.vocabulary.terms:
            return self._made(self.matrix, words, self.window, self.weighting, self.symmetric)
        pairs = self.matrix.tocoo()
        moved = sparse.csr_matrix(
            (pairs.data, (to[pairs.row], to[pairs.col])), shape=(len(terms), len(terms))
        )
        moved.sort_indices()
        return self._made(moved, words, self.window, self.weighting, self.symmetric)


def _checked(given: Any, n_terms: int) -> sparse.csr_matrix:
    matrix: Any = given
    kind = type(given).__name__
    if not (sparse.issparse(given) or isinstance(given, np.ndarray)):
        raise InputTypeError(f"matrix: is of type {kind}. Pass a SciPy sparse matrix or an array.")
    if matrix.shape != (n_terms, n_terms):
        raise InputError(
            f"matrix: shape {matrix.shape} for {n_terms} words. Rows and columns are both words: "
            f"({n_terms}, {n_terms})."
        )
    if matrix.dtype.kind not in "fiu":
        raise InputTypeError(f"matrix: of type {matrix.dtype}. Give real numbers.")
    kept = as_matrix(matrix, "matrix")
    if not np.isfinite(kept.data).all() or (kept.nnz and kept.data.min() < 0):
        raise InputError("matrix: holds negative, NaN or infinite values. Give summed weights.")
    if kept.nnz and kept.data.max() > np.finfo(np.float32).max:
        raise InputError(
            f"matrix: holds {kept.data.max():.3g}, and co-occurrences are kept as float32, which "
            "ends at 3.4e38. Scale them down."
        )
    if kept.dtype != np.float32 or (kept.data == 0).any():
        kept = kept.astype(np.float32, copy=True)
        kept.eliminate_zeros()
    return kept


def _check_options(given: dict[str, Any]) -> None:
    for name, value in given.items():
        if not _OPTIONS[name].accepts(value):
            raise InputError(
                f"{name}: {value!r} cannot be used by Cooccurrence.count. "
                f"It must be {_OPTIONS[name].describe()}."
            )


def _most_frequent(store: TokenStore, max_terms: int, n_known: int) -> TokenStore:
    """The same text with the most frequent words only; known words stay."""
    old = store.vocabulary
    if len(old) <= max(max_terms, n_known):
        return store
    order = np.argsort(-old.counts[n_known:], kind="stable")[: max(max_terms - n_known, 0)]
    kept = np.concatenate([np.arange(n_known), n_known + np.sort(order)])
    rows = np.full(len(old) + 1, -1, dtype=np.int32)
    rows[kept] = np.arange(len(kept), dtype=np.int32)

    def read(start: int, stop: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        ids, bounds = store.read(start, stop)
        return rows[np.maximum(ids, -1)], bounds

    words = Vocabulary([old.terms[row] for row in kept], old.counts[kept])
    return replace(store, vocabulary=words, n_words=int(words.counts.sum()), reader=read)
