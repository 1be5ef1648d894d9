"""The data of the map of topics: places and radii."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.report.layout import ASPECT

__all__ = ["map_record"]

Record = dict[str, Any]


def map_record(points: NDArray[np.float64], radii: NDArray[np.float64]) -> Record:
    """Places [x, y, radius] of the topics within a frame of width by height around 0."""
    extent = (np.abs(points) + radii[:, None]).max(axis=0)
    height = max(float(extent[0]) / ASPECT, float(extent[1]))
    places = [
        [round(float(x), 4), round(float(y), 4), round(float(r), 4)]
        for (x, y), r in zip(points, radii, strict=True)
    ]
    return {
        "aspect": ASPECT, "width": round(2 * height * ASPECT, 4), "height": round(2 * height, 4),
        "places": places,
    }  # fmt: skip
