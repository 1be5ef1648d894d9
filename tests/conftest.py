"""What the tests share."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parent))
from planting import planted

# A job started with "&" ignores SIGINT, and tests of interruptions send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def corpus_counts() -> sparse.csr_matrix:
    return planted()[0]
