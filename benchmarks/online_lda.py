"""Online LDA by its prior and batch: held-out perplexity, NPMI and TD after one and three passes.

    python benchmarks/online_lda.py
    python benchmarks/online_lda.py --corpora arxiv --batches 1024 2048 --passes 1
    python benchmarks/online_lda.py --table LINES     # what was printed, a column for each batch

``arxiv``: 100,000 abstracts of arxiv200k, V = 10,000, and 1,000 others held out; ``nyt-10k`` and
``20ng-5k`` as the papers split them. Perplexity is that of one half of each held-out document's
tokens, given theta of the other by our inference with alpha .1 whatever a model learned with, from
the topics alone; NPMI of the first 10 words by held-out documents; TD of the first 25. K = 50, one
thread.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

from _corpora import DATA, corpus_file, load_split
from _scale_peers import perplexity_of

PRIORS: dict[str, dict[str, float]] = {
    ".1, .01": {"alpha": 0.1, "eta": 0.01},
    "1/K, .01": {"alpha": 0.02, "eta": 0.01},
    "1/K, 1/K": {"alpha": 0.02, "eta": 0.02},
    ".1, 1/K": {"alpha": 0.1, "eta": 0.02},
}
"""alpha and eta at K = 50."""

DOCUMENTS, HELD_OUT = 100_000, 1_000
"""Of arxiv."""


def split_of(name: str, data: Path) -> tuple[Any, Any, list[str]]:
    """Counts to learn from, counts held out, and the terms."""
    import polytopic as pt

    if name != "arxiv":
        split = load_split(name, data)
        return split.train, split.test, split.terms
    path = corpus_file(data, "arxiv", "arxiv200k.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = islice(file, DOCUMENTS + HELD_OUT)
        texts = [json.loads(line)["abstract"] for line in lines]
    corpus = pt.Corpus.from_texts(texts[:DOCUMENTS], max_terms=10_000, keep_texts=False)
    fresh = pt.Corpus.from_texts(texts[DOCUMENTS:], vocabulary=corpus.vocabulary, keep_texts=False)
    return corpus.counts, fresh.counts, list(corpus.vocabulary.terms)


def table(lines: list[str]) -> str:
    """A row for each corpus, number of passes and prior: perplexity, NPMI and TD by the batch."""
    rows: dict[tuple[str, int, str], dict[int, str]] = {}
    for line in lines:
        held = json.loads(line)
        key = held["corpus"], held["passes"], held["alpha, eta"]
        figures = (f"{held['npmi']:.3f}", f"{held['td']:.3f}")
        told = [figure.replace("0.", ".", 1) for figure in figures]
        rows.setdefault(key, {})[held["batch"]] = f"{held['perplexity']:,}, {', '.join(told)}"
    batches = sorted({batch for cells in rows.values() for batch in cells})
    heads = ["corpus", "passes", "alpha, eta", *(f"{batch:,}" for batch in batches)]
    out = [heads, ["---"] * len(heads)]
    for (corpus, passes, prior), cells in sorted(rows.items()):
        out.append([corpus, str(passes), prior, *(cells.get(batch, "") for batch in batches)])
    return "\n".join(f"| {' | '.join(row)} |" for row in out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpora", nargs="+", default=["arxiv", "nyt-10k", "20ng-5k"])
    parser.add_argument("--priors", nargs="+", choices=PRIORS, default=[".1, .01", "1/K, 1/K"])
    parser.add_argument("--batches", nargs="+", type=int, default=[512, 1024, 2048, 4096])
    parser.add_argument("--passes", nargs="+", type=int, default=[1, 3])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--table", type=Path, help="file of printed lines to make a table of")
    arguments = parser.parse_args()
    if arguments.table:
        print(table(arguments.table.read_text(encoding="utf-8").splitlines()))
        return
    import polytopic as pt

    for name in arguments.corpora:
        train, test, terms = split_of(name, arguments.data)
        judge = perplexity_of(test)
        reference = pt.Corpus.from_counts(test, terms)
        for seed in arguments.seeds:
            for passes in arguments.passes:
                for prior in arguments.priors:
                    for batch in arguments.batches:
                        started = time.process_time()
                        model = pt.LDA(
                            n_topics=50, method="online", iterations=passes, batch_size=batch,
                            n_threads=1, random_state=seed, **PRIORS[prior],
                        ).fit(train, terms=terms)  # fmt: skip
                        spent = time.process_time() - started
                        found = {
                            "corpus": name, "passes": passes, "alpha, eta": prior, "batch": batch,
                            "seed": seed, "perplexity": round(judge(model.topic_word_)),
                            "npmi": round(pt.metrics.npmi(model, reference), 3),
                            "td": round(pt.metrics.diversity(model), 3),
                            "seconds": round(spent, 1),
                        }  # fmt: skip
                        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
