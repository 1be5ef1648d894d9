"""Names of topics read on a corpus that the rule of naming was not chosen on.

10,000 arXiv papers drawn at random, the default model, K = 50, seed 0, ``name_topics()`` as it is.
A reader saw each name beside the topic's ten words, the category most of its 20 first documents
have and three of their titles, and said whether somebody who reads the name alone would look for
such documents under it. The verdicts, with a reason where it is no, are ``ratings/names.json``.

    python benchmarks/topic_names_read.py              # counts the verdicts
    python benchmarks/topic_names_read.py --sheet OUT  # makes the sheet anew, without verdicts
"""

from __future__ import annotations

import argparse
import gzip
import json
import warnings
from pathlib import Path

import numpy as np
from _corpora import DATA, corpus_file

import polytopic as pt

RATINGS = Path(__file__).parent / "ratings" / "names.json"
N_DOCUMENTS, N_TOPICS, DRAWN = 10_000, 50, 7


def sheet(data: Path) -> list[dict[str, object]]:
    """A record a topic: what the reader sees."""
    with gzip.open(corpus_file(data, "arxiv/arxiv200k.jsonl.gz"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rows = [rows[r] for r in np.random.default_rng(DRAWN).permutation(len(rows))[:N_DOCUMENTS]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pt.explore(
            [f"{row['title']}. {row['abstract']}" for row in rows],
            labels=[row["category"].split()[0] for row in rows],
            n_topics=N_TOPICS, random_state=0,
        ).name_topics()  # fmt: skip
    records: list[dict[str, object]] = []
    for topic, words in enumerate(found.top_words(10)):
        first = found.top_documents(topic, 20)
        labels = [str(found.labels[row]) for row in first]
        most = max(set(labels), key=labels.count)
        records.append({
            "topic": topic, "name": found.names[topic], "words": " ".join(words),
            "category": f"{most} {labels.count(most)}/20",
            "titles": [rows[row]["title"][:90] for row in first[:3]],
        })  # fmt: skip
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    if given.sheet is not None:
        given.sheet.write_text(json.dumps(sheet(given.data), indent=1) + "\n")
        return
    verdicts = json.loads(RATINGS.read_text(encoding="utf-8"))
    accepted, n, z = sum(v["accepted"] for v in verdicts), len(verdicts), 1.96
    share = accepted / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    print(f"{accepted} of {n} names accepted; {middle - half:.2f} to {middle + half:.2f} (Wilson)")
    for verdict in verdicts:
        if not verdict["accepted"]:
            print(f"  {verdict['topic']} {verdict['name']}: {verdict['why_not']}")


if __name__ == "__main__":
    main()
