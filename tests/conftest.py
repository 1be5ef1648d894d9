"""What the tests share."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parent))
from planting import planted

# The same examples at every run: a test says the same of the same code.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

# A job started with "&" ignores SIGINT, and tests of interruptions send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def corpus_counts() -> sparse.csr_matrix:
    return planted()[0]
