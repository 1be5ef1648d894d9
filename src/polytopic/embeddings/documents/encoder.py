"""``StaticEncoder``: texts to vectors by weighted means of word vectors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.checking import as_numbers
from polytopic.embeddings.documents.splitting import Splitter, as_texts
from polytopic.embeddings.documents.weights import COMMON, WEIGHTS, common_directions, word_weights
from polytopic.embeddings.files.model2vec import read_encoder, write_model2vec
from polytopic.embeddings.kernels.documents import mean_rows, scaled_mean_rows
from polytopic.embeddings.neighbours import unit_rows
from polytopic.embeddings.shaping import principal_directions
from polytopic.embeddings.vectors import WordVectors
from polytopic.errors import EmptyDocumentsWarning, InputError, InputTypeError
from polytopic.extras import require
from polytopic.text.vocabulary import Vocabulary

__all__ = ["StaticEncoder"]

Floats = NDArray[np.float32]

LENGTH = 11.0
"""Words of a usual document, for uSIF: its author's default."""


class StaticEncoder:
    """Texts as weighted means of word vectors: an encoder without a network.

    v_d = 1/n sum_i w(i) x_i over the n words of a text that have vectors, x reduced to ``dim``
    dimensions by PCA. With ``weights="zipf"`` it is model2vec's recipe (Tulkens & van Dongen,
    2024); ``"sif"`` is Arora, Liang & Ma (ICLR 2017), ``"usif"`` Ethayarajh (RepL4NLP 2018), whose
    common directions are learned by :meth:`fit`; ``"mean"`` is the plain mean.

    Parameters
    ----------
    vectors : WordVectors
    weights : "zipf", "sif", "usif" or "mean"
    dim : int, optional
        Keep so many principal components of the word vectors, of at most E; by default all E
        dimensions as they are.
    smoothing : float, optional
        a of the weights a / (a + p); 1e-4 for zipf, 1e-3 for sif.
    normalize : bool
        Scale each document to length one.
    which : str
        The vectors: a name of ``WordVectors.combine``.

    Attributes
    ----------
    vectors : WordVectors
        The rows that are averaged, weights in them (but for usif).
    dim : int

    Raises
    ------
    InputError
        If a parameter cannot be used, or sif or usif is asked for and the vectors know no counts.

    >>> vectors = WordVectors(["cat", "dog", "car"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> StaticEncoder(vectors, weights="mean").encode(["A cat, a dog", "the car"]).round(2)
    array([[1.  , 0.15],
           [0.  , 1.  ]], dtype=float32)
    """

    def __init__(
        self,
        vectors: WordVectors,
        *,
        weights: str = "zipf",
        dim: int | None = None,
        smoothing: float | None = None,
        normalize: bool = False,
        which: str = "input",
    ) -> None:
        if not isinstance(vectors, WordVectors):
            raise InputTypeError(f"vectors: of type {type(vectors).__name__}. Pass WordVectors.")
        if weights not in WEIGHTS:
            raise InputError(f"weights: {weights!r} is unknown. Pick one of {', '.join(WEIGHTS)}.")
        if smoothing is not None and not (np.isfinite(smoothing) and smoothing > 0):
            raise InputError(f"smoothing: is {smoothing!r}. Give a number above 0.")
        matrix = _reduced(vectors.combine(which), dim)
        shares = word_weights(vectors.vocabulary, weights, smoothing, LENGTH)
        self.weights, self.normalize = weights, normalize
        self._shares = shares.astype(np.float32)
        if weights != "usif":
            matrix = (matrix * shares[:, None]).astype(np.float32)
        self._hold(WordVectors(vectors.vocabulary, matrix), Splitter(vectors.vocabulary).blocks)

    def _hold(self, vectors: WordVectors, blocks: Callable[[Sequence[str]], Iterable[Any]]) -> None:
        self.vectors, self._blocks = vectors, blocks
        self._projection: NDArray[np.float64] | None = None

    @property
    def dim(self) -> int:
        """Length of a document's vector."""
        return self.vectors.dim

    def __repr__(self) -> str:
        n = len(self.vectors)
        return f"StaticEncoder({n:,} words, {self.dim} dimensions, weights={self.weights!r})"

    def fit(self, texts: Iterable[str]) -> Self:
        """Learn what all texts share, to take it out: one direction for sif, five for usif.

        uSIF takes out each direction by its share of the variance. For other weights there is
        nothing to learn.

        Raises
        ------
        InputError
            If no text holds a word with a vector.
        """
        n_common = COMMON[self.weights]
        if n_common == 0:
            return self
        self._projection = None
        documents = self._means(as_texts(texts))
        if not documents.any():
            raise InputError("texts: none holds a word with a vector. Give texts of its language.")
        directions, shares = common_directions(documents, n_common)
        projection = np.eye(self.dim)
        for direction, share in zip(directions, shares, strict=True):
            part = share if self.weights == "usif" else 1.0
            projection -= part * (projection @ direction[:, None]) * direction
        self._projection = projection
        return self

    def encode(
        self, texts: str | Sequence[str], *, normalize: bool | None = None, **ignored: Any
    ) -> Floats:
        """Vectors of texts, each for itself: shape (D, dim), or (dim,) for one str.

        Parameters
        ----------
        texts : sequence of D str, or one str
        normalize : bool, optional
            By default as the encoder was made.
        **ignored
            What callers of sentence-transformers pass (``batch_size``, ``show_progress_bar``, ...).

        Returns
        -------
        float32 array
            Zeros for texts without a word that has a vector, which are counted by an
            :class:`~polytopic.errors.EmptyDocumentsWarning`.

        Raises
        ------
        InputTypeError
            If an entry is no str.
        """
        if isinstance(texts, str):
            alone: Floats = self.encode([texts], normalize=normalize)[0]
            return alone
        found = self._means(as_texts(texts))
        empty = int(np.count_nonzero(~found.any(axis=1)))
        if empty:
            warnings.warn(
                f"texts: {empty:,} of {len(found):,} hold no word with a vector: theirs are zeros.",
                EmptyDocumentsWarning,
                stacklevel=2,
            )
        if self._projection is not None:
            found = np.einsum("de,ef->df", found, self._projection).astype(np.float32)
        return unit_rows(found) if (self.normalize if normalize is None else normalize) else found

    __call__ = encode

    def _means(self, texts: list[str]) -> Floats:
        found = np.empty((len(texts), self.dim), dtype=np.float32)
        matrix = np.ascontiguousarray(self.vectors.input)
        for first, ids, offsets in self._blocks(texts):
            n = len(offsets) - 1
            part = found[first : first + n]
            if self.weights == "usif":
                scaled_mean_rows(ids, offsets, matrix, self._shares, 0, n, part)
            else:
                mean_rows(ids, offsets, matrix, 0, n, part)
        return found

    # ---- files -----------------------------------------------------------------------------

    def save(self, path: str | Path) -> Path:
        """Write a folder that ``model2vec.StaticModel.from_pretrained`` and :meth:`load` read.

        Common directions that were learned are taken out of the rows themselves.

        Raises
        ------
        InputError
            If the weights are "usif", whose scaling no mean of rows can do, or the folder holds
            other files or cannot be written.
        """
        if self.weights == "usif":
            raise InputError(
                'weights: "usif" scales each document by itself, which no mean of rows does. '
                'Save an encoder of "sif" or "zipf".'
            )
        rows = self.vectors.input
        if self._projection is not None:
            rows = (rows.astype(np.float64) @ self._projection).astype(np.float32)
        return write_model2vec(path, self.vectors.vocabulary.terms, rows, normalize=self.normalize)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote, or a folder of model2vec.

        Folders of model2vec whose tokens are pieces of words need the library ``tokenizers``.

        Raises
        ------
        FileMissingError, CheckpointError, MissingExtraError
            If a file is missing or damaged, or the library is.
        """
        terms, matrix, tokenizer, normalize = read_encoder(path)
        words = Vocabulary(terms)
        blocks: Callable[[Sequence[str]], Iterable[Any]] = Splitter(words).blocks
        if tokenizer is not None:
            blocks = _pieces(tokenizer, len(terms))
        encoder = cls.__new__(cls)
        encoder.weights, encoder.normalize = "mean", normalize
        encoder._shares = np.ones(len(terms), dtype=np.float32)
        encoder._hold(WordVectors(words, matrix), blocks)
        return encoder

    @classmethod
    def distil(
        cls, model: Any, words: Vocabulary | Sequence[str], *, dim: int | None = 256, **options: Any
    ) -> Self:
        """An encoder of the vectors that another one gives to single words (model2vec's recipe).

        Parameters
        ----------
        model : str, or object with ``encode(list of str)``
            Name or folder of a sentence-transformer, which the extra ``encoders`` installs; or an
            encoder of any kind.
        words : Vocabulary or sequence of str
            The words it will know, the most frequent first unless there are counts.
        dim : int, optional
            Principal components; None for all.
        **options
            As for the class.

        Raises
        ------
        InputError, MissingExtraError
            If the model gives something else than a row of finite numbers a word, ``dim`` is above
            their width, or the library is missing.
        """
        if isinstance(model, str | Path):
            library = require("sentence_transformers", "distilling", "encoders")
            model = library.SentenceTransformer(str(model))
        if not callable(getattr(model, "encode", None)):
            raise InputTypeError(
                f"model: of type {type(model).__name__}, without encode(). Give another."
            )
        vocabulary = words if isinstance(words, Vocabulary) else Vocabulary(words)
        rows = as_numbers(model.encode(list(vocabulary.terms)), "model")
        return cls(WordVectors(vocabulary, rows), dim=dim, **options)


def _reduced(matrix: Floats, dim: int | None) -> Floats:
    """The first principal components of the rows, which are centred.

    Raises
    ------
    InputError
        If ``dim`` is no number from 1 to E.
    """
    if dim is None:
        return matrix
    width = matrix.shape[1]
    if isinstance(dim, bool) or not isinstance(dim, int) or not 1 <= dim <= width:
        raise InputError(f"dim: is {dim!r}. The vectors have {width}: give 1 to {width}.")
    mean, directions = principal_directions(matrix, dim)
    reduced: Floats = ((matrix.astype(np.float64) - mean) @ directions.T).astype(np.float32)
    return reduced


def _pieces(tokenizer: Path, n_rows: int) -> Callable[[Sequence[str]], Iterable[Any]]:
    """Blocks of texts by a tokenizer of the library ``tokenizers``."""
    cut = require("tokenizers", "reading this folder of model2vec").Tokenizer
    known = cut.from_file(str(tokenizer))
    known.no_padding()
    known.no_truncation()
    unknown = known.token_to_id("[UNK]")

    def blocks(texts: Sequence[str]) -> Iterable[Any]:
        found = [e.ids for e in known.encode_batch(list(texts), add_special_tokens=False)]
        offsets = np.zeros(len(found) + 1, dtype=np.int64)
        np.cumsum([len(ids) for ids in found], out=offsets[1:])
        ids = np.array([i for row in found for i in row], dtype=np.int32)
        ids[(ids == unknown) | (ids >= n_rows)] = -1
        yield 0, ids, offsets

    return blocks
