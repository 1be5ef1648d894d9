"""The answer to "how many topics?" in a sentence, as it is told and as a page says it."""

from __future__ import annotations

from collections.abc import Sequence

from polytopic.told import Told, together

__all__ = ["HOW_MANY", "told_numbers"]

HOW_MANY = "how_many"
"""The note of a result that holds what was tried, as ``TopicNumbers.to_dict`` gives it."""


def told_numbers(
    candidates: Sequence[int], low: int, high: int, best: int, *, clear: bool, agreed: bool
) -> str:
    """The range of numbers of topics that a corpus bears out, or why there is none.

    ``agreed``: whether a number is among the best by held-out fit and by stability; ``clear``:
    whether the range is an answer, too.

    >>> told_numbers([5, 10, 20, 50], 10, 20, 10, clear=True, agreed=True)
    '10 to 20 topics, most stable with 10.'
    """
    if not agreed:
        return Told(
            "No clear answer: held-out fit and stability point to different numbers, {low} and "
            "{high}. Take the one whose topics you can use.", low=low, high=high,
        )  # fmt: skip
    if not clear:
        return Told(
            "No clear answer: anything from {low} to {high} topics does about as well.",
            low=low, high=high,
        )  # fmt: skip
    if low == high:
        span = Told("{number} topics.", number=low)
    else:
        span = Told(
            "{low} to {high} topics, most stable with {best}.", low=low, high=high, best=best
        )
    if high != candidates[-1] and low != candidates[0]:
        return span
    return together([span, Told("That is the edge of what was tried: try further.")])
