"""Autoencoder topic models that go on learning from more documents."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from polytopic import persistence
from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.nets.threads import one_thread
from polytopic.training.processes import Processes

__all__ = ["go_on"]

_GENTLE = 0.05
"""Peak learning rate in terms of a fit's: a fit begins from nothing, and at its rate a pass over
other documents would leave little of the topics."""


def go_on(model: Any, counts: sparse.csr_matrix) -> None:
    """One pass over more documents, at a gentle rate; all parts are replaced at the end.

    Deterministic: orders and noise are drawn from the seed and the number of passes so far.
    """
    persistence.refuse_changed_parameters(model)
    seed = seed_from(model.random_state)
    done = len(model.history_)
    with one_thread():
        processes = Processes(model.device, None, None)
        rows = np.flatnonzero(np.diff(counts.indptr) > 0)
        if len(rows) < 2:
            raise InputError(
                f"counts: {len(rows)} of {counts.shape[0]} documents hold known terms, and a step "
                "needs two. Pass more documents."
            )
        module = deepcopy(model.module_).to(processes.device)
        training = model._documents(counts, rows, processes.device)
        usual = model._trainer(counts, seed, processes)
        trainer = replace(
            usual, epochs=1, learning_rate=_GENTLE * usual.learning_rate, kl_warm_up=0.0,
            kl_cycles=1, patience=None, seed=seed + done, checkpoint=None, identity={},
        )  # fmt: skip
        outcome = trainer.fit(module, training, None, processes)
    before = model.history_
    model._finish(module, outcome)
    model.history_ = [*before, *({**r, "epoch": float(done + 1)} for r in outcome.history)]
