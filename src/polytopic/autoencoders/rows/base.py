"""The estimator that all plain autoencoders are: rows of counts or real numbers to vectors."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data
from torch import Tensor

from polytopic import __version__, persistence
from polytopic.autoencoders.rows.decoders import RowDecoder
from polytopic.autoencoders.rows.encoder import RowEncoder
from polytopic.autoencoders.rows.going_on import go_on
from polytopic.autoencoders.rows.modules import Code, VariationalCode
from polytopic.autoencoders.rows.noise import Noise
from polytopic.autoencoders.rows.parameters import RowParameters
from polytopic.autoencoders.rows.reading import (
    PREPARED,
    Preparation,
    Rows,
    as_rows,
    codes,
    listed,
    names,
)
from polytopic.base import seed_from
from polytopic.counts import counts_in
from polytopic.errors import InputError
from polytopic.io.schemas import ANYTHING, HISTORY, TEXTS, WHOLE, MapOf, Record, check_arrays
from polytopic.nets.threads import (
    INFERENCE_BATCH,
    filled_up,
    one_thread,
    over_blocks,
    slices,
)
from polytopic.parameters import (
    FLAG,
    Constraint,
    attribute,
)
from polytopic.topics.documents import aligned, tell_empty
from polytopic.tracking import Tracking
from polytopic.training.estimators import (
    NOT_PART_OF_A_RUN,
    module_arrays,
    module_state,
    split,
    tell_interrupted,
)
from polytopic.training.loop import Outcome, Trainer
from polytopic.training.processes import Processes

__all__ = ["BaseAutoencoder"]

_BLOCK = 512
"""Rows decoded at once: bounds what is held, changes no number."""

_STEPS = 400
"""Steps below which a run has not arrived."""


class BaseAutoencoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, RowParameters
):
    """Base of the plain autoencoders: scikit-learn transformers from rows to vectors.

    Attributes
    ----------
    terms_ : list of V str
        Names of the columns.
    history_ : list of dict
        One record an epoch: ``loss`` and ``bound`` in nats a row (squared error: in the units of
        the prepared rows), of the VAE ``kl`` and ``active`` dimensions too.
    n_features_in_ : int
        V.
    """

    module_: Code | VariationalCode = attribute()
    terms_: list[str] = attribute()
    history_: list[dict[str, float]] = attribute()
    notes_: dict[str, Any] = attribute()
    interrupted_: bool = attribute()
    _prepared: Preparation = attribute()

    _n_heads: ClassVar[int] = 1
    """Numbers a row and dimension that the encoder gives: here the code itself."""
    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        "history_": HISTORY, "notes_": MapOf(ANYTHING), "n_features_in_": WHOLE,
        "interrupted_": FLAG, "terms_": TEXTS,
    }  # fmt: skip

    # ---- what a model fills in -------------------------------------------------------------

    @abstractmethod
    def _noise(self) -> Noise:
        """What is done to the encoder's input while training."""

    @abstractmethod
    def _module(self, encoder: RowEncoder, prepared: Preparation, widths: list[int],
                generator: torch.Generator) -> Code | VariationalCode:  # fmt: skip
        """The objective around the encoder and a decoder of these widths."""

    # ---- the public face -------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        """Learn to restore rows from short vectors.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
            Counts for the categorical likelihood, else real numbers. Sparse input stays sparse.
        y : ignored
        terms : sequence of V str, optional
            Names of the columns when ``X`` is no Corpus; by default their numbers.

        Raises
        ------
        InputError
            If a parameter or the input cannot be used; the message says what to do.
        """
        self.check_parameters()
        rows = self._checked(X, reset=True)
        filled = self._filled(rows)
        self._check_size(rows, len(filled))
        self._tell_empty(rows)
        self.terms_ = names(X, rows.shape[1], terms)
        started = time.perf_counter()
        self._train(rows, filled)
        self.notes_ = {
            "seconds": round(time.perf_counter() - started, 3),
            "version": __version__,
            "rows": int(rows.shape[0]),
        }
        return self

    def partial_fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        """Go on learning from more rows, one pass at a twentieth of the fit's rate.

        A model that is not fitted is fitted. Rows are put to scale as the fit's were. Same seed,
        same bits. Parameters as in :meth:`fit`; a Corpus is matched by term.

        Raises
        ------
        InputError
            If the input cannot be used, or a parameter was changed since the fit.
        """
        if not hasattr(self, "module_"):
            return self.fit(X, y, terms=terms)
        self.check_parameters(self._not_saved)
        persistence.refuse_changed_parameters(self)
        rows = self._checked(X, reset=False)
        go_on(self, rows, self._filled(rows))
        self.notes_ = {**self.notes_, "rows": self.notes_["rows"] + int(rows.shape[0])}
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """The vector of each row, of the VAE its posterior mean, shape (D, E).

        Deterministic, changes no state, and gives each row the same answer whatever stands beside
        it. A Corpus with another vocabulary is matched by term. The vector of a row of counts that
        holds none says nothing of it; an :class:`~polytopic.EmptyDocumentsWarning` says how many.

        Raises
        ------
        InputError
            If the input cannot be used or has another number of columns.
        """
        self._require_fitted("module_")
        return self._by_block(X, lambda batch: self.module_.location(batch), self.dim, tell=True)

    def inverse_transform(self, X: Any) -> NDArray[np.float32]:
        """The expected row of each vector, shape (D, V), dense.

        Of the categorical likelihood p(term | h), rows on the simplex; else in the units of the
        data. For many rows see :meth:`inverse_batches`.

        Raises
        ------
        InputError
            If ``X`` is no finite matrix with E columns.
        """
        return np.concatenate(list(self.inverse_batches(X)))

    def inverse_batches(self, X: Any, size: int = _BLOCK) -> Iterator[NDArray[np.float32]]:
        """:meth:`inverse_transform` by blocks of at most ``size`` rows, each of shape (B, V)."""
        self._require_fitted("module_")
        given = codes(X, self.dim)
        if size < 1:
            raise InputError(f"size: {size} rows a block. Give 1 or more.")
        for first in range(0, len(given), size):
            with torch.no_grad(), one_thread():
                mean = self.module_.decoder.mean(torch.from_numpy(given[first : first + size]))
            yield self._prepared.outputs(mean.numpy())

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """How well each row is restored from its own vector, shape (D,).

        log p(x | h) in nats, without the multinomial's constant; of squared error minus that error,
        in the units of the data.
        """
        self._require_fitted("module_")
        found = self._by_block(X, self._fit_of, 1)[:, 0].astype(np.float64)
        return found * self._prepared.scale**2 if self.likelihood == "gaussian" else found

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of :meth:`score_samples`; more is better."""
        return float(self.score_samples(X).mean())

    def save(self, path: str | Path) -> Path:
        """Write the model to a folder of safetensors and JSON; :func:`polytopic.load` reads it."""
        self._require_fitted("module_")
        state = module_arrays(self.module_)
        fitted = {name: getattr(self, name) for name in self._saved_scalars}
        return persistence.save_model(self, path, state | self._prepared.arrays(), fitted)

    def _fitted_schema(self) -> Constraint:
        return Record(self._saved_scalars)

    @one_thread()
    def _load_state(self, arrays: Mapping[str, NDArray[Any]], fitted: Mapping[str, Any]) -> None:
        for name in self._saved_scalars:
            setattr(self, name, fitted[name])
        n_columns = self.n_features_in_
        if len(self.terms_) != n_columns:
            raise InputError(f"terms_ are {len(self.terms_)} for {n_columns} columns")
        check_arrays(arrays, PREPARED, "arrays", V=n_columns)
        widths = [width for width in (*listed(self.hidden), *listed(self.decoder_hidden)) if width]
        sizes = {f"layer {place}": width for place, width in enumerate(widths)}
        persistence.check_sizes({"columns": n_columns, "dim": self.dim, **sizes}, arrays)
        self._prepared = Preparation.restored(arrays, self.likelihood)
        self.module_ = self._build(self._prepared, 0)
        self.module_.load_state_dict(module_state(arrays))
        self.module_.eval()

    # ---- parts -----------------------------------------------------------------------------

    def _train(self, rows: sparse.csr_matrix, filled: NDArray[np.int64]) -> None:
        seed = seed_from(self.random_state)
        counts = self.likelihood == "categorical"
        with one_thread():
            processes = Processes(self.device)
            training, held_out = split(filled, self.held_out, seed)
            prepared = Preparation.of(rows[training], self.likelihood)
            module = self._build(prepared, seed).to(processes.device)
            parts = [
                Rows(prepared.rows(rows[part]), processes.device, counts=counts)
                for part in (training, held_out)
            ]
            trainer = self._trainer(rows, seed, processes)
            trainer.tracking.added = self._units(prepared)
            outcome = trainer.fit(module, parts[0], parts[1] if len(held_out) else None, processes)
        self._prepared, self.module_ = prepared, module.cpu().eval()
        self._finish(outcome)
        persistence.remember_parameters(self)

    def _build(self, prepared: Preparation, seed: int) -> Code | VariationalCode:
        generator = torch.Generator().manual_seed(seed)
        encoder = RowEncoder(
            prepared.reading(),
            [width for width in listed(self.hidden) if width],
            dim=self.dim,
            n_heads=self._n_heads,
            noise=self._noise(),
            normalized=self._normalized,
            generator=generator,
        )
        widths = [self.dim, *(width for width in listed(self.decoder_hidden) if width)]
        return self._module(encoder, prepared, widths, generator)

    _normalized: ClassVar[bool] = False

    def _decoder(
        self, kind: Callable[..., RowDecoder], prepared: Preparation, widths: list[int],
        generator: torch.Generator, **options: Any,
    ) -> RowDecoder:  # fmt: skip
        return kind(widths, torch.from_numpy(prepared.bias).float(), generator, **options)

    def _trainer(self, rows: sparse.csr_matrix, seed: int, processes: Processes) -> Trainer:
        steps_a_pass = max(1, rows.shape[0] // self.batch_size)
        return Trainer(
            epochs=self.epochs or max(20, math.ceil(_STEPS / steps_a_pass)),
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            kl_warm_up=getattr(self, "kl_warm_up", 0.0),
            patience=self.patience,
            seed=seed,
            checkpoint=Path(self.checkpoint) if self.checkpoint is not None else None,
            identity=persistence.run_identity(self, rows, seed, NOT_PART_OF_A_RUN),
            description=type(self).__name__,
            verbose=self.verbose and processes.is_main,
            tracking=Tracking.of(self),
        )

    def _units(self, prepared: Preparation) -> dict[str, float]:
        """What is added to entries of a record so that they are in the units of the data."""
        return {}

    def _finish(self, outcome: Outcome) -> None:
        self.history_, self.interrupted_ = outcome.history, outcome.interrupted
        tell_interrupted(self, outcome, stacklevel=4)

    def _by_block(
        self, X: Any, what: Callable[[Any], Tensor], width: int, *, tell: bool = False
    ) -> NDArray[np.float32]:
        """A function of batches over all rows, in blocks of one size: no answer has company."""
        rows = self._checked(X, reset=False)
        if tell:
            self._tell_empty(rows)
        out = np.empty((rows.shape[0], width), dtype=np.float32)

        def work(block: slice) -> None:
            own = self._prepared.rows(rows[block])
            data = Rows(own, torch.device("cpu"), counts=self.likelihood == "categorical")
            n = len(data)
            found = what(data.batch(filled_up(slice(0, n)))).numpy()
            out[block] = found.reshape(INFERENCE_BATCH, -1)[:n]

        over_blocks(work, slices(len(out), INFERENCE_BATCH), self.n_threads)
        return out

    def _fit_of(self, batch: Any) -> Tensor:
        return self.module_.decoder.log_likelihood(self.module_.location(batch), batch)

    def _filled(self, rows: sparse.csr_matrix) -> NDArray[np.int64]:
        """Rows to learn from: an empty row of counts says nothing, one of real numbers does."""
        if self.likelihood == "categorical":
            return np.flatnonzero(np.diff(rows.indptr) > 0)
        return np.arange(rows.shape[0])

    def _tell_empty(self, rows: sparse.csr_matrix) -> None:
        if self.likelihood == "categorical":
            tell_empty(rows, "vectors are the encoder's answer to no words", "X")

    def _check_size(self, rows: sparse.csr_matrix, n_filled: int) -> None:
        n_rows, n_columns = rows.shape
        if n_filled == 0:
            raise InputError("X: every row is empty. Check the text column, or loosen min_df.")
        if n_filled < 2:
            raise InputError(
                f"X: only one row (n_samples = {n_rows}) holds something, and a code says what "
                "rows differ in. Pass more rows."
            )
        if self.dim > n_columns:
            raise InputError(
                f"dim: {self.dim} dimensions for {n_columns} columns (n_features = {n_columns}): "
                f"no shorter than the rows themselves. Ask for at most {n_columns}."
            )

    @property
    def _n_features_out(self) -> int:
        return self.dim

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = self.likelihood != "gaussian"
        tags.input_tags.categorical = self.likelihood != "gaussian"
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _checked(self, X: Any, *, reset: bool) -> sparse.csr_matrix:
        if not reset:
            X = aligned(X, self.terms_)
        rows = as_rows(X, self.likelihood)
        if not reset and rows.shape[1] != self.n_features_in_:
            raise InputError(
                f"X: X has {rows.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input, the columns it was fitted with."
            )
        validate_data(self, counts_in(X), reset=reset, skip_check_array=True)
        return rows
