"""One more pass of a trained network, over other rows than those it was trained on."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from torch import nn

from polytopic.nets import SparseCounts
from polytopic.tracking import Tracking
from polytopic.training.loop import Outcome, Trainer
from polytopic.training.processes import Processes

__all__ = ["one_more_pass"]

_GENTLE = 0.05
"""Peak learning rate in terms of a fit's: a fit begins from nothing, and at its rate a pass over
other documents would leave little of the topics."""


def one_more_pass(
    model: Any, usual: Trainer, training: SparseCounts, processes: Processes
) -> tuple[nn.Module, Outcome]:
    """A copy of a model's module after one pass at a gentle rate, and the pass's record.

    Deterministic: orders and noise are drawn from the seed and the number of passes so far, by
    which the record's epoch is numbered. ``usual``: the settings of the model's fit.
    """
    done = len(model.history_)
    module = deepcopy(model.module_).to(processes.device)
    trainer = replace(
        usual, epochs=1, learning_rate=_GENTLE * usual.learning_rate, kl_warm_up=0.0,
        kl_cycles=1, patience=None, seed=usual.seed + done, checkpoint=None, identity={},
        tracking=Tracking.going_on(model, usual.tracking.added),
    )  # fmt: skip
    outcome = trainer.fit(module, training, None, processes)
    outcome.history = [{**record, "epoch": done + 1.0} for record in outcome.history]
    return module, outcome
