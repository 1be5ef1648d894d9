"""fastText's quantised matrices (Joulin et al. 2016, arXiv:1612.03651): codes of parts of rows."""

from __future__ import annotations

import mmap
import struct

import numpy as np
from numpy.typing import NDArray

__all__ = ["dequantised"]

Floats = NDArray[np.float32]

_CODES = 256
"""Centroids of a part of a row: a code is a byte (ProductQuantizer::ksub_)."""

_BLOCK = 1 << 14
"""Rows put together at a time."""


def dequantised(data: mmap.mmap, at: int) -> tuple[Floats, int] | None:
    """The matrix of shape (m, n) that begins at byte ``at``, and the byte after it.

    As in fastText's ``QuantMatrix::load``; None if its sizes cannot be.
    """
    try:
        has_norms, m, n, n_codes = struct.unpack_from("<?qqi", data, at)
        at += struct.calcsize("<?qqi")
        if m < 1 or n < 1 or not 0 < n_codes <= len(data) - at:
            return None
        codes = np.frombuffer(data, np.uint8, n_codes, at)
        centroids, parts, at = _quantizer(data, at + n_codes)
        if len(parts) * m != n_codes or parts[-1][1] != n:
            return None
        norms = None
        if has_norms:
            norm_codes = np.frombuffer(data, np.uint8, m, at)
            norm_centroids, _, at = _quantizer(data, at + m)
            norms = norm_centroids[norm_codes]
    except (struct.error, ValueError, IndexError):
        return None
    matrix = np.empty((m, n), dtype=np.float32)
    rows = codes.reshape(m, len(parts))
    for start in range(0, m, _BLOCK):
        block = slice(start, start + _BLOCK)
        for place, (low, high) in enumerate(parts):
            size = high - low
            first = place * _CODES * parts[0][1]  # all parts but the last are of the first's size
            table = centroids[first : first + _CODES * size].reshape(_CODES, size)
            matrix[block, low:high] = table[rows[block, place]]
        if norms is not None:
            matrix[block] *= norms[block, None]
    return matrix, at


def _quantizer(data: mmap.mmap, at: int) -> tuple[Floats, list[tuple[int, int]], int]:
    """Centroids, the bounds of the parts of a row, and the byte after them.

    Raises
    ------
    ValueError, struct.error
        If the sizes cannot be.
    """
    dim, n_parts, size, last = struct.unpack_from("<4i", data, at)
    at += 16
    fits = dim > 0 and n_parts > 0 and size > 0 and 0 < last <= size
    if not fits or (n_parts - 1) * size + last != dim:
        raise ValueError("no quantizer")
    centroids = np.frombuffer(data, "<f4", dim * _CODES, at)
    bounds = [(k * size, min((k + 1) * size, dim)) for k in range(n_parts)]
    return centroids, bounds, at + 4 * dim * _CODES
