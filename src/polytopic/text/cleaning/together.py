"""The steps that look at the words of all documents together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polytopic.text.cleaning import DROP_DUPLICATES, DUPLICATES, REPEATED_LINES
from polytopic.text.counting import RawTokens
from polytopic.text.dropped import Cleaned

__all__ = ["clean_together"]


def clean_together(
    raw: RawTokens, steps: Sequence[str], known_lines: Sequence[str] | None
) -> tuple[RawTokens, tuple[Cleaned, ...], tuple[str, ...]]:
    """Drop repeated lines and find duplicates, as far as ``steps`` name them.

    Parameters
    ----------
    raw : RawTokens
    steps : names
    known_lines : sequence of str, or None
        Lines to drop, instead of those that stand in many of these documents.

    Returns
    -------
    The tokens that stay, the account, and the lines that were dropped (words divided by spaces).
    """
    cleaned: tuple[Cleaned, ...] = ()
    lines: tuple[str, ...] = ()
    if REPEATED_LINES in steps and raw.lines is not None and len(raw.lines):
        from polytopic.text.cleaning.repeated import hashes_of, repeated_lines, without_lines

        wanted = repeated_lines(raw) if known_lines is None else hashes_of(raw, known_lines)
        raw, account, lines = without_lines(raw, wanted)
        cleaned = (account,) if account.pieces else ()
    if DUPLICATES in steps or DROP_DUPLICATES in steps:
        from polytopic.text.cleaning.duplicates import duplicates, told, without

        exact, near = duplicates(raw)
        drop = DROP_DUPLICATES in steps
        cleaned += told(exact, near, dropped=drop)
        if drop and len(exact) + len(near):
            raw = without(raw, np.union1d(exact, near))
    return raw, cleaned, lines
