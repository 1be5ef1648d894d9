"""Rows of text, a word and its numbers each, to float32: numba kernels over the raw bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polytopic.kernels.compiling import compiled

__all__ = ["join_terms", "parse_rows"]

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_SPACE, _TAB, _RETURN, _NEWLINE = 32, 9, 13, 10
_PLUS, _MINUS, _POINT, _ZERO, _NINE = 43, 45, 46, 48, 57
"""Codes of ASCII."""

_POWERS = 10.0 ** np.arange(23)
"""Powers of ten that float64 holds exactly."""

_EXACT = np.uint64(1 << 53)
"""Whole numbers up to it are exact in a double, and so is one product or quotient (Clinger
1990)."""

_MOST_DIGITS = 19
"""So many digits fit in 64 bits."""

_LOWEST_POWER = -66
"""Smaller numbers are left to Python: three exact powers of ten (10^22) reach no further."""

_SMALLEST, _LARGEST = 1.1754944e-38, 3.4028234e38
"""Between them float32 has its full precision."""

_REST = np.int64((1 << 29) - 1)
_HALFWAY = np.int64(1 << 28)
"""The 29 bits that a double has and a single lacks: near their middle the nearest single is in
doubt."""

_MARGIN = np.int64(16)
"""In units of the last place of float64; the approximation is wrong by less than 5."""


@compiled()
def _scaled(mantissa: int, power: int) -> tuple[float, bool]:
    """mantissa 10^power, and whether rounding it to float32 is rounding the exact number.

    Up to 2^53 and 10^22 one float64 operation is exact to the last place (Clinger, PLDI 1990).
    Beyond that the result is off by a few units in the last place, which matters only beside the
    middle of two float32 numbers.
    """
    value = float(mantissa)
    if mantissa == 0:
        return value, True
    if -22 <= power <= 22 and mantissa <= _EXACT:
        if power < 0:
            value /= _POWERS[-power]
        else:
            value *= _POWERS[power]
        return value, _SMALLEST <= value <= _LARGEST
    if power < _LOWEST_POWER or power > 22:
        return value, False
    if power >= 0:
        value *= _POWERS[power]
    while power < 0:
        step = min(-power, 22)
        value /= _POWERS[step]
        power += step
    rest = np.float64(value).view(np.int64) & _REST
    sure = abs(rest - _HALFWAY) > _MARGIN and _SMALLEST <= value <= _LARGEST
    return value, bool(sure)


@compiled()
def _exponent(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The exponent that begins at ``at``, and where it ends; -1 if it is none."""
    negative = False
    if at < end and (data[at] == _MINUS or data[at] == _PLUS):
        negative = data[at] == _MINUS
        at += 1
    begin = at
    power = 0
    while at < end and _ZERO <= data[at] <= _NINE:
        if power < 1000:
            power = power * 10 + int(data[at]) - _ZERO
        at += 1
    if at == begin:
        return 0, -1
    return (-power if negative else power), at


@compiled()
def _number(data: Bytes, at: int, end: int) -> tuple[float, int]:
    """The decimal number that begins at ``at``, and where it ends; -1 if Python must look."""
    negative = False
    if at < end and (data[at] == _MINUS or data[at] == _PLUS):
        negative = data[at] == _MINUS
        at += 1
    mantissa = np.uint64(0)
    digits = 0
    seen = 0
    power = 0
    pointed = False
    while at < end:
        byte = data[at]
        if _ZERO <= byte <= _NINE:
            seen += 1
            if digits < _MOST_DIGITS:
                mantissa = mantissa * np.uint64(10) + np.uint64(byte - _ZERO)
                digits += int(mantissa > 0)
                power -= int(pointed)
            else:
                power += int(not pointed)
        elif byte == _POINT and not pointed:
            pointed = True
        else:
            break
        at += 1
    if seen == 0:
        return 0.0, -1
    if at < end and (data[at] == 101 or data[at] == 69):
        more, at = _exponent(data, at + 1, end)
        power += more
    value, sure = _scaled(mantissa, power)
    if not sure:
        return 0.0, -1
    return (-value if negative else value), at


@compiled()
def parse_rows(
    data: Bytes,
    starts: Places,
    ends: Places,
    first: int,
    last: int,
    matrix: NDArray[np.float32],
    term_ends: Places,
) -> None:
    """Parse rows ``first`` to ``last``: a term, and as many numbers as ``matrix`` has columns.

    A number becomes the float32 nearest to the float64 nearest to it, as ``np.float32(float(x))``.

    Parameters
    ----------
    data : uint8 array
    starts, ends : int64 arrays of shape (n,)
        Row i is ``data[starts[i]:ends[i]]``.
    matrix : float32 array of shape (n, E), written
    term_ends : int64 array of shape (n,), written
        Where the term of a row ends; -1 for rows that are not of this form, or hold a number this
        cannot round for sure: those are for Python to look at.
    """
    dim = matrix.shape[1]
    for row in range(first, last):
        at, end = starts[row], ends[row]
        begin = at
        while at < end and data[at] != _SPACE and data[at] != _TAB:
            at += 1
        term_end = at if at > begin else -1
        for column in range(dim):
            before = at
            while at < end and (data[at] == _SPACE or data[at] == _TAB):
                at += 1
            if at == before or term_end < 0:
                term_end = -1
                break
            value, at = _number(data, at, end)
            if at < 0:
                term_end = -1
                break
            matrix[row, column] = value
        while term_end >= 0 and at < end:
            if data[at] != _SPACE and data[at] != _TAB and data[at] != _RETURN:
                term_end = -1
            at += 1
        term_ends[row] = term_end


@compiled()
def join_terms(data: Bytes, starts: Places, ends: Places, joined: Bytes) -> int:
    """Copy the terms to ``joined`` with a line feed after each; return the bytes written."""
    at = 0
    for row in range(len(starts)):
        for place in range(starts[row], ends[row]):
            joined[at] = data[place]
            at += 1
        joined[at] = _NEWLINE
        at += 1
    return at
