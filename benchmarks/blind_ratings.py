"""Marks that a reader gave to topics without knowing their models, counted by model and corpus.

    python benchmarks/blind_ratings.py first        # or later, last, raw, again

The ratings and, apart from them, what each topic is of are kept in ``ratings/``; who read what is
said in ``verdict_agreement.py`` (pools first, later, last) and ``raw_ratings.py`` (raw, and
again of later topics). Marks: 5 every word belongs to one subject, 4 all but one or two, 3 mixed,
2 vague, 1 junk; 5 and 4 count as good, 3 and 2 as fair. Prints how many topics of each model have
each mark.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

__all__ = ["POOLS", "counted", "level"]

FOLDER = Path(__file__).parent / "ratings"
POOLS = {"first": "", "later": "later_", "last": "last_", "raw": "raw-", "again": "again-"}
"""How the files of each pool begin."""

RAW_CORPUS = "20newsgroups"
"""What the pool is of whose topics do not say it."""


def level(mark: int) -> str:
    """Of a mark from 1 to 5."""
    return "junk" if mark == 1 else "fair" if mark <= 3 else "good"


def counted(pool: str) -> dict[str, dict[str, dict[str, int]]]:
    """Corpus to model to the number of topics that have each mark, from "1" to "5"."""
    start = POOLS[pool]
    topics = json.loads((FOLDER / f"{start}topics.json").read_text(encoding="utf-8"))
    key = json.loads((FOLDER / f"{start}key.json").read_text(encoding="utf-8"))
    found: dict[str, dict[str, dict[str, int]]] = {}
    for topic, origin in zip(topics, key, strict=True):
        assert topic["id"] == origin["id"], f"{start}key.json is of another sheet"
        models = found.setdefault(topic.get("corpus", RAW_CORPUS), {})
        marks = models.setdefault(origin["model"], dict.fromkeys("12345", 0))
        marks[str(topic["mark"])] += 1
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pool", choices=POOLS)
    print("RESULT " + json.dumps(counted(parser.parse_args().pool)))
