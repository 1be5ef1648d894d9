"""Odd counts through every estimator: a result that is one, or one line that says why not.

Counts of a billion, one term, one document, K of 1, more topics than documents, identical and empty
documents, every data type and sparse format, NaN, infinity, negative numbers, fractions. Each model
is fitted on each and, fitted on plain counts, reads each. Distributions are checked to be such,
codes and vectors to be finite. ``--models lda,prodlda`` tries some.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse

from lab.child import in_child
from lab.outcome import Outcome
from lab.targets.models import compile_something, counts, entries, fitted, made

DESCRIPTION = "odd counts through every estimator"
SHORT = [["--models", "lda"]]

_SECONDS = 60.0
_TYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", ">i4", ">f8")
_FORMATS = ("csr", "csc", "coo", "bsr", "lil", "dok", "dia")


_LONG_WORK = {"one count of 10^9"}
"""What is an honest hour's work to a sampler of tokens: such counts are read, not fitted on."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--models", default="", help="names, with commas between; all if left out")


def run(options: argparse.Namespace) -> Outcome:
    import torch

    torch.set_num_threads(1)
    compile_something()
    outcome = Outcome("numbers")
    wanted = options.models.split(",") if options.models else []
    for entry in entries("topics", "autoencoders"):
        if not wanted or entry.name in wanted:
            _try_model(entry, outcome)
            print(f"{entry.name}: {outcome.tried} tried so far", flush=True)
    return outcome


def _try_model(entry: Any, outcome: Outcome) -> None:
    for name, given in inputs().items():
        if name not in _LONG_WORK:
            _try(outcome, f"{entry.name}: fit {name}", lambda given=given: _fit(made(entry), given))
    for number in (1, 2, 12, 13, 18, 19, 10**6):
        width = {"n_topics" if entry.family == "topics" else "dim": number}
        _try(
            outcome,
            f"{entry.name}: {number} wide",
            lambda width=width: _fit(made(entry, **width), counts()),
        )
    model = fitted(entry)  # once, before the forks
    for name, given in inputs().items():
        _try(
            outcome,
            f"{entry.name}: transform {name}",
            lambda given=given: _check(model, given),
        )


def _try(outcome: Outcome, name: str, call: Callable[[], Any]) -> None:
    ended = in_child(call, seconds=_SECONDS, room=6 << 30)
    outcome.check(not ended.verdict.kind, name, ended.verdict.kind, ended.verdict.detail)


def _fit(model: Any, given: Any) -> None:
    _check(model.fit(given), given)


def _check(model: Any, given: Any) -> None:
    from polytopic import simplex

    found = model.transform(given)
    assert np.isfinite(found).all(), "the answer holds NaN or infinity"
    if hasattr(model, "topic_word_"):
        assert simplex.is_distribution(model.topic_word_), "topics leave the simplex"
        assert simplex.is_distribution(found), "theta leaves the simplex"
        assert np.isfinite(model.log_likelihood(given, found)).all(), "the likelihood is not finite"


def inputs() -> dict[str, Any]:
    """What is tried, by name."""
    plain = counts()
    found: dict[str, Any] = {"plain counts": plain}
    found |= dict(_shapes(plain)) | dict(_sizes(plain)) | dict(_wrong(plain))
    for kind in _TYPES:
        found[f"type {kind}"] = np.minimum(plain, 1 if kind == "?" else 9).astype(kind)
    for kind in _FORMATS:
        found[f"format {kind}"] = sparse.csr_matrix(plain).asformat(kind)
    return found


def _shapes(plain: Any) -> Iterator[tuple[str, Any]]:
    yield "one document", plain[:1]
    yield "two documents", plain[:2]
    yield "one term", plain[:, :1] + 1
    yield "two terms", plain[:, :2] + 1
    yield "no documents", plain[:0]
    yield "no terms", plain[:, :0]
    yield "one row of numbers", plain[0]
    yield "three dimensions", plain[None]
    yield "identical documents", np.repeat(plain[:1], 18, axis=0)
    yield "half the documents empty", plain * (np.arange(18) % 2)[:, None]
    yield "all empty but one", plain * (np.arange(18) == 3)[:, None]
    yield "all empty but two", plain * (np.arange(18) < 2)[:, None]
    yield "all empty", plain * 0
    yield "half the terms never seen", plain * (np.arange(12) % 2)
    yield "a term in every document", np.maximum(plain, np.arange(12) == 4)
    yield "one term a document", np.eye(12, dtype=int)[np.arange(18) % 12]
    yield "every count one", np.ones_like(plain)
    wide = sparse.random(18, 20_000, density=0.002, random_state=0, format="csr")
    wide.data = np.ceil(3 * wide.data)
    yield "twenty thousand terms", wide


def _sizes(plain: Any) -> Iterator[tuple[str, Any]]:
    for power in (3, 6, 8, 9, 10):
        yield f"counts of 10^{power}", (plain > 0) * 10**power
    yield "one count of 10^9", np.where(np.arange(18 * 12).reshape(18, 12) == 40, 10**9, plain)
    yield "one document of a million", plain * np.where(np.arange(18) == 5, 10**5, 1)[:, None]
    yield "counts of 2^30", (plain > 0) * 2**30
    yield "counts of 2^62", (plain > 0) * 2**62
    yield "counts of 1e38", (plain > 0) * 1e38


def _wrong(plain: Any) -> Iterator[tuple[str, Any]]:
    for value in (np.nan, np.inf, -np.inf, -1.0, 0.5, 1e-300):
        spoilt = plain.astype(float)
        spoilt[3, 4] = value
        yield f"an entry of {value}", spoilt
        yield f"a sparse entry of {value}", sparse.csr_matrix(spoilt)
    yield "strings of numbers", plain.astype(str)
    yield "strings", np.full((18, 12), "x")
    yield "objects", plain.astype(object)
    yield "None", None
    yield "complex numbers", plain + 1j
    yield "dates", plain.astype("M8[s]")
    yield "a masked array", np.ma.masked_equal(plain, 1)
    rows, columns = np.repeat(np.arange(18), 24), np.tile(np.arange(12), 36)
    yield (
        "pairs given twice",
        sparse.csr_matrix(
            (np.ones(18 * 24), columns, np.arange(0, 18 * 24 + 1, 24)), shape=(18, 12)
        ),
    )
    yield "stored zeros", sparse.csr_matrix((plain[rows, columns] * 0 + 0.0, (rows, columns)))
    cut = sparse.csr_matrix(plain)
    yield "columns cut", sparse.csr_matrix((cut.data, cut.indices, cut.indptr), shape=(18, 5))
    beyond = sparse.csr_matrix(plain)
    beyond.indices[0] = 100_000_000
    yield "a column beyond the last", beyond
    beyond = sparse.csr_matrix(plain)
    beyond.indptr[3] = 10**6
    yield "a row beyond the last", beyond
