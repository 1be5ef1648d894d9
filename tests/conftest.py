"""What the tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parent))
from planting import planted


@pytest.fixture(scope="session")
def corpus_counts() -> sparse.csr_matrix:
    return planted()[0]
