"""Threads and memory of the machine: what is handed back comes again when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from polytopic import InputError
from polytopic.machine import hand_back_compiler, hand_back_memory, resolve_threads

PROGRAM = """
from numba import njit
from polytopic.machine import hand_back_compiler

def resident():
    for line in open("/proc/self/status"):
        if line.startswith("RssFile"):
            return int(line.split()[1]) // 1024

@njit
def first(x):
    return x + 1

@njit
def second(x):
    return x * x + 2

assert first(1) == 2
before = resident()
hand_back_compiler()
print(before - resident())
assert first(2) == 3          # what is compiled goes on
assert second(3) == 11        # and so does the compiler
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_compiler_is_handed_back_and_works_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 10  # MB


def test_handing_back_is_harmless_anywhere() -> None:
    hand_back_memory()
    hand_back_compiler()


def test_threads() -> None:
    assert resolve_threads(3) == 3
    assert resolve_threads(None) >= 1
    with pytest.raises(InputError, match="n_threads"):
        resolve_threads(0)
