"""Texts that ship with the project: the paragraphs of its own docs (MIT licence)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DOCS = Path(__file__).resolve().parent.parent / "docs"

FEWEST_WORDS = 15
"""Of a paragraph: shorter ones are headings and remarks."""


def paragraphs() -> tuple[list[str], list[str]]:
    """Paragraphs of the pages, without code and tables, and the page each is from."""
    texts, pages = [], []
    for page in sorted(DOCS.glob("*.md")):
        prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        prose = re.sub(r"\]\([^)]*\)", "]", prose)  # links: their words alone
        for block in prose.split("\n\n"):
            if len(block.split()) >= FEWEST_WORDS and not block.lstrip().startswith(("|", "#")):
                texts.append(" ".join(block.split()))
                pages.append(page.stem)
    return texts, pages


def planted(documents: int = 300, topics: int = 4, seed: int = 0) -> NDArray[np.int64]:
    """Counts of documents of one topic each, eight terms a topic; shape (documents, 8 topics)."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(np.eye(topics), np.ones((1, 8))) + 0.05
    return rng.poisson(4 * blocks[rng.integers(topics, size=documents)])
