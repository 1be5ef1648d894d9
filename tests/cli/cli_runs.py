"""Documents of three plain themes, and the command that makes a run of them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

THEMES = {
    "cars": "engine motor wheel brake fuel road driver gear clutch tyre seat garage",
    "cells": "cell gene protein tissue enzyme organ blood tumour nerve virus embryo lung",
    "money": "bank loan market price stock bond trade profit budget tax wage fund",
}


class Answer(NamedTuple):
    """What a call of the command line gave."""

    code: int
    out: str
    err: str


Call = Callable[..., Answer]


def write_documents(path: Path, n: int = 90, seed: int = 0) -> Path:
    """Documents of three themes as CSV: name, theme, day, body."""
    random = np.random.default_rng(seed)
    names = list(THEMES)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "theme", "day", "body"])
        for row in range(n):
            theme = names[row % 3]
            words = random.choice(THEMES[theme].split(), 12)
            body = f"The {' '.join(words)} of a {random.choice(['house', 'story', 'letter'])}"
            writer.writerow([f"d{row}", theme, f"2020-01-{row % 28 + 1:02d}", body])
    return path


def arguments_of(documents: Path, output: Path) -> list[str]:
    """The command of :func:`finished`."""
    words = f"topics {documents} --text body --label theme --id name --date day -k 3 --epochs 3"
    return [*words.split(), "--device", "cpu", "-o", str(output)]
