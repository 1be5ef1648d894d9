"""Checksums of mutated folders put right, so that a mutant reaches what stands behind them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

__all__ = ["TARGETS", "sealed"]

TARGETS: list[object] = []

_SUM = re.compile(rb'("sha256"\s*:\s*")[0-9a-f]{64}(")')
_LEFT = 16
"""One mutant in so many keeps its checksum, whatever became of it."""


def sealed(folder: Path) -> Path:
    """The folder with the checksum of its arrays in ``about.json``; a few are left as they are."""
    about = folder / "about.json"
    arrays = sorted(folder.glob("arrays-*.safetensors"))
    if not about.is_file() or not arrays:
        return folder
    digest = hashlib.sha256(arrays[0].read_bytes()).hexdigest()
    if int(digest[:8], 16) % _LEFT:
        content = about.read_bytes()
        about.write_bytes(_SUM.sub(rb"\g<1>" + digest.encode() + rb"\g<2>", content))
    return folder
