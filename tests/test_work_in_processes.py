"""Work in several processes is done whatever the workers grow to and warnings are."""

from __future__ import annotations

import time
import warnings

import numpy as np

from polytopic.processes import in_processes

LEAVES_AT = 300_000_000
"""Bytes a worker may grow by before joblib replaces it."""


def _grow(number: int) -> int:
    """Keep a share of memory for good, and take the second after which joblib looks again."""
    global _kept
    _kept = np.ones(LEAVES_AT // 8 * number + 1)
    time.sleep(0.4)
    return number


def test_workers_are_replaced_where_warnings_are_errors() -> None:
    """The warning of it, raised in joblib's thread, made callers wait without end."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(in_processes(_grow, [(number % 3,) for number in range(16)], 2))
    assert sorted(found) == sorted(number % 3 for number in range(16))
