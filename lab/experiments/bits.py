"""The same seed gives the same bits: every model, fitted and asked in every way.

Each model is fitted once as the yardstick. Then it is fitted again on other numbers of threads (its
own parameter, and what the libraries find), in processes with other hash seeds, on one processor,
forked, with the compiled functions kept from before and compiled anew; and asked for its documents
backwards, shuffled, one by one, in groups, from several threads, saved and loaded, pickled and
copied. A difference of one bit is a failure.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

import polytopic as pt
from polytopic.text import Corpus

from lab.models import EXAMPLES, Example, digest, fitted
from lab.outcome import Outcome

DESCRIPTION = "threads, processes, forks, orders, batches, copies: no bit differs"
SHORT = [["--models", "lda,prodlda,vae,skipgram", "--processes", "1"]]

_TEXTS = [f"Engine {n % 7} of a car-{n % 11}; the cell number{n % 5} divides." for n in range(300)]
_WHOLE: dict[str, Any] = {"min_df": 1, "max_df": 1.0, "stop_words": None}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--models", default="", help="names, separated by commas; all by default")
    parser.add_argument("--processes", type=int, default=len(_PROCESSES), help="how many kinds")


def run(options: argparse.Namespace) -> Outcome:
    """Every check of every model, then those of other processes."""
    outcome = Outcome("bits")
    wanted = [name for name in options.models.split(",") if name]
    examples = [e for e in EXAMPLES if not wanted or e.name in wanted]
    facts: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for example in examples:
            model = fitted(example)
            facts[example.name] = example.facts(model)
            for name, same in _checks(example, model, Path(folder) / example.name):
                outcome.check(same(), f"{example.name}: {name}", name)
    facts["corpus"] = corpus_facts()
    _check_corpora(outcome, facts["corpus"])
    names = [example.name for example in examples]
    for kind, environment, prefix in _PROCESSES[: options.processes]:
        for subject, found in _elsewhere(names, environment, prefix).items():
            for what, value in facts[subject].items():
                right = found.get(what) == value
                outcome.check(right, f"{subject}: {what}, {kind}", kind)
    if hasattr(os, "fork"):
        _check_forked(outcome, examples, facts)
    return outcome


# ---- in this process ---------------------------------------------------------------------------


def _checks(example: Example, model: Any, folder: Path) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Name and question of each check."""
    state, answer = digest(*example.state(model)), digest(example.answer(model))

    def again(libraries: int, **changes: Any) -> bool:
        with _machine_of(libraries):
            twin = fitted(example, **changes)
            return digest(*example.state(twin)) == state and answers(twin)

    def answers(twin: Any) -> bool:
        return digest(example.answer(twin)) == answer

    yield "fitted again", lambda: again(1)
    yield "libraries with 3 threads", lambda: again(3)
    if example.entry.family != "nodes":  # without locks on several threads, as its page says
        for n in (2, 3, 5):
            yield f"n_threads={n}", lambda n=n: again(n, n_threads=n)
    yield "pickled", lambda: answers(pickle.loads(pickle.dumps(model)))  # noqa: S301
    yield "copied", lambda: answers(copy.deepcopy(model))
    yield "asked from 4 threads", lambda: _from_threads(example, model, answer)
    yield "state after all answers", lambda: digest(*example.state(model)) == state
    if example.reads_rows:
        yield "saved and loaded", lambda: answers(pt.load(model.save(folder)))
        yield from _batches(example, model)


def _batches(example: Example, model: Any) -> Iterator[tuple[str, Callable[[], bool]]]:
    """The same documents in other orders and groups."""
    whole = example.answer(model)
    n = len(whole)
    shuffled = np.random.default_rng(1).permutation(n)

    def asked(*parts: Any) -> bool:
        found = np.concatenate([example.answer(model, part) for part in parts])
        return np.array_equal(found, whole[np.concatenate(parts)])

    yield "backwards", lambda: asked(np.arange(n)[::-1])
    yield "shuffled", lambda: asked(shuffled)
    yield "twice", lambda: asked(np.repeat(np.arange(n), 2))
    yield "one by one", lambda: asked(*([row] for row in range(25)))
    for size in (2, 7, 64):
        yield f"groups of {size}", lambda size=size: asked(*np.array_split(shuffled, n // size))
    if sparse.issparse(example.input()):
        dense = example.input().toarray()
        yield "dense", lambda: np.array_equal(model.transform(dense), whole)
        yield (
            "columns first",
            lambda: np.array_equal(model.transform(example.input().tocsc()), whole),
        )


def _from_threads(example: Example, model: Any, answer: str) -> bool:
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: digest(example.answer(model)), range(8))
        return set(found) == {answer}


@contextmanager
def _machine_of(n_threads: int) -> Iterator[None]:
    """NumPy, SciPy and torch as they are found on a machine of ``n_threads`` processors."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        with threadpool_limits(n_threads, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


def corpus_facts(n_threads: int | None = None) -> dict[str, str]:
    """Digests of a corpus made from texts."""
    corpus = Corpus.from_texts(_TEXTS, n_threads=n_threads, **_WHOLE)
    counts = corpus.counts
    terms = "\n".join(corpus.vocabulary.terms).encode()
    return {
        "counts": digest(counts.data, counts.indices, counts.indptr),
        "terms": digest(np.frombuffer(terms, np.uint8)),
    }


def _check_corpora(outcome: Outcome, facts: dict[str, str]) -> None:
    for n_threads in (1, 2, 3, 5):
        outcome.check(corpus_facts(n_threads) == facts, f"corpus: {n_threads} threads", "corpus")


# ---- in others ---------------------------------------------------------------------------------

_ONE = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
_SPAWN = "import multiprocessing; multiprocessing.set_start_method('spawn')\n"
_PROCESSES: list[tuple[str, dict[str, str], str]] = [
    ("another hash seed", {"PYTHONHASHSEED": "1"}, ""),
    ("one processor", {"PYTHONHASHSEED": "2"}, _ONE if hasattr(os, "sched_setaffinity") else ""),
    ("one thread by OMP_NUM_THREADS", {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}, ""),
    ("five threads by OMP_NUM_THREADS", {"OMP_NUM_THREADS": "5", "OPENBLAS_NUM_THREADS": "5"}, ""),
    ("functions compiled anew", {"NUMBA_CACHE_DIR": ""}, ""),
]
"""What differs, the environment, and what is done first; an empty value is an empty folder."""


def _elsewhere(names: list[str], environment: dict[str, str], prefix: str) -> dict[str, Any]:
    """Digests by model, and of the corpus, from a process of its own."""
    program = f"{prefix}from lab.experiments import bits; bits.tell({names!r})"
    with tempfile.TemporaryDirectory() as empty:
        given = {name: value or empty for name, value in environment.items()}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | given,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return {name: {"error": done.stderr[-500:]} for name in [*names, "corpus"]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(names: list[str]) -> None:
    """Print the digests of models fitted in this process."""
    chosen = [example for example in EXAMPLES if example.name in names]
    found = {example.name: example.facts(fitted(example)) for example in chosen}
    print(json.dumps(found | {"corpus": corpus_facts()}))


def _check_forked(
    outcome: Outcome, examples: list[Example], facts: dict[str, dict[str, str]]
) -> None:
    """In children of this process, which has fitted everything: fitted there, to the same bits."""
    from lab.child import in_child

    for example in examples:

        def work(example: Example = example) -> None:
            if example.facts(fitted(example)) != facts[example.name]:
                raise AssertionError("other bits")

        ended = in_child(work, seconds=120.0)
        right = not ended.verdict.kind and not ended.message
        detail = " ".join([*ended.verdict, ended.message])
        outcome.check(right, f"{example.name}: forked", "forked", detail)
