"""The one training loop of the neural models.

What an epoch does depends on the seed and the epoch's number alone: the order of the documents and
all noise are drawn anew from them. A checkpoint at the end of an epoch therefore needs no state of
any random generator, and a resumed run goes on to the same bits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from polytopic.errors import InputError
from polytopic.nets import CountsBatch, SparseCounts
from polytopic.progress import Advance
from polytopic.tracking import NOT_TRACKED, Tracking
from polytopic.training import checkpoint
from polytopic.training.adam import RowwiseAdam
from polytopic.training.monitor import CollapseMonitor
from polytopic.training.processes import Processes
from polytopic.training.run import Checkpoint, Frame, running
from polytopic.training.schedules import cyclical, one_cycle

__all__ = ["Outcome", "Trainable", "Trainer"]


class Trainable(Protocol):
    """What the loop asks of a model: an objective a batch, in nats a document."""

    def __call__(
        self, batch: CountsBatch, kl_weight: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """(loss to minimise, negative ELBO with full KL), both means over the batch."""
        ...

    monitor: CollapseMonitor
    """Told of every training batch; its record is read at the end of an epoch."""

    def groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """Parameter groups of the optimiser, each with its peak learning rate ``peak``."""
        ...


@dataclass
class Outcome:
    """What a run leaves: the epochs asked for, a record of each one done, and how it ended."""

    epochs: int
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Settings of a run; :meth:`fit` trains a module in place.

    ``epochs``: passes at most; ``batch_size``: documents a step, over all processes;
    ``learning_rate``: peak of the one-cycle schedule; ``kl_warm_up``: share of the run, or of one
    of its ``kl_cycles``, over which the KL weight rises to one; ``patience``: epochs without a
    better held-out bound before the run stops (None: never); ``alternate``: steps in turn of the
    first group of parameters and of the others; ``seed``: of orders and noise;
    ``checkpoint``: folder, or None;
    ``identity``: settings that a checkpoint must share to be resumed.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    kl_warm_up: float = 0.0
    kl_cycles: int = 1
    patience: int | None = None
    alternate: bool = False
    seed: int = 0
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    description: str = "training"
    verbose: bool = False
    tracking: Tracking = NOT_TRACKED

    def fit(
        self,
        module: nn.Module,
        training: SparseCounts,
        held_out: SparseCounts | None,
        processes: Processes,
    ) -> Outcome:
        """Train ``module`` in place and leave the best weights in it.

        ``held_out`` decides which weights are best and when to stop; without it the last weights
        stay. A first Ctrl-C ends the run with the best weights so far in place.

        Raises
        ------
        InputError
            If the loss turns NaN or infinite, or a batch has fewer documents than there are
            processes.
        """
        _refuse_too_few(len(training), self.batch_size, processes.count)
        main = processes.is_main
        kept = Checkpoint(self.checkpoint, checkpoint.KIND, self.identity, writes=main)
        tracking = self.tracking if main else NOT_TRACKED
        with running(
            kept, self.description, self.epochs, shown=self.verbose, tracking=tracking
        ) as frame:
            run = _Run(self, module, training, held_out, processes, frame, kept)
            frame.begin(run.begin)
            run.go(frame.advance)
        run.outcome.interrupted = frame.interrupted
        run.finish()
        return run.outcome


class _Run:
    """The moving parts of one call of ``Trainer.fit``."""

    def __init__(
        self,
        settings: Trainer,
        module: nn.Module,
        training: SparseCounts,
        held_out: SparseCounts | None,
        processes: Processes,
        frame: Frame,
        kept: Checkpoint,
    ) -> None:
        self.settings, self.processes = settings, processes
        self.frame, self.kept = frame, kept
        self.training, self.held_out = training, held_out
        self.outcome = Outcome(settings.epochs)
        self.best: dict[str, Tensor] = {}
        self.best_value = math.inf
        self.epoch = 0
        groups = cast(Trainable, module).groups(settings.learning_rate)
        fused = training.device.type in ("cpu", "cuda")
        optimizer = RowwiseAdam(groups, lr=settings.learning_rate, fused=fused)
        self.module, self.optimizer = module, optimizer

    def begin(self) -> None:
        """Go on from the checkpoint, if there is one, and hand all to the processes."""
        loaded = checkpoint.restore(self.kept, self.module, self.optimizer)
        if loaded is not None:
            self.best, progress = loaded
            self.epoch = int(progress["epoch"])
            self.outcome.best_epoch = int(progress["best_epoch"])
            value = progress["best_value"]
            self.best_value = math.inf if value is None else float(value)
            self.outcome.history = list(progress["history"])
        self.wrapped, self.stepper = self.processes.prepare(self.module, self.optimizer)

    def go(self, advance: Advance) -> None:
        """Epochs until the last, the patience or an interruption ends them."""
        while self.epoch < self.settings.epochs and not self._out_of_patience():
            started = time.perf_counter()
            record = self._train_epoch(advance)
            record |= self._evaluate()
            record["seconds"] = time.perf_counter() - started
            with self.frame.whole():
                self.epoch += 1
                self._keep_best(record)
                self.outcome.history.append(record)
            self._save()
            steps = _n_batches(len(self.training), self.settings.batch_size)
            self.frame.tracking.epoch(record, self.epoch * steps, self._topics())
            advance(self.epoch, _summary(record))

    def finish(self) -> None:
        """Put the best weights in place."""
        if self.best:
            self.module.load_state_dict(self.best)
        self.module.eval()

    def _train_epoch(self, advance: Advance) -> dict[str, float]:
        with self.processes.sharing():
            return self._train_together(advance)

    def _train_together(self, advance: Advance) -> dict[str, float]:
        settings = self.settings
        batches = _batches(len(self.training), settings.batch_size, settings.seed, self.epoch)
        generator = self._generator()
        self.module.train()
        losses, bounds, weights = [], [], []
        for index, rows in enumerate(batches):
            done = (self.epoch + index / len(batches)) / settings.epochs
            self._set_rates(done)
            batch = self.training.batch(self.processes.share(rows))
            kl_weight = cyclical(done, settings.kl_cycles, settings.kl_warm_up)
            with self.frame.whole():
                loss, bound = self.wrapped(batch, kl_weight, generator)
                self.stepper.zero_grad(set_to_none=True)
                self.processes.backward(loss, batch.n_documents / len(rows))
                if settings.alternate:
                    self._hold(first=bool((self.epoch * len(batches) + index) % 2))
                self.stepper.step()
            number = self.epoch * len(batches) + index + 1
            self.frame.tracking.step(loss.detach(), number, len(batches))
            losses.append(loss.detach())
            bounds.append(bound.detach())
            weights.append(batch.n_documents)
            advance(self.epoch + (index + 1) / len(batches), "")
        self.processes.align(self.module)
        each = len(self.training) / self.processes.count
        share = torch.tensor(weights, dtype=torch.float64) / each
        loss_value = self._mean(losses, share)
        if not math.isfinite(loss_value):
            raise InputError(
                f"learning_rate: training diverged in epoch {self.epoch + 1} (the loss is "
                f"{loss_value}). Lower learning_rate (now {settings.learning_rate:g})."
            )
        return {
            "epoch": float(self.epoch + 1),
            "loss": loss_value,
            "bound": self._mean(bounds, share),
            "learning_rate": settings.learning_rate * one_cycle(self.epoch / settings.epochs),
            "kl_weight": cyclical(
                self.epoch / settings.epochs, settings.kl_cycles, settings.kl_warm_up
            ),
            **cast(Trainable, self.module).monitor.record(),
        }

    def _evaluate(self) -> dict[str, float]:
        """Negative ELBO a token on the held-out documents, the same noise every epoch."""
        if self.held_out is None:
            return {}
        self.module.eval()
        generator = Generator(self.held_out.device).manual_seed(self.settings.seed)
        total = torch.zeros((), dtype=torch.float64, device=self.held_out.device)
        with torch.no_grad():
            for rows in _slices(len(self.held_out), self.settings.batch_size):
                batch = self.held_out.batch(rows)
                _, bound = self.module(batch, 1.0, generator)
                total += bound.double() * batch.n_documents
        return {"held_out": float(total) / max(1.0, self.held_out.n_tokens)}

    def _topics(self) -> Callable[[], NDArray[np.float32]] | None:
        """What gives the topics of a topic model as they are now, (K, V)."""
        decoder = getattr(self.module, "decoder", None)
        if not hasattr(decoder, "topic_word"):
            return None

        def topics() -> NDArray[np.float32]:
            with torch.no_grad():
                return np.asarray(cast(Any, decoder).topic_word().cpu().numpy())

        return topics

    def _keep_best(self, record: Mapping[str, float]) -> None:
        value = record.get("held_out")
        if value is None or value >= self.best_value:
            return
        self.best_value, self.outcome.best_epoch = value, self.epoch
        self.best = {name: t.detach().clone() for name, t in self.module.state_dict().items()}

    def _out_of_patience(self) -> bool:
        patience, waited = self.settings.patience, self.epoch - self.outcome.best_epoch
        return patience is not None and bool(self.best) and waited >= patience

    def _save(self) -> None:
        if self.settings.checkpoint is None or not self.processes.is_main:
            return
        progress = {
            "epoch": self.epoch,
            "best_epoch": self.outcome.best_epoch,
            "best_value": None if math.isinf(self.best_value) else self.best_value,
            "history": self.outcome.history,
        }
        checkpoint.save(self.kept, self.module, self.optimizer, self.best, progress)

    def _hold(self, *, first: bool) -> None:
        """Leave the first group of parameters as it is at this step, or all the others."""
        for number, group in enumerate(self.optimizer.param_groups):
            if (number == 0) == first:
                for parameter in group["params"]:
                    parameter.grad = None

    def _set_rates(self, done: float) -> None:
        factor = one_cycle(done)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor

    def _generator(self) -> Generator:
        """Of the epoch's noise: alike in all processes, each of which takes its documents'."""
        words = np.random.SeedSequence([self.settings.seed, self.epoch, 1])
        seed = int(words.generate_state(1, np.uint64)[0] >> 1)
        return Generator(self.training.device).manual_seed(seed)

    def _mean(self, values: list[Tensor], share: Tensor) -> float:
        stacked = torch.stack(values).double().cpu()
        return self.processes.mean(float((stacked * share).sum()))


def _batches(n: int, size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """A permutation of n documents cut into batches of nearly equal size (at least two)."""
    order = np.random.default_rng([seed, epoch]).permutation(n)
    return list(np.array_split(order, _n_batches(n, size)))


def _n_batches(n: int, size: int) -> int:
    return max(1, min(math.ceil(n / size), n // 2))


def _refuse_too_few(n: int, size: int, n_processes: int) -> None:
    least = n // _n_batches(n, size)
    if n_processes > max(1, least):
        raise InputError(
            f"batch_size: {least} documents a step, of {n:,}, are fewer than the {n_processes} "
            "processes. Raise it, or start fewer processes."
        )


def _slices(n: int, size: int) -> list[NDArray[np.int64]]:
    return [np.arange(start, min(start + size, n)) for start in range(0, n, size)]


def _summary(record: Mapping[str, float]) -> str:
    text = f"loss {record['loss']:.1f}"
    if "winning" in record:
        text += f"  {record['winning']:.0f} topics in use"
    if "held_out" in record:
        text += f"  held-out bound {record['held_out']:.3f}"
    return text
