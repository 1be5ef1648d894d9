"""Topic models that are variational autoencoders: a named model is a row of choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.counts import documents_of, in_memory
from polytopic.errors import InputError
from polytopic.io.schemas import WHOLE, ListOf
from polytopic.latent import (
    GRADIENTS,
    Family,
    FullNormal,
    LogisticNormal,
    Prior,
    StandardNormal,
)
from polytopic.nets import (
    DECODERS,
    CountsBatch,
    CountsEncoder,
    Decoder,
    Encoder,
    Objective,
    SparseCounts,
    given_out,
)
from polytopic.nets.threads import INFERENCE_BATCH, in_blocks, one_thread, over_blocks, slices
from polytopic.parameters import FLAG, Constraint, attribute
from polytopic.topics.base import TopicModel
from polytopic.topics.seed_words import Seeds, seed_columns, topic_names
from polytopic.topics.vae.deviations import TellsDeviations
from polytopic.topics.vae.elbo import TopicVAE
from polytopic.topics.vae.going_on import go_on
from polytopic.topics.vae.initial_values import Start, blank_start, make_start
from polytopic.topics.vae.parameters import VAEParameters
from polytopic.topics.vae.parts import (
    Choices,
    build_module,
    digest,
    enough_epochs,
    many_topics,
    on_simplex,
    overlap_weight,
)
from polytopic.topics.vae.seed_topics import SeedPrior, seeded_start
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

__all__ = ["VAETopicModel"]

_PEAK_RATE = 0.014
"""Of Adam. Chosen with the defaults, on 20ng-5k (`benchmarks/topics.py`); AVITM's is .002, for
topics that begin from noise."""

_LATER = {"samples": 1, "alternate": False, "covariance": "diagonal"}
"""Parameters that checkpoints of earlier versions do not know, and what these then were."""


class VAETopicModel(TellsDeviations, VAEParameters, TopicModel):
    """Base of the variational autoencoders over bags of words.

    A subclass names its posterior family, prior and decoder, its gradient and its defaults; the
    encoder, the bound (:class:`~polytopic.topics.vae.elbo.TopicVAE`) and the training loop are
    shared. Numbers among the defaults, here and in the subclasses, were chosen by the figures of
    ``benchmarks/topics.py`` on 20ng-5k, and looked at on nyt-10k and snippets.
    """

    posterior: ClassVar[type[Family]]
    prior: ClassVar[Callable[..., Prior]]
    _gradient: ClassVar[str] = "pathwise"
    _decoder: ClassVar[str] = "product"
    _scale: ClassVar[float] = 3.0
    """s of the encoder: the deviation that the first head begins with."""
    _concentration: ClassVar[float] = 0.2
    """Of the prior."""
    _offsets: ClassVar[tuple[float, ...]] = ()
    """Where the biases of the further heads begin."""
    _diversity: ClassVar[float] = 1.0
    """Weight of the penalty on topics that share words."""
    _diversity_falls: ClassVar[bool] = True
    _clustering: ClassVar[float] = 0.0
    """Weight of ECRTM's penalty."""
    _peak_rate: ClassVar[float] = _PEAK_RATE
    _background: ClassVar[bool | None] = None
    _reads_counts: ClassVar[bool] = True
    _reads_mapped = True
    _vectors_name: ClassVar[str] = "start"
    _own_penalties: Mapping[str, float] = attribute(default={})

    module_: TopicVAE = attribute()
    interrupted_: bool = attribute()
    topic_names_: list[str] = attribute()
    _dims: list[int] = attribute()

    # ---- fitting ---------------------------------------------------------------------------

    def _fit_counts(self, counts: sparse.csr_matrix) -> None:
        self._check_choices()
        seed, seeds = seed_from(self.random_state), self._seeds()
        with one_thread():
            processes = Processes(self.device)
            rows, held_out = self._split(counts, seed)
            seen = documents_of(counts, rows)
            start = processes.once(lambda: self._start(seen, seed))
            choices = self._choices()
            if seeds:
                start = seeded_start(start, in_memory(seen), seeds)
                prior = SeedPrior.of(seeds, seen, self.seed_strength)
                choices = replace(choices, objective=replace(choices.objective, seeds=prior))
            side = processes.once(lambda: self._side_start(counts, rows, start))
            module = build_module(choices, start, seed, side).to(processes.device)
            self._dims = [start.vectors.shape[1], 0 if side is None else side.shape[1]]
            training = self._documents(counts, rows, processes.device)
            held = self._documents(counts, held_out, processes.device) if len(held_out) else None
            outcome = self._trainer(counts, seed, processes).fit(module, training, held, processes)
            module.settle(training)
            self._finish(module, outcome)
        persistence.remember_parameters(self)

    def partial_fit(self, X: Any, y: Any = None, *, terms: Sequence[str] | None = None) -> Self:
        """Go on learning from more documents, one pass at a twentieth of the fit's rate.

        A model that is not fitted is fitted. Deterministic.

        Parameters
        ----------
        X : Corpus, sparse matrix or array of shape (D, V)
            Of the same vocabulary; a Corpus is matched by term.
        y : ignored
        terms : as in :meth:`fit`, in the first call

        Raises
        ------
        InputError
            If the counts cannot be used, or a parameter was changed since the fit.
        """
        if not hasattr(self, "module_"):
            return self.fit(X, y, terms=terms)
        self.check_parameters(self._not_saved)
        persistence.refuse_changed_parameters(self)
        counts = self._checked(X, reset=False)
        go_on(self, counts)
        self.count_on(counts)
        return self

    def _seeds(self) -> Seeds:
        """The seeds as columns of the vocabulary; names the topics."""
        self.topic_names_ = topic_names(self.seed_words, self.n_topics)
        return seed_columns(self.seed_words or {}, self.vocabulary_, self.n_topics)

    def _choices(self) -> Choices:
        """The axes as this model takes them: what was asked for, else its own defaults."""
        name = self.decoder or self._decoder
        background = self._background if self.background is None else self.background
        return Choices(
            n_topics=self.n_topics,
            posterior=self._family(),
            gradient=self._gradient_name(),
            prior=self._prior(),
            encoder=self._counts_encoder,
            reads_counts=self._reads_counts,
            hidden=self.hidden,
            scale=self._scale,
            offsets=self._offsets,
            dropout=self.dropout,
            decoder=self._decoder_class(name),
            decoder_options={
                **self._options_of(name),
                **({} if background is None else {"background": background}),
            },
            objective=self._objective(),
            usage_floor=self.usage_floor,
        )

    def _objective(self) -> Objective:
        overlap = self._diversity if self.diversity is None else self.diversity
        weights = {
            "topic_overlap": overlap_weight(overlap, self.n_topics, falls=self._diversity_falls),
            "embedding_clustering": (
                self._clustering if self.clustering is None else self.clustering
            ),
            **self._own_penalties,
        }
        penalties = [(name, weight) for name, weight in weights.items() if weight > 0]
        return Objective(
            beta=self.beta, free_bits=self.free_bits, penalties=penalties, samples=self.samples
        )

    def _options_of(self, decoder: str) -> Mapping[str, Any]:
        """Keywords of the decoder beside ``background``."""
        return {}

    def _decoder_class(self, name: str) -> type[Decoder]:
        return DECODERS[name]

    def _counts_encoder(self, **parts: Any) -> Encoder:
        return CountsEncoder(**parts)

    def _check_choices(self) -> None:
        """Choices that each may be made, and not together."""
        gradient = self._gradient_name()
        own = self._family()
        if (own, gradient) not in GRADIENTS:
            names = sorted(name for family, name in GRADIENTS if family is own)
            full = "" if self.covariance == "diagonal" else ' with covariance="full"'
            raise InputError(
                f"gradient: {gradient!r} cannot be used by {type(self).__name__}{full}. It must be "
                f"one of {', '.join(repr(name) for name in names)}."
            )
        if self.clustering and (self.decoder or self._decoder) not in ("embedding", "distance"):
            raise InputError(
                "clustering: a decoder without word vectors has nothing to cluster. Use "
                'decoder="embedding" or decoder="distance", or leave it out.'
            )

    def _split(
        self, counts: sparse.csr_matrix, seed: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of documents that are not empty; a share of them is held out for early stopping."""
        return split(np.flatnonzero(self._has_content(counts)), self.held_out, seed)

    def _has_content(self, counts: sparse.csr_matrix) -> NDArray[np.bool_]:
        return np.asarray(np.diff(counts.indptr) > 0)

    def _start(self, counts: sparse.csr_matrix, seed: int) -> Start:
        asked, name = getattr(self, self._vectors_name), self._vectors_name
        return make_start(asked, counts, self.n_topics, self.dim, seed, name=name)

    def _side_start(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], start: Start
    ) -> NDArray[np.float32] | None:
        """Centres among the documents' embeddings and their mean, where the encoder reads them."""
        return None

    def _documents(
        self, counts: sparse.csr_matrix, rows: NDArray[np.int64], device: torch.device
    ) -> SparseCounts:
        """The documents of ``rows`` on the device, with whatever stands beside their counts."""
        return given_out(counts, rows, device)

    def _beside_counts(self, n_documents: int) -> list[NDArray[Any]]:
        """Arrays beside the counts that a run depends on."""
        return []

    def _family(self) -> type[Family]:
        """Of the posterior, as this model has it or with a full covariance."""
        if self.covariance == "diagonal":
            return self.posterior
        if self.posterior is not LogisticNormal:
            raise InputError(
                f'covariance: "full" needs a logistic-normal posterior, and {type(self).__name__} '
                f"has a {self.posterior.__name__}. Leave it out, or take ProdLDA."
            )
        return FullNormal

    def _gradient_name(self) -> str:
        return self.gradient or self._gradient

    def _prior(self) -> Prior:
        """p(theta); by default its concentrations sum to the same for every K from 50 on."""
        given = self.prior_concentration
        if given is None or isinstance(given, str):
            own = self._concentration * many_topics(self.n_topics)
            if given is None:
                return type(self).prior(own)
            try:
                return type(self).prior(own, learned=True)
            except TypeError:
                raise InputError(
                    f'prior_concentration: "learned" needs a Dirichlet prior, which '
                    f"{type(self).__name__} does not have. Give a number."
                ) from None
        values = tuple(map(float, given)) if not isinstance(given, (int, float)) else given
        return type(self).prior(values)

    def _standard_normal(self) -> Prior:
        """The prior of models that have no concentration."""
        if self.prior_concentration is not None:
            raise InputError(
                f"prior_concentration: the prior of {type(self).__name__} is a standard normal, "
                "which has none. Leave it out."
            )
        return StandardNormal()

    def _epochs(self, n_documents: int) -> int:
        """Passes over the corpus, as asked for or as is enough."""
        return self.epochs or enough_epochs(n_documents, self.batch_size)

    def _trainer(self, counts: sparse.csr_matrix, seed: int, processes: Processes) -> Trainer:
        rate = self._peak_rate if self.learning_rate is None else self.learning_rate
        return Trainer(
            epochs=self._epochs(counts.shape[0]),
            batch_size=self.batch_size,
            learning_rate=rate,
            kl_warm_up=self.kl_warm_up,
            kl_cycles=self.kl_cycles,
            patience=self.patience,
            alternate=self.alternate,
            seed=seed,
            checkpoint=Path(self.checkpoint) if self.checkpoint is not None else None,
            identity=persistence.run_identity(self, counts, seed, self._not_part_of_a_run())
            | digest(self._beside_counts(counts.shape[0])),
            description=type(self).__name__,
            verbose=self.verbose and processes.is_main,
            tracking=Tracking.of(self),
        )

    def _not_part_of_a_run(self) -> tuple[str, ...]:
        """Parameters that say nothing of a run: of seeds without any, and later ones as before."""
        of_seeds = () if self.seed_words else ("seed_words", "seed_strength")
        usual = [name for name, value in _LATER.items() if getattr(self, name) == value]
        return (*NOT_PART_OF_A_RUN, *of_seeds, *usual)

    def _finish(self, module: TopicVAE, outcome: Outcome) -> None:
        self.module_ = module.cpu().eval()
        with torch.no_grad():
            self.topic_word_ = on_simplex(module.decoder.topic_word().numpy())
        self.history_ = outcome.history
        self.interrupted_ = outcome.interrupted
        tell_interrupted(self, outcome, stacklevel=2)

    # ---- inference -------------------------------------------------------------------------

    def _infer(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        """The posterior mean."""
        return on_simplex(self._answers(counts, self.n_topics, self.module_.theta))

    def _answers(
        self, counts: sparse.csr_matrix, width: int, answer: Callable[[CountsBatch], Tensor]
    ) -> NDArray[np.float32]:
        documents = self._documents(counts, np.arange(counts.shape[0]), torch.device("cpu"))
        return in_blocks(documents, width, answer, self.n_threads)

    def _log_likelihood(
        self, counts: sparse.csr_matrix, theta: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        documents = self._judged(counts)
        out = np.empty(counts.shape[0])

        def work(rows: slice) -> None:
            batch = documents.batch(np.arange(rows.start, rows.stop))
            found = self.module_.log_likelihood(torch.from_numpy(theta[rows]), batch)
            out[rows] = found.double().numpy()

        over_blocks(work, slices(len(out), INFERENCE_BATCH), self.n_threads)
        return out

    def _components(self) -> NDArray[np.float32] | None:
        with torch.no_grad():
            beta = self.module_.decoder.beta()
        return None if beta is None else np.asarray(beta.numpy(), dtype=np.float32)

    def _judged(self, counts: sparse.csr_matrix) -> SparseCounts:
        """What the likelihood of documents reads."""
        return given_out(counts, np.arange(counts.shape[0]), torch.device("cpu"))

    # ---- saving ----------------------------------------------------------------------------

    _saved_scalars: ClassVar[Mapping[str, Constraint]] = {
        **TopicModel._saved_scalars, "interrupted_": FLAG, "_dims": ListOf(WHOLE, 2),
    }  # fmt: skip

    def _state(self) -> dict[str, NDArray[Any]]:
        return module_arrays(self.module_)

    @one_thread()
    def _restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        n_topics, n_terms = self.topic_word_.shape
        dim, side = self._dims
        sizes = {"n_topics": n_topics, "vocabulary": n_terms, "vectors": dim, "side": side}
        persistence.check_sizes({**sizes, "hidden": self.hidden}, arrays)
        blank = blank_start(n_topics, n_terms, dim)
        beside = np.zeros((n_topics + 1, side), np.float32) if side else None
        self.module_ = build_module(self._choices(), blank, 0, beside)
        self.module_.load_state_dict(module_state(arrays))
        self.topic_names_ = topic_names(self.seed_words, n_topics)
        self.module_.eval()
