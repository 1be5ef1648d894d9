"""Names of states: what a build keeps is taken again only while nothing it was made of changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["DIGITS", "digest_of"]

DIGITS = 12
"""Of a digest: enough that two states of a clone do not share it."""


def digest_of(files: Iterable[Path]) -> str:
    """The first digits of the SHA-256 of what files hold, in the order of their names."""
    found = hashlib.sha256()
    for path in sorted(files):
        found.update(path.read_bytes())
    return found.hexdigest()[:DIGITS]
