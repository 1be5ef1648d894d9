"""Autoencoder topic models that go on learning from more documents."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.nets.threads import one_thread
from polytopic.training.going_on import one_more_pass
from polytopic.training.processes import Processes

__all__ = ["go_on"]


def go_on(model: Any, counts: sparse.csr_matrix) -> None:
    """One pass over more documents, at a gentle rate; all parts are replaced at the end."""
    rows = np.flatnonzero(np.diff(counts.indptr) > 0)
    if len(rows) < 2:
        raise InputError(
            f"counts: {len(rows)} of {counts.shape[0]} documents hold known terms, and a step "
            "needs two. Pass more documents."
        )
    with one_thread():
        processes = Processes(model.device)
        usual = model._trainer(counts, seed_from(model.random_state), processes)
        training = model._documents(counts, rows, processes.device)
        module, outcome = one_more_pass(model, usual, training, processes)
    before = model.history_
    model._finish(module, outcome)
    model.history_ = [*before, *outcome.history]
