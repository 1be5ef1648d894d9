"""Subnormal numbers count as zero inside kernels that ask for it, and nowhere else."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled
from polytopic.kernels.csr import Csr
from polytopic.kernels.subnormals import flush_subnormals, restore_subnormals
from polytopic.topics.lda.kernels.inference_sweeps import Until
from polytopic.topics.lda.kernels.online import Posterior, e_step_block, term_rows_block

SUBNORMAL = np.float32(1e-40)
KNOWN = ("x86_64", "amd64", "aarch64", "arm64")

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in KNOWN, reason="no setting is known for this processor"
)


@compiled()
def scaled(
    values: NDArray[np.float32], factor: np.float32, out: NDArray[np.float32], flush: bool
) -> None:
    before = np.int64(0)
    if flush:
        before = flush_subnormals()
    for k in range(len(values)):
        out[k] = values[k] * factor
    if flush:
        restore_subnormals(before)


def run(value: float, factor: float, flush: bool) -> float:
    out = np.ones(1, np.float32)
    scaled(np.full(1, value, np.float32), np.float32(factor), out, flush)
    return float(out[0])


def test_results_and_operands_are_flushed_and_the_setting_is_put_back() -> None:
    assert run(1e-30, 1e-10, False) == SUBNORMAL
    assert run(1e-30, 1e-10, True) == 0.0, "a result"
    assert run(1e-40, 1e10, True) == 0.0, "an operand"
    assert run(1e-40, 1e10, False) == pytest.approx(1e-30, rel=1e-4), "as before again"


def test_it_holds_in_the_thread_that_asks() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, 1e-30, 1e-10, True).result() == 0.0
        assert pool.submit(run, 1e-30, 1e-10, False).result() == SUBNORMAL


def test_rows_of_terms_that_topics_have_lost_are_zero_or_normal() -> None:
    """Between .0119 and .0145, exp(digamma) is normal and its product with a topic's scale not."""
    topics = np.full((2, 16), 0.013, np.float32)
    rows = np.ones_like(topics)
    scales = np.full(16, 1e-6, np.float32)
    term_rows_block(topics, scales, np.arange(2, dtype=np.int32), 0, 2, rows)
    assert not np.any((rows != 0.0) & (np.abs(rows) < np.finfo(np.float32).tiny))


def test_the_e_step_reads_subnormal_rows_as_zero() -> None:
    def gamma_with(small: np.float32) -> NDArray[np.float32]:
        rows = np.full((2, 16), small, np.float32)
        rows[:, 0] = 0.5
        counts = Csr(np.array([0, 2]), np.array([0, 1], np.int32), np.full(2, 3.0, np.float32))
        found = Posterior(
            np.ones((1, 16), np.float32), np.empty((1, 16), np.float32),
            np.empty(2, np.float32), np.empty(1, np.int32),
        )  # fmt: skip
        alpha = np.full(16, 0.1, np.float32)
        e_step_block(counts, 0, 1, rows, alpha, Until(1e-3, 50), 16, found)
        return found.gamma

    assert np.array_equal(gamma_with(SUBNORMAL), gamma_with(np.float32(0.0)))
