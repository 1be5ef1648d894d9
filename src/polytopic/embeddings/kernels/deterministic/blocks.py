"""A block of a longer piece of the stream: its tokens after subsampling, with those beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.embeddings.kernels.arguments import Found, Piece
from polytopic.embeddings.kernels.subsampling import select
from polytopic.kernels.compiling import compiled

__all__ = ["choose_block"]


@compiled()
def choose_block(
    piece: Piece,
    start: int,
    stop: int,
    margin: int,
    window: int,
    keep: NDArray[np.uint64],
    key: int,
    found: Found,
) -> tuple[int, int, int, int, int, int]:
    """Subsample the tokens ``start`` to ``stop`` of a piece with ``margin`` tokens on both sides.

    Parameters
    ----------
    piece : Piece
    start, stop : int
        The block.
    margin : int
        Tokens beside the block that are read.
    window : int
        Kept tokens beside the block that stay.
    keep, key
        As for :func:`~.subsampling.select`.
    found : Found, written
        With room for the block and both margins.

    Returns
    -------
    begin, end, first, last, low, high : int
        What stays is ``ids[begin:end]``; its sentences are ``sentences[first:last + 1]``, counted
        from ``begin``; its centres are those from ``low`` to ``high``, counted from ``begin``.
    """
    tokens, bounds, position = piece
    ids, where, sentences = found
    left, right = max(start - margin, 0), min(stop + margin, len(tokens))
    first = np.searchsorted(bounds, left, side="right") - 1
    last = np.searchsorted(bounds, right, side="left")
    inside = np.minimum(np.maximum(bounds[first : last + 1] - left, 0), right - left)
    kept, n_sentences, low, high = select(
        tokens[left:right], inside, start - left, stop - left, position + left, keep, key,
        ids, where, sentences,
    )  # fmt: skip
    begin, end = max(low - window, 0), min(high + window, kept)
    used_first, used_last = 0, n_sentences
    while used_first + 1 < n_sentences and sentences[used_first + 1] <= begin:
        used_first += 1
    while used_last > used_first + 1 and sentences[used_last - 1] >= end:
        used_last -= 1
    for s in range(used_first, used_last + 1):
        sentences[s] = min(max(sentences[s] - begin, 0), end - begin)
    return begin, end, used_first, used_last, low - begin, high - begin
