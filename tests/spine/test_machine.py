"""Threads and memory of the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import scipy.linalg  # noqa: F401  (brings a library of its own)
from threadpoolctl import threadpool_info, threadpool_limits

from polytopic import InputError
from polytopic.machine import (
    ProcessSetting,
    hand_back_memory,
    one_blas_thread,
    resolve_threads,
)


def test_handing_back_is_harmless_anywhere() -> None:
    hand_back_memory()


def test_threads() -> None:
    assert resolve_threads(3) == 3
    assert resolve_threads(None) >= 1
    with pytest.raises(InputError, match="n_threads"):
        resolve_threads(0)


def settings() -> tuple[ProcessSetting, dict[str, int]]:
    world = {"value": 0}

    def put(value: int) -> Callable[[], None]:
        before, world["value"] = world["value"], value
        return lambda: world.update(value=before)

    return ProcessSetting(put), world


def test_a_setting_is_shared_by_those_who_need_the_same_and_others_wait() -> None:
    setting, world = settings()
    seen: list[tuple[int, int]] = []

    def use(value: int) -> None:
        with setting.at(value):
            for _ in range(3):
                seen.append((value, world["value"]))
                time.sleep(0.001)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(use, [1, 2] * 12))
    assert len(seen) == 72
    assert all(wanted == found for wanted, found in seen)
    assert world["value"] == 0


def test_a_setting_is_put_back_after_an_error_and_by_the_last_of_several() -> None:
    setting, world = settings()
    with pytest.raises(ZeroDivisionError), setting.at(1):
        raise ZeroDivisionError
    assert world["value"] == 0
    with setting.at(1):
        with setting.at(1):
            pass
        assert world["value"] == 1
        with pytest.raises(InputError, match="needs 2 was called inside code that needs 1"):
            setting.at(2).__enter__()
    assert world["value"] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_holds_nothing_of_its_parent() -> None:
    setting, world = settings()
    with setting.at(1):
        child = os.fork()
        if child == 0:
            before = world["value"]
            with setting.at(2):
                os._exit(0 if (before, world["value"]) == (0, 2) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert world["value"] == 1


def test_linear_algebra_has_one_thread_inside() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if "blas" in str(library)]

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with one_blas_thread():
            inside = threads()
        assert threads() == before
    assert set(inside) <= {1}
