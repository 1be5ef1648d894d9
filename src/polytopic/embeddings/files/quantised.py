"""fastText's quantised matrices (Joulin et al. 2016, arXiv:1612.03651): codes of parts of rows."""

from __future__ import annotations

import mmap
import struct
import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Quantised", "dequantised", "quantised"]

Floats = NDArray[np.float32]

_CODES = 256
"""Centroids of a part of a row: a code is a byte (ProductQuantizer::ksub_)."""

_BLOCK = 1 << 14
"""Rows put together at a time."""

_SAMPLE = 1 << 16
"""Rows that centroids are learned from: 256 a centroid, as in ProductQuantizer::train."""

_PASSES = 25
"""Of k-means at most, as in ProductQuantizer (niter_)."""


class Quantised(NamedTuple):
    """A matrix (m, E) in codes.

    ``codes`` (m, parts); ``centroids``: 256 a part; ``norms``: the codes of rows' lengths (m,) and
    their 256 numbers, or None where rows are coded as they are.
    """

    codes: NDArray[np.uint8]
    centroids: list[Floats]
    norms: tuple[NDArray[np.uint8], Floats] | None

    def to_bytes(self) -> bytes:
        """As fastText's ``QuantMatrix::save`` writes it."""
        m, n_parts = self.codes.shape
        widths = [table.shape[1] for table in self.centroids]
        found = [
            struct.pack("<?qqi", self.norms is not None, m, sum(widths), self.codes.size),
            self.codes.tobytes(),
            struct.pack("<4i", sum(widths), n_parts, widths[0], widths[-1]),
            *(table.astype("<f4").tobytes() for table in self.centroids),
        ]
        if self.norms is not None:
            codes, sizes = self.norms
            found += [
                codes.tobytes(),
                struct.pack("<4i", 1, 1, 1, 1),
                sizes.astype("<f4").tobytes(),
            ]
        return b"".join(found)


def quantised(matrix: Floats, width: int, norms: bool, seed: int) -> Quantised:
    """Code each run of ``width`` columns by the nearest of 256 centroids (k-means).

    ``norms``: code the lengths of rows by themselves, and rows of length one.
    """
    coded = None
    if norms:
        sizes = np.linalg.norm(matrix.astype(np.float64), axis=1)
        codes, table = _clustered(sizes[:, None].astype(np.float32), seed)
        coded = codes, table
        matrix = (matrix / np.where(sizes > 0, sizes, 1.0)[:, None]).astype(np.float32)
    starts = range(0, matrix.shape[1], width)
    found = [_clustered(matrix[:, first : first + width], seed) for first in starts]
    return Quantised(np.stack([codes for codes, _ in found], axis=1), [t for _, t in found], coded)


def _clustered(points: Floats, seed: int) -> tuple[NDArray[np.uint8], Floats]:
    """The number of the nearest of 256 centroids of each point, and the centroids.

    On one thread: sums of several would be rounded by how the points are divided.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    distinct, codes = np.unique(points, axis=0, return_inverse=True)
    if len(distinct) <= _CODES:
        spare = np.repeat(distinct[:1], _CODES - len(distinct), axis=0)
        return codes.reshape(-1).astype(np.uint8), np.concatenate([distinct, spare])
    rng = np.random.default_rng(seed)
    few = points[np.sort(rng.permutation(len(points))[:_SAMPLE])]
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # points that stand twice
        means = KMeans(_CODES, n_init=1, max_iter=_PASSES, random_state=seed, init="random")
        means.fit(np.ascontiguousarray(few))
        codes = means.predict(np.ascontiguousarray(points))
    return codes.astype(np.uint8), means.cluster_centers_.astype(np.float32)


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
