"""Next month's documents: ``polytopic.update`` against a new fit on all of them.

    python benchmarks/updating.py                            # arXiv by date, K = 50
    python benchmarks/updating.py --old 20000 --models lda

Abstracts of arXiv in the order of their dates: a model is fitted on the ``--old`` ones before the
last ``--new``, updated with those, and fitted anew on all of them with the same settings. Prints a
line of JSON a model: seconds of update and new fit, their ratio, the topics' cosines before and
after the update, perplexity of the new documents before and after (LDA), words taken on, and old
documents that changed topic. All in one process, after a first small fit that compiles.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from _corpora import DATA, corpus_file

import polytopic as pt


def abstracts(data: Path, n: int) -> list[str]:
    """The last ``n`` abstracts by date, in their order."""
    file = corpus_file(data, "arxiv", "arxiv200k.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    records.sort(key=lambda record: (record["date"], record["id"]))
    return [f"{record['title']}\n{record['abstract']}" for record in records[-n:]]


def made(name: str, k: int, seed: int) -> Any:
    kind = pt.registry.load_class(pt.registry.find(name, "topics"))
    return kind(n_topics=k, random_state=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--old", type=int, default=40_000)
    parser.add_argument("--new", type=int, default=10_000)
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--models", nargs="+", default=["lda", "dirichlet-vae"])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    texts = abstracts(arguments.data, arguments.old + arguments.new)
    old, new = texts[: arguments.old], texts[arguments.old :]
    before = pt.Corpus.from_texts(old, max_terms=10_000)
    everything = pt.Corpus.from_texts(texts, vocabulary=before.vocabulary)
    for name in arguments.models:
        made(name, 5, 0).fit(before[:500])
        model = made(name, arguments.k, arguments.seed).fit(before)
        result = model.result(before)
        begun = time.perf_counter()
        found = pt.update(result, new)
        seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        made(name, arguments.k, arguments.seed).fit(everything)
        anew = time.perf_counter() - begun
        line: dict[str, Any] = {
            "model": name, "old": len(old), "new": len(new), "update_s": round(seconds, 2),
            "fit_s": round(anew, 2), "ratio": round(seconds / anew, 3),
            "cosine": np.percentile(found.cosine, [0, 10, 50]).round(4).tolist(),
            "below_98": int((found.cosine < 0.98).sum()), "taken_on": len(found.taken_on),
            "moved": len(found.moved), "births": [word for word, _, _ in found.births[:8]],
        }  # fmt: skip
        if name == "lda":
            recent = pt.Corpus.from_texts(new, vocabulary=before.vocabulary)
            line["perplexity"] = [round(m.perplexity(recent), 1) for m in (model, found.model)]
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
