"""Plain autoencoders that go on learning from more rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from polytopic.autoencoders.rows.reading import Rows
from polytopic.base import seed_from
from polytopic.errors import InputError
from polytopic.nets.threads import one_thread
from polytopic.training.going_on import one_more_pass
from polytopic.training.processes import Processes

__all__ = ["go_on"]


def go_on(model: Any, rows: sparse.csr_matrix, filled: NDArray[np.int64]) -> None:
    """One pass over more rows, those ``filled``, put to scale as the fit's were."""
    if len(filled) < 2:
        raise InputError(
            f"X: {len(filled)} of {rows.shape[0]} rows hold something, and a step needs two. "
            "Pass more rows."
        )
    with one_thread():
        processes = Processes(model.device)
        usual = model._trainer(rows, seed_from(model.random_state), processes)
        usual.tracking.added = model._units(model._prepared)
        own = model._prepared.rows(rows[filled])
        training = Rows(own, processes.device, counts=model.likelihood == "categorical")
        module, outcome = one_more_pass(model, usual, training, processes)
    before = model.history_
    model.module_ = module.cpu().eval()
    model._finish(outcome)
    model.history_ = [*before, *outcome.history]
