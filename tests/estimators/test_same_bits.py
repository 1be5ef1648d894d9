"""The same seed gives the same bits: on any number of threads, in any process, from any thread."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import EXAMPLES, NAMES, Example, same
from threadpoolctl import threadpool_limits

torch = pytest.importorskip("torch", reason="the neural extra is not installed")

import polytopic as pt  # noqa: E402
from polytopic.nets.threads import OPERATION_THREADS, one_thread  # noqa: E402

DIVIDED = [example for example in EXAMPLES if example.entry.family != "nodes"]
"""Node vectors are trained without locks: their page says that one thread repeats the bits."""

every = pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)


@contextmanager
def libraries_with(n_threads: int) -> Iterator[None]:
    """NumPy, SciPy and torch as they are found on a machine of ``n_threads`` processors."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    with threadpool_limits(n_threads, user_api="blas"):
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    return {}


def fit(example: Example, fitted: dict[str, Any]) -> Any:
    """The fitted example, made once."""
    if example.entry.name not in fitted:
        fitted[example.entry.name] = example.fit()
    return fitted[example.entry.name]


@pytest.mark.parametrize("example", DIVIDED, ids=lambda example: example.entry.name)
def test_the_number_of_processors_changes_no_bit(example: Example) -> None:
    """Neither the parameter nor what the libraries find on the machine."""
    with libraries_with(1):
        one = example.fit(n_threads=1)
        answer = example.answer(one)
    with libraries_with(3):
        three = example.fit(n_threads=3)
        assert same(example.state(one), example.state(three))
        np.testing.assert_array_equal(example.answer(three), answer)
        np.testing.assert_array_equal(example.answer(one), answer)
        assert torch.get_num_threads() == 3


@every
def test_copies_answer_alike(example: Example, fitted: dict[str, Any]) -> None:
    """By pickle and by copy, before and after the fit."""
    model = fit(example, fitted)
    answer = example.answer(model)
    for again in (lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy):  # noqa: S301
        untrained = again(example.make())
        assert repr(untrained) == repr(example.make())
        twin = again(model)
        assert twin is not model
        assert same(example.state(twin), example.state(model))
        np.testing.assert_array_equal(example.answer(twin), answer)


def test_joblib_carries_all_to_other_processes(fitted: dict[str, Any]) -> None:
    """Fitted ones answer there, and others are fitted there, to the same bits."""
    from joblib import Parallel, delayed

    folder = str(Path(__file__).parent)
    models = [fit(example, fitted) for example in EXAMPLES]
    calls = [
        delayed(_in_another_process)(folder, place, model) for place, model in enumerate(models)
    ]
    for example, model, found in zip(EXAMPLES, models, Parallel(2)(calls), strict=True):
        answer, state = found
        np.testing.assert_array_equal(answer, example.answer(model), example.entry.name)
        assert same(state, example.state(model)), example.entry.name


def _in_another_process(folder: str, place: int, model: Any) -> Any:
    sys.path[:0] = [folder, str(Path(folder).parent)]
    from examples import EXAMPLES

    example = EXAMPLES[place]
    return example.answer(model), example.state(example.fit())


@every
def test_four_threads_get_the_answer_of_one(example: Example, fitted: dict[str, Any]) -> None:
    model = fit(example, fitted)
    answer = example.answer(model)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: example.answer(model), range(12)):
            np.testing.assert_array_equal(found, answer)


@pytest.mark.parametrize("kind", [pt.CombinedTM, pt.ZeroShotTM])
def test_threads_keep_their_own_embeddings(kind: type) -> None:
    """Each call answers for the embeddings it was given, whatever others were given meanwhile."""
    counts, random = EXAMPLES[0].input()[:200], np.random.default_rng(0)
    several = [random.standard_normal((200, 6)).astype(np.float32) for _ in range(4)]
    model = kind(n_topics=3, dim=8, hidden=8, epochs=1, device="cpu", random_state=0)
    model.fit(counts, embeddings=several[0])
    expected = [model.transform(counts, embeddings=given) for given in several]
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda n: model.transform(counts, embeddings=several[n % 4]), range(40))
        )
    for number, theta in enumerate(found):
        np.testing.assert_array_equal(theta, expected[number % 4])


def test_torch_is_left_as_it_was() -> None:
    """In threads that were inside together, and in those that come after them."""
    with libraries_with(3), ThreadPoolExecutor(4) as pool:
        barrier = threading.Barrier(4)

        def inside(_: int) -> tuple[int, int]:
            with one_thread():
                with one_thread():
                    pass
                barrier.wait(10)
                within = torch.get_num_threads()
                barrier.wait(10)
            return within, torch.get_num_threads()

        assert list(pool.map(inside, range(4))) == [(OPERATION_THREADS, 3)] * 4
        with ThreadPoolExecutor(1) as later:
            assert later.submit(torch.get_num_threads).result() == 3


PROGRAM = """
import hashlib, os, sys
sys.path[:0] = sys.argv[1:3]
if sys.argv[3] == "one" and hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from examples import EXAMPLES
for example in EXAMPLES:
    if example.entry.name in ("prodlda", "ntm", "embedding-lda", "vae", "sentence-vae"):
        digest = hashlib.sha256()
        for array in example.state(example.fit()):
            digest.update(array.tobytes())
        print(example.entry.name, digest.hexdigest())
"""


def test_a_machine_of_one_processor_finds_the_same() -> None:
    here = Path(__file__).parent
    found = set()
    for processors, seed in (("all", "1"), ("one", "2")):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(here), str(here.parent), processors],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert len(found.pop().splitlines()) == 5
